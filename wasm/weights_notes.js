// What is no obstacle to a file of weights but should be known: that its inputs were made in another way than those of the set, or that it
// may be of a time when padding was another.
import { architectureOf, everyOperation } from './architecture.js';
import { describeWeights } from './weights_file.js';

/** @typedef {import('./preparation.js').Preparation} Preparation */

/**
 * Sentences for the start event.
 * @param {Uint8Array} file
 * @param {any} experiment  with every default written out
 * @param {[number, number, number]} shape  of one sample
 * @param {Preparation} preparation  of the set
 */
export function weightsNotes(file, experiment, shape, preparation) {
  const described = describeWeights(file);
  if (!described) return paddingOfThen(architectureOf(experiment, shape).operations);
  const [theirs, ours] = differences(described.preparation, preparation);
  if (theirs === ours) return [];
  return [`The weights were trained on inputs made with ${theirs}; those of this set are made with ${ours}.`];
}

/** Each as JSON, of what they do not have in common. @param {Record<string, any>} one @param {Record<string, any>} two */
function differences(one, two) {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(two)])];
  const other = keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(two[key]));
  return [one, two].map((each) => JSON.stringify(Object.fromEntries(other.map((key) => [key, each[key]]))));
}

/**
 * Up to 0.1.0 "same" was (k-1)/2 before and k/2 behind, whatever the stride, and a mean counted only what was inside. Borders in numbers
 * give the same now, but for means.
 * @param {import('./architecture.js').Operation[]} operations
 */
function paddingOfThen(operations) {
  /** @type {Map<string, string[]>} what to do: where */
  const places = new Map();
  for (const { op, name, same, strides, kernel, borders } of everyOperation(operations)) {
    const [before, behind] = [Math.floor((kernel - 1) / 2), Math.floor(kernel / 2)];
    if (!same || strides === 1 || (borders[0] === before && borders[2] === before)) continue;
    const then =
      op === 'averagePool2d'
        ? 'with no padding of now (averagePool2d)'
        : `with "padding": [${before}, ${behind}, ${before}, ${behind}]`;
    places.set(then, [...(places.get(then) ?? []), name.replace(/\.(\d+)/g, '[$1]')]);
  }
  if (places.size === 0) return [];
  const remedies = [...places].map(([then, where]) => `${then} at ${where.join(', ')}`).join(', ');
  return [
    'Weights without a description: those of Trainground up to 0.1.0 were trained with other borders where padding "same" meets strides, ' +
      `and give what they gave ${remedies}.`,
  ];
}
