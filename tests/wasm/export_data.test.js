// The ways out take what the data set gives: real experiments, with a set by its name, by a description, and one that is normalized,
// go through the module and the command line, and ONNX Runtime is as often right on the held-out samples as the engine is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { Trainer, datasets, exportNetwork } from 'trainground';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
onnx.env.wasm.numThreads = 1;

const head = (units) => [
  { type: 'flatten' },
  { type: 'dense', units: 8, activation: 'tanh' },
  { type: 'dense', units },
];

/** Each output of an ONNX file for these inputs (N,H,W,C), in 0..1 where they are pixels. */
async function run(file, inputs, shape) {
  const session = await onnx.InferenceSession.create(file);
  const [height, width, channels] = shape;
  const sides = [inputs.length / (height * width * channels), channels, height, width];
  const { logits } = await session.run({ input: new onnx.Tensor('float32', channelsFirst(inputs, shape), sides) });
  await session.release();
  return logits.data;
}

/** The share of rows whose largest number is at the label. */
function accuracyOf(rows, labels) {
  const outputs = rows.length / labels.length;
  const best = Array.from(labels, (_, i) => {
    const row = Array.from(rows.slice(i * outputs, (i + 1) * outputs));
    return row.indexOf(Math.max(...row));
  });
  return best.filter((found, i) => found === labels[i]).length / labels.length;
}

/** Trains, and gives the held-out samples, the engine's accuracy on them, and the weights. */
async function trained(experiment) {
  const trainer = await Trainer.open(experiment, { sameThread: true, threads: 1, base: folder });
  for await (const event of trainer.train()) assert.ok(event);
  const { validation } = await trainer.split();
  const { inputs, labels } = await trainer.samples(validation);
  return { trainer, inputs, labels, ...(await trainer.evaluate()) };
}

const builtIn = await datasets();
const described = [
  ['digits by a description', { type: 'builtIn', name: 'digits' }, 10],
  ['digits, normalized', { type: 'builtIn', name: 'digits', normalize: true }, 10],
  ['iris, normalized', { type: 'builtIn', name: 'iris', normalize: true }, 3],
  ['points', { type: 'points', shape: 'moons', samples: 80 }, 2],
];
const rows = [...builtIn.map(({ name, classes }) => [name, name, classes.length]), ...described];

for (const [name, dataset, outputs] of rows) {
  test(`an exported network is as often right as ours: ${name}`, async () => {
    const experiment = { dataset, validationSplit: 0.5, samplesPerClass: 12, layers: head(outputs), epochs: 2 };
    const { trainer, inputs, labels, accuracy } = await trained(experiment);
    const { shape, classNames } = trainer.start;
    const file = await trainer.export('onnx');
    assert.equal(accuracyOf(await run(file, inputs, shape), labels), accuracy);
    // Normalized networks bring their own Sub and Div, others none.
    const normalized = dataset.normalize === true;
    assert.equal(Buffer.from(file).includes('Div'), normalized);
    const scripts = [await trainer.export('pytorch'), await trainer.export('keras')].map((text) => Buffer.from(text));
    assert.equal(scripts[0].includes('x = (x - torch.tensor('), normalized);
    assert.equal(scripts[1].includes('layers.Normalization('), normalized);
    if (!normalized) {
      const weights = await trainer.saveWeights();
      const again = await exportNetwork({ experiment: trainer.experiment, shape, weights, to: 'onnx', classNames });
      assert.deepEqual(again, file);
    }
    await trainer.dispose();
  });
}

test('README’s digits, from the command line to ONNX Runtime, are as often right', async () => {
  const file = new URL('../../web/experiments/digits.json', import.meta.url);
  const experiment = { ...JSON.parse(readFileSync(file, 'utf8')), epochs: 4 };
  const name = writeExperiment(folder, 'digits.json', experiment);
  const weights = ['--weights', 'digits.safetensors'];
  const words = [
    ['run', name, '--save', weights[1]],
    ['export', name, ...weights, '--to', 'onnx', '--out', 'd.onnx'],
  ];
  for (const each of words) assert.equal((await trainground(each, { cwd: folder })).code, 0);
  const { trainer, inputs, labels, accuracy } = await trained(experiment);
  const logits = await run(new Uint8Array(readFileSync(join(folder, 'd.onnx'))), inputs, trainer.start.shape);
  assert.equal(accuracyOf(logits, labels), accuracy);
  assert.ok(accuracy > 0.9);
  await trainer.dispose();
});
