/** By what the samples are parted into those to learn from and those held back. */
import { t } from '../app/language.js';
import { defaultExperiment, isGrouped } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { choice } from '../parts/fields.js';
import { ownGroups } from '../data/own_groups.js';

/** The sets with groups: some built-in ones; own pictures with bursts or near duplicates. */
export const hasGroups = ({ dataset }) => isGrouped(dataset) || (dataset?.type === 'images' && ownGroups() !== null);
const splitOf = (experiment) => experiment.splitBy ?? (hasGroups(experiment) ? 'group' : 'random');
/** Own pictures stand class after class, and points in no order that means anything. */
const splitsOf = (experiment) => {
  const { dataset, splitBy } = experiment;
  const known = typeof dataset === 'string' ? ['random', 'fileOrder'] : ['random'];
  return [...new Set([...known, ...(hasGroups(experiment) ? ['group'] : []), ...(splitBy ? [splitBy] : [])])];
};

/** @type {import('./card.js').Card} */
export const splittingCard = {
  name: 'splitting',
  value: (experiment) => ({ text: t(`tile.split.${splitOf(experiment)}`), on: splitOf(experiment) !== 'random' }),
  fields: (experiment, set) =>
    choice({
      name: 'split-by',
      label: t('field.splitBy'),
      value: splitOf(experiment),
      standard: splitOf(defaultExperiment(experiment.dataset)),
      options: splitsOf(experiment).map((key) => [key, t(`split.${key}`)]),
      set: (key) => set(settings.withSplitBy(experiment, key)),
    }),
  standard: (experiment) => settings.withSplitBy(experiment, defaultExperiment(experiment.dataset).splitBy ?? null),
};
