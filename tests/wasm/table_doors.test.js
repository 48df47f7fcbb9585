// Tables through every door: module, command line, weights alone, exports; with scikit-learn's preparation beside ours.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { describeTable, describeWeights, openNetwork, Trainer } from 'trainground';
import { joinFile, splitFile } from '../../wasm/safetensors.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { readOnnx } from './onnx_file.js';
import { noPython, python } from './python.js';

const folder = temporaryFolder();
const bytes = (text) => new TextEncoder().encode(text);

// Houses: what they cost follows from size, age and place; some of it is not known, one column says nothing.
const places = ['north', 'south', 'old town', 'harbour'];
const houses = Array.from({ length: 400 }, (_, i) => {
  const [size, age, place] = [40 + ((i * 37) % 160) / 2, (i * 61) % 90, (i * 7 + (i >> 2)) % 4];
  return {
    'living area': i % 11 === 3 ? 'NA' : size.toFixed(1),
    age: i % 7 === 5 ? '' : String(age),
    place: i % 13 === 0 ? '?' : places[place],
    garden: i % 3 ? 'yes' : 'no',
    reference: `H-${10_000 + i}`,
    price: ((size * 3 - age + place * 25 + (i % 3 ? 20 : 0)) / 100).toFixed(3),
  };
});
const columns = Object.keys(houses[0]);
const write = (rows, separator, decimal, order = columns) =>
  [
    order,
    ...rows.map((row) =>
      order.map((name) => (/^[\d.]+$/.test(row[name]) ? row[name].replace('.', decimal) : row[name])),
    ),
  ]
    .map((cells) => cells.join(separator))
    .join('\r\n');
const comma = write(houses, ',', '.');
const semicolon = write(houses, ';', ',');
writeFileSync(join(folder, 'houses.csv'), comma);
writeFileSync(join(folder, 'häuser.csv'), `\uFEFF${semicolon}\r\n\r\n`);
writeFileSync(join(folder, 'houses.tsv.gz'), gzipSync(write(houses, '\t', ',')));
const experiment = {
  dataset: { type: 'csv', path: 'houses.csv', label: 'price', normalize: true },
  layers: [
    { type: 'dense', units: 16, activation: 'relu' },
    { type: 'dense', units: 1 },
  ],
  loss: 'meanSquaredError',
  optimizer: { type: 'adam', learningRate: 0.01 },
  epochs: 40,
};
const trained = async (changes, options) => {
  const trainer = await Trainer.open({ ...experiment, ...changes }, { base: folder, ...options });
  let end;
  for await (const event of trainer.train()) end = event;
  return { trainer, end };
};

test('what was done with each column is said', async () => {
  const trainer = await Trainer.open(experiment, { base: folder });
  const { preparation, notes, shape } = trainer.start;
  assert.deepEqual(shape, [1, 1, 9]);
  assert.equal(preparation.kind, 'table');
  assert.equal(preparation.label, 'price');
  assert.deepEqual(
    preparation.columns.map(({ name, type, categories, missing }) => [name, type, categories, missing]),
    [
      ['living area', 'number', undefined, undefined],
      ['age', 'number', undefined, undefined],
      ['place', 'category', ['harbour', 'north', 'old town', 'south'], true],
      ['garden', 'category', ['no', 'yes'], false],
    ],
  );
  const [area, age] = preparation.columns;
  assert.deepEqual(notes, [
    'Column "place": 31 cells are missing, a category of their own.',
    'Column "reference" is left out: 400 different texts in 400 rows are no categories.',
    `Column "living area": 37 cells are missing, filled with ${area.median}, the training part's median.`,
    `Column "age": 57 cells are missing, filled with ${age.median}, the training part's median.`,
  ]);
  await trainer.dispose();
});

