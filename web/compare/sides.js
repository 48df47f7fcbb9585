/**
 * The two sides of each comparison, A without and B with. On the digits each technique has a situation in which it shows (few pictures, no
 * batch norm to hide its effect); everything else is compared on the settings of the page.
 */
import { defaultExperiment, hasPictures, isGrouped, isPhotos } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { state } from '../app/state.js';
import { inWay } from '../data/own.js';
import { kLargestBatch } from '../tricks/mini_batch.js';
import { hasGroups } from '../tricks/splitting.js';

/** Without early stopping, so that both sides have equally many epochs. */
const plain = (experiment, epochs) => ({ ...settings.withEarlyStopping(experiment, null), epochs });

/** Ten digits a class to learn from, and the other 1,700 to judge by, so that a small difference is seen. */
function fewDigits(now) {
  const base = defaultExperiment('digits');
  return plain({ ...base, seed: now.seed, validationSplit: 0.945 }, 60);
}

const onDigits = (now) => now.dataset === 'digits';

/** All that is learned from in one batch, as far as memory goes. */
const wholeSet = () => Math.min(kLargestBatch, state.data?.training.length ?? 1024);

/**
 * What the three regimes and a start from scratch are compared on: photos, each way with its own recipe; the page's settings; or ten
 * pictures of each of four kinds of clothes.
 */
function transferSides(now) {
  if (isPhotos(now.dataset)) {
    const [a, b, c, d] = ['scratch', 'all', 'most', 'none'].map(inWay);
    return { a, b, c, d, areWays: true };
  }
  const clothes = {
    ...defaultExperiment('fashion-4'),
    seed: now.seed,
    validationSplit: 0.5,
    samplesPerClass: 10,
    batchSize: 20,
    epochs: 20,
  };
  const base = settings.withEarlyStopping(now.transfer ? now : clothes, null);
  const weights = now.transfer?.weights ?? 'fashion-6';
  return {
    a: settings.withTransfer(base, null),
    b: settings.withTransfer(base, weights, 'all'),
    c: settings.withTransfer(base, weights, 'most'),
    d: settings.withTransfer(base, weights, 'none'),
    target: 0.75,
    preset: base.samplesPerClass ?? null,
  };
}

/**
 * Each: the settings of the page to {a, b, and perhaps c, d; preset?; target?: judged by the epochs until so many are right; areWays?: A is
 * judged against the best of the others}.
 */
export const sides = {
  'learning-rate': (now) => ({
    a: now,
    b: settings.withLearningRate(now, Math.min(10, settings.learningRate(now) * 100)),
  }),
  schedule: (now) => {
    // A rate that is too large at the end, with few pictures a step: what a falling one is for.
    const fast = { ...defaultExperiment('digits'), seed: now.seed, validationSplit: 0.5, batchSize: 8 };
    const { learningRateSchedule: _, ...base } = onDigits(now)
      ? plain(settings.withLearningRate(fast, 0.03), 10)
      : plain(now, now.epochs);
    return { a: base, b: { ...base, learningRateSchedule: now.learningRateSchedule ?? { type: 'cosine' } } };
  },
  'batch-normalization': (now) => {
    const few = onDigits(now);
    const base = few
      ? { ...plain(defaultExperiment('digits'), 20), seed: now.seed, validationSplit: 0.722 }
      : plain(now, 20);
    const slow = { ...base, optimizer: { type: 'momentum', learningRate: 0.003 } };
    return {
      a: settings.withBatchNormalization(slow, false),
      b: settings.withBatchNormalization(slow, true),
      preset: few ? 50 : null,
    };
  },
  augmentation: (now) => {
    const base = onDigits(now) ? fewDigits(now) : plain(now, Math.min(now.epochs, 60));
    const gentle = settings.withGentleAugmentation(base, hasPictures(now.dataset));
    const chosen = now.augmentation.length ? { ...base, augmentation: now.augmentation } : gentle;
    return { a: { ...base, augmentation: [] }, b: chosen, preset: onDigits(now) ? 10 : null };
  },
  'flip-trap': (now) => {
    const base = onDigits(now) ? fewDigits(now) : plain({ ...now, augmentation: [] }, Math.min(now.epochs, 60));
    const b = settings.withAugmentation(base, 'flip', { horizontal: 0.5 });
    return { a: base, b, preset: onDigits(now) ? 10 : null };
  },
  dropout: (now) => {
    const base = onDigits(now) ? settings.withBatchNormalization(fewDigits(now), false) : plain(now, now.epochs);
    return {
      a: settings.withDropout(base, 0),
      b: settings.withDropout(base, settings.dropoutRate(now) || 0.5),
      preset: onDigits(now) ? 10 : null,
    };
  },
  l2: (now) => {
    const base = onDigits(now) ? settings.withBatchNormalization(fewDigits(now), false) : plain(now, now.epochs);
    const on = now.l1 || now.l2 ? { l1: now.l1, l2: now.l2 } : { l1: 0, l2: 0.003 };
    return { a: { ...base, l1: 0, l2: 0 }, b: { ...base, ...on }, preset: onDigits(now) ? 10 : null };
  },
  'early-stopping': (now) => {
    const base = onDigits(now) ? settings.withBatchNormalization(fewDigits(now), false) : plain(now, now.epochs);
    return {
      a: base,
      b: settings.withEarlyStopping(base, { patience: now.earlyStopping?.patience ?? 5 }),
      preset: onDigits(now) ? 10 : null,
    };
  },
  optimizer: (now) => ({
    a: plain({ ...now, optimizer: { type: 'sgd', learningRate: settings.learningRate(now) } }, 15),
    b: plain(now.optimizer.type === 'sgd' ? settings.withOptimizer(now, 'adam') : now, 15),
  }),
  initialization: (now) => {
    const base = settings.withBatchNormalization(plain(now, 15), false);
    const name = settings.initializer(now);
    return {
      a: settings.withInitializer(base, 'smallUniform'),
      b: settings.withInitializer(base, name === 'smallUniform' ? 'glorotUniform' : name),
    };
  },
  'mini-batch': (now) => {
    const [a, b, c] = [wholeSet(), 32, 1].map((batchSize) => plain({ ...now, batchSize }, 10));
    return { a, b, c };
  },
  transfer: transferSides,
  splitting: (now) => {
    const base = plain(now, isGrouped(now.dataset) ? 20 : 15);
    return {
      a: settings.withSplitBy(base, 'random'),
      b: settings.withSplitBy(base, hasGroups(now) ? 'group' : 'fileOrder'),
    };
  },
  'fewer-pictures': (now) => ({
    a: settings.withSamplesPerClass(now, null),
    b: settings.withSamplesPerClass(now, 10),
  }),
};
