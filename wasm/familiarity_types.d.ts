// How like the training pictures a picture is. Part of index.d.ts.
import type { Floats, Integers } from './array_types.js';
import type { Inputs } from './index.d.ts';

export interface FamiliarityOptions {
  /**
   * At most so many training samples are looked at, 2 to 1,000,000, default 2,000, and no more than have 2**24 numbers together; drawn
   * evenly, of each class as many.
   */
  samples?: number;
  /**
   * (N) of the whole set, as `Samples.groups`: frames of one burst say little of how near another picture comes, so the threshold is found
   * with a sample's whole group left out, where its class has another one; else only the sample itself is. Default: those of `OpenOptions.data`.
   */
  groups?: ArrayLike<number>;
  /** Aborted: it rejects with the signal's reason; the trainer stays as it is. */
  signal?: AbortSignal;
  /** Told after every eight samples: the share that is done. */
  onProgress?: (share: number) => void;
}

/** The training samples of a network with its weights as they were: to be asked for anew once layers below the last have learned on. */
export interface Familiarity {
  /** How many training samples it looked at. */
  readonly samples: number;
  /**
   * Below it a score is unlike: the mean less 2.5 standard deviations of the training samples' own scores, each without itself. -1 (nothing
   * is unlike) where there are fewer than ten.
   */
  readonly threshold: number;
  /** Compares pictures, (N,H,W,C) as `predict` takes them; one pass through the network. */
  judge(inputs: Inputs): Promise<FamiliarityAnswer>;
}

export interface FamiliarityAnswer {
  /** (N), -1 to 1: the mean cosine to the nearest training samples. */
  scores: Floats;
  /** (N): the score is below the threshold. */
  isUnlike: boolean[];
  /** How many are told of each picture: 5, or all training samples where they are fewer. */
  neighbours: number;
  /** (N, neighbours): indices of the nearest training samples into the set, the nearest first. */
  nearest: Integers;
  /** (N, neighbours): their cosines. */
  similarities: Floats;
  /** (N,K), as `predict` gives them: one pass tells both. */
  probabilities: Floats;
}

/** What to compare samples by, and what is said of them. */
export interface Features {
  /** (N, width): what enters the last layer; of an embedding the part that its last map gave, before the common mean is taken off. */
  features: Floats;
  width: number;
  /** (N,K), as `predict` gives them. */
  probabilities: Floats;
}

/** What a Trainer can compare with its training samples. */
export interface Familiarities {
  /** Of pictures, (N,H,W,C) as `predict` takes them. */
  features(inputs: Inputs): Promise<Features>;
  /** Of samples of the set that was learned from, as they are (not augmented); what is frozen is not computed anew (`StartEvent.features`). */
  sampleFeatures(indices: ArrayLike<number>): Promise<Features>;
  /**
   * Looks at the training samples once, in slices, so that `judge` can say which of them a picture is like, and whether it is like none: by
   * the cosine of what enters the last layer, which must be dense and not the only one, each number to the power 0.7 (with its sign). It
   * says most of networks whose features were learned elsewhere, as a frozen backbone's. After Sun et al., "Out-of-distribution detection
   * with deep nearest neighbors", 2022. The run stays as it is.
   */
  familiarity(options?: FamiliarityOptions): Promise<Familiarity>;
}
