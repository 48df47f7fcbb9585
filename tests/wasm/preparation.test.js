// How pictures become inputs, written once: in the start event, in the weights, read again by a network out of its weights alone; and classes
// that are matched by their names.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { InputError, Trainer, decodeImages, describeWeights, openNetwork, prepareImages } from 'trainground';
import { describedWeights } from '../../wasm/weights_file.js';
import { joinFile, splitFile } from '../../wasm/safetensors.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { sumOfWeights } from './weights_alone.js';

const folder = temporaryFolder();
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const colours = { ape: [200, 40, 40], bee: [40, 200, 40], cat: [40, 40, 200] };

/** Folders of pictures, one for each class, of a colour with noise. */
async function pictures(place, names) {
  for (const name of names) {
    mkdirSync(join(folder, place, name), { recursive: true });
    for (let n = 0; n < 8; n++) {
      const [width, height] = [40 + n, 30 + 2 * n];
      const pixels = Buffer.alloc(width * height * 3);
      for (let i = 0; i < pixels.length; i++) pixels[i] = colours[name][i % 3] + ((i * 31 + n * 17) % 40);
      const path = join(folder, place, name, `${n}.png`);
      writeFileSync(
        path,
        await sharp(pixels, { raw: { width, height, channels: 3 } })
          .png()
          .toBuffer(),
      );
    }
  }
}
await pictures('three', ['ape', 'bee', 'cat']);
const dataset = { type: 'images', path: join(folder, 'three'), size: 8, fit: 'pad', channels: 3, normalize: true };
const layers = [{ type: 'flatten' }, { type: 'dense', units: 3 }];
const experiment = { seed: 1, dataset, layers, epochs: 30, optimizer: { type: 'adam', learningRate: 0.01 } };
const last = async (trainer) => {
  let event;
  for await (event of trainer.train());
  return event;
};
const trainer = await Trainer.open(experiment, { threads: 1 });
const end = await last(trainer);
const weights = await trainer.saveWeights();
const files = ['ape', 'bee', 'cat'].map((name) => join(folder, 'three', name, '3.png'));
const answers = await trainer.predictImages(files);

test('the weights say what they are: version, experiment, preparation, classes, and their own sum', () => {
  const described = describeWeights(weights);
  assert.equal(described.version, version);
  assert.deepEqual(described.classNames, ['ape', 'bee', 'cat']);
  assert.deepEqual(described.experiment, trainer.experiment);
  assert.deepEqual(described.preparation, trainer.start.preparation);
  const { normalization, ...rest } = described.preparation;
  assert.deepEqual(rest, {
    kind: 'picture',
    size: [8, 8],
    fit: 'pad',
    filter: 'triangle',
    channels: 3,
    order: 'RGB',
    invert: false,
    scale: 1 / 255,
  });
  assert.equal(normalization.mean.length, 3);
  assert.equal(described.weightsSha256, end.weightsSha256);
  assert.equal(sumOfWeights(weights), end.weightsSha256);
  const { header } = splitFile(weights);
  assert.ok(
    Object.values(header.__metadata__).every((text) => typeof text === 'string'),
    'as safetensors wants it',
  );
});

test('a network out of its weights alone says of pictures what the trainer says, to the last digits', async () => {
  const network = await openNetwork(weights, { threads: 1 });
  assert.deepEqual(network.classNames, ['ape', 'bee', 'cat']);
  const { probabilities, outputs, accepted, rejected } = await network.predictImages([
    files[0],
    'nowhere.png',
    files[1],
  ]);
  assert.deepEqual([outputs, accepted, rejected.length], [3, [0, 2], 1]);
  const expected = [...answers.probabilities.subarray(0, 3), ...answers.probabilities.subarray(3, 6)];
  probabilities.forEach((p, i) => assert.ok(Math.abs(p - expected[i]) < 1e-6, `${p}, ${expected[i]}`));
  assert.deepEqual((await network.predictImages(['nowhere.png'])).accepted, []);
  await network.dispose();
  answers.probabilities.forEach((p, i) => assert.ok(i % 4 === 0 ? p > 0.9 : p < 0.1, String(p)));
});

test('the command line prepares pictures as the weights say', async () => {
  writeExperiment(folder, 'colours.json', experiment);
  writeFileSync(join(folder, 'colours.safetensors'), weights);
  const words = ['predict', 'colours.json', '--weights', 'colours.safetensors', '--log', 'ndjson', ...files];
  const { lines } = await trainground(words, { cwd: folder });
  lines.forEach(({ probabilities }, row) =>
    Object.values(probabilities).forEach((p, k) => assert.equal(Math.fround(p), answers.probabilities[3 * row + k])),
  );
});

test('classes are matched by name, in whatever order a set has them; other classes are refused with both lists', async () => {
  const names = ['cat', 'ape', 'bee'];
  const { inputs, shape, accepted } = await decodeImages(files, { size: 8, fit: 'pad' });
  assert.equal(accepted.length, 3);
  const twice = Uint8Array.from([...inputs, ...inputs]);
  const data = { inputs: twice, shape, labels: [1, 2, 0, 1, 2, 0], classNames: names };
  const plain = { layers, validationSplit: 0 };
  const other = await Trainer.open(plain, { data, weights, threads: 1 });
  const { normalization } = trainer.start.preparation;
  const { mean, deviation } = normalization;
  const floats = Float32Array.from(inputs, (byte, i) => (byte / 255 - mean[i % 3]) / deviation[i % 3]);
  const { probabilities } = await other.predict(floats);
  names.forEach((name, k) => {
    const old = ['ape', 'bee', 'cat'].indexOf(name);
    for (let row = 0; row < 3; row++) {
      const [now, then] = [probabilities[3 * row + k], answers.probabilities[3 * row + old]];
      assert.ok(Math.abs(now - then) < 1e-6, `${name} of picture ${row}: ${now}, ${then}`);
    }
  });
  assert.deepEqual(describeWeights(await other.saveWeights()).classNames, names);
  await other.dispose();

  const strangers = { ...data, classNames: ['dog', 'ape', 'bee'] };
  const message =
    /weights to be those of the classes \["dog","ape","bee"\], got weights of the classes \["ape","bee","cat"\]/;
  await assert.rejects(Trainer.open(plain, { data: strangers, weights, threads: 1 }), message);
});

