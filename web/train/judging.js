/**
 * Second opinions on a run that has ended, each with engines of its own: cross-validation, and what a random split would have claimed of
 * pictures whose bursts and near duplicates the run has kept together.
 */
import { Trainer, crossValidate } from 'trainground';
import { changedNow, progressed } from '../app/drawing.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { versionOf } from '../data/brought.js';
import { openOptions } from '../model/open_options.js';

/** Ends the one that is being formed. @type {AbortController | null} */
let running = null;

/** What an opinion is on: the settings, and the pictures or the table. */
const subjectOf = ({ experiment, brought }) => JSON.stringify([experiment, brought]);

/** Whether what the run learned from is still what the page holds. */
export const canBeJudged = (run) => run.brought === versionOf(run.experiment.dataset);

/** The opinion of that name on the run; null: there is none yet. */
export const opinionOn = (run, name) => (state.judged[name]?.subject === subjectOf(run) ? state.judged[name] : null);

/** Trains once more, with the pictures drawn one by one. */
async function claim(experiment, options, { signal, onProgress }) {
  const random = { ...experiment, splitBy: 'random' };
  const trainer = await Trainer.open(random, options);
  try {
    for await (const event of trainer.train({ signal })) {
      if (event.event === 'epoch') onProgress(event.epoch / experiment.epochs);
    }
    return await trainer.evaluate();
  } finally {
    trainer.dispose();
  }
}

const acts = {
  folds: (experiment, options, watch) => crossValidate(experiment, { ...options, ...watch }),
  random: claim,
};

/** Forms one; another one cannot begin before it is there. @param {keyof typeof acts} name */
export async function judge(run, name) {
  if (state.judging || !canBeJudged(run)) return;
  const subject = subjectOf(run);
  const { signal } = (running = new AbortController());
  const onProgress = (share) => {
    state.judging = { name, share };
    progressed();
  };
  state.judging = { name, share: 0 };
  changedNow();
  try {
    const found = await acts[name](run.experiment, await openOptions(run.experiment), { signal, onProgress });
    if (!signal.aborted) state.judged = { ...state.judged, [name]: { ...found, subject } };
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  }
  state.judging = null;
  changedNow();
}

export const stopJudging = () => running?.abort();
