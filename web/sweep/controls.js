/**
 * The controls that can be varied (app/varied.js): what each does to an experiment, what it is called, and values to begin with. The sweep's paths are found
 * by looking at what differs, so that a control need not know where its setting stands.
 */
import * as settings from '../app/settings.js';
import { canVary } from '../app/varied.js';

const initializers = ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunNormal'];
/** @type {Array<[boolean, string]>} */
const onOff = [
  [false, 'tile.off'],
  [true, 'tile.on'],
];
const schedules = ['constant', 'step', 'exponential', 'cosine', 'reduceOnPlateau'];
const unique = (values) => [...new Set(values)];
const penalties = () => [0, 0.0001, 0.001, 0.01];

/**
 * @typedef {object} Control
 * @property {string} label  a text's key
 * @property {string} [of]  that of the group that it is in
 * @property {(experiment: any, value: any) => any} set
 * @property {(experiment: any) => any} get
 * @property {(value: any) => any[]} begin  with which values, where this is the one on the page
 * @property {(experiment: any) => any} [base]  what the experiment must have for the control to have a place
 * @property {Array<[string | boolean, string]>} [choices]  where the values are no numbers: each with its text's key
 */

/** @returns {any} */
const put = (/** @type {any} */ tree, /** @type {string[]} */ [key, ...rest], /** @type {any} */ value) => ({
  ...tree,
  [key]: rest.length ? put(tree[key], rest, value) : value,
});

/** What stands at one place of an experiment: a number with values to begin with, a choice, or a switch. */
const number = (label, path, begin) => ({
  label,
  set: (experiment, value) => put(experiment, path.split('.'), value),
  get: (experiment) => path.split('.').reduce((tree, key) => tree?.[key], experiment),
  begin,
});
const choice = (label, path, choices, begin = () => choices.map(([value]) => value)) => ({
  ...number(label, path, begin),
  choices,
});
const worded = (keys, group) => keys.map((key) => [key, `${group}.${key}`]);

const optimizerValues = {
  momentum: [0.5, 0.9, 0.99],
  rho: [0.9, 0.95, 0.99],
  beta1: [0.8, 0.9, 0.95],
  beta2: [0.9, 0.99, 0.999],
  weightDecay: [0.001, 0.01, 0.1],
  epsilon: [1e-8, 1e-6, 1e-4],
};

/** A transform of the augmentation, on or off; and each of its numbers. */
const transform = (type) => ({
  of: 'trick.augmentation',
  label: `augment.${type}`,
  set: (experiment, on) => settings.withAugmentation(experiment, type, on ? settings.augmentations[type] : null),
  get: (experiment) => settings.augmentation(experiment, type) !== null,
  begin: () => [false, true],
  choices: onOff,
});
const transformNumber = (type, key) => ({
  of: `augment.${type}`,
  label: `augment.${type}.${key}`,
  set: (experiment, value) =>
    settings.withAugmentation(experiment, type, { ...settings.augmentation(experiment, type), [key]: value }),
  get: (experiment) => settings.augmentation(experiment, type)?.[key] || settings.augmentations[type][key] || 0.1,
  begin: (value) =>
    key === 'pixels' ? [value, value + 1, value + 2] : [value / 2, value, value * 2].map(settings.tidy),
});

