// The command line: what it prints, what it writes, how it ends.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { duration, runReport } from '../../wasm/report.js';
import { joinFile, splitFile } from '../../wasm/safetensors.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { sumOfWeights } from './weights_alone.js';

const kFresh = '\r\x1b[K'; // back to the start of the line, which is cleared
const folder = temporaryFolder();
const experiment = {
  seed: 3,
  dataset: { type: 'points', shape: 'circles', samples: 200, noise: 0.05 },
  layers: [
    { type: 'dense', units: 16, activation: 'relu' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 2 },
  ],
  optimizer: { type: 'adam', learningRate: 0.02 },
  batchSize: 16,
  epochs: 5,
};
writeExperiment(folder, 'circles.json', experiment);
const run = (words, more) => trainground(['run', ...words, '--log', 'ndjson'], { cwd: folder, ...more });
const keys = (line) => Object.keys(line).join(' ');
const sha256 = (name) => sumOfWeights(readFileSync(join(folder, name)));
const hashOf = ({ lines }) => lines.at(-1).weightsSha256;

test('run --log ndjson: one object a line, keys in their order; --save writes what the sum says; exit 0', async () => {
  const { code, lines, err } = await run(['circles.json', '--save', 'weights.safetensors']);
  assert.equal(err, '');
  assert.equal(code, 0);
  assert.deepEqual(
    lines.map(({ event }) => event),
    ['start', 'epoch', 'epoch', 'epoch', 'epoch', 'epoch', 'end'],
  );
  assert.ok(keys(lines[0]).startsWith('event parameters samples validationSamples threads simd'), keys(lines[0]));
  assert.ok(
    keys(lines[1]).startsWith('event epoch loss accuracy validationLoss validationAccuracy learningRate seconds'),
    keys(lines[1]),
  );
  assert.ok(
    keys(lines[6]).startsWith('event reason epoch bestEpoch loss validationLoss validationAccuracy weightsSha256'),
    keys(lines[6]),
  );
  assert.equal(hashOf({ lines }), sha256('weights.safetensors'));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
    'nothing is left half written',
  );
});

test('--steps tells every step', async () => {
  const { lines } = await run(['circles.json', '--steps', '--set', 'epochs=2']);
  const steps = lines.filter(({ event }) => event === 'step');
  assert.equal(steps.length, 20);
  assert.equal(keys(steps[0]), 'event epoch step loss');
});

test('--set, --seed, --threads, - for standard input', async () => {
  const [plain, seeded, single, set, input, out] = await Promise.all([
    run(['circles.json']),
    run(['circles.json', '--seed', '4']),
    run(['circles.json', '--threads', '1']),
    run(['circles.json', '--set', 'layers[0].units=4', '--set', 'epochs=1', '--set', 'optimizer=null']),
    run(['-'], { input: JSON.stringify(experiment) }),
    run(['circles.json', '--set', 'seed=4']),
  ]);
  assert.equal(single.lines[0].threads, 1);
  assert.equal(hashOf(single), hashOf(plain));
  assert.equal(hashOf(input), hashOf(plain));
  assert.notEqual(hashOf(seeded), hashOf(plain));
  assert.equal(hashOf(seeded), hashOf(out));
  assert.equal(set.lines[0].parameters, 2 * 4 + 4 + 4 * 2 + 2);
  assert.equal(set.lines.filter(({ event }) => event === 'epoch').length, 1);
  assert.equal(set.lines[1].learningRate, 0.001, 'the default again');
});

test('killed, or interrupted at a step, and resumed: the same weights as in one go', async () => {
  const long = ['circles.json', '--set', 'epochs=400'];
  const whole = hashOf(await run(long));

  const killed = await run([...long, '--checkpoint', 'killed.checkpoint', '--save', 'killed.safetensors'], {
    onLine: ({ event, epoch }, kill) => event === 'epoch' && epoch === 2 && kill('SIGKILL'),
  });
  assert.equal(killed.signal, 'SIGKILL');
  assert.ok(!existsSync(join(folder, 'killed.safetensors')));
  const afterKill = await run([...long, '--resume', 'killed.checkpoint']);
  assert.ok(afterKill.lines[1].epoch >= 3 && afterKill.lines[1].epoch <= 400, 'it went on in the middle');
  assert.equal(hashOf(afterKill), whole);

  // An epoch here takes longer than the slices in which training is pulled, so that the interruption falls into its middle.
  const slow = ['circles.json', '--set', 'epochs=2', '--set', 'dataset.samples=20000', '--set', 'batchSize=2'];
  const options = ['--checkpoint', 'stopped.checkpoint', '--save', 'stopped.safetensors', '--steps'];
  const stopped = await run([...slow, ...options], {
    onLine: ({ event, step }, kill) => event === 'step' && step === 13 && kill('SIGINT'),
  });
  const end = stopped.lines.at(-1);
  assert.deepEqual([stopped.code, end.event, end.reason], [0, 'end', 'interrupted']);
  assert.equal(end.weightsSha256, sha256('stopped.safetensors'));
  const last = stopped.lines.filter(({ event }) => event === 'step').at(-1);
  assert.ok(last.step % stopped.lines[0].stepsPerEpoch !== 0, 'in the middle of an epoch');
  const resumed = await run([...slow, '--resume', 'stopped.checkpoint', '--steps']);
  assert.equal(resumed.lines[1].step, last.step + 1, 'it went on at the next step');
  assert.equal(hashOf(resumed), hashOf(await run(slow)));
});

