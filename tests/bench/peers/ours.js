// Trainground itself. Under Node in the thread that asks, as the peers are; in a page in its worker, as it always is there.
import { Trainer } from '../../../wasm/index.js';

export async function open({ experiment, samples, batches, threads }) {
  const sameThread = typeof process !== 'undefined';
  const trainer = await Trainer.open(experiment, { data: samples, threads, sameThread });
  return {
    weights: await trainer.saveWeights(),
    step: async () => (await trainer.step())[0].loss,
    predict: async () => (await trainer.predict(batches[0].inputs)).probabilities,
  };
}
