// One weights file of a table through every door: the trainer, a network out of the weights alone, the command line, the PyTorch script, and ONNX
// Runtime with what the ONNX file says of itself. The same rows give the same answers. Keras: tests/slow/rows.js.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { openNetwork } from 'trainground';
import { temporaryFolder, trainground } from './command.js';
import { readOnnx } from './onnx_file.js';
import { noTorch, python } from './python.js';
import { answersIn, answersOf, expectSameRows, newHouses, rowNetworks } from './row_networks.js';

const folder = temporaryFolder();
onnx.env.wasm.numThreads = 1;
onnx.env.logLevel = 'error';
const { rows, networks } = await rowNetworks(folder);

/** A row as the ONNX file's `preparation` says it, from a house. */
const inputsOf = (row, { columns }) =>
  columns.flatMap(({ name, type, median, categories, missing }) => {
    const isMissing = ['', 'NA', 'n/a', '-', '?', 'null'].includes(row[name]);
    if (type === 'number') return isMissing ? median : Number(row[name]);
    return [
      ...categories.map((one) => Number(!isMissing && one === row[name])),
      ...(missing ? [Number(isMissing)] : []),
    ];
  });
const activations = {
  softmax: (z) => z.map((one) => 1 / z.reduce((sum, other) => sum + Math.exp(other - one), 0)),
  'sigmoid: the probability of the second class': ([z]) => [1 / (1 + Math.exp(z)), 1 / (1 + Math.exp(-z))],
  none: (z) => z,
};

/** Door: what it says of each row. */
const doors = {
  async 'a network out of its weights'({ stem, classNames }) {
    const weights = new Uint8Array(readFileSync(`${stem}.safetensors`));
    const network = await openNetwork(weights, { threads: 1, sameThread: true });
    const answers = await network.predictRows(new Uint8Array(readFileSync(rows)));
    await network.dispose();
    return answersOf(answers, classNames, newHouses.length);
  },

  async 'the command line'({ stem, classNames }) {
    const words = ['predict', `${stem}.json`, '--weights', `${stem}.safetensors`, rows];
    const { out, err, code } = await trainground(words, { cwd: folder });
    assert.equal(code, 0, err);
    return answersIn(out, classNames);
  },

  async 'ONNX Runtime'({ stem }) {
    const { metadata } = readOnnx(readFileSync(`${stem}.onnx`));
    const inputs = newHouses.map((row) => inputsOf(row, JSON.parse(metadata.preparation)));
    const accepted = newHouses.flatMap((_, i) => (inputs[i].some(Number.isNaN) ? [] : [i]));
    const session = await onnx.InferenceSession.create(`${stem}.onnx`);
    const sizes = [accepted.length, inputs[0].length, 1, 1];
    const input = new onnx.Tensor('float32', Float32Array.from(accepted.flatMap((i) => inputs[i])), sizes);
    const { data, dims } = (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]];
    const probabilities = accepted.flatMap((_, i) =>
      activations[metadata['output.activation']]([...data.slice(i * dims[1], (i + 1) * dims[1])]),
    );
    const outputs = probabilities.length / accepted.length;
    return answersOf({ probabilities, outputs, accepted }, JSON.parse(metadata.classNames ?? '[]'), newHouses.length);
  },

  async 'the PyTorch script'({ stem, classNames }) {
    const words = [`${stem}.pytorch.py`, '--weights', `${stem}.safetensors`, '--predict', rows];
    const { status, stdout, stderr } = python(words, folder);
    assert.equal(status, 0, stderr);
    return answersIn(stdout, classNames);
  },
};
const needs = { 'the PyTorch script': noTorch };

test('the networks tell the rows apart, and one row cannot be read', () => {
  for (const { name, told } of networks) {
    assert.deepEqual(
      told.flatMap((answer, row) => (answer === null ? [row] : [])),
      [20],
    );
    const values = told.flatMap((answer) => (answer === null ? [] : Array.isArray(answer) ? answer[1] : answer));
    assert.ok(Math.max(...values) > 1.05 * Math.min(...values), `${name}: ${values}`);
    const classes = new Set(told.flatMap((answer) => (Array.isArray(answer) ? answer[0] : [])));
    assert.ok(classes.size !== 1, `${name}: ${[...classes]}`);
  }
});

for (const [door, ask] of Object.entries(doors)) {
  test(`${door} says what the trainer says of every row`, { skip: needs[door] }, async (context) => {
    // What ONNX takes is in single precision before it is normalized.
    for (const network of networks.filter(({ fine }) => !fine || door !== 'ONNX Runtime'))
      context.diagnostic(expectSameRows(await ask(network), network));
  });
}