test('a run that diverges exits with 1', async () => {
  const { code, lines, err } = await run([
    'circles.json',
    '--set',
    'optimizer={"type":"sgd","learningRate":1000}',
    '--set',
    'loss=meanSquaredError',
    '--set',
    'epochs=50',
  ]);
  assert.equal(lines.at(-1)?.reason, 'diverged', err);
  assert.equal(code, 1);
});

test('pretty: plain lines where there is no terminal', async () => {
  const { code, out } = await trainground(['run', 'circles.json'], { cwd: folder });
  assert.equal(code, 0);
  const lines = out.trimEnd().split('\n');
  assert.match(lines[0], /^160 samples to learn from, 40 to judge by; 82 parameters; \d+ MB of memory; /);
  assert.match(
    lines[1],
    /^epoch 1\/5 {2}loss \S+ {2}accuracy [\d.]+ % {2}validation: loss \S+ {2}accuracy [\d.]+ % {2}\S+ m?s( {2}best)?$/,
  );
  assert.match(lines.at(-1), /^weights [0-9a-f]{64}$/);
  assert.ok(!out.includes('\x1b'));
});

test('evaluate and predict use saved weights', async () => {
  const pictures = join(folder, 'pictures');
  for (const [name, value] of [
    ['dark', 40],
    ['light', 200],
  ]) {
    mkdirSync(join(pictures, name), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const raw = Buffer.from(Array.from({ length: 36 }, (_, j) => value + ((i * 7 + j * 3) % 30)));
      await sharp(raw, { raw: { width: 6, height: 6, channels: 1 } })
        .png()
        .toFile(join(pictures, name, `${i}.png`));
    }
  }
  writeExperiment(folder, 'pictures.json', {
    dataset: { type: 'images', path: 'pictures', size: 6, channels: 1 },
    layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }],
    optimizer: { type: 'adam', learningRate: 0.05 },
    epochs: 30,
  });
  const trained = await run(['pictures.json', '--save', 'pictures.safetensors']);
  assert.deepEqual(trained.lines[0].classNames, ['dark', 'light']);
  assert.equal(trained.lines.at(-1).validationAccuracy, 1);

  const options = ['--weights', 'pictures.safetensors'];
  const evaluated = await trainground(['evaluate', 'pictures.json', ...options, '--log', 'ndjson'], { cwd: folder });
  assert.equal(evaluated.code, 0, evaluated.err);
  assert.equal(keys(evaluated.lines[0]), 'event loss accuracy samples classNames confusion interval');
  assert.deepEqual(evaluated.lines[0].confusion, [
    [2, 0],
    [0, 2],
  ]);
  assert.equal(evaluated.lines[0].loss, trained.lines.at(-1).validationLoss);
  const table = await trainground(['evaluate', 'pictures.json', ...options], { cwd: folder });
  assert.match(
    table.out,
    /^4 samples {2}loss \S+ {2}accuracy 100\.0 % \(95 % interval: 51\.0 to 100\.0 %\)\n.*\ndark +2 +0\nlight +0 +2\n$/,
  );

  const files = ['pictures/dark/3.png', 'pictures/light/4.png'];
  const predicted = await trainground(['predict', 'pictures.json', ...files, ...options, '--log', 'ndjson'], {
    cwd: folder,
  });
  assert.equal(predicted.code, 0, predicted.err);
  assert.deepEqual(
    predicted.lines.map(({ picture, class: name }) => [picture, name]),
    [
      [files[0], 'dark'],
      [files[1], 'light'],
    ],
  );
  assert.deepEqual(Object.keys(predicted.lines[0].probabilities), ['dark', 'light']);
  const words = await trainground(['predict', 'pictures.json', ...files, ...options], { cwd: folder });
  assert.match(words.out, /^pictures\/dark\/3\.png {2}dark {2}\(dark [\d.]+ % {2}light [\d.]+ %\)\n/);

  // One output for both classes: each picture has its own answer, and its class's name.
  const one = ['--set', 'layers[1].units=1', '--set', 'loss=binaryCrossEntropy'];
  const saved = ['--weights', 'one.safetensors', ...one];
  assert.equal((await run(['pictures.json', ...one, '--save', 'one.safetensors'])).lines.at(-1).validationAccuracy, 1);
  const matrix = await trainground(['evaluate', 'pictures.json', ...saved, '--log', 'ndjson'], { cwd: folder });
  assert.deepEqual(matrix.lines[0].confusion, [
    [2, 0],
    [0, 2],
  ]);
  const both = await trainground(['predict', 'pictures.json', ...files, ...saved], { cwd: folder });
  assert.match(
    both.out,
    /^\S*3\.png {2}dark {2}\(dark [\d.]+ % {2}light [\d.]+ %\)\n\S*4\.png {2}light {2}\(light [\d.]+ % {2}dark [\d.]+ %\)\n$/,
  );

  // A wide picture loses its sides, or keeps them between white edges: in the folder, and before a prediction with weights that do not say
  // how they were made.
  const { header, data } = splitFile(new Uint8Array(readFileSync(join(folder, 'pictures.safetensors'))));
  const { __metadata__: _, ...tensors } = header;
  writeFileSync(join(folder, 'bare.safetensors'), joinFile(tensors, data));
  const wide = { create: { width: 18, height: 6, channels: 3, background: '#000' } };
  await sharp(wide)
    .png()
    .toFile(join(pictures, 'light', 'wide.png'));
  const ends = [];
  for (const fit of ['crop', 'pad']) {
    const { dataset, ...rest } = JSON.parse(readFileSync(join(folder, 'pictures.json'), 'utf8'));
    writeExperiment(folder, 'fit.json', { ...rest, dataset: { ...dataset, fit }, epochs: 1 });
    const { lines } = await run(['fit.json', '--save', 'fit.safetensors']);
    const [{ probabilities }] = (
      await trainground(
        ['predict', 'fit.json', 'pictures/light/wide.png', '--weights', 'bare.safetensors', '--log', 'ndjson'],
        { cwd: folder },
      )
    ).lines;
    ends.push([lines.at(-1).weightsSha256, probabilities.light]);
  }
  assert.notEqual(ends[0][0], ends[1][0]);
  assert.ok(ends[1][1] > ends[0][1] + 0.2, String(ends));

  writeFileSync(join(folder, 'broken.png'), readFileSync(join(folder, files[0])).subarray(0, 60));
  const broken = await trainground(['predict', 'pictures.json', files[0], 'broken.png', ...options], { cwd: folder });
  assert.deepEqual([broken.code, broken.out], [2, '']);
  assert.equal(broken.err, 'Expected PICTURE to be a picture that decodes, got "broken.png" (it is cut off)\n');
});

