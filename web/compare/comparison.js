/**
 * A comparison: run A without and run B with a technique, from the same seed, initial weights and batch order, and a verdict computed from
 * their numbers.
 */
import { Trainer } from 'trainground';
import { changedNow, progressed } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { chooseEight } from '../data/data_set.js';
import { topThree } from '../model/answers.js';
import { openOptions } from '../model/open_options.js';
import { isRegression, scored, scoreOf, spreadOf } from '../model/score.js';
import { addRun, keepEnd } from '../train/run_list.js';
import { pause } from '../train/training.js';
import { sides } from './sides.js';
import { judgeSpeed } from './speed.js';
import { judge } from './verdict.js';

const copy = (value) => JSON.parse(JSON.stringify(value));

/** Whether a technique can be compared. */
export const canCompare = (name) =>
  name in sides && (name !== 'splitting' || typeof state.experiment.dataset === 'string');

/** What a side says of eight pictures that neither side has learned from. */
async function answers(comparison, side, trainer, run) {
  if (isRegression(run)) return;
  // What one side holds back the other may have learned.
  if (comparison.technique === 'splitting') return;
  if (!comparison.eight && run.start.shape[0] > 1) {
    const { validation, labels } = await trainer.split();
    const list = chooseEight({ classNames: run.start.classNames, validation: Array.from(validation), labels });
    comparison.eight = { list, names: run.start.classNames, labels: list.map((index) => labels[index]), shape: [0] };
  }
  const { eight } = comparison;
  if (!eight) return;
  // Each side takes the pictures in its own size; the largest is shown.
  const { inputs } = await trainer.samples(eight.list);
  const size = inputs.length / eight.list.length;
  if (run.start.shape[0] > eight.shape[0]) {
    const pictures = eight.list.map((_, at) => inputs.slice(at * size, (at + 1) * size));
    Object.assign(eight, { shape: run.start.shape, pictures });
  }
  const { probabilities } = await trainer.predict(inputs);
  side.guesses = eight.labels.map((_, at) => topThree(probabilities, at, run.start.outputs)[0]);
}

let compared = 0;

async function train(comparison, side, experiment, signal) {
  const run = {
    number: '',
    experiment,
    history: [],
    events: [],
    seconds: 0,
    bestEpoch: 0,
    status: 'training',
  };
  side.runs.push(run);
  const trainer = await Trainer.open(experiment, await openOptions(experiment));
  // A pass through a backbone ends no sooner than it is done: whoever stops it does not wait.
  const letGo = () => trainer.dispose();
  signal.addEventListener('abort', letGo);
  try {
    run.start = trainer.start;
    const before = await trainer.evaluate();
    if (isRegression(run)) run.spread = spreadOf(before);
    run.history.push({
      epoch: 0,
      loss: null,
      accuracy: null,
      validationLoss: before.loss,
      validationAccuracy: scoreOf(before),
    });
    const began = performance.now();
    for await (const event of trainer.train({ signal })) {
      if (event.event === 'epoch') {
        run.history.push(scored(run, event));
        run.bestEpoch = event.bestEpoch;
      }
      if (event.event === 'end') run.end = event;
      progressed();
    }
    run.seconds = (performance.now() - began) / 1000;
    if (!run.end) return;
    run.evaluation = await trainer.evaluate();
    if (side.runs.length > 1) return;
    await answers(comparison, side, trainer, run);
    await keepEnd(run, trainer);
  } finally {
    signal.removeEventListener('abort', letGo);
    trainer.dispose();
  }
}

/** Runs all sides over the seeds. */
export async function compare(technique, { seeds = 1 } = {}) {
  if (state.comparison?.running) return;
  const now = copy(state.experiment);
  const given = sides[technique](now);
  const letters = ['a', 'b', 'c', 'd'].filter((letter) => given[letter]);
  /** @type {any} */
  const comparison = {
    technique,
    seeds,
    letters,
    preset: given.preset ?? null,
    target: given.target ?? null,
    areWays: given.areWays ?? false,
    ...Object.fromEntries(letters.map((letter) => [letter, { runs: [], experiment: given[letter] }])),
    running: true,
    stopping: new AbortController(),
    verdict: null,
  };
  state.comparison = comparison;
  pause();
  // Ways of 8 and of 200 epochs are told apart by their time.
  setView({ tab: 'runs', part: 'results', ...(comparison.areWays && { axis: 'seconds' }) });
  const { signal } = comparison.stopping;
  try {
    for (let i = 0; i < seeds && !signal.aborted; i++) {
      for (const letter of letters) {
        const side = comparison[letter];
        if (!signal.aborted) await train(comparison, side, { ...side.experiment, seed: now.seed + i }, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) failed(error);
  }
  comparison.running = false;
  const runs = letters.flatMap((letter) => comparison[letter].runs);
  if (!signal.aborted && runs.length === seeds * letters.length && runs.every((run) => run.end)) {
    comparison.verdict = comparison.target === null ? judge(comparison) : judgeSpeed(comparison);
    compared += 1;
    comparison.number = compared;
    for (const letter of letters) {
      const run = comparison[letter].runs[0];
      Object.assign(run, { status: 'ended', number: `${letter.toUpperCase()}${compared}`, letter });
      addRun(run);
    }
    state.verdicts = { ...state.verdicts, [technique]: comparison };
  }
  changedNow();
}
hear('compare', compare);

/** Puts the comparison away. One that still runs is ended: nobody waits for its answer any more. */
export function leaveComparison() {
  state.comparison?.stopping.abort();
  state.comparison = null;
}
hear('leave-comparison', leaveComparison);

/** Opens the last one of a technique again. */
export function showComparison(comparison) {
  state.comparison = comparison;
  changedNow();
}
