/** With which weights a network begins, and what becomes of signals on their way through it. */
import { html } from 'lit';
import { t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { choice } from '../parts/fields.js';
import { spreadFields } from './spread.js';

const initializers = ['zeros', 'smallUniform', 'glorotUniform', 'glorotNormal', 'heUniform', 'heNormal'];

/** @type {import('./card.js').Card} */
export const initializationCard = {
  name: 'initialization',
  value: (experiment) => ({ text: t(`initializer.${settings.initializer(experiment)}`), on: true }),
  fields: (experiment, set) =>
    html`${choice({
      name: 'initializer',
      label: t('field.initializer'),
      value: settings.initializer(experiment),
      standard: settings.initializer(defaultExperiment(experiment.dataset)),
      options: initializers.map((key) => [key, t(`initializer.${key}`)]),
      set: (key) => set(settings.withInitializer(experiment, key)),
    })}
    ${spreadFields()}`,
  standard: (experiment) =>
    settings.withInitializer(experiment, settings.initializer(defaultExperiment(experiment.dataset))),
  formula: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>w</mi><mo>~</mo><mi>U</mi><mo>(</mo><mo>±</mo
          ><msqrt
            ><mfrac
              ><mn>6</mn
              ><mrow
                ><msub><mi>n</mi><mtext>in</mtext></msub
                ><mo>+</mo><msub><mi>n</mi><mtext>out</mtext></msub></mrow
              ></mfrac
            ></msqrt
          ><mo>)</mo></mrow
        ></mstyle
      ></math
    >`,
    letters: ['n'],
  },
};
