// Pictures to pixels: PNG, JPEG and WebP become uint8 (N,H,W,C), in the page by the browser's own decoder, in Node by sharp.
//
// Only decoding is left to them. Turning by EXIF, transparency on white, crop or pad, resizing (a triangle filter as wide as
// the reduction, so nothing is skipped) and grey (0.299 R + 0.587 G + 0.114 B) are done here, in the same doubles everywhere:
// a PNG gives the same pixels in every browser and in Node. JPEG decoders differ in the last digit. Colour profiles are ignored.
// A picture that cannot be used is not an exception: it is listed with its reason, and the others go on.
import { InputError, inWords, problem } from './experiment.js';
import { inNode, nodeModule, whyUnreadable } from './files.js';
import { isWhole, pictureSize } from './picture_file.js';

const kMaximumBytes = 20e6;
const kMaximumPixels = 50e6;
const kStripePixels = 2 ** 20; // read back from the canvas at a time
const kAtOnce = 4;

/**
 * @typedef {import('./index.d.ts').DecodeOptions} DecodeOptions
 * @typedef {import('./index.d.ts').DecodedImages} DecodedImages
 * @typedef {{ width: number, height: number }} Size
 * @typedef {(sink: (rgba: Uint8Array | Uint8ClampedArray, firstRow: number, rows: number) => void) => void} Pixels
 * @typedef {Size & { pixels: Pixels, close: () => void }} Picture  the size is that after turning by EXIF
 */

/** Why a picture was left out. */
class Refusal extends Error {
  /**
   * @param {'format' | 'bytes' | 'pixels' | 'damaged' | 'missing'} code
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * Decodes pictures, four at a time, in the order given.
 * @param {Iterable<Blob | Uint8Array | string>} files  in Node a string is a path
 * @param {DecodeOptions} options
 * @returns {Promise<DecodedImages>}
 */
export async function decodeImages(files, options) {
  const { height, width, channels, fit } = checkOptions(options);
  const list = [...files];
  const sampleSize = height * width * channels;
  const inputs = new Uint8Array(list.length * sampleSize);
  /** @type {Array<import('./index.d.ts').RejectedImage | undefined>} */
  const refused = new Array(list.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < list.length && !options.signal?.aborted) {
      const index = next++;
      try {
        const picture = await open(list[index]);
        try {
          resample(
            picture,
            inputs.subarray(index * sampleSize, (index + 1) * sampleSize),
            height,
            width,
            channels,
            fit,
          );
        } finally {
          picture.close();
        }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused[index] = { index, name: nameOf(list[index], index), code: error.code, reason: error.message };
      }
      options.onProgress?.(++done, list.length);
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  options.signal?.throwIfAborted();

  const accepted = list.map((_file, index) => index).filter((index) => !refused[index]);
  accepted.forEach((index, place) => {
    if (index !== place) inputs.copyWithin(place * sampleSize, index * sampleSize, (index + 1) * sampleSize);
  });
  return {
    inputs: inputs.slice(0, accepted.length * sampleSize),
    shape: [height, width, channels],
    accepted,
    rejected: refused.filter((entry) => entry !== undefined),
  };
}

/** @param {DecodeOptions} options */
function checkOptions({ size, channels = 3, fit = 'crop' }) {
  const [height, width] = Array.isArray(size) ? size : [size, size];
  const problems = [];
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1 && side <= 1024)) {
    problems.push({ path: 'size', expected: 'an integer from 1 to 1024, or two of them', given: inWords(size) });
  }
  if (channels !== 1 && channels !== 3)
    problems.push({ path: 'channels', expected: '1 or 3', given: inWords(channels) });
  if (!['crop', 'pad', 'stretch'].includes(fit)) {
    problems.push({ path: 'fit', expected: 'crop, pad or stretch', given: inWords(fit) });
  }
  if (problems.length) throw new InputError(problems);
  return { height, width, channels, fit };
}

