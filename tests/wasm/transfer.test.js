// Transfer through the module and the command line: what is taken is told, what is frozen does not change by a bit, what cannot be taken is
// one clear sentence. The two data keys beside it: how many of each class are learned from, and by what the set is split.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer, backbones, datasets } from 'trainground';
import { committed } from '../../wasm/data/backbone.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
const [backbone] = await backbones();
const filters = backbone.layers.slice(0, -1);
const taken = [0, 4].flatMap((layer) => [
  ...['weight', 'bias'].map((name) => `layers.${layer}.${name}`),
  ...['weight', 'bias', 'running_mean', 'running_var'].map((name) => `layers.${layer + 1}.${name}`),
]);
const experiment = {
  dataset: 'fashion-4',
  samplesPerClass: 5,
  validationSplit: 0.1,
  layers: [...filters, { type: 'dense', units: 4 }],
  transfer: { weights: 'fashion-6', freeze: 'all' },
  batchSize: 10,
  epochs: 2,
};
const open = (changes, options) =>
  Trainer.open({ ...experiment, ...changes }, { threads: 1, sameThread: true, ...options });
const names = (tensors) => tensors.map(({ name }) => name);
const sums = async (trainer) => new Map((await trainer.tensors()).map(({ name, sha256 }) => [name, sha256]));
async function trained(trainer) {
  for await (const event of trainer.train()) if (event.event === 'end') break;
  return sums(trainer);
}

test('the built-in backbone is what its manifest says', async () => {
  const { manifest, bytes } = committed(backbone.name);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), backbone.sha256);
  assert.ok(bytes.length >= 10_000 && bytes.length <= 60_000, `${bytes.length} bytes`);
  const recipe = JSON.parse(readFileSync(new URL(`../../wasm/data/${manifest.experiment}`, import.meta.url), 'utf8'));
  assert.deepEqual(recipe.layers, backbone.layers);
  assert.equal(recipe.seed, manifest.seed);
  const set = (await datasets()).find(({ name }) => name === backbone.dataset);
  assert.deepEqual(set.classes, backbone.classes);
  const trainer = await Trainer.open(recipe, { threads: 1, sameThread: true, weights: new Uint8Array(bytes) });
  assert.equal(trainer.start.parameters, backbone.parameters);
  assert.equal((await trainer.evaluate()).accuracy.toFixed(4), manifest.validationAccuracy.toFixed(4));
  await trainer.dispose();
});

test('fashion-6 and fashion-4 divide the classes of fashion, and hold its very pictures', async () => {
  const part = async (dataset) => {
    const layers = [
      { type: 'flatten' },
      { type: 'dense', units: { fashion: 10, 'fashion-6': 6, 'fashion-4': 4 }[dataset] },
    ];
    const trainer = await Trainer.open({ dataset, layers }, { threads: 1, sameThread: true });
    const { labels } = await trainer.split();
    const { inputs } = await trainer.samples([...labels.keys()]);
    await trainer.dispose();
    return { classNames: trainer.start.classNames, labels, inputs };
  };
  const [whole, six, four] = [await part('fashion'), await part('fashion-6'), await part('fashion-4')];
  assert.deepEqual([...six.classNames, ...four.classNames], whole.classNames);
  const places = [0, 0];
  whole.labels.forEach((label, i) => {
    const [set, k] = label < 6 ? [six, 0] : [four, 1];
    const at = places[k]++;
    assert.equal(set.labels[at], label < 6 ? label : label - 6);
    if (i % 50 === 0)
      assert.deepEqual(set.inputs.slice(784 * at, 784 * (at + 1)), whole.inputs.slice(784 * i, 784 * (i + 1)));
  });
  assert.deepEqual(places, [six.labels.length, four.labels.length]);
});

test('what is taken, kept and unused is told; each regime freezes its tensors to the last bit, statistics too', async () => {
  const donor = await Trainer.open(
    { dataset: 'fashion-6', layers: backbone.layers, epochs: 1 },
    { threads: 1, sameThread: true, weights: new Uint8Array(committed(backbone.name).bytes) },
  );
  const file = await sums(donor);
  await donor.dispose();
  for (const [freeze, frozen] of [
    ['none', []],
    ['most', taken.slice(0, 6)],
    ['all', taken],
  ]) {
    const trainer = await open({ transfer: { weights: 'fashion-6', freeze }, l2: 0.01 });
    const { transfer } = trainer.start;
    assert.deepEqual([transfer.weights, transfer.freeze], ['fashion-6', freeze]);
    assert.deepEqual(names(transfer.taken), taken);
    assert.deepEqual(transfer.kept, [
      { name: 'layers.9.weight', shape: [4, 784], shapeInFile: [6, 784], frozen: false },
      { name: 'layers.9.bias', shape: [4], shapeInFile: [6], frozen: false },
    ]);
    assert.deepEqual(names(transfer.unused), ['layers.9.weight', 'layers.9.bias']);
    const before = await sums(trainer);
    for (const name of taken) assert.equal(before.get(name), file.get(name), name);
    const after = await trained(trainer);
    for (const name of taken)
      assert.equal(after.get(name) === file.get(name), frozen.includes(name), `${freeze} ${name}`);
    assert.notEqual(after.get('layers.9.weight'), before.get('layers.9.weight'));
    await trainer.dispose();
  }
});

