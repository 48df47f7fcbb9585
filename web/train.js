/**
 * One run: open it (which shows what the untrained network says), train, pause, step, reset, end. The engine is only ever pulled:
 * pausing is not asking for more, so a paused page costs nothing.
 */
import { Trainer } from 'trainground';
import { dismiss, failed, notice } from './alerts.js';
import { describeData, openOptions } from './data.js';
import { isOwn, own, whyNot } from './own.js';
import { look } from './look.js';
import { findKept, forgetRun, keepRun } from './resume.js';
import { addRun, keepEnd } from './run_list.js';
import { say } from './speech.js';
import { changed, changedNow, leaveComparison, progressed, state } from './state.js';
import { keepWeights } from './transfer.js';
import { forgetPast, rememberEpoch } from './travel.js';

let opening = 0;
let runNumber = 0;

const copy = (value) => JSON.parse(JSON.stringify(value));

/** A run before its engine is there. */
function newRun() {
  return {
    number: ++runNumber,
    experiment: copy(state.experiment),
    status: 'opening',
    /** Whether the visitor wants it to train: it begins, or stops, a moment later. */
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
    /** What the run could go on from, once it is only in the list. */
    kept: null,
    /** The number of the run that this one goes on from. */
    from: null,
    /** It began with weights that its settings do not give. */
    isBorrowed: false,
    pictures: own.version,
    stopping: null,
  };
}

/** Whether the settings on the page are those of the run on the page. */
export function settingsMatch(run = state.run) {
  return run !== null && JSON.stringify(run.experiment) === JSON.stringify(state.experiment);
}

/** Opens a run with the settings on the page: loads the data, builds the network, asks the untrained network. `resume`: a kept run; `project`: a saved one; `weights`: to begin with, and `from`: the run that they or `resume` are of. */
export async function open({ train = false, resume = null, project = null, weights = null, from = null } = {}) {
  const mine = ++opening;
  const last = state.run;
  const run = newRun();
  run.wanted = train || (last?.status === 'opening' && last.wanted);
  if (from) Object.assign(run, { from: from.number, isBorrowed: from.isBorrowed || weights !== null });
  if (last) retire(last);
  state.run = run;
  dismiss('worker-died');
  state.blocked = isOwn() ? whyNot() : null;
  if (state.blocked) {
    run.status = 'blocked';
    state.data = null;
    return changedNow();
  }
  changedNow();
  try {
    const options = openOptions(run.experiment);
    const begin = weights ?? project?.weights;
    const more = resume ? { resume: resume.checkpoint } : begin ? { weights: begin } : {};
    const trainer = await Trainer.open(run.experiment, { ...options, ...more });
    if (mine !== opening) return void trainer.dispose();
    run.trainer = trainer;
    run.start = trainer.start;
    // A later click may have opened another run meanwhile: its data stands.
    const data = await describeData(run, state.data);
    if (mine !== opening) return void trainer.dispose();
    state.data = data;
    await look(run, { all: true });
    if (mine !== opening) return void trainer.dispose();
    if (resume) return restore(run, resume);
    if (project) return reopened(run, project);
    run.history.push({
      epoch: 0,
      loss: null,
      accuracy: null,
      validationLoss: run.evaluation.loss,
      validationAccuracy: run.evaluation.accuracy,
      learningRate: run.experiment.optimizer.learningRate,
      seconds: 0,
    });
    await rememberEpoch(run);
    run.status = 'ready';
    run.patienceLeft = run.experiment.earlyStopping?.patience ?? null;
    if (run.wanted) go();
  } catch (error) {
    if (mine !== opening) return;
    run.status = 'failed';
    failed(error);
  }
  changedNow();
}

/** A kept run, standing where it stood. */
function restore(run, { history, steps, events, seconds, bestEpoch, patienceLeft, rate }) {
  const kind = run.from === null ? 'paused' : 'from';
  Object.assign(run, {
    history: [...history],
    steps,
    events: [...events, { at: steps / run.start.stepsPerEpoch, kind, run: run.from }],
    seconds,
    bestEpoch,
    patienceLeft,
    rate,
    epoch: history.at(-1).epoch,
    status: 'paused',
  });
  if (run.wanted) go();
  changedNow();
}

/** A saved run with its weights: it is at its end, or is seen as ended by whoever saved it. */
async function reopened(run, { history, steps, seconds, bestEpoch, end }) {
  const ending = end ?? { reason: 'interrupted', bestEpoch, weightsSha256: await run.trainer.weightsSha256() };
  Object.assign(run, { history, steps, seconds, bestEpoch, end: ending, epoch: history.at(-1).epoch, status: 'ended' });
  await keepEnd(run);
  addRun(run);
  changedNow();
}

/** Lets the engine of a run go; what it has shown stays. */
function retire(run) {
  run.stopping?.abort();
  const { trainer } = run;
  run.trainer = null;
  trainer?.dispose();
  const newest = [...(run.snapshots?.files.values() ?? [])].at(-1);
  if (newest) run.kept ??= { weights: newest };
  forgetPast(run);
  if (run.history.length > 2 && run.status !== 'ready') addRun(run);
  // What the network said is asked for no more.
  Object.assign(run, { evaluation: null, mistakes: null, guesses: null, activations: null, inside: null, field: null });
}

/** The one button: Train, Pause, Go on. A click before the engine is ready, or before it has stopped, is not lost. */
export function trainOrPause() {
  const run = state.run;
  leaveComparison();
  if (state.blocked) return;
  if (!run || run.status === 'failed') return void open({ train: true });
  if (run.status === 'opening') run.wanted = !run.wanted;
  else if (run.status === 'training' && run.wanted) pause();
  else if (run.status === 'training') run.wanted = true;
  else if (run.status === 'ended') return void open({ train: true });
  else if (run.status === 'ready' && !settingsMatch(run)) return void open({ train: true });
  else go();
  changedNow();
}

