/** An own picture as it is seen in a list: as many of its pixels as a screen shows, each the mean of those that it stands for. */
import { picture } from '../parts/picture.js';

const kSide = 88; // pixels: 44, on a fine screen

/** @type {WeakMap<Uint8Array, { pixels: Float32Array, side: number }>} */
const made = new WeakMap();

/** @param {Uint8Array} pixels  (size,size,3) @param {number} size */
function reduced(pixels, size) {
  const step = Math.max(1, Math.floor(size / kSide));
  const side = Math.floor(size / step);
  const small = new Float32Array(side * side * 3);
  for (let y = 0; y < side * step; y++) {
    for (let x = 0; x < side * step; x++) {
      const to = (Math.floor(y / step) * side + Math.floor(x / step)) * 3;
      for (let c = 0; c < 3; c++) small[to + c] += pixels[(y * size + x) * 3 + c] / (255 * step * step);
    }
  }
  return { pixels: small, side };
}

/** The picture as an image. @param {Uint8Array} pixels @param {number} size @param {string} alt */
export function thumbnail(pixels, size, alt) {
  if (!made.has(pixels)) made.set(pixels, reduced(pixels, size));
  const { pixels: small, side } = made.get(pixels);
  return picture(small, [side, side, 3], alt);
}
