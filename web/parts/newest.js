/**
 * One at a time, and the newest wish wins: while `act` is at work, any number of further wishes become one, the last, which follows. A wish
 * can be taken back before it is fulfilled: its signal is then aborted, and whoever acts on it shows nothing any more.
 * @template T
 * @param {(wish: T, signal: AbortSignal) => Promise<unknown>} act
 */
export function newest(act) {
  /** @type {{ wish: T } | null} */
  let next = null;
  let busy = false;
  let withdrawal = new AbortController();
  return {
    /** @param {T} [wish] */
    async ask(wish) {
      next = { wish };
      if (busy) return;
      busy = true;
      try {
        while (next) {
          const { wish: now } = next;
          next = null;
          await act(now, withdrawal.signal);
        }
      } finally {
        busy = false;
      }
    },
    withdraw() {
      next = null;
      withdrawal.abort();
      withdrawal = new AbortController();
    },
  };
}
