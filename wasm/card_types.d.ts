// A result that others can check. Part of index.d.ts.
import type { EndEvent } from './event_types.js';
import type { Experiment, OpenOptions } from './index.d.ts';
import type { Trainer } from './index.d.ts';

/**
 * What of a run its experiment does not tell: `weights`, it began with weights of the user's, or they were loaded; `learningRate`, it was set in the
 * middle; `interrupted`, it was ended before its end; `resumed`, it went on from a checkpoint, of which the card knows nothing.
 */
export type Deviation = 'weights' | 'learningRate' | 'interrupted' | 'resumed';

/**
 * The card of a run: all that somebody else needs to train it again and to see whether the same comes out, but for the data, which it never holds. It
 * is a JSON file of at most 256 KiB.
 */
export interface Card {
  format: 'trainground card 1';
  /** Whose it is, or what: up to 80 characters. */
  name?: string;
  /** The package's version that trained the run. */
  engine: string;
  /** 16 hexadecimal digits of the SHA-256 of `experiment`, whatever the order of its keys. */
  id: string;
  /** With every default written out, and files by their names, without folders. */
  experiment: Experiment;
  /**
   * Of the decoded samples in their order, the validation set's behind them: inputs as bytes or numbers, labels, targets; in hexadecimal. The same in
   * a page and in Node, whatever the file was called and however it was packed. Gaps in a table are filled by then, with the training part's median.
   */
  dataSha256: string;
  /** Absent: the experiment and the data tell all. */
  deviations?: Deviation[];
  result: CardResult;
}

/** What a run's end event says. null: no number (JSON has none for it), as the accuracy of a regression. */
export interface CardResult {
  reason: EndEvent['reason'];
  epoch: number;
  bestEpoch: number;
  loss: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
  validationSamples: number;
  /** Of the weights alone, as in the end event. */
  weightsSha256: string;
}

/**
 * The card of a trainer's run, which has ended (`trainer.end`). Rejects where it has not, or where `name` is none.
 * `deviations`: what the caller knows beside what the trainer does.
 */
export function makeCard(trainer: Trainer, options?: { name?: string; deviations?: Deviation[] }): Promise<Card>;

/**
 * A card from a file's text or bytes, or from what `JSON.parse` made of it. Whoever wrote it, it is checked field by field; rejects with an
 * `InputError` that names every problem: its place, what was expected, and what was given.
 */
export function readCard(file: string | Uint8Array | Blob | object): Promise<Card>;

/** Where the data of a card's experiment is, where it is no built-in set and no points. */
export interface CardData extends Pick<OpenOptions, 'data' | 'validationData' | 'files' | 'base'> {
  /** In Node: stands for the set's own `path`, whatever the card calls it. */
  path?: string;
}

export interface CardCheckOptions {
  /**
   * The data that is at hand for a card; undefined: none. Answer the same object for cards that learn from the same, and it is loaded once. Without
   * `base` (or `path`) no file is looked for but those of `files`: a card from a stranger opens nothing, and a page asks no other place. Default: none.
   */
  dataFor?: (card: Card) => CardData | undefined | Promise<CardData | undefined>;
  /** 1 to 64 runs side by side, one thread each; default: the machine's cores. Results do not depend on it. */
  workers?: number;
  /** Ends at once; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Hears of each card that has been checked, by its place in the list. */
  onResult?: (check: CardCheck, index: number) => void;
  /** Hears how far the training of a card is, 0 to 1, by epochs. */
  onProgress?: (share: number, index: number) => void;
}

/**
 * What became of a card.
 * - `equal`: trained again here, it ended with the same bits
 * - `different`: it ended with others, or the card does not agree with itself; `differences` say where
 * - `otherData`: the data at hand is not the card's; nothing was trained
 * - `noData`: the data is not here; nothing was trained
 * - `notRepeatable`: its experiment does not tell all (`deviations`); nothing was trained
 * - `failed`: it could not be trained here; `problem` says why
 */
export interface CardCheck {
  state: 'equal' | 'different' | 'otherData' | 'noData' | 'notRepeatable' | 'failed';
  /** Also of an equal one: it may be of another version. Empty where nothing differs. */
  differences: CardDifference[];
  /** What came out here, where it was trained. */
  result?: CardResult;
  problem?: string;
}

export interface CardDifference {
  /**
   * `experiment`: by its `id`, it is not the one the card was made of. `data`, `engine` (the version), `weights`: their hashes, or versions. `result`: a
   * number of the result, named by `path`.
   */
  what: 'experiment' | 'data' | 'engine' | 'weights' | 'result';
  /** As in `validationAccuracy`. */
  path?: string;
  card: string | number | null;
  here: string | number | null;
}

/** Trains the runs of cards again, as many side by side as there are cores, and says of each whether the same came out, in the cards' order. */
export function checkCards(cards: Card[], options?: CardCheckOptions): Promise<CardCheck[]>;
