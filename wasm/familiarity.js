// How like the training pictures a picture is: the cosine to the nearest of them, in what the network makes of them before its last layer.
//
// Each number of these features is taken to the power .7, which keeps a few large ones from deciding alone, then each vector to length one. A
// backbone's averages tell other people's photos from one's own so, which the surest class's probability does not.
import { inWords, problem } from './experiment.js';

const kPower = 0.7;
const kNeighbours = 5;
const kBatch = 8; // training pictures that go through the network at a time
const kDeviations = 2.5; // below the mean of the training pictures' own scores
const kMostNumbers = 2 ** 24; // of all training pictures together: 64 MB
const kFewest = 10; // of fewer training pictures the deviation says nothing

/** @typedef {import('./trainer.js').Trainer} Trainer */

/**
 * The closest so far, the closest first.
 * @typedef {{ similarities: number[], places: number[] }} Closest
 */

/** @param {Closest} closest @param {number} similarity @param {number} place */
function offer({ similarities, places }, similarity, place) {
  let at = similarities.length;
  while (at > 0 && similarities[at - 1] < similarity) at--;
  if (at === kNeighbours) return;
  similarities.splice(at, 0, similarity);
  places.splice(at, 0, place);
  similarities.length = places.length = Math.min(kNeighbours, places.length);
}

/** @param {number[]} list */
const meanOf = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;

/**
 * At most so many of these samples, of each class as many as of any other where it has them, evenly from its first to its last.
 * @param {Int32Array} samples @param {ArrayLike<number>} labels  of the whole set; empty: there are no classes @param {number} most
 */
export function drawEvenly(samples, labels, most) {
  /** @type {Map<number, number[]>} */
  const classes = new Map();
  for (const index of samples) {
    const list = classes.get(labels[index]) ?? [];
    classes.set(labels[index], list);
    list.push(index);
  }
  let room = most;
  const smallestFirst = [...classes.values()].sort((a, b) => a.length - b.length);
  return smallestFirst.flatMap((list, i) => {
    const count = Math.min(list.length, Math.floor(room / (smallestFirst.length - i)));
    room -= count;
    return Array.from({ length: count }, (_, k) => list[Math.floor(((k + 0.5) * list.length) / count)]);
  });
}

/**
 * Which training pictures are too near to say how near another one would be: those of the same group (frames of one burst), where the class
 * has pictures of other groups too.
 * @param {number[]} indices @param {ArrayLike<number>} labels @param {ArrayLike<number> | undefined} groups
 * @returns {(a: number, b: number) => boolean}
 */
function kinship(indices, labels, groups) {
  if (!groups) return () => false;
  /** @type {Map<number, Set<number>>} */
  const groupsOf = new Map();
  for (const index of indices) {
    groupsOf.set(labels[index], (groupsOf.get(labels[index]) ?? new Set()).add(groups[index]));
  }
  const counts = (/** @type {number} */ index) => /** @type {Set<number>} */ (groupsOf.get(labels[index])).size > 1;
  return (a, b) => groups[a] === groups[b] && counts(a);
}

/** The training pictures of a network as it stands, to compare others with. */
export class Familiarity {
  #trainer;
  #indices;
  /** (samples, features), each row of length one. */
  #rows = new Float32Array();

  /**
   * @param {Trainer} trainer
   * @param {import('./familiarity_types.d.ts').FamiliarityOptions} [options]
   */
  static async of(trainer, { samples: most = 2000, groups, signal, onProgress } = {}) {
    const { layers } = trainer.start;
    if (layers.length < 2 || layers[layers.length - 1].type !== 'dense') {
      const types = layers.map(({ type }) => type);
      throw problem('layers', 'at least two, the last of them dense, whose inputs are compared', inWords(types));
    }
    if (!(Number.isInteger(most) && most >= 2 && most <= 1e6)) {
      throw problem('samples', 'an integer from 2 to 1000000', inWords(most));
    }
    const { training, labels } = await trainer.split();
    if (groups && groups.length < labels.length) {
      throw problem('groups', `${labels.length} integers, one a sample`, inWords(groups.length));
    }
    const fitting = Math.floor(
      kMostNumbers / layers[layers.length - 2].outputShape.reduce((size, side) => size * side),
    );
    const familiarity = new Familiarity(trainer, drawEvenly(training, labels, Math.min(most, fitting)));
    await familiarity.#look(kinship(familiarity.#indices, labels, groups), { signal, onProgress });
    return familiarity;
  }

