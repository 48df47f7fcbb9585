// The caller's side of the conversation with an engine: one worker, requests with an id, replies that settle a promise.
//
// When the worker dies, or reports a fault after which its engine cannot be trusted, every pending request is rejected with the
// cause, and so is every later one; whoever opens the next run gets a fresh worker. Under Node the worker keeps the process alive
// only while a request is pending. No Comlink: the package's files run as they stand, and a page without a bundler cannot resolve a
// bare import.
import { InputError } from './experiment.js';
import { inNode, nodeModule } from './files.js';
import { Operations } from './operations.js';
import { perform } from './serving.js';

/**
 * @typedef {{ id: number, progress?: any, result?: any, lent?: ArrayBuffer, error?: { name: string, message: string, stack: string, problems?: any, fatal: boolean } }} Reply
 * @typedef {{ resolve: (value: any) => void, reject: (cause: Error) => void, onProgress?: (progress: any) => void }} Pending
 * @typedef {{ call: (name: string, argument?: unknown, transfer?: Iterable<ArrayBuffer>, onProgress?: (progress: any) => void) => Promise<any>,
 *   lend: (name: string, numbers: import('./index.d.ts').Inputs) => Promise<any>, close: () => Promise<void>,
 *   readonly dead: boolean }} Conversation
 */

const kPatience = 1000; // milliseconds that a worker has to end in good order
const kStartPatience = 3000; // milliseconds after which a start that says nothing gets a rival

/** What engines have compiled here so far. @type {import('./engine.js').Modules} */
const modules = {};

/** @param {NonNullable<Reply['error']>} error */
function revive({ name, message, stack, problems }) {
  if (problems) return new InputError(problems);
  return Object.assign(new Error(message), { name, stack });
}

/**
 * A message copies the whole buffer behind a view, however little the view shows of it: so of a part, the part is sent.
 * @param {any} value
 * @param {Set<ArrayBufferLike>} moved  buffers that are not copied
 * @returns {any}
 */
function whole(value, moved) {
  if (ArrayBuffer.isView(value)) {
    const all = value.byteLength === value.buffer.byteLength || moved.has(value.buffer);
    // Not its own slice(), which is a view again for a Buffer of Node.
    return all || value instanceof DataView ? value : Uint8Array.prototype.slice.call(value);
  }
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, whole(each, moved)]));
}

/** A conversation with a worker that answers as worker.js does. */
export class Connection {
  #worker;
  #next = 1;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** @type {Error | undefined} */
  #cause;
  /** @type {Promise<void> | undefined} */
  #closed;
  /** What was lent last, and came back. @type {ArrayBuffer | undefined} */
  #spare;

  /** @param {any} worker  a Web Worker, or a Worker of node:worker_threads */
  constructor(worker) {
    this.#worker = worker;
    if (inNode) {
      worker.on('message', (/** @type {Reply} */ reply) => this.#settle(reply));
      worker.on('error', (/** @type {Error} */ error) => this.#fail(error));
      worker.on('messageerror', (/** @type {Error} */ error) => this.#fail(error));
      worker.on('exit', (/** @type {number} */ code) =>
        this.#fail(new Error(`The engine's worker ended with code ${code}`)),
      );
      worker.unref();
    } else {
      worker.onmessage = (/** @type {MessageEvent} */ { data }) => this.#settle(data);
      worker.onmessageerror = () => this.#fail(new Error("A reply of the engine's worker could not be read"));
      worker.onerror = (/** @type {ErrorEvent} */ event) => {
        event.preventDefault?.();
        this.#fail(
          new Error(event.message || "The engine's worker did not load: are all files of the package served?"),
        );
      };
    }
  }

  /** Whether this conversation has ended. */
  get dead() {
    return this.#cause !== undefined;
  }

  /**
   * Asks, and waits for the answer.
   * @param {string} name
   * @param {unknown} [argument]
   * @param {Iterable<ArrayBuffer>} [transfer]  buffers that move to the worker instead of being copied
   * @param {(progress: any) => void} [onProgress]
   * @returns {Promise<any>}
   */
  call(name, argument, transfer = [], onProgress = undefined) {
    return this.#ask({ name, argument: whole(argument, new Set(transfer)) }, [...transfer], onProgress);
  }

  /**
   * Asks about numbers that lie in memory which comes back with the answer, for the next ones: to clone them takes a page longer than many a
   * network needs to say what they are.
   * @param {string} name
   * @param {import('./index.d.ts').Inputs} numbers
   * @returns {Promise<any>}
   */
  lend(name, numbers) {
    const Numbers = [Uint8Array, Float32Array, Float64Array].find((type) => numbers instanceof type);
    if (!Numbers) return this.call(name, numbers);
    const lent = this.#spare?.byteLength === numbers.byteLength ? this.#spare : new ArrayBuffer(numbers.byteLength);
    this.#spare = undefined;
    const argument = new Numbers(lent);
    argument.set(numbers);
    return this.#ask({ name, argument, lent }, [lent]);
  }

  /** @param {object} request @param {ArrayBuffer[]} transfer @param {(progress: any) => void} [onProgress] @returns {Promise<any>} */
  #ask(request, transfer, onProgress) {
    if (this.#cause) return Promise.reject(this.#cause);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage({ id, ...request }, transfer);
      this.#pending.set(id, { resolve, reject, onProgress });
      if (inNode) this.#worker.ref();
    });
  }