/**
 * @param {Blob | Uint8Array | string} file
 * @param {number} index
 */
function nameOf(file, index) {
  if (typeof file === 'string') return file;
  const { name, webkitRelativePath } = /** @type {File} */ (file);
  return webkitRelativePath || name || `picture ${index + 1}`;
}

/**
 * @param {Blob | Uint8Array | string} file
 * @returns {Promise<Picture>}
 */
async function open(file) {
  const bytes = await bytesOf(file);
  const size = pictureSize(bytes);
  if (!size && bytes[0] === 0xff && bytes[1] === 0xd8) throw new Refusal('damaged', 'it does not decode');
  if (!size) throw new Refusal('format', 'it is not a PNG, JPEG or WebP picture');
  if (!isWhole(bytes)) throw new Refusal('damaged', 'it is cut off');
  if (size.width * size.height > kMaximumPixels) {
    throw new Refusal('pixels', `it has ${size.width} x ${size.height} pixels; the limit is 50 million`);
  }
  return inNode ? openInNode(bytes) : openInBrowser(bytes);
}

/**
 * @param {Blob | Uint8Array | string} file
 * @returns {Promise<Uint8Array>}
 */
async function bytesOf(file) {
  const tooLarge = (/** @type {number} */ bytes) =>
    new Refusal('bytes', `it is ${Math.ceil(bytes / 1e6)} MB large; the limit is 20 MB`);
  if (ArrayBuffer.isView(file)) {
    if (file.byteLength > kMaximumBytes) throw tooLarge(file.byteLength);
    return file;
  }
  if (file instanceof Blob) {
    if (file.size > kMaximumBytes) throw tooLarge(file.size);
    try {
      return new Uint8Array(await file.arrayBuffer());
    } catch {
      throw new Refusal('missing', 'it can no longer be read');
    }
  }
  if (!inNode || typeof file !== 'string') {
    throw problem('files', inNode ? 'paths, Blobs or Uint8Arrays' : 'Files, Blobs or Uint8Arrays', inWords(file));
  }
  const { readFile, stat } = await nodeModule('node:fs/promises');
  try {
    const { size } = await stat(file);
    if (size > kMaximumBytes) throw tooLarge(size);
    return await readFile(file);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('missing', whyUnreadable(error));
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Picture>}
 */
async function openInBrowser(bytes) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([/** @type {BlobPart} */ (bytes)]), {
      colorSpaceConversion: 'none',
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
    });
  } catch {
    throw new Refusal('damaged', 'it does not decode');
  }
  const { width, height } = bitmap;
  const stripe = Math.max(1, Math.min(height, Math.floor(kStripePixels / width)));
  const canvas = new OffscreenCanvas(width, stripe);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no 2-D canvas, which reading pictures needs');
  return {
    width,
    height,
    close: () => bitmap.close(),
    pixels(sink) {
      for (let row = 0; row < height; row += stripe) {
        const rows = Math.min(stripe, height - row);
        context.clearRect(0, 0, width, stripe);
        context.drawImage(bitmap, 0, -row);
        sink(context.getImageData(0, 0, width, rows).data, row, rows);
      }
    },
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<Picture>}
 */
async function openInNode(bytes) {
  let sharp;
  try {
    sharp = (await nodeModule('sharp')).default;
  } catch {
    throw new Error('Reading pictures in Node needs the optional package sharp: npm install sharp');
  }
  let decoded;
  try {
    decoded = await sharp(bytes, { failOn: 'error', limitInputPixels: kMaximumPixels, ignoreIcc: true })
      .rotate()
      .toColourspace('srgb')
      .ensureAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  } catch {
    throw new Refusal('damaged', 'it does not decode');
  }
  const { data, info } = decoded;
  return { width: info.width, height: info.height, close() {}, pixels: (sink) => sink(data, 0, info.height) };
}

