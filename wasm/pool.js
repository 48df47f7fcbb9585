// The workers of an engine's pool of threads: started as modules from wherever their script lies, watched until the engine has started, and
// ended before the engine's own worker is (Chromium never gives back what workers hold whose owner ends while they are being ended).
import { inNode, nodeModule } from './files.js';
import { webWorker } from './web_worker.js';

const kPatience = 500; // milliseconds that workers have to end themselves
const kName = 'em-pthread'; // by which a newer Emscripten's glue knows that it is to be a worker of the pool

export class Pool {
  /** @type {any[]} */
  #workers = [];
  /** @type {(reason: Error) => void} */
  #fail = () => {};
  #hasStarted = false;
  #script;

  /** @param {URL} script  of the workers */
  constructor(script) {
    this.#script = script;
    /** Rejects when a worker does not start. @type {Promise<never>} */
    this.failed = new Promise((_, reject) => (this.#fail = reject));
    this.failed.catch(() => {});
  }

  /** What Emscripten's glue takes for the constructor of workers; where their script lies, it does not know. */
  get Worker() {
    const begin = (/** @type {any} */ options) => this.#begin(options);
    return function (/** @type {string} */ _, /** @type {any} */ options) {
      return begin(options);
    };
  }

  /** @param {any} options */
  #begin(options) {
    const script = this.#script;
    const Thread = inNode && nodeModule('node:worker_threads').Worker;
    const worker = inNode
      ? new Thread(script, { ...options, execArgv: [] })
      : webWorker(script, { ...options, name: kName });
    this.#workers.push(worker);
    // The glue throws what happens to its workers where nobody can catch it.
    const hear = (/** @type {any} */ event) => {
      if (this.#hasStarted) return;
      worker.onerror = () => {};
      event.preventDefault?.();
      this.#fail(new Error(event.message || `${script} did not load, or a policy does not allow it`));
    };
    if (inNode) {
      worker.on('error', hear);
      return worker;
    }
    worker.addEventListener('error', hear);
    worker.addEventListener('message', (/** @type {MessageEvent} */ { data }) => {
      if (data.cmd === 'failed') this.#fail(new Error(data.reason));
    });
    return worker;
  }

  /** From now on a worker that fails takes the engine along. */
  hasStarted() {
    this.#hasStarted = true;
    // Node: the pool shall not keep a process alive that has nothing else to do.
    if (inNode) for (const worker of this.#workers) worker.unref();
  }

  async end() {
    const workers = this.#workers.splice(0);
    if (!inNode) await Promise.race([Promise.all(workers.map(ended)), new Promise((go) => setTimeout(go, kPatience))]);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** @param {Worker} worker */
function ended(worker) {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => data.cmd === 'ended' && resolve(undefined);
    worker.postMessage({ cmd: 'end' });
  });
}
