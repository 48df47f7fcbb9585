/** What is marked to be varied: by a control's own button, or here; and what the sweep is then, how many runs and about how long. */
import { Trainer, planSweep } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { t } from '../app/language.js';
import { setPage, state } from '../app/state.js';
import { openOptions } from '../model/open_options.js';
import { titleOf } from './answer.js';
import { controls, sweepOf } from './controls.js';

const kSeeds = 5;
const kLook = 1500; // milliseconds of training that tell how long a run takes
const kSettle = 400; // milliseconds after the last change

/** @returns {{ vary: Record<string, any[]>, seeds: number, halving?: boolean, testSplit?: number }} */
export const marked = () => ({ vary: {}, seeds: kSeeds, ...state.page.sweep });

/** The sweep that is marked, of the settings on the page. */
export const wanted = () => sweepOf(state.experiment, marked());

/** Changes what is marked; what is nothing is taken out. @param {Record<string, any>} values */
export function mark(values) {
  const next = Object.fromEntries(
    Object.entries({ ...marked(), ...values }).filter(([, value]) => value !== undefined),
  );
  setPage({ sweep: next });
  plan();
}

/** @param {string} name @param {any[] | undefined} values */
export function vary(name, values) {
  const { [name]: _before, ...others } = marked().vary;
  mark({ vary: values?.length ? { ...others, [name]: values } : others });
}

hear('vary', (name) => {
  const { begin, get } = controls[name];
  vary(name, marked().vary[name] ? undefined : begin(get(state.experiment)));
});

let waiting = 0;

/** Plans what is marked; how long it takes is measured a moment later. */
export async function plan() {
  clearTimeout(waiting);
  const { whole, left } = wanted();
  try {
    if (left.length) throw new Error(t('sweep.noPlace', { name: titleOf(left[0]) }));
    const planned = await planSweep(whole);
    state.sweep = { ...state.sweep, plan: planned, problem: null, seconds: null, of: JSON.stringify(whole) };
    waiting = Number(setTimeout(() => measure(planned), kSettle));
  } catch (error) {
    state.sweep = {
      ...state.sweep,
      plan: null,
      problem: error.problems?.map((one) => t('alert.problem', one)).join(' ') ?? error.message,
      seconds: null,
      of: JSON.stringify(whole),
    };
  }
  changedNow();
}

/** Trains the first run for a moment, on one thread. */
async function measure(planned) {
  if (state.sweep.isRunning || state.sweep.plan !== planned) return;
  const { experiment } = planned.runs[0];
  const trainer = await Trainer.open(experiment, { ...(await openOptions(experiment)), threads: 1 }).catch(() => null);
  if (!trainer) return;
  const began = performance.now();
  let done = 0;
  try {
    for await (const event of trainer.train({ steps: true })) {
      done = event.event === 'step' ? event.step / trainer.start.stepsPerEpoch : event.epoch;
      if (event.event !== 'step' || performance.now() - began > kLook) break;
    }
  } finally {
    trainer.dispose();
  }
  if (state.sweep.plan !== planned || !done) return;
  const epochs = planned.runs.reduce((sum, run) => sum + (run.experiment.epochs ?? 1), 0);
  const perEpoch = (performance.now() - began) / 1000 / done;
  const side = Math.min(navigator.hardwareConcurrency || 1, planned.runs.length);
  state.sweep = { ...state.sweep, seconds: (perEpoch * epochs) / side };
  changedNow();
}