/** By the names of the controls. @type {Record<string, Control>} */
export const controls = {
  'learning-rate': number('field.learningRate', 'optimizer.learningRate', (rate) =>
    [rate / 10, rate, rate * 10].map(settings.tidy),
  ),
  schedule: choice('field.schedule', 'learningRateSchedule.type', worded(schedules, 'schedule'), () => [
    'constant',
    'cosine',
  ]),
  optimizer: {
    label: 'field.optimizer',
    set: settings.withOptimizer,
    get: ({ optimizer }) => settings.optimizerName(optimizer),
    begin: (name) => unique(['sgd', 'adam', name]),
    choices: worded(settings.optimizerNames, 'optimizer'),
  },
  ...Object.fromEntries(
    Object.entries(optimizerValues).map(([key, values]) => [
      `optimizer-${key}`,
      number(`field.${key}`, `optimizer.${key}`, () => values),
    ]),
  ),
  'batch-size': number('field.batchSize', 'batchSize', (size) =>
    unique([Math.max(1, Math.round(size / 4)), size, size * 4]),
  ),
  epochs: number('field.epochs', 'epochs', (epochs) =>
    unique([Math.max(1, Math.round(epochs / 2)), epochs, epochs * 2]),
  ),
  initializer: {
    label: 'field.initializer',
    set: settings.withInitializer,
    get: settings.initializer,
    begin: () => ['glorotUniform', 'heNormal'],
    choices: worded(initializers, 'initializer'),
  },
  'switch-batch-normalization': {
    label: 'trick.batch-normalization',
    set: settings.withBatchNormalization,
    get: settings.hasBatchNormalization,
    begin: () => [false, true],
    choices: onOff,
  },
  'dropout-rate': {
    label: 'field.dropout',
    set: (experiment, rate) => ({
      ...experiment,
      layers: experiment.layers.map((layer) => (layer.type === 'dropout' ? { ...layer, rate } : layer)),
    }),
    get: settings.dropoutRate,
    begin: () => [0, 0.2, 0.5],
    base: (experiment) => settings.withDropout(experiment, settings.dropoutRate(experiment) || 0.2),
  },
  l1: number('field.l1', 'l1', penalties),
  l2: number('field.l2', 'l2', penalties),
  'elastic-lambda': {
    label: 'field.lambda',
    set: (experiment, lambda) => settings.withElasticNet(experiment, { ...settings.elasticNet(experiment), lambda }),
    get: (experiment) => settings.elasticNet(experiment).lambda,
    begin: penalties,
  },
  'switch-early-stopping': {
    label: 'trick.early-stopping',
    set: ({ earlyStopping, ...rest }, on) => ({
      ...rest,
      earlyStopping: on ? settings.withEarlyStopping({ earlyStopping }, {}).earlyStopping : null,
    }),
    get: ({ earlyStopping }) => Boolean(earlyStopping),
    begin: () => [false, true],
    choices: onOff,
  },
  patience: number('field.patience', 'earlyStopping.patience', (value) =>
    unique([Math.max(1, Math.round(value / 2)), value, value * 2]),
  ),
  'min-delta': number('field.minDelta', 'earlyStopping.minDelta', () => [0, 0.001, 0.01]),
  monitor: choice('field.monitor', 'earlyStopping.monitor', worded(['validationLoss', 'validationAccuracy'], 'table')),
  'restore-best': choice('field.restore', 'earlyStopping.restoreBestWeights', onOff),
  'samples-per-class': number('data.perClass', 'samplesPerClass', (count = 40) => unique([10, count, 4 * count])),
  freeze: {
    ...choice('field.freeze', 'transfer.freeze', worded(['none', 'most', 'all'], 'freeze')),
    set: (experiment, kind) =>
      experiment.transfer ? put(experiment, ['transfer', 'freeze'], kind) : settings.withFreeze(experiment, kind),
  },
  ...Object.fromEntries(Object.keys(settings.augmentations).map((type) => [`augment-${type}`, transform(type)])),
  ...Object.fromEntries(
    Object.entries(settings.augmentationNumbers).flatMap(([type, keys]) =>
      keys.map((key) => [`augment-${type}-${key}`, transformNumber(type, key)]),
    ),
  ),
};

const isTree = (value) => typeof value === 'object' && value !== null;
const text = (value) => JSON.stringify(value);

/** The one place in which these differ, as keys; as short as it must be. */
function placeOf(all, keys = []) {
  if (!all.every((one) => isTree(one) && text(Object.keys(one)) === text(Object.keys(all[0])))) return keys;
  const differing = Object.keys(all[0]).filter((key) => all.some((one) => text(one[key]) !== text(all[0][key])));
  if (differing.length !== 1) return keys;
  return placeOf(
    all.map((one) => one[differing[0]]),
    [...keys, differing[0]],
  );
}

/**
 * The experiment that a sweep is, of the settings on the page and of what the page has marked; and for each path the control's name with its values, in
 * the sweep's order. `left`: the names of those that have no place of their own, as their values change nothing, or what another one changes.
 * @param {any} experiment
 * @param {{ vary?: Record<string, any[]>, seeds?: number, halving?: boolean, testSplit?: number }} marked
 */
export function sweepOf(experiment, { vary = {}, ...rest }) {
  const names = Object.keys(vary).filter((name) => canVary(name, experiment) && vary[name].length);
  const base = names.reduce((made, name) => controls[name].base?.(made) ?? made, experiment);
  const sweep = {};
  const paths = {};
  const left = [];
  for (const name of names) {
    const made = vary[name].map((value) => controls[name].set(base, value));
    const keys = placeOf(made.length > 1 ? made : [base, ...made]);
    const path = keys.join('.');
    const overlaps = Object.keys(sweep).some(
      (other) => `${other}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${other}.`),
    );
    if (!keys.length || overlaps) {
      left.push(name);
      continue;
    }
    sweep[path] = made.map((one) => keys.reduce((place, key) => place[key], one));
    paths[path] = { name, values: vary[name] };
  }
  return { whole: { ...base, sweep, ...rest }, paths, left };
}
