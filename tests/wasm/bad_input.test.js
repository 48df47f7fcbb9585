// Bad input, each kind once through the command line and once through the module: one clear sentence, exit 2, no file left behind.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { InputError, Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
const put = (name, bytes) => writeFileSync(join(folder, name), bytes);

/** An idx file: magic, sizes, numbers. */
function idx(magic, sizes, values) {
  const file = Buffer.alloc(4 + 4 * sizes.length + values.length);
  [magic, ...sizes].forEach((number, i) => file.writeUInt32BE(number, 4 * i));
  file.set(values, 4 + 4 * sizes.length);
  return file;
}

/** A safetensors file of a header and data. */
function safetensors(header, data) {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}
const floats = (...values) => Buffer.from(new Float32Array(values).buffer);
const tensor = (dtype, shape, from, to) => ({ dtype, shape, data_offsets: [from, to] });

const pixels = Array.from({ length: 4 * 9 }, (_, i) => i);
put('images', idx(2051, [4, 3, 3], pixels));
put('labels', idx(2049, [4], [0, 1, 0, 1]));
put('images.gz', gzipSync(idx(2051, [4, 3, 3], pixels)));
put('cut.gz', gzipSync(Buffer.alloc(5000, 'abcdefg')).subarray(0, 40));
put('magic', idx(1234, [4, 3, 3], pixels));
put('short', idx(2051, [4, 3, 3], pixels.slice(0, 20)));
put('three', idx(2049, [3], [0, 1, 0]));
put('good.csv', 'x,y,kind\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n');
put('ragged.csv', 'x,y,kind\n1,2,a\n3,b\n5,6,a\n');
put('words.csv', 'x,y,kind\n1,2,a\n3,four,b\n5,6,a\n');
const inputs = tensor('F32', [4, 2], 0, 32);
const numbers = floats(1, 2, 3, 4, 5, 6, 7, 8);
const kinds = Buffer.from(new Int32Array([0, 1, 0, 1]).buffer);
put('good.safetensors', safetensors({ x: inputs, y: tensor('I32', [4], 32, 48) }, Buffer.concat([numbers, kinds])));
put('overlap.safetensors', safetensors({ x: inputs, y: tensor('I32', [4], 16, 32) }, numbers));
put('beyond.safetensors', safetensors({ x: inputs, y: tensor('I32', [4], 32, 48) }, numbers));
const giant = Buffer.alloc(64, 32);
giant.writeBigUInt64LE(1_000_000_000n);
put('giant.safetensors', giant);
put(
  'nan.safetensors',
  safetensors({ x: inputs, y: tensor('I32', [4], 32, 48) }, Buffer.concat([floats(1, 2, NaN, 4, 5, 6, 7, 8), kinds])),
);
for (const name of ['a', 'b']) {
  mkdirSync(join(folder, 'pictures', name), { recursive: true });
  mkdirSync(join(folder, 'empty', name), { recursive: true });
}
await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
  .png()
  .toFile(join(folder, 'pictures/a/good.png'));
put('pictures/b/broken.jpg', 'this is no picture, whatever its name says');

const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
const idxSet = (changes) => ({ dataset: { type: 'idx', images: 'images', labels: 'labels', ...changes }, layers });
const csvSet = (path, label = 'kind') => ({ dataset: { type: 'csv', path, label }, layers });
const tensors = (path, changes) => ({
  dataset: { type: 'safetensors', path, inputs: 'x', labels: 'y', ...changes },
  layers,
});
const pictures = (path) => ({ dataset: { type: 'images', path, size: 4 }, layers });
const digits = (changes) => ({
  dataset: 'digits',
  layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
  ...changes,
});

