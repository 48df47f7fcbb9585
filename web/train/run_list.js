/**
 * The runs of this page, oldest first: which there are, which are drawn beside the one on the page, which the others are compared with, and
 * what is kept of each to go on from. All keep their curves and numbers; only the last ones that have weights keep them.
 */
import { state } from '../app/state.js';

const kMost = 20;
export const kMostWeights = 5;

/** The looks of the lines that are drawn beside the run on the page: chart.js has their colours, patterns and marks. */
const slots = ['a', 'b', 'c', 'd'];

/** Where a run stands, without its weights. */
export const standing = (run) => ({
  history: [...run.history],
  steps: run.end ? run.history.at(-1).epoch * run.start.stepsPerEpoch : run.steps,
  events: [...run.events],
  seconds: run.seconds,
  bestEpoch: run.bestEpoch,
  patienceLeft: run.patienceLeft ?? null,
  rate: run.rate,
});

/**
 * Keeps what a run that has ended can go on from. A checkpoint goes on bit for bit, but only where nothing but the number of epochs ended
 * the run; else its weights are kept alone.
 */
export async function keepEnd(run, trainer = run.trainer) {
  run.kept =
    run.end.reason === 'epochs'
      ? { ...standing(run), checkpoint: await trainer.checkpoint() }
      : { weights: await trainer.saveWeights() };
}

/** Lets go what is too much: the oldest run that nobody looks at, and weights but of the last ones. */
function thin() {
  while (state.runs.length > kMost) {
    const old = state.runs.find((run) => run !== state.baseline && !run.slot && run !== state.run);
    state.runs = state.runs.filter((run) => run !== old);
  }
  for (const run of state.runs.filter(({ kept }) => kept).slice(0, -kMostWeights)) run.kept = null;
}

export function addRun(run) {
  if (!state.runs.includes(run)) state.runs = [...state.runs, run];
  thin();
}

/** Takes a run out. What is returned puts it back where it was. */
export function deleteRun(run) {
  const at = state.runs.indexOf(run);
  state.runs = state.runs.filter((one) => one !== run);
  return () => {
    if (state.runs.some(({ slot }) => slot && slot === run.slot)) run.slot = null;
    state.runs = [...state.runs.slice(0, at), run, ...state.runs.slice(at)];
    thin();
  };
}

/** Whether two runs fit in one picture: losses on other data mean something else. */
const fits = (a, b) =>
  Boolean(a.start && b.start) &&
  a.start.outputs === b.start.outputs &&
  JSON.stringify(a.experiment.dataset) === JSON.stringify(b.experiment.dataset);

/** The run that was chosen to compare with, or null. */
export const baseline = () => (state.runs.includes(state.baseline) ? state.baseline : null);

/** Compares the others with this run; with none, where it was this one. */
export function chooseBaseline(run) {
  state.baseline = baseline() === run ? null : run;
}

const shownOthers = (run) => state.runs.filter((one) => one.slot && one !== run && fits(one, run));

/** The grey line behind the run on the page: the baseline, or the last run before it. */
export function ghostOf(run) {
  const others = state.runs.filter((one) => one !== run && fits(one, run));
  return others.find((one) => one === baseline()) ?? others.filter(({ letter }) => !letter).at(-1) ?? null;
}

/** All that is drawn behind and beside the run on the page, each with its look. */
export function beside(run) {
  const ghost = ghostOf(run);
  const shown = shownOthers(run).map((other) => ({ other, look: other.slot }));
  return ghost && !ghost.slot ? [{ other: ghost, look: 'ghost' }, ...shown] : shown;
}

/** Why a run's curve cannot be shown: the end of a text's key, or null. */
export function cannotShow(run) {
  if (!state.run || !fits(run, state.run)) return 'data';
  return run.slot || shownOthers(state.run).length < slots.length ? null : 'four';
}

/** Shows a run's curve, or hides it. Those of a compared run stay purple and green where they can. */
export function show(run, on) {
  run.slot = null;
  if (!on) return;
  const shown = shownOthers(state.run);
  for (const one of state.runs) if (!shown.includes(one)) one.slot = null;
  const free = slots.filter((slot) => shown.every((one) => one.slot !== slot));
  run.slot = free.includes(run.letter) ? run.letter : free[0];
}

/** The runs whose curves are in the picture, the one that the others are compared with first. */
export function comparedRuns(run) {
  const all = [...beside(run).map(({ other }) => other), ...(run.history.length > 1 ? [run] : [])];
  const first = all.find((one) => one === baseline()) ?? all[0];
  return all.length ? [first, ...all.filter((one) => one !== first)] : [];
}
