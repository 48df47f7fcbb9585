// The caller's side of the conversation with an engine: one worker, requests with an id, replies that settle a promise.
//
// When the worker dies, or reports a fault after which its engine cannot be trusted, every pending request is rejected with the
// cause, and so is every later one; whoever opens the next run gets a fresh worker. Under Node the worker keeps the process alive
// only while a request is pending. No Comlink: the package's files run as they stand, and a page without a bundler cannot resolve a
// bare import.
import { toldPlace, toldPlaces } from './assets.js';
import { InputError } from './experiment.js';
import { inNode, nodeModule } from './files.js';
import { Operations } from './operations.js';
import { perform } from './serving.js';
import { besideOf, isForeign, webWorker } from './web_worker.js';

/**
 * @typedef {{ id: number, progress?: any, result?: any, lent?: ArrayBuffer, error?: { name: string, message: string, stack: string, problems?: any, fatal: boolean } }} Reply
 * @typedef {{ resolve: (value: any) => void, reject: (cause: Error) => void, onProgress?: (progress: any) => void }} Pending
 * @typedef {{ call: (name: string, argument?: unknown, transfer?: Iterable<ArrayBuffer>, onProgress?: (progress: any) => void) => Promise<any>,
 *   lend: (name: string, numbers: import('./index.d.ts').Inputs) => Promise<any>, close: () => Promise<void>,
 *   readonly dead: boolean }} Conversation
 */

const kPatience = 1000; // milliseconds that a worker has to end in good order
const kLinger = 250; // milliseconds that a browser's worker outlives its engine: Chromium never gives back the threads of a pool whose owner ends
// before their own end has been told to it (a thread and a half for each run, seen in version 150)
const kKeptBytes = 32 * 2 ** 20; // of an engine that waits for its next run: more is given back
const kKeptTime = 10_000; // milliseconds that it waits
const kStartPatience = 3000; // milliseconds after which a start that has not ended gets a rival
const kLongestStart = 60_000; // milliseconds after which none is waited for any more, and five times as many once one is there
const kScript = 'engine_worker.js';
const kDisposed = 'The engine has stopped: it was disposed of';

/** What engines have compiled here so far. @type {import('./engine.js').Modules} */
const modules = {};

/**
 * An engine that has no run any more and waits for one: its worker need not start again.
 * @type {{ connection: Connection, start: string, timer: any } | undefined}
 */
let kept;

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

/** A conversation with a worker that answers as engine_worker.js does. */
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
  /** How its engine was started, if that may be kept once this is closed. @type {string | undefined} */
  #start;

  /** @param {any} worker  a Web Worker, or a Worker of node:worker_threads @param {string} [script]  its address, for messages */
  constructor(worker, script = kScript) {
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
        const why = `${script} did not load: it must be served beside the package's other files (configure({ assets }) says where), and a policy must allow it (worker-src)`;
        this.#fail(new Error(event.message || why));
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

  /** @param {Error} cause @param {number} [linger]  milliseconds */
  #fail(cause, linger = 0) {
    if (this.#cause) return;
    this.#cause = new Error(`The engine has stopped: ${cause.message}`, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#cause);
    this.#pending.clear();
    if (linger) setTimeout(() => this.#worker.terminate(), linger);
    else this.#worker.terminate();
  }

  /** Once it is closed, whoever wants an engine started in the same way may have this one. @param {string} start */
  keepFor(start) {
    this.#start = start;
  }

  /** Ends the worker, politely if it answers; what is pending by then is rejected. A small engine may be kept for the next run. */
  close() {
    return (this.#closed ??= this.#close());
  }

  async #close() {
    if (this.#cause) return;
    /** @type {any} */
    let timer;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, kPatience)));
    const keep = this.#start ? kKeptBytes : 0;
    const isKept = await Promise.race([this.call('dispose', { keep }).catch(() => {}), patience]);
    clearTimeout(timer);
    if (isKept === true && this.#start && this.#pending.size === 0) return this.#keep(this.#start);
    this.#fail(new Error('it was disposed of'), inNode ? 0 : kLinger);
    if (inNode) await this.#worker.terminate();
  }

  /** Leaves the worker to a conversation of its own, in the place of the one that waited until now. @param {string} start */
  #keep(start) {
    if (kept) takeKept(kept.start)?.close();
    this.#cause = new Error(kDisposed);
    const heard = ['message', 'error', 'messageerror', 'exit'];
    if (inNode) for (const event of heard) this.#worker.removeAllListeners(event);
    const connection = new Connection(this.#worker);
    const timer = setTimeout(() => takeKept(start)?.close(), kKeptTime);
    if (inNode) timer.unref();
    kept = { connection, start, timer };
  }
}

