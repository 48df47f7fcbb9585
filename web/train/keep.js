/** Keeping a run as it goes, so that it can go on after a reload, bit for bit: every five seconds, and where it is paused. */
import { changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { state } from '../app/state.js';
import { forgetValue, keepValue, keptValue } from '../app/store.js';
import { notice } from '../parts/alerts.js';
import { keepOwn } from '../data/own.js';
import { standing } from './run_list.js';

const apart = 5000;

/** The store is full: it was said, and the run goes on without being kept. */
let isFull = false;

/** Keeps the run as it stands; during training every five seconds. */
export async function keepRun(run, { now = false } = {}) {
  if (!run.trainer || (!now && performance.now() - run.keptAt < apart)) return;
  run.keptAt = performance.now();
  const { experiment } = run;
  const stands = standing(run);
  run.kept = { ...stands, checkpoint: await run.trainer.checkpoint() };
  if (isFull) return;
  try {
    await keepValue('run', { ...run.kept, experiment, own: keepOwn(experiment) });
  } catch (error) {
    isFull = true;
    notice('storage-full', { text: error?.message ?? '' });
  }
}

/** Looks for a run that did not end. */
export async function findKept() {
  const kept = await keptValue('run');
  if (!kept || kept.history.length < 2) return;
  state.kept = kept;
  changedNow();
}

/** A run that has ended needs no offer. */
export const forgetRun = () => forgetValue('run');

/** No run is offered any more. */
export function dropKept() {
  state.kept = null;
  changedNow();
}
hear('forgotten', dropKept);
