// k-fold cross-validation: the set is cut into k parts, each is held back once while a network of its own learns from the others, and every
// sample is judged by the one that has not seen it (Stone, "Cross-validatory choice and assessment of statistical predictions", 1974). The
// core says what is in each part: groups stay together. All runs are of one seed, one after the other, so threads change nothing.
import { connect } from './client.js';
import { inWords, problem, toJson } from './experiment.js';
import { wilson } from './interval.js';
import { Trainer, startOf } from './trainer.js';

const kFolds = 5;
const kMostFolds = 100;

/**
 * @typedef {import('./index.d.ts').CrossValidation} CrossValidation
 * @typedef {import('./index.d.ts').CrossValidationOptions} CrossValidationOptions
 */

/**
 * @param {unknown} experiment
 * @param {CrossValidationOptions} [options]
 * @returns {Promise<CrossValidation>}
 */
export async function crossValidate(experiment, { folds = kFolds, signal, onProgress, ...options } = {}) {
  if (!(Number.isInteger(folds) && folds >= 2 && folds <= kMostFolds)) {
    throw problem('folds', `an integer from 2 to ${kMostFolds}`, inWords(folds));
  }
  const json = withoutValidation(toJson(experiment));
  const { sameThread, threads, base, ...rest } = options;
  const conversation = await connect({ sameThread, threads });
  try {
    const { data, files, ...others } = rest;
    const sets = await conversation.call('loadSets', { json, options: { data, files, base: startOf(base) } });
    const open = async (/** @type {number} */ index, /** @type {number} */ count) => {
      signal?.throwIfAborted();
      const request = { json, options: { ...others, base: startOf(base) }, sets, fold: { index, count } };
      return new Trainer(conversation, await conversation.call('open', request));
    };
    const { start, experiment: whole } = await open(0, 0);
    const count = Math.min(folds, start.mostFolds);
    if (count < 2) throw problem('folds', 'of a set with at least 2 samples, or groups, of each class', '1');
    const told = [];
    for (let index = 0; index < count; index++) {
      const trainer = await open(index, count);
      onProgress?.(index / count);
      const onShare = (/** @type {number} */ share) => onProgress?.((index + share) / count);
      const reason = await trained(trainer, Number(whole.epochs), signal, onShare);
      const { validation } = await trainer.split();
      told.push({ ...(await trainer.evaluate()), validation, reason, samplesLearned: trainer.start.samples });
    }
    onProgress?.(1);
    return summary(told, start);
  } finally {
    await conversation.close();
  }
}

/** Parts of the set are what is judged by. @param {string} json */
function withoutValidation(json) {
  const { dataset, ...experiment } = JSON.parse(json);
  if (typeof dataset !== 'object' || dataset === null) return json;
  const { validation: _validation, ...one } = dataset;
  return JSON.stringify({ ...experiment, dataset: one });
}

/**
 * Trains to the end of the run, and tells why it ended.
 * @param {Trainer} trainer
 * @param {number} epochs
 * @param {AbortSignal | undefined} signal
 * @param {(share: number) => void} onShare
 */
async function trained(trainer, epochs, signal, onShare) {
  for await (const event of trainer.train({ signal })) {
    if (event.event === 'epoch') onShare(event.epoch / epochs);
    if (event.event === 'end') return event.reason;
  }
  throw signal?.reason;
}

/**
 * @param {Array<import('./index.d.ts').Evaluation & { validation: Int32Array, samplesLearned: number,
 *   reason: import('./index.d.ts').EndEvent['reason'] }>} told
 * @param {import('./index.d.ts').StartEvent} start
 * @returns {CrossValidation}
 */
function summary(told, { classNames, outputs, notes }) {
  const samples = told.reduce((sum, { samples: some }) => sum + some, 0);
  const mean = (/** @type {(one: typeof told[number]) => number} */ of) =>
    told.reduce((sum, one) => sum + of(one) * one.samples, 0) / samples;
  const right = told.reduce((sum, one) => sum + Math.round(one.accuracy * one.samples), 0);
  const confusion = told
    .map((one) => one.confusion)
    .reduce((sum, one) => sum.map((row, label) => row.map((value, said) => value + one[label][said])));
  const indices = new Int32Array(samples);
  const probabilities = new Float32Array(samples * outputs);
  let at = 0;
  for (const one of told) {
    indices.set(one.validation, at);
    probabilities.set(one.probabilities, at * outputs);
    at += one.samples;
  }
  const hasAccuracy = !Number.isNaN(right);
  return {
    folds: told.map(({ loss, accuracy, samples: judged, samplesLearned, reason }) => {
      return { loss, accuracy, samples: judged, samplesLearned, reason };
    }),
    samples,
    loss: mean(({ loss }) => loss),
    accuracy: hasAccuracy ? right / samples : NaN,
    ...(hasAccuracy && { interval: wilson(right, samples) }),
    classNames,
    confusion,
    indices,
    probabilities,
    notes,
  };
}
