/**
 * What a click on Train sets off, step by step:
 *
 * 1. `trainOrPause` looks at how the run on the page stands: one that is ready or paused goes on, one that trains is paused, and where there is
 *    none, or its settings are no longer those on the page, `openRun` makes one.
 * 2. `openRun` lets the last run go, hands the experiment and the data to a new engine (model/open_options.js), learns from it how the data is
 *    split (data/data_set.js), asks the untrained network what it says (train/look.js), and keeps its weights (snapshots.js).
 * 3. `go` pulls: for each step and epoch that the engine tells, `take` writes it into the run, keeps the epoch's weights, looks at what the
 *    network says now, keeps the run for a reload (keep.js), and has the page drawn in its turn. Pausing is not asking for more, so a paused
 *    page costs nothing.
 * 4. `ended` looks for the last time, keeps what the run can go on from, and puts it into the list (run_list.js).
 *
 * What the sections show they read from the run; nothing here knows them.
 */
import { Trainer } from 'trainground';
import { changed, changedNow, progressed } from '../app/drawing.js';
import { hear, tell } from '../app/events.js';
import { learningRate, withLearningRate } from '../app/settings.js';
import { hasBegun, state } from '../app/state.js';
import { dismiss, failed } from '../parts/alerts.js';
import { shortcut } from '../parts/keys.js';
import { describeData, setKey } from '../data/data_set.js';
import { whyBlocked } from '../data/brought.js';
import { keepWeights, openOptions } from '../model/open_options.js';
import { scored, scoreOf } from '../model/score.js';
import { sayDiverged, sayIfStuck } from './advice.js';
import { findKept, forgetRun, keepRun } from './keep.js';
import { look } from './look.js';
import { addRun, keepEnd } from './run_list.js';
import { newRun, position, settingsMatch } from './run.js';
import { rememberEpoch } from './snapshots.js';
import { say } from './speech.js';

/** How often a run was opened: an answer for an earlier one comes too late. */
let opened = 0;
/** The timer of a control that was moved a moment ago. */
let moved = null;

/**
 * Opens a run with the settings on the page. `train`: and trains it. `resume`: a kept run to go on with; `project`: a saved one, which stands
 * where it stood; `weights`: to begin with; `from`: the run that they or `resume` are of.
 */
export async function openRun({ train = false, resume = null, project = null, weights = null, from = null } = {}) {
  const mine = ++opened;
  clearTimeout(moved); // what it would open is this
  state.settling = false;
  const last = state.run;
  const run = newRun();
  run.wanted = train || (last?.status === 'opening' && last.wanted);
  if (from) Object.assign(run, { from: from.number, isBorrowed: from.isBorrowed || weights !== null });
  if (last) retire(last);
  state.run = run;
  dismiss('worker-died');
  state.blocked = whyBlocked();
  if (state.blocked || state.data?.of !== setKey(run.experiment)) state.data = null;
  if (state.blocked) run.status = 'blocked';
  changedNow();
  if (state.blocked) return;
  try {
    const begin = weights ?? project?.weights;
    const more = resume ? { resume: resume.checkpoint } : begin ? { weights: begin } : {};
    const onProgress = (fetching) => {
      run.fetching = fetching;
      if (mine === opened) progressed({ ofRun: true });
    };
    const trainer = await Trainer.open(run.experiment, { ...(await openOptions(run.experiment)), ...more, onProgress });
    run.fetching = null;
    if (mine !== opened) return void trainer.dispose();
    run.trainer = trainer;
    run.start = trainer.start;
    if (run.start.transfer) tell('weights-used', run.start.transfer.weights);
    const data = await describeData(run, state.data);
    if (mine !== opened) return void trainer.dispose();
    state.data = data;
    await look(run, { all: true });
    if (mine !== opened) return void trainer.dispose();
    if (resume) restore(run, resume);
    else if (project) await putBack(run, project);
    else await begun(run);
    if (run.wanted) go();
  } catch (error) {
    if (mine !== opened) return;
    run.status = 'failed';
    failed(error);
  }
  changedNow();
}
hear('open', openRun);

