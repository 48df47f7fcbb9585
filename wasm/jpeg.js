// JPEG opened by libjpeg-turbo, compiled to WebAssembly: the same pixels in every browser and in Node, and a photo of many pixels at a half, a
// quarter or an eighth of its width and height, by an inverse DCT of so many fewer outputs, which takes a fraction of the time.
//
// What it refuses, and the few kinds that decoders do not agree on, are Undecodable here and left to the decoder at hand; what it only warns of
// (stray bytes, as some cameras leave them) is taken, as every decoder does. A refusal is a longjmp, which gives neither stack nor memory back, so
// the next picture gets a new instance; so does the next after a large one, as a memory never shrinks.
import { assetUrl } from './assets.js';
import { compile } from './build.js';
import { pictureSize, takeOrientation, Undecodable } from './picture_file.js';

// Of turbojpeg.h: the layout of a pixel; the last colour space but for inks; a way of halving colours that versions smooth differently.
const [kRgb, kGrey, k440] = [0, 2, 4];
const kKept = 64e6; // bytes of a memory that is used again
const kMostScans = 100; // each may walk through the whole picture, and cost a file few bytes

/**
 * @typedef {import('./browser_decoder.js').Picture} Picture
 * @typedef {import('./picture_file.js').Kind} Kind
 * @typedef {(...args: number[]) => number} Call
 * @typedef {{ memory: WebAssembly.Memory, malloc: Call, free: Call, tjInitDecompress: Call, tjDecompressHeader3: Call, tjDecompress2: Call,
 *   tjDestroy: Call }} Turbo
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
  /** @type {Turbo | null} */
  let turbo = null;
  /** @param {Uint8Array} bytes @param {number} width @param {number} height @param {number} reduction */
  const decode = (bytes, width, height, reduction) => {
    const instance = (turbo ??= instantiate(module));
    turbo = null;
    const pixels = pixelsOf(instance, bytes, width, height, reduction);
    if (instance.memory.buffer.byteLength <= kKept) turbo = instance;
    return pixels;
  };
  return (bytes, kind) => {
    const size = pictureSize(bytes, kind);
    if (!size || scansOf(bytes) > kMostScans) throw new Undecodable();
    const { width, height } = size;
    let decoded = { reduction: 0, pixels: new Uint8Array(0) };
    return {
      width,
      height,
      orientation: takeOrientation(bytes, kind).orientation,
      reductions: [8, 4, 2],
      read(rectangle, sink, reduction) {
        if (decoded.reduction !== reduction) decoded = { reduction, pixels: decode(bytes, width, height, reduction) };
        const stride = 3 * Math.ceil(width / reduction);
        for (let row = 0; row < rectangle.height; row++) {
          const at = (rectangle.y + row) * stride + rectangle.x * 3;
          sink(decoded.pixels.subarray(at, at + rectangle.width * 3), 'rgb', row, 1);
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

/** @param {WebAssembly.Module} module @returns {Turbo} */
function instantiate(module) {
  const never = () => {
    throw new Undecodable();
  };
  const system = {
    environ_sizes_get(/** @type {number} */ count, /** @type {number} */ length) {
      new Uint32Array(turbo.memory.buffer, count, 1)[0] = 0;
      new Uint32Array(turbo.memory.buffer, length, 1)[0] = 0;
      return 0;
    },
    environ_get: never,
    proc_exit: never,
    fd_close: never,
    fd_seek: never,
    fd_write: never,
  };
  const imports = { env: { setjmp: () => 0, longjmp: never }, wasi_snapshot_preview1: system };
  const turbo = /** @type {Turbo} */ (/** @type {unknown} */ (new WebAssembly.Instance(module, imports).exports));
  return turbo;
}

/**
 * The picture's pixels, RGB, made smaller. The instance is as it was before, unless this throws.
 * @param {Turbo} turbo
 * @param {Uint8Array} bytes
 * @param {number} width  that the file tells
 * @param {number} height
 * @param {number} reduction
 */
function pixelsOf(turbo, bytes, width, height, reduction) {
  const [wide, high] = [width, height].map((side) => Math.ceil(side / reduction));
  const { memory, malloc, free } = turbo;
  try {
    const file = allocated(malloc(bytes.length));
    new Uint8Array(memory.buffer, file, bytes.length).set(bytes);
    const handle = allocated(turbo.tjInitDecompress());
    const told = allocated(malloc(16));
    new Int32Array(memory.buffer, told, 4).fill(-1);
    turbo.tjDecompressHeader3(handle, file, bytes.length, told, told + 4, told + 8, told + 12);
    const [w, h, subsampling, colours] = new Int32Array(memory.buffer, told, 4);
    const isPlain = subsampling >= 0 && subsampling !== k440 && colours >= 0 && colours <= kGrey;
    if (w !== width || h !== height || !isPlain) throw new Undecodable();
    const made = allocated(malloc(wide * high * 3));
    turbo.tjDecompress2(handle, file, bytes.length, made, wide, wide * 3, high, kRgb, 0); // its answer: whether it warns
    const pixels = new Uint8Array(memory.buffer, made, wide * high * 3).slice();
    turbo.tjDestroy(handle);
    for (const each of [made, told, file]) free(each);
    return pixels;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw new Undecodable(); // out of bounds: a damaged file
    throw error;
  }
}

/** @param {number} pointer */
function allocated(pointer) {
  if (pointer === 0) throw new Undecodable();
  return pointer;
}
