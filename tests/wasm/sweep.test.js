// Sweeps: what runs they are made of, that each ends as it does alone, and that what has ended is never repeated.
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer, gatherSweep, planSweep, sweep } from 'trainground';
import { connect } from '../../wasm/client.js';
import { shardOf } from '../../wasm/cli_sweep.js';
import { partOf } from '../../wasm/sweep_plan.js';
import { splitMix64 } from '../../wasm/random_values.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const iris = {
  dataset: 'iris',
  layers: [
    { type: 'flatten' },
    { type: 'dense', units: 8, activation: 'relu' },
    { type: 'dropout', rate: 0 },
    { type: 'dense', units: 3 },
  ],
  epochs: 6,
  batchSize: 16,
  optimizer: { type: 'adam', learningRate: 0.02 },
};
const varied = { ...iris, sweep: { 'layers.2.rate': [0, 0.5], 'optimizer.learningRate': [0.001, 0.02] }, seeds: 2 };

const hashes = ({ results }) => Object.fromEntries(results.map(({ id, weightsSha256 }) => [id, weightsSha256]));

test('a grid takes each value with each, seed by seed; every run is an experiment of its own', async () => {
  const { settings, runs, seeds } = await planSweep(varied);
  assert.equal(seeds, 2);
  assert.deepEqual(settings, [
    { 'layers.2.rate': 0, 'optimizer.learningRate': 0.001 },
    { 'layers.2.rate': 0, 'optimizer.learningRate': 0.02 },
    { 'layers.2.rate': 0.5, 'optimizer.learningRate': 0.001 },
    { 'layers.2.rate': 0.5, 'optimizer.learningRate': 0.02 },
  ]);
  assert.deepEqual(
    runs.map(({ setting, seed }) => [setting, seed]),
    [1, 2].flatMap((seed) => [0, 1, 2, 3].map((setting) => [setting, seed])),
  );
  const layers = structuredClone(iris.layers);
  layers[2].rate = 0.5;
  assert.deepEqual(runs[6].experiment, { ...iris, layers, optimizer: { type: 'adam', learningRate: 0.001 }, seed: 2 });
  assert.equal((await planSweep(iris)).runs.length, 5, 'one setting with five seeds');
});

test('ranges: steps that are added or multiplied, and numbers that are drawn, the same for the same seed', async () => {
  const rates = async (range, more = {}) => {
    const { settings } = await planSweep({ ...iris, sweep: { 'optimizer.learningRate': range }, seeds: 1, ...more });
    return settings.map((setting) => setting['optimizer.learningRate']);
  };
  assert.deepEqual(await rates({ minValue: 0.1, maxValue: 0.3, step: 0.1 }), [0.1, 0.2, 0.3]);
  const log = { minValue: 0.0001, maxValue: 0.1, sampling: 'log' };
  assert.deepEqual(await rates({ ...log, step: 10 }), [0.0001, 0.001, 0.01, 0.1]);
  const drawn = await rates(log, { trials: 400 });
  assert.equal(new Set(drawn).size, 400);
  assert.deepEqual(await rates(log, { trials: 400 }), drawn);
  assert.notDeepEqual(await rates(log, { trials: 400, seed: 2 }), drawn);
  // A third of them in each decade: 133 and 9.4 of one deviation.
  for (const decade of [0.0001, 0.001, 0.01]) {
    const count = drawn.filter((rate) => rate >= decade && rate < 10 * decade).length;
    assert.ok(count > 100 && count < 167, `${count} from ${decade} on`);
  }
  const stepped = await rates({ minValue: 0.1, maxValue: 0.5, step: 0.1 }, { trials: 20 });
  assert.deepEqual(stepped.sort(), [0.1, 0.2, 0.3, 0.4, 0.5], 'there are no more that differ');
});

test('what is drawn at random is SplitMix64', () => {
  // The first numbers of its authors' program for this seed.
  const next = splitMix64(1234567);
  assert.deepEqual([next(), next(), next()], [6457827717110365317n, 3203168211198807973n, 9817491932198370423n]);
});