test('every dialect gives the same weights, in the module and on the command line', async () => {
  const { trainer, end } = await trained({});
  assert.ok(end.validationLoss < 0.1, String(end.validationLoss));
  await trainer.dispose();
  for (const path of ['häuser.csv', 'houses.tsv.gz']) {
    writeExperiment(folder, 'other.json', { ...experiment, dataset: { ...experiment.dataset, path } });
    const { code, err, lines } = await trainground(['run', 'other.json', '--log', 'ndjson'], { cwd: folder });
    assert.equal(code, 0, err);
    assert.match(err, /^Column "place": 31 cells are missing, a category of their own\.\n/);
    assert.equal(lines.at(-1).weightsSha256, end.weightsSha256, path);
  }
});

test('a table of numbers gives the same weights as its numbers do', async () => {
  const iris = { dataset: 'iris', layers: [{ type: 'dense', units: 3 }], epochs: 5 };
  const { trainer, end } = await trained(iris);
  const { inputs, labels } = await trainer.samples(Array.from({ length: 150 }, (_, i) => i));
  const { classNames } = trainer.start;
  await trainer.dispose();
  for (const [separator, decimal] of [
    [',', '.'],
    [';', ','],
    ['\t', ','],
  ]) {
    const rows = Array.from(labels, (label, i) =>
      [...inputs.subarray(4 * i, 4 * i + 4)].map((x) => x.toFixed(1).replace('.', decimal)).concat(classNames[label]),
    );
    const text = [['a', 'b', 'c', 'd', 'kind'], ...rows].map((row) => row.join(separator)).join('\n');
    const dataset = { type: 'csv', path: 'dropped', label: 'kind' };
    const table = await trained({ ...iris, dataset, loss: 'crossEntropy' }, { files: { dropped: new Blob([text]) } });
    assert.equal(table.end.weightsSha256, (await trained({ ...iris, loss: 'crossEntropy' })).end.weightsSha256);
    assert.deepEqual(table.trainer.start.classNames, classNames);
    await table.trainer.dispose();
  }
  assert.ok(end.weightsSha256);
});

const noSklearn =
  noPython || (python(['-c', 'import sklearn']).status === 0 ? false : 'python3-sklearn is not installed');
test("inputs are those of scikit-learn's pipeline, fitted to the training part", { skip: noSklearn }, async () => {
  const trainer = await Trainer.open(experiment, { base: folder });
  const { training, validation } = await trainer.split();
  writeFileSync(join(folder, 'training.json'), JSON.stringify([...training]));
  const script = `
import csv, json, numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
rows = list(csv.DictReader(open('houses.csv', newline='')))
number = lambda text: float('nan') if text in ('', 'NA') else float(text)
x = np.array([[number(r['living area']), number(r['age']), r['place'], r['garden']] for r in rows], dtype=object)
x[x[:, 2] == '?', 2] = '~'
steps = ColumnTransformer([('n', make_pipeline(SimpleImputer(strategy='median'), StandardScaler()), [0, 1]), ('c', OneHotEncoder(sparse_output=False) if hasattr(OneHotEncoder(), 'sparse_output') else OneHotEncoder(sparse=False), [2, 3])])
steps.fit(x[json.load(open('training.json'))])
n = steps.named_transformers_['n']
print(json.dumps({'inputs': steps.transform(x).tolist(), 'medians': n[0].statistics_.tolist(), 'mean': n[1].mean_.tolist(), 'deviation': n[1].scale_.tolist()}))
`;
  const { stdout, stderr } = python(['-c', script], folder);
  assert.ok(stdout, stderr);
  const theirs = JSON.parse(stdout);
  const { columns, normalization } = trainer.start.preparation;
  const close = (ours, wanted, tolerance) => assert.ok(Math.abs(ours - wanted) <= tolerance, `${ours} ${wanted}`);
  for (const i of [0, 1]) {
    assert.equal(columns[i].median, theirs.medians[i]);
    close(normalization.mean[i], theirs.mean[i], 1e-12);
    close(normalization.deviation[i], theirs.deviation[i], 1e-12);
  }
  assert.ok(validation.length > 50);
  const { inputs } = await trainer.samples(houses.map((_, i) => i));
  theirs.inputs.flat().forEach((wanted, at) => {
    const channel = at % 9;
    close((inputs[at] - normalization.mean[channel]) / normalization.deviation[channel], wanted, 1e-6);
  });
  await trainer.dispose();
});

