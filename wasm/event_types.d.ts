// What a run tells: as it is opened, on its way, and at its end. Part of index.d.ts.
import type { TransferStart } from './transfer_types.js';

/** What was opened. */
export interface StartEvent extends TransferStart {
  /** What the frozen part of the network makes of samples is kept; absent where nothing is frozen. */
  features?: FeatureCache;
  event: 'start';
  /** Numbers that training changes. */
  parameters: number;
  /** In the training part, and in the validation part. */
  samples: number;
  validationSamples: number;
  threads: number;
  simd: boolean;
  build: 'single' | 'threads';
  /** Why this build, and this many threads; where those that were wanted did not start (within three seconds), why not. */
  reason: string;
  /** Bytes of the engine's memory, data included: all that the run is planned to take. */
  memoryBytes: number;
  layers: LayerReport[];
  /** In the order of the labels; empty for regression. */
  classNames: string[];
  stepsPerEpoch: number;
  /** Of one sample: height, width, channels. */
  shape: [number, number, number];
  /**
   * Classes, or numbers of a regression: K of every answer's (N,K). Also where a network has one output for two classes (with
   * binaryCrossEntropy); its sigmoid is the probability of the second class, and what is missing to 1 that of the first.
   */
  outputs: number;
  /**
   * How many folds cross-validation can have: samples of the class with the fewest, or groups where the split keeps them together. Less
   * than 2: none.
   */
  mostFolds: number;
  /** How a picture, or a row, becomes an input of this network. */
  preparation: import('./preparation_types.d.ts').Preparation;
  /**
   * Sentences on what is no obstacle but should be known: what was left out of a folder of pictures or of a table, or was filled;
   * classes without samples, samples without a group, a batch of which batch normalization learns nothing; `weights` whose inputs were
   * made in another way than the set's, or that may be of a version in which padding was another. Mostly empty.
   */
  notes: string[];
}
/**
 * While nothing below a layer learns, a sample goes through what is below only once (with augmentation: once for each of its
 * `augmentationViews`). The weights at the end are the same bits as without.
 */
export interface FeatureCache {
  /** Of one sample, float32. */
  numbers: number;
  /** So many are kept, at most, then the oldest are dropped; 0: none. */
  samples: number;
  /** What they take, at most. */
  bytes: number;
}
export interface LayerReport {
  index: number;
  type: string;
  outputShape: [number, number, number];
  parameters: number;
  trainable: boolean;
}
/** `loss`: of this batch, penalty included. `step` counts from 1 over the whole run. */
export interface StepEvent {
  event: 'step';
  epoch: number;
  step: number;
  loss: number;
}
/**
 * `loss` and `accuracy`: means over the samples as they were seen, in training mode, the loss with its penalty. The two of
 * validation are NaN where there is no validation part. `accuracy` is NaN for regression.
 */
export interface EpochEvent {
  event: 'epoch';
  /** From 1 on. */
  epoch: number;
  loss: number;
  accuracy: number;
  validationLoss: number;
  validationAccuracy: number;
  learningRate: number;
  /** That this epoch took, its validation included, pauses not. */
  seconds: number;
  /** 0: none yet. */
  bestEpoch: number;
  /** Epochs without improvement that are left; null: no early stopping. */
  patienceLeft: number | null;
}
/** The last event. The numbers are those of the weights now in place: the best epoch's, if they were restored. */
export interface EndEvent {
  event: 'end';
  reason: 'epochs' | 'earlyStopping' | 'diverged' | 'interrupted';
  epoch: number;
  bestEpoch: number;
  loss: number;
  validationLoss: number;
  validationAccuracy: number;
  /** Of the weights alone: of the file that `saveWeights` gives, without its `__metadata__`. */
  weightsSha256: string;
  /** The reason as a sentence. */
  message: string;
  /** The most that the engine's memory held, in bytes. */
  memoryBytes: number;
}
export type TrainingEvent = StepEvent | EpochEvent | EndEvent;
