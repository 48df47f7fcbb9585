/** Batch norm behind every convolution: on or off. */
import { html } from 'lit';
import { t } from '../app/language.js';
import * as settings from '../app/settings.js';
import { onOff } from './card.js';

/** @type {import('./card.js').Card} */
export const batchNormalizationCard = {
  name: 'batch-normalization',
  value: (experiment) => onOff(settings.hasBatchNormalization(experiment) && t('tile.on')),
  isOn: settings.hasBatchNormalization,
  turn: settings.withBatchNormalization,
  standard: (experiment) => settings.withBatchNormalization(experiment, true),
  formula: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><msub><mi>x</mi><mi>i</mi></msub
          ><mo>←</mo><mi>γ</mi
          ><mfrac
            ><mrow
              ><msub><mi>x</mi><mi>i</mi></msub
              ><mo>−</mo><msub><mi>μ</mi><mi>B</mi></msub></mrow
            ><msqrt
              ><mrow
                ><msubsup><mi>σ</mi><mi>B</mi><mn>2</mn></msubsup
                ><mo>+</mo><mi>ε</mi></mrow
              ></msqrt
            ></mfrac
          ><mo>+</mo><mi>β</mi></mrow
        ></mstyle
      ></math
    >`,
    letters: ['μ, σ²', 'γ, β'],
  },
};
