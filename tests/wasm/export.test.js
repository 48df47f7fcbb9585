// Ways out of a trained network: the ONNX file gives the engine's logits in ONNX Runtime, the PyTorch script gives them too, goes on
// training with the same losses, the Keras script is Python. Keras itself runs in tests/slow/readers.js.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { InputError, Trainer, exportNetwork } from 'trainground';
import { channelsFirst } from './channels_first.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { noPython, noTorch, python } from './python.js';

const kSamples = 14; // of each network's pictures: the last batch of 5 is smaller
const kEpochs = 2; // that PyTorch and we train on
const kTolerance = 1e-5; // of logits, relative to the largest where that is above 1
const folder = temporaryFolder();
onnx.env.wasm.numThreads = 1;

const conv = (filters, kernelSize, more) => ({ type: 'conv2d', filters, kernelSize, ...more });
const dense = (units, activation) => ({ type: 'dense', units, ...(activation && { activation }) });
const act = (name, more) => ({ type: 'activation', function: name, ...more });
const pool = (type, poolSize, strides, padding = 'same') => ({ type, poolSize, strides, padding });
const [norm, flat, same] = [{ type: 'batchNormalization' }, { type: 'flatten' }, { padding: 'same' }];

/** Name: [shape, layers, the rest of the experiment]. Beside these, all networks of tests/reference. */
const kNetworks = {
  everything: [
    [11, 9, 3],
    [
      ...[conv(5, 3, { ...same, strides: 2, activation: 'gelu' }), norm, act('leakyRelu', { negativeSlope: 0.2 })],
      ...[{ type: 'depthwiseConv2d', kernelSize: 2, ...same, activation: 'elu' }, pool('maxPool2d', 2, 1)],
      ...[pool('averagePool2d', 3, 1), pool('averagePool2d', 2, 1), act('linear')],
      { type: 'residual', layers: [conv(5, 3, same), norm, act('silu'), { type: 'dropout', rate: 0.3 }] },
      {
        type: 'residual',
        layers: [
          conv(6, 4, { ...same, strides: 2, activation: 'relu6' }),
          { type: 'residual', layers: [conv(6, 2, { ...same, useBias: false, activation: 'leakyRelu' })] },
        ],
      },
      ...[pool('maxPool2d', 3, 2), flat, norm, { type: 'dropout', rate: 0.2 }, dense(8, 'sigmoid'), dense(7, 'tanh')],
      dense(3),
    ],
    {},
  ],
  'every padding': [
    [12, 13, 2],
    [
      ...[conv(4, 3, { strides: 2, padding: 1 }), conv(5, 2, { padding: [0, 1, 2, 1], activation: 'silu' })],
      ...[pool('maxPool2d', 4, 3, [1, 2, 0, 2]), { type: 'depthwiseConv2d', kernelSize: 3, padding: [3, 2, 4, 4] }],
      ...[pool('averagePool2d', 3, 2, 1), pool('maxPool2d', 3, 1, 1), pool('averagePool2d', 3, 1, [2, 0, 1, 1])],
      ...[pool('averagePool2d', 2, 2), conv(3, 5, { ...same, strides: 3 }), flat, dense(3)],
    ],
    {},
  ],
  'blocks that flatten': [
    [3, 3, 2],
    [
      { type: 'residual', layers: [conv(2, 3, same), flat, dense(18, 'relu'), norm] },
      { type: 'residual', layers: [dense(18, 'tanh')] },
      dense(3),
    ],
    {},
  ],
  'a flattened picture added': [[3, 2, 2], [{ type: 'residual', layers: [conv(3, 2), flat] }, dense(3)], {}],
  'a picture at the end': [[3, 2, 1], [conv(2, 2), flat], { loss: 'meanSquaredError' }],
  'pictures of one pixel': [
    [1, 1, 5],
    [dense(4, 'silu'), norm, conv(3, 1), { type: 'globalAveragePool2d' }, conv(3, 1)],
    {},
  ],
  normalized: [
    [5, 4, 3],
    [conv(4, 3, { ...same, activation: 'relu' }), flat, dense(3)],
    { dataset: { type: 'csv', path: 'none', label: 'none', normalize: true }, validationSplit: 0.25 },
  ],
};

