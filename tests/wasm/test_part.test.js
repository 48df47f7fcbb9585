// The test part of a sweep: nobody learns from it, nothing is chosen by it, and it is looked at once.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trainer, sweep, testSweep } from 'trainground';
import { connect } from '../../wasm/client.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const layers = [{ type: 'flatten' }, { type: 'dense', units: 8, activation: 'relu' }, { type: 'dense', units: 3 }];
const iris = { dataset: 'iris', layers, epochs: 5, batchSize: 16, optimizer: { type: 'adam', learningRate: 0.02 } };
const held = { ...iris, testSplit: 0.2, seeds: 2, sweep: { batchSize: [8, 16] } };

async function flowers() {
  const whole = await Trainer.open(iris);
  const { inputs, labels } = await whole.samples(Array.from({ length: 150 }, (_, i) => i));
  await whole.dispose();
  return { inputs, labels };
}

async function loaded(experiment, options = {}) {
  const conversation = await connect({ threads: 1 });
  const request = { json: JSON.stringify(experiment), options, held: { share: 0.2, seed: 1 } };
  const sets = await conversation.call('loadSets', request);
  await conversation.close();
  return sets;
}

test('a fifth of each class is in the test part, and nowhere else', async () => {
  const data = { inputs: new Float64Array(400).map((_, i) => i), shape: [1, 1, 4], labels: [] };
  data.labels = Array.from({ length: 100 }, (_, i) => Math.floor(i / 40));
  const { dataset: _dataset, ...memory } = iris;
  const { set, test: part } = await loaded(memory, { data });
  const rows = ({ samples: { inputs } }) => Array.from({ length: inputs.length / 4 }, (_, i) => inputs[4 * i] / 4);
  assert.equal(rows(part).length, 20);
  assert.deepEqual(
    [...rows(set), ...rows(part)].sort((a, b) => a - b),
    [...data.labels.keys()],
  );
  assert.equal(rows(part).filter((row) => row < 40).length, 8);
  for (const { samples } of [set, part]) {
    assert.deepEqual(
      [...samples.labels],
      rows({ samples }).map((row) => data.labels[row]),
    );
  }
});

test('groups stay on one side', async () => {
  const groups = Array.from({ length: 120 }, (_, i) => Math.floor(i / 4));
  const data = { inputs: Float32Array.from({ length: 480 }, (_, i) => i % 11), shape: [1, 1, 4], labels: [], groups };
  data.labels = groups.map((group) => group % 3);
  const { dataset: _dataset, ...memory } = iris;
  const { set, test: part } = await loaded(memory, { data });
  assert.equal(set.samples.groups.length + part.samples.groups.length, 120);
  assert.ok(part.samples.groups.length >= 20);
  for (const group of part.samples.groups) assert.ok(!set.samples.groups.includes(group), `${group}`);
});

test('photos behind an embedding, which cannot learn, are held back as others are', async () => {
  const inputs = Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) => i % 251);
  const data = { inputs, shape: [32, 32, 3], labels: Array.from({ length: 40 }, (_, i) => i % 3) };
  const backbone = { type: 'backbone', name: 'efficientnet-lite0', output: 'embedding' };
  const photos = { layers: [backbone, layers[2]], transfer: { weights: 'efficientnet-lite0', freeze: 'all' } };
  const parts = await loaded(photos, { data });
  assert.equal(parts.test.samples.labels.length, 9);
  assert.deepEqual(parts.test.samples, (await loaded({ layers }, { data })).test.samples);
});

test('what is said of the test part is what the same network, trained without it, says of it', async () => {
  const whole = await sweep(held);
  const seen = await testSweep(held, 1, { finished: whole.results });
  assert.deepEqual([seen.samples, seen.seeds, seen.setting], [30, [1, 2], { batchSize: 16 }]);
  const { set, test: part } = await loaded(iris);
  const { dataset: _dataset, ...memory } = iris;
  const alone = await Trainer.open({ ...memory, seed: 2 }, { data: set.samples });
  for await (const event of alone.train()) {
    if (event.event === 'end') assert.equal(event.weightsSha256, whole.results[3].weightsSha256);
  }
  assert.equal((await alone.evaluate(part.samples)).accuracy, seen.values[1]);
  await alone.dispose();
  const other = whole.results.map((result) => ({ ...result, weightsSha256: '0' }));
  await assert.rejects(testSweep(held, 1, { finished: other }), /to end as it did in the sweep, got other weights/);
  await assert.rejects(testSweep(iris, 0), /Expected testSplit to be a share of the set to test by/);
  await assert.rejects(sweep({ ...held, testSplit: 1 }), /Expected testSplit to be a number from 0.01 to 0.9, got 1/);
});

/** A safetensors file of float32 inputs (N,4) and int64 labels (N). */
function safetensors(inputs, labels) {
  const bytes = new Uint8Array(inputs.length * 4 + labels.length * 8);
  bytes.set(new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength));
  bytes.set(new Uint8Array(BigInt64Array.from(labels, BigInt).buffer), inputs.byteLength);
  const header = JSON.stringify({
    x: { dtype: 'F32', shape: [labels.length, 4], data_offsets: [0, inputs.byteLength] },
    y: { dtype: 'I64', shape: [labels.length], data_offsets: [inputs.byteLength, bytes.length] },
  });
  const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
  return Buffer.concat([length, Buffer.from(header), bytes]);
}

