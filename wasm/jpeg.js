// JPEG opened by libjpeg-turbo, compiled to WebAssembly (wasm/jpeg): the same pixels in every browser and in Node, and a photo of many pixels at a
// half, a quarter or an eighth of its width and height, by an inverse DCT of so many fewer outputs, which takes a fraction of the time. Its rows
// become samples where they are: no picture is ever whole in memory.
//
// What it refuses, and the few kinds that decoders do not agree on, are Undecodable here and left to the decoder at hand; what it only warns of
// (stray bytes, as some cameras leave them) is taken, as every decoder does. A refusal gives neither stack nor memory back, so the next picture
// gets a new instance; so does the next after a large one, as a memory never shrinks.
import { assetUrl } from './assets.js';
import { compile } from './build.js';
import { pictureSize, takeOrientation, Undecodable } from './picture_file.js';

const kKept = 64e6; // bytes of a memory that is used again
const kMostScans = 100; // each may walk through the whole picture, and cost a file few bytes

/**
 * @typedef {import('./browser_decoder.js').Picture} Picture
 * @typedef {import('./picture_file.js').Kind} Kind
 * @typedef {import('./resample.js').Taking} Taking
 * @typedef {import('./resample.js').Tables} Tables
 * @typedef {(...args: number[]) => number} Call
 * @typedef {{ memory: WebAssembly.Memory, malloc: Call, free: Call, jpeg_open: Call, jpeg_start: Call, jpeg_row: Call, jpeg_reduce: Call,
 *   jpeg_close: Call }} Decoder  of wasm/jpeg/decoder.cpp
 */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiling;

/**
 * What opens files here.
 * @returns {Promise<(bytes: Uint8Array, kind: Kind) => Picture>}
 */
export async function jpegDecoder() {
  compiling ??= compile(assetUrl('dist/jpeg.wasm'));
  const module = await compiling.catch((error) => {
    compiling = undefined; // the next list of pictures tries again
    throw error;
  });
  /** @type {Decoder | null} */
  let kept = null;
  return (bytes, kind) => {
    const size = pictureSize(bytes, kind);
    if (!size || scansOf(bytes) > kMostScans) throw new Undecodable();
    return {
      ...size,
      orientation: takeOrientation(bytes, kind).orientation,
      reductions: [8, 4, 2],
      readAll(takings) {
        for (const reduction of new Set(takings.map((taking) => taking.reduction))) {
          const decoder = kept ?? instantiate(module);
          kept = null;
          const these = takings.filter((taking) => taking.reduction === reduction);
          decode(decoder, bytes, size, reduction, these);
          if (decoder.memory.buffer.byteLength <= kKept) kept = decoder;
        }
      },
      close() {},
    };
  };
}

/** How many there are, or seem to be. @param {Uint8Array} bytes */
function scansOf(bytes) {
  let count = 0;
  for (let at = bytes.indexOf(0xda); at >= 0; at = bytes.indexOf(0xda, at + 1)) if (bytes[at - 1] === 0xff) count++;
  return count;
}

/** @param {WebAssembly.Module} module @returns {Decoder} */
function instantiate(module) {
  const refuse = () => {
    throw new Undecodable();
  };
  const { exports } = new WebAssembly.Instance(module, { env: { refuse, emscripten_notify_memory_growth() {} } });
  /** @type {any} */ (exports)._initialize?.();
  return /** @type {Decoder} */ (/** @type {unknown} */ (exports));
}

/**
 * The picture's rows, RGB, made smaller, to whatever takes them. The decoder is as it was before, unless this throws.
 * @param {Decoder} decoder
 * @param {Uint8Array} bytes
 * @param {import('./resample.js').Size} size  that the file tells
 * @param {number} reduction
 * @param {Taking[]} takings
 */
function decode(decoder, bytes, size, reduction, takings) {
  const { memory } = decoder;
  try {
    const file = allocated(decoder, bytes.length);
    new Uint8Array(memory.buffer, file, bytes.length).set(bytes);
    const told = decoder.jpeg_open(file, bytes.length);
    const [width, height, isPlain] = new Int32Array(memory.buffer, told, 3);
    if (width !== size.width || height !== size.height || !isPlain) throw new Undecodable();
    const row = decoder.jpeg_start(reduction);
    const tables = takings.flatMap((taking) => taking.tables ?? []);
    if (tables.length === takings.length) reduce(decoder, tables);
    else {
      for (let y = 0; y < Math.ceil(height / reduction); y++) {
        decoder.jpeg_row();
        for (const taking of takings) {
          const { rectangle } = taking;
          if (y < rectangle.y || y >= rectangle.y + rectangle.height) continue;
          const pixels = new Uint8Array(memory.buffer, row + 3 * rectangle.x, 3 * rectangle.width);
          taking.add(pixels, 'rgb', y - rectangle.y, 1);
        }
      }
    }
    decoder.jpeg_close();
    decoder.free(file);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw new Undecodable(); // out of bounds: a damaged file
    throw error;
  }
}

/** @param {Decoder} decoder @param {number} bytes */
function allocated({ malloc }, bytes) {
  const pointer = malloc(bytes);
  if (pointer === 0) throw new Undecodable();
  return pointer;
}

/** All rows to samples, by tables that are laid out as wasm/jpeg/reducing.h reads them. @param {Decoder} decoder @param {Tables[]} tables */
function reduce(decoder, tables) {
  const { memory } = decoder;
  /** @type {number[]} */
  const blocks = [];
  /** @param {Int32Array | Float64Array} list */
  const copied = (list) => {
    const at = allocated(decoder, list.byteLength);
    blocks.push(at);
    new Uint8Array(memory.buffer, at, list.byteLength).set(
      new Uint8Array(list.buffer, list.byteOffset, list.byteLength),
    );
    return at;
  };
  const sums = tables.map((each) => copied(each.sums));
  const sizes = tables.map(({ left, ends, weights, first, count, down }, i) => {
    const line = copied(new Float64Array(3 * ends.length));
    const across = [left, ends.length, copied(ends), copied(weights)];
    return [...across, first.length, copied(first), copied(count), copied(down), line, sums[i]];
  });
  decoder.jpeg_reduce(copied(Int32Array.from(sizes.flat())), tables.length);
  for (const [i, each] of tables.entries()) each.sums.set(new Float64Array(memory.buffer, sums[i], each.sums.length));
  blocks.forEach((block) => decoder.free(block));
}
