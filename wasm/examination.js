// The three good-practice checks on the engine's side. Each works on a copy of the run's network, so the run stays as it is; the check
// of gradients works in the twin in double precision, which is loaded when it is first needed and freed afterwards.
import { loadTwin } from './engine.js';
import { InputError, inWords } from './experiment.js';

/**
 * @typedef {import('./engine.js').Engine} Engine
 * @typedef {'gradients' | 'overfit' | 'learningRate'} Name
 * @typedef {{ progress: number, result?: any }} Slice
 */

/** Each option's least and largest value; whole: no fractions. @type {Record<Name, Record<string, [number, number, boolean]>>} */
const kRanges = {
  gradients: { samples: [2, 256, true], perTensor: [1, 100_000, true] },
  overfit: { samples: [2, 1024, true], maxSteps: [1, 100_000, true] },
  learningRate: { from: [1e-12, 1000, false], to: [1e-12, 1000, false], steps: [8, 10_000, true] },
};

/** @param {Name} name @param {any} options */
function checkOptions(name, options) {
  const problems = [];
  for (const [key, [least, most, whole]] of Object.entries(kRanges[name])) {
    const value = options[key];
    if (value === undefined) continue;
    if (!(typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value)))) {
      problems.push({
        path: key,
        expected: `${whole ? 'an integer' : 'a number'} from ${least} to ${most}`,
        given: inWords(value),
      });
    }
  }
  if (problems.length === 0 && name === 'learningRate' && !((options.from ?? 1e-7) < (options.to ?? 10))) {
    problems.push({ path: 'to', expected: 'a number above `from`', given: inWords(options.to ?? 10) });
  }
  if (options.breakGradient !== undefined && typeof options.breakGradient !== 'string') {
    problems.push({ path: 'breakGradient', expected: 'the name of a tensor', given: inWords(options.breakGradient) });
  }
  if (problems.length) throw new InputError(problems);
}

/** One examination of a run. */
export class Examination {
  /**
   * @param {Engine} engine  that of the run
   * @param {any} start
   * @param {string} json  the run's experiment
   * @param {Name} name
   * @param {any} options
   */
  static async begin(engine, start, json, name, options) {
    checkOptions(name, options);
    if (name !== 'gradients') {
      engine.beginCheck(name, options);
      return new Examination(name, engine, start);
    }
    const twin = await openTwin(engine, start, json, options.samples ?? 8);
    try {
      twin.beginCheck(name, options);
      return new Examination(name, twin, start, twin);
    } catch (error) {
      twin.close();
      throw error;
    }
  }

  #name;
  #engine;
  #start;
  #own;
  #over = false;

  /** @param {Name} name @param {Engine} engine @param {any} start @param {Engine} [own]  an engine that nobody else uses */
  constructor(name, engine, start, own) {
    this.#name = name;
    this.#engine = engine;
    this.#start = start;
    this.#own = own;
  }

  /** @param {number} milliseconds @returns {Slice} */
  advance(milliseconds) {
    const until = performance.now() + milliseconds;
    let more = true;
    while (more && performance.now() < until) more = this.#engine.advanceCheck(1);
    if (more) return { progress: this.#engine.checkProgress };
    this.#over = true;
    return { progress: 1, result: this.#told(this.#engine.endCheck()) };
  }

  close() {
    if (!this.#over) this.#engine.endCheck();
    this.#over = true;
    this.#own?.close();
    this.#own = undefined;
  }

  /** JSON has no NaN, and the core does not know the words of layers. @param {any} result */
  #told(result) {
    const number = (/** @type {number | null} */ value) => value ?? NaN;
    if (this.#name === 'overfit') {
      return {
        ...result,
        loss: number(result.loss),
        lowestPossible: result.lowestPossible ?? Infinity,
        losses: Float64Array.from(result.losses.map(number)),
      };
    }
    if (this.#name === 'learningRate') {
      const { rates, losses, smoothed, ...rest } = result;
      return {
        ...rest,
        rates: Float64Array.from(rates),
        losses: Float64Array.from(losses),
        smoothed: Float64Array.from(smoothed),
      };
    }
    const row = (/** @type {any} */ raw) => {
      const { name, layer, ...rest } = raw;
      const { error, analytic, numeric } = raw;
      const numbers = { error: number(error), analytic: number(analytic), numeric: number(numeric) };
      return { name, layer, type: this.#start.layers[layer].type, ...rest, ...numbers };
    };
    return {
      ...result,
      loss: number(result.loss),
      worst: result.worst && row(result.worst),
      tensors: result.tensors.map(row),
    };
  }
}

/**
 * A twin with the run's network and weights, and a batch that stands for its data.
 * @param {Engine} engine
 * @param {any} start
 * @param {string} json
 * @param {number} count
 */
async function openTwin(engine, start, json, count) {
  const { inputs, labels, targets } = engine.fixedBatch(count);
  const weights = engine.weights();
  const samples = labels.length || targets.length / start.outputs;
  const twin = await loadTwin().catch((error) => {
    throw Object.assign(error, { harmless: true }); // the run's own engine is as it was
  });
  try {
    const { shape, outputs, classNames } = start;
    const answers = targets.length
      ? { targets: Float32Array.from(targets) }
      : { labels, classNames: Array.from({ length: outputs }, (_, k) => classNames[k] ?? String(k)) };
    twin.read(0, { read: 'samples', samples: { inputs, shape, ...answers } }, 'data');
    // The batch is normalized already, and all of it is looked at.
    const { dataset: _dataset, earlyStopping: _earlyStopping, ...experiment } = JSON.parse(json);
    twin.open(JSON.stringify({ ...experiment, augmentation: [], validationSplit: 0, batchSize: samples }));
    twin.loadWeights(weights, 'weights');
    return twin;
  } catch (error) {
    twin.close();
    throw error;
  }
}
