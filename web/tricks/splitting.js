/** By what the samples are parted into those to learn from and those held back. */
import { t } from '../app/language.js';
import * as settings from '../app/settings.js';
import { choice } from '../parts/fields.js';

/** The only set of the page with groups: three drawings of each emoji. */
const splitOf = ({ splitBy, dataset }) => splitBy ?? (dataset === 'emoji' ? 'group' : 'random');
/** Own pictures stand class after class, and points in no order that means anything. */
const splitsOf = ({ dataset, splitBy }) => {
  const known = typeof dataset === 'string' ? ['random', 'fileOrder'] : ['random'];
  return [...new Set([...known, ...(dataset === 'emoji' ? ['group'] : []), ...(splitBy ? [splitBy] : [])])];
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
      standard: splitOf({ ...experiment, splitBy: undefined }),
      options: splitsOf(experiment).map((key) => [key, t(`split.${key}`)]),
      set: (key) => set(settings.withSplitBy(experiment, key)),
    }),
  standard: (experiment) => settings.withSplitBy(experiment, null),
};
