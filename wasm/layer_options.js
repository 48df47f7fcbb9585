// The options of a layer that another program has described, by its names. What one means is never guessed: each is asked for once, and what is
// left at the end is not known here, and refused.
import { inWords, problem } from './experiment.js';

export class Options {
  /** @param {string} place  of the layer, for the sentence @param {Record<string, any>} config  without what has no effect here */
  constructor(place, config) {
    this.place = place;
    this.left = new Map(Object.entries(config));
  }

  /** @param {string} key @param {unknown} [absent] @returns {any} */
  take(key, absent) {
    const value = this.left.get(key);
    this.left.delete(key);
    return value ?? absent;
  }

  /** @param {string} key @param {string} expected @param {unknown} given @returns {never} */
  refuse(key, expected, given) {
    throw problem(this.place, `one with ${key} ${expected}`, inWords(given));
  }

  /** @param {string} key @param {number} [absent] @returns {number} */
  number(key, absent) {
    const value = this.take(key, absent);
    return Number.isFinite(value) ? value : this.refuse(key, 'that is a number', value);
  }

  /** The side of a square, given as one number or two. @param {string} key @param {unknown} [absent] @returns {number} */
  side(key, absent) {
    const value = this.take(key, absent);
    const [one, two, ...more] = Array.isArray(value) ? value : [value, value];
    if (more.length === 0 && one === two && Number.isInteger(one) && one >= 1) return one;
    return this.refuse(key, 'of two equal whole numbers', value);
  }

  /** Only this is known. @param {string} key @param {unknown[]} values  the first is what is meant where the key is absent */
  only(key, values) {
    const value = this.take(key, values[0]);
    const text = JSON.stringify(value);
    if (!values.some((known) => JSON.stringify(known) === text))
      this.refuse(key, values.map(inWords).join(' or '), value);
  }

  /** What is null or false is not in use. */
  finish() {
    for (const [key, value] of this.left)
      if (value !== null && value !== false)
        throw problem(this.place, 'one without an option that is not known here', `${key} ${inWords(value)}`);
  }
}
