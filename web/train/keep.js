/**
 * Keeping a run as it goes, so that it can go on after a reload, bit for bit: every five seconds, and where it is paused. Each page (a tab)
 * keeps its own under a name of its own, and forgets no other; what a page that is closed has left is offered, the newest first.
 */
import { changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { state } from '../app/state.js';
import { forgetValue, keepValue, keptBeside, keptNames, keptValue } from '../app/store.js';
import { notice } from '../parts/alerts.js';
import { keepBrought } from '../data/brought.js';
import { standing } from './run_list.js';

const apart = 5000; // milliseconds, at least
/** Training goes on for so many times as long as keeping took: large pictures and networks take a while. */
const kRest = 19;
const kMostKept = 3; // of pages that are closed

/** A name that no other page has. */
const page = `run ${Date.now()} ${Math.random().toString(36).slice(2)}`;

/** Under which name this page keeps its run: its own, or that of the page whose run it has taken over. */
let mine = page;

/** Whether a name is free; from now on it is not, as long as this page is open. @returns {Promise<boolean>} */
const claim = (name) =>
  new Promise((done) => {
    if (!navigator.locks) return done(true);
    return navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      done(lock !== null);
      return lock && new Promise(() => {});
    });
  });
claim(mine);

/** The store is full: it was said, and the run goes on without being kept. */
let isFull = false;

/** Keeps the run as it stands; during training every five seconds or more. */
export async function keepRun(run, { now = false } = {}) {
  const began = performance.now();
  if (!run.trainer || (!now && began - run.keptAt < (run.keepAfter ?? apart))) return;
  const { experiment } = run;
  const stands = standing(run);
  run.kept = { ...stands, checkpoint: await run.trainer.checkpoint() };
  try {
    if (!isFull) {
      const brought = keepBrought(experiment);
      const beside = brought && { ...brought, name: `${brought.name} of ${page}` };
      await keepValue(mine, { ...run.kept, experiment, at: Date.now() }, beside);
    }
  } catch (error) {
    isFull = true;
    notice('storage-full', { text: error?.message ?? '' });
  }
  run.keptAt = performance.now();
  run.keepAfter = Math.max(apart, kRest * (run.keptAt - began));
}

/** Looks for a run that did not end: this page's own, whose engine has died, or the newest that a closed page has left. */
export async function findKept() {
  const names = (await keptNames()).filter((name) => name.startsWith('run'));
  const runs = await Promise.all(names.map(async (name) => ({ ...(await keptValue(name)), name })));
  const age = (run) => (run.name === mine ? Infinity : (run.at ?? 0));
  runs.sort((a, b) => age(b) - age(a));
  for (const [place, run] of runs.entries()) {
    if (run.name !== mine && !(await claim(run.name))) continue; // another page is at it
    if (state.kept === null && run.history.length > 1) state.kept = run;
    else if (place >= kMostKept) forgetValue(run.name);
  }
  changedNow();
}

/** A run that has ended needs no offer. */
export const forgetRun = () => forgetValue(mine);

/** The run that was offered is this page's from now on, with what was brought for it: what is kept of it takes its place. */
export async function takeKept() {
  const { kept } = state;
  dropKept();
  const brought = await keptBeside(kept.name);
  mine = kept.name;
  return { kept, brought };
}

/** The run that was offered is not wanted. */
export function forgetKept() {
  forgetValue(state.kept.name);
  dropKept();
}

/** No run is offered any more. */
function dropKept() {
  state.kept = null;
  changedNow();
}
hear('forgotten', dropKept);
