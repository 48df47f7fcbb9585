// Damaged tables: each is read, or refused in one clear sentence; in time linear in its length; and the engine goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTable, InputError, Trainer } from 'trainground';
import { describe } from '../../wasm/table_columns.js';
import { predictRows } from '../../wasm/table_rows.js';
import { finished, readTable } from '../../wasm/table_samples.js';
import { bytes, damaged, seeds } from './damaged_tables.js';

/** What reading gives, or its problems, each of which must be a sentence. */
function answered(work) {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof InputError, error.stack);
    assert.ok(error.problems.length > 0);
    for (const { path, expected, given } of error.problems) assert.ok(path && expected && given, error.message);
    return undefined;
  }
}

test('10,000 damaged tables are read or refused', () => {
  let read = 0;
  for (let round = 0; round < 10_000; round++) {
    const file = damaged(round);
    const told = answered(() => finished(describe(file)));
    if (told) {
      const { rows, columns } = told;
      assert.ok(rows > 0 && columns.length > 0);
      for (const { missing, categories, type } of columns)
        assert.ok(missing <= rows && (type === 'category' || categories.length === 0));
    }
    const label = told?.columns.at(round % told.columns.length).name ?? 'kind';
    const wanted = { label, categories: round % 3 ? [] : [told?.columns[0].name ?? 'x'] };
    const table = answered(() => readTable(file, 'dataset', wanted, { numbers: round % 2 === 0 }));
    if (!table) continue;
    read++;
    const { inputs, widths, labels, targets, classNames, shape, columns } = table;
    const samples = told.rows;
    assert.equal(inputs.length, samples * widths.length);
    assert.equal((labels ?? targets).length, samples);
    inputs.forEach((value, at) => {
      const width = widths[at % widths.length];
      if (width > 0) assert.ok(Number.isInteger(value) && value >= -1 && value < width, `round ${round}`);
      else assert.ok(Number.isNaN(value) || Number.isFinite(Math.fround(value)), `round ${round}`);
    });
    for (const place of labels ?? []) assert.ok(place >= 0 && place < classNames.length);

    const known = columns.map((column) => (column.type === 'number' ? { ...column, median: 7 } : column));
    const preparation = { kind: 'table', label, columns: known, shape, scale: 1, normalization: null };
    const predict = (given, count) => {
      assert.ok(given.length === count * shape[2] && given.every(Number.isFinite));
      return new Float32Array(2 * count);
    };
    const network = { preparation, classNames: ['a', 'b'], outputs: 2, normalizes: true, predict };
    const same = finished(predictRows(file, true, network));
    assert.equal(same.accepted.length, samples, `round ${round}: what was read is predicted`);
    const again = answered(() => finished(describe(same.table)));
    assert.equal(again?.rows, samples, `round ${round}: what was written is read`);
    assert.ok(again.columns.length >= columns.length + 3, `round ${round}`);
    answered(() => finished(predictRows(damaged(round + 1), true, network)));
  }
  assert.ok(read > 1500 && read < 9000, `${read} were read`);
});

test('after refusals the engine goes on', async () => {
  const dataset = { type: 'csv', path: 't', label: 'kind' };
  const experiment = { dataset, layers: [{ type: 'dense', units: 2 }], epochs: 1, validationSplit: 0 };
  const trainer = await Trainer.open(experiment, { files: { t: seeds[0] } });
  const wanted = await trainer.predictRows(seeds[0]);
  for (let round = 0; round < 200; round++) {
    const file = damaged(round);
    for (const work of [() => describeTable(file), () => trainer.predictRows(file, { table: true })]) {
      await work().then(
        (answer) => assert.ok(answer),
        (error) => assert.ok(error instanceof InputError, error.stack),
      );
    }
  }
  assert.deepEqual(await trainer.predictRows(seeds[0]), wanted);
  await trainer.dispose();
  for (let round = 0; round < 10; round++) {
    await Trainer.open(experiment, { files: { t: damaged(round) } }).then(
      (opened) => opened.dispose(),
      (error) => assert.ok(error instanceof InputError, error.stack),
    );
  }
});

test('a table of twice the length takes twice the time, whatever is in it', () => {
  const head = 'x,y,kind\n';
  const shapes = {
    'good rows': (n) => head + '1.5,red,a\n2.5,blue,b\n'.repeat(n),
    'one cell': (n) => head + '1,' + 'a'.repeat(20 * n) + ',b\n',
    'a quote never closed': (n) => head + '1,"' + 'a,b\n'.repeat(5 * n),
    'doubled quotes': (n) => head + '1,"' + '""'.repeat(10 * n) + '",b\n',
    'a quote with text behind': (n) => head + '1,"a" ' + '" '.repeat(10 * n) + ',b\n',
    'blank lines': (n) => head + '\n'.repeat(20 * n),
    'columns without end': (n) => ','.repeat(20 * n) + '\n',
    'columns of one name': (n) => 'x,'.repeat(n) + '\n',
    'ragged rows': (n) => head + '1\n'.repeat(10 * n),
    'all different': (n) => head + Array.from({ length: 2 * n }, (_, i) => `t${i},u${i},${i % 2}\n`).join(''),
    'a long number': (n) => head + '1'.repeat(20 * n) + ',1,b\n',
  };
  const seconds = (file) => {
    const times = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      answered(() => finished(describe(file)));
      answered(() => readTable(file, 'dataset', { label: 'kind' }, { numbers: false }));
      const { user } = process.cpuUsage(before);
      return user / 1e6;
    });
    return Math.min(...times);
  };
  for (const [name, text] of Object.entries(shapes)) {
    const [short, long] = [4000, 32_000].map((n) => seconds(bytes(text(n))));
    assert.ok(long < 8 * 3 * Math.max(short, 0.01), `${name}: ${short} s, of eight times the length ${long} s`);
  }
});
