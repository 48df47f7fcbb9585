/** When a run ends by itself: what is watched, what counts as better, how long it waits, and whose weights it keeps. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { withEarlyStopping } from '../app/settings.js';
import { choice, slider, titledToggle } from '../parts/fields.js';
import { onOff } from './card.js';

function stoppingFields(experiment, set) {
  const stop = experiment.earlyStopping;
  if (!stop) return nothing;
  const change = (options) => set(withEarlyStopping(experiment, options));
  return html`${slider({ name: 'patience', label: t('field.patience'), value: stop.patience, least: 1, most: 50, log: true, whole: true, standard: 5, set: (patience) => change({ patience }) })}
  ${slider({ name: 'min-delta', label: t('field.minDelta'), value: stop.minDelta, least: 1e-5, most: 0.1, log: true, zero: true, standard: 0, set: (minDelta) => change({ minDelta }) })}
  ${choice({
    name: 'monitor',
    label: t('field.monitor'),
    value: stop.monitor,
    standard: 'validationLoss',
    options: ['validationLoss', 'validationAccuracy'].map((key) => [key, t(`table.${key}`)]),
    set: (monitor) => change({ monitor }),
  })}
  ${titledToggle({ name: 'restore-best', label: t('field.restore'), on: stop.restoreBestWeights, standard: true, set: (on) => change({ restoreBestWeights: on }) })}`;
}

/** @type {import('./card.js').Card} */
export const earlyStoppingCard = {
  name: 'early-stopping',
  value: ({ earlyStopping }) => onOff(earlyStopping && String(earlyStopping.patience)),
  fields: stoppingFields,
  isOn: (experiment) => Boolean(experiment.earlyStopping),
  turn: (experiment, on) => withEarlyStopping(experiment, on ? {} : null),
  standard: (experiment) => ({
    ...experiment,
    earlyStopping: defaultExperiment(experiment.dataset).earlyStopping,
  }),
};