function idx(sides, bytes) {
  const head = Buffer.alloc(4 + 4 * sides.length);
  head[2] = 8;
  head[3] = sides.length;
  sides.forEach((side, i) => head.writeUInt32BE(side, 4 + 4 * i));
  return Buffer.concat([head, Buffer.from(bytes)]);
}

const told = async (experiment, options) => {
  const { results } = await sweep(experiment, options);
  return [results.map(({ weightsSha256 }) => weightsSha256), (await testSweep(experiment, 0, options)).values];
};

test('the same samples in another form have the same test part', async () => {
  const folder = temporaryFolder();
  const { inputs, labels } = await flowers();
  const one = { ...held, sweep: {} };
  const wanted = await told(one);
  writeFileSync(join(folder, 'iris.safetensors'), safetensors(inputs, labels));
  const names = ['a', 'b', 'c', 'd'];
  const rows = Array.from(labels, (label, i) => [...inputs.subarray(4 * i, 4 * i + 4), `kind ${label}`].join(','));
  writeFileSync(join(folder, 'iris.csv'), [[...names, 'kind'].join(','), ...rows].join('\n'));
  const forms = {
    safetensors: { type: 'safetensors', path: 'iris.safetensors', inputs: 'x', labels: 'y' },
    csv: { type: 'csv', path: 'iris.csv', label: 'kind' },
  };
  for (const [name, dataset] of Object.entries(forms)) {
    assert.deepEqual(await told({ ...one, dataset }, { base: folder }), wanted, name);
  }
  const bytes = Uint8Array.from(inputs, (value) => Math.round(value * 20));
  writeFileSync(join(folder, 'images'), idx([150, 2, 2], bytes));
  writeFileSync(join(folder, 'labels'), idx([150], labels));
  const { dataset: _dataset, ...memory } = one;
  assert.deepEqual(
    await told({ ...one, dataset: { type: 'idx', images: 'images', labels: 'labels' } }, { base: folder }),
    await told(memory, { data: { inputs: bytes, shape: [2, 2, 1], labels } }),
  );
});

test('of a table, what is missing is filled as in the run; points are others than those to learn from', async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 7 ? i : ''},${i % 2 ? 'x' : 'y'},${i < 30 ? 'low' : 'high'}`,
  );
  const files = { 't.csv': new TextEncoder().encode(['n,c,kind', ...rows].join('\n')) };
  const dataset = { type: 'csv', path: 't.csv', label: 'kind', normalize: true };
  const two = [layers[0], { type: 'dense', units: 2 }];
  const table = { ...iris, dataset, layers: two, testSplit: 0.3, seeds: 1, epochs: 20 };
  const seen = await testSweep(table, 0, { files });
  assert.ok(seen.values[0] > 0.7 && seen.samples === 18, `${seen.values[0]} of ${seen.samples}`);
  const numbers = rows.map((row, i) => `${row.replace(/,[a-z]+$/, '')},${i / 10 + 0.25}`);
  const priced = { 't.csv': new TextEncoder().encode(['n,c,price', ...numbers].join('\n')) };
  const regression = { ...table, loss: 'meanSquaredError', dataset: { ...dataset, label: 'price' } };
  const { values, metric } = await testSweep({ ...regression, layers: [layers[0], { type: 'dense', units: 1 }] }, 0, {
    files: priced,
  });
  assert.ok(metric === 'validationLoss' && values[0] > 0, `${values}`);
  const points = { ...table, dataset: { type: 'points', shape: 'gaussians', samples: 100, noise: 0.1 } };
  const drawn = await testSweep(points, 0);
  assert.ok(drawn.values[0] > 0.8 && drawn.samples === 100, `${drawn.values[0]} of ${drawn.samples}`);
});

test('the command line looks once, and says so when someone looks again', async () => {
  const cwd = temporaryFolder();
  const name = writeExperiment(cwd, 'sweep.json', held);
  const words = ['sweep', name, '--out', 'results.ndjson', '--test'];
  const last = ({ out }) => out.trim().split('\n').slice(-1)[0];
  const first = await trainground(words, { cwd });
  assert.equal(first.code, 0, first.err);
  assert.match(
    last(first),
    /^Test part, 30 samples that nothing was chosen by: batchSize \d+ {2}accuracy \d.* 2 seeds\)$/,
  );
  assert.equal(last(await trainground(words, { cwd })), last(first));
  const lines = readFileSync(join(cwd, 'results.ndjson'), 'utf8').trim().split('\n');
  assert.equal(lines.filter((line) => JSON.parse(line).event === 'test').length, 1);
  const again = await trainground([...words, '--set', 'seeds=3'], { cwd });
  assert.match(last(again), /^It has been looked at for 2 settings or numbers of seeds/);
  const nowhere = await trainground(['sweep', name, '--test'], { cwd });
  assert.match(nowhere.err, /Expected --test to be together with --out/);
});
