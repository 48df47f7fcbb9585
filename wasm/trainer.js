// A run: an experiment with its data in an engine of its own.
//
// Each Trainer has a worker and an engine of its own, so that several train side by side, a fault in one leaves the others alone,
// and dispose() gives everything back but a small engine, for the next run. Training is pulled: train() asks for one slice of time
// after the other, so a loop that does not ask is a pause, and no event can be stale.
import { connect } from './client.js';
import { InputError, toJson } from './experiment.js';
import { checkTarget, writeNetwork } from './export.js';
import { Familiarity } from './familiarity.js';
import { here, inNode } from './files.js';
import { prepareImages } from './preparation.js';
import { read } from './reading.js';
import { splitFile } from './safetensors.js';
import { buffersOf } from './serving.js';

const kSlice = 50; // milliseconds: ten screen updates a second need no less, and a message costs a tenth of one

/**
 * @typedef {import('./index.d.ts').TrainingEvent} TrainingEvent
 * @typedef {import('./index.d.ts').EndEvent} EndEvent
 * @typedef {import('./index.d.ts').Samples} Samples
 * @typedef {import('./index.d.ts').OpenOptions} OpenOptions
 */

/** Where relative names start, as the worker cannot know it. @param {string} [base] */
export function startOf(base) {
  if (inNode) return base ?? globalThis.process.cwd();
  return base === undefined ? here() : new URL(base, here()).href;
}

export class Trainer {
  #conversation;
  #groups;
  #training = false;
  #examining = false;
  /** @type {TrainingEvent[]} */
  #undelivered = [];
  /** @type {EndEvent | undefined} */
  #end;
  #ended = false;
  /** @type {Set<import('./card_types.d.ts').Deviation>} */
  #deviations = new Set();

  /**
   * @param {unknown} experiment
   * @param {OpenOptions} [options]
   */
  static async open(experiment, { sameThread, transfer, base, onProgress, ...options } = {}) {
    const json = toJson(experiment);
    const groups = options.data?.groups && Array.from(options.data.groups); // the buffers may be handed over
    const conversation = await connect({ sameThread, threads: options.threads });
    try {
      const buffers = transfer && !sameThread ? buffersOf([options.data, options.validationData]) : [];
      const request = { json, options: { ...options, base: startOf(base) } };
      const opened = await conversation.call('open', request, buffers, onProgress);
      const trainer = new Trainer(conversation, opened, groups);
      if (options.weights || options.transferWeights) trainer.#deviations.add('weights');
      if (options.resume) trainer.#deviations.add('resumed');
      return trainer;
    } catch (error) {
      await conversation.close();
      throw error;
    }
  }

  /**
   * @param {import('./client.js').Conversation} conversation
   * @param {{ start: import('./index.d.ts').StartEvent, experiment: import('./index.d.ts').Experiment }} opened
   * @param {number[]} [groups]  of the samples in memory
   */
  constructor(conversation, { start, experiment }, groups) {
    this.#conversation = conversation;
    this.#groups = groups;
    this.start = start;
    this.experiment = experiment;
  }

