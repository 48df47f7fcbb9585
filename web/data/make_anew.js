/**
 * Own pictures in another size or shape: one step above they are there already; else they are read again from their files, or, where these
 * cannot be read any more, made from the largest that is kept of them. None is lost.
 */
import { setExperiment, state } from '../app/state.js';
import { notice } from '../parts/alerts.js';
import { picturesChanged } from './choose.js';
import { openAgain } from './collect.js';
import { isOwn, own } from './own.js';
import { inTurn, makeFromKept, readFiles } from './read_pictures.js';

/** The size and fit that were asked for last, until they are there. */
let asked = null;

/** @typedef {import('./own.js').Picture} Picture */

/** What is to become of each picture. @param {Picture[]} all @returns {Promise<Map<Picture, Picture>>} */
async function madeAnew(all, how) {
  if (how.fit === own.fit && all.every(({ larger }) => larger?.size === how.size))
    return new Map(all.map((one) => [one, { ...one, pixels: one.larger.pixels, larger: null }]));
  const placed = all.filter(({ source }) => source !== null);
  const files = await openAgain(placed.map(({ source }) => source));
  const there = placed.filter((_, at) => files[at] !== null);
  const read = there.length ? (await readFiles(files.filter(Boolean), how)).pictures : [];
  /** @type {Map<Picture, Picture>} */
  const made = new Map();
  there.forEach((one, at) => read[at] && made.set(one, read[at]));
  const others = all.filter((one) => !made.has(one));
  if (others.length === 0) return made;
  const small = others.filter(({ larger }) => (larger?.size ?? own.size) < how.size).length;
  const anew = await makeFromKept(others, { ...how, from: own.size });
  others.forEach((one, at) => made.set(one, anew[at]));
  if (small) notice('enlarged', { n: small }, { quiet: true });
  return made;
}

/** Makes all pictures anew. @param {Partial<import('./read_pictures.js').How>} changes */
export async function makeAnew(changes) {
  const mine = (asked = { size: own.size, fit: own.fit, ...asked, ...changes });
  const isDone = await inTurn(async () => {
    if (mine !== asked) return false; // a later wish waits
    asked = null;
    const all = [...own.classes.flatMap(({ pictures }) => pictures), ...own.left.map(({ picture }) => picture)];
    const made = await madeAnew(all, mine);
    for (const one of all) {
      const { pixels, larger } = made.get(one);
      Object.assign(one, { pixels, larger });
    }
    Object.assign(own, mine);
    return true;
  });
  if (!isDone || asked !== null) return;
  if (isOwn() && changes.size)
    setExperiment({ ...state.experiment, dataset: { ...state.experiment.dataset, size: own.size } });
  picturesChanged();
}
