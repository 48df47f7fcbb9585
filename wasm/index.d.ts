/**
 * Trainground: trains neural networks in the page or in Node, on the user's own pictures, with nothing leaving the machine.
 * The same experiment, data and seed give the same weights, bit for bit, for any number of threads, in every browser and in Node.
 *
 * ```js
 * import { Trainer } from 'trainground';
 * const trainer = await Trainer.open({ dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });
 * for await (const event of trainer.train()) console.log(event);
 * ```
 *
 * Bad input rejects with an `InputError` that names every problem at once. Any other error is a fault of the machine or of the
 * engine (memory used up, files of the package not served); the trainer is then of no more use, and the next one starts afresh.
 */

/**
 * The experiment file, in the order of the data's path. Only `layers` must be given. Names are Keras's, mathematics and its defaults
 * PyTorch's. `options()` tells every option with its default and range.
 */
export interface Experiment {
  /** 0 to 2^53-1, default 1. Every random number is a function of it. */
  seed?: number;
  /** A built-in set's name (see `datasets()`), or a description. Absent: `data` is passed to `Trainer.open`. */
  dataset?: string | DatasetDescription;
  /** Share of each class kept out of training, 0 to 0.99, default 0.2. */
  validationSplit?: number;
  /**
   * `random` draws from each class, `fileOrder` keeps the last samples of the set out, `group` keeps samples of one group on one side.
   * Absent: `group` where the data has groups, else `random`.
   */
  splitBy?: 'random' | 'fileOrder' | 'group';
  /** At most so many samples of each class are learned from, 2 to 1,000,000, drawn after the split. Absent: all. */
  samplesPerClass?: number;
  /** Default true: every epoch visits the samples in a new order. */
  shuffle?: boolean;
  /** Transforms of training samples, on the fly, in this order. Default none. */
  augmentation?: AugmentationDescription[];
  /** The network from input to output; its last layer gives the logits. */
  layers: LayerDescription[];
  /** Start from trained weights: a name of `backbones()`, or a file, of which what fits is taken (`StartEvent.transfer` tells what). */
  transfer?: { weights: string; freeze?: 'all' | 'most' | 'none' };
  /** Default `crossEntropy`. `labelSmoothing`: 0 to 1, default 0, of crossEntropy. */
  loss?: LossType | { type: LossType; labelSmoothing?: number };
  /** Adds l1 times the sum of |w| over kernels to the loss. Default 0. */
  l1?: number;
  /** Adds l2 times the sum of w² over kernels to the loss (half of what PyTorch calls weight_decay). Default 0. */
  l2?: number;
  /** The cheat sheet's form of both: lambda [(1-alpha) Σ|w| + alpha Σw²]. */
  elasticNet?: { lambda: number; alpha: number };
  /** Default `adam`. */
  optimizer?: OptimizerType | OptimizerDescription;
  /** Default `constant`. */
  learningRateSchedule?: ScheduleType | ScheduleDescription;
  /** Samples per step, from 1 on, default 32. */
  batchSize?: number;
  /** From 1 on, default 20. */
  epochs?: number;
  /** Default false; true: convolutions without Winograd's algorithm, for comparisons at the last digits. */
  exact?: boolean;
  /** Absent: the run goes through all epochs. */
  earlyStopping?: {
    /** Default `validationLoss`. */
    monitor?: 'validationLoss' | 'validationAccuracy';
    /** Epochs without improvement before the run ends, default 0. */
    patience?: number;
    /** Only a change for the better of more than this counts, default 0. */
    minDelta?: number;
    /** The first so many epochs are not watched, default 0. */
    startFromEpoch?: number;
    /** Default false. The best epoch's weights are put back, however the run ends. */
    restoreBestWeights?: boolean;
  };
}

/**
 * An experiment as a JSON module is typed, whose texts may be any. What is written in the program itself is an `Experiment`, word by word; a
 * file is checked as it is opened, or by `check`.
 */
export interface ExperimentModule {
  layers: Array<{ type: string }>;
}
export type OfModule<E extends ExperimentModule> = string extends E['layers'][number]['type'] ? E : never;

export type LossType = 'crossEntropy' | 'binaryCrossEntropy' | 'meanSquaredError';
export type OptimizerType = 'sgd' | 'momentum' | 'rmsprop' | 'adam' | 'adamw' | 'adagrad' | 'adadelta';
export type ScheduleType = 'constant' | 'step' | 'exponential' | 'cosine' | 'reduceOnPlateau';
export type ActivationName = 'linear' | 'relu' | 'relu6' | 'leakyRelu' | 'elu' | 'gelu' | 'silu' | 'tanh' | 'sigmoid';

