// The engine's side of the conversation: requests are answered one after the other.
//
// A request is {id, name, argument}, a reply {id, result} or {id, error}. Buffers of a result move to the receiver instead of being copied, and
// so does what was `lent` with a request. While it works on one, it may send {id, progress}, as often as it likes. An error that is not about the input (a trap, memory used up) leaves the engine in a state that
// nobody knows: it is marked fatal, and the client throws this worker away.
import { InputError } from './experiment.js';

/**
 * The buffers of the typed arrays in a value, to be handed over with it.
 * @param {unknown} value
 * @param {Set<ArrayBuffer>} [found]
 * @returns {Set<ArrayBuffer>}
 */
export function buffersOf(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value) || (value && Object.getPrototypeOf(value) === Object.prototype)) {
    for (const part of Object.values(/** @type {object} */ (value))) buffersOf(part, found);
  }
  return found;
}

/**
 * Does what is asked. What is thrown is an Error; one that is not about the input carries the core's last words.
 * @param {any} operations
 * @param {string} name
 * @param {unknown} argument
 * @param {(progress: any) => void} [tell]  hears how far it is
 */
export async function perform(operations, name, argument, tell) {
  try {
    return await operations[name](argument, tell);
  } catch (thrown) {
    if (thrown instanceof InputError) throw thrown;
    // An exception of C++ arrives without its message; the core throws none, its allocations do.
    const unnamed = !(thrown instanceof Error);
    const cause = unnamed ? new Error('The engine ran out of memory', { cause: thrown }) : thrown;
    if (operations.lastWords) cause.message += `\n${operations.lastWords}`;
    throw cause;
  }
}

/**
 * Answers requests in the order in which they arrive.
 * @param {{ postMessage: (message: any, transfer: any) => void }} port
 * @param {any} operations
 * @returns {(request: { id: number, name: string, argument: unknown, lent?: ArrayBuffer }) => void}
 */
export function serve(port, operations) {
  let last = Promise.resolve();
  return ({ id, name, argument, lent }) => {
    last = last.then(async () => {
      try {
        const tell = (/** @type {any} */ progress) => port.postMessage({ id, progress }, []);
        const result = await perform(operations, name, argument, tell);
        port.postMessage({ id, result, lent }, [...buffersOf(result), ...(lent ? [lent] : [])]);
      } catch (error) {
        const { name, message, stack, problems, harmless } = /** @type {any} */ (error);
        const fatal = !(error instanceof InputError || harmless);
        port.postMessage({ id, error: { name, message, stack, problems, fatal } }, []);
      }
    });
  };
}
