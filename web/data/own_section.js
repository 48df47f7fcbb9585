/** The data column's part for own pictures: where they are dropped, the classes with what is worth knowing of each, size and fit. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { count, t } from '../app/language.js';
import { hasBackbone } from '../app/settings.js';
import { state } from '../app/state.js';
import { explained, explainer } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { picture } from '../parts/picture.js';
import { addPictures, dropZone, freeName, makeAnew } from './add_pictures.js';
import { picturesChanged } from './choose.js';
import { fromFiles } from './collect.js';
import { doublesOf, learnedToo } from './doubles.js';
import { own, total } from './own.js';
import { ownGroups } from './own_groups.js';

/** A backbone knows no smaller pictures, and a network of one's own is slow on larger ones. */
const sizes = { true: [96, 128, 224, 288, 320], false: [16, 32, 64, 96, 128] };
const fits = ['crop', 'pad'];

let known = { of: null, version: -1, amount: 0, found: null };

/** Equal pictures, pixel for pixel: looked for when the pictures have changed. */
function findDoubles() {
  const amount = total();
  if (known.of !== own.classes || known.version !== own.version || known.amount !== amount)
    known = { of: own.classes, version: own.version, amount, found: doublesOf(own.classes) };
  return known.found;
}

let leak = { data: null, n: 0 };

/** Held-back pictures that are learned from too, once the set is split. */
function leakWarning() {
  const { data } = state;
  if (!data || data.labels.length !== total()) return nothing;
  if (leak.data !== data) {
    const pictures = own.classes.flatMap((one) => one.pictures.map(({ pixels }) => pixels));
    leak = { data, n: learnedToo(pictures, data) };
  }
  return leak.n
    ? html`<p class="warning" data-testid="learned-too" data-value=${leak.n}>
        ${icon('warning')}<span>${t('own.learnedToo', { n: leak.n })}</span>
      </p>`
    : nothing;
}

/** What the split keeps together. */
function groupNote() {
  const found = ownGroups();
  return found
    ? html`<p class="small muted section" data-testid="own-groups" data-value=${found.count}>
        ${t('own.groups', { n: found.count, pictures: found.pictures })}
      </p>`
    : nothing;
}

/** What is worth knowing before a run. */
function warningsOf(one) {
  const largest = Math.max(...own.classes.map((other) => other.pictures.length));
  const list = [];
  if (one.pictures.length < 10) list.push(t('own.few', { n: one.pictures.length }));
  else if (largest > 5 * one.pictures.length) list.push(t('own.unbalanced'));
  const { within, across } = findDoubles();
  const doubles = within.get(one) ?? 0;
  if (doubles) list.push(t('own.doubles', { n: doubles }));
  if (ownGroups()?.alone.has(one.name)) list.push(t('own.oneBurst'));
  for (const [name, n] of across.get(one) ?? []) list.push(t('own.across', { n, name }));
  return list;
}

/** The parts of the data column for own pictures. */
export function ownSection() {
  const choose = (target) => (event) => {
    const { files } = event.target;
    addPictures(fromFiles(Array.from(files)), target);
    event.target.value = '';
  };
  const rename = (one) => (event) => {
    const name = event.target.value.trim() || one.name;
    if (own.latest === one.name) own.latest = name;
    one.name = name;
    picturesChanged();
  };
  const remove = (one) => () => {
    own.classes = own.classes.filter((other) => other !== one);
    picturesChanged();
  };
  return html`${dropZone(own.classes.length ? 'own.more' : 'own.drop')}
    ${own.classes.map(
      (one, at) =>
        html`<div class="own-class">
          <div class="row">
            <input class="box name" aria-label=${t('own.name')} .value=${live(one.name)} @change=${rename(one)} />
            <span class="space"></span>
            <span class="small muted">${t('own.count', { n: one.pictures.length })}</span>
            <button class="link" aria-label=${t('own.remove', { name: one.name })} @click=${remove(one)}>✕</button>
          </div>
          <div class="thumbs">
            ${one.pictures.slice(0, 6).map((each) => picture(each.floats, [own.size, own.size, 3], one.name))}
            <label class="add" title=${t('own.add', { name: one.name })}>
              <input
                class="sr"
                type="file"
                accept="image/*"
                multiple
                aria-label=${t('own.add', { name: one.name })}
                data-testid="add-to-${at}"
                @change=${choose(one.name)}
              />${icon('plus')}
            </label>
          </div>
          ${warningsOf(one).map((text) => html`<p class="warning">${icon('warning')}<span>${text}</span></p>`)}
        </div>`,
    )}
    ${leakWarning()} ${groupNote()}
    ${
      own.classes.length
        ? html`<label class="button wide new-class"
              >${icon('plus')}${t('own.newClass')}<input
                class="sr"
                type="file"
                accept="image/*"
                multiple
                @change=${choose(freeName())}
            /></label>
            <div class="row section">
              <span>${t('own.size')}</span>${explainer('own-size', t('own.size'))}<span class="space"></span>
              <span class="segment" role="group" aria-label=${t('own.size')}>
                ${sizes[hasBackbone(state.experiment)].map((size) => html`<button aria-pressed=${state.experiment.dataset.size === size ? 'true' : 'false'} @click=${() => makeAnew({ size })}>${size}</button>`)}
              </span>
            </div>
            ${explained('own-size')}
            <div class="row section">
              <span>${t('own.fit')}</span>${explainer('own-fit', t('own.fit'))}<span class="space"></span>
              <span class="segment" role="group" aria-label=${t('own.fit')}>
                ${fits.map(
                  (fit) =>
                    html`<button
                      data-testid="fit-${fit}"
                      aria-pressed=${own.fit === fit ? 'true' : 'false'}
                      @click=${() => makeAnew({ fit })}
                    >
                      ${t(`own.fit.${fit}`)}
                    </button>`,
                )}
              </span>
            </div>
            ${explained('own-fit')}
            ${own.classes.length > 1 ? html`<p class="small muted section">${t('own.recipe')}</p>` : nothing}`
        : nothing
    } <span hidden data-testid="own-count" data-value=${total()}>${count(total())}</span>`;
}
