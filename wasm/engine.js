// Loads a build of the core and speaks to it. The only file that touches the raw module.
//
// Structured values cross as JSON text, bulk data as views of wasm memory, which are copied at once. In a browser this must run in
// a module Worker, since the threads build waits on its pool.
import { takePlaces } from './assets.js';
import { choose, requireSimd } from './build.js';
import { InputError, problem } from './experiment.js';
import { start } from './start.js';

/**
 * @typedef {import('./experiment.js').Problem} Problem
 * @typedef {import('./dataset.js').Loaded} Loaded
 * @typedef {import('./build.js').Choice} Choice
 */

/** Compiled builds, by name. @typedef {Partial<Record<Choice['build'], WebAssembly.Module>>} Modules */

/**
 * Loads an engine. Where the threads build does not start (a phone that refuses the memory, say) the single one takes its place.
 * @param {{ threads?: number, modules?: Modules, places?: Record<string, string> }} wanted  modules: those that need not be compiled again
 *   places: of files, where another thread was told them
 * @returns {Promise<Engine>}
 */
export async function loadEngine({ threads, modules, places }) {
  if (places) takePlaces(places);
  const choice = choose(threads);
  requireSimd();
  if (choice.build === 'single') return Engine.start(choice, modules);
  try {
    return await Engine.start(choice, modules);
  } catch (error) {
    const reason = `the build with threads did not start: ${/** @type {Error} */ (error).message}`;
    return Engine.start({ build: 'single', threads: 1, reason }, modules);
  }
}

/** The twin in double precision, which checks gradients. @returns {Promise<Engine>} */
export function loadTwin() {
  return Engine.start({ build: 'float64', threads: 1, reason: 'gradients are checked in double precision' });
}

/** @param {ArrayBufferView} view */
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/**
 * @param {Problem[]} problems
 * @param {string} [prefix]  what the paths are relative to
 */
function refuse(problems, prefix = '') {
  if (problems.length === 0) return;
  throw new InputError(
    problems.map((each) => ({ ...each, path: prefix + (each.path ? `${prefix && '.'}${each.path}` : '') })),
  );
}

/** One engine with one run in it. */
export class Engine {
  #raw;
  #memory;
  #session;
  #lastWords;
  #pool;

  /** @param {Choice} choice @param {Modules} [modules] */
  static async start(choice, modules) {
    const started = await start(choice, modules?.[choice.build]);
    const engine = new Engine(started, choice);
    engine.module = started.module;
    return engine;
  }

  /** What the engine was compiled to. @type {WebAssembly.Module | undefined} */
  module;

  /** @param {import('./start.js').Started} started @param {Choice} choice */
  constructor({ raw, memory, lastWords, pool }, choice) {
    this.#raw = raw;
    this.#memory = memory;
    this.#lastWords = lastWords;
    this.#pool = pool;
    if (choice.threads > 1) raw.setThreads(choice.threads);
    this.#session = new raw.Session();
    this.build = choice.build;
    this.reason = choice.reason;
    this.threads = raw.threads();
  }

  /** What WebAssembly's memory has grown to: it never shrinks. @returns {number} */
  get memoryBytes() {
    return this.#memory.buffer.byteLength;
  }

  /** What the core printed last, to be told with a fault. */
  get lastWords() {
    return this.#lastWords.slice(-5).join('\n');
  }

