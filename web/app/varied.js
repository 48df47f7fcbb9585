/** Which controls can be varied in a sweep: by their names; what each does then is sweep/controls.js. */
import { lossName } from './settings.js';

export const varied = [
  'learning-rate',
  'dropout-rate',
  'batch-size',
  'epochs',
  'samples-per-class',
  'elastic-lambda',
  'l2',
  'batch-normalization',
  'optimizer',
  'initializer',
];

/** Whether the control has a place in this experiment. */
export const canVary = (name, experiment) =>
  varied.includes(name) &&
  !(name === 'samples-per-class' && lossName(experiment) === 'meanSquaredError') &&
  !(name === 'dropout-rate' && experiment.layers.length < 2) &&
  !(name === 'batch-normalization' && !experiment.layers.some(({ type }) => type === 'conv2d'));

const isTree = (value) => typeof value === 'object' && value !== null;
const isFew = (/** @type {any} */ list) =>
  Array.isArray(list) && list.length > 0 && list.length <= 100 && !list.some(isTree);

/** Whether a link's text can be what the page has marked; whether the values are good, the plan of the sweep says. */
export function isMarked(value) {
  if (!isTree(value)) return false;
  const { vary = {}, seeds = 5, halving = false, testSplit = 0.2, ...others } = value;
  return (
    isTree(vary) &&
    Object.entries(vary).every(([name, list]) => varied.includes(name) && isFew(list)) &&
    [typeof seeds, typeof halving, typeof testSplit].join() === 'number,boolean,number' &&
    Object.keys(others).length === 0
  );
}
