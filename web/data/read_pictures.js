/**
 * Reading own pictures, one act after the other: files are decoded by the package in workers, a part of the list at a time, and pixels that
 * the page holds are made to another size. Each becomes a picture at two sizes, and what it was read from is let go.
 */
import { decodeImages, resizeImage } from 'trainground';
import { changed, changedNow, progressed } from '../app/drawing.js';
import { failed } from '../parts/alerts.js';
import { bytesOfPicture, own, pictureOf, stepAbove } from './own.js';
import { lookAt } from './own_groups.js';

/** What is decoded at once, in bytes: what comes of it is copied in the page's thread, and lies in memory beside what is kept. */
const kAtOnce = 8e6;

/** @typedef {{ size: number, fit: typeof own.fit }} How */

/** How far a list is stands in `own.reading`, with what gives it up. */
async function watched(total, act) {
  const controller = new AbortController();
  const reading = (own.reading = { done: 0, total, stop: () => controller.abort() });
  changedNow();
  await new Promise((done) => setTimeout(done)); // the page goes on: a long list and its drawing have taken their time
  try {
    return await act(controller.signal, (done) => {
      reading.done = done;
      progressed();
    });
  } finally {
    own.reading = null;
  }
}

/**
 * Files to pictures, in their order; null where one cannot be used, which is told in `rejected`.
 * @param {File[]} files
 * @param {How} how
 */
export function readFiles(files, { size, fit }) {
  return watched(files.length, async (signal, onProgress) => {
    const larger = stepAbove(size) ?? undefined;
    const pictures = new Array(files.length).fill(null);
    const rejected = [];
    const many = Math.floor(kAtOnce / bytesOfPicture(size));
    for (let from = 0; from < files.length; from += many) {
      const part = files.slice(from, from + many);
      const told = (done) => onProgress(from + done);
      const decoded = await decodeImages(part, { size, larger, channels: 3, fit, onProgress: told, signal });
      const of = (all, side, at) => all.slice(at * side ** 2 * 3, (at + 1) * side ** 2 * 3);
      decoded.accepted.forEach((index, at) => {
        const pixels = of(decoded.inputs, size, at);
        lookAt(pixels, size);
        pictures[from + index] = pictureOf({
          pixels,
          larger: larger ? { size: larger, pixels: of(decoded.larger, larger, at) } : null,
        });
      });
      rejected.push(...decoded.rejected);
    }
    return { pictures, rejected };
  });
}

/** Something with pixels to a picture: a frame of a camera, or what is kept of one. @param {ImageBitmap | import('trainground').Pixels} image @param {How} how */
export async function pictureFrom(image, { size, fit }) {
  const above = stepAbove(size);
  const make = (side) => resizeImage(image, { size: side, channels: 3, fit });
  const [pixels, larger] = await Promise.all([make(size), above && make(above)]);
  return pictureOf({ pixels, larger: above ? { size: above, pixels: larger } : null });
}

/**
 * Pictures whose files cannot be read any more, from the largest that is kept of them: at that size it is the same, below it the same but
 * for rounding, above it is enlarged.
 * @param {import('./own.js').Picture[]} pictures  of `from` pixels
 * @param {{ from: number } & How} how
 */
export function makeFromKept(pictures, { from, ...how }) {
  return watched(pictures.length, async (signal, onProgress) => {
    const made = [];
    for (const one of pictures) {
      signal.throwIfAborted();
      const kept = one.larger ?? { size: from, pixels: one.pixels };
      const picture = await pictureFrom({ data: kept.pixels, width: kept.size, height: kept.size }, how);
      // What is kept is not made worse by way of a smaller size.
      if (!picture.larger || picture.larger.size < kept.size) picture.larger = kept;
      made.push(picture);
      onProgress(made.length);
      await new Promise((done) => setTimeout(done)); // the page goes on
    }
    return made;
  });
}

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/** One after the other: all pictures are of one size at any time. What is given up leaves all as it was. */
export function inTurn(act) {
  own.busy += 1;
  changed();
  const done = last.then(act).catch((error) => (error.name === 'AbortError' ? undefined : failed(error)));
  last = done;
  return done.finally(() => (own.busy -= 1));
}
