/**
 * Pixels to something that can be seen: a PNG of whole pixels, drawn once and kept. Of many large ones that are new, a few are drawn at once and the
 * others in turns, between which the page goes on.
 */
import { html } from 'lit';
import { until } from 'lit/directives/until.js';

const drawn = new WeakMap();
let canvas = null;

/** Whether samples of this shape are pictures: the others are lists of numbers. */
export const isPicture = ([h, w]) => h * w > 1;

/** Pixels (H,W,C) in 0..1 as a data URL. One channel is ink on white: 1 is black. */
export function pictureUrl(pixels, [h, w, c]) {
  const known = drawn.get(pixels);
  if (known) return known;
  canvas ??= document.createElement('canvas');
  canvas.width = w;
  canvas.height = h;
  const context = canvas.getContext('2d');
  context.putImageData(toImageData(pixels, h, w, c), 0, 0);
  const url = canvas.toDataURL();
  drawn.set(pixels, url);
  return url;
}

/** Pixels (H,W,C) in 0..1 as RGBA bytes. */
export function toImageData(pixels, h, w, c) {
  const image = new ImageData(w, h);
  for (let i = 0; i < h * w; i++) {
    for (let k = 0; k < 3; k++) {
      const value = c >= 3 ? pixels[i * c + k] : 1 - pixels[i * c];
      image.data[i * 4 + k] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
    image.data[i * 4 + 3] = 255;
  }
  return image;
}

const kSeen = 96; // pixels: 48, on a fine screen

/** @type {WeakMap<object, { pixels: Float32Array, shape: [number, number, number] }>} */
const reduced = new WeakMap();

/**
 * As many pixels as a screen shows of a small image, each the mean of those it stands for; bytes become 0..1.
 * @returns {{ pixels: Float32Array, shape: any }}
 */
function asSeen(pixels, [h, w, c]) {
  const step = Math.max(1, Math.floor(Math.min(h, w) / kSeen));
  if (step === 1 && !(pixels instanceof Uint8Array)) return { pixels, shape: [h, w, c] };
  const known = reduced.get(pixels);
  if (known) return known;
  const [rows, columns] = [Math.floor(h / step), Math.floor(w / step)];
  const small = new Float32Array(rows * columns * c);
  const share = (pixels instanceof Uint8Array ? 1 / 255 : 1) / (step * step);
  for (let y = 0; y < rows * step; y++) {
    for (let x = 0; x < columns * step; x++) {
      const from = (y * w + x) * c;
      const to = (Math.floor(y / step) * columns + Math.floor(x / step)) * c;
      for (let k = 0; k < c; k++) small[to + k] += pixels[from + k] * share;
    }
  }
  const seen = { pixels: small, shape: /** @type {[number, number, number]} */ ([rows, columns, c]) };
  reduced.set(pixels, seen);
  return seen;
}

const kTurn = 16; // milliseconds of drawing until the page goes on: a frame
const kBlank = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** @type {Array<() => void>} */
const waiting = [];
/** What is left of this turn, in milliseconds; a turn begins with the first picture and ends when the page has gone on. */
let left = kTurn;

function turn() {
  left = kTurn;
  while (waiting.length && left > 0) timed(waiting.shift());
  if (waiting.length) setTimeout(turn);
}

/** @template T @param {() => T} act @returns {T} */
function timed(act) {
  if (left === kTurn) setTimeout(turn);
  const began = performance.now();
  const made = act();
  left -= performance.now() - began;
  return made;
}

/** @type {WeakMap<object, Promise<string>>} */
const coming = new WeakMap();

/** The data URL of these pixels as a screen shows them small, or a promise of it where others were drawn in this turn. */
function smallUrl(pixels, shape) {
  const make = () => {
    const seen = asSeen(pixels, shape);
    return pictureUrl(seen.pixels, seen.shape);
  };
  const known = drawn.get(reduced.get(pixels)?.pixels ?? pixels);
  if (known) return known;
  if (left > 0 && waiting.length === 0) return timed(make);
  if (!coming.has(pixels)) coming.set(pixels, new Promise((done) => waiting.push(() => done(make()))));
  return coming.get(pixels);
}

/** A small image of these pixels (H,W,C): bytes, or in 0..1. */
export function picture(pixels, shape, alt, mark = '') {
  const fine = shape[0] > 24 ? 'smooth' : '';
  return html`<img
    class="pixels ${fine} ${mark}"
    src=${until(smallUrl(pixels, shape), kBlank)}
    alt=${alt}
    width="32"
    height="32"
  />`;
}
