// A network that is trained and left in a folder with all its ways out, for the doors: NUMBER.json, .safetensors, .onnx, .pytorch.py, .keras.py.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trainer } from 'trainground';
import { writeExperiment } from './command.js';

/** @returns {Promise<{ trainer: Trainer, stem: string }>}  the trainer still answers; `stem`: the path but for the ending */
export async function leaveNetwork(folder, number, experiment, options = {}) {
  const trainer = await Trainer.open(experiment, { ...options, threads: 1, sameThread: true });
  for await (const event of trainer.train()) assert.ok(event);
  const stem = join(folder, String(number));
  writeExperiment(folder, `${number}.json`, experiment);
  writeFileSync(`${stem}.safetensors`, await trainer.saveWeights());
  for (const [to, kind] of Object.entries({ onnx: 'onnx', pytorch: 'pytorch.py', keras: 'keras.py' })) {
    writeFileSync(`${stem}.${kind}`, await trainer.export(to));
  }
  return { trainer, stem };
}
