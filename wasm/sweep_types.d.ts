// Many runs as one experiment. Part of index.d.ts.
import type { EndEvent } from './event_types.js';
import type { Experiment, OpenOptions } from './index.d.ts';

/**
 * A value for each of a list; or a range, with `step` (of a logarithmic one the factor from one value to the next), or, where settings are
 * drawn, without.
 */
export type SweepValues =
  unknown[] | { minValue: number; maxValue: number; sampling?: 'linear' | 'log'; step?: number };

/** An experiment with what is varied in it. */
export interface SweepExperiment extends Experiment {
  /**
   * By path, as in `optimizer.learningRate` or `layers.3.rate`: the values that it takes, each with each of the others. `null` takes a key, or a
   * list's entry, out. Default none: one setting, with several seeds.
   */
  sweep?: Record<string, SweepValues>;
  /** Each setting is trained with so many seeds, from `seed` on, the same for all. 1 to 1000, default 5. */
  seeds?: number;
  /** So many settings are drawn at random (by `seed`) instead of all. 1 to 10,000. */
  trials?: number;
  /** Of the settings that are left, the worst third stops after a third of the epochs, and again after two thirds. Default false. */
  halving?: boolean;
  /**
   * So much of the set is held back from all runs, the same samples for all, for `testSweep`: 0.01 to 0.9; default: nothing. Groups stay together, as in
   * `validationSplit`.
   */
  testSplit?: number;
}

export interface SweepPlan {
  /** The paths that are varied. */
  varied: string[];
  /** By path, the values of each setting. */
  settings: Array<Record<string, unknown>>;
  seeds: number;
  halving: boolean;
  /** What is held back from all runs. */
  held?: { share: number; seed: number };
  /** Seed by seed, each with all settings. At most 10,000. */
  runs: PlannedRun[];
}
export interface PlannedRun {
  index: number;
  /** 16 hexadecimal digits of the SHA-256 of `experiment`, whatever the order of its keys: runs of other sweeps with the same are the same. */
  id: string;
  /** Its place in `settings`. */
  setting: number;
  seed: number;
  /** The run alone, as `Trainer.open` takes it; where a test part is held back, it learns from the rest. */
  experiment: Experiment;
}

/** The runs that a sweep is made of. Rejects with an `InputError` that names the place of every problem, before anything is trained. */
export function planSweep(experiment: SweepExperiment): Promise<SweepPlan>;

/** What results say of a sweep, whoever has trained its runs, without training any. */
export function gatherSweep(experiment: SweepExperiment, results: Iterable<SweepResult>): Promise<Sweep>;

/**
 * Trains every run of a plan, as many side by side as there are cores, one thread each. Each ends with the bits that it has alone. The data is loaded
 * once for all runs that have the same.
 */
export function sweep(experiment: SweepExperiment, options?: SweepOptions): Promise<Sweep>;
/**
 * Trains one setting's runs again and judges them by the test part, which nothing was chosen by. Once: who looks again and chooses by what was seen has no
 * test part any more. Rejects where a run ends with other weights than `finished` has of it.
 */
export function testSweep(experiment: SweepExperiment, setting: number, options?: SweepOptions): Promise<SweepTest>;
export interface SweepTest {
  setting: Record<string, unknown>;
  /** Samples of the test part. */
  samples: number;
  metric: SweepAnswer['metric'];
  /** One for each seed. */
  seeds: number[];
  values: number[];
  mean: number;
  /** Over seeds, 95 %. */
  interval?: [low: number, high: number];
}

export interface SweepOptions extends Pick<
  OpenOptions,
  'data' | 'validationData' | 'files' | 'base' | 'featureCacheBytes' | 'transferWeights'
> {
  /** 1 to 64; default: the machine's cores. Results do not depend on it. */
  workers?: number;
  /** What `onResult` has told before, of this sweep or of another one: these runs are not repeated. */
  finished?: SweepResult[];
  /** Which part of the runs, as in `3/40`: default all. Not with `halving`, which compares all. */
  shard?: string;
  /** Ends at once; what `onResult` has told by then is what to go on from. The promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Hears of each run that ends, and, where the worst are stopped early, of each that has come to where they are compared. */
  onResult?: (result: SweepResult) => void | Promise<void>;
  onProgress?: (progress: SweepProgress) => void;
}
export interface SweepProgress {
  /** 0 to 1, by epochs. */
  share: number;
  finished: number;
  runs: number;
  /** NaN before anything is known. */
  secondsLeft: number;
}
/** Where a run has ended, or (`stage`) where it was compared with the others. Numbers are those of its `EndEvent`, or of that epoch. */
export interface SweepResult {
  id: string;
  setting: Record<string, unknown>;
  seed: number;
  epoch: number;
  validationLoss: number;
  /** NaN of a regression. */
  validationAccuracy: number;
  validationSamples: number;
  /** 1 or 2: it goes on from here, or not. Absent: it has ended. */
  stage?: number;
  reason?: EndEvent['reason'];
  bestEpoch?: number;
  loss?: number;
  weightsSha256?: string;
  /** That it took, of those that ran beside others. */
  seconds: number;
}
export interface Sweep {
  plan: SweepPlan;
  /** Of the plan's runs; without those of other shards, and those that were stopped early. */
  results: SweepResult[];
  /** Of runs that were stopped early: where they stood. */
  stopped: SweepResult[];
  /** Of the plan's runs, those without a result. */
  missing: PlannedRun[];
  answer: SweepAnswer;
}

/** A row for each run, as CSV; or all that is known, as JSON. */
export function sweepTable(told: Sweep, form: 'csv' | 'json'): Promise<string>;

/** What the results say together. */
export interface SweepAnswer {
  /** By which settings are compared: the accuracy (more is better) or, of a regression, the loss (less is). */
  metric: 'validationAccuracy' | 'validationLoss';
  /** In the plan's order. */
  settings: SettingSummary[];
  /** The setting with the best mean; null: nothing is known. */
  best: number | null;
  /** The best against each other one that was trained to the end with as many seeds, the nearest first. */
  comparisons: SweepComparison[];
}
export interface SettingSummary {
  setting: Record<string, unknown>;
  /** Of the values, which are one for each seed whose run has one. */
  seeds: number[];
  values: number[];
  /** NaN without values. */
  mean: number;
  /** In which the mean over all seeds lies with 95 % (Student's t). Absent of fewer than two values. */
  interval?: [low: number, high: number];
  /** Runs whose loss was no number any more. */
  diverged: number;
  /** The epoch after which it was stopped, where that was before the end; the values are of then. */
  stoppedAfter?: number;
}
export interface SweepComparison {
  /** Which setting the best is compared with. */
  other: number;
  /** The mean over seeds of how much better the best is: of accuracy, as a share; of loss, in its unit. */
  difference: number;
  /** That both have met. */
  seeds: number;
  /** Of the difference. All of a sweep's hold together with 95 % (Bonferroni's correction). Absent of fewer than two seeds. */
  interval?: [low: number, high: number];
  /** Whether the interval is above 0. */
  isReal: boolean;
  /** About how many seeds would show a difference of this size four times in five, where these do not. */
  seedsNeeded?: number;
}
