// Networks of Teachable Machine: what TensorFlow.js says of the same pixels, in the file formats that it writes; taken on to the command line, training,
// other classes, and ONNX.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import * as onnx from 'onnxruntime-web';
import sharp from 'sharp';
import { describeWeights, importLayersModel, openNetwork, Trainer } from 'trainground';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground } from './command.js';
import { modelFiles, pixelsFor, small, teachableModel } from './layers_models.js';
import { framesOf, projectOf } from './projects.js';

onnx.env.wasm.numThreads = 1;
onnx.env.logLevel = 'error';
const folder = temporaryFolder();
const model = teachableModel(small);
const pixels = pixelsFor(small, 4);

/** TensorFlow.js 4.22 (WebAssembly) on these files and pixels / 127.5 - 1: tests/slow/layers_model.js runs it. @type {Record<string, number[]>} */
const golden = {
  float32: [
    0.032919, 0.943578, 0.023502, 0.010507, 0.977085, 0.012408, 0.009871, 0.979138, 0.010992, 0.021451, 0.952727,
    0.025822,
  ],
  float16: [
    0.033056, 0.943269, 0.023675, 0.0106, 0.976896, 0.012504, 0.0099, 0.979075, 0.011025, 0.021502, 0.952595, 0.025904,
  ],
  uint16: [
    0.032925, 0.943569, 0.023506, 0.010506, 0.977088, 0.012406, 0.009872, 0.979134, 0.010993, 0.021453, 0.952722,
    0.025825,
  ],
  uint8: [
    0.028901, 0.949587, 0.021512, 0.010395, 0.977715, 0.01189, 0.010244, 0.978904, 0.010852, 0.020707, 0.955182,
    0.024111,
  ],
};
const apart = (one, two) => Math.max(...Array.from(one, (value, i) => Math.abs(value - two[i])));

for (const [packing, expected] of Object.entries(golden)) {
  test(`the same probabilities as TensorFlow.js, weights in ${packing}`, async () => {
    const { weights } = await importLayersModel(modelFiles(model, /** @type {any} */ (packing)));
    const network = await openNetwork(weights);
    const { probabilities } = await network.predict(pixels);
    await network.dispose();
    assert.deepEqual(network.classNames, ['cat', 'dog', 'bird']);
    assert.ok(apart(probabilities, expected) < 5e-6, String(apart(probabilities, expected)));
  });
}

test('a zip, and names with folders, are read too', async () => {
  const files = modelFiles(model);
  const { weights } = await importLayersModel(files);
  const inFolder = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`my_model/${name}`, bytes]));
  const stored = new Blob([zipSync(files, { level: 0 })]);
  for (const others of [inFolder, { 'converted.zip': zipSync(inFolder) }, { 'model.zip': stored }])
    assert.deepEqual((await importLayersModel(others)).weights, weights);
});

