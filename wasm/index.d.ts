/**
 * Trainground: trains neural networks in the page or in Node, on the user's own pictures, with nothing leaving the machine.
 * The same experiment, data and seed give the same weights, bit for bit, for any number of threads, in every browser and in Node.
 */

/** The experiment file. Every option, its default and its range: `options()`. */
export interface Experiment {
  seed?: number;
  dataset?: string | DatasetDescription;
  validationSplit?: number;
  shuffle?: boolean;
  augmentation?: Array<{ type: string; [option: string]: unknown }>;
  layers: LayerDescription[];
  transfer?: { weights: string; freeze?: 'all' | 'most' | 'none' };
  loss?: string | { type: string; labelSmoothing?: number };
  l1?: number;
  l2?: number;
  elasticNet?: { lambda: number; alpha: number };
  optimizer?: { type: string; learningRate?: number; [option: string]: unknown };
  learningRateSchedule?: { type: string; warmupEpochs?: number; [option: string]: unknown };
  batchSize?: number;
  epochs?: number;
  exact?: boolean;
  earlyStopping?: { monitor?: 'validationLoss' | 'validationAccuracy'; patience?: number; minDelta?: number; startFromEpoch?: number; restoreBestWeights?: boolean };
}
export interface LayerDescription { type: string; [option: string]: unknown }
export interface DatasetDescription { type: 'images' | 'idx' | 'csv' | 'safetensors' | 'points'; [option: string]: unknown }

/** One thing wrong with an input: where, what was expected, what was given. */
export interface Problem { path: string; expected: string; given: string }

/** Thrown (or rejected) for bad input; `problems` holds all of them at once, `message` says them in words, one a line. */
export class InputError extends TypeError { problems: Problem[] }

/** Samples in memory: `inputs` (N,H,W,C), uint8 (scaled to 0..1) or float32; `labels` (N) classes, or `targets` (N,K) for regression. */
export interface Samples {
  inputs: Uint8Array | Float32Array;
  shape: [height: number, width: number, channels: number];
  labels?: ArrayLike<number>;
  targets?: Float32Array;
  classNames?: string[];
  groups?: ArrayLike<number>;
}

export interface OpenOptions {
  /** The data, where the experiment's `dataset` does not name something that can be loaded by itself. */
  data?: Samples;
  validationData?: Samples;
  /** Threads; default: as many as help (browser: only where the page is cross-origin isolated). */
  threads?: number;
  /** Weights to start from: a safetensors file's bytes. */
  weights?: Uint8Array;
  /** A checkpoint to go on from, bit for bit. */
  resume?: Uint8Array;
  /** Node: where relative paths of the experiment start. Default: the working directory. Browser: base URL. */
  base?: string;
  /** Node only: run the engine in this thread instead of a worker. Default false. */
  sameThread?: boolean;
}

export interface StartEvent { event: 'start'; parameters: number; samples: number; validationSamples: number; threads: number; simd: boolean; build: 'single' | 'threads'; reason: string; layers: LayerReport[]; classNames: string[]; stepsPerEpoch: number; shape: [number, number, number]; outputs: number }
export interface LayerReport { index: number; type: string; outputShape: [number, number, number]; parameters: number; trainable: boolean }
export interface StepEvent { event: 'step'; epoch: number; step: number; loss: number }
export interface EpochEvent { event: 'epoch'; epoch: number; loss: number; accuracy: number; validationLoss: number; validationAccuracy: number; learningRate: number; seconds: number; bestEpoch: number; patienceLeft: number | null }
export interface EndEvent { event: 'end'; reason: 'epochs' | 'earlyStopping' | 'diverged' | 'interrupted'; epoch: number; bestEpoch: number; loss: number; validationLoss: number; validationAccuracy: number; weightsSha256: string; message: string }
export type TrainingEvent = StepEvent | EpochEvent | EndEvent;

export class Trainer {
  /** Checks the experiment, loads its data, builds the network. Rejects with `InputError` naming every problem. */
  static open(experiment: Experiment, options?: OpenOptions): Promise<Trainer>;
  readonly start: StartEvent;
  /** The experiment with every default written out. */
  readonly experiment: Experiment;
  /**
   * Trains until the end of the run, yielding each event (`steps: true` adds an event per step). Leaving the loop, or aborting `signal`,
   * pauses exactly there; calling it again goes on. Training is pulled, so a loop that does not ask is a pause.
   */
  train(options?: { signal?: AbortSignal; steps?: boolean }): AsyncIterableIterator<TrainingEvent>;
  /** Exactly one training step (its epoch's validation too, where it is the last). */
  step(): Promise<TrainingEvent[]>;
  /** Ends the run here: restores the best weights if asked for, and tells the end event with reason `interrupted`. */
  finish(): Promise<EndEvent>;
  /** Loss and accuracy on the validation part (or on `data`), in inference mode; with the confusion matrix and each sample's probabilities. */
  evaluate(data?: Samples): Promise<{ loss: number; accuracy: number; samples: number; confusion: number[][]; probabilities: Float32Array; labels: Int32Array }>;
  /** Probabilities (N,K) of pictures, (N,H,W,C) as the network takes them. */
  predict(inputs: Uint8Array | Float32Array): Promise<{ probabilities: Float32Array; outputs: number }>;
  /** Pictures of the set: their pixels in 0..1, labels, and which part they are in. */
  samples(indices: ArrayLike<number>): Promise<{ inputs: Float32Array; labels: Int32Array }>;
  split(): Promise<{ training: Int32Array; validation: Int32Array; labels: Int32Array }>;
  /** The very pixels that `epoch` trains on for these samples (indices into the set), (N,H,W,C) in 0..1. */
  preview(epoch: number, indices: ArrayLike<number>): Promise<Float32Array>;
  /** Every tensor of the network: its name as saved, PyTorch's shape, and whether it is trained. */
  tensors(): Promise<Array<{ name: string; shape: number[]; trainable: boolean; sha256: string }>>;
  tensor(name: string): Promise<Float32Array>;
  gradient(name: string): Promise<Float32Array>;
  /** What each layer puts out for these inputs, in inference mode: (N, output shape) each. */
  activations(inputs: Uint8Array | Float32Array): Promise<Array<{ index: number; type: string; shape: [number, number, number]; values: Float32Array }>>;
  /** A safetensors file with PyTorch's names and layout. */
  saveWeights(): Promise<Uint8Array>;
  /** Takes weights by name; rejects if names or shapes do not fit. */
  loadWeights(file: Uint8Array): Promise<void>;
  weightsSha256(): Promise<string>;
  /** Everything needed to go on, bit for bit: pass it as `resume` to `open`. */
  checkpoint(): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/** All problems of an experiment, without loading its data. */
export function check(experiment: unknown): Promise<Problem[]>;
/** The one table of options. */
export function options(): Promise<Array<{ path: string; type: string; default: unknown; minimum?: number; maximum?: number; choices?: string[]; unit?: string; description: string }>>;
/** Names of the built-in data sets and what they hold. */
export function datasets(): Promise<Array<{ name: string; title: string; samples: number; classes: string[]; shape: [number, number, number]; licence: string; source: string }>>;