/** A pause is asked for, and the engine has not stopped yet. */
export const isStopping = (run) => run?.status === 'training' && !run.wanted;

export function pause() {
  if (!state.run) return;
  state.run.wanted = false;
  state.run.stopping?.abort();
}

/** Trains until the end or a pause. */
async function go() {
  const run = state.run;
  run.status = 'training';
  run.wanted = true;
  dismiss('nan-loss', 'stuck');
  if (run.history.length > 1 || run.steps > 0) run.events.push({ at: position(run), kind: 'resumed' });
  else say('speech.start');
  changedNow();
  const began = performance.now();
  run.keptAt ??= began;
  try {
    // A pause that is taken back before the engine has stopped leaves no trace.
    while (run.trainer && run.wanted && run.status === 'training') {
      run.stopping = new AbortController();
      for await (const event of run.trainer.train({ signal: run.stopping.signal, steps: true })) await take(run, event);
    }
  } catch (error) {
    if (run.trainer === null) return;
    run.status = 'failed';
    failed(error);
    await findKept().catch(failed); // what was kept of it can go on
  }
  run.seconds += (performance.now() - began) / 1000;
  if (run.trainer === null) return;
  if (run.status === 'training') {
    run.status = 'paused';
    run.events.push({ at: position(run), kind: 'paused' });
    await look(run, { all: true }).catch(failed);
    if (run.trainer && run.history.length > 1) await keepRun(run, { now: true }).catch(failed);
  }
  changedNow();
}

/** Where on the epoch axis a run stands now. */
const position = (run) => run.steps / run.start.stepsPerEpoch;

async function take(run, event) {
  if (event.event === 'step') {
    run.steps += 1;
    run.stepLoss = event.loss;
    run.epoch = event.epoch - 1;
    progressed({ ofRun: true });
  } else if (event.event === 'epoch') {
    run.epoch = event.epoch;
    run.steps = event.epoch * run.start.stepsPerEpoch;
    run.history.push(event);
    run.bestEpoch = event.bestEpoch;
    run.patienceLeft = event.patienceLeft;
    if (run.trainer) await rememberEpoch(run);
    if (run.trainer) await look(run, {});
    if (run.trainer) await keepRun(run);
    say('speech.epoch', run);
    checkStuck(run);
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
  if (event.reason === 'diverged') {
    const rate = run.rate ?? run.experiment.optimizer.learningRate;
    // Without early stopping the engine goes back to the last whole epoch.
    const epoch = run.experiment.earlyStopping?.restoreBestWeights ? event.bestEpoch : event.epoch;
    notice('nan-loss', { step: run.steps, rate, epoch, action: rate / 100 });
  }
  if (run.trainer) await look(run, { all: true }).catch(failed);
  if (run.trainer) await keepWeights(run).catch(failed);
  if (run.trainer) await keepEnd(run).catch(failed);
  addRun(run);
  forgetRun();
  say('speech.end', run);
  run.isClosing = false;
  changed();
}

/** Three epochs at the level of guessing: the loss does not move, and the page says why it may be so. */
function checkStuck(run) {
  const guess = Math.log(run.start.outputs);
  const last = run.history.filter((row) => row.epoch > 0).slice(-3);
  if (run.start.outputs < 2 || last.length < 3 || run.experiment.loss !== 'crossEntropy') return;
  const isStuck = last.every((row) => row.validationAccuracy < 1.6 / run.start.outputs && row.loss > guess * 0.97);
  if (isStuck) notice('stuck', { loss: guess, action: run.experiment.optimizer.learningRate / 100 });
}

/** Exactly one training step. */
export async function step() {
  let run = state.run;
  if (!run || !['ready', 'paused', 'ended', 'training'].includes(run.status)) return;
  if (run.status === 'training') return void pause();
  if (run.status === 'ended' || (run.status === 'ready' && !settingsMatch(run))) {
    await open();
    run = state.run;
    if (run.status !== 'ready') return;
  }
  leaveComparison();
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
  leaveComparison();
  return open();
}

/** A learning rate that is changed in the middle of a run holds from the next step on, and is marked on the curve. */
async function changeRate(run) {
  const rate = state.experiment.optimizer.learningRate;
  if (!run.trainer || rate === (run.rate ?? run.experiment.optimizer.learningRate)) return;
  const others = { ...run.experiment, optimizer: { ...run.experiment.optimizer, learningRate: rate } };
  if (JSON.stringify(others) !== JSON.stringify(state.experiment)) return;
  run.rate = rate;
  await run.trainer.setLearningRate(rate);
  const last = run.events.at(-1);
  if (last?.kind === 'rate' && position(run) - last.at < 0.5) run.events.pop();
  run.events.push({ at: position(run), kind: 'rate', rate });
  changed();
}

let reopening = null;
let settings = 0;

/** A moment after the last change. */
function soon(act) {
  clearTimeout(reopening);
  const mine = ++settings;
  state.settling = true;
  reopening = setTimeout(async () => {
    try {
      await act();
    } finally {
      if (mine === settings) state.settling = false;
      changed();
    }
  }, 150);
}

/** A setting has changed: an untouched network is built anew at once; a run that has begun keeps its own settings. */
export function settingChanged() {
  const run = state.run;
  if (run && ['ready', 'opening', 'failed', 'blocked'].includes(run.status)) {
    soon(() => open());
  } else if (run && ['training', 'paused'].includes(run.status)) {
    soon(() => changeRate(run).catch(failed));
  }
  changedNow();
}
