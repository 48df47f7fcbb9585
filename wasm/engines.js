// Engines side by side: workers of one thread each, which take one job after the other, so that all cores are busy to the end and each run ends with
// the bits that it has alone. What several jobs learn from is loaded once.
import { connect } from './client.js';
import { inWords, problem } from './experiment.js';
import { inNode, nodeModule } from './files.js';
import { Trainer, startOf } from './trainer.js';

const kMostWorkers = 64;

/**
 * @typedef {import('./client.js').Conversation} Conversation
 * @typedef {import('./dataset.js').Sets} Sets
 * @typedef {Pick<import('./index.d.ts').OpenOptions, 'data' | 'validationData' | 'files' | 'base'>} Source
 */

export class Engines {
  /** By what names it. @type {Map<string, Promise<Sets>>} */
  #sets = new Map();
  /** Engines that have nothing to do. @type {Conversation[]} */
  #idle = [];
  #workers;

  /** @param {number} [workers]  1 to 64; default: the machine's cores */
  static async start(workers) {
    const cores = inNode ? (await nodeModule('node:os')).availableParallelism() : navigator.hardwareConcurrency || 1;
    const wanted = workers ?? Math.min(cores, kMostWorkers);
    if (!(Number.isInteger(wanted) && wanted >= 1 && wanted <= kMostWorkers)) {
      throw problem('workers', `an integer from 1 to ${kMostWorkers}`, inWords(workers));
    }
    return new Engines(wanted);
  }

  /** @param {number} workers */
  constructor(workers) {
    this.#workers = workers;
  }

  /**
   * Does every job. What one of them throws ends all.
   * @template Job
   * @param {Job[]} jobs  taken from its front
   * @param {(conversation: Conversation, job: Job, signal: AbortSignal) => Promise<void>} act
   * @param {AbortSignal} [signal]
   */
  async each(jobs, act, signal) {
    const halt = new AbortController();
    const stop = () => halt.abort(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    const work = async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
        halt.signal.throwIfAborted();
        const conversation = this.#idle.pop() ?? (await connect({ threads: 1 }));
        try {
          await act(conversation, job, halt.signal);
        } finally {
          if (!conversation.dead) this.#idle.push(conversation);
        }
      }
    };
    try {
      const all = Array.from({ length: Math.min(this.#workers, jobs.length) }, () =>
        work().catch((cause) => (halt.abort(cause), Promise.reject(cause))),
      );
      await Promise.allSettled(all);
      halt.signal.throwIfAborted();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /**
   * Opens a run.
   * @param {Conversation} conversation
   * @param {any} experiment
   * @param {Source & { key?: string, held?: import('./test_part.js').Held } & Pick<import('./index.d.ts').OpenOptions,
   *   'featureCacheBytes' | 'transferWeights' | 'resume'>} options  key: of two sources with one key the data is the same
   * @returns {Promise<{ trainer: Trainer, sets: Sets }>}
   */
  async open(conversation, experiment, { data, validationData, files, base, key = '', held, ...others }) {
    const json = JSON.stringify(experiment);
    const start = { base: startOf(base) };
    const name = JSON.stringify([key, !data && experiment.dataset, experiment.loss?.type ?? experiment.loss]);
    const load = () =>
      conversation.call('loadSets', { json, options: { data, validationData, files, ...start }, held });
    if (!this.#sets.has(name)) this.#sets.set(name, load());
    const sets = /** @type {Sets} */ (await this.#sets.get(name));
    const { test: _test, ...learned } = sets;
    const opened = await conversation.call('open', { json, options: { ...others, ...start }, sets: learned });
    return { trainer: new Trainer(conversation, opened), sets };
  }

  async close() {
    await Promise.all(this.#idle.map((conversation) => conversation.close()));
  }
}
