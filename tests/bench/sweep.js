// How many more runs of a sweep two workers train than one in the same time: `npm run bench:sweep`, behind it the number of rounds (default 3, some
// three minutes). Runs of some seconds: the start, which loads the set on one core, is a small part of them. Both must end with the same weights.
import { sweep } from 'trainground';
import { cell, Machine, ratios } from './timing.js';

const kRounds = Number(process.argv[2] ?? 3);
const kGoal = 1.9;

const conv = (filters) => [
  { type: 'conv2d', filters, kernelSize: 3, padding: 'same', activation: 'relu' },
  { type: 'maxPool2d', poolSize: 2 },
];
const end = [
  { type: 'dense', units: 64, activation: 'relu' },
  { type: 'dropout', rate: 0 },
  { type: 'dense', units: 10 },
];
const experiment = {
  dataset: 'fashion',
  samplesPerClass: 200,
  layers: [...conv(16), ...conv(32), { type: 'flatten' }, ...end],
  epochs: 6,
  sweep: { 'layers.6.rate': [0, 0.3] },
  seeds: 6,
};

/** What both came to, by run. */
const hashes = new Map();

async function seconds(workers) {
  const from = performance.now();
  const { results } = await sweep(experiment, { workers });
  const took = (performance.now() - from) / 1000;
  for (const { id, weightsSha256 } of results) {
    if ((hashes.get(id) ?? weightsSha256) !== weightsSha256)
      throw new Error(`${id}: other weights with ${workers} workers`);
    hashes.set(id, weightsSha256);
  }
  return took;
}

const machine = new Machine();
const rounds = await machine.measure(
  kRounds,
  () => [1, 2].map((workers) => [`${workers}`, () => seconds(workers)]),
  (round) => process.stderr.write(`\rround ${round + 1} `),
);
const [one, two] = ['1', '2'].map((workers) => machine.times(rounds, workers));
console.log(`\r${hashes.size} runs, seconds, median of the rounds that count (smallest-largest)`);
console.log(
  `one worker ${cell(one)}, two ${cell(two)}: ${cell(ratios(one, two))} times, goal ${kGoal}; ${machine.cell(rounds)} GFLOP/s`,
);