/**
 * For each output pixel along one side: the first source pixel it takes, and the weights from there on (their sum is 1).
 * @param {number} from  first source position, may be fractional
 * @param {number} length  of the source range
 * @param {number} limit  pixels the source has
 * @param {number} outputs
 */
function filterWeights(from, length, limit, outputs) {
  const scale = length / outputs;
  const support = Math.max(1, scale);
  return Array.from({ length: outputs }, (_, output) => {
    const centre = from + (output + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support));
    const end = Math.min(limit, Math.ceil(centre + support));
    const weights = [];
    let sum = 0;
    for (let at = first; at < end; at++) {
      const weight = Math.max(0, 1 - Math.abs(at + 0.5 - centre) / support);
      weights.push(weight);
      sum += weight;
    }
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * Crops or pads to the target's form, resizes, puts transparency on white and mixes grey; writes (height,width,channels).
 * @param {Picture} picture
 * @param {Uint8Array} output
 * @param {number} height
 * @param {number} width
 * @param {number} channels
 * @param {'crop' | 'pad' | 'stretch'} fit
 */
function resample(picture, output, height, width, channels, fit) {
  const ratio = Math.min(picture.height / height, picture.width / width);
  const cropped = fit === 'crop' ? [ratio * height, ratio * width] : [picture.height, picture.width];
  const larger = Math.max(picture.height / height, picture.width / width);
  const [innerHeight, innerWidth] =
    fit === 'pad'
      ? [picture.height, picture.width].map((side) => Math.max(1, Math.round(side / larger)))
      : [height, width];
  const rows = filterWeights((picture.height - cropped[0]) / 2, cropped[0], picture.height, innerHeight);
  const columns = filterWeights((picture.width - cropped[1]) / 2, cropped[1], picture.width, innerWidth);

  const sums = new Float64Array(innerHeight * innerWidth * 3);
  const line = new Float64Array(innerWidth * 3);
  picture.pixels((rgba, firstRow, count) => {
    for (let y = firstRow; y < firstRow + count; y++) {
      const takers = rows.filter(({ first, weights }) => y >= first && y < first + weights.length);
      if (takers.length === 0) continue;
      resampleLine(rgba, (y - firstRow) * picture.width * 4, columns, line);
      for (const taker of takers) {
        const weight = taker.weights[y - taker.first];
        const start = rows.indexOf(taker) * line.length;
        for (let i = 0; i < line.length; i++) sums[start + i] += weight * line[i];
      }
    }
  });

  output.fill(255);
  const top = Math.floor((height - innerHeight) / 2);
  const left = Math.floor((width - innerWidth) / 2);
  for (let y = 0; y < innerHeight; y++) {
    for (let x = 0; x < innerWidth; x++) {
      const from = (y * innerWidth + x) * 3;
      const to = ((top + y) * width + left + x) * channels;
      if (channels === 3) {
        for (let c = 0; c < 3; c++) output[to + c] = Math.round(sums[from + c]);
      } else {
        output[to] = Math.round(0.299 * sums[from] + 0.587 * sums[from + 1] + 0.114 * sums[from + 2]);
      }
    }
  }
}

/**
 * One source line to (innerWidth,3), on white where it is transparent.
 * @param {Uint8Array | Uint8ClampedArray} rgba
 * @param {number} start
 * @param {Array<{ first: number, weights: number[] }>} columns
 * @param {Float64Array} line
 */
function resampleLine(rgba, start, columns, line) {
  columns.forEach(({ first, weights }, x) => {
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let i = 0; i < weights.length; i++) {
      const at = start + (first + i) * 4;
      const alpha = rgba[at + 3] / 255;
      const white = 255 * (1 - alpha);
      red += weights[i] * (rgba[at] * alpha + white);
      green += weights[i] * (rgba[at + 1] * alpha + white);
      blue += weights[i] * (rgba[at + 2] * alpha + white);
    }
    line[x * 3] = red;
    line[x * 3 + 1] = green;
    line[x * 3 + 2] = blue;
  });
}
