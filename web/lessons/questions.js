/**
 * Questions of lessons that one run answers, where there is nothing to compare: each with its answers, the run, and what it came to.
 * `ask` runs; `found` says what came out, as {answer, values for the sentence, a figure}, or null while it is not known. Those that a sweep answers have more
 * (sweep_questions.js).
 */
import { Trainer } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { percent, short } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { withLearningRate } from '../app/settings.js';
import { setExperiment, setView, state } from '../app/state.js';
import { examination } from '../doctor/examinations.js';
import { openRun } from '../train/training.js';
import { costs } from '../tricks/cross_entropy.js';
import { smallNetwork } from '../tricks/slow_step.js';
import { sweepQuestions } from './sweep_questions.js';

/**
 * The network of the slow step, with as many points again that it does not look at.
 * @type {import('trainground').Experiment}
 */
const little = {
  ...smallNetwork,
  dataset: { type: 'points', shape: 'xor', samples: 80, noise: 0.05 },
  validationSplit: 0.5,
};
const kSteps = 40;

let steps = null;

/** Forty steps, each on one point: how often its own price fell, and how often the mean price of the points that are held back. */
async function takeSteps() {
  steps = null;
  const trainer = await Trainer.open({ ...little, seed: state.experiment.seed }, { threads: 1 });
  try {
    let before = (await trainer.evaluate()).loss;
    let [own, others] = [0, 0];
    for (let i = 0; i < kSteps; i++) {
      const { loss, lossAfter } = await trainer.slowMotion();
      const now = (await trainer.evaluate()).loss;
      own += Number(lossAfter < loss);
      others += Number(now < before);
      before = now;
    }
    steps = { own, others };
  } finally {
    await trainer.dispose();
  }
}

let both = null;

export const questions = {
  ...sweepQuestions,
  'cross-entropy': {
    answers: ['fair', 'some', 'most'],
    ask: () => openRun({ train: true }),
    found() {
      const { run, data, view } = state;
      if (run?.status !== 'ended' || run.number === view.guess.run || !run.evaluation) return null;
      const list = costs(run.evaluation, data.validation);
      const sum = (some) => some.reduce((total, { loss }) => total + loss, 0);
      const share = sum(list.slice(0, 5)) / sum(list);
      const answer = share > 1 / 3 ? 'most' : share > 0.05 ? 'some' : 'fair';
      return { answer, values: { n: list.length, share: percent(share, 0) } };
    },
  },
  'slow-step': {
    answers: ['always', 'often', 'half'],
    ask: takeSteps,
    found() {
      if (!steps) return null;
      const { own, others } = steps;
      const answer = others > 0.9 * kSteps ? 'always' : others > 0.55 * kSteps ? 'often' : 'half';
      return { answer, values: { own, others, n: kSteps } };
    },
  },
  doctor: {
    answers: ['gradients', 'overfit', 'both'],
    async ask() {
      both = null;
      const { optimizer } = defaultExperiment(state.experiment.dataset);
      setExperiment(withLearningRate(state.experiment, optimizer.learningRate / 1000));
      const gradients = await examination('check-gradients');
      const overfit = await examination('overfit');
      both = gradients && overfit && { gradients, overfit };
    },
    found() {
      if (!both) return null;
      const failed = Object.entries(both).flatMap(([name, { passed }]) => (passed ? [] : [name]));
      const { error } = both.gradients.worst;
      const values = { error: error.toExponential(1), steps: both.overfit.steps, loss: short(both.overfit.loss) };
      return { answer: failed.length === 2 ? 'both' : (failed[0] ?? 'none'), values };
    },
  },
};

/** Takes the learner's answer, and runs. */
export async function askRun(name, answer) {
  setView({ guess: { answer, run: state.run?.number } });
  await waitFor(questions[name].ask);
}

/** What a lesson shows before it asks. */
export async function beginQuestion(name) {
  const begin = questions[name]?.begin;
  if (begin) await waitFor(begin);
}

async function waitFor(act) {
  state.asking = true;
  changedNow();
  try {
    await act();
  } finally {
    state.asking = false;
    changedNow();
  }
}
