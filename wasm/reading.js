// Reading a table in an engine's worker, slice by slice: the caller's thread never waits, hears how far it is, and can stop. First the
// caller's side, then the worker's.
const kSlice = 50; // milliseconds

/** @typedef {{ signal?: AbortSignal, onProgress?: (share: number) => void }} ReadingOptions */

/**
 * @param {import('./client.js').Conversation} conversation
 * @param {{ what: 'describe' | 'predict', rows: unknown, table?: boolean, network?: object }} request
 * @param {ReadingOptions} [options]
 */
export async function read(conversation, request, { signal, onProgress } = {}) {
  signal?.throwIfAborted();
  const reading = await conversation.call('beginReading', request);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { progress, result } = await conversation.call('advanceReading', { reading, milliseconds: kSlice });
      onProgress?.(progress);
      if (result) return result;
    }
  } finally {
    if (!conversation.dead) await conversation.call('endReading', reading);
  }
}

/** What is being read, by number: generators that yield the share that is done, and return what was read. */
export class Readings {
  /** @type {Map<number, Generator<number, any>>} */
  #works = new Map();
  #next = 1;

  /** @param {Generator<number, any>} work */
  begin(work) {
    this.#works.set(this.#next, work);
    return this.#next++;
  }

  /** @param {number} reading @param {number} milliseconds @returns {{ progress: number, result?: any }} */
  advance(reading, milliseconds) {
    const work = this.#works.get(reading);
    if (!work) throw new Error('Nothing is being read');
    const until = performance.now() + milliseconds;
    for (;;) {
      const { done, value } = work.next();
      if (done) return { progress: 1, result: value };
      if (performance.now() >= until) return { progress: Math.min(value, 1) };
    }
  }

  /** @param {number} reading */
  end(reading) {
    this.#works.delete(reading);
  }
}
