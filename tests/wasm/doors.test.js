// One weights file through every door: the trainer, a network out of the weights alone, the command line, the PyTorch script, and ONNX Runtime
// with what the ONNX file says of itself. Real photos in every form give the same class with the same probability.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { Trainer, openNetwork, prepareImages } from 'trainground';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { readOnnx } from './onnx_file.js';
import { photoFolder, writePhotos } from './photos.js';
import { noPillow, noTorch, python } from './python.js';

const kTolerance = 1e-5;
const folder = temporaryFolder();
onnx.env.wasm.numThreads = 1;
const photos = await writePhotos(join(folder, 'photos'));
for (const name of ['glass', 'paper']) cpSync(join(photoFolder, name), join(folder, 'two', name), { recursive: true });

const conv = { type: 'conv2d', filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' };
const layers = (units) => [conv, { type: 'flatten' }, { type: 'dense', units }];
const images = (more) => ({ type: 'images', path: photoFolder, ...more });
const optimizer = { type: 'adam', learningRate: 0.01 };

/** Each fit, grey and RGB, normalized or not, inverted, and each way from outputs to an answer. */
const experiments = {
  'cropped, RGB, normalized, softmax': {
    ...{ dataset: images({ size: 24, fit: 'crop', normalize: true }), layers: layers(3), epochs: 4 },
  },
  'padded, grey, one output for two classes': {
    ...{ dataset: images({ path: join(folder, 'two'), size: 31, fit: 'pad', channels: 1 }), layers: layers(1) },
    ...{ loss: 'binaryCrossEntropy', epochs: 12 },
  },
  'stretched, RGB, sigmoid': {
    ...{ dataset: images({ size: 17, fit: 'stretch' }), layers: layers(3), loss: 'binaryCrossEntropy', epochs: 12 },
  },
  'stretched, grey, numbers': {
    dataset: images({ size: 40, fit: 'stretch', channels: 1, normalize: true }),
    ...{ layers: layers(3), loss: 'meanSquaredError', epochs: 3 },
  },
  'inverted where on paper': { dataset: 'digits', layers: layers(10), epochs: 1, batchSize: 100 },
};

/**
 * Trains, and leaves N.json, N.safetensors, N.onnx and N.py.
 * @param {string} name
 * @param {number} number
 */
async function trained(name, number) {
  const experiment = { seed: 1, optimizer, validationSplit: 0, ...experiments[name] };
  const trainer = await Trainer.open(experiment, { threads: 1, sameThread: true });
  for await (const event of trainer.train()) assert.ok(event);
  const stem = join(folder, String(number));
  writeExperiment(folder, `${number}.json`, experiment);
  writeFileSync(`${stem}.safetensors`, await trainer.saveWeights());
  writeFileSync(`${stem}.onnx`, await trainer.export('onnx'));
  writeFileSync(`${stem}.py`, await trainer.export('pytorch'));
  return { trainer, stem, classNames: trainer.start.classNames };
}

/** @param {{ probabilities: Float32Array, outputs: number }} answers */
const rows = ({ probabilities, outputs }) =>
  Array.from({ length: probabilities.length / outputs }, (_, i) => [
    ...probabilities.subarray(i * outputs, (i + 1) * outputs),
  ]);

const bytesOf = (file) => new Uint8Array(readFileSync(file));

/** Door: what it says of each photo, by class. */
const doors = {
  async 'a network out of its weights'({ stem }) {
    const network = await openNetwork(bytesOf(`${stem}.safetensors`), { threads: 1, sameThread: true });
    const answers = rows(await network.predictImages(photos));
    const { classNames } = network;
    await network.dispose();
    return answers.map((row) => Object.fromEntries(classNames.map((name, k) => [name, row[k]])));
  },

  async 'the command line'({ stem }) {
    const words = ['predict', `${stem}.json`, '--weights', `${stem}.safetensors`, '--log', 'ndjson', ...photos];
    const { lines, err } = await trainground(words, { cwd: folder });
    assert.equal(err, '');
    return lines.map(({ probabilities }) => probabilities);
  },

  async 'ONNX Runtime'({ stem }) {
    const { metadata } = readOnnx(readFileSync(`${stem}.onnx`));
    const preparation = JSON.parse(metadata.preparation);
    const [size, names] = [[...preparation.size, preparation.channels], JSON.parse(metadata.classNames)];
    const { inputs } = await prepareImages(photos, preparation);
    const values = channelsFirst(inputs, size);
    const session = await onnx.InferenceSession.create(`${stem}.onnx`);
    const input = new onnx.Tensor('float32', values, [photos.length, size[2], size[0], size[1]]);
    const { data, dims } = (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]];
    return photos.map((_, i) => {
      const z = [...data.slice(i * dims[1], (i + 1) * dims[1])];
      const answer = activations[metadata['output.activation']](z);
      return Object.fromEntries(names.map((name, k) => [name, answer[k]]));
    });
  },

  async 'the PyTorch script'({ stem }) {
    const words = [`${stem}.py`, '--weights', `${stem}.safetensors`, '--predict', ...photos];
    const { status, stdout, stderr } = python(words, folder);
    assert.equal(status, 0, stderr);
    /** @type {any[]} */
    const answers = [];
    for (const line of stdout.trim().split('\n')) {
      const [, probability, name] = /^ {2}(\S+) {2}(.*)$/.exec(line) ?? [];
      if (name === undefined) answers.push({});
      else answers.at(-1)[name] = Number(probability);
    }
    return answers;
  },
};
const needs = { 'the PyTorch script': noTorch || noPillow };