/** An untrained network: the first row of its history is what it says before any step. */
async function begun(run) {
  const { loss } = run.evaluation;
  const { learningRate } = run.experiment.optimizer;
  const nothingYet = { loss: null, accuracy: null, seconds: 0 };
  run.history.push({
    epoch: 0,
    ...nothingYet,
    validationLoss: loss,
    validationAccuracy: scoreOf(run.evaluation),
    learningRate,
  });
  await rememberEpoch(run);
  run.status = 'ready';
  run.patienceLeft = run.experiment.earlyStopping?.patience ?? null;
}

/** A kept run, standing where it stood. */
function restore(run, { history, steps, events, seconds, bestEpoch, patienceLeft, rate }) {
  const stands = { history: [...history], steps, seconds, bestEpoch, patienceLeft, rate, epoch: history.at(-1).epoch };
  Object.assign(run, stands, { status: 'paused', evaluatedAt: steps });
  run.events = [...events, { at: position(run), kind: run.from === null ? 'paused' : 'from', run: run.from }];
}

/** A saved run with its weights: it is at its end, or is seen as ended by whoever saved it. */
async function putBack(run, { history, steps, seconds, bestEpoch, end }) {
  const ending = end ?? { reason: 'interrupted', bestEpoch, weightsSha256: await run.trainer.weightsSha256() };
  Object.assign(run, { history, steps, seconds, bestEpoch, end: ending, epoch: history.at(-1).epoch });
  Object.assign(run, { evaluatedAt: steps, status: 'ended' });
  run.wanted = false;
  await keepEnd(run);
  addRun(run);
}

/** Lets the engine of a run go; what it has shown stays. */
function retire(run) {
  run.stopping?.abort();
  const { trainer } = run;
  run.trainer = null;
  trainer?.dispose();
  const newest = [...(run.snapshots?.files.values() ?? [])].at(-1);
  if (newest) run.kept ??= { weights: newest };
  run.snapshots = null;
  tell('replaced', run);
  if (run.history.length > 2 && run.status !== 'ready') addRun(run);
  // What the network said is asked for no more.
  Object.assign(run, { evaluation: null, mistakes: null, guesses: null, activations: null, inside: null, field: null });
}

/** The one button: Train, Pause, Go on. A click before the engine is ready, or before it has stopped, is not lost. */
export function trainOrPause() {
  const { run } = state;
  tell('leave-comparison');
  if (state.blocked) return;
  if (!run || run.status === 'failed') return void openRun({ train: true });
  if (run.status === 'opening') run.wanted = !run.wanted;
  else if (run.status === 'training' && run.wanted) pause();
  else if (run.status === 'training') run.wanted = true;
  else if (run.status === 'ended') return void openRun({ train: true });
  else if (run.status === 'ready' && !settingsMatch(run)) return void openRun({ train: true });
  else go();
  changedNow();
}

export function pause() {
  if (!state.run) return;
  state.run.wanted = false;
  state.run.stopping?.abort();
}

/** Trains until the end or a pause. */
async function go() {
  const { run } = state;
  run.status = 'training';
  run.wanted = true;
  dismiss('nan-loss', 'stuck');
  if (run.history.length > 1 || run.steps > 0) run.events.push({ at: position(run), kind: 'resumed' });
  else say('speech.start');
  changedNow();
  const from = performance.now();
  run.keptAt ??= from;
  const onProgress = (share) => {
    run.seen = share;
    progressed({ ofRun: true });
  };
  try {
    // A pause that is taken back before the engine has stopped leaves no trace.
    while (run.trainer && run.wanted && run.status === 'training') {
      run.stopping = new AbortController();
      for await (const event of run.trainer.train({ signal: run.stopping.signal, steps: true, onProgress }))
        await take(run, event);
    }
  } catch (error) {
    if (run.trainer === null) return;
    run.status = 'failed';
    failed(error);
    await findKept().catch(failed); // what was kept of it can go on
  }
  run.seconds += (performance.now() - from) / 1000;
  if (run.trainer === null) return;
  if (run.status === 'training') {
    run.status = 'paused';
    run.events.push({ at: position(run), kind: 'paused' });
    await look(run, { all: true }).catch(failed);
    if (run.trainer && run.history.length > 1) await keepRun(run, { now: true }).catch(failed);
  }
  changedNow();
}

