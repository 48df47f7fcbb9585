// Which build of the core suits this machine, with the reason, and what can go wrong in fetching its files.
//
// Two builds: `single` (its memory can grow) and `threads` (shared memory: only where the page is cross-origin isolated, and in
// Node); both need SIMD. Nothing that failed to load is kept: the next attempt starts anew.
import { inWords, problem } from './experiment.js';
import { inNode, inWebKit, nodeModule } from './files.js';

/** @typedef {{ build: 'single' | 'threads' | 'float64', threads: number, reason: string }} Choice */

const kMostThreads = 8; // a batch is cut into eight slices
const kDefaultThreads = 4;
const kPage = 65536;

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt)): valid only where wasm has SIMD.
const kSimdModule = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  10,
  1,
  8,
  0,
  65,
  0,
  253,
  15,
  253,
  98,
  11,
);

/** @returns {number} */
function cores() {
  if (inNode) return nodeModule('node:os').availableParallelism();
  return navigator.hardwareConcurrency || 1;
}

/**
 * Which build and how many threads, and why.
 * @param {number | undefined} wanted
 * @returns {Choice}
 */
export function choose(wanted) {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= kMostThreads)) {
    throw problem('threads', `an integer from 1 to ${kMostThreads}`, inWords(wanted));
  }
  /** @type {(reason: string) => Choice} */
  const single = (reason) => ({ build: 'single', threads: 1, reason });
  if (wanted === 1) return single('one thread was asked for');
  if (!inNode && !globalThis.crossOriginIsolated)
    return single('the page is not cross-origin isolated, so threads cannot share memory');
  if (typeof SharedArrayBuffer === 'undefined')
    return single('this browser has no SharedArrayBuffer, so threads cannot share memory');
  if (!inNode && typeof Worker === 'undefined')
    return single('a worker of this kind can start no others, so there is nowhere for threads');
  if (!inNode && typeof document !== 'undefined')
    return single("the engine runs in the page's own thread, which must not wait for others");
  const found = cores();
  const threads = wanted ?? Math.min(kDefaultThreads, found);
  if (threads === 1) return single('this machine has one core');
  return {
    build: 'threads',
    threads,
    reason: wanted ? `${wanted} threads were asked for` : `this machine has ${found} cores`,
  };
}

/** Throws where WebAssembly cannot do what both builds need. */
export function requireSimd() {
  if (WebAssembly.validate(kSimdModule)) return;
  throw new Error(
    'WebAssembly SIMD is missing here; it needs Chrome or Edge 91, Firefox 89, Safari 16.4, Node 20 or newer',
  );
}

/**
 * @param {URL} url
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compile(url) {
  if (inNode) {
    const { readFile } = await nodeModule('node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`${url} answers ${response.status}; the generated files must be served beside the package's own`);
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return WebAssembly.compile(bytes);
  const got = bytes[0] === 0x3c ? 'an HTML page, as servers answer for a file that is missing' : 'something else';
  throw new Error(`${url} is not WebAssembly but ${got}; the generated files must be served beside the package's own`);
}

/**
 * @param {URL} url
 * @returns {Promise<(options: object) => Promise<any>>}
 */
export async function glueOf(url) {
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ url.href)).default;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Error(`${url} does not load; the generated files must stand beside the package's own (${message})`, {
      cause: error,
    });
  }
}

/**
 * Shared memory for the threads build. It may grow, but for Safari, whose growable shared memories crash on phones
 * (emscripten-core/emscripten#25905) and which refuses large ones: there it is fixed, and as large as it allows.
 */
export function sharedMemory() {
  const megabyte = 2 ** 20 / kPage;
  const sizes = inWebKit
    ? [
        [1024, 1024],
        [512, 512],
        [256, 256],
        [128, 128],
      ]
    : [
        [32, 2048],
        [32, 1024],
        [256, 256],
      ];
  let refusal;
  for (const [initial, maximum] of sizes) {
    try {
      return new WebAssembly.Memory({ initial: initial * megabyte, maximum: maximum * megabyte, shared: true });
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}
