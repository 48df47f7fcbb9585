// What the core tells of a run, as the events of index.d.ts.
import { intervalOf } from './interval.js';

/** JSON has no NaN: a loss that does not exist, or is no number any more, arrives as null. */
const number = (/** @type {number | null} */ value) => value ?? NaN;

/** @template {{ loss: number, accuracy: number }} T @param {T} result @returns {T} */
export const withNaN = (result) => ({ ...result, loss: number(result.loss), accuracy: number(result.accuracy) });

/**
 * The errors of a regression, output by output, in double precision.
 * @template {{ probabilities: Float32Array, targets?: Float32Array, samples: number }} T
 * @param {T} result
 */
export function withRegression({ targets, ...result }) {
  if (!targets) return result;
  const { probabilities: answers, samples } = result;
  const outputs = targets.length / samples;
  const [rmse, mae, r2] = [[], [], []].map(() => new Array(outputs).fill(0));
  for (let k = 0; k < outputs; k++) {
    let [mean, squares, absolute, spread] = [0, 0, 0, 0];
    for (let i = k; i < targets.length; i += outputs) mean += targets[i] / samples;
    for (let i = k; i < targets.length; i += outputs) {
      squares += (answers[i] - targets[i]) ** 2;
      absolute += Math.abs(answers[i] - targets[i]);
      spread += (targets[i] - mean) ** 2;
    }
    rmse[k] = Math.sqrt(squares / samples);
    mae[k] = absolute / samples;
    r2[k] = spread > 0 ? 1 - squares / spread : NaN;
  }
  return { ...result, regression: { targets, rmse, mae, r2 } };
}

/** How sure the accuracy is. @param {any} result */
export function withInterval(result) {
  const interval = intervalOf(result);
  return interval ? { ...result, interval } : result;
}

/**
 * @param {any} raw
 * @param {import('./engine.js').Engine} engine
 * @param {import('./preparation.js').Preparation} preparation
 * @param {{ transfer?: object, unusedWeights?: object[] }} files  what was taken of which file, and what was not
 */
export function startEvent(raw, { threads, build, reason, memoryBytes }, preparation, { transfer, unusedWeights }) {
  const {
    parameters,
    samples,
    validationSamples,
    layers,
    classNames,
    stepsPerEpoch,
    shape,
    outputs,
    features,
    mostFolds,
    notes,
  } = raw;
  return {
    event: 'start',
    ...{ parameters, samples, validationSamples, threads, simd: true, build, reason, memoryBytes },
    ...{ layers, classNames, stepsPerEpoch, shape, outputs, mostFolds, preparation, notes },
    ...(features && { features: { ...features, bytes: 4 * features.numbers * features.samples } }),
    ...(transfer && { transfer }),
    ...(unusedWeights?.length && { unusedWeights }),
  };
}

/** @param {any} raw @returns {import('./index.d.ts').StepEvent} */
export const stepEvent = ({ epoch, step, loss }) => ({ event: 'step', epoch, step, loss: number(loss) });

/** @param {any} raw @param {number} seconds @returns {import('./index.d.ts').EpochEvent} */
export const epochEvent = (raw, seconds) => ({
  event: 'epoch',
  epoch: raw.epoch,
  loss: number(raw.loss),
  accuracy: number(raw.accuracy),
  validationLoss: number(raw.validationLoss),
  validationAccuracy: number(raw.validationAccuracy),
  learningRate: raw.learningRate,
  seconds: Math.round(seconds * 1e6) / 1e6,
  bestEpoch: raw.bestEpoch,
  patienceLeft: raw.patienceLeft,
});

/** @param {any} raw @param {number} memoryBytes @returns {import('./index.d.ts').EndEvent} */
export const endEvent = (raw, memoryBytes) => ({
  event: 'end',
  reason: raw.reason,
  epoch: raw.epoch,
  bestEpoch: raw.bestEpoch,
  loss: number(raw.loss),
  validationLoss: number(raw.validationLoss),
  validationAccuracy: number(raw.validationAccuracy),
  weightsSha256: raw.weightsSha256,
  message: raw.message,
  memoryBytes,
});
