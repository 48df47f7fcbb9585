/** Which controls can be varied in a sweep: by their names, each with the experiments in which it has a place. What each does then is sweep/controls.js. */
import { hasPictures } from './sets.js';
import { augmentation, augmentationNumbers, augmentations, lossName, optimizerNumbers } from './settings.js';

const always = () => true;
const stops = ({ earlyStopping }) => Boolean(earlyStopping);

/** @param {Record<string, string[]>} lists @param {(type: string, key: string) => [string, (experiment: any) => boolean]} of */
const eachOf = (lists, of) =>
  Object.fromEntries(Object.entries(lists).flatMap(([type, keys]) => keys.map((key) => of(type, key))));

/** @type {Record<string, (experiment: any) => boolean>} */
const places = {
  'learning-rate': always,
  schedule: always,
  optimizer: always,
  ...Object.fromEntries(
    Object.values(optimizerNumbers)
      .flat()
      .map((key) => [`optimizer-${key}`, ({ optimizer }) => optimizerNumbers[optimizer.type].includes(key)]),
  ),
  'batch-size': always,
  epochs: always,
  initializer: always,
  'switch-batch-normalization': ({ layers }) => layers.some(({ type }) => type === 'conv2d'),
  'dropout-rate': ({ layers }) => layers.length > 1,
  l1: always,
  l2: always,
  'elastic-lambda': always,
  'switch-early-stopping': always,
  patience: stops,
  'min-delta': stops,
  monitor: stops,
  'restore-best': stops,
  'samples-per-class': (experiment) => lossName(experiment) !== 'meanSquaredError',
  freeze: always,
  ...Object.fromEntries(
    Object.keys(augmentations).map((type) => [
      `augment-${type}`,
      ({ dataset }) => type === 'noise' || hasPictures(dataset),
    ]),
  ),
  ...eachOf(augmentationNumbers, (type, key) => [
    `augment-${type}-${key}`,
    (experiment) => augmentation(experiment, type) !== null,
  ]),
};

/** Their names. */
export const varied = Object.keys(places);

/** Whether the control has a place in this experiment. */
export const canVary = (name, experiment) => Object.hasOwn(places, name) && places[name](experiment);

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