test('pretty on a terminal: a bar of one line, at most ten times a second, with speed and time left', (t) => {
  const written = [];
  const output = { isTTY: true, columns: 67, write: (text) => written.push(text) };
  const start = { samples: 160, validationSamples: 40, parameters: 82, threads: 1, reason: 'r', stepsPerEpoch: 1000 };
  const { tell, wantsSteps } = runReport('pretty', { start, experiment: { epochs: 5 } }, output, false);
  assert.ok(wantsSteps);
  // A clock of its own: a step every 2 ms, which are 500 steps or 80 samples a second, with 4,000 steps to go.
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  for (let step = 1000; step < 1175; step++, now += 2) tell({ event: 'step', epoch: 2, step, loss: 0.5 });
  const bars = written.filter((text) => text.includes('/5 ['));
  const bar = (filled, left) =>
    `epoch 2/5 [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] loss 0.5000  80 samples/s  ${left} s left`;
  const expected = [bar(0, '8.0'), bar(1, '7.9'), bar(2, '7.8'), bar(3, '7.7')];
  assert.deepEqual(
    bars,
    expected.map((text) => kFresh + text.slice(0, -4)),
  );
  tell({
    event: 'end',
    message: 'Done.',
    bestEpoch: 0,
    loss: NaN,
    validationLoss: 1,
    validationAccuracy: 1,
    weightsSha256: 'f',
    memoryBytes: 33 * 2 ** 20,
  });
  assert.equal(written.at(-3), kFresh + 'Done. At most 33 MB of memory were taken.\n');
  assert.equal(
    written.at(-2),
    kFresh + 'loss -  validation: loss 1.000  accuracy 100.0 % (95 % interval: 91.2 to 100.0 %)\n',
  );
  assert.deepEqual([0.0123, 3.21, 42, 150, 7300].map(duration), ['12 ms', '3.2 s', '42 s', '2 min 30 s', '2 h 1 min']);
});

