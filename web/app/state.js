/**
 * What lives in the page, all of it: what the link holds, what the engine has said, and how this visitor looks at it. Everybody may read it.
 * Each part has one owner, a file or a room, and only there it is changed; a test sees to that.
 *
 * A control that is moved calls `changeExperiment`. The address follows (link.js), and the run is told: an untouched network is built anew, a
 * run that has begun keeps its own settings (train/train.js, which tells step by step what a click on Train sets off).
 */
import { changedNow } from './drawing.js';
import { tell } from './events.js';
import { defaultExperiment } from './sets.js';

/**
 * A run, from before its engine is there until it is only in the list.
 * @typedef {object} Run
 * @property {number | string} number  counts the runs of this page; A1, B1 are those of a comparison
 * @property {any} experiment  the settings that it was opened with
 * @property {'opening' | 'blocked' | 'ready' | 'training' | 'paused' | 'ended' | 'failed'} status
 * @property {boolean} wanted  whether the visitor wants it to train: it begins, or stops, a moment later
 * @property {import('trainground').Trainer | null} trainer  null: not there yet, or let go
 * @property {any} start  the engine's start event: shapes, layers, parameters, class names, threads
 * @property {any[]} history  a row for each epoch, 0 being the untrained network
 * @property {Array<{ at: number, kind: string, rate?: number, run?: number | string }>} events  what is marked on the curve, at an epoch or part of one
 * @property {number} steps  training steps so far
 * @property {number} epoch  whole epochs so far
 * @property {number} bestEpoch
 * @property {number | null} patienceLeft  epochs without a better one that early stopping still waits
 * @property {number} seconds  of training, pauses not
 * @property {any} end  the engine's end event
 * @property {boolean} isClosing  it has ended, and the page looks at it for the last time
 * @property {number} [rate]  a learning rate that was set in the middle
 * @property {AbortController | null} stopping  ends the training that goes on
 * @property {{ bytes: number, total: number } | null} fetching  how much of the weights that it begins with has come
 * @property {number | null} seen  the share of a batch that has been through what is frozen, as long as some of it has not, 0 to 1
 * @property {number | null} keptAt  when it was last kept for a reload, in milliseconds
 * @property {number} [keepAfter]  milliseconds from then until it is kept again
 * @property {any} kept  what it could go on from, once it is only in the list
 * @property {number | string | null} from  the run that this one goes on from
 * @property {boolean} isBorrowed  it began with weights that its settings do not give
 * @property {number} brought  the version of own pictures, or of the own table, that it was opened with
 * @property {number} [evaluatedAt]  the steps that it had when it was evaluated
 * @property {any} evaluation  what the network says of all that is held back (train/look.js), and the four below
 * @property {any[]} mistakes
 * @property {number} [spread]  of a regression: the loss of saying the mean of the held-back labels
 * @property {any[]} guesses  of the eight pictures
 * @property {any[]} activations  of every layer, for the picture that is shown
 * @property {any} inside  weights, and the spreads of weights, gradients and activations by epoch
 * @property {Float32Array} field  of a set in the plane: what it says at every place
 * @property {any} snapshots  the weights of its epochs (train/snapshots.js)
 * @property {boolean} isPast  it is what a run was at an epoch that is looked back at
 * @property {string} [letter]  the side that it was in a comparison
 * @property {string | null} slot  with which look its curve is drawn beside the run on the page
 */

export const defaultPage = () => ({ level: 'basics', show: [], lock: [], lesson: null, sweep: null });

