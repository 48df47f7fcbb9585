// What can be asked of an engine: a name of a request is a name of a method. In a worker (engine_worker.js), or, where the caller wants none, in the
// caller's own thread (client.js).
import { checkInputs, checkSamples, loadSets, pictureNotes } from './dataset.js';
import { Examination } from './examination.js';
import { loadEngine } from './engine.js';
import { endEvent, epochEvent, startEvent, stepEvent, withInterval, withNaN, withRegression } from './events.js';
import { InputError, inWords, problem } from './experiment.js';
import { bytesOf, checkBytes, inNode, unpack } from './files.js';
import { preparationOf, tablePreparation } from './preparation.js';
import { Readings } from './reading.js';
import { inSharedMemory } from './shared_memory.js';
import { describe } from './table_columns.js';
import { predictRows } from './table_rows.js';
import { medianNotes } from './table_samples.js';
import { filled, holdBack } from './test_part.js';
import { loadTransfer } from './transfer.js';
import { describedWeights, kVersion, matchClasses, matchColumns } from './weights_file.js';
import { weightsNotes } from './weights_notes.js';

const kParkAfter = 5; // milliseconds without a request after which the pool is put to sleep

/**
 * @typedef {import('./engine.js').Engine} Engine
 * @typedef {import('./index.d.ts').OpenOptions} OpenOptions
 * @typedef {import('./index.d.ts').TrainingEvent} TrainingEvent
 */

export class Operations {
  /** @type {Engine | undefined} */
  #engine;
  /** @type {any} */
  #start;
  #seconds = 0;
  #ended = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #parking;
  /** @type {Examination | undefined} */
  #examination;
  #experiment = '{}';
  /** @type {any} */
  #description; // of the weights, but for their hash
  #readings = new Readings();

  /** What the core printed last, if there is one. */
  get lastWords() {
    return this.#engine?.lastWords ?? '';
  }

  get #running() {
    if (!this.#start) throw new Error('No experiment is open');
    return this.#loaded;
  }

  get #loaded() {
    if (!this.#engine) throw new Error('No engine is loaded');
    return this.#engine;
  }