test('of one output for two classes, the other order is the negative', async () => {
  const inputs = Float32Array.from({ length: 40 }, (_, i) => ((i % 2 ? 1 : -1) * (1 + (i % 7))) / 5);
  const data = {
    inputs,
    shape: [1, 1, 1],
    labels: Array.from(inputs, (x) => Number(x > 0)),
    classNames: ['low', 'high'],
  };
  const one = { layers: [{ type: 'dense', units: 1 }], loss: 'binaryCrossEntropy', epochs: 20 };
  const first = await Trainer.open(one, { data, threads: 1 });
  await last(first);
  const { probabilities } = await first.predict(Float32Array.of(1));
  const turned = { ...data, labels: data.labels.map((label) => 1 - label), classNames: ['high', 'low'] };
  const second = await Trainer.open(one, { data: turned, weights: await first.saveWeights(), threads: 1 });
  const again = await second.predict(Float32Array.of(1));
  assert.ok(probabilities[1] > 0.5);
  assert.ok(Math.abs(again.probabilities[0] - probabilities[1]) < 1e-6);
  await Promise.all([first.dispose(), second.dispose()]);
});

test('dark ink on paper becomes the bright ink that the digits are of; what lies on nothing stays', async () => {
  const digits = await Trainer.open({ dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });
  const { inputs } = await digits.samples([3]);
  const bytes = Uint8Array.from(inputs, (x) => Math.round(255 * x));
  const raw = { raw: { width: 8, height: 8, channels: 1 } };
  const dark = await sharp(Buffer.from(bytes), raw).png().toBuffer();
  const paper = await sharp(Buffer.from(bytes.map((x) => 255 - x)), raw)
    .png()
    .toBuffer();
  const { preparation } = digits.start;
  assert.equal(preparation.invert, 'auto');
  const read = await prepareImages(
    [dark, paper].map((one) => new Uint8Array(one)),
    preparation,
  );
  assert.deepEqual([...read.inputs.subarray(0, 64)], [...bytes]);
  assert.deepEqual([...read.inputs.subarray(64)], [...bytes]);
  const textures = await Trainer.open({
    dataset: 'textures',
    layers: [{ type: 'flatten' }, { type: 'dense', units: 3 }],
  });
  assert.equal(textures.start.preparation.invert, false, 'grey photos are what they are');
  await Promise.all([digits.dispose(), textures.dispose()]);
});

test('rows of numbers have no pictures, somebody else’s weights no description, and a broken one is named', async () => {
  const iris = await Trainer.open({ dataset: 'iris', layers: [{ type: 'dense', units: 3 }] });
  assert.deepEqual(iris.start.preparation, { kind: 'numbers', shape: [1, 1, 4], scale: 1, normalization: null });
  await assert.rejects(iris.predictImages(files), /pictures to be asked of a network that learned from pictures/);
  await iris.dispose();
  const { header, data } = splitFile(weights);
  const { __metadata__: texts, ...tensors } = header;
  const bare = joinFile(tensors, data);
  assert.equal(describeWeights(bare), undefined);
  await assert.rejects(openNetwork(bare), /a file that Trainground has written/);
  const broken = (key, text) =>
    joinFile({ __metadata__: { ...texts, [`trainground.${key}`]: text }, ...tensors }, data);
  const wrong = { classNames: '{}', preparation: '{"kind":"picture","size":[0,8]}', experiment: '[' };
  for (const [key, text] of Object.entries(wrong)) {
    assert.throws(
      () => describeWeights(broken(key, text)),
      (error) => error instanceof InputError && error.problems[0].path === `weights.__metadata__.trainground.${key}`,
    );
  }
  assert.deepEqual(describeWeights(describedWeights(bare, describeWeights(weights))), describeWeights(weights));
});

test('ten thousand broken descriptions: each is refused or read, and none harms', async () => {
  const { header, data } = splitFile(weights);
  const { __metadata__: texts, ...tensors } = header;
  let state = 1;
  const random = (n) => (state = (state * 48271) % 2147483647) % n;
  let refused = 0;
  for (let round = 0; round < 10_000; round++) {
    const keys = Object.keys(texts);
    const key = keys[random(keys.length)];
    const letters = [...texts[key]];
    for (let n = 0; n <= random(4); n++) letters[random(letters.length)] = '[]{}",:0-ae\\ \u0000'[random(16)];
    try {
      const described = describeWeights(
        joinFile({ __metadata__: { ...texts, [key]: letters.join('') }, ...tensors }, data),
      );
      if (described) assert.ok(Array.isArray(described.classNames) && described.preparation.kind);
    } catch (error) {
      assert.ok(error instanceof InputError, error.stack);
      refused++;
    }
  }
  assert.ok(refused > 1000, `${refused} refused`);
  await trainer.dispose();
});