test('null takes out a key, or an entry of a list, whose other indices stay those of the file', async () => {
  const { runs } = await planSweep({ ...iris, sweep: { 'layers.1': [null], 'layers.2.rate': [0.3] }, seeds: 1 });
  assert.deepEqual(runs[0].experiment.layers, [
    { type: 'flatten' },
    { type: 'dropout', rate: 0.3 },
    { type: 'dense', units: 3 },
  ]);
});

test('a run is known by its experiment, whatever order its keys stand in and whatever sweep it is in', async () => {
  const { runs } = await planSweep(varied);
  const turned = Object.fromEntries(Object.entries(varied).reverse());
  assert.deepEqual(
    (await planSweep(turned)).runs.map(({ id }) => id),
    runs.map(({ id }) => id),
  );
  const wider = await planSweep({ ...varied, seeds: 3 });
  assert.deepEqual(wider.runs.slice(0, 8), runs);
  assert.equal(new Set(wider.runs.map(({ id }) => id)).size, 12);
});

const refusals = [
  [{ sweep: 5 }, 'Expected sweep to be an object of paths and their values, as in'],
  [{ sweep: { 'layers.2.rate': [0, 2] } }, 'Expected sweep["layers.2.rate"] to be a number from 0 to 0.95, got 2'],
  [{ sweep: { 'layers[2].rat': [0] } }, 'Expected sweep["layers[2].rat"] to be a known option'],
  [{ sweep: { optimizer: [{ type: 'adm' }] } }, 'Expected sweep["optimizer"].type to be one of'],
  [
    { sweep: { epochs: [] } },
    'Expected sweep["epochs"] to be a list of 1 to 10000 values, or a range, got a list of 0',
  ],
  [{ sweep: { epochs: 3 } }, 'Expected sweep["epochs"] to be a list of values, or a range as in'],
  [{ sweep: { 'layers..rate': [0] } }, 'Expected sweep["layers..rate"] to be a path in the experiment'],
  [{ sweep: { seed: [1, 2] } }, 'Expected sweep["seed"] to be a path in the experiment'],
  [{ sweep: { 'layers.9.rate': [0] } }, 'Expected sweep["layers.9.rate"] to be an index from 0 to 4 of layers, got 9'],
  [{ sweep: { epochs: [2, 2] } }, 'Expected sweep to be settings that differ, got {"epochs":2} and {"epochs":2}'],
  [
    { sweep: { epochs: { minValue: 0, maxValue: 9, sampling: 'log' } } },
    'Expected sweep["epochs"].minValue to be a number above 0, since the scale is logarithmic, got 0\n' +
      'Expected sweep["epochs"].step to be a factor above 1 from one value to the next, unless settings are drawn (trials), got nothing',
  ],
  [
    { sweep: { epochs: { minValue: 2, maxValue: 1, step: 1 } } },
    'Expected sweep["epochs"].maxValue to be a number above 2',
  ],
  [
    { sweep: { epochs: { minValue: 1, maxValue: 2, steps: 1 } }, trials: 2 },
    'Expected sweep["epochs"].steps to be left out',
  ],
  [{ sweep: { epochs: { minValue: 1, maxValue: 1e9, step: 1 } } }, 'Expected sweep to be of at most 10000 runs'],
  [{ seeds: 0 }, 'Expected seeds to be an integer from 1 to 1000, got 0'],
  [{ trials: 1.5 }, 'Expected trials to be an integer from 1 to 10000, got 1.5'],
  [{ halving: 'yes' }, 'Expected halving to be true or false, got "yes"'],
  [{ seed: -1 }, 'Expected seed to be an integer from 0 to'],
];
for (const [change, message] of refusals) {
  test(`refused by its place: ${JSON.stringify(change).slice(0, 70)}`, async () => {
    await assert.rejects(planSweep({ ...iris, ...change }), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.ok(error.message.startsWith(message), error.message);
      return true;
    });
  });
}

test('too many runs are refused before they are made', async () => {
  const list = Array.from({ length: 10_000 }, (_, i) => i + 1);
  const keys = ['epochs', 'batchSize', 'l1', 'l2', 'optimizer.learningRate'];
  const huge = { ...iris, sweep: Object.fromEntries(keys.map((key) => [key, list])) };
  const began = process.cpuUsage();
  await assert.rejects(planSweep(huge), /Expected sweep to be of at most 10000 runs .*, got 500000000000000000000/);
  const { user } = process.cpuUsage(began);
  assert.ok(user < 1e6, `${user} µs`);
});