/** Numbers from 0 to 1 that look random and are the same in every run. */
const number = (i) => Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;

/** Name: { experiment, shape, inputs, weights, logits, trainer.export's files }. */
const cases = new Map();

const reference = new URL('../reference/networks/', import.meta.url);
for (const name of readdirSync(reference).filter((file) => file.endsWith('.json'))) {
  const { experiment, shape, outputs } = JSON.parse(readFileSync(new URL(name, reference), 'utf8'));
  const weights = new Uint8Array(readFileSync(new URL(name.replace('.json', '.safetensors'), reference)));
  cases.set(name.replace('.json', ''), { experiment, shape, outputs, weights });
}
for (const [name, [shape, layers, rest]] of Object.entries(kNetworks)) {
  const outputs = rest.loss === 'meanSquaredError' ? 4 : 3;
  cases.set(name, { experiment: { validationSplit: 0, layers, batchSize: 8, epochs: 2, ...rest }, shape, outputs });
}

before(async () => {
  for (const one of cases.values()) {
    const { shape, outputs, weights, experiment } = one;
    const values = shape[0] * shape[1] * shape[2];
    const inputs = Uint8Array.from({ length: kSamples * values }, (_, i) => 256 * number(i));
    const classes =
      experiment.loss !== 'meanSquaredError' && !(outputs === 4 && one.experiment.loss === 'binaryCrossEntropy');
    const targets = classes
      ? { labels: Array.from({ length: kSamples }, (_, i) => i % Math.max(2, outputs)) }
      : { targets: Float32Array.from({ length: kSamples * outputs }, (_, i) => number(i + 5)) };
    const trainer = await Trainer.open(experiment, {
      data: { inputs, shape, ...targets },
      weights,
      sameThread: true,
      threads: 1,
    });
    if (!weights) for await (const event of trainer.train()) assert.ok(event);
    one.weights = await trainer.saveWeights();
    one.inputs = inputs;
    one.logits = (await trainer.activations(inputs)).at(-1).values;
    one.onnx = await trainer.export('onnx');
    one.pytorch = await trainer.export('pytorch');
    one.keras = await trainer.export('keras');
    if (weights) one.targets = [...Object.values(targets)[0]];
    one.numbers = !classes;
    one.losses = [];
    if (weights) {
      for await (const event of trainer.train()) {
        if (event.event === 'epoch') one.losses.push(event.loss);
        if (one.losses.length === kEpochs) break;
      }
    }
    await trainer.dispose();
  }
});

/** The largest difference, relative where numbers are above 1. */
function difference(actual, expected) {
  assert.equal(actual.length, expected.length);
  assert.ok(actual.length > 0);
  const scale = Math.max(1, ...expected.map(Math.abs));
  return (
    Math.max(...Array.from(actual, (value, i) => (Number.isFinite(value) ? Math.abs(value - expected[i]) : Infinity))) /
    scale
  );
}

for (const name of cases.keys()) {
  test(`ONNX Runtime gives our logits: ${name}`, async (context) => {
    const { onnx: file, inputs, shape, outputs, logits } = cases.get(name);
    const session = await onnx.InferenceSession.create(file);
    assert.deepEqual([session.inputNames, session.outputNames], [['input'], ['logits']]);
    const sides = [kSamples, shape[2], shape[0], shape[1]];
    const run = await session.run({ input: new onnx.Tensor('float32', channelsFirst(inputs, shape), sides) });
    assert.deepEqual(run.logits.dims, [kSamples, outputs]);
    const gap = difference(run.logits.data, logits);
    context.diagnostic(`${gap.toExponential(1)}`);
    assert.ok(gap <= kTolerance, `${gap}`);
    // Any number of samples, and other samples give other logits.
    const values = inputs.length / kSamples;
    const last = channelsFirst(inputs.subarray(-values), shape);
    const single = await session.run({ input: new onnx.Tensor('float32', last, [1, ...sides.slice(1)]) });
    assert.ok(difference(single.logits.data, logits.subarray(-outputs)) <= kTolerance);
    assert.ok(difference(single.logits.data, logits.subarray(0, outputs)) > kTolerance);
    await session.release();
  });
}

