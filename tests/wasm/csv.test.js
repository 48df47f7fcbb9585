// Tables through every door: what the label's column is, and that no digit of a number is lost on its way.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
const table = (name, header, rows) =>
  writeFileSync(join(folder, name), [header, ...rows.map((row) => row.join(','))].join('\n'));

// y = 3 a + 4 b, to the whole and to the hundredth.
const plane = Array.from({ length: 120 }, (_, i) => [((i * 37) % 100) / 100, ((i * 61) % 100) / 100]);
const fractions = plane.map(([a, b]) => [a, b, (3 * a + 4 * b).toFixed(2)]);
const whole = plane.map(([a, b]) => [a, b, Math.round(3 * a + 4 * b)]);
table('fractions.csv', 'a,b,y', fractions);
table('whole.csv', 'a,b,y', whole);
table('missing.csv', 'a,b,y', fractions.with(59, [0.5, 0.5, 'NA']));
const regression = {
  dataset: { type: 'csv', path: 'fractions.csv', label: 'y' },
  layers: [
    { type: 'dense', units: 8, activation: 'tanh' },
    { type: 'dense', units: 1 },
  ],
  loss: 'meanSquaredError',
  optimizer: { type: 'adam', learningRate: 0.02 },
  epochs: 80,
};
const run = async (changes, words = []) => {
  writeExperiment(folder, 'experiment.json', { ...regression, ...changes });
  return trainground(['run', 'experiment.json', '--log', 'ndjson', ...words], { cwd: folder });
};

test('the loss of a regression makes whole numbers targets, of the set and of its validation file', async () => {
  for (const [path, validation] of [
    ['whole.csv', undefined],
    ['fractions.csv', 'whole.csv'],
    ['whole.csv', 'fractions.csv'],
  ]) {
    const set = { type: 'csv', path, label: 'y' };
    const { code, err, lines } = await run({
      dataset: { ...set, ...(validation && { validation: { ...set, path: validation } }) },
    });
    assert.equal(code, 0, err);
    assert.equal(lines[0].outputs, 1);
    assert.deepEqual(lines[0].classNames, []);
    assert.ok(lines.at(-1).validationLoss < 0.2, `${path} ${lines.at(-1).validationLoss}`);
  }
});

test('another loss makes the same numbers classes, and a validation file is read as the set was', async () => {
  const dataset = { type: 'csv', path: 'whole.csv', label: 'y' };
  const layers = [{ type: 'dense', units: 8 }];
  const { code, err, lines } = await run({ dataset, layers, loss: 'crossEntropy', epochs: 1 });
  assert.equal(code, 0, err);
  assert.deepEqual(lines[0].classNames, ['0', '1', '2', '3', '4', '5', '6', '7']);
  const other = { ...dataset, validation: { ...dataset, path: 'fractions.csv' } };
  const refused = await run({ dataset: other, layers, loss: 'crossEntropy' });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /^Expected validation to be of the training samples' classes, got class '\d\.\d\d'\n/);
});

test('a word among numbers is named with its row', async () => {
  for (const loss of ['meanSquaredError', 'crossEntropy']) {
    const { code, err } = await run({ dataset: { type: 'csv', path: 'missing.csv', label: 'y' }, loss });
    assert.equal(code, 2);
    assert.equal(
      err,
      'Expected dataset.path to be a csv file with a number in every row of the label\'s column, got "NA" in row 61, column "y"\n',
    );
  }
});

test('overfit names a table that is not scaled, and passes once it is', async () => {
  const iris = await Trainer.open({ dataset: 'iris', layers: [{ type: 'dense', units: 3 }] });
  const { inputs, labels } = await iris.samples(Array.from({ length: 150 }, (_, i) => i));
  await iris.dispose();
  table(
    'iris.csv',
    'a,b,c,d,kind',
    Array.from(labels, (label, i) =>
      [...inputs.subarray(4 * i, 4 * i + 4)].map((x) => x * 1e4).concat(`kind ${label}`),
    ),
  );
  writeExperiment(folder, 'iris.json', {
    dataset: { type: 'csv', path: 'iris.csv', label: 'kind' },
    layers: [
      { type: 'dense', units: 32, activation: 'tanh' },
      { type: 'dense', units: 3 },
    ],
    optimizer: { type: 'adam', learningRate: 0.01 },
  });
  const raw = await trainground(['overfit', 'iris.json', '--log', 'ndjson'], { cwd: folder });
  assert.equal(raw.lines[0].cause, 'unscaledInputs', raw.out);
  assert.match(raw.lines[0].message, /Its inputs are not scaled: .*"normalize": true/);
  const scaled = await trainground(['overfit', 'iris.json', '--set', 'dataset.normalize=true'], { cwd: folder });
  assert.equal(scaled.code, 0, scaled.out);
});

test('timestamps keep their seconds until they are normalized, from a file and from a program', async () => {
  const seconds = Array.from({ length: 200 }, (_, i) => i);
  const kind = (i) => (i < 100 ? 'early' : 'late');
  table(
    'from1970.csv',
    't,y',
    seconds.map((i) => [1.7e9 + i, kind(i)]),
  );
  table(
    'from0.csv',
    't,y',
    seconds.map((i) => [i, kind(i)]),
  );
  const experiment = {
    layers: [
      { type: 'dense', units: 8, activation: 'relu' },
      { type: 'dense', units: 2 },
    ],
    optimizer: { type: 'adam', learningRate: 0.05 },
    epochs: 20,
  };
  const dataset = { type: 'csv', label: 'y', normalize: true };
  const losses = [];
  for (const path of ['from1970.csv', 'from0.csv']) {
    const trainer = await Trainer.open({ ...experiment, dataset: { ...dataset, path } }, { base: folder });
    for await (const event of trainer.train()) if (event.event === 'end') losses.push(event);
    if (path === 'from1970.csv') {
      const result = await trainer.evaluate();
      const { validation } = await trainer.split();
      const rows = Float64Array.from(validation, (i) => 1.7e9 + i);
      assert.deepEqual((await trainer.predict(rows)).probabilities, result.probabilities);
      const labels = Int32Array.from(validation, (i) => Number(i >= 100));
      const again = await trainer.evaluate({ inputs: rows, shape: [1, 1, 1], labels });
      assert.equal(again.loss, result.loss);
    }
    await trainer.dispose();
  }
  assert.equal(losses[0].validationAccuracy, 1);
  assert.ok(Math.abs(losses[0].loss - losses[1].loss) < 1e-5, losses.map(({ loss }) => loss).join());
});
