// How something becomes a network's input, and the network that a weights file holds whole. Part of index.d.ts.
import type { Bytes, Floats } from './array_types.js';
import type { DecodedImages, DecodeOptions, Experiment, Inputs, OpenOptions } from './index.d.ts';
import type { RowPredictions, TablePreparation } from './table_types.js';

/**
 * How pictures become inputs. In this order: decoded and turned as EXIF says, transparency on white; `fit` to the form of `size`; resized
 * with `filter`, a triangle as wide as the reduction (antialiased bilinear; a JPEG is decoded at a smaller size where that leaves twice
 * `size`, as `decodeImages` says); `channels`; rounded to bytes; `invert`; times `scale`; normalized.
 */
export interface PicturePreparation {
  kind: 'picture';
  /** Height and width of the input, in pixels. */
  size: [height: number, width: number];
  /** `crop`: the middle; `pad`: white edges; `stretch`. */
  fit: 'crop' | 'pad' | 'stretch';
  filter: 'triangle';
  channels: 1 | 3;
  /** Of the three channels; one is 0.299 R + 0.587 G + 0.114 B. */
  order: 'RGB' | 'grey';
  /** `auto`: the set is of bright ink on nothing, so a picture whose border is brighter than half on average becomes 255 less itself. */
  invert: false | 'auto';
  /** Bytes times this: 1 / 255. */
  scale: number;
  /** Less the mean, over the deviation, of each channel; null: not. */
  normalization: { mean: number[]; deviation: number[] } | null;
}
/** How rows of numbers, or samples with other channels than grey or RGB, become inputs. */
export interface NumbersPreparation {
  kind: 'numbers';
  shape: [height: number, width: number, channels: number];
  /** 1, or 1 / 255 where the set was of bytes. */
  scale: number;
  normalization: { mean: number[]; deviation: number[] } | null;
}
export type Preparation = PicturePreparation | NumbersPreparation | TablePreparation;

/**
 * Decodes pictures as the network takes them, by `trainer.start.preparation` or `network.preparation`. Rejects for rows of numbers.
 * Otherwise like `decodeImages`.
 */
export function prepareImages(
  files: Iterable<Blob | Uint8Array | string>,
  preparation: Preparation,
  options?: Pick<DecodeOptions, 'signal' | 'onProgress'>,
): Promise<DecodedImages>;
/** The same of one picture that is no file, such as a frame of a camera: otherwise like `resizeImage`. */
export function prepareImage(
  image: ImageBitmap | import('./picture_types.js').Pixels,
  preparation: Preparation,
): Promise<Bytes>;

/** What a weights file says of itself, all of it read from its `__metadata__`. */
export interface WeightsDescription {
  /** Of the package that has written it. */
  version: string;
  /** That it was trained with, every default written out. */
  experiment: Experiment;
  preparation: Preparation;
  /** In the order of the outputs; empty for regression. */
  classNames: string[];
  /** Of the weights alone, as `EndEvent` has it. */
  weightsSha256: string;
}

/** Undefined for a file of somebody else. Rejects what is no safetensors file. */
export function describeWeights(file: Uint8Array): WeightsDescription | undefined;

/** A network that answers, and does not train. */
export interface Network extends RowPredictions {}
export class Network {
  private constructor();
  readonly preparation: Preparation;
  readonly classNames: string[];
  /** Classes, or numbers of a regression. */
  readonly outputs: number;
  /** As `Trainer.predict`: of inputs (N,H,W,C) that are scaled (bytes are by themselves), and not yet normalized. */
  predict(inputs: Inputs): Promise<{ probabilities: Floats; outputs: number }>;
  /** The same of pictures; those that cannot be read are named, and have no row. */
  predictImages(
    files: Iterable<Blob | Uint8Array | string>,
    options?: Pick<DecodeOptions, 'signal' | 'onProgress'>,
  ): Promise<ImageAnswers>;
  dispose(): Promise<void>;
}
/** `probabilities`: (accepted.length, outputs). */
export interface ImageAnswers extends Pick<DecodedImages, 'accepted' | 'rejected'> {
  probabilities: Floats;
  outputs: number;
}

/**
 * The network of a weights file that Trainground has written, whole: layers, class names and preparation are in it. Rejects another file,
 * since nothing in it says what its inputs are.
 */
export function openNetwork(
  weights: Uint8Array,
  options?: Pick<OpenOptions, 'threads' | 'sameThread' | 'base'> & {
    /** Its layers in place of the file's: rejects where the weights are not of such a network. */
    experiment?: Experiment | import('./index.d.ts').ExperimentModule;
  },
): Promise<Network>;
