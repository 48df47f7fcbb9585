/**
 * The verdict of a comparison: a gain, worse, or no clear difference. A difference counts when it is larger than chance: with one seed, by a
 * paired test over the same pictures; with three seeds, than the spread of either side.
 */
import { scoreOf } from '../model/score.js';

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** Which held-back pictures a run has right. */
function rights({ evaluation }) {
  const outputs = evaluation.probabilities.length / evaluation.samples;
  return Array.from(evaluation.labels, (label, at) => {
    const line = evaluation.probabilities.subarray(at * outputs, (at + 1) * outputs);
    return line.indexOf(Math.max(...line)) === label;
  });
}

/**
 * How far two runs on the same pictures may differ by chance: only pictures that one has right and the other wrong count, and each is a
 * toss of a coin (McNemar's test, two standard deviations).
 */
function pairedChance(a, b) {
  const [one, two] = [rights(a), rights(b)];
  const apart = one.filter((right, at) => right !== two[at]).length;
  return (2 * Math.sqrt(Math.max(1, apart))) / one.length;
}

/** The same for runs that were judged by different pictures: two standard deviations of the difference of two shares. */
function chanceOf(a, b) {
  const [one, two] = [a.evaluation, b.evaluation];
  if (one.regression) return one.samples === two.samples ? chanceOfErrors(a, b) : Infinity;
  if (String(one.labels) === String(two.labels) && a.experiment.splitBy === b.experiment.splitBy)
    return pairedChance(a, b);
  return 2 * Math.sqrt([one, two].reduce((sum, { accuracy: p, samples }) => sum + (p * (1 - p)) / samples, 0));
}

/**
 * How far the R squared of two runs may differ by chance, on the same held-back labels: two standard errors of the mean difference of their
 * squared errors, as a share of what the labels vary.
 */
function chanceOfErrors(a, b) {
  const errors = ({ evaluation: { probabilities, regression } }) =>
    regression.targets.map((target, at) => (probabilities[at] - target) ** 2);
  const [one, two] = [errors(a), errors(b)];
  const differences = one.map((error, at) => error - two[at]);
  const variance = (list) => mean(list.map((x) => (x - mean(list)) ** 2));
  const { targets } = a.evaluation.regression;
  return (2 * Math.sqrt(variance(differences) / differences.length)) / variance(targets);
}

/** A and B in numbers, or A and the best of the other ways: accuracy, loss, gap, and whether the difference is larger than chance. */
export function judge(comparison) {
  const { a, letters } = comparison;
  const numbers = (side) => {
    const scores = side.runs.map((run) => scoreOf(run.evaluation));
    const last = side.runs.map((run) => run.history.at(-1));
    return {
      accuracy: mean(scores),
      least: Math.min(...scores),
      most: Math.max(...scores),
      loss: mean(side.runs.map((run) => run.evaluation.loss)),
      gap: mean(last.map((row) => row.validationLoss - row.loss)),
      samples: side.runs[0].evaluation.samples,
      epochs: Math.max(...last.map((row) => row.epoch)),
    };
  };
  const all = Object.fromEntries(letters.map((letter) => [letter, numbers(comparison[letter])]));
  const others = comparison.areWays ? letters.slice(1) : ['b'];
  const best = others.reduce((top, letter) => (all[letter].accuracy > all[top].accuracy ? letter : top));
  const { a: one, [best]: two } = all;
  const difference = two.accuracy - one.accuracy;
  const chance =
    a.runs.length > 1
      ? Math.max(one.most - one.least, two.most - two.least)
      : chanceOf(a.runs[0], comparison[best].runs[0]);
  const kind = Math.abs(difference) <= chance ? 'same' : difference > 0 ? 'gain' : 'worse';
  return { ...all, best, difference, chance, kind };
}
