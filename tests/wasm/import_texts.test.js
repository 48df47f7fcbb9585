// Networks as public tutorials write them: how many open, and which lines of the others are named. Those of PyTorch that open are run by PyTorch too,
// which gives the same outputs with the same weights.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, importOnnx, importPython } from 'trainground';
import { temporaryFolder } from './command.js';
import { kerasTexts } from './keras_texts.js';
import { noTorch } from './python.js';
import { gap, torchOutputs } from './torch_outputs.js';
import { torchTexts } from './torch_texts.js';

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

test(
  'PyTorch runs the same texts to the same outputs, and so do its ONNX files',
  { skip: noTorch },
  async (context) => {
    const folder = temporaryFolder();
    const opening = Object.entries(torchTexts).filter(([, { shape }]) => shape);
    assert.ok(opening.length >= 15);
    const outputs = torchOutputs(
      opening.map(([name, { text, shape = [] }]) => [name, text, shape]),
      folder,
    );
    for (const [name, { text, shape = [] }] of opening) {
      const theirs = outputs.get(name);
      assert.ok(theirs, name);
      const file = (/** @type {string} */ ending) => new Uint8Array(readFileSync(join(folder, name + ending)));
      const [height, width, channels] = shape;
      const ofText = await importPython(text, { shape: [height, width, channels], weights: file('.safetensors') });
      const gaps = [await gap(ofText, shape, theirs), await gap(await importOnnx(file('.onnx')), shape, theirs)];
      context.diagnostic(`${name}: ${gaps.join(', ')}`);
      assert.ok(Math.max(...gaps) < 1e-5, `${name}: ${gaps.join(', ')}`);
    }
  },
);
