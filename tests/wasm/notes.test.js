// What is no obstacle but should be known is said: in the start event, and by every command on standard error.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
const dense = (units) => ({ type: 'dense', units });

/** The notes of an experiment, through the module and through the command line. */
async function notesOf(experiment, command = 'run') {
  const trainer = await Trainer.open(experiment, { base: folder });
  const { notes } = trainer.start;
  await trainer.dispose();
  writeExperiment(folder, 'experiment.json', experiment);
  const { code, err, lines } = await trainground([command, 'experiment.json', '--log', 'ndjson'], { cwd: folder });
  assert.ok(code === 0 || code === 1, err);
  assert.equal(err, notes.map((note) => `${note}\n`).join(''));
  if (command === 'run') assert.deepEqual(lines[0].notes, notes);
  return notes;
}

test('labels of an idx file that begin at 1', async () => {
  const file = (magic, sizes, values) =>
    Buffer.from([...[magic, ...sizes].flatMap((n) => [n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255]), ...values]);
  writeFileSync(join(folder, 'images'), file(2051, [12, 2, 2], Array(48).fill(7)));
  writeFileSync(
    join(folder, 'labels'),
    file(
      2049,
      [12],
      Array.from({ length: 12 }, (_, i) => 1 + (i % 2)),
    ),
  );
  const experiment = { dataset: { type: 'idx', images: 'images', labels: 'labels' }, epochs: 1 };
  assert.deepEqual(await notesOf({ ...experiment, layers: [{ type: 'flatten' }, dense(3)] }), [
    "No sample is of class '0', which the network has an output for: labels count from 0.",
  ]);
});

test('empty cells in the column of groups', async () => {
  writeFileSync(join(folder, 'a.csv'), 'x,who,kind\n1,eve,a\n2,,b\n3,,a\n4,bob,b\n5,,a\n6,ann,b\n7,joe,a\n8,sue,b\n');
  const dataset = { type: 'csv', path: 'a.csv', label: 'kind', groups: 'who' };
  assert.deepEqual(await notesOf({ dataset, layers: [dense(2)], epochs: 1 }), [
    '3 samples name no group: a split keeps them together, as if they were one group.',
  ]);
});

test('a batch of one sample before batch norm is refused, and by every examination; a last one is told', async () => {
  const experiment = { dataset: 'iris', layers: [dense(8), { type: 'batchNormalization' }, dense(3)], epochs: 1 };
  assert.deepEqual(await notesOf(experiment), []);
  // 120 samples to learn from.
  const note =
    'The last batch of an epoch is one sample, of which batch normalization at layers[1] learns nothing, though it counts for ' +
    'the moving statistics: choose another batchSize.';
  assert.deepEqual(await notesOf({ ...experiment, batchSize: 17 }), [note]);
  assert.deepEqual(await notesOf({ ...experiment, batchSize: 17 }, 'find-learning-rate'), [note]);
  writeExperiment(folder, 'one.json', { ...experiment, batchSize: 1 });
  for (const command of ['run', 'overfit', 'find-learning-rate', 'check-gradients', 'activation-spread']) {
    const { code, err } = await trainground([command, 'one.json'], { cwd: folder });
    assert.equal(code, 2, command);
    assert.equal(
      err,
      "Expected batchSize to be at least 2, since batch normalization at layers[1] compares a batch's samples with each other, got 1\n",
    );
  }
});