  /** @param {Reply} reply */
  #settle({ id, progress, result, lent, error }) {
    this.#spare = lent ?? this.#spare;
    const pending = this.#pending.get(id);
    if (progress !== undefined) return pending?.onProgress?.(progress);
    this.#pending.delete(id);
    if (inNode && this.#pending.size === 0) this.#worker.unref();
    if (!error) pending?.resolve(result);
    else pending?.reject(revive(error));
    if (error?.fatal) this.#fail(revive(error));
  }

  /** @param {Error} cause */
  #fail(cause) {
    if (this.#cause) return;
    this.#cause = new Error(`The engine has stopped: ${cause.message}`, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#cause);
    this.#pending.clear();
    this.#worker.terminate();
  }

  /** Ends the worker, politely if it answers; what is pending by then is rejected. */
  close() {
    return (this.#closed ??= this.#close());
  }

  async #close() {
    if (this.#cause) return;
    /** @type {any} */
    let timer;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, kPatience)));
    await Promise.race([this.call('dispose').catch(() => {}), patience]);
    clearTimeout(timer);
    this.#fail(new Error('it was disposed of'));
    if (inNode) await this.#worker.terminate();
  }
}

/** The same without a worker: the engine works in the caller's thread. */
class LocalConversation {
  #operations = new Operations();
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {Error | undefined} */
  #cause;

  get dead() {
    return this.#cause !== undefined;
  }

  /** @param {string} name @param {unknown} [argument] @param {unknown} [_transfer] @param {(progress: any) => void} [onProgress] */
  call(name, argument, _transfer, onProgress) {
    const answer = this.#last.then(async () => {
      if (this.#cause) throw this.#cause;
      try {
        return await perform(this.#operations, name, argument, onProgress);
      } catch (error) {
        const cause = /** @type {Error} */ (error);
        if (!(cause instanceof InputError || /** @type {any} */ (cause).harmless))
          this.#cause = new Error(`The engine has stopped: ${cause.message}`, { cause });
        throw cause;
      }
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** @param {string} name @param {import('./index.d.ts').Inputs} numbers */
  lend(name, numbers) {
    return this.call(name, numbers);
  }

  async close() {
    if (this.#cause) return;
    await this.call('dispose');
    this.#cause = new Error('The engine has stopped: it was disposed of');
  }
}

/**
 * The first conversation whose engine starts. Firefox now and then never ends the start of a pool of threads while another worker is being
 * ended (1 of 40, seen in version 153), and says nothing; so whoever is silent gets a rival, and that one another, each after twice the
 * patience. On a slow network a rival finds the files that the first one fetched.
 * @param {() => Connection} begin
 * @param {number | undefined} threads
 * @param {number} [patience]  milliseconds before the first rival begins
 * @returns {Promise<Connection>}
 */
export async function firstToStart(begin, threads, patience = kStartPatience) {
  /** @type {Connection[]} */
  const begun = [];
  const start = async () => {
    const connection = begin();
    begun.push(connection);
    Object.assign(modules, await connection.call('load', { threads, modules }));
    return connection;
  };
  /** @type {any} */
  let timer;
  /** @type {Connection | undefined} */
  let started;
  try {
    return (started = await /** @type {Promise<Connection>} */ (
      new Promise((resolve, reject) => {
        const attempt = (/** @type {number} */ wait) => {
          start().then(resolve, reject);
          timer = setTimeout(attempt, wait, 2 * wait);
        };
        attempt(patience);
      })
    ));
  } finally {
    clearTimeout(timer);
    for (const connection of begun) if (connection !== started) connection.close();
  }
}

/**
 * A fresh engine to talk to.
 * @param {{ sameThread?: boolean, threads?: number }} [options]
 * @returns {Promise<Conversation>}
 */
export async function connect({ sameThread = false, threads } = {}) {
  if (sameThread) {
    const local = new LocalConversation();
    Object.assign(modules, await local.call('load', { threads, modules }));
    return local;
  }
  if (!inNode) {
    // Bundlers know a worker by this very form.
    const begin = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'trainground' });
    return firstToStart(() => new Connection(begin()), threads);
  }
  const { Worker: Thread } = await nodeModule('node:worker_threads');
  const url = new URL(import.meta.url.replace(/client\.js$/, 'worker.js'));
  // The flags of the process are its own affair: some of them (--input-type, --eval) would not let a worker start.
  return firstToStart(() => new Connection(new Thread(url, { workerData: 'trainground', execArgv: [] })), threads);
}
