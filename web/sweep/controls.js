/**
 * The controls that can be varied (app/varied.js): what each does to an experiment, what it is called, and values to begin with. The sweep's paths are found
 * by looking at what differs, so that a control need not know where its setting stands.
 */
import * as settings from '../app/settings.js';
import { canVary } from '../app/varied.js';

const initializers = ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunNormal'];
const ofKey = (key) => (experiment, value) => ({ ...experiment, [key]: value });

/**
 * @typedef {object} Control
 * @property {string} label  a text's key
 * @property {(experiment: any, value: any) => any} set
 * @property {(experiment: any) => any} get
 * @property {(value: any) => any[]} begin  with which values, where this is the one on the page
 * @property {(experiment: any) => any} [base]  what the experiment must have for the control to have a place
 * @property {Array<[string | boolean, string]>} [choices]  where the values are no numbers: each with its text's key
 */

/** By the names of the controls. @type {Record<string, Control>} */
export const controls = {
  'learning-rate': {
    label: 'field.learningRate',
    set: settings.withLearningRate,
    get: settings.learningRate,
    begin: (rate) => [rate / 10, rate, rate * 10].map(settings.tidy),
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
  'batch-size': {
    label: 'field.batchSize',
    set: ofKey('batchSize'),
    get: ({ batchSize }) => batchSize,
    begin: (size) => [Math.max(1, Math.round(size / 4)), size, size * 4],
  },
  epochs: {
    label: 'field.epochs',
    set: ofKey('epochs'),
    get: ({ epochs }) => epochs,
    begin: (epochs) => [Math.max(1, Math.round(epochs / 2)), epochs, epochs * 2],
  },
  'samples-per-class': {
    label: 'data.perClass',
    set: ofKey('samplesPerClass'),
    get: ({ samplesPerClass }) => samplesPerClass ?? 40,
    begin: (count) => [10, count, 4 * count].filter((value, i, all) => all.indexOf(value) === i),
  },
  'elastic-lambda': {
    label: 'field.lambda',
    set: (experiment, lambda) => settings.withElasticNet(experiment, { ...settings.elasticNet(experiment), lambda }),
    get: (experiment) => settings.elasticNet(experiment).lambda,
    begin: () => [0, 0.0001, 0.001, 0.01],
  },
  l2: { label: 'field.l2', set: ofKey('l2'), get: ({ l2 }) => l2, begin: () => [0, 0.0001, 0.001, 0.01] },
  'batch-normalization': {
    label: 'trick.batch-normalization',
    set: settings.withBatchNormalization,
    get: settings.hasBatchNormalization,
    begin: () => [false, true],
    choices: [
      [false, 'tile.off'],
      [true, 'tile.on'],
    ],
  },
  optimizer: {
    label: 'field.optimizer',
    set: settings.withOptimizer,
    get: ({ optimizer }) => settings.optimizerName(optimizer),
    begin: (name) => [...new Set(['sgd', 'adam', name])],
    choices: settings.optimizerNames.map((name) => [name, `optimizer.${name}`]),
  },
  initializer: {
    label: 'field.initializer',
    set: settings.withInitializer,
    get: settings.initializer,
    begin: () => ['glorotUniform', 'heNormal'],
    choices: initializers.map((name) => [name, `initializer.${name}`]),
  },
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
