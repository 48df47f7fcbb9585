// Starts a build of the core: its files, its memory, its pool of threads.
import { compile, glueOf, sharedMemory } from './build.js';
import { inNode, nodeModule } from './files.js';

/** @typedef {import('./build.js').Choice} Choice */

/**
 * The generated files of one build. Each URL is written out so that a bundler sees the files and carries them along as they are;
 * no-inline is for Vite, which would make a data: URL of the small script of the pool, and that may not import the glue.
 * @param {'single' | 'threads' | 'float64'} build
 * @returns {{ glue: URL, wasm: URL, worker?: URL }}
 */
function filesOf(build) {
  if (build === 'float64') {
    return {
      glue: new URL('./dist/float64.mjs', import.meta.url),
      wasm: new URL('./dist/float64.wasm', import.meta.url),
    };
  }
  return build === 'threads'
    ? {
        glue: new URL('./dist/threads.mjs', import.meta.url),
        wasm: new URL('./dist/threads.wasm', import.meta.url),
        worker: new URL('./dist/threads.worker.js?no-inline', import.meta.url),
      }
    : { glue: new URL('./dist/single.mjs', import.meta.url), wasm: new URL('./dist/single.wasm', import.meta.url) };
}

/**
 * @param {Choice} choice
 * @param {WebAssembly.Module} [compiled]  the build, if it was compiled before
 * @returns {Promise<{ raw: any, memory: WebAssembly.Memory, lastWords: string[], module: WebAssembly.Module }>}
 */
export async function start({ build, threads }, compiled) {
  const { glue, wasm, worker } = filesOf(build);
  const [factory, module] = await Promise.all([glueOf(glue), compiled ?? compile(wasm)]);
  // Node's workers take a path where browsers take a URL.
  const pool = worker && (inNode ? (await nodeModule('node:url')).fileURLToPath(worker) : worker.href);
  /** @type {any} */
  let memory = build === 'threads' ? sharedMemory() : undefined;
  /** @type {string[]} */
  const lastWords = [];
  /** @type {(event: any) => void} */
  let poolFailed = () => {};
  /** @type {Promise<{ raw: any, memory: WebAssembly.Memory, lastWords: string[], module: WebAssembly.Module }>} */
  const started = new Promise((resolve, reject) => {
    // A script of the pool that does not load is thrown by the glue where nobody can catch it.
    poolFailed = (event) => {
      event.preventDefault();
      reject(new Error(`the pool of threads did not load (${event.message})`));
    };
    const options = {
      poolSize: threads - 1,
      mainScriptUrlOrBlob: glue.href,
      locateFile: (/** @type {string} */ name) => (name.endsWith('.worker.js') && pool ? pool : wasm.href),
      print() {},
      printErr: (/** @type {string} */ line) => lastWords.push(line),
      onAbort: (/** @type {unknown} */ what) => reject(new Error(`The engine did not start: ${what}`)),
      instantiateWasm(/** @type {any} */ imports, /** @type {any} */ receive) {
        WebAssembly.instantiate(module, imports).then((instance) => {
          // Emscripten may shorten its name; the build with threads gets its own.
          memory ??= Object.values(instance.exports).find((each) => each instanceof WebAssembly.Memory);
          receive(instance, module);
        }, reject);
        return {};
      },
      ...(memory && { wasmMemory: memory }),
    };
    factory(options).then((raw) => resolve({ raw, memory, lastWords, module }), reject);
  });
  globalThis.addEventListener?.('error', poolFailed);
  return started.finally(() => globalThis.removeEventListener?.('error', poolFailed));
}
