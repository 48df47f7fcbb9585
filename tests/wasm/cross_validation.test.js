// Cross-validation: every sample is judged once, by a network that has not seen it or its group; the same for any number of threads.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer, crossValidate, wilson } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const layers = (units) => [
  { type: 'flatten' },
  { type: 'dense', units: 8, activation: 'relu' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', units },
];
const iris = {
  dataset: 'iris',
  layers: layers(3),
  epochs: 6,
  batchSize: 16,
  optimizer: { type: 'adam', learningRate: 0.02 },
};

test('each sample is judged once; the whole is the sum of its folds, for any number of threads', async () => {
  const found = [];
  for (const threads of [1, 2, 4]) found.push(await crossValidate(iris, { threads }));
  const [first] = found;
  for (const other of found) assert.deepEqual(other, first, 'to the last bit');
  assert.equal(first.folds.length, 5);
  assert.equal(first.samples, 150);
  assert.deepEqual(
    [...first.indices].sort((a, b) => a - b),
    Array.from({ length: 150 }, (_, i) => i),
  );
  const right = first.confusion.reduce((sum, row, label) => sum + row[label], 0);
  assert.equal(first.accuracy, right / 150);
  assert.deepEqual(first.interval, wilson(right, 150));
  assert.deepEqual(
    first.confusion.map((row) => row.reduce((a, b) => a + b, 0)),
    [50, 50, 50],
  );
  for (const { samples, samplesLearned, reason } of first.folds) {
    assert.equal(samples, 30);
    assert.equal(samplesLearned, 120);
    assert.equal(reason, 'epochs');
  }
  const mean = (of) => first.folds.reduce((sum, fold) => sum + fold[of] * fold.samples, 0) / 150;
  assert.ok(Math.abs(mean('loss') - first.loss) < 1e-12 && Math.abs(mean('accuracy') - first.accuracy) < 1e-12);
  assert.ok(first.accuracy > 0.7, `${first.accuracy}`);
  assert.notDeepEqual(await crossValidate({ ...iris, seed: 2 }), first);
});

test('a fold is the run that holds those samples back', async () => {
  const { indices, folds, probabilities } = await crossValidate(iris, { folds: 3 });
  const whole = await Trainer.open(iris);
  const all = await whole.samples(Array.from({ length: 150 }, (_, i) => i));
  await whole.dispose();
  const held = [...indices.subarray(folds[0].samples, folds[0].samples + folds[1].samples)];
  const others = [...all.labels.keys()].filter((i) => !held.includes(i));
  const part = (list) => ({
    inputs: Float32Array.from(list.flatMap((i) => [...all.inputs.subarray(4 * i, 4 * i + 4)])),
    shape: [1, 1, 4],
    labels: list.map((i) => all.labels[i]),
  });
  const { dataset: _dataset, ...experiment } = iris;
  const alone = await Trainer.open(experiment, { data: part(others), validationData: part(held) });
  for await (const event of alone.train()) assert.notEqual(event.reason, 'diverged');
  const evaluation = await alone.evaluate();
  await alone.dispose();
  assert.deepEqual([evaluation.loss, evaluation.accuracy], [folds[1].loss, folds[1].accuracy]);
  const from = 3 * folds[0].samples;
  assert.deepEqual([...evaluation.probabilities], [...probabilities.subarray(from, from + 3 * held.length)]);
});

/** Two classes of samples whose value tells their group. */
function grouped(groupsOfClass, each = 4) {
  const groups = groupsOfClass.flatMap((count, label) =>
    Array.from({ length: count * each }, (_, i) => 100 * label + Math.floor(i / each)),
  );
  const labels = groups.map((group) => Math.floor(group / 100));
  const inputs = Float32Array.from(groups.flatMap((group, i) => [group / 100, i % 3]));
  return { inputs, shape: [1, 1, 2], labels, groups };
}
const small = { layers: [{ type: 'dense', units: 2 }], epochs: 1 };

test('folds never part a group, and are as many as the class with the fewest groups has', async () => {
  const data = grouped([7, 3]);
  const { folds, indices } = await crossValidate(small, { data });
  assert.equal(folds.length, 3);
  let from = 0;
  const homes = new Map();
  folds.forEach(({ samples }, fold) => {
    for (const index of indices.subarray(from, (from += samples))) homes.set(data.groups[index], (homes.get(data.groups[index]) ?? new Set()).add(fold)); // prettier-ignore
  });
  assert.equal(homes.size, 10);
  for (const [group, home] of homes) assert.equal(home.size, 1, `group ${group}`);
  assert.equal((await crossValidate({ ...small, splitBy: 'random' }, { data })).folds.length, 5);
  const { bursts } = { bursts: await crossValidate(small, { data: { ...grouped([1, 6], 20), bursts: true } }) };
  assert.equal(bursts.folds.length, 5);
  assert.equal(bursts.samples, 140);
  assert.ok(
    bursts.folds.some(({ samples, samplesLearned }) => samples + samplesLearned < 140),
    'a gap',
  );
});