  /**
   * Starts the engine; what is asked first. Answers the compiled build by its name: with it, the next worker need not compile, and has
   * from its first step on what the browser has optimized by then.
   * @param {Parameters<typeof loadEngine>[0]} [wanted]
   * @param {(progress: any) => void} [tell]  hears at once that somebody is there
   */
  async load(wanted = {}, tell = undefined) {
    tell?.('here');
    this.#engine ??= await loadEngine(wanted);
    return { [this.#engine.build]: this.#engine.module };
  }

  options() {
    return this.#loaded.options();
  }

  /** @param {string} json */
  check(json) {
    return this.#loaded.check(json).problems;
  }

  /** The experiment with every default written out. @param {string} json */
  writeOut(json) {
    const { problems, experiment } = this.#loaded.check(json);
    if (problems.length) throw new InputError(problems);
    return experiment;
  }

  /** The sets of an experiment, for engines that open it, in memory that they can share. @param {{ json: string, options: OpenOptions, held?: import('./test_part.js').Held }} request */
  async loadSets({ json, options, held }) {
    const sets = await loadSets(this.writeOut(json), options);
    return inSharedMemory(held ? holdBack(this.#loaded, json, sets, held) : sets);
  }

  /** @param {{ test: import('./dataset.js').Loaded, seed: number }} request  what `loadSets` has held back */
  evaluateTest({ test, seed }) {
    this.#running.read(2, filled(test, this.#start.preparation), 'testSplit', { seed });
    return withInterval(withRegression(withNaN(this.#running.evaluate(2))));
  }

  /** @param {{ json: string, options: OpenOptions, sets?: import('./dataset.js').Sets, fold?: { index: number, count: number } }} request @param {OpenOptions['onProgress']} [tell] */
  async open({ json, options, sets, fold }, tell) {
    const { weights, resume, featureCacheBytes: featureBytes } = options;
    const engine = this.#loaded;
    const whole = this.writeOut(json);
    const { set, validation, places } = sets ?? (await loadSets(whole, options));
    engine.read(0, set, places[0], whole);
    if (validation) engine.read(1, validation, places[1], whole);

    const opened = engine.open(json, { fold, featureBytes });
    this.#ended = false;
    this.#seconds = 0;
    this.#experiment = json;
    const transfer = weights || resume ? undefined : await this.#transfer(whole.transfer, options, tell);
    const table = set.read === 'table' ? set : undefined;
    const preparation = table
      ? tablePreparation(table, opened.start)
      : preparationOf(whole.dataset, opened.start, set.read === 'samples' ? set : {});
    if (table) {
      const medians = medianNotes(/** @type {any} */ (preparation).columns, table.missing);
      opened.start.notes.unshift(...table.notes, ...medians, ...(validation?.read === 'table' ? validation.notes : []));
    }
    const { shape, notes } = opened.start;
    const unusedWeights = weights && this.#take(weights, { ...opened.start, preparation }).unused;
    if (resume) engine.resume(checkBytes(resume, 'resume'));
    notes.unshift(...[set, validation].flatMap(pictureNotes));
    notes.push(...(weights ? weightsNotes(weights, opened.experiment, shape, preparation) : []));
    this.#start = startEvent(opened.start, engine, preparation, { transfer, unusedWeights });
    this.#description = {
      version: kVersion,
      experiment: opened.experiment,
      preparation,
      classNames: opened.start.classNames,
    };
    return { start: this.#start, experiment: opened.experiment };
  }

  /** @param {any} transfer  of the experiment @param {OpenOptions} options @param {OpenOptions['onProgress']} tell */
  async #transfer(transfer, { transferWeights: given, base }, tell) {
    if (!transfer) return undefined;
    const file = given ? checkBytes(given, 'transferWeights') : await loadTransfer(transfer.weights, base, tell);
    return { ...transfer, ...this.#loaded.transfer(file, 'transfer.weights') };
  }

  /**
   * Trains for a slice of time, or to the end of the epoch if that comes first.
   * @param {{ milliseconds: number, steps: boolean, once?: boolean }} request  once: a single step
   * @returns {{ events: TrainingEvent[], ended: boolean, left?: number }}  left: pictures that have to go through what is frozen
   */
  advance({ milliseconds, steps, once = false }) {
    const engine = this.#running;
    /** @type {TrainingEvent[]} */
    const events = [];
    const until = performance.now() + milliseconds;
    let before = performance.now();
    const stepsPerEpoch = this.#start.stepsPerEpoch;
    let stepped = false;
    let left;
    while (!this.#ended) {
      const unit = engine.advance();
      left = unit === 4 ? engine.event().left : undefined;
      const now = performance.now();
      this.#seconds += (now - before) / 1000;
      before = now;
      if (unit === 3) {
        this.#ended = true;
        events.push(endEvent(engine.event(), engine.memoryBytes));
      } else if (unit === 2) {
        events.push(epochEvent(engine.event(), this.#seconds));
        this.#seconds = 0;
        // A validation that a slice of time has left half-way is no step.
        if (!once || stepped) break;
      } else if (unit === 0) {
        stepped = true;
        const event = steps || once ? stepEvent(engine.event()) : undefined;
        if (event) events.push(event);
        if (once && /** @type {any} */ (event).step % stepsPerEpoch !== 0) break;
      }
      if (!once && now >= until) break;
    }
    this.#parkSoon(engine);
    return { events, ended: this.#ended, left };
  }

  /**
   * One step, told number by number. A validation that a slice of time has left half-way is finished first, that of its own epoch after it.
   * @returns {{ moment?: any, events: TrainingEvent[], ended: boolean }}
   */
  slowMotion() {
    const engine = this.#running;
    if (!engine.fitsSlowMotion) {
      throw problem('slowMotion', 'a network and a batch of at most a million numbers together', 'more');
    }
    const validation = { milliseconds: Infinity, steps: false };
    const events = engine.atStep ? [] : this.advance(validation).events;
    if (this.#ended) return { events, ended: true };
    const before = performance.now();
    const moment = engine.slowStep();
    this.#seconds += (performance.now() - before) / 1000;
    this.#ended = !moment;
    events.push(moment ? stepEvent(engine.event()) : endEvent(engine.event(), engine.memoryBytes));
    if (moment && moment.step % this.#start.stepsPerEpoch === 0) events.push(...this.advance(validation).events);
    this.#parkSoon(engine);
    return { moment, events, ended: this.#ended };
  }

  /** @param {number} samples */
  activationSpread(samples) {
    if (!(Number.isInteger(samples) && samples >= 2 && samples <= 1024)) {
      throw problem('samples', 'an integer from 2 to 1024', inWords(samples));
    }
    return this.#running.activationSpread(samples);
  }

  #parkSoon(/** @type {Engine} */ engine) {
    clearTimeout(this.#parking);
    this.#parking = setTimeout(() => engine.park(), kParkAfter);
    if (inNode) /** @type {any} */ (this.#parking).unref();
  }

  /** @param {number} learningRate */
  setLearningRate(learningRate) {
    if (!(typeof learningRate === 'number' && learningRate >= 0 && learningRate <= 1000)) {
      throw problem('learningRate', 'a number from 0 to 1000', inWords(learningRate));
    }
    this.#running.setLearningRate(learningRate);
  }

  finish() {
    this.#ended = true;
    return endEvent(this.#running.finish(), this.#running.memoryBytes);
  }

  /** @param {import('./index.d.ts').Samples | undefined} data */
  evaluate(data) {
    const engine = this.#running;
    if (data) engine.read(2, { read: 'samples', samples: checkSamples(data, 'data') }, 'data');
    const result = engine.evaluate(data ? 2 : -1);
    return withInterval({ ...withRegression(withNaN(result)), labels: Int32Array.from(result.labels) });
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  predict(inputs) {
    const samples = checkInputs(inputs, this.#start.shape, 'inputs');
    return { probabilities: this.#running.predict(inputs, samples), outputs: this.#start.outputs };
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  features(inputs) {
    return this.#running.features(inputs, checkInputs(inputs, this.#start.shape, 'inputs'), this.#start.outputs);
  }

  /** @param {ArrayLike<number>} indices */
  sampleFeatures(indices) {
    return this.#running.features(this.#checkIndices(indices), indices.length, this.#start.outputs);
  }

  /** @param {ArrayLike<number>} indices */
  samples(indices) {
    const { inputs, labels } = this.#running.samples(this.#checkIndices(indices));
    return { inputs, labels: Int32Array.from(labels) };
  }

  split() {
    const parts = Object.entries(this.#running.split());
    return Object.fromEntries(parts.map(([name, numbers]) => [name, Int32Array.from(numbers)]));
  }

  /** @param {{ epoch: number, indices: ArrayLike<number> }} request */
  preview({ epoch, indices }) {
    if (!(Number.isInteger(epoch) && epoch >= 1 && epoch < 2 ** 31)) {
      throw problem('epoch', 'an integer from 1 on', inWords(epoch));
    }
    return this.#running.preview(epoch, this.#checkIndices(indices));
  }

  /** @param {ArrayLike<number>} indices */
  #checkIndices(indices) {
    const { samples, validationSamples } = this.#start;
    const known = this.#running.split().labels.length || samples + validationSamples;
    const list = Array.from(indices);
    const wrong = list.find((index) => !(Number.isInteger(index) && index >= 0 && index < known));
    if (wrong !== undefined) throw problem('indices', `integers from 0 to ${known - 1}`, inWords(wrong));
    return Int32Array.from(list);
  }

  tensors() {
    return this.#running.tensors();
  }

  /** @param {{ name: string, which: 'tensor' | 'gradient' }} request */
  values({ name, which }) {
    if (typeof name !== 'string') throw problem('name', 'a tensor of this network', inWords(name));
    return this.#running.values(name, which);
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  activations(inputs) {
    return this.#running.activations(inputs, checkInputs(inputs, this.#start.shape, 'inputs'));
  }

  /** @param {{ inputs: import('./index.d.ts').Inputs, output: number }} request */
  inputGradient({ inputs, output }) {
    const { outputs, shape } = this.#start;
    const samples = checkInputs(inputs, shape, 'inputs');
    if (!(Number.isInteger(output) && output >= 0 && output < outputs)) {
      throw problem('output', `an integer from 0 to ${outputs - 1}`, inWords(output));
    }
    return this.#running.inputGradient(inputs, samples, output);
  }

  /** @param {{ name: 'gradients' | 'overfit' | 'learningRate', options: any }} request */
  async beginCheck({ name, options }) {
    this.#examination?.close();
    this.#examination = undefined;
    this.#examination = await Examination.begin(this.#running, this.#start, this.#experiment, name, options);
  }

  /** Examines for a slice of time. @param {number} milliseconds */
  advanceCheck(milliseconds) {
    if (!this.#examination) throw new Error('No examination has begun');
    const slice = this.#examination.advance(milliseconds);
    this.#parkSoon(this.#running);
    return slice;
  }

  endCheck() {
    this.#examination?.close();
    this.#examination = undefined;
  }

  /**
   * Begins to read a table: to describe it, or to predict its rows. Answers the number of the reading.
   * @param {{ what: 'describe' | 'predict', rows: Uint8Array | Blob | import('./table_types.d.ts').TableRow[], table?: boolean,
   *   network?: { preparation: import('./preparation_types.d.ts').Preparation, classNames: string[] } }} request  network: another one's
   *   than the experiment's, whose inputs the engine does not normalize
   */
  async beginReading({ what, rows, table = false, network }) {
    const option = what === 'predict' ? 'rows' : 'file';
    const isList = what === 'predict' && Array.isArray(rows);
    const given = isList ? rows : await unpack(await bytesOf(rows, option), 'the table', option);
    const reading =
      what === 'describe' ? describe(/** @type {Uint8Array} */ (given)) : this.#predictRows(given, table, network);
    return this.#readings.begin(reading);
  }

  /** @param {Uint8Array | import('./table_types.d.ts').TableRow[]} rows @param {boolean} table @param {any} [network] */
  #predictRows(rows, table, network) {
    const engine = this.#running;
    const { preparation, classNames } = network ?? this.#start;
    const predict = (/** @type {Float64Array} */ inputs, /** @type {number} */ samples) =>
      engine.predict(inputs, samples);
    const { outputs } = this.#start;
    return predictRows(rows, table, { preparation, classNames, outputs, normalizes: !network, predict });
  }

  /** @param {{ reading: number, milliseconds: number }} request */
  advanceReading({ reading, milliseconds }) {
    return this.#readings.advance(reading, milliseconds);
  }

  /** @param {number} reading */
  endReading(reading) {
    this.#readings.end(reading);
  }

  saveWeights() {
    const engine = this.#running;
    return describedWeights(engine.weights(), { ...this.#description, weightsSha256: engine.weightsSha256() });
  }

  /** @param {Uint8Array} file */
  loadWeights(file) {
    return this.#take(file, this.#start);
  }

  /** @param {unknown} file @param {Pick<import('./index.d.ts').StartEvent, 'classNames' | 'layers' | 'preparation'>} start */
  #take(file, { classNames, layers, preparation }) {
    const bytes = checkBytes(file, 'weights');
    matchColumns(bytes, preparation);
    return this.#loaded.loadWeights(matchClasses(bytes, classNames, layers), 'weights');
  }

  weightsSha256() {
    return this.#running.weightsSha256();
  }

  checkpoint() {
    return this.#running.checkpoint();
  }

  /** Ends the run. Answers whether the engine is kept for another one: if it holds no more bytes than that. */
  async dispose({ keep = 0 } = {}) {
    clearTimeout(this.#parking);
    this.endCheck();
    this.#start = undefined;
    if (await this.#engine?.close(keep)) return true;
    this.#engine = undefined;
    return false;
  }
}
