/** How the learning rate changes during a run: a choice in its card, and a comparison with a rate that stays. */
import { html, nothing } from 'lit';
import { compareBox } from './compare.js';
import { choice } from './fields.js';
import { t } from './language.js';
import { state } from './state.js';

const schedules = ['constant', 'step', 'exponential', 'cosine', 'reduceOnPlateau'];

/** @param {string | null} type */
export function withSchedule(experiment, type) {
  const { learningRateSchedule: _, ...rest } = experiment;
  return type === null || type === 'constant' ? rest : { ...rest, learningRateSchedule: { type } };
}

/** Not among the basics, unless the lesson is about it. */
export function scheduleFields(experiment, set) {
  const { level, lesson } = state.page;
  const type = experiment.learningRateSchedule?.type ?? 'constant';
  if (type === 'constant' && lesson !== 'schedule' && (lesson || level !== 'all')) return nothing;
  return html`${choice({
    name: 'schedule',
    label: t('field.schedule'),
    value: type,
    standard: 'constant',
    options: schedules.map((key) => [key, t(`schedule.${key}`)]),
    set: (key) => set(withSchedule(experiment, key)),
  })}
  ${compareBox('schedule')}`;
}
