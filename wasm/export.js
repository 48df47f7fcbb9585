// Ways out of a trained network: an ONNX file, or a script for PyTorch or Keras, made from the experiment, one sample's shape and the
// safetensors file of its weights. Works without an engine; bad input is named problem by problem.
import { architectureOf } from './architecture.js';
import { InputError, inWords } from './experiment.js';
import { preparationOf } from './preparation.js';
import { readWeights, writeWeights } from './safetensors.js';
import { sha256 } from './sha256.js';
import { describeWeights } from './weights_file.js';

/**
 * @typedef {{
 *   architecture: import('./architecture.js').Architecture,
 *   tensors: Map<string, { shape: number[], values: Float32Array }>,
 *   experiment: any,
 *   shape: [number, number, number],
 *   preparation: import('./preparation.js').Preparation,
 *   classNames: string[],
 *   weightsSha256: string,
 * }} Trained  what a way out is given
 */

/** Each is loaded when it is first asked for. @type {Record<string, () => Promise<(trained: Trained) => Uint8Array | string>>} */
const kTargets = {
  onnx: async () => (await import('./export_onnx.js')).toOnnx,
  pytorch: async () => (await import('./export_pytorch.js')).toPytorch,
  keras: async () => (await import('./export_keras.js')).toKeras,
};

/** @param {unknown} to */
export function checkTarget(to) {
  return typeof to === 'string' && Object.hasOwn(kTargets, to)
    ? []
    : [{ path: 'to', expected: `one of ${Object.keys(kTargets).join(', ')}`, given: inWords(to) }];
}

/**
 * @param {any} experiment  with every default written out
 * @param {any} request  as exportNetwork takes it
 * @returns {Promise<Uint8Array>}
 */
export async function writeNetwork(experiment, { shape, weights, to, normalization, preparation, classNames }) {
  const problems = checkTarget(to);
  const described = weights instanceof Uint8Array ? describeWeights(weights) : undefined;
  const names = classNames ?? described?.classNames ?? [];
  const statistics = normalization ?? (preparation ?? described?.preparation)?.normalization;
  if (!(Array.isArray(shape) && shape.length === 3 && shape.every((side) => Number.isInteger(side) && side > 0))) {
    problems.push({ path: 'shape', expected: 'height, width and channels of a sample', given: inWords(shape) });
  } else if (isNormalized(experiment) || statistics) {
    problems.push(...checkNormalization(statistics, shape[2]));
  }
  if (!(Array.isArray(names) && names.every((name) => typeof name === 'string'))) {
    problems.push({ path: 'classNames', expected: 'a list of texts', given: inWords(names) });
  }
  if (problems.length) throw new InputError(problems);
  const architecture = architectureOf(experiment, shape);
  const tensors = readWeights(weights, architecture.tensors);
  const weightsSha256 = await sha256(writeWeights(tensors));
  const write = await kTargets[to]();
  const written = write({
    ...{ architecture, tensors, experiment, shape, weightsSha256, classNames: names },
    preparation: {
      ...(preparation ?? described?.preparation ?? preparationOf(experiment.dataset, readOf(experiment, shape))),
      normalization: statistics ?? null,
    },
  });
  return typeof written === 'string' ? new TextEncoder().encode(written) : written;
}

/**
 * Whether the data set standardises its inputs. One that is a name does not, though `normalize` is a method of every string.
 * @param {any} experiment
 */
const isNormalized = ({ dataset }) => dataset?.normalize === true;

/**
 * What the core would have read, as far as the experiment tells it: sets of names, pictures and idx are of bytes.
 * @param {any} experiment
 * @param {[number, number, number]} shape
 */
function readOf({ dataset }, shape) {
  const bytes = typeof dataset === 'string' || ['builtIn', 'images', 'idx'].includes(dataset?.type);
  return { shape, bytes, normalization: null };
}

/** @param {any} normalization @param {number} channels */
function checkNormalization(normalization, channels) {
  const fits = (/** @type {any} */ list) =>
    list?.length === channels && Array.from(list).every((value) => Number.isFinite(value));
  if (fits(normalization?.mean) && fits(normalization?.deviation)) return [];
  const expected = `mean and deviation, ${channels} numbers each, since the experiment has normalize`;
  return [{ path: 'normalization', expected, given: inWords(normalization ?? undefined) }];
}
