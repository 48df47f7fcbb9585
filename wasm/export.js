// Ways out of a trained network: an ONNX file, or a script for PyTorch or Keras, made from the experiment, one sample's shape and the
// safetensors file of its weights. Works without an engine; bad input is named problem by problem.
import { architectureOf } from './architecture.js';
import { InputError, inWords } from './experiment.js';
import { toKeras } from './export_keras.js';
import { toOnnx } from './export_onnx.js';
import { toPytorch } from './export_pytorch.js';
import { readWeights, writeWeights } from './safetensors.js';

/**
 * @typedef {{ mean: number[], deviation: number[] }} Normalization
 * @typedef {{
 *   architecture: import('./architecture.js').Architecture,
 *   tensors: Map<string, { shape: number[], values: Float32Array }>,
 *   experiment: any,
 *   shape: [number, number, number],
 *   normalization: Normalization | undefined,
 *   classNames: string[],
 *   weightsSha256: string | undefined,
 * }} Trained  what a way out is given
 */

/** @type {Record<string, (trained: Trained) => Uint8Array | string>} */
const kTargets = { onnx: toOnnx, pytorch: toPytorch, keras: toKeras };

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
export async function writeNetwork(experiment, { shape, weights, to, normalization, classNames = [] }) {
  const problems = checkTarget(to);
  if (!(Array.isArray(shape) && shape.length === 3 && shape.every((side) => Number.isInteger(side) && side > 0))) {
    problems.push({ path: 'shape', expected: 'height, width and channels of a sample', given: inWords(shape) });
  } else if (isNormalized(experiment) || normalization) {
    problems.push(...checkNormalization(normalization, shape[2]));
  }
  if (!(Array.isArray(classNames) && classNames.every((name) => typeof name === 'string'))) {
    problems.push({ path: 'classNames', expected: 'a list of texts', given: inWords(classNames) });
  }
  if (problems.length) throw new InputError(problems);
  const architecture = architectureOf(experiment, shape);
  const tensors = readWeights(weights, architecture.tensors);
  const weightsSha256 = await sha256(writeWeights(tensors));
  const written = kTargets[to]({
    ...{ architecture, tensors, experiment, shape, normalization, classNames, weightsSha256 },
  });
  return typeof written === 'string' ? new TextEncoder().encode(written) : written;
}

/** In hexadecimal; undefined where a page is not secure enough for the browser to have it. @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  const sum = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  return sum && Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Whether the data set standardises its inputs. One that is a name does not, though `normalize` is a method of every string.
 * @param {any} experiment
 */
export const isNormalized = ({ dataset }) => dataset?.normalize === true;

/** @param {any} normalization @param {number} channels */
function checkNormalization(normalization, channels) {
  const fits = (/** @type {any} */ list) =>
    list?.length === channels && Array.from(list).every((value) => Number.isFinite(value));
  if (fits(normalization?.mean) && fits(normalization?.deviation)) return [];
  const expected = `mean and deviation, ${channels} numbers each, since the experiment has normalize`;
  return [{ path: 'normalization', expected, given: inWords(normalization) }];
}

/**
 * Each channel's mean and deviation over the training part, as core/dataset.cpp takes them.
 * @param {{ split(): Promise<{ training: Int32Array }>, samples(indices: ArrayLike<number>): Promise<{ inputs: Float32Array }> }} trainer
 * @param {number} channels
 * @returns {Promise<Normalization>}
 */
export async function channelStatistics(trainer, channels) {
  const { training } = await trainer.split();
  const mean = new Float64Array(channels);
  const square = new Float64Array(channels);
  let count = 0;
  for (const pass of [0, 1]) {
    for (let i = 0; i < training.length; i += kChunk) {
      const { inputs } = await trainer.samples(training.subarray(i, i + kChunk));
      if (pass === 0) count += inputs.length / channels;
      for (let j = 0; j < inputs.length; ++j) {
        const channel = j % channels;
        if (pass === 0) mean[channel] += inputs[j];
        else square[channel] += (inputs[j] - mean[channel]) ** 2;
      }
    }
    if (pass === 0) mean.forEach((sum, channel) => (mean[channel] = sum / count));
  }
  const deviation = Array.from(square, (sum) => Math.sqrt(sum / count));
  return {
    mean: Array.from(mean, Math.fround),
    deviation: deviation.map((one) => (one > 1e-7 ? Math.fround(one) : 1)),
  };
}
const kChunk = 512; // samples asked for at once
