/**
 * Which own pictures stay on one side of the split: those of one burst, and near duplicates. Each picture carries the number of its burst, or
 * null: one holding of the camera's button is one (recorder.js); files are looked at as they come, for those that were taken seconds apart
 * or are counted on and alike.
 */
import { captureTimes, findBursts, groupPictures } from 'trainground';
import { newBurst, own, total } from './own.js';

/** Looks at a picture as soon as it is there, which is remembered: a hundred at once would hold the page. @param {Uint8Array} pixels @param {number} size */
export const lookAt = (pixels, size) => void groupPictures([pixels], { shape: [size, size, 3] });

/**
 * Finds the bursts among files that came together, and numbers them.
 * @param {Array<{ file: File, picture: import('./own.js').Picture, name: string }>} read  name: of its class
 * @param {number} size
 */
export async function markBursts(read, size) {
  const files = read.map(({ file }) => file);
  const times = await captureTimes(files);
  const shape = /** @type {[number, number, number]} */ ([size, size, 3]);
  const found = findBursts(
    read.map(({ picture }) => picture.pixels),
    { shape, labels: read.map(({ name }) => name), names: files.map(({ name }) => name), times },
  );
  const numbers = new Map();
  read.forEach(({ picture }, at) => {
    if (found[at] < 0) return;
    if (!numbers.has(found[at])) numbers.set(found[at], newBurst());
    picture.burst = numbers.get(found[at]);
  });
}

let known = { of: null, version: -1, amount: -1, found: null };

/**
 * The groups of all own pictures, looked for when the pictures have changed.
 * @returns {{ groups: Int32Array, count: number, pictures: number, alone: Set<string> } | null}  count: of those with several pictures, which
 *   are `pictures` together; alone: classes that are all one group; null: every picture stands for itself
 */
export function ownGroups() {
  const amount = total();
  if (known.of !== own.classes || known.version !== own.version || known.amount !== amount)
    known = { of: own.classes, version: own.version, amount, found: findGroups() };
  return known.found;
}

function findGroups() {
  const pictures = own.classes.flatMap((one) => one.pictures);
  const groups = groupPictures(
    pictures.map(({ pixels }) => pixels),
    { shape: [own.size, own.size, 3], bursts: pictures.map(({ burst }) => burst ?? -1) },
  );
  const sizes = new Map();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const several = [...sizes.values()].filter((size) => size > 1);
  if (several.length === 0) return null;
  let from = 0;
  const alone = own.classes.filter((one) => {
    const mine = groups.subarray(from, (from += one.pictures.length));
    return mine.length > 1 && mine.every((group) => group === mine[0]);
  });
  return {
    groups,
    count: several.length,
    pictures: several.reduce((sum, size) => sum + size, 0),
    alone: new Set(alone.map(({ name }) => name)),
  };
}
