// Networks as public tutorials write them: how many open, and which lines of the others are named. Those of PyTorch that open are run by PyTorch too,
// which gives the same outputs with the same weights.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer, importOnnx, importPython } from 'trainground';
import { temporaryFolder } from './command.js';
import { kerasTexts } from './keras_texts.js';
import { noTorch, python } from './python.js';
import { torchTexts } from './torch_texts.js';

const kSamples = 3;
const texts = { ...torchTexts, ...kerasTexts };

test('of 37 texts 28 open, and the others name their lines', async (context) => {
  let opened = 0;
  for (const [name, { text, opens, misses }] of Object.entries(texts)) {
    if (opens !== undefined) {
      const { experiment } = await importPython(text);
      assert.equal(experiment.layers.length, opens, `${name}: ${JSON.stringify(experiment.layers)}`);
      opened++;
      continue;
    }
    await assert.rejects(importPython(text), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.deepEqual(
        error.problems.map(({ path }) => path),
        misses,
        `${name}: ${error.message}`,
      );
      context.diagnostic(`${name}: ${error.message.replace(/\n/g, '; ')}`);
      return true;
    });
  }
  assert.deepEqual([opened, Object.keys(texts).length], [28, 37]);
});

test('what they open as: one of each', async () => {
  const blitz = await importPython(torchTexts['small colour pictures in a blitz'].text);
  assert.deepEqual(blitz.experiment, {
    layers: [
      { type: 'conv2d', filters: 8, kernelSize: 5, activation: 'relu' },
      { type: 'maxPool2d', poolSize: 2 },
      { type: 'conv2d', filters: 20, kernelSize: 5, activation: 'relu' },
      { type: 'maxPool2d', poolSize: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 110, activation: 'relu' },
      { type: 'dense', units: 70, activation: 'relu' },
      { type: 'dense', units: 10 },
    ],
    loss: 'crossEntropy',
  });
  assert.deepEqual(blitz.inputShape, [32, 32, 3]);
  assert.deepEqual(
    blitz.notes.map(({ kind, line }) => [kind, line]),
    [
      ['sides', 11],
      ['initialization', undefined],
    ],
  );
  const fitted = await importPython(kerasTexts['against overfitting'].text);
  assert.deepEqual(fitted.experiment.layers[0], { type: 'dense', units: 256, activation: 'elu', l2: 0.0001 });
  const separable = await importPython(kerasTexts['separable convolutions'].text);
  assert.deepEqual(separable.experiment.layers.slice(0, 4), [
    { type: 'rescaling', scale: 2, offset: -1 },
    { type: 'depthwiseConv2d', kernelSize: 3, padding: 'same', useBias: false },
    { type: 'conv2d', filters: 24, kernelSize: 1, useBias: false },
    { type: 'batchNormalization', momentum: 0.99, epsilon: 0.001 },
  ]);
  assert.equal((await importPython(torchTexts['yes or no'].text)).experiment.loss, 'binaryCrossEntropy');
  assert.equal((await importPython(torchTexts['prices of houses'].text)).experiment.loss, 'meanSquaredError');
});

