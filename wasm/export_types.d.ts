import type { Experiment } from './index.d.ts';

/**
 * `onnx`: a file of opset 10 (ONNX 1.5, 2019); input `input` (N,C,H,W), pixels in 0..1, which is uint8/255, output `logits` (N,K). Its
 * metadata_props tell what the input is (RGB or grey, size, fit, filter, scale, normalization), what makes probabilities of the
 * outputs, the class names, the version, and the weights' SHA-256.
 * `pytorch`: a script that needs torch only. It builds the same network, reads the safetensors file by its names, evaluates, and goes
 * on training with the same optimizer, loss and penalties, on one process or under `torchrun` on several.
 * `keras`: a Keras 3 script that builds the same network and loads the safetensors file into it. The tests of this package run the
 * other two; of this one they only check that it is Python, as they do without Keras.
 * Augmentation and the learning rate's schedule are not exported.
 */
export type ExportTarget = 'onnx' | 'pytorch' | 'keras';

export interface ExportRequest {
  experiment: Experiment;
  /** Of one sample: height, width, channels. */
  shape: [height: number, width: number, channels: number];
  /** The safetensors file of the experiment's network. */
  weights: Uint8Array;
  to: ExportTarget;
  /** Each channel's mean and deviation over the training part; needed where the experiment's data set has `normalize`. */
  normalization?: { mean: number[]; deviation: number[] };
  /** Go into the file, for its reader. */
  classNames?: string[];
}

/**
 * A trained network for another program: the file's bytes, a script as UTF-8. Rejects with `InputError` if the weights are not those of
 * the experiment's network. `Trainer.export` does this for its own network, normalization included.
 */
export function exportNetwork(request: ExportRequest): Promise<Uint8Array>;