async function take(run, event) {
  if (event.event === 'step') {
    run.steps += 1;
    run.seen = null;
    run.stepLoss = event.loss;
    run.epoch = event.epoch - 1;
    progressed({ ofRun: true });
  } else if (event.event === 'epoch') {
    run.epoch = event.epoch;
    run.steps = event.epoch * run.start.stepsPerEpoch;
    run.history.push(scored(run, event));
    run.bestEpoch = event.bestEpoch;
    run.patienceLeft = event.patienceLeft;
    if (run.trainer) await rememberEpoch(run);
    if (run.trainer) await look(run, {});
    if (run.trainer) await keepRun(run);
    say('speech.epoch', run);
    sayIfStuck(run);
    if (event.epoch === 1)
      changedNow(); // the first point is waited for
    else progressed({ ofRun: true });
  } else if (event.event === 'end') {
    await ended(run, event);
  }
}

async function ended(run, event) {
  run.end = event;
  run.status = 'ended';
  run.isClosing = true;
  run.bestEpoch = event.bestEpoch || run.bestEpoch;
  if (event.reason === 'diverged') sayDiverged(run);
  if (run.trainer) await look(run, { all: true }).catch(failed);
  if (run.trainer) await rememberEpoch(run, { now: true }).catch(failed);
  if (run.trainer) await keepWeights(run).catch(failed);
  if (run.trainer) await keepEnd(run).catch(failed);
  addRun(run);
  forgetRun();
  say('speech.end', run);
  run.isClosing = false;
  changed();
}

/** Exactly one training step. */
export async function step() {
  let { run } = state;
  if (!run || !['ready', 'paused', 'ended', 'training'].includes(run.status)) return;
  if (run.status === 'training') return void pause();
  if (run.status === 'ended' || (run.status === 'ready' && !settingsMatch(run))) {
    await openRun();
    ({ run } = state);
    if (run.status !== 'ready') return;
  }
  tell('leave-comparison');
  run.status = 'paused';
  try {
    for (const event of await run.trainer.step()) await take(run, event);
    await look(run, { all: true });
  } catch (error) {
    failed(error);
  }
  changedNow();
}

/** Back to epoch 0, with the settings on the page. */
export function reset() {
  dismiss();
  tell('leave-comparison');
  return openRun();
}

/** A learning rate that is changed in the middle of a run holds from the next step on, and is marked on the curve. */
async function changeRate(run) {
  const rate = learningRate(state.experiment);
  if (!run.trainer || rate === (run.rate ?? learningRate(run.experiment))) return;
  if (JSON.stringify(withLearningRate(run.experiment, rate)) !== JSON.stringify(state.experiment)) return;
  run.rate = rate;
  await run.trainer.setLearningRate(rate);
  const last = run.events.at(-1);
  if (last?.kind === 'rate' && position(run) - last.at < 0.5) run.events.pop();
  run.events.push({ at: position(run), kind: 'rate', rate });
}

const kSettle = 150; // milliseconds after the last change of a control

/** A control was moved: an untouched network is built anew a moment later; a run that has begun keeps its own settings but for the rate. */
function settingsChanged() {
  const { run } = state;
  if (run && run.status !== 'ended') {
    clearTimeout(moved);
    state.settling = true;
    moved = setTimeout(async () => {
      const mine = moved;
      if (!hasBegun(run)) return openRun();
      await changeRate(run).catch(failed);
      if (mine === moved) state.settling = false;
      return changed();
    }, kSettle);
  }
  changedNow();
}
hear('settings-changed', settingsChanged);

shortcut(' ', { name: 'Space', words: 'keys.train', act: trainOrPause });
shortcut('s', { name: 'S', words: 'keys.step', act: step });
shortcut('r', { name: 'R', words: 'keys.reset', act: reset });
