// Cross-validation, and how sure a share is. Part of index.d.ts.
import type { Floats, Integers } from './array_types.js';
import type { CheckOptions } from './checks.d.ts';
import type { EndEvent } from './event_types.js';
import type { Experiment, ExperimentModule, OfModule, OpenOptions } from './index.d.ts';

/**
 * Trains one network for each of k parts of the set, which learns from the others, and judges every sample by the network that has not
 * seen it. Parts hold about as many of each class; groups stay together, unless `splitBy` is `random`. A class that is one burst alone is
 * cut by time, and beside a part that is held back half as many pictures are not learned from. `validationSplit` and a validation set of
 * its own are passed over. Takes k times what a run takes; the same for any number of threads. Rejects with `InputError` where a class has
 * less than 2 samples, or groups.
 */
export function crossValidate<const E extends ExperimentModule>(
  experiment: E & OfModule<E>,
  options?: CrossValidationOptions,
): Promise<CrossValidation>;
export function crossValidate(experiment: Experiment, options?: CrossValidationOptions): Promise<CrossValidation>;
export interface CrossValidationOptions
  extends CheckOptions, Omit<OpenOptions, 'validationData' | 'resume' | 'weights' | 'transfer' | 'onProgress'> {
  /** 2 to 100, default 5; at most `StartEvent.mostFolds` are made. */
  folds?: number;
}
export interface CrossValidation {
  /** In turn: what each network says of the part that it has not seen. */
  folds: Array<{
    loss: number;
    accuracy: number;
    samples: number;
    samplesLearned: number;
    /** Why its run ended. */
    reason: EndEvent['reason'];
  }>;
  /** Of all folds together. */
  samples: number;
  /** Mean over all samples; so is the accuracy, which is NaN for a regression. */
  loss: number;
  accuracy: number;
  /** Wilson's 95 % interval of the accuracy. */
  interval?: [low: number, high: number];
  classNames: string[];
  /** Row: label, column: prediction; empty for regression. */
  confusion: number[][];
  /** (N) which sample of the set each row of `probabilities` is of; and these, (N,K). */
  indices: Integers;
  probabilities: Floats;
  /** Those of `StartEvent`. */
  notes: string[];
}

/**
 * The interval in which a share lies with 95 % that was counted on few samples (Wilson, 1927). It takes them as independent of one
 * another: frames of one burst are less, and the true interval then is wider.
 */
export function wilson(right: number, samples: number): [low: number, high: number];
/** 1000: with more samples than these an interval is not worth telling. */
export const fewSamples: number;
