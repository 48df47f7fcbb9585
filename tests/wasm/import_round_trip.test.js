// What goes out comes in again: our own PyTorch and Keras scripts and ONNX files are read as the same network, and with their weights it gives the
// same outputs, bit for bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, Trainer, describeWeights, importOnnx, importPython, openNetwork } from 'trainground';
import { architectureOf, everyOperation } from '../../wasm/architecture.js';

const conv = (filters, kernelSize, more) => ({ type: 'conv2d', filters, kernelSize, ...more });
const depthwise = (more) => ({ type: 'depthwiseConv2d', kernelSize: 3, ...more });
const dense = (units, activation) => ({ type: 'dense', units, ...(activation && { activation }) });
const act = (name, more) => ({ type: 'activation', function: name, ...more });
const pool = (type, poolSize, strides, padding = 'same') => ({ type, poolSize, strides, padding });
const residual = (...layers) => ({ type: 'residual', layers });
const drop = (rate) => ({ type: 'dropout', rate });
const [norm, flat, same] = [{ type: 'batchNormalization' }, { type: 'flatten' }, { padding: 'same' }];

/** Name: shape, layers, how far the outputs of ONNX may be. There rows are normalized by one factor and one term (OpenCV). @type {Record<string, [shape: [number, number, number], layers: any[], gap: number]>} */
const networks = {
  rows: [[1, 1, 7], [dense(8, 'relu'), norm, drop(0.3), dense(5, 'gelu'), dense(4, 'silu'), dense(3)], 1e-6],
  LeNet: [
    [14, 14, 1],
    [
      conv(6, 5, { activation: 'relu' }),
      pool('maxPool2d', 2, 2, 'valid'),
      conv(8, 3),
      norm,
      act('leakyRelu', { negativeSlope: 0.2 }),
      flat,
      dense(12, 'tanh'),
      drop(0.5),
      dense(3),
    ],
    0,
  ],
  modern: [
    [9, 11, 3],
    [
      ...[{ type: 'rescaling', scale: 2, offset: -1 }, conv(8, 3, { ...same, useBias: false }), norm, act('relu6')],
      ...[
        depthwise({ ...same, strides: 2 }),
        conv(5, 1, { activation: 'elu' }),
        residual(conv(5, 3, { padding: 1 }), norm, act('relu')),
      ],
      ...[residual(conv(7, 3, { ...same, strides: 2 })), act('relu'), { type: 'globalAveragePool2d' }, dense(3)],
    ],
    0,
  ],
  'every padding': [
    [12, 13, 2],
    [
      ...[conv(4, 3, { strides: 2, padding: 1 }), conv(5, 2, { padding: [0, 1, 2, 1], activation: 'silu' })],
      ...[pool('maxPool2d', 4, 3, [1, 2, 0, 2]), depthwise({ padding: [3, 2, 4, 4] }), pool('averagePool2d', 3, 2, 1)],
      ...[pool('maxPool2d', 3, 1, 1), pool('averagePool2d', 3, 1, [2, 0, 1, 1]), pool('averagePool2d', 2, 2)],
      ...[conv(3, 5, { ...same, strides: 3 }), flat, dense(3)],
    ],
    0,
  ],
  'blocks in blocks': [
    [11, 9, 3],
    [
      ...[conv(5, 3, { ...same, strides: 2, activation: 'gelu' }), norm, pool('averagePool2d', 3, 1)],
      residual(
        conv(6, 4, { ...same, strides: 2, activation: 'relu6' }),
        residual(conv(6, 2, { ...same, useBias: false, activation: 'leakyRelu' })),
      ),
      ...[pool('maxPool2d', 3, 2), flat, norm, drop(0.2), dense(8, 'sigmoid'), dense(3)],
    ],
    1e-6,
  ],
};

const numbers = (/** @type {number} */ length) =>
  Float32Array.from({ length }, (_, i) => Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1);

/** Operation by operation, without the names and how a border is called. @param {any} experiment @param {[number, number, number]} shape */
const spelled = (experiment, shape) =>
  everyOperation(architectureOf(experiment, shape).operations)
    .filter((operation) => operation.function !== 'linear')
    .map(({ name: _, operations: __, projection: ___, same: ____, momentum, epsilon, ...rest }) => ({
      ...rest,
      ...(epsilon && { momentum: Number(momentum.toPrecision(6)), epsilon }),
    }));