test('other layers: what fits is taken, and what stays frozen at random values is marked', async () => {
  const hidden = { type: 'dense', units: 784, activation: 'relu' };
  const trainer = await open({ layers: [...filters, hidden, { type: 'dense', units: 4 }] });
  const { transfer } = trainer.start;
  assert.deepEqual(names(transfer.taken), taken);
  assert.deepEqual(
    transfer.kept.map(({ name, shapeInFile, frozen }) => [name, shapeInFile, frozen]),
    [
      ['layers.9.weight', [6, 784], true],
      ['layers.9.bias', [6], true],
      ['layers.10.weight', null, false],
      ['layers.10.bias', null, false],
    ],
  );
  // The bytes of a file, and weights that replace every tensor.
  const own = await trainer.saveWeights();
  await trainer.dispose();
  const other = await open({ transfer: { weights: 'my own', freeze: 'most' } }, { transferWeights: own });
  assert.equal(other.start.transfer.weights, 'my own');
  assert.deepEqual(names(other.start.transfer.unused).slice(-2), ['layers.10.weight', 'layers.10.bias']);
  const whole = await other.saveWeights();
  await other.dispose();
  const strict = await open({ transfer: { weights: 'no such file' } }, { weights: whole });
  assert.equal(strict.start.transfer, undefined);
  await assert.rejects(strict.loadWeights(own), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(
      `${error.problems[0].path}: ${error.problems[0].given}`,
      'weights.layers.9.weight: F32 of shape (784, 784)',
      'the path once',
    );
    return true;
  });
  await strict.dispose();
});

test('a run goes on from a checkpoint without its transfer file, to the same bits', async () => {
  const bytes = new Uint8Array(committed(backbone.name).bytes);
  const changes = { transfer: { weights: 'gone.safetensors', freeze: 'most' }, epochs: 3 };
  const whole = await open(changes, { transferWeights: bytes });
  const expected = await trained(whole);
  await whole.dispose();
  const begun = await open(changes, { transferWeights: bytes });
  await begun.step();
  const resumed = await open(changes, { resume: await begun.checkpoint() });
  await begun.dispose();
  assert.equal(resumed.start.transfer, undefined);
  assert.deepEqual(await trained(resumed), expected);
  await resumed.dispose();
});

test('the command line tells it, in ndjson and in words', async () => {
  writeExperiment(folder, 'small.json', { ...experiment, transfer: { weights: 'six.safetensors' } });
  writeFileSync(join(folder, 'six.safetensors'), committed(backbone.name).bytes);
  const [lines, words, nothing, missing] = await Promise.all([
    trainground(['run', 'small.json', '--log', 'ndjson'], { cwd: folder }),
    trainground(['run', 'small.json'], { cwd: folder }),
    trainground(
      [
        'run',
        'small.json',
        '--set',
        'layers[0].filters=9',
        '--set',
        'layers[4].filters=9',
        '--set',
        'layers[9].useBias=false',
      ],
      { cwd: folder },
    ),
    trainground(['run', 'small.json', '--set', 'transfer.weights=seven'], { cwd: folder }),
  ]);
  assert.equal(lines.code, 0, lines.err);
  assert.deepEqual(names(lines.lines[0].transfer.taken), taken);
  assert.equal(lines.lines[0].samples, 20);
  assert.equal(
    words.out.split('\n').slice(2, 6).join('\n'),
    'Transfer from six.safetensors, freeze all:\n' +
      '  taken: layers.0 (weight, bias), layers.1 (weight, bias, running_mean, running_var), ' +
      'layers.4 (weight, bias), layers.5 (weight, bias, running_mean, running_var)\n' +
      '  kept as initialised: layers.9.weight (4, 784), where the file has (6, 784); layers.9.bias (4), where the file has (6)\n' +
      '  in the file, not used: layers.9.weight (6, 784), layers.9.bias (6)',
  );
  assert.equal(nothing.code, 2);
  assert.match(
    nothing.err,
    /^Expected transfer\.weights to be a file with at least one tensor of this network, which has layers\.0\.weight \(9, 1, 3, 3\), .* and 9 more, got one with layers\.0\.weight \(8, 1, 3, 3\), .* and 10 more\n$/,
  );
  assert.equal(missing.code, 2);
  assert.equal(
    missing.err,
    'Expected transfer.weights to be a built-in backbone (fashion-6, efficientnet-lite0) or a file that can be read, got "seven" (there is no such file)\n',
  );
});