const kRun = `
import collections, json, struct, sys
import torch, torch.nn.functional as F
from torch import nn
torch.set_num_threads(1)
for name, text, (height, width, channels) in json.load(open('texts.json')):
    torch.manual_seed(1)
    space = dict(nn=nn, F=F, torch=torch)
    try:
        exec(text, space)
    except NameError:  # data that a tutorial loads
        pass
    made = [one for one in space.values() if isinstance(one, nn.Module) and not isinstance(one, nn.modules.loss._Loss)]
    model = made[-1] if made else [one for one in space.values() if isinstance(one, type) and issubclass(one, nn.Module)][-1]()
    for module in model.modules():
        if hasattr(module, 'running_mean'):
            module.running_mean.uniform_(-.5, .5), module.running_var.uniform_(.5, 2)
    model.eval()
    count = ${kSamples} * height * width * channels
    x = (torch.arange(count) * 37 % 101 / 50.5 - 1).reshape(${kSamples}, height, width, channels)
    x = x.reshape(${kSamples}, channels) if height * width == 1 else x.permute(0, 3, 1, 2).clone(memory_format=torch.contiguous_format)
    tensors = {key: value.float().contiguous() for key, value in model.state_dict().items() if value.dim()}
    header, data = {}, b''
    for key, value in tensors.items():
        part = value.numpy().tobytes()
        header[key] = dict(dtype='F32', shape=list(value.shape), data_offsets=[len(data), len(data) + len(part)])
        data += part
    words = json.dumps(header).encode()
    open(name + '.safetensors', 'wb').write(struct.pack('<Q', len(words)) + words + data)
    print('outputs', json.dumps(model(x).tolist()))
    torch.onnx.export(model, x, name + '.onnx', input_names=['x'], output_names=['y'], dynamic_axes=dict(x=[0], y=[0]))
`;

const logSoftmax = (/** @type {number[]} */ row) => {
  const most = Math.max(...row);
  const sum = Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0)) + most;
  return row.map((value) => value - sum);
};

/** How far a network's outputs are from theirs, which may end in a softmax or a sigmoid. @param {import('trainground').ImportedLayers} imported @param {number[]} shape @param {number[][]} theirs */
async function gap({ experiment: { layers }, notes, weights }, shape, theirs) {
  const count = kSamples * shape.reduce((product, side) => product * side, 1);
  const inputs = Float32Array.from({ length: count }, (_, i) => Math.fround(Math.fround(((i * 37) % 101) / 50.5) - 1));
  const data = {
    inputs,
    shape: /** @type {[number, number, number]} */ (shape),
    targets: new Float32Array(kSamples * theirs[0].length),
  };
  const experiment = { layers, loss: /** @type {const} */ ('meanSquaredError'), validationSplit: 0 };
  const trainer = await Trainer.open(experiment, { data, weights, threads: 1 });
  const { probabilities, outputs } = await trainer.predict(inputs);
  await trainer.dispose();
  const kinds = notes.map(({ kind }) => kind);
  const gaps = theirs.flatMap((row, n) => {
    const own = Array.from(probabilities.subarray(n * outputs, (n + 1) * outputs));
    const ours = kinds.includes('softmax')
      ? logSoftmax(own)
      : kinds.includes('sigmoid')
        ? own.map((value) => 1 / (1 + Math.exp(-value)))
        : own;
    return ours.map((value, k) => Math.abs(value - row[k]));
  });
  return Math.max(...gaps);
}

test(
  'PyTorch runs the same texts to the same outputs, and so do its ONNX files',
  { skip: noTorch },
  async (context) => {
    const folder = temporaryFolder();
    const opening = Object.entries(torchTexts).filter(([, { shape }]) => shape);
    assert.ok(opening.length >= 15);
    const given = opening.map(([name, { text, shape }]) => [name, text, shape]);
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(given));
    const run = python(['-c', kRun], folder);
    assert.equal(run.status, 0, run.stderr);
    const lines = run.stdout.split('\n').filter((line) => line.startsWith('outputs ')); // the texts print as well
    for (const [at, [name, { text, shape = [] }]] of opening.entries()) {
      const theirs = JSON.parse(lines[at].slice(8));
      const file = (/** @type {string} */ ending) => new Uint8Array(readFileSync(join(folder, name + ending)));
      const [height, width, channels] = shape;
      const ofText = await importPython(text, { shape: [height, width, channels], weights: file('.safetensors') });
      const gaps = [await gap(ofText, shape, theirs), await gap(await importOnnx(file('.onnx')), shape, theirs)];
      context.diagnostic(`${name}: ${gaps.join(', ')}`);
      assert.ok(Math.max(...gaps) < 1e-5, `${name}: ${gaps.join(', ')}`);
    }
  },
);