for (const [name, [shape, layers, gap]] of Object.entries(networks)) {
  test(`${name}: PyTorch, Keras, ONNX and back`, async () => {
    const inputs = numbers(12 * shape[0] * shape[1] * shape[2]);
    const data = { inputs, shape, targets: numbers(36) };
    const experiment = {
      layers,
      loss: /** @type {const} */ ('meanSquaredError'),
      epochs: 2,
      batchSize: 4,
      validationSplit: 0,
    };
    const trainer = await Trainer.open(experiment, { data, threads: 1 });
    for await (const event of trainer.train()) assert.notEqual(event.reason, 'diverged');
    const [weights, { probabilities: outputs }] = [await trainer.saveWeights(), await trainer.predict(inputs)];
    for (const to of /** @type {const} */ (['pytorch', 'keras', 'onnx'])) {
      const file = await trainer.export(to);
      const text = new TextDecoder().decode(file);
      const imported = to === 'onnx' ? await importOnnx(file) : await importPython(text, { shape, weights });
      const again = await Trainer.open(
        { ...experiment, ...imported.experiment },
        { data, weights: imported.weights, threads: 1 },
      );
      const { probabilities } = await again.predict(inputs);
      await again.dispose();
      assert.equal(imported.experiment.loss, 'meanSquaredError', to);
      if (to === 'onnx' && gap) {
        const worst = Math.max(...probabilities.map((value, i) => Math.abs(value - outputs[i])));
        assert.ok(worst <= gap, `${worst}`);
      } else {
        assert.deepEqual(probabilities, outputs, to);
        const ofGraph = (/** @type {any[]} */ list) =>
          to === 'onnx' ? list.filter(({ op }) => op !== 'dropout') : list; // inference only
        assert.deepEqual(ofGraph(spelled(imported.experiment, shape)), ofGraph(spelled(experiment, shape)), to);
      }
      assert.deepEqual(
        describeWeights(/** @type {Uint8Array} */ (imported.weights))?.preparation,
        describeWeights(weights)?.preparation,
        to,
      );
    }
    await trainer.dispose();
  });
}

test('an ONNX file of pictures, with their normalization and classes, answers as the network did', async () => {
  const experiment = /** @type {const} */ ({
    dataset: { type: 'builtIn', name: 'digits', normalize: true },
    layers: [
      { type: 'conv2d', filters: 4, kernelSize: 3, activation: 'relu' },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
    ],
    epochs: 1,
  });
  const trainer = await Trainer.open(experiment, { threads: 1 });
  for await (const event of trainer.train()) assert.notEqual(event.reason, 'diverged');
  const { weights, inputShape, experiment: read } = await importOnnx(await trainer.export('onnx'));
  assert.deepEqual(inputShape, [8, 8, 1]);
  assert.deepEqual(read, { layers: experiment.layers, loss: 'crossEntropy' });
  const networks = [
    await openNetwork(await trainer.saveWeights(), { threads: 1 }),
    await openNetwork(weights, { threads: 1 }),
  ];
  assert.deepEqual(networks[1].classNames, networks[0].classNames);
  const { inputs } = await trainer.samples([0, 1, 2, 3]);
  const [one, other] = await Promise.all(
    networks.map((network) => network.predict(Uint8Array.from(inputs, (value) => Math.round(value * 255)))),
  );
  assert.deepEqual(one.probabilities, other.probabilities);
  await Promise.all([trainer, ...networks].map((one) => one.dispose()));
});

test('weights that do not belong to a text are refused by their names in it', async () => {
  const text = 'model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))';
  const trainer = await Trainer.open(
    { layers: [dense(3), dense(2)], loss: 'meanSquaredError', validationSplit: 0 },
    { data: { inputs: numbers(8), shape: [1, 1, 4], targets: numbers(4) } },
  );
  const weights = await trainer.saveWeights();
  await trainer.dispose();
  await assert.rejects(
    importPython(text, { weights }),
    /^InputError: Expected shape to be given with the weights, since the text does not say it, got nothing$/,
  );
  await assert.rejects(importPython(text, { shape: [1, 1, 4], weights }), (error) => {
    assert.ok(error instanceof InputError);
    assert.deepEqual(
      error.problems.map(({ path }) => path),
      ['weights.0.weight', 'weights.0.bias', 'weights.2.weight', 'weights.2.bias'],
    );
    return true;
  });
});
