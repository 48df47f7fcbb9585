/** Trains on from where a run of the list stands: as a new run, with its settings, and bit for bit where its checkpoint is kept. */
import { tell } from '../app/events.js';
import { setExperiment, setView } from '../app/state.js';
import { versionOf } from '../data/brought.js';
import { kMostWeights } from '../train/run_list.js';
import { openRun } from '../train/training.js';

/** Why a run cannot go on, as a text's key and values; null: it can. */
export function cannotGoOn({ number, kept, experiment, brought }) {
  if (!kept) return ['runs.cannot.weights', { run: number, most: kMostWeights }];
  return brought === versionOf(experiment.dataset) ? null : ['runs.cannot.pictures', { run: number }];
}

/** What going on would do, as a text's key and values. */
export function howItGoesOn({ number, kept, end, experiment: { epochs } }) {
  if (kept.weights) return ['runs.goOn.weights', { run: number }];
  return end ? ['runs.goOn.longer', { run: number, epochs: 2 * epochs }] : ['runs.goOn.stopped', { run: number }];
}

/** Goes on, and trains. */
export function goOn(run) {
  const { kept } = run;
  const experiment = JSON.parse(JSON.stringify(run.experiment));
  // The checkpoint of a run that has had all its epochs goes on when there are more.
  if (kept.checkpoint && run.end) experiment.epochs *= 2;
  tell('leave-comparison');
  setExperiment(experiment);
  setView({ cell: null });
  return openRun({ train: true, from: run, ...(kept.checkpoint ? { resume: kept } : { weights: kept.weights }) });
}
