// Pictures opened by the browser's own decoder, and their pixels read back.
//
// Reading back is where browsers differ. A VideoFrame hands the pixels out as they were decoded; a canvas multiplies colours by their
// opacity and divides again (Firefox: up to a level beside the others), and where a browser protects against fingerprinting it answers with
// noise, without a word. So each way is tried on a known pattern first, and one that changes a single byte is not taken. Where none is
// left, PNG is decoded here, and the others are refused. JPEG comes here only where jpeg.js leaves it.
import { Refusal, takeOrientation, Undecodable } from './picture_file.js';
import { decodePng } from './png.js';

const kProbe = 32; // side of the known pattern: what adds noise to a few pixels only hits some of its thousand
const kStripe = 2 ** 24; // pixels that are read at a time; each reading costs Firefox a copy of the whole picture
const kCanvasStripe = 2 ** 20;

/**
 * @typedef {import('./picture_file.js').Kind} Kind
 * @typedef {import('./resample.js').Rectangle} Rectangle
 * @typedef {import('./resample.js').Layout} Layout
 * @typedef {(pixels: Uint8Array | Uint8ClampedArray, layout: Layout, firstRow: number, rows: number) => void} Sink
 * @typedef {{ width: number, height: number, orientation: number, close: () => void, reductions?: number[],
 *   read?: (rectangle: Rectangle, sink: Sink) => Promise<void> | void, readAll?: (takings: import('./resample.js').Taking[]) => void }} Picture
 *   as it lies in its file; `reductions`: how many times smaller it can be read, larger ones first; `read` gives rows of the rectangle from the
 *   top down; `readAll`, where it is there instead, gives all that take of the picture theirs in one go
 * @typedef {(bitmap: ImageBitmap, rectangle: Rectangle, sink: Sink, memory: Memory) => Promise<void> | void} Way
 */

/** One buffer, as large as was ever needed, for one reading after the other. */
class Memory {
  #bytes = new Uint8Array(0);

  /** @param {number} length */
  take(length) {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length);
    return this.#bytes.subarray(0, length);
  }
}

/** @type {{ [format: string]: Layout }} */
const kLayouts = { RGBA: 'rgba', RGBX: 'rgbx', BGRA: 'bgra', BGRX: 'bgrx' };

/** @type {Way} */
async function byVideoFrame(bitmap, { x, y, width, height }, sink, memory) {
  const frame = new VideoFrame(bitmap, { timestamp: 0 });
  try {
    const layout = kLayouts[frame.format ?? ''];
    const format = layout ? {} : { format: 'RGBA' };
    const stripe = Math.max(1, Math.min(height, Math.floor(kStripe / width)));
    for (let row = 0; row < height; row += stripe) {
      const rows = Math.min(stripe, height - row);
      const pixels = memory.take(width * rows * 4);
      const rect = { x, y: y + row, width, height: rows };
      await frame.copyTo(pixels, /** @type {VideoFrameCopyToOptions} */ ({ rect, ...format }));
      sink(pixels, layout ?? 'rgba', row, rows);
    }
  } finally {
    frame.close();
  }
}

/** @type {Way} */
function byCanvas(bitmap, { x, y, width, height }, sink) {
  const stripe = Math.max(1, Math.min(height, Math.floor(kCanvasStripe / width)));
  const canvas = new OffscreenCanvas(width, stripe);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('This browser gives no 2-D canvas');
  context.globalCompositeOperation = 'copy';
  for (let row = 0; row < height; row += stripe) {
    const rows = Math.min(stripe, height - row);
    context.drawImage(bitmap, -x, -y - row);
    sink(context.getImageData(0, 0, width, rows).data, 'rgba', row, rows);
  }
}

const kAsItIs = /** @type {ImageBitmapOptions} */ ({ colorSpaceConversion: 'none', premultiplyAlpha: 'none' });