test(
  'the PyTorch scripts give our logits, names strict, and go on training with our losses',
  { skip: noTorch },
  (context) => {
    const names = [...cases.keys()];
    for (const [i, name] of names.entries()) {
      const { pytorch, weights, inputs } = cases.get(name);
      writeFileSync(join(folder, `network${i}.py`), pytorch);
      writeFileSync(join(folder, `network${i}.safetensors`), weights);
      writeFileSync(join(folder, `network${i}.raw`), inputs);
    }
    const program = `
import importlib, json, torch
cases = json.load(open('cases.json'))
for i in range(${names.length}):
    network = importlib.import_module(f'network{i}')
    inputs = torch.frombuffer(bytearray(open(f'network{i}.raw', 'rb').read()), dtype=torch.uint8).reshape(-1, *cases[i]['shape'])
    with torch.no_grad():
        logits = network.load(f'network{i}.safetensors')(network.pixels(inputs))
    network.save(network.load(f'network{i}.safetensors'), 'again.safetensors')
    again = network.read_safetensors('again.safetensors')
    assert all(torch.equal(value, again[name]) for name, value in network.read_safetensors(f'network{i}.safetensors').items())
    module, losses = network.load(f'network{i}.safetensors'), []
    optimizer = network.optimizer_of(network.learned(module))
    x, targets = network.pixels(inputs), cases[i].get('targets')
    if targets:
        targets = torch.tensor(targets).reshape(-1, cases[i]['outputs']) if cases[i]['numbers'] else torch.tensor(targets)
        parts = network.batches(len(x), 5)
        losses = [network.run_epoch(module, x, targets, parts, optimizer)[0] for _ in range(${kEpochs})]
    print(json.dumps({'logits': logits.flatten().tolist(), 'losses': losses}))
`;
    const described = ({ targets, outputs, numbers, shape }) => ({ targets, outputs, numbers, shape });
    writeFileSync(join(folder, 'cases.json'), JSON.stringify([...cases.values()].map(described)));
    const { stdout, stderr, status } = python(['-c', program], folder);
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split('\n');
    for (const [i, name] of names.entries()) {
      const theirs = JSON.parse(lines[i]);
      const gap = difference(theirs.logits, cases.get(name).logits);
      assert.ok(gap <= kTolerance, `${name}: ${gap}`);
      context.diagnostic(`${name}: logits ${gap.toExponential(1)}`);
      if (!cases.get(name).targets) continue;
      // Every optimizer, loss and penalty is among the reference's networks.
      const lossGap = difference(theirs.losses, cases.get(name).losses);
      assert.ok(lossGap <= 1e-5, `${name}: losses ${theirs.losses}, ours ${cases.get(name).losses}`);
      context.diagnostic(`${name}: losses ${lossGap.toExponential(1)}`);
    }
  },
);

test('the Keras scripts are Python', { skip: noPython }, () => {
  const files = [...cases.values()].map(({ keras }, i) => {
    writeFileSync(join(folder, `keras${i}.py`), keras);
    return `keras${i}.py`;
  });
  const { status, stderr } = python(['-m', 'py_compile', ...files], folder);
  assert.equal(status, 0, stderr);
  // Keras refuses a learning rate that is a whole number.
  const rates = `
import ast, sys
for file in sys.argv[1:]:
    calls = (node for node in ast.walk(ast.parse(open(file).read())) if isinstance(node, ast.keyword) and node.arg == 'learning_rate')
    print(file, *(type(node.value.value).__name__ for node in calls))`;
  const { stdout } = python(['-c', rates, ...files], folder);
  assert.deepEqual(
    stdout.trim().split('\n'),
    files.map((file) => `${file} float`),
  );
  writeFileSync(
    join(folder, 'broken.py'),
    Buffer.from(cases.get('residual').keras).toString().replace('def build():', 'def build('),
  );
  assert.notEqual(python(['-m', 'py_compile', 'broken.py'], folder).status, 0);
});

