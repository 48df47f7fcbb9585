// What the runs of a sweep say together: a mean with its interval over the seeds for each setting, and whether the best of them is better than each
// other by more than chance, from the differences between runs of the same seed.
//
// The best is compared with k others: each of those intervals is of confidence 1 - 0.05 / k (Bonferroni), so that all hold together with 95 %. They speak of
// other seeds on the same data, not of other data.
import { mean, meanInterval, pairsNeeded, standardDeviation } from './statistics.js';

const kError = 0.05;

/**
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {import('./sweep_types.d.ts').SweepAnswer} SweepAnswer
 * @typedef {import('./sweep_types.d.ts').SettingSummary} SettingSummary
 * @typedef {SweepAnswer['metric']} Metric
 */

/** Accuracy, or of a regression the loss. @param {SweepResult[]} results @returns {Metric} */
export const metricOf = (results) =>
  results.some(({ validationAccuracy }) => !Number.isNaN(validationAccuracy)) ? 'validationAccuracy' : 'validationLoss';

/** @param {SweepResult[]} results @param {Metric} metric */
export const meanOf = (results, metric) => mean(results.map((result) => result[metric]));

/** For sorting: the better one first, what is no number last. @param {Metric} metric @param {number} a @param {number} b */
export function better(metric, a, b) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return metric === 'validationAccuracy' ? b - a : a - b;
}

/**
 * @param {import('./sweep_types.d.ts').SweepPlan} planned
 * @param {SweepResult[]} results  that have ended
 * @param {SweepResult[]} stopped  where the others stood
 * @returns {SweepAnswer}
 */
export function answerOf({ settings, runs }, results, stopped) {
  const metric = metricOf([...results, ...stopped]);
  const known = new Map(results.map((result) => [result.id, result]));
  const early = new Map(stopped.map((result) => [result.id, result]));
  const least = metric === 'validationAccuracy' ? 1 / Math.min(...results.map((each) => each.validationSamples)) : 0;
  const summaries = settings.map((setting, index) => {
    const own = runs.filter((run) => run.setting === index);
    const told = own.flatMap(({ id }) => known.get(id) ?? early.get(id) ?? []);
    const isStopped = own.some(({ id }) => early.has(id));
    const good = told.filter((result) => !Number.isNaN(result[metric]));
    const values = good.map((result) => result[metric]);
    return {
      setting,
      seeds: good.map(({ seed }) => seed),
      values,
      mean: values.length ? mean(values) : NaN,
      interval: intervalOf(values, metric, least),
      diverged: told.filter(({ reason }) => reason === 'diverged').length,
      ...(isStopped && { stoppedAfter: Math.max(...told.map(({ epoch }) => epoch)) }),
    };
  });
  const order = ranking(summaries, metric);
  const [best, ...others] = order;
  return {
    metric,
    settings: summaries,
    best: best ?? null,
    comparisons: others.map((other) => compared(summaries, [best, other], metric, { count: others.length, least })),
  };
}

/**
 * @param {Record<string, unknown>} setting
 * @param {SweepResult[]} results  of the test part
 * @returns {import('./sweep_types.d.ts').SweepTest}
 */
export function testOf(setting, results) {
  const metric = metricOf(results);
  const samples = results[0].validationSamples;
  const values = results.map((result) => result[metric]);
  const interval = intervalOf(values, metric, metric === 'validationAccuracy' ? 1 / samples : 0);
  const seeds = results.map(({ seed }) => seed);
  return { setting, samples, metric, seeds, values, mean: mean(values), ...(interval && { interval }) };
}

/**
 * @param {number[]} values
 * @param {Metric} metric
 * @param {number} least  that a value is rounded to
 * @returns {[low: number, high: number] | undefined}
 */
function intervalOf(values, metric, least) {
  const interval = meanInterval(values, { leastDeviation: least / Math.sqrt(12) });
  return metric === 'validationAccuracy' && interval ? [Math.max(0, interval[0]), Math.min(1, interval[1])] : interval;
}

/**
 * The settings that can be compared, the best first: those with most seeds, as a lucky one is worth nothing.
 * @param {SettingSummary[]} summaries
 * @param {Metric} metric
 */
function ranking(summaries, metric) {
  const whole = summaries.filter(({ stoppedAfter }) => stoppedAfter === undefined);
  const most = Math.max(0, ...whole.map(({ values }) => values.length));
  return [...summaries.keys()]
    .filter((index) => most > 0 && whole.includes(summaries[index]) && summaries[index].values.length === most)
    .sort((a, b) => better(metric, summaries[a].mean, summaries[b].mean) || a - b);
}

/**
 * @param {SettingSummary[]} summaries
 * @param {[best: number, other: number]} pair
 * @param {Metric} metric
 * @param {{ count: number, least: number }} options  of comparisons; what a value is rounded to
 * @returns {import('./sweep_types.d.ts').SweepComparison}
 */
function compared(summaries, [best, other], metric, { count, least }) {
  const valueOf = new Map(summaries[other].seeds.map((seed, i) => [seed, summaries[other].values[i]]));
  const sign = metric === 'validationAccuracy' ? 1 : -1;
  const differences = summaries[best].seeds.flatMap((seed, i) => {
    const value = valueOf.get(seed);
    return value === undefined ? [] : [sign * (summaries[best].values[i] - value)];
  });
  const leastDeviation = least / Math.sqrt(6); // of the difference of two rounded values
  const confidence = 1 - kError / count;
  const most = metric === 'validationAccuracy' ? 1 : Infinity; // accuracies cannot differ by more
  const found = meanInterval(differences, { confidence, leastDeviation });
  const interval = found && /** @type {[number, number]} */ ([Math.max(-most, found[0]), Math.min(most, found[1])]);
  const difference = differences.length ? mean(differences) : NaN;
  const isReal = interval !== undefined && interval[0] > 0;
  const deviation = Math.max(standardDeviation(differences), leastDeviation);
  return {
    other,
    difference,
    seeds: differences.length,
    isReal,
    ...(interval && { interval }),
    ...(interval && !isReal && { seedsNeeded: pairsNeeded(difference, deviation, confidence) }),
  };
}
