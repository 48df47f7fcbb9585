// How a Trainer judges its network: the three good-practice checks, and what evaluate() tells. Part of index.d.ts.
import type { Doubles, Floats, Integers } from './array_types.js';

/** What a Trainer can be asked about its experiment. */
export interface Examinations {
  /**
   * Compares backward with two losses per weight, on one small batch, in double precision (a build of its own, loaded when first
   * needed). Like the two checks below it works on a copy of the network with the weights of the moment: the run stays as it is, bit
   * for bit. Numbers that are 0, as biases are at first, are moved by up to 0.01 in the copy: a relu above them would stand on its kink,
   * where no slope is right. Do not train meanwhile; one examination at a time.
   */
  checkGradients(options?: GradientCheckOptions): Promise<GradientCheck>;
  /**
   * Trains on one fixed batch, without augmentation, dropout and regularisation: passes once the loss is below 0.01, else names the
   * likeliest cause. It starts from the weights of the moment, so ask before training.
   */
  overfit(options?: OverfitOptions): Promise<OverfitCheck>;
  /** The range test: the learning rate grows at every step, from one that changes nothing to one that breaks everything. */
  findLearningRate(options?: LearningRateOptions): Promise<LearningRateTest>;
}

export interface CheckOptions {
  /** Aborting rejects with the signal's reason, within a twentieth of a second. */
  signal?: AbortSignal;
  /** Called with the share that is done, 0 to 1; the overfit check starts anew for each cause that it tries. */
  onProgress?: (share: number) => void;
}
export interface GradientCheckOptions extends CheckOptions {
  /** Of the batch, 2 to 256. Default 8. */
  samples?: number;
  /** Places examined in each tensor, drawn by the seed where it has more, 1 to 100000. Default 50. */
  perTensor?: number;
  /** The name of a tensor whose gradient is made 1 % too large, to see the check fail. */
  breakGradient?: string;
}
export interface GradientCheck {
  /** No relative error is above `tolerance`. */
  passed: boolean;
  tolerance: number;
  loss: number;
  /** Null where nothing is trained. */
  worst: GradientRow | null;
  /** Every tensor that is trained. */
  tensors: GradientRow[];
}
/** One tensor, with the numbers of its worst place. */
export interface GradientRow {
  name: string;
  /** Index in `layers`, and that entry's type. */
  layer: number;
  type: string;
  passed: boolean;
  checked: number;
  /** Places passed over since a relu or a maximum has its kink there. */
  skipped: number;
  /** |analytic - numeric| / max(|analytic|, |numeric|, 1e-4). */
  error: number;
  /** Into the tensor in PyTorch's layout. */
  index: number;
  analytic: number;
  numeric: number;
}

export interface OverfitOptions extends CheckOptions {
  /** Of the batch, 2 to 1024. Default 32. */
  samples?: number;
  /** Default 300. */
  maxSteps?: number;
}
export interface OverfitCheck {
  passed: boolean;
  cause:
    | 'rateTooSmall'
    | 'rateTooLarge'
    | 'deadUnits'
    | 'wrongLoss'
    | 'frozenLayers'
    | 'unscaledInputs'
    | 'networkTooSmall'
    | null;
  /** Verdict and cause in words. */
  message: string;
  samples: number;
  steps: number;
  /** 0.01; for meanSquaredError a hundredth of the targets' variance. */
  goal: number;
  /** The last one. */
  loss: number;
  /** That any weights could reach, given the last layer's activation and the targets. */
  lowestPossible: number;
  /** Share of a layer's units that put out 0 for every sample, in the worst layer, before and after. */
  deadBefore: number;
  deadAfter: number;
  /** A learning rate with which it passes, where another one is needed. */
  betterRate: number | null;
  /** One a step. */
  losses: Doubles;
}

export interface LearningRateOptions extends CheckOptions {
  /** The first rate. Default 1e-7. */
  from?: number;
  /** The last. Default 10. */
  to?: number;
  /** 8 to 10000. Default 100. */
  steps?: number;
}
export interface LearningRateTest {
  /** In the middle of the longest way downhill; null where the loss never falls. */
  suggestion: number | null;
  /** Where it falls fastest. */
  steepest: number | null;
  /** One a step; after a tenth of them the test ends once the smoothed loss is above four times its best. */
  rates: Doubles;
  /** Of the step's batch; where a batch has less than 32 samples, of the same 32 at every step. */
  losses: Doubles;
  smoothed: Doubles;
}

export interface Evaluation {
  /** NaN, as the accuracy is, where there is no sample to judge by. */
  loss: number;
  accuracy: number;
  samples: number;
  confusion: number[][];
  probabilities: Floats;
  labels: Integers;
  /** Wilson's 95 % interval of the accuracy, 0 to 1: see `wilson`. Absent where there is no accuracy. */
  interval?: [low: number, high: number];
  /** Only of a regression: of K outputs, each in the label's unit. */
  regression?: RegressionErrors;
}
export interface RegressionErrors {
  /** (N,K), beside `probabilities`, which are the predictions. */
  targets: Floats;
  /** Root of the mean squared error. */
  rmse: number[];
  /** Mean absolute error. */
  mae: number[];
  /** R²: 1 less the squared error's share of the targets' own variance; NaN where all targets are equal. */
  r2: number[];
}