/** The engine that waits, if it was started like this and is still alive. @param {string} start */
function takeKept(start) {
  if (kept?.start !== start) return undefined;
  const { connection, timer } = kept;
  clearTimeout(timer);
  kept = undefined;
  return connection.dead ? undefined : connection;
}

/** The same without a worker: the engine works in the caller's thread, which in a browser gets its turn after each answer. */
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
        const result = await perform(this.#operations, name, argument, onProgress);
        if (!inNode) await new Promise((next) => setTimeout(next));
        return result;
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
    this.#cause = new Error(kDisposed);
  }
}

/**
 * The first conversation whose engine starts. Firefox now and then never ends a start while another worker is being ended, and says nothing; so
 * whoever takes long gets a rival, and that one another, each after twice the patience. On a slow network a rival finds the files that the first
 * one fetched.
 * @param {() => Connection} begin
 * @param {number | undefined} threads
 * @param {{ patience?: number, longest?: number }} [wait]  milliseconds before the first rival begins, and until none is waited for any more
 * @returns {Promise<Connection>}
 */
export async function firstToStart(begin, threads, { patience = kStartPatience, longest = kLongestStart } = {}) {
  /** @type {Connection[]} */
  const begun = [];
  /** @type {any} */
  let rival;
  /** @type {any} */
  let end;
  /** @type {Connection | undefined} */
  let started;
  let isOver = false;
  try {
    return (started = await /** @type {Promise<Connection>} */ (
      new Promise((resolve, reject) => {
        const giveUpAfter = (/** @type {number} */ wait) => {
          clearTimeout(end);
          // A rival that says late that it is there would keep a process of Node from ending.
          if (isOver) return;
          end = setTimeout(() => reject(new Error(`The engine has not started in ${wait / 1000} seconds`)), wait);
        };
        const start = async () => {
          const connection = begin();
          begun.push(connection);
          const wanted = { threads, modules, places: toldPlaces() };
          Object.assign(modules, await connection.call('load', wanted, [], () => giveUpAfter(5 * longest)));
          return connection;
        };
        const attempt = (/** @type {number} */ wait) => {
          start().then(resolve, reject);
          rival = setTimeout(attempt, wait, 2 * wait);
        };
        giveUpAfter(longest);
        attempt(patience);
      })
    ));
  } finally {
    isOver = true;
    [rival, end].forEach(clearTimeout);
    for (const connection of begun) if (connection !== started) connection.close();
  }
}

/** A worker of a browser, from where its script lies. */
function startWorker() {
  const beside = besideOf(import.meta.url, 'client.js', kScript);
  const elsewhere = toldPlace(kScript) ?? (beside && isForeign(beside) ? beside : undefined);
  if (elsewhere) return new Connection(webWorker(elsewhere, { name: 'trainground' }), elsewhere);
  try {
    // Bundlers know a worker by this very form.
    const worker = new Worker(new URL('./engine_worker.js', import.meta.url), { type: 'module', name: 'trainground' });
    return new Connection(worker, beside);
  } catch (refusal) {
    const { message } = /** @type {Error} */ (refusal);
    const words = `The engine's worker is refused here (${message}); configure({ assets }) may name another place`;
    throw new Error(words, { cause: refusal });
  }
}

/** A worker of Node; a bundle has none beside it, and must not be taken for one: it would run the whole program again. */
function startThread() {
  const { Worker: Thread } = nodeModule('node:worker_threads');
  const script = toldPlace(kScript) ?? besideOf(import.meta.url, 'client.js', kScript);
  if (!script || !nodeModule('node:fs').existsSync(new URL(script))) {
    throw new Error(
      `${script ?? kScript} is not there: a program for Node must not have trainground bundled into it. Mark it external ` +
        "(esbuild, Bun: --external:trainground; Rollup, Vite: external; Next: serverExternalPackages: ['trainground'])",
    );
  }
  // The flags of the process are its own affair: some of them (--input-type, --eval) would not let a worker start.
  return new Connection(new Thread(new URL(script), { execArgv: [] }));
}

/**
 * An engine to talk to, without a run: one that was kept, or a fresh one.
 * @param {{ sameThread?: boolean, threads?: number }} [options]
 * @returns {Promise<Conversation>}
 */
export async function connect({ sameThread = false, threads } = {}) {
  if (sameThread || (!inNode && typeof Worker === 'undefined')) {
    const local = new LocalConversation();
    Object.assign(modules, await local.call('load', { threads, modules }));
    return local;
  }
  const start = JSON.stringify([threads, toldPlaces()]);
  const connection = takeKept(start) ?? (await firstToStart(inNode ? startThread : startWorker, threads));
  connection.keepFor(start);
  return connection;
}
