// Starts a build of the core: its files, its memory, its pool of threads.
import { assetUrl } from './assets.js';
import { compile, glueOf, sharedMemory } from './build.js';
import { Pool } from './pool.js';

const kPatience = 3000; // milliseconds that a pool of threads has to start

/**
 * @typedef {import('./build.js').Choice} Choice
 * @typedef {{ factory: (options: object) => Promise<any>, module: WebAssembly.Module, glue: URL, wasm: URL }} Files
 * @typedef {{ raw: any, memory: WebAssembly.Memory, lastWords: string[], module: WebAssembly.Module, pool?: Pool }} Started
 */

/**
 * @param {Choice} choice
 * @param {WebAssembly.Module} [compiled]  the build, if it was compiled before
 * @returns {Promise<Started>}
 */
export async function start({ build, threads }, compiled) {
  const glue = assetUrl(`dist/${build}.mjs`);
  const wasm = assetUrl(`dist/${build}.wasm`);
  const [factory, module] = await Promise.all([glueOf(glue), compiled ?? compile(wasm)]);
  const files = { factory, module, glue, wasm };
  return build === 'threads' ? startWithPool(files, threads) : instantiate(files);
}

/**
 * The first of two tries: Firefox now and then never ends the start of a pool while another worker is being ended (1 of 40, seen in version
 * 153), and says nothing. Neither does a browser say that it waits for a script that nobody sends.
 * @param {Files} files
 * @param {number} threads
 * @returns {Promise<Started>}
 */
async function startWithPool(files, threads) {
  /** @type {Pool[]} */
  const pools = [];
  const attempt = async () => {
    const pool = new Pool(assetUrl('dist/threads.pool.mjs'));
    pools.push(pool);
    return Promise.race([instantiate(files, { pool, threads, memory: sharedMemory() }), pool.failed]);
  };
  /** @type {any[]} */
  let timers = [];
  /** @type {Started | undefined} */
  let started;
  try {
    started = await /** @type {Promise<Started>} */ (
      new Promise((resolve, reject) => {
        const again = () => attempt().then(resolve, reject);
        const giveUp = () => reject(new Error(`the pool of threads did not answer in ${kPatience / 1000} seconds`));
        timers = [setTimeout(again, kPatience / 2), setTimeout(giveUp, kPatience)];
        again();
      })
    );
    started.pool?.hasStarted();
    return started;
  } finally {
    timers.forEach(clearTimeout);
    for (const pool of pools) if (pool !== started?.pool) pool.end();
  }
}

/**
 * What the glue is handed must stand in CMakeLists.txt, under INCOMING_MODULE_JS_API: a newer Emscripten takes nothing else, and says nothing.
 * @param {Files} files
 * @param {{ pool: Pool, threads: number, memory: WebAssembly.Memory }} [shared]
 * @returns {Promise<Started>}
 */
export function instantiate({ factory, module, glue, wasm }, shared) {
  /** @type {WebAssembly.Memory} */
  let memory;
  /** @type {string[]} */
  const lastWords = [];
  return new Promise((resolve, reject) => {
    const options = {
      locateFile: () => wasm.href,
      print() {},
      printErr: (/** @type {string} */ line) => lastWords.push(line),
      onAbort: (/** @type {unknown} */ what) => reject(new Error(`The engine did not start: ${what}`)),
      instantiateWasm(/** @type {any} */ imports, /** @type {any} */ receive) {
        WebAssembly.instantiate(module, imports)
          .then((instance) => {
            memory = memoryOf(imports, instance);
            if (shared && memory !== shared.memory)
              throw new Error('the engine takes another memory than it was given');
            receive(instance, module);
          })
          .catch(reject);
        return {};
      },
      ...(shared && {
        mainScriptUrlOrBlob: glue.href,
        wasmMemory: shared.memory,
        poolSize: shared.threads - 1,
        Worker: shared.pool.Worker,
      }),
    };
    factory(options).then((raw) => resolve({ raw, memory, lastWords, module, pool: shared?.pool }), reject);
  });
}

/**
 * The memory that a module computes in: with threads one of its imports, alone its own. Emscripten may shorten its name.
 * @param {Record<string, object>} imports
 * @param {WebAssembly.Instance} instance
 * @returns {WebAssembly.Memory}
 */
function memoryOf(imports, { exports }) {
  const all = [...Object.values(imports).flatMap((each) => Object.values(each)), ...Object.values(exports)];
  return /** @type {WebAssembly.Memory} */ (all.find((each) => each instanceof WebAssembly.Memory));
}
