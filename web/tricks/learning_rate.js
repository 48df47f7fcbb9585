/** How large a step is, and how that changes during a run. */
import { html } from 'lit';
import { setting, t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { slider } from '../parts/fields.js';
import { scheduleFields } from './schedule.js';

/** The rate that this optimizer begins with on this set. */
function usual(experiment) {
  const { optimizer } = defaultExperiment(experiment.dataset);
  return optimizer.type === experiment.optimizer.type
    ? optimizer.learningRate
    : settings.usualRate(experiment.optimizer.type);
}

/** @type {import('./card.js').Card} */
export const learningRateCard = {
  name: 'learning-rate',
  value: (experiment) => ({ text: setting(settings.learningRate(experiment)), on: true }),
  fields: (experiment, set, later) =>
    html`${slider({
      name: 'learning-rate',
      label: t('field.learningRate'),
      value: settings.learningRate(experiment),
      least: 1e-6,
      most: 10,
      log: true,
      standard: usual(experiment),
      set: (rate) => set(settings.withLearningRate(experiment, rate)),
    })}
    ${scheduleFields(experiment, set, later)}`,
  standard(experiment) {
    const { type } = defaultExperiment(experiment.dataset).learningRateSchedule ?? { type: null };
    return settings.withSchedule(settings.withLearningRate(experiment, usual(experiment)), type);
  },
  formula: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>w</mi><mo>←</mo><mi>w</mi><mo>−</mo><mi>α</mi
          ><mfrac
            ><mrow><mo>∂</mo><mi>L</mi></mrow
            ><mrow><mo>∂</mo><mi>w</mi></mrow></mfrac
          ></mrow
        ></mstyle
      ></math
    >`,
    letters: ['α', '∂L/∂w'],
  },
};