test('each run ends, beside others, with the bits that it has alone', async () => {
  const shares = [];
  const onProgress = ({ share, finished, runs }) => shares.push([share, finished, runs]);
  const told = await sweep(varied, { workers: 3, onProgress });
  assert.deepEqual([told.results.length, told.missing.length, told.stopped.length], [8, 0, 0]);
  assert.deepEqual(shares.at(-1), [1, 8, 8]);
  shares.reduce(([before], now) => (assert.ok(now[0] >= before, `${now[0]} after ${before}`), now));
  for (const [i, { experiment, id }] of told.plan.runs.entries()) {
    const alone = await Trainer.open(experiment, { threads: 2 });
    for await (const event of alone.train()) {
      if (event.event !== 'end') continue;
      const { weightsSha256, validationAccuracy, validationLoss, reason } = event;
      const { seconds: _seconds, setting: _setting, ...result } = told.results[i];
      assert.deepEqual({ ...result, weightsSha256, validationAccuracy, validationLoss, reason, id }, result);
    }
    await alone.dispose();
  }
  assert.deepEqual(hashes(await sweep(varied, { workers: 1 })), hashes(told));
});

test('engines share one copy of the data', async () => {
  const conversation = await connect({ threads: 1 });
  const { set } = await conversation.call('loadSets', { json: JSON.stringify(iris), options: {} });
  await conversation.close();
  assert.ok(set.samples.inputs.buffer instanceof SharedArrayBuffer && set.samples.inputs instanceof Float32Array);
  const data = {
    inputs: Float32Array.from({ length: 80 }, (_, i) => i % 7),
    shape: [1, 1, 4],
    labels: new Uint8Array(20),
  };
  data.labels.fill(1, 10);
  const { dataset: _dataset, ...memory } = {
    ...iris,
    layers: [...iris.layers.slice(0, 3), { type: 'dense', units: 2 }],
  };
  const told = await sweep({ ...memory, seeds: 2 }, { data });
  const alone = await Trainer.open(told.plan.runs[1].experiment, { data });
  await alone.train().return();
  for await (const event of alone.train()) {
    if (event.event === 'end') assert.equal(event.weightsSha256, told.results[1].weightsSha256);
  }
  await alone.dispose();
});

test('what has ended is not repeated, in a wider sweep neither; who stops goes on', async () => {
  const told = [];
  const stop = new AbortController();
  const onResult = (result) => {
    told.push(result);
    if (told.length === 3) stop.abort();
  };
  await assert.rejects(sweep(varied, { workers: 1, onResult, signal: stop.signal }), { name: 'AbortError' });
  assert.equal(told.length, 3);
  const more = [];
  const wider = { ...varied, seeds: 3 };
  const whole = await sweep(wider, { finished: told, onResult: (result) => void more.push(result) });
  assert.equal(more.length, 9);
  assert.deepEqual(hashes(whole), hashes(await sweep(wider)));
  assert.equal((await gatherSweep(wider, told)).missing.length, 9);
});

test('halving stops the worst third, and what goes on ends as it does alone, killed or not', async () => {
  const rates = [0.0001, 0.001, 0.005, 0.01, 0.02, 0.05];
  const halved = { ...iris, sweep: { 'optimizer.learningRate': rates }, seeds: 2, halving: true };
  const told = [];
  const whole = await sweep(halved, { onResult: (result) => void told.push(result) });
  // Of 6 settings 2 stop, of the 4 left 1; two seeds each.
  assert.deepEqual([whole.results.length, whole.stopped.length, whole.missing.length], [6, 6, 0]);
  assert.deepEqual(
    whole.stopped.map(({ stage, epoch }) => [stage, epoch]).sort(),
    [1, 1, 1, 1, 2, 2].map((stage) => [stage, 2 * stage]),
  );
  const mean = (rate) => {
    const some = told.filter(({ stage, setting }) => stage === 1 && setting['optimizer.learningRate'] === rate);
    return some.reduce((sum, { validationAccuracy }) => sum + validationAccuracy / 2, 0);
  };
  const first = whole.stopped
    .filter(({ stage }) => stage === 1)
    .map(({ setting }) => setting['optimizer.learningRate']);
  const worst = rates.toSorted((a, b) => mean(b) - mean(a)).slice(4);
  assert.deepEqual(new Set(first), new Set(worst), `${rates.map(mean)}`);
  const all = hashes(await sweep({ ...halved, halving: false }));
  for (const { id, weightsSha256 } of whole.results) assert.equal(weightsSha256, all[id]);
  // As after a kill: some lines are there, no checkpoint is.
  for (const count of [3, 12, 14, 21]) {
    const more = [];
    const again = await sweep(halved, { finished: told.slice(0, count), onResult: (result) => void more.push(result) });
    assert.deepEqual([hashes(again), again.stopped.length], [hashes(whole), 6]);
    assert.equal(more.length, told.length - count);
  }
});

