// One weights file through every door: the trainer, a network out of the weights alone, the command line, the PyTorch script, and ONNX Runtime
// with what the ONNX file says of itself. Real photos in every form give the same class with the same probability. Keras: tests/slow/photos.js.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { openNetwork, prepareImages } from 'trainground';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground } from './command.js';
import { readOnnx } from './onnx_file.js';
import { answersIn, answersOf, expectSame, photoNetworks } from './photo_networks.js';
import { noPillow, noTorch, python } from './python.js';

const folder = temporaryFolder();
onnx.env.wasm.numThreads = 1;
onnx.env.logLevel = 'error';
const { photos, networks } = await photoNetworks(folder);

/** What `output.activation` of the ONNX file's metadata says, done. */
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const activations = {
  softmax: (z) => z.map((one) => 1 / z.reduce((sum, other) => sum + Math.exp(other - one), 0)),
  'sigmoid: the probability of the second class': ([z]) => [sigmoid(-z), sigmoid(z)],
  'sigmoid, each output by itself': (z) => z.map(sigmoid),
  none: (z) => z,
};

/** Door: what it says of each photo, by class. */
const doors = {
  async 'a network out of its weights'({ stem }) {
    const weights = new Uint8Array(readFileSync(`${stem}.safetensors`));
    const network = await openNetwork(weights, { threads: 1, sameThread: true });
    const answers = answersOf(await network.predictImages(photos), network.classNames);
    await network.dispose();
    return answers;
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
    const { inputs, shape } = await prepareImages(photos, preparation);
    const session = await onnx.InferenceSession.create(`${stem}.onnx`);
    const [height, width, channels] = shape;
    const sizes = [photos.length, channels, height, width];
    const input = new onnx.Tensor('float32', channelsFirst(inputs, shape), sizes);
    const { data, dims } = (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]];
    return photos.map((_, i) => {
      const z = [...data.slice(i * dims[1], (i + 1) * dims[1])];
      const answer = activations[metadata['output.activation']](z);
      return Object.fromEntries(JSON.parse(metadata.classNames).map((name, k) => [name, answer[k]]));
    });
  },

  async 'the PyTorch script'({ stem }) {
    const words = [`${stem}.pytorch.py`, '--weights', `${stem}.safetensors`, '--predict', ...photos];
    const { status, stdout, stderr } = python(words, folder);
    assert.equal(status, 0, stderr);
    return answersIn(stdout);
  },
};
const needs = { 'the PyTorch script': noTorch || noPillow };

test('the networks tell the photos apart', () => {
  for (const { name, answers } of networks) {
    const first = answers.map((answer) => Object.values(answer)[0]);
    assert.ok(Math.max(...first) - Math.min(...first) > 0.05, `${name}: ${first}`);
  }
});

for (const [door, ask] of Object.entries(doors)) {
  test(`${door} says what the trainer says, of every photo in every form`, { skip: needs[door] }, async (context) => {
    for (const network of networks) context.diagnostic(expectSame(await ask(network), network, photos));
  });
}

test('the script makes the bytes of a photo that we make', { skip: noTorch || noPillow }, async () => {
  const program = `
import importlib.util, sys
for number in range(${networks.length}):
    spec = importlib.util.spec_from_file_location('script', f'{number}.pytorch.py')
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    with open(f'{number}.bytes', 'wb') as file:
        for path in sys.argv[1:]:
            file.write(script.prepared(path).tobytes())
`;
  const { status, stderr } = python(['-c', program, ...photos], folder);
  assert.equal(status, 0, stderr);
  for (const { name, number, preparation } of networks) {
    const { inputs } = await prepareImages(photos, preparation);
    const theirs = readFileSync(join(folder, `${number}.bytes`));
    assert.equal(theirs.length, inputs.length);
    const each = inputs.length / photos.length;
    const same = (i) => theirs.subarray(i * each, (i + 1) * each).equals(inputs.subarray(i * each, (i + 1) * each));
    const others = photos.filter((_, i) => !same(i)).map((path) => basename(path));
    assert.deepEqual(others, [], name);
  }
});