/** Whether a way gives back what was put in. @param {Way} way */
async function isHonest(way) {
  const image = new ImageData(kProbe, kProbe);
  image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i * 2654435761) >>> 13));
  const known = image.data.slice();
  let isSame = true;
  /** @type {Sink} */
  const compare = (pixels, layout, firstRow, rows) => {
    const places = layout.startsWith('b') ? [2, 1, 0] : [0, 1, 2];
    for (let i = 0; i < rows * kProbe * 4; i += 4)
      isSame &&= places.every((place, c) => pixels[i + place] === known[firstRow * kProbe * 4 + i + c]);
  };
  try {
    const bitmap = await createImageBitmap(image, kAsItIs);
    await way(bitmap, { x: 0, y: 0, width: kProbe, height: kProbe }, compare, new Memory());
    bitmap.close();
  } catch {
    return false; // there is no such way here
  }
  return isSame;
}

/** The ways that give back what was put in, the better one first: each is asked once. @type {Promise<boolean[]> | undefined} */
let honesty;

async function honestWays() {
  const ways = [byVideoFrame, byCanvas];
  const areHonest = await (honesty ??= Promise.all(ways.map(isHonest)));
  return ways.filter((_, i) => areHonest[i]);
}

/** One reading after the other. */
function inTurns() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  /** @param {() => Promise<void> | void} read */
  return (read) => {
    const reading = last.then(read);
    last = reading.catch(() => {});
    return reading;
  };
}

/**
 * What reads bitmaps here, a frame of a camera say; null: the browser hides their pixels.
 * @returns {Promise<((bitmap: ImageBitmap, rectangle: Rectangle, sink: Sink) => Promise<void>) | null>}
 */
export async function bitmapReader() {
  const [way] = await honestWays();
  if (!way) return null;
  const memory = new Memory();
  const inTurn = inTurns();
  return (bitmap, rectangle, sink) => inTurn(() => way(bitmap, rectangle, sink, memory));
}

/**
 * What opens files here.
 * @returns {Promise<(bytes: Uint8Array, kind: Kind) => Promise<Picture>>}
 */
export async function browserDecoder() {
  const ways = await honestWays();
  const memory = new Memory();
  const inTurn = inTurns();
  return async (bytes, kind) => {
    if (kind.name === 'PNG' && (bytes[24] === 16 || ways.length === 0)) return openPng(bytes, kind);
    if (ways.length === 0) {
      throw new Refusal(
        'hidden',
        'this browser hides decoded pixels from pages, against fingerprinting: allow this site to read canvas data, or save it as PNG or JPEG',
      );
    }
    const { orientation, upright } = takeOrientation(bytes, kind);
    const file = new Blob([/** @type {BlobPart} */ (upright)], { type: kind.type });
    const bitmap = await createImageBitmap(file, kAsItIs).catch(fail);
    // Chromium's frames are not turned as AVIF's own boxes say, its canvas is.
    const way = ways[kind.name === 'AVIF' ? ways.length - 1 : 0];
    return {
      width: bitmap.width,
      height: bitmap.height,
      orientation,
      read: (rectangle, sink) => inTurn(() => way(bitmap, rectangle, sink, memory)),
      close: () => bitmap.close(),
    };
  };
}

/** @returns {never} */
function fail() {
  throw new Undecodable();
}

/** @param {Uint8Array} bytes @param {Kind} kind @returns {Promise<Picture>} */
async function openPng(bytes, kind) {
  const { width, height, rgba } = await decodePng(bytes);
  return {
    width,
    height,
    orientation: takeOrientation(bytes, kind).orientation,
    read(rectangle, sink) {
      for (let row = 0; row < rectangle.height; row++) {
        const at = ((rectangle.y + row) * width + rectangle.x) * 4;
        sink(rgba.subarray(at, at + rectangle.width * 4), 'rgba', row, 1);
      }
    },
    close() {},
  };
}