test('--help and --version', async () => {
  const help = await trainground(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.out, /run FILE/);
  assert.equal((await trainground(['run', '--help'])).out, help.out);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal((await trainground(['--version'])).out, `${version}\n`);
  assert.equal((await trainground([])).code, 2);
});

for (const [words, sentence] of [
  [
    ['fly', 'circles.json'],
    'Expected the command to be one of run, check-gradients, overfit, find-learning-rate, activation-spread, evaluate, cross-validate, sweep, check, predict, export, import, got "fly"',
  ],
  [['run'], 'Expected FILE to be an experiment file, got nothing'],
  [
    ['run', 'circles.json', '--frobnicate'],
    /^Expected the options of run to be as trainground --help tells, got Unknown option '--frobnicate'/,
  ],
  [['run', 'circles.json', '--log', 'xml'], 'Expected --log to be pretty or ndjson, got "xml"'],
  [['run', 'circles.json', '--threads', 'two'], 'Expected --threads to be an integer from 1 to 8, got "two"'],
  [['run', 'circles.json', '--threads', '99'], 'Expected threads to be an integer from 1 to 8, got 99'],
  [['run', 'circles.json', 'more.json'], 'Expected the arguments to be one FILE, got 2'],
  [['evaluate', 'circles.json'], 'Expected --weights to be a safetensors file, got nothing'],
  [
    ['predict', 'circles.json', '--weights', 'w'],
    'Expected PICTURE to be at least one picture, or a table, got nothing',
  ],
  [['run', 'none.json'], 'Expected FILE to be a file that can be read, got "none.json" (there is no such file)'],
  [
    ['run', 'circles.json', '--weights', 'none'],
    'Expected --weights to be a file that can be read, got "none" (there is no such file)',
  ],
  [
    ['run', 'circles.json', '--resume', 'none'],
    'Expected --resume to be a file that can be read, got "none" (there is no such file)',
  ],
  [
    ['run', 'circles.json', '--save', 'no/folder/w'],
    'Expected --save to be a file that can be written, got "no/folder/w" (there is no such folder)',
  ],
  [
    ['run', 'circles.json', '--checkpoint', '.'],
    'Expected --checkpoint to be a file that can be written, got "." (it is a folder)',
  ],
  [
    ['run', 'circles.json', '--card', './circles.json', '--save', 'w', '--checkpoint', 'w'],
    'Expected --card to be another file than FILE, got "./circles.json"\nExpected --checkpoint to be another file than --save, got "w"',
  ],
  [
    ['sweep', 'circles.json', '--table', 'circles.json'],
    'Expected --table to be another file than FILE, got "circles.json"',
  ],
  [
    ['predict', 'circles.json', '--weights', 'w', 'rows.csv', '--out', 'rows.csv'],
    'Expected --out to be another file than the one that is read, got "rows.csv"',
  ],
  [
    ['import', 'circles.py', '--weights', 'w', '--out', 'circles.py', '--save', 'w'],
    'Expected --out to be another file than FILE, got "circles.py"\nExpected --save to be another file than --weights, got "w"',
  ],
]) {
  test(`trainground ${words.join(' ')}: exit 2`, async () => {
    const { code, out, err } = await trainground(words, { cwd: folder });
    assert.equal(code, 2);
    assert.equal(out, '');
    if (typeof sentence === 'string') assert.equal(err, `${sentence}\n`);
    else assert.match(err, sentence);
  });
}

test('a link stays one, and what is no file takes the bytes', { skip: process.platform === 'win32' }, async () => {
  writeFileSync(join(folder, 'linked.json'), 'before');
  symlinkSync('linked.json', join(folder, 'link.json'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const pipe = openSync(join(folder, 'pipe'), 'r+'); // both ends: nobody waits for the other
  const { code, err } = await run(['circles.json', '--set', 'epochs=1', '--card', 'link.json', '--save', 'pipe']);
  assert.equal(code, 0, err);
  assert.ok(lstatSync(join(folder, 'link.json')).isSymbolicLink());
  assert.match(readFileSync(join(folder, 'linked.json'), 'utf8'), /trainground card/);
  assert.ok(lstatSync(join(folder, 'pipe')).isFIFO());
  const piped = Buffer.alloc(2 ** 16);
  assert.ok(splitFile(new Uint8Array(piped.subarray(0, readSync(pipe, piped)))).header['layers.0.weight']);
  closeSync(pipe);
});

test('bad input leaves no file, changes none, and only a kill leaves a part of one', () => {
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'circles.json'), 'utf8')), experiment);
  assert.ok(!existsSync(join(folder, 'no')));
  const parts = readdirSync(folder).filter((name) => name.endsWith('.part') && !name.startsWith('killed.'));
  assert.deepEqual(parts, []);
});
