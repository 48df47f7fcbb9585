// The built-in EfficientNet-Lite0: its file is what its description says, our layers of it are the engine's, what it makes of photos is what
// ONNX Runtime and PyTorch make of the exported network, and what is frozen is computed once without changing a bit.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as onnx from 'onnxruntime-web';
import { Trainer, backbones, decodeImages } from 'trainground';
import { architectureOf } from '../../wasm/architecture.js';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { noTorch, python } from './python.js';

const data = new URL('../../wasm/data/', import.meta.url);
const photos = fileURLToPath(new URL('../photos/trashnet/', import.meta.url));
const classNames = readdirSync(photos).sort();
const files = classNames.flatMap((name) =>
  readdirSync(join(photos, name))
    .sort()
    .map((file) => join(photos, name, file)),
);
const labels = files.map((file) => classNames.indexOf(file.split('/').at(-2)));
const size = 96;
const { inputs } = await decodeImages(files, { size });
const samples = { inputs, shape: [size, size, 3], labels, classNames };
const experiment = {
  layers: [
    { type: 'backbone', name: 'efficientnet-lite0' },
    { type: 'globalAveragePool2d' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: classNames.length },
  ],
  transfer: { weights: 'efficientnet-lite0', freeze: 'all' },
  optimizer: { type: 'adam', learningRate: 0.01 },
  batchSize: 2,
  epochs: 4,
};
const open = (changes, options) =>
  Trainer.open({ ...experiment, ...changes }, { threads: 1, sameThread: true, data: samples, ...options });

test('the file is the one that is described, of at most 4 MB', async () => {
  const backbone = (await backbones()).find(({ name }) => name === 'efficientnet-lite0');
  const bytes = readFileSync(new URL('efficientnet-lite0.safetensors', data));
  assert.equal(createHash('sha256').update(bytes).digest('hex'), backbone.sha256);
  assert.ok(bytes.length <= 4e6, `${bytes.length} bytes`);
  const trainer = await open();
  assert.equal(trainer.start.layers[0].parameters, backbone.parameters);
  await trainer.dispose();
});

test('the layers that are exported are those that the engine runs', async () => {
  const trainer = await open();
  const { tensors } = architectureOf(trainer.experiment, trainer.start.shape);
  const ours = (await trainer.tensors()).map(({ name, shape }) => [name, shape.join()]);
  assert.deepEqual([...tensors].map(([name, shape]) => [name, shape.join()]).sort(), ours.sort());
  assert.equal(trainer.start.transfer.taken.length, 245);
  assert.deepEqual(
    trainer.start.transfer.kept.map(({ name }) => name),
    ['layers.3.weight', 'layers.3.bias'],
  );
  assert.deepEqual(trainer.start.transfer.unused, []);
  await trainer.dispose();
  const other = await open(embedding);
  const names = (await other.tensors()).map(({ name, shape }) => [name, shape.join()]);
  const told = architectureOf(other.experiment, other.start.shape).tensors;
  assert.deepEqual([...told].map(([name, shape]) => [name, shape.join()]).sort(), names.sort());
  await other.dispose();
});

test('an embedding: the same bits with and without the cache, with one thread and with two', async () => {
  const sums = [];
  for (const options of [{}, { featureCacheBytes: 0 }, { threads: 2, sameThread: false }]) {
    const { trainer, sum } = await trained(embedding, options);
    sums.push(sum);
    await trainer.dispose();
  }
  assert.deepEqual(sums, [sums[0], sums[0], sums[0]]);
});

const embedding = {
  layers: [
    { type: 'backbone', name: 'efficientnet-lite0', output: 'embedding' },
    { type: 'dense', units: classNames.length },
  ],
  loss: { type: 'crossEntropy', labelSmoothing: 0.1 },
  optimizer: { type: 'momentum', learningRate: 0.5, nesterov: true },
  batchSize: 256,
};

/** Trained, with what it says of all samples. */
async function trained(changes, options) {
  const trainer = await open(changes, options);
  for await (const event of trainer.train()) assert.notEqual(event.reason, 'diverged');
  const { probabilities } = await trainer.predict(inputs);
  return { trainer, probabilities, sum: await trainer.weightsSha256() };
}

