/** That nothing leaves this browser, and what is kept in it, with its size and a button that deletes it all. */
import { html } from 'lit';
import { changedNow } from '../app/drawing.js';
import { tell } from '../app/events.js';
import { count, t } from '../app/language.js';
import { forgetEverything, keptBytes } from '../app/store.js';
import { icon } from '../parts/icons.js';

/** About how many bytes are kept, as it was asked last. */
let bytes = 0;

async function ask() {
  bytes = await keptBytes();
  changedNow();
}

async function remove() {
  await forgetEverything();
  tell('forgotten');
  return ask();
}

/** The words at the foot of the data column. */
export function privacyNote() {
  return html`<div class="private">
    ${icon('lock')}
    <details @toggle=${(event) => event.target.open && ask()}>
      <summary>${t('private.short')} <span class="learns">${t('private.more')}</span></summary>
      ${t('private.long')}
      <p>
        ${t('kept.size', { kilobytes: count(Math.ceil(bytes / 1000)) })}
        <button class="link" data-testid="delete-everything" @click=${remove}>${t('kept.delete')}</button>
      </p>
    </details>
  </div>`;
}