test('what does not fit is named, all of it at once', async () => {
  const { experiment, shape, weights } = cases.get('conv-valid');
  const refuses = (changes, ...expected) =>
    assert.rejects(exportNetwork({ experiment, shape, weights, to: 'onnx', ...changes }), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.deepEqual(error.message.split('\n'), expected);
      return true;
    });
  await refuses({ to: 'tensorflow' }, 'Expected to to be one of onnx, pytorch, keras, got "tensorflow"');
  await refuses(
    { to: 'toString', shape: [7, 6] },
    'Expected to to be one of onnx, pytorch, keras, got "toString"',
    'Expected shape to be height, width and channels of a sample, got [7,6]',
  );
  await refuses({ weights: 'x' }, 'Expected weights to be a Uint8Array with a safetensors file, got "x"');
  const more = { ...experiment, layers: [...experiment.layers.slice(0, -1), dense(4)] };
  await refuses(
    { experiment: more },
    `Expected weights.layers.3.weight to be numbers of shape (4, 20), got F32 of shape (3, 20)`,
    `Expected weights.layers.3.bias to be numbers of shape (4), got F32 of shape (3)`,
  );
  await refuses(
    { experiment: { ...experiment, layers: [flat, dense(3)] } },
    `Expected weights.layers.1.weight to be numbers of shape (3, 42), got no such tensor`,
    `Expected weights.layers.1.bias to be numbers of shape (3), got no such tensor`,
  );
  await refuses(
    { experiment: { ...experiment, epochs: 0 } },
    'Expected epochs to be an integer from 1 to 100000, got 0',
  );
  await refuses({ shape: [2, 2, 1] }, 'Expected layers[0] to be given at least 3 x 3 pixels, got 2 x 2 x 1');
  await refuses(
    { experiment: { ...experiment, layers: [dense(3)] } },
    'Expected layers[0] to be behind flatten, got 7 x 6 x 1',
  );
  const normalize = { ...experiment, dataset: { type: 'csv', path: 'x', label: 'y', normalize: true } };
  await refuses(
    { experiment: normalize },
    'Expected normalization to be mean and deviation, 1 numbers each, since the experiment has normalize, got nothing',
  );
});

test('the command export writes the file, and refuses what it cannot', async () => {
  const experiment = {
    dataset: { type: 'points', shape: 'circles', samples: 40 },
    layers: [dense(4, 'relu'), dense(2)],
    epochs: 1,
  };
  const file = writeExperiment(folder, 'circles.json', experiment);
  const run = (words) => trainground(words, { cwd: folder });
  assert.equal((await run(['run', file, '--save', 'circles.safetensors'])).code, 0);
  const weights = ['--weights', 'circles.safetensors'];
  const { code, lines } = await run(['export', file, ...weights, '--to', 'onnx', '--out', 'c.onnx', '--log', 'ndjson']);
  const written = readFileSync(join(folder, 'c.onnx'));
  assert.equal(code, 0);
  assert.deepEqual(lines, [{ event: 'export', to: 'onnx', out: 'c.onnx', bytes: written.length }]);
  const session = await onnx.InferenceSession.create(new Uint8Array(written));
  assert.deepEqual(session.outputNames, ['logits']);
  await session.release();

  const bad = await run(['export', file, '--to', 'tf']);
  assert.equal(bad.code, 2);
  assert.match(
    bad.err,
    /--weights to be a safetensors file, got nothing\n.*--to to be one of onnx.*"tf"\n.*--out to be a file/,
  );
  const other = ['--set', 'layers[0].units=5', '--to', 'keras', '--out', 'c.py'];
  const foreign = await run(['export', file, ...weights, ...other]);
  assert.equal(foreign.code, 2);
  assert.match(foreign.err, /weights\.layers\.0\.weight to be numbers of shape \(5, 2\)/);
});
