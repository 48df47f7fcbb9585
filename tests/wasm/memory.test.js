// What a run takes is planned when it is opened: the number told then is what it held at its end, and steps take nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';

const conv = (filters, more) => ({ type: 'conv2d', filters, kernelSize: 3, padding: 'same', ...more });
const [norm, relu] = [{ type: 'batchNormalization' }, { type: 'activation', function: 'relu' }];
const end = [{ type: 'globalAveragePool2d' }, { type: 'dense', units: 3 }];

/** Name: [shape of a sample, layers, the rest of the experiment]. */
const networks = {
  dense: [
    [40, 40, 1],
    [{ type: 'flatten' }, { type: 'dense', units: 1500, activation: 'relu' }, { type: 'dense', units: 3 }],
  ],
  winograd: [
    [32, 32, 3],
    [conv(32), norm, relu, conv(64, { activation: 'gelu' }), ...end],
  ],
  exact: [[32, 32, 3], [conv(32), norm, relu, conv(64, { strides: 2 }), ...end], { exact: true }],
  depthwise: [
    [48, 48, 8],
    [{ type: 'depthwiseConv2d', kernelSize: 3 }, norm, conv(48, { kernelSize: 1 }), ...end],
  ],
  residual: [
    [32, 32, 3],
    [{ type: 'residual', layers: [conv(48), norm, relu, conv(48)] }, { type: 'maxPool2d' }, ...end],
  ],
  augmented: [
    [64, 64, 3],
    [conv(16), { type: 'dropout', rate: 0.2 }, ...end],
    {
      augmentation: [
        { type: 'rotation', degrees: 10 },
        { type: 'flip', horizontal: 0.5 },
      ],
    },
  ],
};

function open([shape, layers, more], batchSize) {
  const samples = 3 * batchSize;
  const size = shape[0] * shape[1] * shape[2];
  const inputs = Uint8Array.from({ length: samples * size }, (_, i) => (i * 7919) >> 3);
  const labels = Int32Array.from({ length: samples }, (_, i) => i % 3);
  const experiment = { layers, batchSize, epochs: 2, validationSplit: 0.2, ...more };
  return Trainer.open(experiment, { data: { inputs, shape, labels }, threads: 1 });
}

/** Opens, trains two epochs with validation, and gives the start, the end, and what an evaluation in the middle came to. */
async function run(network, batchSize) {
  const trainer = await open(network, batchSize);
  let last;
  for await (const event of trainer.train()) last = event;
  await trainer.dispose();
  return [trainer.start.memoryBytes, last.memoryBytes];
}

for (const [name, network] of Object.entries(networks)) {
  test(`${name}: the memory told before the run is what the run holds`, async (context) => {
    const told = [];
    for (const batchSize of [16, 48]) {
      const [planned, held] = await run(network, batchSize);
      context.diagnostic(`batch ${batchSize}: ${planned} bytes planned, ${held} held`);
      assert.ok(held >= planned && held <= 1.1 * planned, `${planned} bytes planned, ${held} held`);
      told.push(planned);
    }
    assert.ok(told[1] > told[0], `a larger batch takes more: ${told}`);
  });
}

test('samples of bytes are held once', async () => {
  const shape = [64, 64, 3];
  const inputs = new Uint8Array(5000 * 64 * 64 * 3).fill(9);
  const labels = Int32Array.from({ length: 5000 }, (_, i) => i % 2);
  const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
  const trainer = await Trainer.open({ layers }, { data: { inputs, shape, labels }, threads: 1 });
  await trainer.dispose();
  const times = trainer.start.memoryBytes / inputs.length;
  assert.ok(times > 1 && times < 1.5, `the engine holds ${times.toFixed(2)} times as many bytes as there are`);
});

async function planned(network, batchSize) {
  const trainer = await open(network, batchSize);
  await trainer.dispose();
  return trainer.start.memoryBytes;
}

test('of large pictures fewer are judged at once, so that small batches fit a phone', async () => {
  const pixels = conv(64, { kernelSize: 1 });
  const network = [
    [160, 160, 3],
    [pixels, norm, relu, pixels, norm, relu, ...end],
  ];
  const [few, many] = await Promise.all([2, 12].map((batchSize) => planned(network, batchSize)));
  assert.ok(few < many / 2, `${few} bytes for batches of 2, ${many} for batches of 12`);
});

test('10,000 steps take no memory', async () => {
  const experiment = {
    dataset: { type: 'points', shape: 'spiral', samples: 1000 },
    layers: [{ type: 'dense', units: 16, activation: 'tanh' }, norm, { type: 'dense', units: 2 }],
    batchSize: 8,
    epochs: 100,
  };
  for (const threads of [1, 2]) {
    const trainer = await Trainer.open(experiment, { threads });
    let steps = 0;
    let last;
    for await (const event of trainer.train({ steps: true })) {
      steps += event.event === 'step';
      last = event;
    }
    assert.equal(steps, 10_000);
    assert.equal(last.memoryBytes, trainer.start.memoryBytes);
    await trainer.dispose();
  }
});