const cases = {
  'an unknown key': [digits({ epoch: 3 }), ['Expected epoch to be a known option (is "epochs" meant?), got 3']],
  'a value out of range': [digits({ batchSize: 0 }), ['Expected batchSize to be an integer from 1 to 65536, got 0']],
  'a wrong type': [digits({ shuffle: 'yes' }), ['Expected shuffle to be true or false, got "yes"']],
  'no layers': [{ dataset: 'digits' }, ['Expected layers to be a list of 1 to 200 objects, got nothing']],
  'no data': [{ layers }, ['Expected dataset to be given, or samples passed as `data`, got neither']],
  'all problems at once': [
    digits({ batchSize: 0, epochs: 1.5, layers: [{ type: 'dropout', rate: 1.5 }] }),
    [
      'Expected layers[0].rate to be a number from 0 to 0.95, got 1.5',
      'Expected batchSize to be an integer from 1 to 65536, got 0',
      'Expected epochs to be an integer from 1 to 100000, got 1.5',
    ],
  ],
  'a set that is not built in': [
    { dataset: 'cats', layers },
    [/^Expected dataset to be a built-in set \(digits, .*\) or a description, got "cats"$/],
  ],
  'a missing file': [
    idxSet({ images: 'none', labels: 'neither' }),
    [
      'Expected dataset.images to be a file that can be read, got "none" (there is no such file)',
      'Expected dataset.labels to be a file that can be read, got "neither" (there is no such file)',
    ],
  ],
  'a truncated gzip': [
    idxSet({ images: 'cut.gz' }),
    ['Expected dataset.images to be a whole gzip file, got "cut.gz" (it is cut off or damaged)'],
  ],
  'an idx file with a wrong magic': [
    idxSet({ images: 'magic' }),
    [/^Expected dataset\.images to be .*idx.*, got .*$/i],
  ],
  'an idx file that is too short': [idxSet({ images: 'short' }), [/^Expected dataset\.images to be .*, got .*$/]],
  'more pictures than labels': [idxSet({ labels: 'three' }), [/^Expected dataset\.labels to be .*4.*, got .*3.*$/]],
  'a csv with a ragged row': [csvSet('ragged.csv'), [/^Expected dataset\.path to be .*, got .*$/]],
  'a csv with a word for a number': [csvSet('words.csv'), [/^Expected dataset\.path to be .*, got .*four.*$/]],
  'a csv without the label': [csvSet('good.csv', 'type'), [/^Expected dataset\.label to be .*, got .*type.*$/]],
  'safetensors that overlap': [tensors('overlap.safetensors'), [/^Expected dataset\.path to be .*, got .*$/]],
  'safetensors beyond the end': [tensors('beyond.safetensors'), [/^Expected dataset\.path to be .*, got .*$/]],
  'a safetensors header of 1 GB': [
    tensors('giant.safetensors'),
    [/^Expected dataset\.path to be .*, got .*1000000000.*$/],
  ],
  'a tensor that is not there': [
    tensors('good.safetensors', { inputs: 'z' }),
    [/^Expected dataset\.inputs to be .*, got .*z.*$/],
  ],
  'a NaN in the data': [tensors('nan.safetensors'), [/^Expected dataset\.inputs to be finite numbers, got NaN .*$/]],
  'a class of which no picture decodes': [
    pictures('pictures'),
    [
      'Expected dataset.path to be a folder of pictures that decode, got "b/broken.jpg" (it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP)',
    ],
  ],
  'a folder that is not there': [
    pictures('nowhere'),
    ['Expected dataset.path to be a folder with one folder per class, got "nowhere" (there is no such folder)'],
  ],
  'a folder without pictures': [
    pictures('empty'),
    [
      'Expected dataset.path to be a folder with one folder of pictures per class, got "empty" (2 folders, no pictures)',
    ],
  ],
  'a network whose shapes do not fit': [
    digits({
      layers: [{ type: 'conv2d', filters: 4, kernelSize: 9 }, { type: 'flatten' }, { type: 'dense', units: 10 }],
    }),
    [/^Expected layers\[0\].*, got .*$/],
  ],
  'a network beyond all memory': [
    digits({ layers: [{ type: 'flatten' }, ...[65536, 65536, 10].map((units) => ({ type: 'dense', units }))] }),
    [
      'Expected layers[2] to be of less than 2^29 weights, and as many outputs, got 4295032832 weights and 65536 outputs: 17180131328 bytes',
    ],
  ],
  'too few outputs for the classes': [digits({ layers }), [/^Expected .* to be .*10.*, got .*2.*$/]],
};

for (const [name, [experiment, sentences]] of Object.entries(cases)) {
  test(name, async (context) => {
    const check = (text) => {
      const lines = text.split('\n');
      assert.equal(lines.length, sentences.length, text);
      sentences.forEach((sentence, i) => {
        if (typeof sentence === 'string') assert.equal(lines[i], sentence);
        else assert.match(lines[i], sentence);
      });
    };
    writeExperiment(folder, 'experiment.json', experiment);
    const words = ['run', 'experiment.json', '--save', 'weights', '--checkpoint', 'checkpoint', '--log', 'ndjson'];
    const { code, out, err } = await trainground(words, { cwd: folder });
    assert.equal(out, '');
    assert.equal(code, 2, err);
    check(err.trimEnd());
    context.diagnostic(err.trimEnd());
    assert.deepEqual(
      readdirSync(folder).filter((file) => /^(weights|checkpoint)/.test(file)),
      [],
      'nothing is written',
    );

    await assert.rejects(Trainer.open(experiment, { base: folder }), (error) => {
      assert.ok(error instanceof InputError);
      assert.equal(error.problems.length, sentences.length);
      check(error.message);
      return true;
    });
  });
}

test('text that is not JSON', async () => {
  const { code, err } = await trainground(['run', '-'], { input: '{"layers":' });
  assert.equal(code, 2);
  assert.match(err, /^Expected - to be JSON, got text that does not parse \(.*\)\n$/);
});

