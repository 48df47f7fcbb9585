// What the scripts say of a table's rows, by Keras's three back ends and PyTorch 2: the class and the probability, or the number, that the trainer
// says. The other doors: tests/wasm/row_doors.test.js.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, test } from 'node:test';
import { temporaryFolder } from '../wasm/command.js';
import { answersIn, expectSameRows, rowNetworks } from '../wasm/row_networks.js';
import { calm, environment, noVenv } from './readers/environment.js';

const folder = temporaryFolder();
/** @type {Awaited<ReturnType<typeof rowNetworks>>} */
let told;
before(async () => {
  told = await rowNetworks(folder);
});

const ways = {
  'Keras, TensorFlow': ['keras', { KERAS_BACKEND: 'tensorflow' }],
  'Keras, JAX': ['keras', { KERAS_BACKEND: 'jax' }],
  'Keras, PyTorch': ['keras', { KERAS_BACKEND: 'torch' }],
  'PyTorch 2': ['pytorch', {}],
};
for (const [name, [kind, env]] of Object.entries(ways)) {
  test(`${name} says what the trainer says`, { skip: noVenv }, (context) => {
    for (const network of told.networks) {
      const { stem, classNames } = network;
      const words = [`${stem}.${kind}.py`, '--weights', `${stem}.safetensors`, '--predict', told.rows];
      const options = { encoding: 'utf8', env: { ...process.env, ...calm, ...env } };
      const { status, stdout, stderr } = spawnSync(environment('frameworks'), words, options);
      assert.equal(status, 0, stderr);
      context.diagnostic(expectSameRows(answersIn(stdout, classNames), network));
    }
  });
}