test('rows are predicted as the set is, in any order of the columns, by the trainer and by its weights alone', async () => {
  const { trainer } = await trained({});
  const { validation } = await trainer.split();
  const { probabilities: wanted } = await trainer.evaluate();
  const network = await openNetwork(await trainer.saveWeights());
  const some = Array.from(validation, (i) => houses[i]);
  const file = bytes(
    write(
      some,
      ';',
      ',',
      ['garden', 'place', 'other', 'age', 'living area'].filter((name) => name in houses[0]),
    ),
  );
  for (const model of [trainer, network]) {
    for (const rows of [
      file,
      new Blob([file]),
      some,
      some.map((row) => ({ ...row, age: row.age === '' ? null : Number(row.age) })),
    ]) {
      const shares = [];
      const answers = await model.predictRows(rows, { onProgress: (share) => shares.push(share) });
      assert.deepEqual(answers.probabilities, wanted);
      assert.equal(answers.outputs, 1);
      assert.deepEqual(
        [...answers.accepted],
        some.map((_, i) => i),
      );
      assert.deepEqual(answers.unknown, {});
      assert.equal(answers.missing.age, some.filter(({ age }) => age === '').length);
      assert.equal(shares.at(-1), 1);
    }
    const [known, unknown] = [
      { ...some[0], place: 'moon' },
      { ...some[0], age: 'old' },
    ];
    const answers = await model.predictRows([known, unknown, some[1]]);
    assert.deepEqual([...answers.accepted], [0, 2]);
    assert.deepEqual(answers.rejected, [{ row: 1, column: 'age', given: 'old' }]);
    assert.deepEqual([answers.rejectedCount, answers.unknown], [1, { place: 1 }]);
    assert.equal(answers.probabilities[1], wanted[1]);
    await assert.rejects(model.predictRows([{ place: 'north', age: 1 }]), {
      message: 'Expected rows to be a table with the columns "living area", "garden", got the columns "place, age"',
    });
    await assert.rejects(model.predictRows(bytes('place;age;garden\nnorth;1;no\n')), {
      message: 'Expected rows to be a table with the column "living area", got the columns "place, age, garden"',
    });
    await assert.rejects(model.predictRows([{ ...some[0], age: [] }]), {
      message: 'Expected rows[0]["age"] to be a number, a text or null, got []',
    });
  }
  const { preparation } = describeWeights(await trainer.saveWeights());
  assert.deepEqual(preparation, trainer.start.preparation);
  await assert.rejects(
    Trainer.open(
      { ...experiment, dataset: { ...experiment.dataset, leaveOut: ['age'] } },
      { base: folder, weights: await trainer.saveWeights() },
    ),
    {
      message: `Expected weights to be those of the table's columns, of which number 2 is "place (harbour, north, old town, south, missing)", got "age"`,
    },
  );
  const { metadata: onnx } = readOnnx(await trainer.export('onnx'));
  assert.deepEqual(JSON.parse(onnx.preparation), trainer.start.preparation);
  assert.equal(onnx['input.kind'], 'a row of a table');
  assert.match(
    onnx['input.columns'],
    /^living area \(a number; where it is missing [\d.]+\); age .*; garden \(one-hot: no, yes\)$/,
  );
  await Promise.all([trainer.dispose(), network.dispose()]);
});

