// What comes from other programs: projects and networks. Part of index.d.ts.
import type { Bytes } from './array_types.js';
import type { Experiment } from './index.d.ts';
import type { LayerDescription } from './layer_types.js';

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

/** Something that a network's text or file says otherwise than it is here, and that does not stop it. */
export interface ImportNote {
  /**
   * `shape`: the text is for samples of another shape (`given`) than these (`actual`). `softmax`, `sigmoid`: the end that the loss holds here is left out. `size`: a number of inputs (`option`, `given`) that is not what comes in (`actual`).
   * `square`: no square picture makes so many (`given`). `sides`: the squares that the text fits, `least` to `most` pixels a side. `bytes`: what scales bytes is left out, since they become 0..1 here.
   * `flatten`: one is put in front. `dropout`: of whole maps there. `initialization`, `initializer`: other starts of the weights. `option`,
   * `augmentation`, `normalization`: left out. `derived`: a class of the text is taken as the layer (`layer`) that it comes from. `networks`: the
   * text builds several, and this is the one of that `name`.
   */
  kind:
    | 'shape'
    | 'softmax'
    | 'sigmoid'
    | 'size'
    | 'square'
    | 'sides'
    | 'bytes'
    | 'flatten'
    | 'dropout'
    | 'initialization'
    | 'initializer'
    | 'option'
    | 'augmentation'
    | 'normalization'
    | 'derived'
    | 'networks';
  /** Counted from 1; of a text. Absent: it is of the whole. */
  line?: number;
  /** In words. */
  text: string;
  [value: string]: unknown;
}

/** The layers of another program's network. */
export interface ImportedLayers {
  /** Its layers and, where it says so, its loss. The last layer gives logits. */
  experiment: { layers: LayerDescription[]; loss?: 'crossEntropy' | 'binaryCrossEntropy' | 'meanSquaredError' };
  /** Of a sample, where the network says it: of rows 1, 1 and the number of columns. */
  inputShape?: [height: number, width: number, channels: number];
  notes: ImportNote[];
  /** A safetensors file for `weights` of `Trainer.open`, where there are weights. */
  weights?: Bytes;
}

export interface PythonOptions {
  /** Of a sample, where it is known: sizes in the text that do not fit it are notes. Default: what the text says. */
  shape?: [height: number, width: number, channels: number];
  /**
   * A safetensors file with the weights by the names that they have in the text: `conv1.weight`, or `0.weight` of a Sequential (what `state_dict()` of
   * PyTorch holds; a script that `exportNetwork` has written takes the weights that belong to it, Keras's too). Rejects where one is missing or of
   * another shape, and where no `shape` is known.
   */
  weights?: Uint8Array;
}

/**
 * Reads a network from the Python text that builds it: an `nn.Sequential` of PyTorch, a class whose `forward` is one layer after the other, a
 * `Sequential` or a functional `Model` of Keras; alone or within a script, at most 200,000 characters. The text is parsed and followed with values
 * that only stand for something; it is never run. Where it builds several networks, the last one is meant that is part of no other.
 *
 * PyTorch: Linear, Conv2d (groups 1 or depthwise; square kernels), BatchNorm1d, BatchNorm2d, MaxPool2d, AvgPool2d, AdaptiveAvgPool2d, Dropout,
 * Dropout2d, Flatten, Identity, ZeroPad2d, ReLU, ReLU6, LeakyReLU, ELU, GELU, SiLU, Tanh, Sigmoid, Softmax and LogSoftmax (the last); their functions in
 * `forward`, `view`, `reshape`, `flatten`, `mean((2, 3))`, numbers that are added or multiplied, and sums that make a residual block. Keras: Dense, Conv2D,
 * DepthwiseConv2D, SeparableConv2D (two layers here), MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, BatchNormalization, Activation, ReLU,
 * LeakyReLU, ELU, Softmax (the last), Dropout, SpatialDropout2D, Flatten, Rescaling, ZeroPadding2D, Add, with activation, kernel_initializer and
 * kernel_regularizer.
 *
 * Rejects with an `InputError` that names every line that has no place here (`line 7 (nn.LSTM)`), loops and conditions that build layers among them;
 * and each line that is not Python.
 */
export function importPython(text: string, options?: PythonOptions): Promise<ImportedLayers>;

/**
 * Reads a network of rows or pictures from an ONNX file, with its weights: one layer after the other, or residual blocks, of Conv (groups 1 or
 * depthwise), Gemm, MatMul, BatchNormalization, MaxPool, AveragePool, GlobalAveragePool, ReduceMean over maps, Flatten, Reshape to a row, Pad, Relu, Clip
 * 0..6, LeakyRelu, Elu, Gelu, Sigmoid, Tanh, silu and gelu in parts, Softmax (the last), Dropout, numbers that are added or multiplied, one or one for
 * each channel. A file that `exportNetwork` has written gives the same logits again, and its weights say how samples become inputs. Rejects with an
 * `InputError` that names every node that has no place here, and where weights lie in a file of their own.
 */
export function importOnnx(
  file: Blob | Uint8Array,
): Promise<ImportedLayers & { inputShape: [number, number, number]; weights: Bytes }>;
