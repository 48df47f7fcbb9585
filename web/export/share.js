/** Sharing: a link that holds every setting and the seed, and what a teacher shows and locks in it. */
import { html, nothing } from 'lit';
import { hear } from '../app/events.js';
import { t } from '../app/language.js';
import { link } from '../app/link.js';
import { setView, state } from '../app/state.js';
import { copied } from '../parts/download.js';
import { classroomChoices } from './classroom.js';

/** Makes the link, and copies it where the browser lets it. */
async function share() {
  const text = await link();
  // Without leave for the clipboard it is shown, to be copied by hand.
  setView({ shared: (await copied(text)) ? 'copied' : 'shown', link: text });
}
hear('share', share);

/** The box with the link. */
export function sharedBox() {
  if (!state.view.shared) return nothing;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.share')}>
    <label for="link">${t(state.view.shared === 'copied' ? 'share.copied' : 'share.copy')}</label>
    <div class="row">
      <input
        class="box link-box"
        id="link"
        readonly
        .value=${state.view.link}
        @focus=${(event) => event.target.select()}
      />
      <button class="button small" data-testid="copy-link" @click=${share}>${t('ways.copy')}</button>
    </div>
    <p class="small muted">${t('share.note', { n: state.view.link.length })}</p>
    ${classroomChoices()}
    <button class="button small" @click=${() => setView({ shared: null })}>${t('alert.close')}</button>
  </div>`;
}
