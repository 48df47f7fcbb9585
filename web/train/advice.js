/** What is said of a run that does not learn, and what can be done about it, or about an engine that has stopped. */
import { tell } from '../app/events.js';
import { setting, short } from '../app/language.js';
import { learningRate, lossName, withLearningRate } from '../app/settings.js';
import { setExperiment, state } from '../app/state.js';
import { dismiss, notice, offer } from '../parts/alerts.js';

/** Its losses have become infinite. */
export function sayDiverged(run) {
  const rate = run.rate ?? learningRate(run.experiment);
  // Without early stopping the engine goes back to the last whole epoch.
  const epoch = run.experiment.earlyStopping?.restoreBestWeights ? run.end.bestEpoch : run.end.epoch;
  notice('nan-loss', { step: run.steps, rate: setting(rate), epoch, better: rate / 100 });
}

/** Three epochs at the level of guessing: the loss does not move. */
export function sayIfStuck(run) {
  const { outputs } = run.start;
  const guess = Math.log(outputs);
  const last = run.history.filter((row) => row.epoch > 0).slice(-3);
  if (outputs < 2 || last.length < 3 || lossName(run.experiment) !== 'crossEntropy') return;
  const isStuck = last.every((row) => row.validationAccuracy < 1.6 / outputs && row.loss > guess * 0.97);
  if (isStuck) notice('stuck', { loss: short(guess), better: learningRate(run.experiment) / 100 });
}

/** Trains anew with other settings. */
function retry(code, experiment) {
  setExperiment(experiment);
  dismiss(code);
  tell('open', { train: true });
}

for (const code of ['nan-loss', 'stuck']) {
  offer(code, ({ better }) => ({
    id: 'alert-action',
    words: ['alert.try', { action: setting(better) }],
    act: () => retry(code, withLearningRate(state.experiment, better)),
  }));
}

offer('out-of-memory', () => {
  const batchSize = Math.min(32, Math.floor(state.experiment.batchSize / 2));
  const words = /** @type {[string, any]} */ (['alert.useBatch', { n: batchSize }]);
  const act = () => retry('out-of-memory', { ...state.experiment, batchSize });
  return batchSize ? { id: 'alert-action', words, act } : null;
});

offer('no-weights', () => {
  const act = () => (dismiss('no-weights'), tell('open'));
  return { id: 'alert-action', words: ['alert.again'], act };
});

offer('worker-died', () => ({ id: 'alert-action', words: ['alert.restart'], act: () => tell('open') }));
