/** Own pictures whose label is wrong: ticked among the mistakes, left out of training together, and put back one by one. */
import { html, nothing } from 'lit';
import { changedNow } from '../app/drawing.js';
import { t } from '../app/language.js';
import { picture } from '../parts/picture.js';
import { picturesChanged } from './choose.js';
import { classNamed, isOwn, own } from './own.js';

let ticks = { version: -1, indices: new Set() };

/** The indices that are ticked, of the pictures as they are: none after the pictures have changed. */
function ticked() {
  if (ticks.version !== own.version) ticks = { version: own.version, indices: new Set() };
  return ticks.indices;
}

/** The box below a mistake; nothing where the pictures are not one's own. */
export function wrongLabel(index, name) {
  if (!isOwn()) return nothing;
  const turn = (event) => {
    if (event.target.checked) ticked().add(index);
    else ticked().delete(index);
    changedNow();
  };
  return html`<label class="row small wrong-label"
    ><input
      type="checkbox"
      data-testid="wrong-label-${index}"
      aria-label=${t('mistakes.wrongLabelOf', { name })}
      .checked=${ticked().has(index)}
      @change=${turn}
    />${t('mistakes.wrongLabel')}</label
  >`;
}

/** Where each index of the data set stands: the classes one after the other. */
function placeOf(index) {
  for (const one of own.classes) {
    if (index < one.pictures.length) return { one, at: index };
    index -= one.pictures.length;
  }
  return null;
}

/** The button above the mistakes: training begins anew without them. */
export function leaveOutButton() {
  const indices = ticked();
  if (!isOwn() || indices.size === 0) return nothing;
  const leave = () => {
    const places = [...indices].map(placeOf).filter((place) => place !== null);
    own.left.push(...places.map(({ one, at }) => ({ name: one.name, picture: one.pictures[at] })));
    const gone = new Set(places.map(({ one, at }) => one.pictures[at]));
    for (const one of own.classes) one.pictures = one.pictures.filter((each) => !gone.has(each));
    picturesChanged({ train: true });
  };
  return html`<button class="button section" data-testid="leave-out" @click=${leave}>
    ${t('mistakes.leaveOut', { n: indices.size })}
  </button>`;
}

/** What was left out, in the data column: a press puts a picture back. */
export function leftOut() {
  if (!own.left.length) return nothing;
  const back = (entry) => () => {
    own.left = own.left.filter((other) => other !== entry);
    classNamed(entry.name).pictures.push(entry.picture);
    picturesChanged();
  };
  return html`<div class="section left-out" data-testid="left-out" data-value=${own.left.length}>
    <p class="small">${t('own.left', { n: own.left.length })}</p>
    <div class="thumbs">
      ${own.left.map((entry) => {
        const words = t('own.putBack', { name: entry.name });
        return html`<button class="bare-picture" aria-label=${words} title=${words} @click=${back(entry)}>
          ${picture(entry.picture.pixels, [own.size, own.size, 3], '')}
        </button>`;
      })}
    </div>
  </div>`;
}