  /** @param {{ signal?: AbortSignal, steps?: boolean, onProgress?: (share: number) => void }} [options] */
  async *train({ signal, steps = false, onProgress } = {}) {
    if (this.#training) throw new Error('This trainer is training already: leave the other loop first');
    this.#training = true;
    let most = 0;
    try {
      for (;;) {
        for (let event = this.#undelivered.shift(); event; event = this.#undelivered.shift()) yield event;
        if (this.#ended || signal?.aborted) return;
        const { left } = await this.#advance({ milliseconds: kSlice, steps });
        most = left ? Math.max(most, left) : 0;
        if (left) onProgress?.(1 - left / most);
      }
    } finally {
      this.#training = false;
    }
  }

  async step() {
    if (!this.#ended) await this.#advance({ milliseconds: 0, steps: true, once: true });
    return this.#undelivered.splice(0);
  }

  /** @param {{ milliseconds: number, steps: boolean, once?: boolean }} request */
  async #advance(request) {
    const slice = await this.#conversation.call('advance', request);
    this.#happened(slice);
    return slice;
  }

  /** @param {{ events: import('./index.d.ts').TrainingEvent[], ended: boolean }} slice */
  #happened({ events, ended }) {
    this.#undelivered.push(...events);
    this.#ended = ended;
    if (ended) this.#end = /** @type {EndEvent} */ (events.at(-1));
  }

  async slowMotion() {
    if (this.#ended) return null;
    const { moment, ...slice } = await this.#conversation.call('slowMotion');
    this.#happened(slice);
    const events = this.#undelivered.splice(0);
    return moment ? { ...moment, labels: Int32Array.from(moment.labels), events } : null;
  }

  /** @param {{ samples?: number }} [options] */
  activationSpread({ samples = 64 } = {}) {
    return this.#conversation.call('activationSpread', samples);
  }

  async finish() {
    this.#end ??= await this.#conversation.call('finish');
    this.#ended = true;
    return this.#end;
  }

  get end() {
    return this.#end;
  }

  get deviations() {
    return [...this.#deviations];
  }

  /** @param {number} learningRate */
  setLearningRate(learningRate) {
    this.#deviations.add('learningRate');
    return this.#conversation.call('setLearningRate', learningRate);
  }

  /** @param {Samples} [data] */
  evaluate(data) {
    return this.#conversation.call('evaluate', data);
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  predict(inputs) {
    return this.#conversation.lend('predict', inputs);
  }

  /**
   * @param {Iterable<Blob | Uint8Array | string>} files
   * @param {Pick<import('./index.d.ts').DecodeOptions, 'signal' | 'onProgress'>} [options]
   */
  predictImages(files, options) {
    return answersOf(this, files, this.start.preparation, options);
  }

  /**
   * @param {Uint8Array | Blob | import('./table_types.d.ts').TableRow[]} rows
   * @param {import('./reading.js').ReadingOptions & { table?: boolean, network?: object }} [options]
   */
  predictRows(rows, { signal, onProgress, table, network } = {}) {
    return read(this.#conversation, { what: 'predict', rows, table, network }, { signal, onProgress });
  }

  /** @param {ArrayLike<number>} indices */
  samples(indices) {
    return this.#conversation.call('samples', Array.from(indices));
  }

  split() {
    return this.#conversation.call('split');
  }

  /** @param {number} epoch @param {ArrayLike<number>} indices */
  preview(epoch, indices) {
    return this.#conversation.call('preview', { epoch, indices: Array.from(indices) });
  }

  tensors() {
    return this.#conversation.call('tensors');
  }

  /** @param {string} name */
  tensor(name) {
    return this.#conversation.call('values', { name, which: 'tensor' });
  }

  /** @param {string} name */
  gradient(name) {
    return this.#conversation.call('values', { name, which: 'gradient' });
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  activations(inputs) {
    return this.#conversation.call('activations', inputs);
  }

  /** @param {import('./index.d.ts').Inputs} inputs @param {number} output */
  inputGradient(inputs, output) {
    return this.#conversation.call('inputGradient', { inputs, output });
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  features(inputs) {
    return this.#conversation.call('features', inputs);
  }

  /** @param {ArrayLike<number>} indices */
  sampleFeatures(indices) {
    return this.#conversation.call('sampleFeatures', Array.from(indices));
  }

  /** @param {import('./familiarity_types.d.ts').FamiliarityOptions} [options] */
  familiarity(options) {
    return Familiarity.of(this, { groups: this.#groups, ...options });
  }

  /** @param {import('./index.d.ts').GradientCheckOptions} [options] */
  checkGradients(options) {
    return this.#examine('gradients', options);
  }

  /** @param {import('./index.d.ts').OverfitOptions} [options] */
  overfit(options) {
    return this.#examine('overfit', options);
  }

  /** @param {import('./index.d.ts').LearningRateOptions} [options] */
  findLearningRate(options) {
    return this.#examine('learningRate', options);
  }

  /** @param {string} name @param {import('./index.d.ts').CheckOptions} [options] */
  async #examine(name, { signal, onProgress, ...options } = {}) {
    if (this.#examining) throw new Error('This trainer is being examined already');
    this.#examining = true;
    try {
      signal?.throwIfAborted();
      await this.#conversation.call('beginCheck', { name, options });
      for (;;) {
        const { progress, result } = await this.#conversation.call('advanceCheck', kSlice);
        onProgress?.(progress);
        if (result) return result;
        signal?.throwIfAborted();
      }
    } finally {
      this.#examining = false;
      if (!this.#conversation.dead) await this.#conversation.call('endCheck');
    }
  }

  saveWeights() {
    return this.#conversation.call('saveWeights');
  }

  /** @param {Uint8Array} file */
  loadWeights(file) {
    this.#deviations.add('weights');
    return this.#conversation.call('loadWeights', file);
  }

  weightsSha256() {
    return this.#conversation.call('weightsSha256');
  }

  /** @param {import('./index.d.ts').ExportTarget} to */
  async export(to) {
    const problems = checkTarget(to);
    if (problems.length) throw new InputError(problems);
    const { shape, classNames, preparation } = this.start;
    return writeNetwork(this.experiment, { shape, weights: await this.saveWeights(), to, preparation, classNames });
  }

  checkpoint() {
    return this.#conversation.call('checkpoint');
  }

  async dataSha256() {
    return splitFile(await this.checkpoint()).header.__metadata__.data; // which the core computes but once
  }

  dispose() {
    return this.#conversation.close();
  }
}

/**
 * What a network says of pictures, without those that cannot be read.
 * @param {{ predict(inputs: Uint8Array): Promise<{ probabilities: Float32Array, outputs: number }> }} network
 * @param {Iterable<Blob | Uint8Array | string>} files
 * @param {import('./preparation.js').Preparation} preparation
 * @param {Pick<import('./index.d.ts').DecodeOptions, 'signal' | 'onProgress'>} [options]
 */
export async function answersOf(network, files, preparation, options) {
  const { inputs, accepted, rejected } = await prepareImages(files, preparation, options);
  const none = { probabilities: new Float32Array(), outputs: 0 };
  return { ...(accepted.length ? await network.predict(inputs) : none), accepted, rejected };
}
