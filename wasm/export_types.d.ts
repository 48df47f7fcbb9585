import type { Bytes } from './array_types.js';
import type { Experiment, ExperimentModule } from './index.d.ts';

/**
 * `onnx`: a file of opset 10 (ONNX 1.5, 2019); input `input` (N,C,H,W), pixels in 0..1, which is uint8/255, output `logits` (N,K). Its
 * metadata_props tell what the input is (RGB or grey, size, fit, filter, scale, normalization), what makes probabilities of the
 * outputs, the class names, the version, and the weights' SHA-256.
 * `pytorch`: a script that needs torch, for tables and pictures numpy, and for pictures Pillow. It builds the same network, reads the safetensors file by its names, evaluates, and goes
 * on training with the same optimizer, loss and penalties, on one process, on several (`--processes 2`) or under `torchrun`: the same
 * steps, whatever their number. A last batch of fewer samples than processes joins the one before it.
 * `keras`: a Keras 3 script for any back end that builds the same network, loads the safetensors file into it, saves it as `.keras`
 * (uncompiled, so that any back end opens it), and goes on with the same loss, penalties and optimizer (PyTorch's epsilons). Only the
 * moving variance of batch normalization is Keras's: n values' variance, where ours is n/(n-1) times that.
 * Of a network that learned from pictures both scripts say what photos are (`--predict PHOTO...`), prepared byte for byte as here; of one that
 * learned from a table they print another one's rows with `predicted LABEL` and, for classes, `probability` behind each, in its dialect
 * (`--predict ROWS.csv`), as `predictRows` with `table` does. They refuse weights whose file names other classes or another preparation. What the PyTorch script saves says of itself what the weights said.
 * Augmentation and the learning rate's schedule are not exported.
 */
export type ExportTarget = 'onnx' | 'pytorch' | 'keras';

export interface ExportRequest {
  experiment: Experiment | ExperimentModule;
  /** Of one sample: height, width, channels. */
  shape: [height: number, width: number, channels: number];
  /** The safetensors file of the experiment's network. */
  weights: Uint8Array;
  to: ExportTarget;
  /**
   * How inputs are made; goes into the file, for its reader. Default: as the weights file says it, else what the experiment tells of it.
   */
  preparation?: import('./preparation_types.d.ts').Preparation;
  /**
   * Each channel's mean and deviation over the training part, instead of the preparation's; needed where the experiment's data set has
   * `normalize` and nothing else tells them.
   */
  normalization?: { mean: number[]; deviation: number[] };
  /** Go into the file, for its reader. Default: those of the weights file. */
  classNames?: string[];
}

/**
 * A trained network for another program: the file's bytes, a script as UTF-8. Rejects with `InputError` if the weights are not those of
 * the experiment's network. `Trainer.export` does this for its own network, normalization included.
 */
export function exportNetwork(request: ExportRequest): Promise<Bytes>;