test('a part of a sweep has as many runs as another, of as many settings as can be', () => {
  for (const [settings, seeds, parts] of [
    [6, 4, 6],
    [3, 4, 6],
    [4, 2, 3],
    [1, 7, 3],
    [5, 1, 8],
    [12, 5, 8],
  ]) {
    const found = Array.from({ length: parts }, () => []);
    for (let index = 0; index < settings * seeds; index++) found[partOf(index, parts, settings)].push(index % settings);
    const counts = found.map((list) => list.length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`);
    for (const list of found) assert.ok(new Set(list).size >= Math.min(list.length, settings) - 1, `${list}`);
  }
});

test('shards together are the sweep, and halving is refused in them', async () => {
  const parts = [];
  for (const shard of ['1/3', '2/3', '3/3']) parts.push(await sweep(varied, { shard }));
  assert.deepEqual(
    parts.map(({ results }) => results.length),
    [3, 3, 2],
  );
  const together = await gatherSweep(
    varied,
    parts.flatMap(({ results }) => results),
  );
  assert.deepEqual([together.missing.length, hashes(together)], [0, hashes(await sweep(varied))]);
  await assert.rejects(
    sweep({ ...varied, halving: true }, { shard: '1/2' }),
    /Expected halving to be false in a shard/,
  );
  for (const shard of ['0/3', '4/3', '3', 'a/b']) {
    await assert.rejects(sweep(varied, { shard }), /Expected shard to be a part and how many there are, as in 3\/40/);
  }
  await assert.rejects(sweep(varied, { workers: 0 }), /Expected workers to be an integer from 1 to 64, got 0/);
  await assert.rejects(sweep({ ...varied, validationSplit: 0 }), /Expected validationSplit to be above 0/);
});

test('the index of a Slurm array, or of an indexed job, is the shard', () => {
  const slurm = {
    SLURM_ARRAY_TASK_ID: '7',
    SLURM_ARRAY_TASK_MIN: '3',
    SLURM_ARRAY_TASK_STEP: '2',
    SLURM_ARRAY_TASK_COUNT: '5',
  };
  assert.equal(shardOf('auto', slurm), '3/5');
  assert.equal(shardOf('auto/40', { JOB_COMPLETION_INDEX: '0' }), '1/40');
  assert.equal(shardOf('2/4', slurm), '2/4');
  assert.equal(shardOf(undefined, slurm), undefined);
  for (const [shard, environment] of [
    ['auto', {}],
    ['auto', { JOB_COMPLETION_INDEX: '0' }],
    ['automatic', slurm],
  ]) {
    assert.throws(() => shardOf(shard, environment), /Expected --shard to be as in 3\/40; or auto/);
  }
});

const runLines = (file) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'run');

test('killed, the command goes on where it was; half a line is no result', async () => {
  const cwd = temporaryFolder();
  const file = join(cwd, 'results.ndjson');
  const name = writeExperiment(cwd, 'sweep.json', { ...varied, epochs: 40 });
  const words = ['sweep', name, '--out', 'results.ndjson', '--log', 'ndjson', '--workers', '2'];
  let lines = 0;
  const killed = await trainground(words, {
    cwd,
    onLine: (_line, kill) => ++lines === 2 && kill('SIGKILL'),
  });
  assert.equal(killed.signal, 'SIGKILL');
  const before = runLines(file);
  assert.ok(before.length >= 2 && before.length < 8, `${before.length}`);
  appendFileSync(file, '{"event":"run","id":"0123');
  const { code, err, lines: rest } = await trainground(words, { cwd });
  assert.equal(code, 0, err);
  assert.equal(rest.filter(({ event }) => event === 'run').length, 8 - before.length);
  const all = runLines(file);
  assert.equal(all.length, 8);
  assert.equal(new Set(all.map(({ id }) => id)).size, 8);
  assert.deepEqual(hashes({ results: all }), hashes(await sweep({ ...varied, epochs: 40 })));

  // Cut off at any byte, what is whole counts.
  const bytes = readFileSync(file);
  truncateSync(file, bytes.length - 1);
  const { lines: last } = await trainground(words, { cwd });
  assert.deepEqual([last.filter(({ event }) => event === 'run').length, runLines(file).length], [1, 8]);

  writeFileSync(file, 'text\n[1]\n{"event":"run"}\n');
  const refused = await trainground(words, { cwd });
  assert.equal(refused.code, 2);
  assert.match(
    refused.err,
    /^Expected --out, line 1 of results.ndjson, to be a result of a sweep, .*\n.*line 2.*\n.*line 3/,
  );
});

test('the command line tells the plan, trains shards, and puts them together', async () => {
  const cwd = temporaryFolder();
  const name = writeExperiment(cwd, 'sweep.json', varied);
  const plan = await trainground(['sweep', name, '--plan'], { cwd });
  assert.match(plan.out, /^4 settings x 2 seeds = 8 runs\n {2}layers.2.rate 0 {2}optimizer.learningRate 0.001\n/);
  const told = await trainground(['sweep', name, '--plan', '--log', 'ndjson', '--set', 'halving=true'], { cwd });
  assert.deepEqual([told.lines[0].runs, told.lines[0].seeds, told.lines[0].halving], [8, 2, true]);

  mkdirSync(join(cwd, 'parts'));
  for (const part of [1, 3]) {
    const { code, err } = await trainground(['sweep', name, '--shard', `${part}/3`, '--out', `parts/${part}.ndjson`], {
      cwd,
    });
    assert.equal(code, 0, err);
  }
  const partly = await trainground(['sweep', '--merge', 'parts'], { cwd });
  assert.equal(partly.code, 1);
  assert.match(partly.out, /3 of 8 runs are missing:\n {2}3 of shard 2\/3\n/);
  await trainground(['sweep', name, '--shard', '2/3', '--out', 'parts/2.ndjson'], { cwd });
  const merged = await trainground(['sweep', '--merge', 'parts', '--out', 'all.ndjson', '--table', 'all.csv'], { cwd });
  assert.equal(merged.code, 0, merged.err);
  assert.deepEqual(hashes({ results: runLines(join(cwd, 'all.ndjson')) }), hashes(await sweep(varied)));
  const rows = readFileSync(join(cwd, 'all.csv'), 'utf8').trim().split('\n');
  assert.equal(rows.length, 9);
  assert.ok(rows[0].startsWith('layers.2.rate,optimizer.learningRate,seed,epoch,reason,validationAccuracy,'));
  assert.ok(rows[1].startsWith('0,0.001,1,6,epochs,'));

  // The same run with other weights: other data, or another version.
  copyFileSync(join(cwd, 'parts', '1.ndjson'), join(cwd, 'parts', 'other.ndjson'));
  const other = readFileSync(join(cwd, 'parts', '1.ndjson'), 'utf8').replace(
    /"weightsSha256":"./,
    '"weightsSha256":"x',
  );
  writeFileSync(join(cwd, 'parts', 'other.ndjson'), other);
  const clash = await trainground(['sweep', '--merge', 'parts'], { cwd });
  assert.equal(clash.code, 2);
  assert.match(
    clash.err,
    /with seed 1, to be in files that end it with the same weights, got "1.ndjson" and "other.ndjson"/,
  );

  const run = await trainground(['run', name], { cwd });
  assert.equal(run.code, 2);
  assert.match(run.err, /Expected sweep to be left out of one run \(`trainground sweep` trains all/);
  const nowhere = await trainground(['sweep', name, '--shard', '1/2'], { cwd });
  assert.match(nowhere.err, /Expected --out to be a file for the results of this shard, got nothing/);
});
