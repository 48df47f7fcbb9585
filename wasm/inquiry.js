// An engine that is asked without a run in it; it is kept for the next question, unless it failed.
import { connect } from './client.js';

/** @type {Promise<import('./client.js').Conversation> | undefined} */
let kept;

export async function inquiry() {
  if ((await kept?.catch(() => ({ dead: true })))?.dead) kept = undefined;
  kept ??= connect({ threads: 1 });
  return kept;
}

/** @param {string} name @param {unknown} [argument] */
export const ask = async (name, argument) => (await inquiry()).call(name, argument);
