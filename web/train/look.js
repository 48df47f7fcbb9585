/**
 * What the network says now: the confusion matrix with each held-back picture's probabilities, the eight predictions, and what every
 * layer sees of one picture. Looking has a budget: while training, at most a fortieth of the time.
 */
import { state } from '../app/state.js';
import { fieldInputs, isPlane } from '../parts/point_plane.js';
import { topThree } from '../model/answers.js';
import { isRegression, spreadOf } from '../model/score.js';
import { lookInside } from './look_inside.js';

/** Training goes on for so many times as long as it took to judge all that is held back, or to see what the network says of a few pictures. */
const kRestOfAll = 119;
const kRestOfFew = 59;

/** Pictures of one batch: probabilities in their order. */
async function guess(run) {
  const { data } = state;
  if (isRegression(run)) return;
  const { probabilities } = await run.trainer.predict(data.eightPixels);
  run.guesses = data.eight.map((index, at) => ({
    index,
    label: data.labels[index],
    top: topThree(probabilities, at, data.classNames.length),
  }));
}

/**
 * Asks the network. `all` also fills the matrix and the mistakes whatever it costs; otherwise only where that stays within the budget.
 */
export async function look(run, { all = false }) {
  const { data } = state;
  if (!data || !run.trainer) return;
  const began = performance.now();
  if (all || began > (run.evaluateAfter ?? 0)) {
    const evaluation = await run.trainer.evaluate();
    run.evaluation = evaluation;
    run.evaluatedAt = run.steps;
    if (isRegression(run)) run.spread ??= spreadOf(evaluation);
    else run.mistakes = findMistakes(evaluation, data);
    const now = performance.now();
    run.evaluateAfter = now + kRestOfAll * (now - began);
  }
  if (!all && began < (run.guessAfter ?? 0)) return;
  const from = performance.now();
  await guess(run);
  if (isPlane(data.shape)) run.field = (await run.trainer.predict(fieldInputs())).probabilities;
  run.activations = await run.trainer.activations(data.shownPixels);
  await lookInside(run);
  const now = performance.now();
  run.guessAfter = now + kRestOfFew * (now - from);
}

/** The held-back pictures that were taken for something else, the surest first. */
function findMistakes(evaluation, data) {
  const classes = data.classNames.length;
  const mistakes = [];
  for (let at = 0; at < evaluation.samples; at++) {
    const label = evaluation.labels[at];
    const from = at * classes;
    let said = 0;
    for (let k = 1; k < classes; k++)
      if (evaluation.probabilities[from + k] > evaluation.probabilities[from + said]) said = k;
    if (said !== label)
      mistakes.push({ index: data.validation[at], label, said, p: evaluation.probabilities[from + said] });
  }
  return mistakes.sort((a, b) => b.p - a.p);
}
