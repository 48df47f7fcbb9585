// The exported scripts asked to predict, by Keras's three back ends and by PyTorch 2.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { calm, environment } from './environment.js';

/** How a script is run: its kind, and what of the environment chooses its back end. */
export const ways = {
  'Keras, TensorFlow': ['keras', { KERAS_BACKEND: 'tensorflow' }],
  'Keras, JAX': ['keras', { KERAS_BACKEND: 'jax' }],
  'Keras, PyTorch': ['keras', { KERAS_BACKEND: 'torch' }],
  'PyTorch 2': ['pytorch', {}],
};

/** What it prints of these files. @param {[kind: string, env: object]} way @param {string} stem @param {string[]} files */
export function predict([kind, env], stem, files) {
  const words = [`${stem}.${kind}.py`, '--weights', `${stem}.safetensors`, '--predict', ...files];
  const options = { encoding: 'utf8', env: { ...process.env, ...calm, ...env } };
  const { status, stdout, stderr } = spawnSync(environment('frameworks'), words, options);
  assert.equal(status, 0, stderr);
  return stdout;
}
