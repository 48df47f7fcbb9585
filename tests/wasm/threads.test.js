// The number of threads changes the time, never the weights; and the choice of a build says why.
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { choose } from '../../wasm/build.js';

const experiment = {
  dataset: 'digits',
  augmentation: [
    { type: 'rotation', degrees: 15 },
    { type: 'shift', pixels: 1 },
  ],
  layers: [
    { type: 'conv2d', filters: 6, kernelSize: 3, padding: 'same' },
    { type: 'batchNormalization' },
    { type: 'activation', function: 'relu' },
    { type: 'maxPool2d', poolSize: 2 },
    { type: 'flatten' },
    { type: 'dropout', rate: 0.2 },
    { type: 'dense', units: 10 },
  ],
  batchSize: 37,
  epochs: 2,
};

test('threads 1, 2, 4 and 8 give the same weights, bit for bit', async () => {
  const hashes = new Map();
  for (const threads of [1, 2, 4, 8]) {
    const trainer = await Trainer.open(experiment, { threads });
    assert.equal(trainer.start.threads, threads, trainer.start.reason);
    assert.equal(trainer.start.build, threads === 1 ? 'single' : 'threads');
    for await (const event of trainer.train()) if (event.event === 'end') hashes.set(threads, event.weightsSha256);
    await trainer.dispose();
  }
  assert.equal(hashes.size, 4);
  assert.equal(new Set(hashes.values()).size, 1, JSON.stringify([...hashes]));
});

test('the choice and its reason', () => {
  assert.deepEqual(choose(1), { build: 'single', threads: 1, reason: 'one thread was asked for' });
  assert.deepEqual(choose(3), { build: 'threads', threads: 3, reason: '3 threads were asked for' });
  const { threads, reason } = choose(undefined);
  assert.equal(threads, Math.min(4, availableParallelism()));
  assert.match(reason, /cores?$/);
  for (const wrong of [0, 9, 1.5, '2', NaN]) {
    assert.throws(() => choose(wrong), {
      name: 'InputError',
      message: /^Expected threads to be an integer from 1 to 8, got /,
    });
  }
});

test('without shared memory there is one thread, and the reason says so', () => {
  const { SharedArrayBuffer } = globalThis;
  delete globalThis.SharedArrayBuffer;
  try {
    const { build, reason } = choose(4);
    assert.equal(build, 'single');
    assert.match(reason, /cannot share memory/);
  } finally {
    globalThis.SharedArrayBuffer = SharedArrayBuffer;
  }
});