/** The rule of the update and its numbers; which of them count depends on `type`. */
export interface OptimizerDescription {
  type?: OptimizerType;
  /** Default 0.001 for adam, adamw, rmsprop; 0.01 for sgd, momentum, adagrad; 1 for adadelta. */
  learningRate?: number;
  momentum?: number;
  nesterov?: boolean;
  rho?: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  weightDecay?: number;
  /** Gradients whose norm is larger are scaled down together; 0, the default: never. */
  clipNorm?: number;
}

export interface ScheduleDescription {
  type?: ScheduleType;
  warmupEpochs?: number;
  stepEpochs?: number;
  factor?: number;
  minimum?: number;
  patience?: number;
  minDelta?: number;
}

/**
 * One transform; each may carry `probability` (0 to 1, default 1): `flip` (horizontal, vertical: probabilities), `rotation` (degrees),
 * `randomCrop` (scale: [from, to]), `colorShift` (brightness, saturation, hue), `noise` (stddev), `cutout` (size), `contrast` (range:
 * [from, to]), `shift` (pixels).
 */
export interface AugmentationDescription {
  type: 'flip' | 'rotation' | 'randomCrop' | 'colorShift' | 'noise' | 'cutout' | 'contrast' | 'shift';
  [option: string]: unknown;
}

/**
 * Where samples come from. Relative names start at `OpenOptions.base`; gzip is seen by its magic.
 * - `builtIn`: `name`
 * - `images` (Node only; a page passes `data`): `path`, a folder with one folder of pictures per class (`classesOf` says which; links count as
 *   what they lead to), or a Teachable Machine project (`.tm`, in a page too, by `files`; its classes keep their order); `size`, `channels`,
 *   `fit` (crop, pad, stretch). Bursts (`findBursts`) and near duplicates are groups. What is left out, as pictures that do not decode, is
 *   told in the start event's `notes`; a class of which nothing decodes is refused
 * - `idx`: `images`, `labels`
 * - `csv`: a table, CSV or TSV (`table_types.d.ts` says which): `path`, `label`, `groups`. All other columns are inputs: numbers, and
 *   categories one-hot. `leaveOut` names columns that are not, `categories` columns of numbers that are categories (or of texts that
 *   differ in nearly every row, which are left out otherwise). A missing number is the training part's median, a missing category one
 *   of its own; the start event's notes and `preparation` tell. With `meanSquaredError` the label's column is numbers, unless all of it
 *   is words; else whole numbers and words are classes, numbers with fractions targets. A validation file is read as the set to learn
 *   from was
 * - `safetensors`: `path`, `inputs` (uint8 or floats, (N,H,W,C), (N,H,W) or (N,D)), `labels` (integers (N), or floats (N,K) or (N) for
 *   regression), `groups` (integers (N))
 * - `points`: `shape` (moons, circles, xor, gaussians, spiral), `samples`, `noise`
 *
 * `normalize` standardises each channel with the training part's mean and deviation (of a table: the numbers). `normalizeLabel`, of
 * csv and safetensors for a regression, has the network learn the label so too (its last layer is dense, without an activation): losses
 * are then those of the standardised label, while predictions and saved weights are in its own unit. `validation`, of the same form,
 * replaces the split.
 */
export interface DatasetDescription {
  type: 'builtIn' | 'images' | 'idx' | 'csv' | 'safetensors' | 'points';
  normalize?: boolean;
  normalizeLabel?: boolean;
  validation?: string | DatasetDescription;
  [option: string]: unknown;
}

export * from './array_types.js';
export * from './builtin_types.js';
export * from './card_types.js';
export * from './cross_validation_types.js';
export * from './event_types.js';
export * from './export_types.js';
export * from './familiarity_types.js';
export * from './import_types.js';
export * from './layer_types.js';
export * from './picture_types.js';
export * from './preparation_types.js';
export * from './sweep_types.js';
export * from './table_types.js';
export * from './transfer_types.js';

/** One thing wrong with an input: where, what was expected, what was given. */
export interface Problem {
  /** As in `layers[2].rate`. */
  path: string;
  /** As in `a number from 0 to 0.95`. */
  expected: string;
  given: string;
}

/** Thrown (or rejected) for bad input; `problems` holds all of them at once, `message` says them in words, one a line. */
export class InputError extends TypeError {
  constructor(problems: Problem[]);
  problems: Problem[];
}

/**
 * (N,H,W,C): uint8, scaled to 0..1 by the engine; or numbers, taken as they are. Float64 is rounded to float32 only once it is
 * normalized, so that what is large against its spread (timestamps, say) keeps its differences.
 */
export type Inputs = Uint8Array | Float32Array | Float64Array;

