/** How the learning rate changes during a run: a choice in its card, and a comparison with a rate that stays. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { showsAll, state } from '../app/state.js';
import { choice } from '../parts/fields.js';

const schedules = ['constant', 'step', 'exponential', 'cosine', 'reduceOnPlateau'];

/** Not among the basics, unless the lesson is about it. `compareBox`: what compares two schedules, below them. */
export function scheduleFields(experiment, set, { compareBox }) {
  const { lesson } = state.page;
  const type = experiment.learningRateSchedule?.type ?? 'constant';
  if (type === 'constant' && lesson !== 'schedule' && !showsAll()) return nothing;
  return html`${choice({
    name: 'schedule',
    label: t('field.schedule'),
    value: type,
    standard: defaultExperiment(experiment.dataset).learningRateSchedule?.type ?? 'constant',
    options: schedules.map((key) => [key, t(`schedule.${key}`)]),
    set: (key) => set(settings.withSchedule(experiment, key)),
  })}
  ${compareBox('schedule')}`;
}
