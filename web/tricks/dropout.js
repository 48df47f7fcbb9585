/** Dropout, in both words that are in use: the share that is dropped, and the share that is kept. */
import { html } from 'lit';
import { setting, t } from '../app/language.js';
import * as settings from '../app/settings.js';
import { slider } from '../parts/fields.js';
import { onOff } from './card.js';

function dropoutFields(experiment, set) {
  const rate = settings.dropoutRate(experiment);
  return html`${slider({ name: 'dropout-rate', label: t('field.dropout'), value: rate, least: 0, most: 0.9, by: 0.05, standard: 0, set: (value) => set(settings.withDropout(experiment, value)) })}
    <p class="note" data-testid="dropout-both">
      ${t('dropout.both', { drop: setting(rate), keep: setting(1 - rate) })}
    </p>`;
}

/** @type {import('./card.js').Card} */
export const dropoutCard = {
  name: 'dropout',
  value: (experiment) => onOff(settings.dropoutRate(experiment) && setting(settings.dropoutRate(experiment))),
  fields: dropoutFields,
  isOn: (experiment) => settings.dropoutRate(experiment) > 0,
  turn: (experiment, on) => settings.withDropout(experiment, on ? 0.3 : 0),
  standard: (experiment) => settings.withDropout(experiment, 0),
  formula: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>x</mi><mo>←</mo
          ><mfrac
            ><mi>b</mi><mrow><mn>1</mn><mo>−</mo><mi>p</mi></mrow></mfrac
          ><mi>x</mi></mrow
        ></mstyle
      ></math
    >`,
    letters: ['b', 'p'],
  },
};