test('samplesPerClass keeps so many of each class, and judges by the same samples', async () => {
  const parts = async (changes) => {
    const trainer = await open({ transfer: undefined, ...changes });
    const split = await trainer.split();
    await trainer.dispose();
    return split;
  };
  const [all, few, again, seeded] = [
    await parts({ samplesPerClass: undefined }),
    await parts({}),
    await parts({}),
    await parts({ seed: 2 }),
  ];
  assert.deepEqual(few.validation, all.validation);
  assert.deepEqual(few, again);
  assert.notDeepEqual(few.training, seeded.training);
  const counts = [0, 0, 0, 0];
  for (const index of few.training) counts[few.labels[index]]++;
  assert.deepEqual(counts, [5, 5, 5, 5]);
  assert.ok([...few.training].every((index) => all.training.includes(index)));
});

test('splitBy: emoji by emoji unless it is random; the end of the file', async () => {
  const classes = { emoji: 8, digits: 10 };
  const parts = async (dataset, splitBy) => {
    const layers = [{ type: 'flatten' }, { type: 'dense', units: classes[dataset] }];
    const trainer = await Trainer.open({ dataset, splitBy, layers }, { threads: 1, sameThread: true });
    const split = await trainer.split();
    await trainer.dispose();
    return split;
  };
  const [absent, group, random] = [await parts('emoji'), await parts('emoji', 'group'), await parts('emoji', 'random')];
  assert.deepEqual(group, absent);
  assert.notDeepEqual(random.validation, group.validation);
  const { validation, training } = await parts('digits', 'fileOrder');
  assert.deepEqual(
    [...validation],
    Array.from({ length: 359 }, (_, i) => 1438 + i),
  );
  assert.equal(training.length, 1438);
  assert.deepEqual(await parts('digits'), await parts('digits', 'random'));
});

test('the command line refuses what the data does not have', async () => {
  writeExperiment(folder, 'digits.json', {
    dataset: 'digits',
    layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
  });
  const set = (...settings) =>
    trainground(['run', 'digits.json', ...settings.flatMap((setting) => ['--set', setting])], { cwd: folder });
  const [group, none, both, ordered] = await Promise.all([
    set('splitBy=group'),
    set('samplesPerClass=1', 'splitBy=shuffled'),
    set('splitBy=fileOrder', 'samplesPerClass=3', 'epochs=1'),
    set('dataset=textures', 'layers[1].units=3', 'splitBy=fileOrder', 'validationSplit=0.5'),
  ]);
  assert.deepEqual([group.code, none.code, both.code, ordered.code], [2, 2, 0, 2]);
  assert.equal(group.err, 'Expected splitBy to be random or fileOrder, since the data has no groups, got "group"\n');
  assert.equal(
    none.err,
    'Expected splitBy to be one of random, fileOrder, group, got "shuffled"\n' +
      'Expected samplesPerClass to be an integer from 2 to 1000000, got 1\n',
  );
  assert.match(both.out, /^30 samples to learn from, 359 to judge by/);
  assert.equal(
    ordered.err,
    `Expected splitBy to be a split that leaves every class something to learn from, got "fileOrder", which holds all of class 'Gravel' back\n`,
  );
});

test('a csv file may say which rows belong together', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i},${(7 * i) % 5},${i % 2 ? 'odd' : 'even'},p${i >> 2}`);
  writeFileSync(join(folder, 'people.csv'), `x,y,kind,person\n${rows.join('\n')}\n`);
  const layers = [{ type: 'dense', units: 2 }];
  const dataset = { type: 'csv', path: 'people.csv', label: 'kind', groups: 'person' };
  const trainer = await Trainer.open({ dataset, layers }, { threads: 1, sameThread: true, base: folder });
  assert.deepEqual(trainer.start.shape, [1, 1, 2]);
  const { training, validation } = await trainer.split();
  const person = (index) => index >> 2;
  const learned = new Set([...training].map(person));
  assert.ok(validation.length >= 4 && [...validation].every((index) => !learned.has(person(index))));
  await trainer.dispose();
});
