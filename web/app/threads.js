/**
 * On how many threads the engine computes: a choice of the visitor for this browser, not part of the experiment, since the results do not
 * depend on it.
 */
import { remember } from './language.js';

/** What the engine takes where nothing is chosen. */
const kMostByItself = 4;
export const mostThreads = Math.max(1, Math.min(kMostByItself, navigator.hardwareConcurrency || 1));

/** The number that was chosen, or null: the engine decides. */
export function chosenThreads() {
  const number = Number(remember('threads'));
  return Number.isInteger(number) && number >= 1 && number <= mostThreads ? number : null;
}

/** An isolated page has it in every browser but WebKitGTK; one that is not, in none. */
export const hasSharedMemory = typeof SharedArrayBuffer !== 'undefined';

/** What of this belongs to the options of an opened run. */
export const threadOptions = () => (whyNoThreads() || !chosenThreads() ? {} : { threads: chosenThreads() });

/** Why there is nothing to choose, as a text key; null where there is. */
export function whyNoThreads() {
  if (!crossOriginIsolated) return 'threads.notIsolated';
  if (!hasSharedMemory) return 'threads.noSharedMemory';
  return mostThreads < 2 ? 'threads.oneCore' : null;
}
