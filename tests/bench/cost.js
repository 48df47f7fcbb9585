// What a training step costs beyond the five workloads: `npm run bench:cost`, with the number of rounds behind it (default 5), and the parts
// that are wanted (default all): batch, classes, size, augmentation, rows, opening. Each table compares figures of one run: a sample's time by
// the size of its batch, and what more classes take; a unit of arithmetic's by a network's width and depth; a step with and without
// augmentation, one thread and two; an epoch of a million rows; and how long a trainer takes to open.
import { Trainer } from 'trainground';
import { epochsOfAMillion } from './million_rows.js';
import { openings } from './opening.js';
import { operations } from './operations.js';
import { cell, digits, Machine, median, ratios, time } from './timing.js';
import { experimentOf, real, samplesOf, workloads } from './workloads.js';

const [rounds = '5', ...parts] = process.argv.slice(2);
const kRounds = Number(rounds);
const kSeconds = 0.5; // of each measurement
const kShare = 0.25; // of the calls are as fast as this
const kFlat = 0.1; // what a sample may take more in a larger batch, as noise
const wanted = (part) => parts.length === 0 || parts.includes(part);

const machine = new Machine();

const conv = (filters) => ({ type: 'conv2d', filters, kernelSize: 3, padding: 'same', activation: 'relu' });
const end = [{ type: 'globalAveragePool2d' }, { type: 'dense', units: 10 }];

/**
 * Milliseconds of a step of each of these, or of a prediction of so many samples, measured in turn.
 * @returns {Promise<number[][]>}
 */
async function measure(name, settings) {
  const [trainers, acts] = [[], []];
  for (const { workload, threads = 1, predicted, classes = 10, ...more } of settings) {
    const experiment = { ...experimentOf(workload), ...more };
    const data = { ...samplesOf(workload), classNames: Array.from({ length: classes }, (_, i) => `${i}`) };
    const trainer = await Trainer.open(experiment, { data, threads, sameThread: threads === 1 });
    const inputs = predicted && samplesOf({ ...workload, batch: predicted / 2 }).inputs;
    trainers.push(trainer);
    acts.push(predicted ? () => trainer.predict(inputs) : () => trainer.step());
  }
  for (const act of acts) await time(act, 1);
  const rounds = await machine.measure(
    kRounds,
    () => acts.map((act, i) => [`${i}`, () => time(act, kSeconds, kShare)]),
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

/** A table of a sample's time by the number of them, from `measure`'s settings for each. */
async function perSample(name, sizes, settings) {
  const times = (await measure(`${name} by batch`, settings)).map((ms, i) => ms.map((one) => one / sizes[i]));
  const over = times.map((ms) => median(ratios(ms, times[sizes.indexOf(8)])));
  const most = Math.max(...over.filter((_, i) => sizes[i] >= 8));
  table(
    `${name}: milliseconds of a sample, median of the rounds that count (smallest-largest); no dearer from 8 on: ` +
      (most <= 1 + kFlat ? 'yes' : `NO, up to ${digits(most)} times that of 8`),
    ['batch', 'ms a sample', 'over that of 8', ''],
    times.map((ms, i) => [sizes[i], cell(ms), digits(over[i]), bar(over[i])]),
  );
}

const backbone = { ...real.R1, title: 'EfficientNet-Lite0, 96x96x3', shape: [96, 96, 3] };
const batches = [1, 2, 4, 8, 16, 32, 64, 128, 256];
if (wanted('batch')) {
  for (const [name, workload] of Object.entries(workloads)) {
    const settings = batches.map((batch) => ({ workload: { ...workload, batch } }));
    await perSample(`A training step of ${name}, ${workload.title}`, batches, settings);
  }
  const few = batches.filter((batch) => batch <= 64); // of which all are open at once
  await perSample(
    `A training step of ${backbone.title}`,
    few,
    few.map((batch) => ({ workload: { ...backbone, batch } })),
  );
  const predicted = batches.slice(1);
  await perSample(
    `A prediction of ${backbone.title}, batchSize 16`,
    predicted,
    predicted.map((number) => ({ workload: backbone, predicted: number })),
  );
}

/** What more classes take, beside a network that is the head alone. */
async function byClasses(title, workload, features) {
  const counts = [10, 100, 1000];
  const withHead = (shape, layers) =>
    counts.map((classes) => ({
      workload: { ...workload, shape, layers: [...layers, { type: 'dense', units: classes }] },
      classes,
    }));
  const settings = [...withHead(workload.shape, workload.layers.slice(0, -1)), ...withHead([1, 1, features], [])];
  const times = await measure(`${title} by classes`, settings);
  const more = (ms, first) => ms.map((one, i) => one - first[i]);
  table(
    `A training step of ${title}, by its classes, beside the head alone, which passes no gradient on: two products of three`,
    ['classes', 'ms', 'more than with 10', 'the head alone, ms', 'more than with 10'],
    counts.map((classes, i) => {
      const [whole, head] = [times[i], times[i + counts.length]];
      return [classes, cell(whole), cell(more(whole, times[0])), cell(head), cell(more(head, times[counts.length]))];
    }),
  );
}
if (wanted('classes')) {
  await byClasses(`W1, ${workloads.W1.title}`, workloads.W1, 256);
  await byClasses(`${backbone.title}, batch 16`, backbone, 1280);
}

async function growth(what, sizes, layersOf) {
  const all = sizes.map((size) => ({ batch: 32, shape: [16, 16, 16], layers: [...layersOf(size), ...end] }));
  const needed = all.map((workload) => operations(workload, 'train', { winograd: false }));
  const times = await measure(
    what,
    all.map((workload) => ({ workload })),
  );
  table(
    `3x3 convolutions of 16x16 pictures, batch 32, by ${what}`,
    [what, 'ms a step', 'million operations', 'operations a second, in billions', 'over that of the first'],
    times.map((ms, i) => {
      const speed = (times) => needed[i] / median(times) / 1e6;
      const over = median(ratios(times[0], ms)) * (needed[i] / needed[0]);
      return [sizes[i], cell(ms), digits(needed[i] / 1e6), digits(speed(ms)), digits(over)];
    }),
  );
}
if (wanted('size')) {
  await growth('width', [8, 16, 32, 64, 128], (filters) => [conv(filters), conv(filters)]);
  await growth('depth', [1, 2, 4, 8], (depth) => Array.from({ length: depth }, () => conv(32)));
}

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
if (wanted('augmentation')) {
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
}

if (wanted('rows')) {
  table(
    'W1 with 1,000,000 samples of bytes, batch 128, one thread',
    ['', 's', 'microseconds a sample', "engine's memory, MB", "process's memory, MB"],
    epochsOfAMillion(),
  );
}
if (wanted('opening')) {
  for (const { title, head, rows } of openings(kRounds)) table(title, head, rows);
}
process.exit();