test('weights of another network, damaged weights, a damaged checkpoint', async () => {
  writeExperiment(folder, 'small.json', digits({ epochs: 1 }));
  const first = await trainground(['run', 'small.json', '--save', 'small.safetensors'], { cwd: folder });
  assert.equal(first.code, 0, first.err);
  put('noise', Buffer.alloc(100, 7));
  const words = ['--set', 'layers=[{"type":"flatten"},{"type":"dense","units":4},{"type":"dense","units":10}]'];
  const saved = readFileSync(join(folder, 'small.safetensors'));
  put('nan.weights', Buffer.concat([saved.subarray(0, -4), floats(NaN)]));
  for (const [options, sentence] of [
    [
      ['--weights', 'small.safetensors', ...words],
      /^Expected weights\.layers\.1\.weight to be numbers of shape \(4, 64\), got F32 of shape \(10, 64\)\n/,
    ],
    [
      ['--weights', 'nan.weights'],
      'Expected weights.layers.1.bias to be finite numbers of float32, got NaN at place 9\n',
    ],
    [['--weights', 'noise'], /^Expected weights to be .*, got .*\n/],
    [['--resume', 'small.safetensors'], /^Expected resume to be .*, got .*\n/],
    [['--resume', 'noise'], /^Expected resume to be .*, got .*\n/],
  ]) {
    const { code, err } = await trainground(['run', 'small.json', ...options], { cwd: folder });
    assert.equal(code, 2, err);
    if (typeof sentence === 'string') assert.equal(err, sentence);
    else assert.match(err, sentence);
  }
});

test('what a weights file has besides is told, and no reason to refuse it', async () => {
  writeExperiment(folder, 'small.json', digits({ epochs: 1 }));
  const [weight, bias] = [tensor('F16', [10, 64], 0, 1280), tensor('BF16', [10], 1280, 1300)];
  const file = {
    'layers.1.weight': weight,
    'layers.1.bias': bias,
    'layers.2.num_batches_tracked': tensor('I64', [], 1300, 1308),
    'head.scale': tensor('F8_E5M2', [2, 3], 1308, 1314),
  };
  put('half.weights', safetensors(file, Buffer.alloc(1314)));
  const words = ['small.json', '--weights', 'half.weights', '--log', 'ndjson'];
  const evaluated = await trainground(['evaluate', ...words], { cwd: folder });
  assert.equal(evaluated.err, 'In the file of --weights, not used: head.scale (2, 3)\n');
  assert.ok(Math.abs(evaluated.lines[0].loss - Math.log(10)) < 1e-6, 'all of its numbers are 0');
  const run = await trainground(['run', ...words], { cwd: folder });
  assert.deepEqual(run.lines[0].unusedWeights, [{ name: 'head.scale', shape: [2, 3] }]);
  const trainer = await Trainer.open(digits({}));
  const { unused } = await trainer.loadWeights(new Uint8Array(readFileSync(join(folder, 'half.weights'))));
  assert.deepEqual(unused, [{ name: 'head.scale', shape: [2, 3] }]);
  await trainer.dispose();
});

const samples = { inputs: new Uint8Array(4 * 4), shape: [2, 2, 1], labels: [0, 1, 0, 1] };
for (const [name, data, sentence] of [
  [
    'labels beyond the classes',
    { ...samples, classNames: ['only'] },
    /^Expected data\.labels to be classes from 0 to 0, got 1/,
  ],
  [
    'labels that are no integers',
    { ...samples, labels: [0, 1, 0.5, 1] },
    'Expected data.labels[2] to be an integer from 0 on, got 0.5',
  ],
  ['too few labels', { ...samples, labels: [0, 1] }, 'Expected data.labels to be 4 integers, one a sample, got 2'],
  [
    'neither labels nor targets',
    { ...samples, labels: undefined },
    'Expected data.labels to be given, or else targets, got nothing',
  ],
  [
    'a wrong shape',
    { ...samples, shape: [2, 2] },
    'Expected data.shape to be [height, width, channels], integers from 1 on, got [2,2]',
  ],
  [
    'inputs that do not fill the shape',
    { ...samples, inputs: new Uint8Array(15) },
    'Expected data.inputs to be a Uint8Array, Float32Array or Float64Array of N x 2 x 2 x 1 numbers, got a Uint8Array of length 15',
  ],
  [
    'a NaN',
    { ...samples, inputs: new Float32Array(16).fill(NaN, 3, 4) },
    /^Expected data\.inputs to be finite numbers, got NaN/,
  ],
  ['no object', 'cats', 'Expected data to be an object of samples, got "cats"'],
]) {
  test(`samples of the program: ${name}`, async () => {
    await assert.rejects(Trainer.open({ layers }, { data }), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      if (typeof sentence === 'string') assert.equal(error.message, sentence);
      else assert.match(error.message, sentence);
      return true;
    });
  });
}
