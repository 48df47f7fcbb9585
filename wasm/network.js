// A network that answers, out of its weights file alone.
import { problem } from './experiment.js';
import { answersOf, Trainer } from './trainer.js';
import { describeWeights } from './weights_file.js';

export class Network {
  #trainer;

  /** @param {Trainer} trainer @param {import('./preparation_types.d.ts').WeightsDescription} described */
  constructor(trainer, { preparation, classNames }) {
    this.#trainer = trainer;
    this.preparation = preparation;
    this.classNames = classNames;
    this.outputs = trainer.start.outputs;
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  predict(inputs) {
    const { normalization } = this.preparation;
    return this.#trainer.predict(normalization ? normalized(inputs, normalization) : inputs);
  }

  /**
   * @param {Iterable<Blob | Uint8Array | string>} files
   * @param {Pick<import('./index.d.ts').DecodeOptions, 'signal' | 'onProgress'>} [options]
   */
  predictImages(files, options) {
    return answersOf(this, files, this.preparation, options);
  }

  /**
   * @param {Uint8Array | Blob | import('./table_types.d.ts').TableRow[]} rows
   * @param {import('./reading.js').ReadingOptions & { table?: boolean }} [options]
   */
  predictRows(rows, options) {
    const { preparation, classNames } = this;
    return this.#trainer.predictRows(rows, { ...options, network: { preparation, classNames } });
  }

  dispose() {
    return this.#trainer.dispose();
  }
}

/**
 * As the engine does it: less the mean while it is in double precision, over the deviation (core/batch.cpp).
 * @param {import('./index.d.ts').Inputs} inputs
 * @param {{ mean: number[], deviation: number[] }} normalization
 */
function normalized(inputs, { mean, deviation }) {
  const scale = inputs instanceof Uint8Array ? 1 / 255 : 1;
  return Float32Array.from(inputs, (value, i) => (value * scale - mean[i % mean.length]) / deviation[i % mean.length]);
}

/**
 * @param {Uint8Array} weights
 * @param {Pick<import('./index.d.ts').OpenOptions, 'threads' | 'sameThread' | 'base'> & { experiment?: import('./index.d.ts').Experiment }} [options]
 */
export async function openNetwork(weights, { experiment: wanted, ...options } = {}) {
  const described = describeWeights(weights);
  if (!described)
    throw problem('weights', 'a file that Trainground has written, with its experiment', 'weights without it');
  const { preparation, classNames, experiment } = described;
  const { seed, layers, loss, exact } = /** @type {any} */ (wanted ?? experiment);
  const shape = preparation.kind === 'picture' ? [...preparation.size, preparation.channels] : preparation.shape;
  // An engine wants samples: one of nothing for each class, or two without any.
  const samples = Math.max(2, classNames.length);
  const inputs = new Float32Array(samples * shape.reduce((size, side) => size * side, 1));
  const outputs = layers.at(-1).units;
  const told = classNames.length
    ? { labels: classNames.map((_, k) => k), classNames }
    : { targets: new Float32Array(samples * outputs) };
  const data = /** @type {import('./index.d.ts').Samples} */ ({ inputs, shape, ...told });
  const trainer = await Trainer.open({ seed, layers, loss, exact, validationSplit: 0 }, { ...options, data, weights });
  return new Network(trainer, described);
}
