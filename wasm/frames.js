// Pictures that are no files, a frame of a camera or pixels that somebody holds: made to size as files are, by the caller's thread.
import { bitmapReader } from './browser_decoder.js';
import { bytesOf } from './decoding.js';
import { problem } from './experiment.js';
import { checkOptions } from './images.js';
import { Refusal } from './picture_file.js';
import { Resampling } from './resample.js';

/** @typedef {import('./picture_types.js').Pixels} Pixels */

/** @type {ReturnType<typeof bitmapReader> | undefined} */
let reader;

/**
 * @param {ImageBitmap | Pixels} image
 * @param {Omit<import('./index.d.ts').DecodeOptions, 'larger' | 'onProgress' | 'signal'>} options
 * @returns {Promise<Uint8Array>}
 */
export async function resizeImage(image, options) {
  const [target] = checkOptions({ ...options, larger: undefined });
  const isBitmap = typeof ImageBitmap !== 'undefined' && image instanceof ImageBitmap;
  if (!isBitmap) checkPixels(/** @type {Pixels} */ (image));
  const resampling = new Resampling(image, 1, target);
  const output = new Uint8Array(bytesOf(target));
  if (isBitmap) {
    const read = await (reader ??= bitmapReader());
    if (!read)
      throw new Refusal('hidden', 'this browser hides the pixels of pictures from pages, against fingerprinting');
    await read(image, resampling.rectangle, (...rows) => resampling.add(...rows));
  } else addPixels(/** @type {Pixels} */ (image), resampling);
  resampling.finish(output);
  return output;
}

/** @param {Pixels} image */
function checkPixels({ data, width, height } = /** @type {any} */ ({})) {
  const areBytes = data instanceof Uint8Array || data instanceof Uint8ClampedArray;
  const areSides = [width, height].every((side) => Number.isInteger(side) && side >= 1);
  if (!areBytes || !areSides || ![3, 4].includes(data.length / (width * height)))
    throw problem(
      'image',
      'an ImageBitmap, or bytes with three or four of them a pixel, their width and height',
      areBytes ? `${data.length} bytes for ${width} x ${height} pixels` : 'something else',
    );
}

/** A row after the other; as the bytes of a row may be changed, each is a copy. @param {Pixels} image @param {Resampling} resampling */
function addPixels({ data, width, height }, resampling) {
  const step = data.length / (width * height);
  const { x, y, ...taken } = resampling.rectangle;
  for (let row = 0; row < taken.height; row++) {
    const at = ((y + row) * width + x) * step;
    resampling.add(data.slice(at, at + taken.width * step), step === 4 ? 'rgba' : 'rgb', row, 1);
  }
}