test('missing numbers of a table are filled anew by the part that each network learns from', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 4 === 0 ? '' : i},${i % 2 ? 'a' : 'b'}`);
  const files = { 't.csv': new TextEncoder().encode(`x,y\n${rows.join('\n')}\n`) };
  const experiment = {
    dataset: { type: 'csv', path: 't.csv', label: 'y' },
    layers: [{ type: 'dense', units: 2 }],
    epochs: 2,
  };
  const one = await crossValidate(experiment, { files });
  assert.equal(one.samples, 40);
  assert.deepEqual(await crossValidate(experiment, { files, sameThread: true }), one);
});

test('numbers have errors and no accuracy', async () => {
  const data = { inputs: Float32Array.from({ length: 60 }, (_, i) => (i * 7) % 11), shape: [1, 1, 2], targets: Float32Array.from({ length: 30 }, (_, i) => i % 5) }; // prettier-ignore
  const found = await crossValidate(
    { layers: [{ type: 'dense', units: 1 }], loss: 'meanSquaredError', epochs: 2 },
    { data },
  );
  assert.equal(found.samples, 30);
  assert.ok(found.loss > 0 && Number.isNaN(found.accuracy) && found.interval === undefined);
  assert.deepEqual(found.confusion, []);
});

test('it can be given up, tells how far it is, and refuses what cannot be', async () => {
  const shares = [];
  const controller = new AbortController();
  const onProgress = (share) => {
    shares.push(share);
    if (share > 0.5) controller.abort();
  };
  await assert.rejects(crossValidate({ ...iris, epochs: 30 }, { onProgress, signal: controller.signal }), {
    name: 'AbortError',
  });
  assert.ok(shares.length > 10 && shares.every((share, i) => i === 0 || share >= shares[i - 1]) && shares.at(-1) < 0.6);
  const told = [];
  await crossValidate(iris, { folds: 2, onProgress: (share) => told.push(share) });
  assert.equal(told.at(-1), 1);
  for (const folds of [1, 0, 2.5, 101, '3', null]) await assert.rejects(crossValidate(iris, { folds }), InputError);
  await assert.rejects(crossValidate(small, { data: grouped([1, 6]) }), /at least 2 samples, or groups, of each class/);
  await assert.rejects(crossValidate({ ...iris, epochs: 0 }), /epochs/);
});

test('on the command line, for people and for programs', async () => {
  const folder = temporaryFolder();
  const file = writeExperiment(folder, 'iris.json', iris);
  const { code, out, err } = await trainground(['cross-validate', file, '--folds', '4'], { cwd: folder });
  assert.equal(code, 0, err);
  const lines = out.trimEnd().split('\n');
  assert.match(
    lines[0],
    /^fold 1\/4 {2}1\d\d samples to learn from, 3\d to judge by {2}loss [\d.]+ {2}accuracy [\d.]+ %$/,
  );
  assert.match(
    lines[4],
    /^all folds {2}150 samples {2}loss [\d.]+ {2}accuracy [\d.]+ % \(95 % interval: [\d.]+ to [\d.]+ %\)$/,
  );
  assert.equal(lines.length, 9);
  const told = await trainground(['cross-validate', file, '--folds', '4', '--log', 'ndjson', '--threads', '2'], {
    cwd: folder,
  });
  assert.deepEqual(
    told.lines.map(({ event }) => event),
    ['fold', 'fold', 'fold', 'fold', 'crossValidation'],
  );
  const { accuracy, loss, confusion } = await crossValidate(iris, { folds: 4 });
  assert.deepEqual(JSON.parse(JSON.stringify([accuracy, loss, confusion])), [
    told.lines[4].accuracy,
    told.lines[4].loss,
    told.lines[4].confusion,
  ]);
  for (const words of [
    ['--folds', '1'],
    ['--folds', 'x'],
    ['--weights', 'w.safetensors'],
  ]) {
    writeFileSync(join(folder, 'w.safetensors'), '');
    const refused = await trainground(['cross-validate', file, ...words], { cwd: folder });
    assert.equal(refused.code, 2, refused.err);
  }
});
