/**
 * Own pictures: classes of them, as squares of the size that training needs, kept in this page only. What they are as something to keep, and
 * as an experiment.
 */
import { t } from '../app/language.js';
import { builtInPhotos, datasetOf, defaultExperiment, photoWay } from '../app/sets.js';
import { state } from '../app/state.js';
import { dismiss } from '../parts/alerts.js';

/**
 * @typedef {object} Picture
 * @property {Uint8Array} pixels  (size,size,3): what is learned from
 * @property {{ size: number, pixels: Uint8Array } | null} larger  the same, one step above: there when it is wanted, without decoding again
 * @property {import('./collect.js').Source | null} source  where it can be read from again; null: it came from a camera or an earlier visit
 * @property {number | null} burst  which of those that were taken in one go it is of, where their order in the class is that in time; null: of none
 *
 * @typedef {object} OwnClass
 * @property {string} name
 * @property {Picture[]} pictures
 * @property {number} place  among the cards: they stay where they are while the classes are in the order of their names
 * @property {boolean} isNamed  false: nobody has chosen the name, and while it is empty it makes room for classes that come with theirs
 */

/** The sides that pictures can be made to, in pixels. */
export const sizes = [16, 28, 32, 48, 64, 96, 128, 160, 192, 224, 288, 320];

/** One step above a size; null: there is none. */
export const stepAbove = (size) => sizes.find((other) => other > size) ?? null;

/** How many bytes a picture takes, at both its sizes. */
export const bytesOfPicture = (size) => 3 * (size ** 2 + (stepAbove(size) ?? 0) ** 2);

/** `busy`: how many acts are at work or wait; `left`: what is out of training; `reading`: how far decoding is. */
export const own = {
  /** @type {OwnClass[]} */
  classes: [],
  size: datasetOf('own').size,
  fit: /** @type {'crop' | 'pad' | 'stretch'} */ ('crop'),
  busy: 0,
  /** @type {{ done: number, total: number, stop: () => void } | null} */
  reading: null,
  version: 0,
  /** @type {Array<{ name: string, picture: Picture }>} */
  left: [],
  /** Classes that stand in this order, before the others: as a Teachable Machine project or network has them. @type {string[]} */
  order: [],
  /** The name of the class that has got pictures last. @type {string | null} */
  latest: null,
  /** How many bursts there have been. */
  bursts: 0,
};

/** A number that no burst has yet (own_groups.js says what for). */
export const newBurst = () => own.bursts++;

export const isOwn = () => typeof state.experiment.dataset === 'object' && state.experiment.dataset.type === 'images';

/** Whether there are none yet, as behind a link that was made with somebody's own pictures. */
export const needsPictures = () => isOwn() && total() === 0;

/** A name that no class has yet. */
export function freeName() {
  for (let n = own.classes.length + 1; ; n++) {
    const name = t('own.class', { n });
    if (!own.classes.some((one) => one.name === name)) return name;
  }
}

/** A new class, empty, behind the others. @param {string} [name]  chosen by somebody */
export function addClass(name) {
  const place = 1 + Math.max(-1, ...own.classes.map((one) => one.place));
  const one = { name: name ?? freeName(), pictures: [], place, isNamed: name !== undefined };
  own.classes.push(one);
  return one;
}

/** Empty classes for somebody who begins: so many, unless some are there already. */
export function beginClasses(count = 2) {
  if (own.classes.length === 0) for (let n = 0; n < Math.max(2, count); n++) addClass();
}

/** Empty classes that pictures are awaited of, in the place of all: those of a network. Classes that come with other names take theirs. */
export function awaitClasses(names) {
  own.order = names;
  own.classes = names.map((name, place) => ({ name, pictures: [], place, isNamed: false }));
}

/** The class of this name, made where there is none. Those that nobody has named or filled make room. */
export function classNamed(name) {
  own.classes = own.classes.filter((one) => one.isNamed || one.pictures.length || one.name === name);
  return own.classes.find((one) => one.name === name) ?? addClass(name);
}

/** Puts the classes in the order of their names, as a folder of them has it in Node, but for `own.order`: class 0 is the same one there. Two of one name become one. */
export function arrangeClasses() {
  /** @type {Map<string, typeof own.classes[number]>} */
  const named = new Map();
  for (const one of own.classes) {
    if (named.has(one.name)) named.get(one.name).pictures.push(...one.pictures);
    else named.set(one.name, one);
  }
  const place = ({ name }) => (own.order.includes(name) ? own.order.indexOf(name) : own.order.length);
  own.classes = [...named.values()].sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

/** How many there are. */
export const total = () => own.classes.reduce((sum, one) => sum + one.pictures.length, 0);

/** A picture as the page holds it. @param {Partial<Picture> & { pixels: Uint8Array }} known @returns {Picture} */
export const pictureOf = ({ pixels, larger = null, source = null, burst = null }) => ({
  pixels,
  larger,
  source,
  burst,
});

/** The pictures as they are kept over a reload: pixels, names and bursts, not the files. */
export function keepOwn() {
  const keep = ({ pixels, larger, burst }) => ({ pixels, larger, burst });
  const classes = own.classes.map(({ pictures, ...one }) => ({ ...one, pictures: pictures.map(keep) }));
  const left = own.left.map(({ name, picture }) => ({ name, picture: keep(picture) }));
  return {
    size: own.size,
    fit: own.fit,
    order: own.order,
    classes,
    left,
    bytes: (total() + left.length) * bytesOfPicture(own.size),
  };
}

/** A kept picture; pages kept their pixels alone once. */
const takePicture = (kept) => pictureOf(kept instanceof Uint8Array ? { pixels: kept } : kept);

/** Takes kept pictures back. */
export function takeOwn(kept) {
  if (!kept) return;
  dismiss('needs-pictures');
  own.size = kept.size;
  own.fit = kept.fit ?? 'crop';
  own.order = kept.order ?? [];
  own.left = (kept.left ?? []).map(({ name, picture, pixels }) => ({ name, picture: takePicture(picture ?? pixels) }));
  own.classes = kept.classes.map(({ pictures, ...one }, place) => ({
    place,
    isNamed: true,
    ...one,
    pictures: pictures.map(takePicture),
  }));
  const all = [...own.classes.flatMap(({ pictures }) => pictures), ...own.left.map(({ picture }) => picture)];
  own.bursts = all.reduce((next, { burst }) => Math.max(next, (burst ?? -1) + 1), own.bursts);
  own.version += 1;
}

/** Why training cannot begin, as a text key with its places; null where it can. @returns {[string, any] | null} */
export function whyNot() {
  const { classes } = own;
  if (total() === 0) return ['own.none', {}];
  const few = classes.find((one) => one.pictures.length < 2);
  if (classes.length === 1) return ['alert.one-class', {}];
  if (few?.pictures.length === 0) return ['alert.empty-class', { name: few.name }];
  return few ? ['alert.few-images', { name: few.name, n: few.pictures.length }] : null;
}

/** The recipe for these pictures. */
export function ownExperiment() {
  const experiment = defaultExperiment('own', Math.max(2, own.classes.length));
  return { ...experiment, dataset: { ...experiment.dataset, size: own.size, fit: own.fit } };
}

/** The photos of the page, these or built-in ones, learned from in another way. @param {'scratch' | 'all' | 'most' | 'none'} way */
export const inWay = (way) =>
  photoWay(way, state.experiment, {
    samples: isOwn() ? Math.max(1, Math.round(total() * 0.8)) : builtInPhotos / 2,
    largest: own.size,
  });
