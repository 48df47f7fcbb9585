// Trainground itself. Under Node in the thread that asks, as the peers are; in a page in its worker, as it always is there.
import { Trainer } from '../../../wasm/index.js';

export async function open({ experiment, samples, threads }) {
  const sameThread = typeof process !== 'undefined';
  const trainer = await Trainer.open(experiment, { data: samples, threads, sameThread });
  const batch = samples.inputs.subarray(0, samples.inputs.length / 2);
  return {
    weights: await trainer.saveWeights(),
    step: async () => (await trainer.step())[0].loss,
    predict: async () => (await trainer.predict(batch)).probabilities,
  };
}