for (const freeze of ['all', 'most']) {
  test(`frozen ${freeze}: the same bits with and without the cache, with one thread and with two`, async () => {
    const transfer = { weights: 'efficientnet-lite0', freeze };
    const epochs = freeze === 'all' ? 4 : 2;
    const sums = [];
    for (const options of [
      {},
      { featureCacheBytes: 0 },
      { featureCacheBytes: 400_000, threads: 2, sameThread: false },
    ]) {
      const { trainer, sum } = await trained({ transfer, epochs }, options);
      assert.equal(trainer.start.features.samples > 0, options.featureCacheBytes !== 0);
      sums.push(sum);
      await trainer.dispose();
    }
    assert.deepEqual(sums, [sums[0], sums[0], sums[0]]);
  });
}

test('one photo alone is told what it is told among others', async () => {
  const { trainer, probabilities } = await trained();
  const picture = inputs.subarray(5 * size * size * 3, 6 * size * size * 3);
  assert.deepEqual(
    [...(await trainer.predict(picture)).probabilities],
    [...probabilities.slice(5 * classNames.length, 6 * classNames.length)],
  );
  await trainer.dispose();
});

for (const [what, changes] of [
  ['feature map', { transfer: { weights: 'efficientnet-lite0', freeze: 'most' }, epochs: 1 }],
  ['embedding', embedding],
])
  test(
    `the exported network says the same in ONNX Runtime and in PyTorch: ${what}`,
    { timeout: 300_000 },
    async (t) => {
      const { trainer, probabilities } = await trained(changes);
      onnx.env.wasm.numThreads = 1;
      const session = await onnx.InferenceSession.create(await trainer.export('onnx'));
      const pixels = Float32Array.from(inputs, (value) => value / 255);
      const input = new onnx.Tensor('float32', channelsFirst(pixels, samples.shape), [files.length, 3, size, size]);
      const { logits } = await session.run({ input });
      await session.release();
      near(softmax(logits.data, classNames.length), probabilities, 1e-5);

      const folder = temporaryFolder();
      writeFileSync(join(folder, 'network.py'), await trainer.export('pytorch'));
      writeFileSync(join(folder, 'w.safetensors'), await trainer.saveWeights());
      await trainer.dispose();
      if (noTorch) return t.diagnostic(noTorch);
      const asked = python(['network.py', '--weights', 'w.safetensors', '--predict', ...files], folder);
      assert.equal(asked.status, 0, asked.stderr);
      const told = asked.stdout
        .split(/^\S.*$/m)
        .slice(1)
        .map((block) => classNames.map((name) => Number(new RegExp(`([\\d.]+)  ${name}$`, 'm').exec(block)[1])));
      near(told.flat(), probabilities, 2e-5);
    },
  );

test('the command line trains on folders of photos with it, and says what is kept', async () => {
  const folder = temporaryFolder();
  const dataset = { type: 'images', path: photos, size };
  writeExperiment(folder, 'photos.json', { ...experiment, epochs: 2, dataset });
  const { code, out, err } = await trainground(['run', 'photos.json', '--feature-cache', '64'], { cwd: folder });
  assert.equal(code, 0, err);
  assert.match(out, /What is frozen is computed once: 1,280 numbers a sample, of the last 13,107 \(64 MB at most\)/);
  assert.match(out, /taken: layers\.0 \(245 tensors\)/);
});

test('what it cannot be given is one sentence', async () => {
  await assert.rejects(
    open({}, { data: { ...samples, inputs: inputs.slice(0, inputs.length / 3), shape: [size, size, 1] } }),
    {
      message: /^Expected layers\[0\] to be a picture in colour, got 96x96x1$/,
    },
  );
  await assert.rejects(open({ layers: [{ type: 'backbone', name: 'resnet' }, ...experiment.layers.slice(1)] }), {
    message: /^Expected layers\[0\]\.name to be one of efficientnet-lite0, got "resnet"$/,
  });
  await assert.rejects(open({}, { featureCacheBytes: 0.5 }), {
    message: /^Expected featureCacheBytes to be an integer from 0 to 2147483648, got 0.5$/,
  });
});

function softmax(logits, outputs) {
  return logits.map((_, i) => {
    const row = logits.slice(i - (i % outputs), i - (i % outputs) + outputs);
    const most = Math.max(...row);
    const sum = row.reduce((total, value) => total + Math.exp(value - most), 0);
    return Math.exp(logits[i] - most) / sum;
  });
}

function near(given, expected, most) {
  const worst = expected.reduce((far, value, i) => Math.max(far, Math.abs(value - given[i])), 0);
  assert.ok(worst <= most, `${worst} apart`);
}
