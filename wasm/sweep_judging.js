// What results of a sweep are judged by.

/**
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {'validationAccuracy' | 'validationLoss'} Metric
 */

/** Accuracy, or of a regression the loss. @param {SweepResult[]} results @returns {Metric} */
export const metricOf = (results) =>
  results.some(({ validationAccuracy }) => !Number.isNaN(validationAccuracy)) ? 'validationAccuracy' : 'validationLoss';

/** @param {SweepResult[]} results @param {Metric} metric */
export const meanOf = (results, metric) => results.reduce((sum, result) => sum + result[metric], 0) / results.length;

/** For sorting: the better one first, what is no number last. @param {Metric} metric @param {number} a @param {number} b */
export function better(metric, a, b) {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return metric === 'validationAccuracy' ? b - a : a - b;
}
