/**
 * The doctor: quick examinations of the settings on the page, each with an engine of its own, so that the run and its weights stay as they
 * are. A learning rate is found by raising it at every step; a network that cannot learn one batch by heart has a fault, not too few data;
 * and backward is compared with two losses per weight, in double precision.
 */
import { Trainer } from 'trainground';
import { changedNow, progressed } from '../app/drawing.js';
import { learningRate, withLearningRate } from '../app/settings.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { openOptions } from '../model/open_options.js';

/** Ends the examination that runs. @type {AbortController | null} */
let running = null;

/** Runs one examination on the page's settings; another one cannot begin before it has ended. Gives what was found, or null. */
async function examine(name, act) {
  if (state.examining) return null;
  const { experiment } = state;
  const { signal } = (running = new AbortController());
  const onProgress = (share) => {
    state.examining = { name, share };
    progressed();
  };
  state.examining = { name, share: 0 };
  setView({ examination: name });
  let trainer;
  let found = null;
  try {
    trainer = await Trainer.open(experiment, await openOptions(experiment));
    const told = await act(trainer, { signal, onProgress });
    if (!signal.aborted) found = { ...told, experiment };
    if (found) state.found = { ...state.found, [name]: found };
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  } finally {
    trainer?.dispose();
  }
  state.examining = null;
  changedNow();
  return found;
}

/** By their names. */
export const acts = {
  'find-learning-rate': (trainer, options) => trainer.findLearningRate({ from: 1e-6, ...options }),
  overfit: (trainer, options) => trainer.overfit(options),
  'check-gradients': async (trainer, options) => {
    const trained = (await trainer.tensors()).filter(({ trainable, name }) => trainable && name.endsWith('.weight'));
    const broken = state.view.breakGradient ? trained[Math.floor(trained.length / 2)]?.name : undefined;
    return { ...(await trainer.checkGradients({ breakGradient: broken, ...options })), broken };
  },
};

/** Whether what was found is about other settings than those on the page; the rate, which a click takes over, is not among them. */
export const isOfOthers = ({ experiment }) =>
  JSON.stringify(withLearningRate(experiment, learningRate(state.experiment))) !== JSON.stringify(state.experiment);

/** Runs an examination from elsewhere in the page. */
export const examination = (name) => examine(name, acts[name]);

/** Ends the one that runs. */
export const stopExamination = () => running?.abort();