/** What `output.activation` of the ONNX file's metadata says, done. */
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const activations = {
  softmax: (z) => z.map((one) => 1 / z.reduce((sum, other) => sum + Math.exp(other - one), 0)),
  'sigmoid: the probability of the second class': ([z]) => [sigmoid(-z), sigmoid(z)],
  'sigmoid, each output by itself': (z) => z.map(sigmoid),
  none: (z) => z,
};

const classOf = (answer) => Object.keys(answer).reduce((best, name) => (answer[name] > answer[best] ? name : best));
const networks = await Promise.all(Object.keys(experiments).map(trained));
const expected = await Promise.all(
  networks.map(async ({ trainer, classNames }) => {
    const answers = rows(await trainer.predictImages(photos));
    await trainer.dispose();
    assert.equal(answers.length, photos.length);
    return answers.map((row) => Object.fromEntries(classNames.map((name, k) => [name, row[k]])));
  }),
);

test('the networks tell the photos apart', () => {
  for (const answers of expected) {
    const first = answers.map((answer) => Object.values(answer)[0]);
    assert.ok(Math.max(...first) - Math.min(...first) > 0.05, String(first));
  }
});

for (const [door, ask] of Object.entries(doors)) {
  test(`${door} says what the trainer says, of every photo in every form`, { skip: needs[door] }, async (context) => {
    for (const [number, name] of Object.keys(experiments).entries()) {
      const answers = await ask(networks[number]);
      assert.equal(answers.length, photos.length);
      let largest = 0;
      for (const [i, answer] of answers.entries()) {
        const what = `${name}, ${basename(photos[i])}`;
        assert.deepEqual(Object.keys(answer).sort(), Object.keys(expected[number][i]).sort(), what);
        const gaps = Object.entries(answer).map(([key, value]) => Math.abs(value - expected[number][i][key]));
        assert.ok(Math.max(...gaps) <= kTolerance, `${what}: ${JSON.stringify([answer, expected[number][i]])}`);
        assert.equal(classOf(answer), classOf(expected[number][i]), what);
        largest = Math.max(largest, ...gaps);
      }
      context.diagnostic(`${name}: ${largest.toExponential(1)}`);
    }
  });
}

test('the script makes the bytes of a photo that we make', { skip: noTorch || noPillow }, async (context) => {
  const program = `
import importlib, sys
for number in sys.argv[2].split(','):
    script = importlib.import_module(number)
    with open(f'{number}.bytes', 'wb') as file:
        for path in sys.argv[3:]:
            file.write(script.prepared(path).tobytes())
`;
  writeFileSync(join(folder, 'bytes.py'), program);
  const numbers = networks.map((_, number) => number);
  const { status, stderr } = python(['bytes.py', '', String(numbers), ...photos], folder);
  assert.equal(status, 0, stderr);
  for (const [number, { trainer }] of networks.entries()) {
    const { inputs } = await prepareImages(photos, trainer.start.preparation);
    const theirs = readFileSync(join(folder, `${number}.bytes`));
    assert.equal(theirs.length, inputs.length);
    const each = inputs.length / photos.length;
    const wrong = photos.filter((_, i) => {
      const [from, to] = [i * each, (i + 1) * each];
      return Buffer.compare(theirs.subarray(from, to), inputs.subarray(from, to)) !== 0;
    });
    context.diagnostic(`${number}: ${wrong.map((path) => basename(path)).join(', ') || 'all the same'}`);
    assert.deepEqual(wrong, []);
  }
});
