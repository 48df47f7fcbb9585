// What comes from other programs: projects and networks. Part of index.d.ts.
import type { Bytes } from './array_types.js';
import type { Experiment } from './index.d.ts';

/** Pictures with their classes, as a Teachable Machine project has them. */
export interface PictureProject {
  /** In the project's order. */
  classNames: string[];
  /** Class by class, each in the order in which its pictures were taken. */
  pictures: Array<{
    /** JPEG, as it is in the project; its name is the one that it has there. */
    file: File;
    /** Into `classNames`. */
    label: number;
  }>;
  /** Names of what lies in the project and is no picture of it. */
  left: string[];
}

/**
 * Opens a Teachable Machine project of pictures (`.tm`): of images or poses. Nothing else of it is kept: not how it was trained, and not the token
 * that it was published with. A `dataset` of type `images` takes one as its `path`. Rejects what is cut off or damaged, has no `manifest.json`, or is
 * of sounds.
 */
export function readTeachableMachineProject(file: Blob | Uint8Array): Promise<PictureProject>;

/** A network that another program has trained, as one of ours. */
export interface ImportedNetwork {
  /**
   * Its layers, and how Teachable Machine trains: what stands before the average over the picture is frozen, Adam at 0.001, batches of 16, 50 epochs.
   * Without a `dataset`: `preparation` of `weights` says how its pictures are made.
   */
  experiment: Experiment;
  /** A safetensors file with its preparation and its class names: for `openNetwork`, `weights` of `Trainer.open`, `transfer` or `exportNetwork`. */
  weights: Bytes;
}

/**
 * Reads a network of pictures that Teachable Machine has exported for TensorFlow.js: `model.json` (a Keras network: Sequential, Model or Functional,
 * one in another), `weights.bin` (or the files that model.json names; float32, or quantized to uint8, uint16 or float16), and `metadata.json`. It says
 * of the same pixels what TensorFlow.js says (1e-4), and can be trained on.
 *
 * Layers: Conv2D, DepthwiseConv2D, BatchNormalization, ReLU, LeakyReLU, Activation, Softmax (the last one), Dropout, Flatten, GlobalAveragePooling2D,
 * MaxPooling2D, AveragePooling2D, Rescaling, Dense, ZeroPadding2D before a convolution, and Add at the end of a residual block. Another one, or an
 * option that is not known, rejects and is named. Before them stands a `rescaling` to bytes / 127.5 - 1, which is what Teachable Machine gives its
 * networks.
 * @param files  by their names, with or without folders; or one zip that holds them
 */
export function importLayersModel(files: Record<string, Blob | Uint8Array>): Promise<ImportedNetwork>;
