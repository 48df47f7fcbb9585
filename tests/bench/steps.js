// Milliseconds of a training step and of a prediction on five workloads, with one thread and two, beside native PyTorch where it is
// installed, everything in turn within one run: `npm run bench:steps`, with the number of rounds behind it (default 5, about four minutes).
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
import { cell, digits, median, ratios, time } from './timing.js';
import { experimentOf, samplesOf, workloads } from './workloads.js';

const kRounds = Number(process.argv[2] ?? 5);
const kSeconds = 1; // of each measurement
const kCompared = 6; // steps whose losses are compared

/** An engine of ours with its workload, in a worker whatever its threads, so that one and two pay the same for each message. */
async function ours(workload, threads) {
  const data = samplesOf(workload);
  const trainer = await Trainer.open(experimentOf(workload), { data, threads });
  const weights = await trainer.saveWeights();
  const losses = [];
  for (let i = 0; i < kCompared; ++i) losses.push((await trainer.step())[0].loss);
  const sha256 = await trainer.weightsSha256();
  const one = data.inputs.subarray(0, data.inputs.length / 2);
  return {
    weights,
    losses,
    sha256,
    inputs: data.inputs,
    train: () => time(() => trainer.step(), kSeconds),
    predict: () => time(() => trainer.predict(one), kSeconds),
    close: () => trainer.dispose(),
  };
}

/** PyTorch in a process of its own: it answers each line with one. Null where there is none. */
async function torch() {
  const script = fileURLToPath(new URL('torch_steps.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script], { stdio: ['pipe', 'pipe', 'ignore'] });
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

const folder = mkdtempSync(join(tmpdir(), 'trainground-'));
const native = await torch();
const rows = [];
try {
  for (const [name, workload] of Object.entries(workloads)) {
    const one = await ours(workload, 1);
    const two = await ours(workload, 2);
    writeFileSync(join(folder, 'weights'), one.weights);
    writeFileSync(join(folder, 'inputs'), one.inputs);
    const description = { experiment: experimentOf(workload), shape: workload.shape, folder };
    const reference = await native?.ask({ ask: 'open', ...description, steps: kCompared });
    check(name, one, two, reference);
    const samples = { one: [], two: [], torch: [], predict: [], torchPredict: [] };
    for (let round = 0; round < kRounds; ++round) {
      process.stderr.write(`\r${name} ${round + 1}/${kRounds}   `);
      samples.one.push(await one.train());
      samples.two.push(await two.train());
      if (native) samples.torch.push((await native.ask({ ask: 'train', seconds: kSeconds })).ms);
      samples.predict.push(await one.predict());
      if (native) samples.torchPredict.push((await native.ask({ ask: 'predict', seconds: kSeconds })).ms);
    }
    await one.close();
    await two.close();
    rows.push({ name, workload, samples });
  }
} finally {
  native?.close();
  rmSync(folder, { recursive: true });
}
process.stderr.write('\r                \r');

/** Of two series measured in turn: the median of the rounds' ratios. */
const ratio = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
  a.length && b.length ? digits(median(ratios(a, b))) : '-';
console.log(`Milliseconds, median of ${kRounds} rounds (smallest-largest); Node ${process.versions.node}`);
console.log(
  '| | batch | step, 1 thread | 2 threads | 1 over 2 | PyTorch, 1 thread | ours over PyTorch | predict | PyTorch | ours over PyTorch |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const { name, workload, samples } of rows) {
  const { one, two, torch: reference, predict, torchPredict } = samples;
  console.log(
    `| ${name} ${workload.title} | ${workload.batch} | ${cell(one)} | ${cell(two)} | ${ratio(one, two)} | ${cell(reference)} | ` +
      `${ratio(one, reference)} | ${cell(predict)} | ${cell(torchPredict)} | ${ratio(predict, torchPredict)} |`,
  );
}
