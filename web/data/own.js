/**
 * Own pictures: classes of files, decoded to small squares, kept in this page only. What they are as samples for the engine, as something to
 * keep, and as an experiment.
 */
import { datasetOf, defaultExperiment, photoWay } from '../app/sets.js';
import { state } from '../app/state.js';
import { dismiss } from '../parts/alerts.js';

/** {classes: [{name, pictures: [{file, pixels, floats, burst}]}], size, fit, busy, left: [{name, picture}] out of training, reading: how far decoding is} */
export const own = {
  classes: [],
  size: datasetOf('own').size,
  fit: /** @type {'crop' | 'pad' | 'stretch'} */ ('crop'),
  busy: 0,
  /** @type {{ done: number, total: number, stop: () => void } | null} */
  reading: null,
  version: 0,
  left: [],
  /** The name of the class that has got pictures last. @type {string | null} */
  latest: null,
  /** How many bursts there have been. */
  bursts: 0,
};

/** A number that no burst has yet (own_groups.js says what for). */
export const newBurst = () => own.bursts++;

export const isOwn = () => typeof state.experiment.dataset === 'object' && state.experiment.dataset.type === 'images';

/** Whether there are none yet, as behind a link that was made with somebody's own pictures. */
export const needsPictures = () => isOwn() && own.classes.length === 0;

/** Puts the classes in the order of their names, as a folder of them has it in Node: class 0 is the same one there. Two of one name become one. */
export function arrangeClasses() {
  /** @type {Map<string, typeof own.classes[number]>} */
  const named = new Map();
  for (const one of own.classes) {
    if (named.has(one.name)) named.get(one.name).pictures.push(...one.pictures);
    else named.set(one.name, one);
  }
  own.classes = [...named.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How many there are. */
export const total = () => own.classes.reduce((sum, one) => sum + one.pictures.length, 0);

/** A picture as the page holds it; without its file it cannot be made again in another size. `burst`: the number of the one it is of. */
class OwnPicture {
  /** What `floats` was made of. @type {Uint8Array | null} */
  #of = null;
  #floats = new Float32Array();

  constructor(pixels, file, burst) {
    this.pixels = pixels;
    this.file = file;
    this.burst = burst;
  }

  /** The pixels in 0..1: of the few that are shown, being four times as large. */
  get floats() {
    if (this.#of !== this.pixels) {
      this.#of = this.pixels;
      this.#floats = Float32Array.from(this.pixels, (value) => value / 255);
    }
    return this.#floats;
  }
}

export const pictureOf = (pixels, file = null, burst = null) => new OwnPicture(pixels, file, burst);

/** The pictures as they are kept over a reload: pixels, names and bursts, not the files. */
export function keepOwn(experiment) {
  if (experiment.dataset?.type !== 'images') return null;
  const classes = own.classes.map(({ name, pictures }) => ({
    name,
    pictures: pictures.map(({ pixels }) => pixels),
    bursts: pictures.map(({ burst }) => burst),
  }));
  const left = own.left.map(({ name, picture: { pixels, burst } }) => ({ name, pixels, burst }));
  return { size: own.size, fit: own.fit, classes, left, bytes: (total() + left.length) * own.size * own.size * 3 };
}

/** Takes kept pictures back. */
export function takeOwn(kept) {
  if (!kept) return;
  dismiss('needs-pictures');
  own.size = kept.size;
  own.fit = kept.fit ?? 'crop';
  own.left = (kept.left ?? []).map(({ name, pixels, burst }) => ({ name, picture: pictureOf(pixels, null, burst) }));
  own.classes = kept.classes.map(({ name, pictures, bursts = [] }) => ({
    name,
    pictures: pictures.map((one, at) => pictureOf(one, null, bursts[at])),
  }));
  const all = [...own.classes.flatMap((one) => one.pictures), ...own.left.map(({ picture }) => picture)];
  own.bursts = all.reduce((next, { burst }) => Math.max(next, (burst ?? -1) + 1), own.bursts);
  own.version += 1;
}

/** Why training cannot begin, as a text key with its places; null where it can. @returns {[string, any] | null} */
export function whyNot() {
  const { classes } = own;
  if (classes.length === 0) return ['own.none', {}];
  const few = classes.find((one) => one.pictures.length < 2);
  if (classes.length === 1) return ['alert.one-class', {}];
  return few ? ['alert.few-images', { name: few.name, n: few.pictures.length }] : null;
}

/** The recipe for these pictures. */
export function ownExperiment() {
  const experiment = defaultExperiment('own', Math.max(2, own.classes.length));
  return { ...experiment, dataset: { ...experiment.dataset, size: own.size, fit: own.fit } };
}

/** These pictures learned from in another way. @param {'scratch' | 'all' | 'most' | 'none'} way */
export const ownWay = (way) =>
  photoWay(way, state.experiment, { samples: Math.max(1, Math.round(total() * 0.8)), largest: own.size });
