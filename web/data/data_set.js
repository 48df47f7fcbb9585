/**
 * What the page knows of a data set once the engine has split it: {key, name, classNames, shape, labels, samples, training, validation,
 * take(indices)}, with indices into the whole set (a regression has neither labels nor classNames); the pixels that were asked for; and the
 * eight held-back samples that stand for all.
 */
import { setName } from '../app/sets.js';
import { isPlane } from '../parts/point_plane.js';
import { versionOf } from './brought.js';

/** What of the experiment decides which pictures there are and how they are split. */
export const keyOf = ({ dataset, validationSplit, splitBy, samplesPerClass, shuffle, seed }) =>
  JSON.stringify([dataset, validationSplit, splitBy, samplesPerClass, shuffle, seed, versionOf(dataset)]);

/** Eight held-back pictures that stay the same for the whole run: the classes in turn. */
export function chooseEight(data) {
  if (data.classNames.length === 0) return Array.from(data.validation.slice(0, 8));
  const byClass = data.classNames.map((_, k) => firstOf(data, data.validation, k, 8));
  const classes =
    byClass.length > 8
      ? Array.from({ length: 8 }, (_, i) => Math.round((i * (byClass.length - 1)) / 7))
      : byClass.keys();
  const order = [...classes];
  const chosen = [];
  for (let round = 0; chosen.length < 8 && round < 8; round++) {
    for (const k of order) if (byClass[k][round] !== undefined && chosen.length < 8) chosen.push(byClass[k][round]);
  }
  return chosen;
}

/** The first few samples of a class among these: they may be a million. */
function firstOf({ labels }, indices, k, most) {
  const found = [];
  for (let i = 0; i < indices.length && found.length < most; i++) if (labels[indices[i]] === k) found.push(indices[i]);
  return found;
}

const countOf = (labels, k) => labels.reduce((sum, label) => sum + Number(label === k), 0);

/** Names a set: other pictures are another one, another part of it to learn from is not. */
export const setKey = ({ dataset }) => JSON.stringify([dataset, versionOf(dataset)]);

/** Describes the run's set, unless the page already knows it. */
export async function describeData(run, known) {
  const key = keyOf(run.experiment);
  const take = async (indices) => (await run.trainer.samples(indices)).inputs;
  if (known?.key === key) return { ...known, take };
  const { training, validation, labels } = await run.trainer.split();
  const data = {
    key,
    of: setKey(run.experiment),
    name: setName(run.experiment.dataset),
    classNames: run.start.classNames,
    shape: run.start.shape,
    labels,
    samples: labels.length || training.length + validation.length,
    training,
    validation,
    take,
    pictures: new Map(),
  };
  data.eight = chooseEight(data);
  data.shown = data.eight[Math.min(5, data.eight.length - 1)];
  data.thumbs = data.classNames.map((_, k) => ({
    training: firstOf(data, data.training, k, 4),
    validation: firstOf(data, data.validation, k, 1),
    count: countOf(data.labels, k),
    held: data.validation.reduce((sum, index) => sum + Number(data.labels[index] === k), 0),
  }));
  await loadPictures(data, [...data.eight, ...data.thumbs.flatMap((row) => [...row.training, ...row.validation])]);
  if (isPlane(data.shape)) data.points = await data.take(Array.from(data.labels, (_, index) => index));
  data.eightPixels = concatenate(data.eight.map((index) => data.pictures.get(index)));
  data.shownPixels = data.pictures.get(data.shown);
  return data;
}

function concatenate(parts) {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Puts the pixels of these pictures into `data.pictures`. */
export async function loadPictures(data, indices) {
  const missing = [...new Set(indices)].filter((index) => !data.pictures.has(index));
  if (missing.length === 0) return;
  const pixels = await data.take(missing);
  const size = pixels.length / missing.length;
  missing.forEach((index, at) => data.pictures.set(index, pixels.slice(at * size, (at + 1) * size)));
}