/** Samples in memory. Their buffers are copied, unless `OpenOptions.transfer` hands them over. */
export interface Samples {
  inputs: Inputs;
  shape: [height: number, width: number, channels: number];
  /** (N) classes, counted from 0. Either these or `targets`. */
  labels?: ArrayLike<number>;
  /** (N,K) numbers, for regression. */
  targets?: Float32Array;
  /** In the order of the labels. Absent: the classes are called by their numbers. */
  classNames?: string[];
  /** (N): samples of one group stay on the same side of the split (several pictures of one thing, say). */
  groups?: ArrayLike<number>;
  /**
   * Groups are bursts, in the order in which they were taken: of a class that is one burst alone, its last part is held back, and half as
   * many before it are in neither part. Default false: such a class is all learned from.
   */
  bursts?: boolean;
}

export interface OpenOptions extends TransferOptions {
  /** The data, in place of what the experiment's `dataset` names. */
  data?: Samples;
  /** A validation set, in place of the split. */
  validationData?: Samples;
  /** Hands the buffers of `data` and `validationData` to the engine: no copy, but the caller's arrays are empty afterwards. Default false. */
  transfer?: boolean;
  /**
   * 1 to 8; default: the machine's cores, at most 4. In a browser more than one only where the page is cross-origin isolated
   * and the browser has SharedArrayBuffer (WebKitGTK has not); `StartEvent.reason` tells. Results do not depend on it.
   */
  threads?: number;
  /** Weights to start from: a safetensors file's bytes, as `loadWeights` takes them. */
  weights?: Uint8Array;
  /** A checkpoint of the same experiment and data to go on from, bit for bit. */
  resume?: Uint8Array;
  /**
   * Files that stand for names in the experiment's `dataset` (a `path`, `images`, `labels`, also those of `validation`) instead of being
   * read from disk or fetched: what was dropped on a page, say. Gzip is seen by its magic here too.
   */
  files?: Record<string, Uint8Array | Blob>;
  /** Where relative names start: a folder in Node (default: the working directory), a URL in a browser (default: the page's). */
  base?: string;
  /**
   * Run the engine in this thread instead of a worker, which blocks it while training: in a browser for a twentieth of a second at a time, and
   * with one thread. Default false; true in a SharedWorker, which may have no workers.
   */
  sameThread?: boolean;
}

