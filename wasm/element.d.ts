// The element of `trainground/element`: importing it defines <train-ground>.
import type { EndEvent, EpochEvent, StartEvent, Trainer } from './index.js';

/**
 * `<train-ground experiment="…">`: the smallest trainer, in a shadow root of its own. The attribute is an experiment as JSON, or the address of a file
 * with one, from where its data sets are named; absent: a small network on the digits. Another value opens another trainer.
 *
 * Events, all bubbling out of shadow roots: `start` (detail: `StartEvent`), `epoch` (`EpochEvent`), `end` (`EndEvent`), `failure` (`{ error }`).
 * Colours: the custom properties `--trainground-ink`, `-paper`, `-accent`, `-held`, `-line`; parts: `data`, `button`, `progress`, `result`, `curve`, `try`,
 * `problem`. Words: English, or Chinese where the nearest `lang` says so. `data-state` says where it stands.
 */
export class TrainGround extends HTMLElement {
  /** From the event `start` on; it is let go when the element is taken out of the page. */
  readonly trainer: Trainer | null;
  readonly state: 'opening' | 'ready' | 'training' | 'paused' | 'ended' | 'failed';
  readonly history: EpochEvent[];
  /** Trains, or goes on, until the end or a pause; after the end it begins anew. */
  train(): Promise<void>;
  pause(): void;
}
export interface TrainGroundEvents {
  start: CustomEvent<StartEvent>;
  epoch: CustomEvent<EpochEvent>;
  end: CustomEvent<EndEvent>;
  failure: CustomEvent<{ error: Error }>;
}
declare global {
  interface HTMLElementTagNameMap {
    'train-ground': TrainGround;
  }
}
