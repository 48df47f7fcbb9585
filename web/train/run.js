/** A run before its engine is there (app/state.js says what each part is), and what is asked of one. */
import { state } from '../app/state.js';
import { versionOf } from '../data/brought.js';

let runs = 0;

const copy = (value) => JSON.parse(JSON.stringify(value));

/** @returns {any} */
export function newRun() {
  return {
    number: ++runs,
    experiment: copy(state.experiment),
    status: 'opening',
    wanted: false,
    trainer: null,
    start: null,
    steps: 0,
    epoch: 0,
    history: [],
    events: [],
    bestEpoch: 0,
    patienceLeft: null,
    end: null,
    seconds: 0,
    evaluation: null,
    guesses: null,
    activations: null,
    keptAt: null,
    kept: null,
    from: null,
    isBorrowed: false,
    brought: versionOf(state.experiment.dataset),
    stopping: null,
    fetching: null,
    seen: null,
  };
}

/** Whether the settings on the page are those of the run on the page. */
export function settingsMatch(run = state.run) {
  return run !== null && JSON.stringify(run.experiment) === JSON.stringify(state.experiment);
}

/** A pause is asked for, and the engine has not stopped yet. */
export const isStopping = (run) => run?.status === 'training' && !run.wanted;

/** Where on the epoch axis a run stands now. */
export const position = (run) => run.steps / run.start.stepsPerEpoch;

/** The row of the best epoch, or of the last. */
export const bestRow = (run) =>
  run.history.find((row) => row.epoch === run.bestEpoch && row.epoch > 0) ?? run.history.at(-1);
