// Milliseconds of a training step and of a prediction on five workloads and a real network, with one thread and two, and the memory that
// they take, beside native PyTorch where it is installed, everything in turn within one run: `npm run bench:steps`, with the number of
// rounds behind it (default 5, about ten minutes on a quiet machine; timing.js says which rounds count) and the workloads (default all).
//
// PyTorch is its newest, where `sh .ci/build torch` has installed that (4 GB), else Debian's. It is measured in both layouts of its
// pictures, and the faster one counts.
//
// A speed that is not right is no speed: one thread and two must give the same weights, and PyTorch's losses from the same weights on the
// same batches must agree.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { cell, Machine, median, ratios, time } from './timing.js';
import { experimentOf, samplesOf, whole, workloads } from './workloads.js';

const [rounds = '5', ...names] = process.argv.slice(2);
const kRounds = Number(rounds);
const all = { ...workloads, ...whole };
const chosen = names.length > 0 ? Object.fromEntries(names.map((name) => [name, all[name]])) : all;
const kSeconds = 1; // of each measurement
const kCompared = 6; // steps whose losses are compared

/** An engine of ours with its workload, in a worker whatever its threads, so that one and two pay the same for each message. */
async function ours(workload, threads) {
  const data = samplesOf(workload);
  const trainer = await Trainer.open(experimentOf(workload), { data, threads });
  const weights = await trainer.saveWeights();
  const losses = [];
  for (let i = 0; i < (workload.compared ?? kCompared); ++i) losses.push((await trainer.step())[0].loss);
  const sha256 = await trainer.weightsSha256();
  const one = data.inputs.subarray(0, data.inputs.length / 2);
  return {
    weights,
    losses,
    sha256,
    inputs: data.inputs,
    memory: trainer.start.memoryBytes,
    train: () => time(() => trainer.step(), kSeconds),
    predict: () => time(() => trainer.predict(one), kSeconds),
    alone: () => time(() => trainer.predict(one.subarray(0, one.length / workload.batch)), kSeconds),
    close: () => trainer.dispose(),
  };
}

