/** The data column's part for own pictures: a card for each class, where more are dropped, and what size and shape they are made to. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { count, t } from '../app/language.js';
import { hasBackbone } from '../app/settings.js';
import { state } from '../app/state.js';
import { choice, explained, explainer } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { dropZone } from './add_pictures.js';
import { picturesChanged } from './choose.js';
import { classCard } from './class_card.js';
import { learnedToo } from './doubles.js';
import { makeAnew } from './make_anew.js';
import { addClass, own, sizes, total } from './own.js';
import { ownGroups } from './own_groups.js';

const fits = /** @type {const} */ (['crop', 'pad']);

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

/** A new class, with its name to be written. */
function newClass() {
  const { place } = addClass();
  picturesChanged();
  /** @type {HTMLElement} */ (document.querySelector(`[data-place="${place}"] .name`))?.focus();
}

/** How pictures are made square, and how large. */
function making() {
  return html`${choice({
      name: 'own-size',
      label: t('own.size'),
      value: String(state.experiment.dataset.size ?? own.size),
      options: [...new Set([...sizes.filter((size) => size >= 96 || !hasBackbone(state.experiment)), own.size])]
        .sort((a, b) => a - b)
        .map((size) => [String(size), t('own.pixels', { size })]),
      set: (size) => makeAnew({ size: Number(size) }),
    })}
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
    ${own.classes.length > 1 && state.experiment.transfer?.freeze === 'all' ? html`<p class="small muted section">${t('own.recipe')}</p>` : nothing}`;
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

/** The parts of the data column for own pictures. */
export function ownSection() {
  const cards = [...own.classes].sort((a, b) => a.place - b.place);
  return html`${repeat(cards, (one) => one, classCard)}
    <button class="button wide new-class" data-testid="new-class" @click=${newClass}>
      ${icon('plus')}${t('own.newClass')}
    </button>
    ${leakWarning()} ${groupNote()} ${dropZone(total() ? 'own.more' : 'own.drop')} ${total() ? making() : nothing}
    <span hidden data-testid="own-count" data-value=${total()}>${count(total())}</span>`;
}
