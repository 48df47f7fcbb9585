/**
 * What a teacher decides for a class: which techniques the page shows and which settings stay as they are. Both travel in the link; whoever
 * opens it sees a lock where nothing can be changed.
 */
import { html } from 'lit';
import { t } from '../app/language.js';
import { link } from '../app/link.js';
import { setPage, setView, state } from '../app/state.js';
import { techniques } from '../tricks/techniques.js';

/** What can be locked beside the techniques. */
const others = ['dataset', 'network', 'seed'];

/** The choices in the box behind Share. */
export function classroomChoices() {
  const change = (key, name) => async (event) => {
    const without = state.page[key].filter((one) => one !== name);
    setPage({ [key]: event.target.checked ? [...without, name] : without });
    setView({ link: await link(), shared: 'shown' });
  };
  const box = (key, name, title) =>
    html`<td>
      <input
        type="checkbox"
        data-testid="${key}-${name}"
        aria-label=${t(`lock.${key}`, { name: title })}
        .checked=${state.page[key].includes(name)}
        @change=${change(key, name)}
      />
    </td>`;
  const row = (name, title, canHide) =>
    html`<tr>
      <th scope="row">${title}</th>
      ${canHide ? box('show', name, title) : html`<td></td>`} ${box('lock', name, title)}
    </tr>`;
  return html`<details class="classroom" data-testid="classroom">
    <summary>${t('lock.title')}</summary>
    <p class="small muted">${t('lock.note')}</p>
    <div class="scroller" tabindex="0" role="region" aria-label=${t('lock.title')}>
      <table class="table">
        <thead>
          <tr>
            <th></th>
            <th scope="col">${t('lock.column.show')}</th>
            <th scope="col">${t('lock.column.lock')}</th>
          </tr>
        </thead>
        <tbody>
          ${others.map((name) => row(name, t(`lock.name.${name}`), false))}
          ${techniques.map((name) => row(name, t(`trick.${name}`), true))}
        </tbody>
      </table>
    </div>
  </details>`;
}
