// A network at work, seen from inside: one step in slow motion, and how signals spread before training. Part of index.d.ts.
import type { Floats, Integers } from './array_types.js';
import type { Inputs, TrainingEvent } from './index.d.ts';

/** What a Trainer shows of its network. */
export interface Inspection {
  /**
   * Exactly one training step, as `step()` does it, told with every number on its way: outputs, loss, gradients, update, loss
   * afterwards. Null at the end of the run. The run goes on as if it had been any other step, bit for bit. Rejects, and does
   * nothing, where the outputs and gradients of all layers for one batch and three times the weights are more than 2**20 numbers.
   */
  slowMotion(): Promise<SlowMotion | null>;
  /**
   * How signals spread through the layers, on a batch that stands for the training part, forward and backward, with the weights
   * of the moment: ask before training to judge the initialization. The run stays as it is. `samples`: 2 to 1024, default 64.
   */
  activationSpread(options?: { samples?: number }): Promise<ActivationSpread[]>;
  /**
   * How the score (logit) of one output changes with each pixel of these pictures, (N,H,W,C), in inference mode: the gradient per unit
   * of a pixel (uint8 counts as 0..1). `output`: the class, from 0; where one output tells two classes apart, its logit speaks for the
   * second and against the first. Simonyan et al., 2013. The run stays as it is.
   */
  inputGradient(inputs: Inputs, output: number): Promise<Floats>;
}

export interface SlowMotion {
  epoch: number;
  /** From 1 over the whole run. */
  step: number;
  /** That this step used, schedule included. */
  learningRate: number;
  /** Indices of the batch into the set. */
  samples: number[];
  /** (N,H,W,C), as the network took them: scaled, augmented, normalised. */
  inputs: Floats;
  /** (N), of a classification; else empty. */
  labels: Integers;
  /** (N,K), of a regression; else empty. */
  targets: Floats;
  /** Of the batch before the update: its mean, with the penalty. */
  loss: number;
  /** The part of it that l1 and l2 are. */
  penalty: number;
  /** Of the same batch, with the same masks of dropout, after the update. */
  lossAfter: number;
  /** In order; `flatten` has no row, and an entry with an activation of its own has two. */
  layers: LayerMoment[];
  /** Every tensor that is trained, in PyTorch's layout. */
  parameters: UpdateMoment[];
  /** What `step()` would have returned. */
  events: TrainingEvent[];
}
export interface LayerMoment {
  /** Index in `layers`, and that entry's type. */
  index: number;
  type: string;
  /** True: the sums before that entry's own activation. */
  sum: boolean;
  shape: [height: number, width: number, channels: number];
  /** (N, shape). */
  values: Floats;
  /** Of the batch's mean loss with respect to the values (N, shape); empty below all that is trained. */
  gradients: Floats;
}
export interface UpdateMoment {
  name: string;
  shape: number[];
  before: Floats;
  /** As the optimizer took it: with the penalty's, and clipped. */
  gradient: Floats;
  after: Floats;
}

/** One row for the inputs, then one for each row that `SlowMotion.layers` would have. */
/** What a layer puts out for N inputs: (N, shape). */
export interface LayerOutput {
  /** Index in `layers`. */
  index: number;
  type: string;
  shape: [height: number, width: number, channels: number];
  values: Floats;
  /** Of a backbone's embedding: its last feature map. */
  map?: { shape: [height: number, width: number, channels: number]; values: Floats };
}

export interface ActivationSpread {
  /** Index in `layers`; -1: the inputs. */
  index: number;
  type: string;
  sum: boolean;
  shape: [height: number, width: number, channels: number];
  mean: number;
  /** Standard deviation. */
  deviation: number;
  /** Share of the numbers that are 0. */
  zeros: number;
  /** Share of the channels that are 0 everywhere, for every sample. */
  dead: number;
  /** Root of the mean square of dLoss/doutput; 0 below all that is trained. */
  gradientDeviation: number;
}