test('flatten: numbers in another order than PyTorch has them, through a batch normalization', async () => {
  const text = (value) => new TextEncoder().encode(JSON.stringify(value));
  const layer = (class_name, config) => ({ class_name, config });
  const layers = [
    layer('MaxPooling2D', {
      name: 'p',
      batch_input_shape: [null, 6, 6, 3],
      pool_size: [2, 2],
      strides: [2, 2],
      padding: 'valid',
      data_format: 'channels_last',
    }),
    layer('Flatten', { name: 'f' }),
    layer('BatchNormalization', { name: 'n', axis: 1, scale: false, epsilon: 0.01 }),
    layer('Dense', { name: 'd', units: 2, activation: 'softmax' }),
  ];
  const value = (i) => Math.sin(i) / 2;
  const weights = [
    ['n/beta', [27]],
    ['n/moving_mean', [27]],
    ['n/moving_variance', [27]],
    ['d/kernel', [27, 2]],
    ['d/bias', [2]],
  ].map(([name, shape], w) => ({
    name,
    shape,
    dtype: 'float32',
    values: Float32Array.from(
      { length: shape.reduce((a, b) => a * b) },
      (_, i) => value(i + 100 * w) + (name === 'n/moving_variance' ? 1 : 0),
    ),
  }));
  const files = {
    'model.json': text({
      modelTopology: { model_config: { class_name: 'Sequential', config: layers } },
      weightsManifest: [{ paths: ['a.bin', 'b.bin'], weights }],
    }),
    'metadata.json': text({ labels: ['x', 'y'] }),
  };
  const bytes = Buffer.concat(weights.map(({ values }) => new Uint8Array(values.buffer)));
  Object.assign(files, { 'a.bin': new Uint8Array(bytes.subarray(0, 50)), 'b.bin': new Uint8Array(bytes.subarray(50)) });
  const picture = pixelsFor({ side: 6 }, 1);
  const network = await openNetwork((await importLayersModel(files)).weights);
  const { probabilities } = await network.predict(picture);
  await network.dispose();
  // The plain way, in Keras's order.
  const flat = [];
  for (let y = 0; y < 3; y++)
    for (let x = 0; x < 3; x++)
      for (let c = 0; c < 3; c++)
        flat.push(Math.max(...[0, 1, 6, 7].map((p) => picture[(2 * y * 6 + 2 * x + p) * 3 + c])) / 127.5 - 1);
  const [beta, mean, variance, kernel, bias] = weights.map(({ values }) => values);
  const normal = flat.map((x, i) => (x - mean[i]) / Math.sqrt(variance[i] + 0.01) + beta[i]);
  const logits = [0, 1].map((k) => normal.reduce((sum, x, i) => sum + x * kernel[2 * i + k], bias[k]));
  const shares = logits.map((z) => Math.exp(z) / (Math.exp(logits[0]) + Math.exp(logits[1])));
  assert.ok(apart(probabilities, shares) < 1e-6, `${probabilities} ${shares}`);
});

test('import, predict, export, run on the command line', async () => {
  mkdirSync(join(folder, 'my_model'));
  for (const [name, bytes] of Object.entries(modelFiles(model))) writeFileSync(join(folder, 'my_model', name), bytes);
  const first = pixels.subarray(0, 1200);
  await sharp(first, { raw: { width: 20, height: 20, channels: 3 } })
    .png()
    .toFile(join(folder, 'one.png'));
  const cases = { 'cat-!-': [1, 12], 'dog-!-': [2, 9], 'bird-!-': [5, 14] };
  const named = await Promise.all(
    Object.entries(cases).map(async ([name, [seed, frames]]) =>
      (await framesOf({ seed, frames })).map((frame, i) => [`${name}${i}.jpg`, frame]),
    ),
  );
  writeFileSync(join(folder, 'project.tm'), projectOf(Object.fromEntries(named.flat())));
  const run = (...words) => trainground([...words, '--log', 'ndjson'], { cwd: folder });

  const imported = await run('import', 'my_model/model.json', '--out', 'e.json', '--save', 'w.safetensors');
  assert.equal(imported.code, 0, imported.err);
  assert.deepEqual(imported.lines[0].classNames, ['cat', 'dog', 'bird']);
  const predicted = await run('predict', 'e.json', '--weights', 'w.safetensors', 'one.png');
  assert.equal(predicted.code, 0, predicted.err);
  assert.ok(apart(Object.values(predicted.lines[0].probabilities), golden.float32.slice(0, 3)) < 5e-6);
  for (const to of ['onnx', 'pytorch', 'keras']) {
    const { code, err } = await run(
      'export',
      'e.json',
      '--weights',
      'w.safetensors',
      '--to',
      to,
      '--out',
      `network.${to}`,
    );
    assert.equal(code, 0, err);
  }
  const session = await onnx.InferenceSession.create(readFileSync(join(folder, 'network.onnx')));
  const input = new onnx.Tensor(
    'float32',
    channelsFirst(
      Float32Array.from(first, (x) => x / 255),
      [20, 20, 3],
    ),
    [1, 3, 20, 20],
  );
  const { logits } = await session.run({ [session.inputNames[0]]: input });
  const powers = Array.from(/** @type {Float32Array} */ (logits.data), Math.exp);
  const shares = powers.map((power) => power / powers.reduce((sum, each) => sum + each));
  assert.ok(apart(shares, golden.float32.slice(0, 3)) < 5e-6, String(shares));

  // The folder and a zip are the same; the project that it is to learn from is named as it is imported.
  writeFileSync(join(folder, 'model.zip'), zipSync(modelFiles(model)));
  for (const place of ['my_model', 'model.zip']) {
    const again = await run(
      'import',
      place,
      '--out',
      'sub.json',
      '--save',
      'again.safetensors',
      '--pictures',
      'project.tm',
    );
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(readFileSync(join(folder, 'again.safetensors')), readFileSync(join(folder, 'w.safetensors')));
  }
  const { code, err, lines } = await run(
    'run',
    'sub.json',
    '--weights',
    'w.safetensors',
    '--set',
    'epochs=3',
    '--save',
    'on.safetensors',
  );
  assert.equal(code, 0, err);
  assert.deepEqual(lines[0].classNames, ['cat', 'dog', 'bird']);
  assert.ok(lines[3].loss < lines[1].loss, 'it learns on');

  const missing = await run('import', 'my_model/weights.bin', '--out', 'e.json', '--save', 'w.safetensors');
  assert.deepEqual([missing.code, missing.lines.length], [2, 0]);
  const bare = await trainground(['import', 'my_model'], { cwd: folder });
  assert.equal(
    bare.err,
    'Expected --out to be a file to write, got nothing\nExpected --save to be a file to write, got nothing\n',
  );
});