  options() {
    return JSON.parse(this.#raw.optionsTable());
  }

  /** @param {string} json @returns {{ problems: Problem[], experiment: any }} */
  check(json) {
    return JSON.parse(this.#raw.checkExperiment(json));
  }

  /** @param {number} slot @param {ArrayBufferView} view */
  #input(slot, view) {
    const bytes = bytesOf(view);
    this.#session.input(slot, bytes.length).set(bytes);
  }

  /**
   * Hands a set to the core: part 0 is the set, 1 its own validation set, 2 one to evaluate.
   * @param {0 | 1 | 2} part
   * @param {Loaded} loaded
   * @param {string} option  what problems are about
   * @param {{ seed?: number }} [experiment]  with its defaults written out
   */
  read(part, loaded, option, { seed = 0 } = {}) {
    const session = this.#session;
    let problems = '[]';
    if (loaded.read === 'idx') {
      this.#input(0, loaded.images);
      this.#input(1, loaded.labels);
      problems = session.readIdx(part);
    } else if (loaded.read === 'table') {
      problems = this.#readSamples(part, loaded);
    } else if (loaded.read === 'safetensors') {
      this.#input(0, loaded.file);
      problems = session.readSafetensors(part, loaded.inputs, loaded.labels, loaded.groups ?? '');
    } else if (loaded.read === 'points') {
      session.makePoints(part, loaded.shape, loaded.samples, loaded.noise, seed);
    } else {
      problems = this.#readSamples(part, loaded.samples);
    }
    refuse(JSON.parse(problems), option);
  }

  /**
   * @param {number} part
   * @param {import('./index.d.ts').Samples & { widths?: number[] }} samples  widths: of a table's columns, which inputs are (N, columns) of
   */
  #readSamples(part, { inputs, shape, labels, targets, classNames = [], groups, bursts, widths: columns }) {
    const [height, width, channels] = shape;
    const samples = inputs.length / (columns?.length ?? height * width * channels);
    const type = typeOf(inputs);
    this.#input(0, inputs);
    this.#input(1, targets ?? Int32Array.from(labels ?? []));
    this.#input(2, Int32Array.from(groups ?? []));
    const outputs = targets && targets.length / samples;
    return this.#session.readSamples(
      part,
      JSON.stringify({ samples, height, width, channels, type, outputs, classNames, columns, bursts }),
    );
  }

  /**
   * @param {string} json
   * @param {{ fold?: { index: number, count: number }, featureBytes?: number }} [options]  fold: which one is held back; count 0: what the
   *   experiment says
   * @returns {{ start: any, experiment: any }}
   */
  open(json, { fold: { index, count } = { index: 0, count: 0 }, featureBytes = -1 } = {}) {
    if (!(Number.isInteger(featureBytes) && featureBytes >= -1 && featureBytes <= 2 ** 31))
      throw problem('featureCacheBytes', 'an integer from 0 to 2147483648', String(featureBytes));
    const { problems, start, experiment } = JSON.parse(this.#session.open(json, index, count, featureBytes));
    refuse(problems);
    return { start, experiment };
  }

  /** One unit of work: 0 a step, 1 a batch of validation, 2 an epoch's end, 3 the run's, 4 features. @returns {0 | 1 | 2 | 3 | 4} */
  advance() {
    return this.#session.advance();
  }

  /** What the last advance() did. */
  event() {
    return JSON.parse(this.#session.event());
  }

  /** @param {number} learningRate */
  setLearningRate(learningRate) {
    this.#session.setLearningRate(learningRate);
  }

  finish() {
    return JSON.parse(this.#session.finish());
  }

  /** Whether a step of this network is small enough to be told number by number. @returns {boolean} */
  get fitsSlowMotion() {
    return this.#session.fitsSlowMotion();
  }

  /** Whether the next unit of work is a step. @returns {boolean} */
  get atStep() {
    return this.#session.atStep();
  }

  /** The step that comes next, number by number; undefined where it ended the run. @returns {any} */
  slowStep() {
    const told = JSON.parse(this.#session.slowStep());
    return told.step === undefined ? undefined : withArrays(told, this.#session.output());
  }

  /** @param {number} samples @returns {any[]} */
  activationSpread(samples) {
    return JSON.parse(this.#session.activationSpread(samples));
  }

  /** @returns {Float32Array} */
  #output() {
    return this.#session.output().slice();
  }

  /** @param {-1 | 0 | 1 | 2} part */
  evaluate(part) {
    const { problems, ...result } = JSON.parse(this.#session.evaluate(part));
    refuse(problems, part === 2 ? 'data' : '');
    const { targets, ...told } = result;
    const numbers = this.#output();
    if (!targets) return { ...told, probabilities: numbers };
    return { ...told, probabilities: numbers.slice(0, -targets), targets: numbers.slice(-targets) };
  }

  /** @param {import('./index.d.ts').Inputs} inputs @param {number} samples */
  predict(inputs, samples) {
    this.#input(0, inputs);
    this.#session.predict(samples, typeOf(inputs));
    return this.#output();
  }

  /**
   * What to compare pictures by, and what is said of them.
   * @param {import('./index.d.ts').Inputs | Int32Array} inputs  or indices of samples
   * @param {number} count
   * @param {number} outputs
   * @returns {import('./familiarity_types.d.ts').Features}
   */
  features(inputs, count, outputs) {
    this.#input(0, inputs);
    const isIndices = inputs instanceof Int32Array;
    const width = this.#session.describe(isIndices ? 0 : count, isIndices ? '' : typeOf(inputs));
    const numbers = this.#output();
    return { width, probabilities: numbers.slice(0, count * outputs), features: numbers.slice(count * outputs) };
  }

  /** @param {Int32Array} indices @returns {{ inputs: Float32Array, labels: number[] }} */
  samples(indices) {
    this.#input(0, indices);
    const { labels } = JSON.parse(this.#session.samples());
    return { inputs: this.#output(), labels };
  }

  /** @returns {{ training: number[], validation: number[], labels: number[] }} */
  split() {
    return JSON.parse(this.#session.split());
  }

  /** @param {number} epoch @param {Int32Array} indices */
  preview(epoch, indices) {
    this.#input(0, indices);
    this.#session.preview(epoch);
    return this.#output();
  }

  tensors() {
    return JSON.parse(this.#session.tensors());
  }

  /** @param {string} name @param {'tensor' | 'gradient'} which */
  values(name, which) {
    refuse(JSON.parse(this.#session[which](name)));
    return this.#output();
  }

  /** @param {import('./index.d.ts').Inputs} inputs @param {number} samples */
  activations(inputs, samples) {
    this.#input(0, inputs);
    return withArrays(JSON.parse(this.#session.activations(samples, typeOf(inputs))), this.#session.output());
  }

  /** @param {import('./index.d.ts').Inputs} inputs @param {number} samples @param {number} output */
  inputGradient(inputs, samples, output) {
    this.#input(0, inputs);
    this.#session.inputGradient(samples, typeOf(inputs), output);
    return this.#output();
  }

  /**
   * Samples that stand for the training part, as the network takes them.
   * @param {number} count
   * @returns {{ inputs: Float32Array, labels: number[], targets: number[] }}
   */
  fixedBatch(count) {
    const { labels, targets } = JSON.parse(this.#session.fixedBatch(count));
    return { inputs: this.#output(), labels, targets };
  }

  /** @param {'gradients' | 'overfit' | 'learningRate'} name @param {object} options */
  beginCheck(name, options) {
    refuse(JSON.parse(this.#session.beginCheck(name, JSON.stringify(options))));
  }

  /** @param {number} units @returns {boolean} whether there is more to do */
  advanceCheck(units) {
    return this.#session.advanceCheck(units);
  }

  /** @returns {number} */
  get checkProgress() {
    return this.#session.checkProgress();
  }

  /** What the examination found; it is over then. @returns {any} */
  endCheck() {
    return JSON.parse(this.#session.endCheck());
  }

  /** @returns {Uint8Array} */
  weights() {
    return this.#session.weights().slice();
  }

  /** @returns {string} */
  weightsSha256() {
    return this.#session.weightsSha256();
  }

  /**
   * Takes all tensors of the network, and tells what else is in the file.
   * @param {Uint8Array} file
   * @param {string} option
   * @returns {{ unused: import('./index.d.ts').TensorPlace[] }}
   */
  loadWeights(file, option) {
    this.#input(0, file);
    const { problems, unused } = JSON.parse(this.#session.loadWeights());
    refuse(problems, option);
    return { unused };
  }

  /**
   * Takes what fits, and tells what was done with each tensor.
   * @param {Uint8Array} file
   * @param {string} option
   */
  transfer(file, option) {
    this.#input(0, file);
    const { problems, ...done } = JSON.parse(this.#session.transfer());
    refuse(problems, option);
    return done;
  }

  /** @returns {Uint8Array} */
  checkpoint() {
    return this.#session.checkpoint().slice();
  }

  /** @param {Uint8Array} file */
  resume(file) {
    this.#input(0, file);
    refuse(JSON.parse(this.#session.resume()), 'resume');
  }

  /** Lets the pool sleep instead of spinning for work. */
  park() {
    if (this.build === 'threads') this.#raw.parkThreads();
  }

  /** Frees the run and ends the pool; of an engine that holds no more than so many bytes the run alone, and answers true. */
  async close(keep = 0) {
    this.#session.delete();
    const isKept = this.memoryBytes <= keep;
    if (isKept) this.#session = new this.#raw.Session();
    else if (this.#pool) this.#raw.setThreads(1);
    if (!isKept) await this.#pool?.end();
    return isKept;
  }
}

/**
 * A value in which {numbers: [offset, length]} stands for a part of `numbers`, with those parts in place.
 * @param {any} value
 * @param {Float32Array} numbers
 * @returns {any}
 */
function withArrays(value, numbers) {
  if (value === null || typeof value !== 'object') return value;
  if (value.numbers) return numbers.slice(value.numbers[0], value.numbers[0] + value.numbers[1]);
  if (Array.isArray(value)) return value.map((each) => withArrays(each, numbers));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withArrays(each, numbers)]));
}

/** @param {import('./index.d.ts').Inputs} inputs */
const typeOf = (inputs) =>
  inputs instanceof Uint8Array ? 'uint8' : inputs instanceof Float32Array ? 'float32' : 'float64';