/** PyTorch in a process of its own: it answers each line with one. Null where there is none. */
async function torch() {
  const script = fileURLToPath(new URL('torch_steps.py', import.meta.url));
  const env = { ...process.env, PYTHONPATH: fileURLToPath(new URL('../../build/torch', import.meta.url)) };
  const child = spawn('/usr/bin/python3', [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {});
  child.on('error', () => {}); // no such interpreter: the question below gets no answer
  const ask = async (/** @type {object} */ question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    return done ? null : JSON.parse(value);
  };
  const answer = await ask({ ask: 'version' }).catch(() => null);
  return answer && { ...answer, ask, close: () => child.stdin.end() };
}

function check(name, a, b, reference) {
  if (a.sha256 !== b.sha256) throw new Error(`${name}: one thread and two give different weights`);
  for (const [i, loss] of (reference?.losses ?? []).entries()) {
    if (!(Math.abs(loss - a.losses[i]) <= 1e-3 * Math.abs(loss))) {
      throw new Error(`${name}: the loss of step ${i + 1} is ${a.losses[i]}, PyTorch's ${loss}`);
    }
  }
}

const machine = new Machine();
const folder = mkdtempSync(join(tmpdir(), 'trainground-'));
const rows = [];
/** PyTorch's processes by layout, anew for each workload: what one has left behind would hide how much the next one takes. */
let natives = [];
try {
  for (const [name, workload] of Object.entries(chosen)) {
    const layouts = { 'channels first': await torch(), 'channels last': await torch() };
    natives = Object.entries(layouts).filter(([, native]) => native);
    const one = await ours(workload, 1);
    const two = await ours(workload, 2);
    writeFileSync(join(folder, 'weights'), one.weights);
    writeFileSync(join(folder, 'inputs'), one.inputs);
    const memory = { ours: one.memory };
    const tasks = ['train', 'predict', ...(name in whole ? ['alone'] : [])];
    const turns = tasks.flatMap((task) => [
      [`${task} one`, one[task]],
      [`${task} two`, two[task]],
    ]);
    const steps = workload.compared ?? kCompared;
    const description = { experiment: experimentOf(workload), shape: workload.shape, folder, steps };
    for (const [layout, native] of natives) {
      const reference = await native.ask({ ask: 'open', ...description, channels_last: layout === 'channels last' });
      check(name, one, two, reference);
      for (const task of tasks) {
        turns.push([`${task} ${layout}`, async () => (await native.ask({ ask: task, seconds: kSeconds })).ms]);
      }
    }
    const rounds = await machine.measure(
      kRounds,
      () => turns,
      (round) => process.stderr.write(`\r${name}, round ${round + 1}   `),
    );
    await one.close();
    await two.close();
    for (const [layout, native] of natives) {
      memory[layout] = (await native.ask({ ask: 'memory' })).bytes;
      native.close();
    }
    rows.push({ name, workload, tasks, rounds, memory });
  }
} finally {
  for (const [, native] of natives) native.close();
  rmSync(folder, { recursive: true });
}
process.stderr.write('\r                 \r');

const kTimesAsFast = 1.85; // two threads as one
const kMemory = 0.5; // of PyTorch's

/** A ratio beside its goal, if it has one. @param {number[]} values @param {number} [goal] @param {boolean} [isLeast] */
function against(values, goal, isLeast = false) {
  if (!values.length || !goal) return cell(values);
  const isMet = isLeast ? median(values) >= goal : median(values) <= goal;
  return `${cell(values)}, goal ${goal}: ${isMet ? 'yes' : 'NO'}`;
}

/** The layout in which PyTorch is faster at something, and its times. @returns {[string, number[]]} */
const fastest = ({ rounds }, task) =>
  natives
    .map(([layout]) => [layout, machine.times(rounds, `${task} ${layout}`)])
    .sort(([, a], [, b]) => median(a) - median(b))[0] ?? ['-', []];

/** Who is to be at or under PyTorch's time: a whole network that learns, and its predictions of small pictures. */
const goalOf = (name, task) => (name in whole && (task === 'train' || name === 'L1') ? 1 : undefined);

function table(title, head, rows) {
  console.log(`${title}\n\n| ${head.join(' | ')} |\n|${'---|'.repeat(head.length)}`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log('');
}

const peer = natives.length ? `PyTorch ${natives[0][1].version}, 1 thread` : 'PyTorch, not installed';
const how = `median of the rounds that count (smallest-largest); Node ${process.versions.node}`;
for (const [task, what] of Object.entries({
  train: 'a training step',
  predict: 'a prediction of a batch',
  alone: 'a prediction of one sample',
})) {
  const asked = rows.filter(({ tasks }) => tasks.includes(task));
  if (!asked.length) continue;
  table(
    `Milliseconds of ${what}, ${how}`,
    ['', 'batch', '1 thread', '2 threads', 'times as fast', peer, 'its layout', 'ours over it', 'machine, GFLOP/s'],
    asked.map((row) => {
      const { name, workload, rounds } = row;
      const [one, two] = ['one', 'two'].map((threads) => machine.times(rounds, `${task} ${threads}`));
      const [layout, reference] = fastest(row, task);
      return [
        ...[`${name} ${workload.title}`, task === 'alone' ? 1 : workload.batch, cell(one), cell(two)],
        against(ratios(one, two), name in whole ? kTimesAsFast : undefined, true),
        ...[cell(reference), layout, against(ratios(one, reference), goalOf(name, task)), machine.cell(rounds)],
      ];
    }),
  );
}
const megabytes = (/** @type {number} */ bytes) => String(Math.round(bytes / 1e6));
table(
  'The most memory that was held, MB: the engine, and what PyTorch takes beside its libraries in the layout in which it trains faster',
  ['', 'batch', 'ours', peer, 'ours over it'],
  rows.map((row) => {
    const { name, workload, memory } = row;
    const theirs = memory[fastest(row, 'train')[0]];
    const share = theirs ? against([memory.ours / theirs], name === 'L2' ? kMemory : undefined) : '-';
    return [
      `${name} ${workload.title}`,
      workload.batch,
      megabytes(memory.ours),
      theirs ? megabytes(theirs) : '-',
      share,
    ];
  }),
);
