// How a picture, or a row of numbers, becomes the network's input: one description, made as a run is opened, written into its weights, and
// read by whoever asks the network something: the page, this package, the command line, and every export.
import { problem } from './experiment.js';
import { resizeImage } from './frames.js';
import { decodeImages } from './images.js';

/** @typedef {Exclude<import('./preparation_types.d.ts').Preparation, import('./table_types.d.ts').TablePreparation>} SamplePreparation */
/** @typedef {import('./preparation_types.d.ts').Preparation} Preparation */

/**
 * @param {string | { type: string, [option: string]: any } | undefined} dataset  with every default written out; undefined: samples in memory
 * @param {{ shape: [number, number, number], bytes: boolean, normalization: Preparation['normalization'] }} read  what the core has read
 * @param {{ invert?: 'auto' }} [source]  what a built-in set says of itself
 * @returns {Preparation}
 */
export function preparationOf(dataset, { shape: [height, width, channels], bytes, normalization }, { invert } = {}) {
  const description = typeof dataset === 'object' ? dataset : undefined;
  const isPicture = (height * width > 1 || description?.type === 'images') && (channels === 1 || channels === 3);
  if (!isPicture)
    return { kind: 'numbers', shape: [height, width, channels], scale: bytes ? 1 / 255 : 1, normalization };
  return {
    kind: 'picture',
    size: [height, width],
    fit: description?.type === 'images' ? description.fit : 'crop',
    filter: 'triangle',
    channels,
    order: channels === 3 ? 'RGB' : 'grey',
    invert: invert ?? false,
    scale: 1 / 255,
    normalization,
  };
}

/**
 * Pictures as the network takes them: decoded, turned, made to size, and turned about where the set is of bright ink and they are on paper.
 * @param {Iterable<Blob | Uint8Array | string>} files
 * @param {Preparation} preparation
 * @param {Pick<import('./index.d.ts').DecodeOptions, 'signal' | 'onProgress'>} [options]
 * @returns {Promise<import('./index.d.ts').DecodedImages>}
 */
export async function prepareImages(files, preparation, options = {}) {
  const { size, channels, fit, invert } = ofPictures(preparation);
  const decoded = await decodeImages(files, { ...options, size, channels, fit });
  if (invert === 'auto') {
    const length = size[0] * size[1] * channels;
    for (let at = 0; at < decoded.inputs.length; at += length)
      turnFromPaper(decoded.inputs.subarray(at, at + length), size, channels);
  }
  return decoded;
}

/**
 * The same of one picture that is no file.
 * @param {ImageBitmap | import('./picture_types.js').Pixels} image
 * @param {Preparation} preparation
 */
export async function prepareImage(image, preparation) {
  const { size, channels, fit, invert } = ofPictures(preparation);
  const pixels = await resizeImage(image, { size, channels, fit });
  if (invert === 'auto') turnFromPaper(pixels, size, channels);
  return pixels;
}

/** @param {Preparation} preparation */
function ofPictures(preparation) {
  if (preparation.kind === 'picture') return preparation;
  throw problem(
    'pictures',
    'asked of a network that learned from pictures',
    `one of rows of ${preparation.shape[2]} numbers`,
  );
}

/**
 * Dark ink on paper becomes bright ink on nothing; what lies on nothing already stays. Paper is where the border is brighter than half.
 * @param {Uint8Array} pixels  (H,W,C)
 * @param {[number, number]} size
 * @param {number} channels
 */
function turnFromPaper(pixels, [height, width], channels) {
  let sum = 0;
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x += y === 0 || y === height - 1 ? 1 : Math.max(1, width - 1)) {
      for (let c = 0; c < channels; c++) sum += pixels[(y * width + x) * channels + c];
      count += channels;
    }
  }
  if (sum > 127.5 * count) pixels.forEach((value, i) => (pixels[i] = 255 - value));
}

/**
 * Of a table, whose columns have their medians once the set is split.
 * @param {import('./table_samples.js').Table} table
 * @param {{ medians: number[], normalization: Preparation['normalization'] }} read
 * @returns {import('./table_types.d.ts').TablePreparation}
 */
export function tablePreparation({ label, columns, shape: [, , channels] }, { medians, normalization }) {
  const known = columns.map((column, i) => (column.type === 'number' ? { ...column, median: medians[i] } : column));
  return { kind: 'table', label, columns: known, shape: [1, 1, channels], scale: 1, normalization };
}