test('the command line writes the rows with their predictions, and the errors in the unit of the label', async () => {
  writeExperiment(folder, 'houses.json', experiment);
  const run = await trainground(['run', 'houses.json', '--save', 'w.safetensors'], { cwd: folder });
  assert.equal(run.code, 0, run.err);
  const words = ['houses.json', '--weights', 'w.safetensors'];
  writeFileSync(
    join(folder, 'new.csv'),
    'garden;age;place;living area;why\r\nyes;3;north;80,5;"a ""b"""\r\n\r\nno;new;south;70;\r\nno;;moon;60;x',
  );
  const { code, out, err } = await trainground(['predict', ...words, 'new.csv'], { cwd: folder });
  assert.equal(code, 0, err);
  assert.match(
    out,
    /^garden;age;place;living area;why;predicted price\r\nyes;3;north;80,5;"a ""b""";\d,\d+\r\nno;new;south;70;;\r\nno;;moon;60;x;\d,\d+\r\n$/,
  );
  assert.match(
    err,
    /\nRow 2 below the header has no prediction: "new" in column "age" is no number\.\nColumn "age": 1 cell missing\.\nColumn "place": 1 cell with a category that the network has not learned\.\n$/,
  );
  const told = await trainground(['predict', ...words, 'new.csv', '--out', 'answers.csv'], { cwd: folder });
  assert.equal(told.out, '');
  assert.equal(readFileSync(join(folder, 'answers.csv'), 'utf8'), out);
  const { lines } = await trainground(['predict', ...words, 'new.csv', '--log', 'ndjson'], { cwd: folder });
  assert.deepEqual(
    lines.map(({ row }) => row),
    [0, 2],
  );

  const trainer = await Trainer.open(experiment, {
    base: folder,
    weights: new Uint8Array(readFileSync(join(folder, 'w.safetensors'))),
  });
  const { validation } = await trainer.split();
  const { regression, probabilities, loss } = await trainer.evaluate();
  const truth = Array.from(validation, (i) => Number(houses[i].price));
  assert.deepEqual([...regression.targets], truth.map(Math.fround));
  const mean = truth.reduce((sum, value) => sum + value / truth.length, 0);
  const errors = truth.map((value, i) => probabilities[i] - value);
  const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
  const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`);
  close(regression.rmse[0], Math.sqrt(squares / truth.length));
  close(regression.rmse[0] ** 2, loss);
  close(regression.mae[0], errors.reduce((sum, error) => sum + Math.abs(error), 0) / truth.length);
  close(regression.r2[0], 1 - squares / truth.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  assert.ok(regression.r2[0] > 0.9);
  await trainer.dispose();
  const evaluated = await trainground(['evaluate', ...words], { cwd: folder });
  assert.match(evaluated.out, /^80 samples {2}loss 0\.\d+\nRMSE 0\.\d+ {2}MAE 0\.\d+ {2}R² 0\.9\d+\n$/);
});

test('classes come back with their probability', async () => {
  const text =
    'size,colour,kind\n' +
    Array.from(
      { length: 60 },
      (_, i) => `${i % 2 ? 5 : 1},${i % 3 ? 'red' : 'blue'},"${i % 2 ? 'a, large' : 'small'}"`,
    ).join('\n');
  const dataset = { type: 'csv', path: 't', label: 'kind' };
  const { trainer } = await trained(
    { dataset, loss: 'crossEntropy', layers: [{ type: 'dense', units: 2 }] },
    { files: { t: bytes(text) } },
  );
  const { table } = await trainer.predictRows(bytes('colour,size\nred,5\nblue,1\n'), { table: true });
  assert.match(
    new TextDecoder().decode(table),
    /^colour,size,predicted kind,probability\nred,5,"a, large",0\.\d+\nblue,1,small,0\.\d+\n$/,
  );
  await trainer.dispose();
});

test('a file that stands for a name is one file of the experiment', async () => {
  const dataset = { type: 'csv', path: 'a', label: 'price', validation: { type: 'csv', path: 'b', label: 'price' } };
  const halves = [houses.slice(0, 300), houses.slice(300)].map((rows) => write(rows, ',', '.'));
  const files = { a: gzipSync(halves[0]), b: new Blob([halves[1]]) };
  const trainer = await Trainer.open({ ...experiment, dataset }, { files });
  assert.deepEqual([trainer.start.samples, trainer.start.validationSamples], [300, 100]);
  await trainer.dispose();
  await assert.rejects(Trainer.open({ ...experiment, dataset }, { files: { ...files, b: 'text' } }), {
    message: 'Expected files["b"] to be a Uint8Array or a Blob, got "text"',
  });
  await assert.rejects(
    Trainer.open({ ...experiment, dataset }, { files: { a: files.a } }),
    /dataset\.validation\.path/,
  );
});

test('problems of a set and of its validation are told at once', async () => {
  const dataset = {
    type: 'csv',
    path: 'none.csv',
    label: 'price',
    validation: { type: 'csv', path: 'never.csv', label: 'price' },
  };
  await assert.rejects(Trainer.open({ ...experiment, dataset }, { base: folder }), ({ problems }) => {
    assert.deepEqual(
      problems.map(({ path }) => path),
      ['dataset.path', 'dataset.validation.path'],
    );
    return true;
  });
  const validation = { type: 'csv', path: 'v', label: 'kind' };
  const iris = {
    dataset: { type: 'builtIn', name: 'iris', validation },
    layers: [{ type: 'dense', units: 3 }],
    epochs: 1,
  };
  const row = (a) => `a,b,c,d,kind\n${a},2,3,4,Setosa\n`;
  const trainer = await Trainer.open(iris, { files: { v: bytes(row(1)) } });
  assert.equal(trainer.start.validationSamples, 1);
  await trainer.dispose();
  await assert.rejects(Trainer.open(iris, { files: { v: bytes(row(1) + '?,2,3,4,Setosa\n') } }), {
    message: /^Expected dataset\.validation\.path to be a table without missing cells, /,
  });
});

test('a description of a table that is none is refused, and so are rows for a network of pictures', async () => {
  const { trainer } = await trained({ epochs: 1 });
  const { header, data } = splitFile(await trainer.saveWeights());
  await trainer.dispose();
  const { preparation } = trainer.start;
  const { columns } = preparation;
  for (const change of [
    { columns: [null] },
    { columns: columns.slice(1) },
    { columns: [{ ...columns[0], median: null }, ...columns.slice(1)] },
    { columns: columns.map((column) => ({ ...column, categories: 'all' })) },
    { shape: [1, 1, 8] },
    { label: 3 },
    { normalization: { mean: [1], deviation: [1] } },
  ]) {
    const told = { 'trainground.preparation': JSON.stringify({ ...preparation, ...change }) };
    const file = joinFile({ ...header, __metadata__: { ...header.__metadata__, ...told } }, data);
    await assert.rejects(openNetwork(file), ({ problems }) => {
      assert.equal(problems[0].path, 'weights.__metadata__.trainground.preparation', JSON.stringify(change));
      return true;
    });
  }
  const digits = await Trainer.open({ dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });
  await assert.rejects(digits.predictRows([{ x: 1 }]), {
    message: 'Expected rows to be asked of a network that learned from a table, got one that learned from pictures',
  });
  await digits.dispose();
});

test('reading can be watched and stopped, and the next reading goes on', async () => {
  const large = bytes(`a,b,y\n${'1.25,word,0\n2.5,other,1\n'.repeat(300_000)}`);
  const shares = [];
  const { rows } = await describeTable(large, { onProgress: (share) => shares.push(share) });
  assert.equal(rows, 600_000);
  assert.ok(shares.length > 2 && shares.every((share) => share >= 0 && share <= 1), String(shares));
  const stop = new AbortController();
  await assert.rejects(describeTable(large, { signal: stop.signal, onProgress: () => stop.abort() }), {
    name: 'AbortError',
  });
  const [one, other] = await Promise.all([describeTable(large), describeTable(gzipSync(comma))]);
  assert.deepEqual([one.rows, other.rows], [600_000, 400]);
  await assert.rejects(describeTable('houses.csv'), {
    message: 'Expected file to be a Uint8Array or a Blob, got "houses.csv"',
  });
});
