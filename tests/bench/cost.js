// What a training step costs beyond the five workloads: `npm run bench:cost`, with the number of rounds behind it (default 5). Each table
// compares figures of one run: a sample's time by the size of its batch; a unit of arithmetic's by a network's width and depth; a step with
// and without augmentation; one thread and two; and how long a trainer takes to open in a process that has just begun.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { cell, digits, Machine, median, ratios, time } from './timing.js';
import { experimentOf, samplesOf, workloads } from './workloads.js';

const kRounds = Number(process.argv[2] ?? 5);
const kSeconds = 0.5; // of each measurement
const kShare = 0.25; // of the calls are as fast as this

const file = fileURLToPath(import.meta.url);
if (process.argv[2] === 'open') {
  const [shape, layers] = [
    [8, 8, 1],
    [{ type: 'flatten' }, { type: 'dense', units: 10 }],
  ];
  const data = samplesOf({ batch: 10, shape });
  const from = performance.now();
  const trainer = await Trainer.open({ layers }, { data, ...JSON.parse(process.argv[3]) });
  console.log(performance.now() - from);
  await trainer.dispose();
  process.exit();
}

const machine = new Machine();

const conv = (filters) => ({ type: 'conv2d', filters, kernelSize: 3, padding: 'same', activation: 'relu' });
const end = [{ type: 'globalAveragePool2d' }, { type: 'dense', units: 10 }];

/** Floating-point operations of a step of such layers: a product and a sum, forward and for both gradients, but the input's. */
function operations({ shape: [height, width, channels], layers, batch }) {
  let [total, inputs] = [0, channels];
  for (const { type, filters } of layers) {
    if (type !== 'conv2d') continue;
    total += (inputs === channels && total === 0 ? 2 : 3) * 2 * batch * height * width * 9 * inputs * filters;
    inputs = filters;
  }
  return total;
}

/** Milliseconds of a step of each of these, measured in turn. @returns {Promise<number[][]>} */
async function measure(name, settings) {
  const trainers = [];
  for (const { workload, threads = 1, ...more } of settings) {
    const experiment = { ...experimentOf(workload), ...more };
    trainers.push(await Trainer.open(experiment, { data: samplesOf(workload), threads, sameThread: threads === 1 }));
  }
  for (const trainer of trainers) await time(() => trainer.step(), 1);
  const rounds = await machine.measure(
    kRounds,
    () => trainers.map((trainer, i) => [`${i}`, () => time(() => trainer.step(), kSeconds, kShare)]),
    (round) => process.stderr.write(`\r${name}, round ${round + 1}   `.padEnd(40)),
  );
  for (const trainer of trainers) await trainer.dispose();
  process.stderr.write('\r'.padEnd(40) + '\r');
  return settings.map((_, i) => machine.times(rounds, `${i}`));
}

function table(title, head, rows) {
  console.log(`\n${title}\n`);
  for (const row of [head, head.map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
}
/** A bar as long as the number is large, for a look. */
const bar = (ratio) => '█'.repeat(Math.round(10 * ratio));

const batches = [1, 2, 4, 8, 16, 32, 64, 128];
for (const name of ['W1', 'W2', 'W4']) {
  const times = await measure(
    `${name} by batch`,
    batches.map((batch) => ({ workload: { ...workloads[name], batch } })),
  );
  const perSample = times.map((ms, i) => ms.map((one) => one / batches[i]));
  table(
    `${name}, ${workloads[name].title}: milliseconds of a sample, median of the rounds that count (smallest-largest)`,
    ['batch', 'ms a sample', 'over that of 8', ''],
    perSample.map((ms, i) => {
      const over = median(ratios(ms, perSample[batches.indexOf(8)]));
      return [batches[i], cell(ms), digits(over), bar(over)];
    }),
  );
}

async function growth(what, sizes, layersOf) {
  const all = sizes.map((size) => ({ batch: 32, shape: [16, 16, 16], layers: [...layersOf(size), ...end] }));
  const times = await measure(
    what,
    all.map((workload) => ({ workload })),
  );
  table(
    `3x3 convolutions of 16x16 pictures, batch 32, by ${what}`,
    [what, 'ms a step', 'million operations', 'operations a second, in billions', 'over that of the first'],
    times.map((ms, i) => {
      const speed = (times) => operations(all[i]) / median(times) / 1e6;
      const over = median(ratios(times[0], ms)) * (operations(all[i]) / operations(all[0]));
      return [sizes[i], cell(ms), digits(operations(all[i]) / 1e6), digits(speed(ms)), digits(over)];
    }),
  );
}
await growth('width', [8, 16, 32, 64, 128], (filters) => [conv(filters), conv(filters)]);
await growth('depth', [1, 2, 4, 8], (depth) => Array.from({ length: depth }, () => conv(32)));

const augmentation = [
  { type: 'flip', horizontal: 0.5 },
  { type: 'rotation', degrees: 15 },
  { type: 'randomCrop', scale: [0.8, 1] },
  { type: 'colorShift', brightness: 0.2, saturation: 0.2, hue: 20 },
  { type: 'noise', stddev: 0.05 },
  { type: 'cutout', size: 0.3 },
  { type: 'contrast', range: [0.8, 1.2] },
  { type: 'shift', pixels: 3 },
];
const [plain, changed, plain2, changed2] = await measure('augmentation', [
  { workload: workloads.W4 },
  { workload: workloads.W4, augmentation },
  { workload: workloads.W4, threads: 2 },
  { workload: workloads.W4, augmentation, threads: 2 },
]);
table(
  `W4 with all ${augmentation.length} kinds of augmentation on every picture`,
  ['threads', 'ms a step without', 'with', 'more, %'],
  [
    [1, cell(plain), cell(changed), cell(ratios(changed, plain).map((ratio) => 100 * (ratio - 1)))],
    [2, cell(plain2), cell(changed2), cell(ratios(changed2, plain2).map((ratio) => 100 * (ratio - 1)))],
  ],
);

const ways = {
  'in the thread that asks': { threads: 1, sameThread: true },
  'in a worker': { threads: 1 },
  'two threads': { threads: 2 },
};
const opening = Object.entries(ways).map(([where, options]) => {
  const ask = () => Number(execFileSync(process.execPath, [file, 'open', JSON.stringify(options)]));
  return [where, cell(Array.from({ length: kRounds }, ask))];
});
table('Milliseconds until a trainer is open, in a process that has just begun', ['', 'ms'], opening);
process.exit();
