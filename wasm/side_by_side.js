// The runs of a sweep side by side, up to where they are compared, and on from there: what was told of each, and how far all of them are.
import { Engines } from './engines.js';
import { inWords, problem } from './experiment.js';

/** Where settings are compared with one another, the run's end included: so many parts of its epochs. */
export const kStages = 3;

/**
 * @typedef {import('./sweep_types.d.ts').SweepOptions} SweepOptions
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {import('./sweep_types.d.ts').PlannedRun} PlannedRun
 * @typedef {import('./sweep_types.d.ts').SweepPlan} SweepPlan
 * @typedef {import('./client.js').Conversation} Conversation
 * @typedef {(conversation: Conversation, sets: import('./dataset.js').Sets) => Promise<object>} Test  what else is told of a run at its end
 */

/** @param {string} id @param {number} stage */
export const keyOf = (id, stage) => `${id} ${stage}`;

/** Where a run stood at a stage, or how it had ended before. @param {Map<string, SweepResult>} told @param {string} id @param {number} stage */
export const at = (told, id, stage) => told.get(keyOf(id, stage)) ?? told.get(keyOf(id, kStages));

export class SideBySide {
  /** By run and stage. @type {Map<string, SweepResult>} */
  told = new Map();
  /** By run, where it stands between two stages. @type {Map<string, Uint8Array>} */
  #checkpoints = new Map();
  /** By run, the share of its epochs. @type {Map<string, number>} */
  #shares = new Map();
  #began = performance.now();
  #sum = 0; // of the shares
  #before = 0; // of those that had ended before
  #finished = 0;
  #runs;
  #planned;
  #options;
  #engines;
  #test;

  /**
   * @param {PlannedRun[]} runs
   * @param {SweepPlan} planned
   * @param {SweepOptions} options
   * @param {Test} [test]
   */
  static async start(runs, planned, { workers, ...options }, test) {
    return new SideBySide(runs, planned, options, await Engines.start(workers), test);
  }

  /** @param {PlannedRun[]} runs @param {SweepPlan} planned @param {SweepOptions} options @param {Engines} engines @param {Test} [test] */
  constructor(runs, planned, options, engines, test) {
    this.#runs = runs;
    this.#planned = planned;
    this.#options = options;
    this.#engines = engines;
    this.#test = test;
    const ids = new Set(runs.map(({ id }) => id));
    for (const result of options.finished ?? []) {
      if (!ids.has(result.id)) continue;
      this.told.set(keyOf(result.id, result.stage ?? kStages), result);
      if (!result.stage) this.#did(result.id, 1);
    }
    this.#before = this.#sum;
  }

  /** @param {string} id @param {number} share  of the run */
  #did(id, share) {
    const before = this.#shares.get(id) ?? 0;
    this.#sum += share - before;
    if (share === 1 && before < 1) this.#finished++;
    this.#shares.set(id, share);
  }

  /** Runs of which no more is asked. @param {PlannedRun[]} runs */
  leaveOut(runs) {
    for (const { id } of runs) this.#did(id, 1);
    this.#progress();
  }

  #progress() {
    const runs = this.#runs.length;
    const seconds = (performance.now() - this.#began) / 1000;
    const done = this.#sum - this.#before;
    const secondsLeft = done > 0 ? (seconds * Math.max(0, runs - this.#sum)) / done : NaN;
    const share = runs === this.#finished ? 1 : Math.min(1, this.#sum / runs); // a sum of shares is rounded
    this.#options.onProgress?.({ share, finished: this.#finished, runs, secondsLeft });
  }

  /**
   * Trains each of these runs up to a stage, unless it was before.
   * @param {PlannedRun[]} runs
   * @param {number} stage
   */
  async train(runs, stage) {
    const waiting = runs.filter(({ id }) => !at(this.told, id, stage));
    this.#progress();
    await this.#engines.each(
      waiting,
      async (conversation, run, signal) => {
        const result = await this.#trained(conversation, run, stage, signal);
        this.told.set(keyOf(run.id, result.stage ?? kStages), result);
        await this.#options.onResult?.(result);
        this.#progress();
      },
      this.#options.signal,
    );
  }

  /** @param {Conversation} conversation @param {PlannedRun} run @param {number} stage @param {AbortSignal} signal @returns {Promise<SweepResult>} */
  async #trained(conversation, run, stage, signal) {
    const began = performance.now();
    const { trainer, sets } = await this.#open(conversation, run);
    const epochs = Number(trainer.experiment.epochs);
    const until = Math.ceil((epochs * stage) / kStages);
    const { validationSamples } = trainer.start;
    if (validationSamples === 0) {
      const expected = 'above 0 (or a validation set), since settings are compared by what they have not learned from';
      throw problem('validationSplit', expected, inWords(trainer.experiment.validationSplit));
    }
    const about = { id: run.id, setting: this.#planned.settings[run.setting], seed: run.seed };
    const seconds = () => Math.round(performance.now() - began) / 1000;
    for await (const event of trainer.train({ signal })) {
      if (event.event === 'step') continue;
      const { epoch, validationLoss, validationAccuracy } = event;
      const judged = { epoch, validationLoss, validationAccuracy, validationSamples };
      if (event.event === 'end') {
        this.#did(run.id, 1);
        this.#checkpoints.delete(run.id);
        const { reason, bestEpoch, loss, weightsSha256 } = event;
        const tested = await this.#test?.(conversation, sets);
        return { ...about, ...judged, reason, bestEpoch, loss, weightsSha256, seconds: seconds(), ...tested };
      }
      this.#did(run.id, Math.min(epoch / epochs, 1 - Number.EPSILON));
      this.#progress();
      if (epoch < until || stage === kStages) continue;
      this.#checkpoints.set(run.id, await trainer.checkpoint());
      return { ...about, ...judged, stage, seconds: seconds() };
    }
    throw signal.reason;
  }

  /** @param {Conversation} conversation @param {PlannedRun} run */
  #open(conversation, { id, experiment }) {
    const { data, validationData, files, base, featureCacheBytes, transferWeights } = this.#options;
    const resume = this.#checkpoints.get(id);
    const source = { data, validationData, files, base, held: this.#planned.held };
    return this.#engines.open(conversation, experiment, { ...source, featureCacheBytes, transferWeights, resume });
  }

  close() {
    return this.#engines.close();
  }
}