  /** @param {Trainer} trainer @param {number[]} indices  of the training pictures */
  constructor(trainer, indices) {
    this.#trainer = trainer;
    this.#indices = indices;
    this.samples = indices.length;
    this.threshold = -1;
  }

  /**
   * Looks at the training pictures; each is compared with those before it, while the worker is busy with the next.
   * @param {(a: number, b: number) => boolean} isKin
   * @param {Pick<import('./familiarity_types.d.ts').FamiliarityOptions, 'signal' | 'onProgress'>} options
   */
  async #look(isKin, { signal, onProgress }) {
    const indices = this.#indices;
    /** @type {Closest[]} */
    const closest = indices.map(() => ({ similarities: [], places: [] }));
    const batch = async (/** @type {number} */ begin) =>
      this.#directions(await this.#trainer.sampleFeatures(indices.slice(begin, begin + kBatch)));
    let next = batch(0);
    for (let begin = 0; begin < indices.length; begin += kBatch) {
      const { features, width } = await next;
      signal?.throwIfAborted();
      if (begin + kBatch < indices.length) next = batch(begin + kBatch);
      next.catch(() => {}); // told where it is waited for
      if (begin === 0) this.#rows = new Float32Array(indices.length * width);
      this.#rows.set(features, begin * width);
      for (let at = begin; at < Math.min(begin + kBatch, indices.length); at++) {
        const similarities = this.#similarities(this.#rows.subarray(at * width, (at + 1) * width), at);
        similarities.forEach((similarity, other) => {
          if (isKin(indices[at], indices[other])) return;
          offer(closest[at], similarity, other);
          offer(closest[other], similarity, at);
        });
      }
      onProgress?.(Math.min(1, (begin + kBatch) / indices.length));
    }
    const scores = closest.filter(({ places }) => places.length).map(({ similarities }) => meanOf(similarities));
    if (scores.length < kFewest) return;
    const mean = meanOf(scores);
    const variance = meanOf(scores.map((score) => (score - mean) ** 2));
    this.threshold = mean - kDeviations * Math.sqrt(variance);
  }

  /**
   * Features as they are compared: each row to the power, then of length one.
   * @param {import('./familiarity_types.d.ts').Features} told
   */
  #directions({ features, width, ...rest }) {
    // An embedding's have been through the power.
    const power = /** @type {any} */ (this.#trainer.experiment).layers[0].output === 'embedding' ? 1 : kPower;
    for (let i = 0; power !== 1 && i < features.length; i++)
      features[i] = Math.sign(features[i]) * Math.abs(features[i]) ** power;
    for (let begin = 0; begin < features.length; begin += width) {
      const row = features.subarray(begin, begin + width);
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
      for (let i = 0; i < width; i++) row[i] /= length;
    }
    return { features, width, ...rest };
  }

  /**
   * The cosines to the first few training pictures.
   * @param {Float32Array} one @param {number} count
   */
  #similarities(one, count) {
    const rows = this.#rows;
    const width = one.length;
    const cosines = new Float32Array(count);
    for (let row = 0; row < count; row++) {
      const begin = row * width;
      let [a, b, c, d] = [0, 0, 0, 0]; // four sums that do not wait for one another: twice as fast
      let i = 0;
      for (; i + 3 < width; i += 4) {
        a += one[i] * rows[begin + i];
        b += one[i + 1] * rows[begin + i + 1];
        c += one[i + 2] * rows[begin + i + 2];
        d += one[i + 3] * rows[begin + i + 3];
      }
      for (; i < width; i++) a += one[i] * rows[begin + i];
      cosines[row] = a + b + c + d;
    }
    return cosines;
  }

  /** @param {import('./index.d.ts').Inputs} inputs */
  async judge(inputs) {
    const { features, width, probabilities } = this.#directions(await this.#trainer.features(inputs));
    const samples = features.length / width;
    const count = Math.min(kNeighbours, this.samples);
    const nearest = new Int32Array(samples * count);
    const similarities = new Float32Array(samples * count);
    const scores = new Float32Array(samples);
    for (let at = 0; at < samples; at++) {
      /** @type {Closest} */
      const closest = { similarities: [], places: [] };
      const one = features.subarray(at * width, (at + 1) * width);
      this.#similarities(one, this.samples).forEach((similarity, place) => offer(closest, similarity, place));
      nearest.set(
        closest.places.map((place) => this.#indices[place]),
        at * count,
      );
      similarities.set(closest.similarities, at * count);
      scores[at] = meanOf(closest.similarities);
    }
    const isUnlike = Array.from(scores, (score) => score < this.threshold);
    return { scores, isUnlike, nearest, similarities, neighbours: count, probabilities };
  }
}