export const state = {
  // What the link holds.

  /** The experiment, as the public JSON has it. Owner: app/state.js */
  experiment: defaultExperiment(),
  /** What the page shows of its settings: a level, some techniques, what is locked, a lesson; and what of them is varied. Owner: app/state.js */
  page: defaultPage(),

  // What the engine has said.

  /** The run on the page. @type {Run | null} Owner: train/ */
  run: null,
  /** What the page knows of its data set (data/data_set.js). @type {any} Owner: train/ */
  data: null,
  /** Why there can be no run yet, as a text's key and values. @type {[string, any] | null} Owner: train/ */
  blocked: null,
  /** A setting has changed, and what it means is not there yet. Owner: train/ */
  settling: false,
  /** A run of an earlier visit that can go on. @type {any} Owner: train/ */
  kept: null,
  /** The runs so far, oldest first. @type {Run[]} Owner: train/ */
  runs: [],
  /** The second opinion on a run that is being formed, and how far it is (train/judging.js). @type {{ name: string, share: number } | null} Owner: train/ */
  judging: null,
  /** Each second opinion, and on what. @type {Record<string, any>} Owner: train/ */
  judged: {},
  /** The run that the others are compared with, where one is chosen. @type {Run | null} Owner: train/ */
  baseline: null,
  /** The run as it was at an epoch that is looked back at. @type {Run | null} Owner: results/ */
  travel: null,
  /** The comparison or race that stands in the place of the results. @type {any} Owner: compare/ */
  comparison: null,
  /** The last verdict on each technique. @type {Record<string, any>} Owner: compare/ */
  verdicts: {},
  /** The sweep: its plan, how far it is, what was told of its runs (sweep/sweep_runs.js). @type {any} Owner: sweep/ */
  sweep: { plan: null, problem: null, seconds: null, isRunning: false, progress: null, told: null, tests: [] },
  /** Cards of runs, this visitor's and others', and what came of checking them (cards/checking.js). @type {any} Owner: cards/ */
  cards: {
    isOpen: false,
    list: [],
    tooMany: 0,
    own: null,
    isRunning: false,
    address: null,
    sort: { by: 'name', isDown: false },
  },
  /** The examination that runs, and how far it is. @type {{ name: string, share: number } | null} Owner: doctor/ */
  examining: null,
  /** What each examination found last. @type {Record<string, any>} Owner: doctor/ */
  found: {},
  /** A lesson's question is being answered by a run. Owner: lessons/ */
  asking: false,
  /** Messages that are shown. @type {any[]} Owner: parts/alerts.js */
  alerts: [],

  /** How this visitor looks at it: open panels, chosen classes, scales. @type {any} Owner: app/state.js */
  view: {
    tab: 'confusion',
    card: 'learning-rate',
    part: 'results',
    curve: 'loss',
    scale: 'log',
    axis: 'epochs',
    tables: {},
    cell: null,
    menu: null,
  },
};

/** Puts an experiment on the page; whoever does opens a run with it. */
export function setExperiment(experiment) {
  state.experiment = experiment;
  tell('link-changed');
}

/** Somebody has moved a control. Early stopping stands last, as in the default: equal settings are equal texts. */
export function changeExperiment({ earlyStopping, ...rest }) {
  setExperiment(earlyStopping ? { ...rest, earlyStopping } : rest);
  tell('settings-changed');
}

/** Changes what the page shows of its settings. */
export function setPage(values) {
  state.page = { ...state.page, ...values };
  tell('link-changed');
  changedNow();
}

/** Looks at the page in another way. */
export function setView(values) {
  Object.assign(state.view, values);
  changedNow();
}

/** Shows a plot's table, or hides it. */
export function turnTable(name) {
  setView({ tables: { ...state.view.tables, [name]: !state.view.tables[name] } });
}

/** Whether all settings are shown: not among the basics, nor in a lesson, which shows its own. */
export const showsAll = () => state.page.level === 'all' && !state.page.lesson;

/** A run that has begun keeps its settings, its data and its network. */
export const hasBegun = (run) => Boolean(run) && !['ready', 'opening', 'failed', 'blocked'].includes(run.status);

/** What the panels show: the run as it is, or as it was. */
export const shownRun = (run) => (state.travel && state.travel.number === run?.number ? state.travel : run);

/** Names the weights that a run has now: what the network says may change only when this does. While it trains, once an epoch. */
export const stampOf = (run) =>
  [
    run.number,
    run.history.at(-1)?.epoch ?? 0,
    run.status,
    run.status === 'training' ? '' : run.steps,
    run.isPast,
  ].join();
