// What an ONNX file says beside the network: input, outputs, classes, version, weights; and that it keeps to what small readers know.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError, Trainer, exportNetwork } from 'trainground';
import { readOnnx } from './onnx_file.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const dense = (units, more) => ({ type: 'dense', units, ...more });
const flat = { type: 'flatten' };

/** The file of an untrained network, and the trainer's signature of its weights. */
async function exported(experiment, data) {
  const trainer = await Trainer.open(experiment, { data, sameThread: true, threads: 1 });
  const file = readOnnx(await trainer.export('onnx'));
  const signature = await trainer.weightsSha256();
  const weights = await trainer.saveWeights();
  const { shape, classNames, preparation } = trainer.start;
  await trainer.dispose();
  return { ...file, signature, weights, shape, classNames, preparation };
}

test('a set by its name: grey pictures, classes, softmax, version and the weights’ signature', async () => {
  const layers = [
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernelSize: 3, padding: 'same', strides: 2 }] },
    ...[flat, dense(10)],
  ];
  const { metadata, signature, preparation, producer, irVersion, opset } = await exported({
    dataset: 'digits',
    layers,
  });
  assert.deepEqual(metadata, {
    input: 'float32 (N,1,8,8)',
    'input.layout': 'NCHW',
    'input.kind': 'picture',
    'input.size': '8 x 8 (height x width)',
    'input.channels': 'grey (0.299 R + 0.587 G + 0.114 B)',
    'input.fit': 'crop',
    'input.filter':
      'triangle, as wide as the reduction (antialiased bilinear); a JPEG is decoded at 1/8, 1/4 or 1/2 where that leaves twice the size',
    'input.invert': '255 less each byte where the border is brighter than 127.5 on average',
    'input.scale': 'bytes / 255: 0..1',
    'input.normalization': 'none',
    preparation: JSON.stringify(preparation),
    output: 'logits, float32 (N,K)',
    'output.activation': 'softmax',
    classNames: JSON.stringify(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
    version,
    weightsSha256: signature,
  });
  assert.deepEqual([producer, irVersion, opset], [`trainground ${version}`, 5, 10]);
});

test('own pictures: RGB, fit, filter, and sigmoid of one output', async () => {
  const dataset = { type: 'images', path: 'none', size: 4, fit: 'pad' };
  const experiment = { dataset, layers: [flat, dense(1)], loss: 'binaryCrossEntropy' };
  const names = ['d\u00fcnn', 'dick \u{1f600}'];
  const data = { inputs: new Uint8Array(4 * 48), shape: [4, 4, 3], labels: [0, 1, 0, 1], classNames: names };
  const { metadata } = await exported(experiment, data);
  assert.equal(metadata['input.channels'], 'RGB');
  assert.equal(metadata['input.fit'], 'pad');
  assert.match(metadata['input.filter'], /^triangle/);
  assert.equal(metadata['output.activation'], 'sigmoid: the probability of the second class');
  assert.deepEqual(JSON.parse(metadata.classNames), names);
});

test('numbers: as they stand in the set, normalized in the network, no activation', async () => {
  const dataset = { type: 'csv', path: 'none', label: 'none', normalize: true };
  const data = { inputs: Float32Array.of(1, 2, 3, 4, 5, 9), shape: [1, 1, 2], targets: Float32Array.of(1, 2, 3) };
  const { metadata } = await exported(
    { dataset, validationSplit: 0, layers: [dense(1)], loss: 'meanSquaredError' },
    data,
  );
  assert.equal(metadata['input.kind'], 'numbers');
  assert.equal(metadata['input.scale'], 'as they stand in the data set');
  assert.deepEqual(JSON.parse(metadata['input.normalization']).mean, [3, 5]);
  assert.equal(metadata['output.activation'], 'none');
  assert.equal(metadata.classNames, undefined);
  assert.equal(metadata['input.channels'], undefined);
});

test('the file keeps to what small readers know', async () => {
  const layers = [
    { type: 'conv2d', filters: 4, kernelSize: 3, useBias: false, activation: 'relu6' },
    { type: 'averagePool2d', poolSize: 2, strides: 1, padding: 1 },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 4, kernelSize: 1 }, { type: 'batchNormalization' }] },
    flat,
    ...[
      dense(5, { useBias: false, activation: 'silu' }),
      { type: 'batchNormalization' },
      dense(10, { useBias: false }),
    ],
  ];
  const { nodes, initializers } = await exported({ dataset: 'digits', layers });
  const of = (type) => nodes.filter((node) => node.type === type);
  assert.deepEqual(nodes.at(-1).outputs, ['logits']);
  assert.equal(of('Identity').length, 0);
  assert.deepEqual(
    of('Gemm').map(({ inputs }) => inputs.length),
    [3, 3],
  );
  assert.deepEqual(
    of('Clip').map(({ inputs }) => inputs.length),
    [1],
  );
  assert.deepEqual(
    of('Pad').map(({ inputs }) => inputs.length),
    [1],
  );
  assert.equal(of('BatchNormalization').length, 1, 'of the picture; that of a row is a product and a sum');
  assert.equal(new Set(initializers).size, initializers.length);
});

test('class names that are no texts are refused', async () => {
  const samples = { inputs: new Float32Array(4), shape: [1, 1, 2], labels: [0, 1] };
  const opened = (classNames) =>
    Trainer.open(
      { layers: [dense(2)], validationSplit: 0 },
      { data: { ...samples, classNames }, sameThread: true, threads: 1 },
    );
  const refused = [
    [['a', '\ud800'], 'data.classNames[1] to be a text of whole characters, got "\\ud800"'],
    [['a', 7], 'data.classNames[1] to be a text of whole characters, got 7'],
    ['ab', 'data.classNames to be a list of texts, got "ab"'],
  ];
  for (const [classNames, message] of refused) {
    await assert.rejects(opened(classNames), { name: 'InputError', message: `Expected ${message}` });
  }
  const names = ['nul\0', 'line\r\n \u{1f600}'];
  const trainer = await opened(names);
  assert.deepEqual(trainer.start.classNames, names);
  await trainer.dispose();

  const layers = [flat, dense(10)];
  const { weights, shape } = await exported({ dataset: 'digits', layers });
  const request = { experiment: { dataset: 'digits', layers }, shape, weights, to: 'onnx' };
  for (const classNames of ['abc', [1, 2], [undefined], {}]) {
    await assert.rejects(exportNetwork({ ...request, classNames }), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /^Expected classNames to be a list of texts, got /);
      return true;
    });
  }
});
