/** The transforms of augmentation: a switch for each and its numbers, each with the default of the data set. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { defaultExperiment, hasPictures } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { state } from '../app/state.js';
import { explained, explainer, slider, toggle, varyButton } from '../parts/fields.js';
import { onOff } from './card.js';
import { previewRow } from './preview.js';

/**
 * The numbers of each transform with their ranges. `read` and `write` turn a pair of the experiment into one number and back.
 * @type {Record<string, Array<{ key: string, least?: number, most: number, by: number, read?: (pair: number[]) => number,
 *   write?: (number: number, pair: number[]) => number[] }>>}
 */
const numbers = {
  flip: [
    { key: 'horizontal', most: 1, by: 0.05 },
    { key: 'vertical', most: 1, by: 0.05 },
  ],
  rotation: [{ key: 'degrees', most: 45, by: 1 }],
  shift: [{ key: 'pixels', most: 4, by: 1 }],
  randomCrop: [
    { key: 'scale', least: 0.5, most: 1, by: 0.05, read: ([side]) => side, write: (side, [, top]) => [side, top] },
  ],
  colorShift: [
    { key: 'brightness', most: 0.3, by: 0.01 },
    { key: 'saturation', most: 0.5, by: 0.01 },
    { key: 'hue', most: 30, by: 1 },
  ],
  noise: [{ key: 'stddev', most: 0.3, by: 0.01 }],
  cutout: [{ key: 'size', most: 0.5, by: 0.01 }],
  contrast: [
    {
      key: 'range',
      most: 0.5,
      by: 0.05,
      read: ([low, high]) => settings.tidy(Math.max(1 - low, high - 1)),
      write: (part) => [settings.tidy(1 - part), settings.tidy(1 + part)],
    },
  ],
};

/** A transform with one number changed. Where it has several, one of them stays above 0: else it would do nothing. */
function withNumber(one, type, { key, by, write }, value, usual) {
  const next = { ...one, [key]: write ? write(value, one[key]) : value };
  const keys = numbers[type].map((number) => number.key);
  if (keys.length > 1 && keys.every((each) => !next[each])) next[key] = by;
  if (next[key] === 0 && !(key in usual)) delete next[key];
  return next;
}

function augmentationFields(experiment, set) {
  const change = (type, options) => set(settings.withAugmentation(experiment, type, options));
  const inks = state.data ? state.data.shape[2] : 1;
  const kinds = hasPictures(experiment.dataset)
    ? Object.keys(settings.augmentations).filter((type) => type !== 'colorShift' || inks === 3)
    : ['noise']; // numbers have no left and right
  const standard = defaultExperiment(experiment.dataset);
  const field = (type, one, usual, number) => {
    const { key, least = 0, most, by, read = (x) => x ?? 0 } = number;
    return slider({
      name: `augment-${type}-${key}`,
      label: t(`augment.${type}.${key}`),
      value: read(one[key]),
      least,
      most,
      by,
      standard: read(usual[key]),
      set: (value) => change(type, withNumber(one, type, number, value, usual)),
    });
  };
  return html`<div class="kinds">
      ${kinds.map((type) => {
        const one = settings.augmentation(experiment, type);
        const usual = settings.augmentation(standard, type) ?? settings.augmentations[type];
        const name = t(`augment.${type}`);
        return html`<div class="kind">
          <span class="row titled"
            ><label class="row"
              >${toggle({ name: `augment-${type}`, label: name, on: one !== null, set: (on) => change(type, on ? usual : null) })}
              <span>${name}</span></label
            >${explainer(`augment-${type}`, name)}${varyButton(`augment-${type}`, name)}</span
          >
          ${explained(`augment-${type}`)}
          ${one ? numbers[type].map((number) => field(type, one, usual, number)) : nothing}
        </div>`;
      })}
    </div>
    ${settings.augmentation(experiment, 'flip') && experiment.dataset === 'digits' ? html`<p class="note held" role="note" data-testid="flip-warning">${t('augment.flipWarning')}</p>` : nothing}
    ${state.view.card === 'augmentation' ? previewRow() : nothing}`;
}

/** @type {import('./card.js').Card} */
export const augmentationCard = {
  name: 'augmentation',
  value: ({ augmentation }) => onOff(augmentation.length && t('tile.kinds', { n: augmentation.length })),
  fields: augmentationFields,
  isOn: ({ augmentation }) => augmentation.length > 0,
  turn: (experiment, on) =>
    on
      ? settings.withGentleAugmentation(experiment, hasPictures(experiment.dataset))
      : { ...experiment, augmentation: [] },
  standard: (experiment) => ({ ...experiment, augmentation: [] }),
};