test('it is trained on: the head learns, what stands before the average stays, other classes begin with it', async () => {
  const { experiment, weights } = await importLayersModel(modelFiles(model));
  const frames = (count) => pixelsFor(small, count);
  const labels = Int32Array.from({ length: 24 }, (_, i) => i % 3);
  const data = {
    inputs: frames(24),
    shape: /** @type {[number, number, number]} */ ([20, 20, 3]),
    labels,
    classNames: ['bird', 'cat', 'dog'],
  };
  const trainer = await Trainer.open({ ...experiment, epochs: 2 }, { data, weights });
  const before = await trainer.tensors();
  const { probabilities } = await trainer.predict(pixels);
  // The set has its classes in another order: the outputs follow their names.
  const [cat, dog, bird] = golden.float32;
  assert.ok(apart(probabilities.slice(0, 3), [bird, cat, dog]) < 5e-6);
  for await (const event of trainer.train()) assert.ok(event);
  const after = await trainer.tensors();
  const changed = after.filter(({ sha256 }, i) => sha256 !== before[i].sha256).map(({ name }) => name);
  const dense = experiment.layers.flatMap(({ type }, i) => (type === 'dense' ? [i] : []));
  assert.deepEqual(changed, [`layers.${dense[0]}.weight`, `layers.${dense[0]}.bias`, `layers.${dense[1]}.weight`]);
  await trainer.dispose();

  const other = { ...data, labels: labels.map((label) => label % 2), classNames: ['left', 'right'] };
  const layers = [...experiment.layers.slice(0, -1), { ...experiment.layers[experiment.layers.length - 1], units: 2 }];
  const transfer = /** @type {const} */ ({ weights: 'cats and dogs', freeze: 'none' });
  const begun = await Trainer.open({ ...experiment, layers, transfer }, { data: other, transferWeights: weights });
  assert.deepEqual(
    begun.start.transfer?.kept.map(({ name }) => name),
    [`layers.${dense[1]}.weight`],
  );
  await begun.dispose();
  assert.equal(describeWeights(weights)?.preparation.kind, 'picture');
});