/** One run: an engine with a network and its data, in a worker of its own, so several trainers work side by side. */
export class Trainer {
  private constructor();
  /** Checks the experiment, loads its data, builds the network. Rejects with `InputError` naming every problem. */
  static open<const E extends ExperimentModule>(experiment: E & OfModule<E>, options?: OpenOptions): Promise<Trainer>;
  static open(experiment: Experiment, options?: OpenOptions): Promise<Trainer>;
  readonly start: StartEvent;
  /** The experiment with every default written out. */
  readonly experiment: Experiment;
  /**
   * Trains until the end of the run, yielding each event (`steps: true` adds an event per step). Leaving the loop pauses, and so does
   * aborting `signal`, after the events that have happened by then (at most a twentieth of a second); calling it again goes on.
   * Training is pulled, so a loop that does not ask is a pause. Left at an epoch's event, the network stands exactly there; with
   * `steps` it may be some steps ahead, whose events come first when it is called again: use `step()` to stand still at a step.
   * While a batch goes through a frozen part for the first time, `onProgress` hears which share of it has, 0 to 1.
   */
  train(options?: {
    signal?: AbortSignal;
    steps?: boolean;
    onProgress?: (share: number) => void;
  }): AsyncIterableIterator<TrainingEvent>;
  /** Exactly one training step (its epoch's validation too, where it is the last); at the end of the run, the end event. */
  step(): Promise<TrainingEvent[]>;
  /** Ends the run here: restores the best weights if asked for, and tells the end event with reason `interrupted`. */
  finish(): Promise<EndEvent>;
  /** From the next step on, 0 to 1000; the schedule goes on from it. */
  setLearningRate(learningRate: number): Promise<void>;
  /**
   * Loss and accuracy on the validation part (or on `data`), in inference mode, without penalty; with the confusion matrix (row:
   * label, column: prediction) and each sample's probabilities (N,K), K being `StartEvent.outputs`.
   */
  evaluate(data?: Samples): Promise<Evaluation>;
  /** Probabilities (N,K) of pictures, (N,H,W,C) as the set has them; outputs themselves for regression. `outputs`: K, as the start event has it. */
  predict(inputs: Inputs): Promise<{ probabilities: Floats; outputs: number }>;
  /** The same of pictures, by `start.preparation`; those that cannot be read are named, and have no row. */
  predictImages(
    files: Iterable<Blob | Uint8Array | string>,
    options?: Pick<DecodeOptions, 'signal' | 'onProgress'>,
  ): Promise<import('./preparation_types.d.ts').ImageAnswers>;
  /** Samples of the set: their pixels in 0..1 (N,H,W,C), and labels (empty for regression). */
  samples(indices: ArrayLike<number>): Promise<{ inputs: Floats; labels: Integers }>;
  /** Which samples are in which part (indices into the set; into the validation set, where it has its own), and every label. */
  split(): Promise<{ training: Integers; validation: Integers; labels: Integers }>;
  /** The very pixels that `epoch` (from 1 on) trains on for these samples of the set, (N,H,W,C) in 0..1. */
  preview(epoch: number, indices: ArrayLike<number>): Promise<Floats>;
  /** Every tensor of the network: its name as saved, PyTorch's shape, and whether it is trained. */
  tensors(): Promise<Array<{ name: string; shape: number[]; trainable: boolean; sha256: string }>>;
  /** A tensor's values, in PyTorch's layout. */
  tensor(name: string): Promise<Floats>;
  /** A tensor's gradient in the last step. */
  gradient(name: string): Promise<Floats>;
  /** What each layer puts out for these inputs, in inference mode: (N, output shape) each. */
  activations(inputs: Inputs): Promise<Array<import('./inspection.js').LayerOutput>>;
  /**
   * A safetensors file with PyTorch's names and layout. Its `__metadata__` says what is needed to use it: see `describeWeights`.
   */
  saveWeights(): Promise<Bytes>;
  /**
   * Takes every tensor of the network from a safetensors file, by name: F32, F16, BF16, F64 rounded, integers up to 2^24. Rejects if one
   * is missing, has another shape, or is not finite, and changes nothing then. What else is in the file is told, not judged. Where the
   * file names its classes, they are matched by name, in whatever order they are; other classes are refused.
   */
  loadWeights(file: Uint8Array): Promise<{ unused: import('./transfer_types.js').TensorPlace[] }>;
  /** Of the weights alone: of the file that `saveWeights` gives, without its `__metadata__`; in hexadecimal. */
  weightsSha256(): Promise<string>;
  /** The network as it stands, for another program: see `exportNetwork`. */
  export(to: import('./export_types.js').ExportTarget): Promise<Bytes>;
  /** Everything needed to go on, bit for bit: pass it as `resume` to `open`. */
  checkpoint(): Promise<Bytes>;
  /** Of all samples as they were decoded, in their order, as a card tells it; in hexadecimal. */
  dataSha256(): Promise<string>;
  /** The end event of a run that has ended. */
  readonly end?: EndEvent;
  /** What of this run its experiment does not tell. */
  readonly deviations: import('./card_types.js').Deviation[];
  /**
   * Frees the run, its engine and the engine's worker; of engines that hold at most 32 MiB one waits ten seconds for the next run, which then
   * opens at once. What is asked afterwards rejects.
   */
  dispose(): Promise<void>;
}

import type { Bytes, Floats, Integers } from './array_types.js';
import type { Evaluation, Examinations } from './checks.d.ts';
import type { Inspection } from './inspection.d.ts';
import type { Familiarities } from './familiarity_types.js';
import type { EndEvent, StartEvent, TrainingEvent } from './event_types.js';
import type { LayerDescription } from './layer_types.js';
import type { DecodeOptions } from './picture_types.js';
import type { TransferOptions } from './transfer_types.js';
import type { RowPredictions } from './table_types.js';
export interface Trainer extends Examinations, Familiarities, Inspection, RowPredictions {}
export type * from './checks.d.ts';
export type * from './inspection.d.ts';

/** What holds for all that is opened from now on. */
export interface Settings {
  /**
   * Where the package's own files lie (the builds in `dist/`, built-in sets in `data/`, `engine_worker.js`, `picture_worker.js`): a folder's URL,
   * or a function from a path as in `dist/single.wasm` to a URL, which may be a Blob's; undefined where a file stays where it was. Default: beside
   * the modules, or where a bundler has put them. Another origin must allow it (`Access-Control-Allow-Origin`).
   */
  assets?: string | URL | ((path: string) => string | URL | undefined);
}

/** Replaces all settings. Throws `InputError` where `assets` is no place. */
export function configure(settings: Settings): void;

/** All problems of an experiment, without loading its data. */
export function check(experiment: unknown): Promise<Problem[]>;

/** The one table of options, in the file's order. */
export function options(): Promise<OptionRow[]>;
export interface OptionRow {
  path: string;
  type: string;
  default: unknown;
  minimum?: number;
  maximum?: number;
  /** Of an integer, from its minimum on. Absent: 1. */
  step?: number;
  choices?: string[];
  unit?: string;
  description: string;
}
