/**
 * What a network is judged by, 1 being perfect: of classes the share that is right; of a number R squared, the share of what held-back labels
 * vary that it explains. A run's history has it as `validationAccuracy`.
 */

/** Of an evaluation. @param {import('trainground').Evaluation} evaluation */
export const scoreOf = ({ accuracy, regression }) =>
  regression ? regression.r2.reduce((sum, r2) => sum + r2, 0) / regression.r2.length : accuracy;

/** Whether a run learns a number. */
export const isRegression = (run) => run.start?.classNames.length === 0;

/** What a guess costs that knows how often each class comes, or the mean of the label; and its score. Null: not known yet. */
export function guessing(run) {
  if (!isRegression(run)) return { loss: Math.log(run.start.outputs), score: 1 / run.start.outputs };
  return run.spread === undefined ? null : { loss: run.spread, score: 0 };
}

/** The mean squared loss of the mean of the held-back labels, in the loss's own unit: from a first look at them. */
export function spreadOf(evaluation) {
  const unexplained = 1 - scoreOf(evaluation);
  return unexplained > 0 ? evaluation.loss / unexplained : undefined;
}

/** An epoch as it is told, with the score of a regression. */
export const scored = (run, event) =>
  run.spread === undefined ? event : { ...event, validationAccuracy: 1 - event.validationLoss / run.spread };
