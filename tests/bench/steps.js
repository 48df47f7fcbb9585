// Milliseconds of a training step and of a prediction on five workloads and a real network, with one thread and two, and the memory that
// they take, beside native PyTorch where it is installed, everything in turn within one run: `npm run bench:steps`, with the number of
// rounds behind it (default 5, about ten minutes on a quiet machine; timing.js says which rounds count) and the workloads (default all).
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
import { cell, digits, Machine, median, ratios, time } from './timing.js';
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
    close: () => trainer.dispose(),
  };
}

/** PyTorch in a process of its own: it answers each line with one. Null where there is none. */
async function torch() {
  const script = fileURLToPath(new URL('torch_steps.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {});
  child.on('error', () => {}); // no such interpreter: the question below gets no answer
  const ask = async (/** @type {object} */ question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    return done ? null : JSON.parse(value);
  };
  if (!(await ask({ ask: 'version' }).catch(() => null))) return null;
  return { ask, close: () => child.stdin.end() };
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
const native = await torch();
const rows = [];
try {
  for (const [name, workload] of Object.entries(chosen)) {
    const one = await ours(workload, 1);
    const two = await ours(workload, 2);
    writeFileSync(join(folder, 'weights'), one.weights);
    writeFileSync(join(folder, 'inputs'), one.inputs);
    const description = {
      experiment: experimentOf(workload),
      shape: workload.shape,
      folder,
      channels_last: workload.channelsLast,
    };
    const reference = await native?.ask({ ask: 'open', ...description, steps: workload.compared ?? kCompared });
    check(name, one, two, reference);
    const turns = [
      ['one', one.train],
      ['two', two.train],
      ['predict', one.predict],
    ];
    for (const ask of native ? ['train', 'predict'] : []) {
      turns.push([`torch ${ask}`, async () => (await native.ask({ ask, seconds: kSeconds })).ms]);
    }
    const rounds = await machine.measure(
      kRounds,
      () => turns,
      (round) => process.stderr.write(`\r${name}, round ${round + 1}   `),
    );
    await one.close();
    await two.close();
    const memory = { ours: one.memory, torch: reference && (await native.ask({ ask: 'memory' })).bytes };
    rows.push({ name, workload, rounds, memory });
  }
} finally {
  native?.close();
  rmSync(folder, { recursive: true });
}
process.stderr.write('\r                 \r');

/** Of two series measured in turn: the median of the rounds' ratios. */
const ratio = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
  a.length && b.length ? digits(median(ratios(a, b))) : '-';
const megabytes = (/** @type {number | null} */ bytes) => (bytes ? String(Math.round(bytes / 1e6)) : '-');
console.log(`Milliseconds, median of the rounds that count (smallest-largest); Node ${process.versions.node}`);
console.log(
  '| | batch | step, 1 thread | 2 threads | 1 over 2 | PyTorch, 1 thread | ours over PyTorch | predict | PyTorch | ours over PyTorch | memory, MB | PyTorch, MB | ratio | machine, GFLOP/s |',
);
console.log(`|${'---|'.repeat(14)}`);
for (const { name, workload, rounds, memory } of rows) {
  const of = (/** @type {string} */ series) => machine.times(rounds, series).filter((ms) => ms !== undefined);
  const [one, two, predict, reference, torchPredict] = ['one', 'two', 'predict', 'torch train', 'torch predict'].map(
    of,
  );
  console.log(
    `| ${name} ${workload.title} | ${workload.batch} | ${cell(one)} | ${cell(two)} | ${ratio(one, two)} | ${cell(reference)} | ` +
      `${ratio(one, reference)} | ${cell(predict)} | ${cell(torchPredict)} | ${ratio(predict, torchPredict)} | ` +
      `${megabytes(memory.ours)} | ${megabytes(memory.torch)} | ${memory.torch ? digits(memory.ours / memory.torch) : '-'} | ` +
      `${machine.cell(rounds)} |`,
  );
}
