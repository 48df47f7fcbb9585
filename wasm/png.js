// PNG to pixels, for what browsers answer differently: 16 bits a channel (the upper eight are taken; some browsers round), and any PNG
// where a browser does not let a page see what it has decoded. After the PNG specification, third edition; only unpacking is the browser's.
//
// As in the decoders that this stands beside: checksums, and what follows the last row, are not looked at; colour profiles, gamma and
// animation are ignored.
import { pngChunks, tag, Undecodable } from './picture_file.js';

const kData = tag('IDAT');
const kPalette = 3; // the colour type whose samples are places in a palette
const kChannels = [1, 0, 3, 1, 2, 0, 4]; // by colour type; 0: there is no such type
const kDepths = [[1, 2, 4, 8, 16], [], [8, 16], [1, 2, 4, 8], [8, 16], [], [8, 16]];

/** Where the pixels of a pass begin, and the steps to the next: all at once, or Adam7's seven. */
const kPasses = [
  [[0, 0, 1, 1]],
  [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ],
];

/**
 * @typedef {{ depth: number, type: number, palette: Uint8Array, transparency: Uint8Array | null }} Format  what a sample means
 */

/**
 * @param {Uint8Array} bytes
 * @returns {Promise<{ width: number, height: number, rgba: Uint8Array }>}
 */
export async function decodePng(bytes) {
  /** @type {Map<number, Uint8Array>} */
  const found = new Map();
  /** @type {Uint8Array[]} */
  const data = [];
  for (const [type, start, end] of pngChunks(bytes)) {
    if (type === kData) data.push(bytes.subarray(start, end));
    else if (!found.has(type)) found.set(type, bytes.subarray(start, end));
  }
  const header = found.get(tag('IHDR'));
  if (header?.length !== 13) throw new Undecodable();
  const [width, height] = [0, 4].map((at) => new DataView(header.buffer, header.byteOffset).getUint32(at));
  const [depth, type, , , interlace] = header.subarray(8);
  const passes = kPasses[interlace];
  const palette = found.get(tag('PLTE')) ?? new Uint8Array(0);
  if (!kDepths[type]?.includes(depth) || !passes || (type === kPalette && !palette.length)) throw new Undecodable();
  const format = { depth, type, palette, transparency: found.get(tag('tRNS')) ?? null };

  const bits = depth * kChannels[type];
  const rgba = new Uint8Array(width * height * 4);
  const packed = new Unpacking(data);
  try {
    for (const [left, top, across, down] of passes) {
      const columns = Math.ceil((width - left) / across);
      if (columns <= 0) continue;
      const length = Math.ceil((columns * bits) / 8);
      /** @type {Uint8Array} */
      let above = new Uint8Array(length);
      for (let y = top; y < height; y += down) {
        const line = await packed.take(1 + length);
        const row = line.subarray(1);
        unfilter(line[0], row, above, Math.max(1, bits >> 3));
        spread(row, format, columns, rgba, (y * width + left) * 4, across * 4);
        above = row;
      }
    }
  } finally {
    packed.close();
  }
  return { width, height, rgba };
}

/** What the browser inflates, in pieces as they are asked for. */
class Unpacking {
  #reader;
  #piece = new Uint8Array(0);

  /** @param {Uint8Array[]} data */
  constructor(data) {
    const stream = new Blob(/** @type {BlobPart[]} */ (data)).stream();
    this.#reader = stream.pipeThrough(new DecompressionStream('deflate')).getReader();
  }

  /** @param {number} length @returns {Promise<Uint8Array>} memory of its own */
  async take(length) {
    const taken = new Uint8Array(length);
    for (let have = 0; have < length;) {
      if (this.#piece.length === 0) {
        const { value } = await this.#reader.read().catch(() => ({ value: undefined }));
        if (!value) throw new Undecodable();
        this.#piece = value;
      }
      const part = this.#piece.subarray(0, length - have);
      taken.set(part, have);
      have += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    return taken;
  }

  close() {
    this.#reader.cancel().catch(() => {});
  }
}

/**
 * A row's bytes from what was written of them: the differences to those on the left, above, or between.
 * @param {number} filter
 * @param {Uint8Array} row  changed
 * @param {Uint8Array} above
 * @param {number} step  bytes of a pixel, at least one
 */
function unfilter(filter, row, above, step) {
  if (filter > 4) throw new Undecodable();
  for (let i = 0; filter && i < row.length; i++) {
    const left = i < step ? 0 : row[i - step];
    if (filter === 1) row[i] += left;
    else if (filter === 2) row[i] += above[i];
    else if (filter === 3) row[i] += (left + above[i]) >> 1;
    else row[i] += paeth(left, above[i], i < step ? 0 : above[i - step]);
  }
}

/** Whichever of the three is nearest to left + above - corner. @param {number} left @param {number} above @param {number} corner */
function paeth(left, above, corner) {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/**
 * A row of samples to pixels.
 * @param {Uint8Array} row
 * @param {Format} format
 * @param {number} columns
 * @param {Uint8Array} rgba
 * @param {number} at  the first pixel's place in rgba
 * @param {number} step  to the next
 */
function spread(row, { depth, type, palette, transparency }, columns, rgba, at, step) {
  const channels = kChannels[type];
  const most = 2 ** depth - 1;
  const isPalette = type === kPalette;
  const scale = depth < 8 && !isPalette ? 255 / most : 1;
  const hasAlpha = channels === 2 || channels === 4;
  const colours = hasAlpha ? channels - 1 : channels;
  const isSeeThrough = !isPalette && transparency ? sameAs(transparency, depth) : null;
  for (let column = 0; column < columns; column++, at += step) {
    const first = column * channels;
    if (isPalette) {
      const place = sampleOf(row, first, depth);
      if (3 * place >= palette.length) continue; // no such colour: left transparent black
      for (let c = 0; c < 3; c++) rgba[at + c] = palette[3 * place + c];
      rgba[at + 3] = transparency?.[place] ?? 255;
      continue;
    }
    for (let c = 0; c < 3; c++) rgba[at + c] = scale * sampleOf(row, first + (colours === 3 ? c : 0), depth);
    if (hasAlpha) rgba[at + 3] = sampleOf(row, first + colours, depth);
    else rgba[at + 3] = isSeeThrough?.(row, first, colours) ? 0 : 255;
  }
}

/** The sample with this number, 0 to 255 or less; of 16 bits the upper eight. @param {Uint8Array} row @param {number} number @param {number} depth */
function sampleOf(row, number, depth) {
  if (depth === 8) return row[number];
  if (depth === 16) return row[2 * number];
  const bit = number * depth;
  return (row[bit >> 3] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

/** Whether a pixel has the one colour that is transparent, all its bits compared. @param {Uint8Array} colour @param {number} depth */
function sameAs(colour, depth) {
  return (/** @type {Uint8Array} */ row, /** @type {number} */ first, /** @type {number} */ colours) => {
    for (let c = 0; c < colours; c++) {
      const isLow = depth !== 16 || row[2 * (first + c) + 1] === colour[2 * c + 1];
      const wanted = depth === 16 ? colour[2 * c] : colour[2 * c + 1];
      if (!isLow || sampleOf(row, first + c, depth) !== wanted) return false;
    }
    return true;
  };
}
