// The three examinations through the module and the command line: verdicts, names, exit codes, and a run that stays as it was.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const experiment = {
  seed: 3,
  dataset: { type: 'points', shape: 'circles', samples: 200, noise: 0.05 },
  layers: [
    { type: 'dense', units: 16, activation: 'relu' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 12, activation: 'tanh' },
    { type: 'batchNormalization' },
    { type: 'dense', units: 2 },
  ],
  l2: 0.001,
  optimizer: { type: 'adam', learningRate: 0.02 },
  earlyStopping: { patience: 3 },
  batchSize: 16,
  epochs: 5,
};

async function opened(t, more = {}, options = {}) {
  const trainer = await Trainer.open({ ...experiment, ...more }, { threads: 1, ...options });
  t.after(() => trainer.dispose());
  return trainer;
}

test('checkGradients passes in double precision, and names the layer of a gradient that is 1 % off', async (t) => {
  const trainer = await opened(t);
  const sound = await trainer.checkGradients();
  assert.equal(sound.passed, true, JSON.stringify(sound.worst));
  assert.ok(sound.worst.error <= 1e-6 && sound.worst.error > 0);
  assert.deepEqual(
    sound.tensors.map(({ name, layer, type }) => [name, layer, type]),
    [
      ['layers.0.weight', 0, 'dense'],
      ['layers.0.bias', 0, 'dense'],
      ['layers.2.weight', 2, 'dense'],
      ['layers.2.bias', 2, 'dense'],
      ['layers.3.weight', 3, 'batchNormalization'],
      ['layers.3.bias', 3, 'batchNormalization'],
      ['layers.4.weight', 4, 'dense'],
      ['layers.4.bias', 4, 'dense'],
    ],
  );
  const broken = await trainer.checkGradients({ breakGradient: 'layers.2.weight', samples: 5 });
  assert.equal(broken.passed, false);
  assert.equal(broken.worst.name, 'layers.2.weight');
  assert.equal(broken.worst.layer, 2);
  assert.deepEqual(
    broken.tensors.filter(({ passed }) => !passed).map(({ name }) => name),
    ['layers.2.weight'],
  );
  assert.ok(Math.abs(broken.worst.analytic / broken.worst.numeric - 1.01) < 1e-4);
});

test('checkGradients takes the weights of the moment, numbers as targets, and standardised data', async (t) => {
  const inputs = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * i));
  const targets = Float32Array.from({ length: 40 }, (_, i) => inputs[3 * i] - 2 * inputs[3 * i + 1]);
  const trainer = await opened(
    t,
    {
      dataset: undefined,
      layers: [
        { type: 'dense', units: 4, activation: 'gelu' },
        { type: 'dense', units: 1 },
      ],
      loss: 'meanSquaredError',
    },
    { data: { inputs, shape: [1, 1, 3], targets } },
  );
  const before = await trainer.checkGradients();
  assert.equal(before.passed, true, JSON.stringify(before.worst));
  for (let i = 0; i < 6; i++) await trainer.step();
  const after = await trainer.checkGradients();
  assert.equal(after.passed, true, JSON.stringify(after.worst));
  assert.notEqual(after.loss, before.loss);
});

test('overfit passes for a sound network and names a rate of 0', async (t) => {
  const seen = [];
  const sound = await (await opened(t)).overfit({ onProgress: (share) => seen.push(share) });
  assert.equal(sound.passed, true, sound.message);
  assert.equal(sound.cause, null);
  assert.ok(sound.loss < 0.01 && sound.losses.length === sound.steps + 1);
  assert.equal(seen.at(-1), 1);
  const still = await opened(t, { optimizer: { type: 'adam', learningRate: 0 } });
  const failed = await still.overfit();
  assert.equal(failed.passed, false);
  assert.equal(failed.cause, 'rateTooSmall', failed.message);
  assert.ok(failed.betterRate > 0);
});

test('findLearningRate suggests a rate and leaves the run as it was, bit for bit', async (t) => {
  const [plain, examined] = [await opened(t), await opened(t)];
  for (const trainer of [plain, examined]) for (let i = 0; i < 13; i++) await trainer.step();
  const before = await examined.checkpoint();
  const { suggestion, steepest, rates, losses, smoothed } = await examined.findLearningRate();
  await examined.overfit();
  await examined.checkGradients({ perTensor: 3 });
  assert.ok(suggestion > 1e-7 && suggestion < 10 && steepest > 0);
  assert.ok(rates.length > 40 && losses.length === rates.length && smoothed.length === rates.length);
  assert.deepEqual(await examined.checkpoint(), before);
  const ends = await Promise.all(
    [plain, examined].map(async (trainer) => {
      for await (const event of trainer.train()) if (event.event === 'end') return event.weightsSha256;
    }),
  );
  assert.equal(ends[0], ends[1]);
});

test('bad options are all named, and an examination can be aborted', async (t) => {
  const trainer = await opened(t);
  await assert.rejects(trainer.overfit({ samples: 1, maxSteps: 0.5 }), (error) => {
    assert.ok(error instanceof InputError);
    assert.deepEqual(
      error.problems.map(({ path }) => path),
      ['samples', 'maxSteps'],
    );
    return true;
  });
  await assert.rejects(trainer.findLearningRate({ from: 1, to: 0.1 }), /Expected to to be a number above `from`/);
  await assert.rejects(trainer.checkGradients({ breakGradient: 'layers.9.weight' }), /breakGradient/);
  const controller = new AbortController();
  const endless = trainer.findLearningRate({
    from: 1e-9,
    to: 2e-9,
    steps: 10000,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await assert.rejects(endless, { name: 'AbortError' });
  assert.equal((await trainer.overfit()).passed, true, 'the next one begins afresh');
});

test('the command line: verdicts, names and exit codes', async () => {
  const cwd = temporaryFolder();
  writeExperiment(cwd, 'circles.json', experiment);
  const run = (...words) => trainground([...words, '--threads', '1'], { cwd });
  const [sound, broken, learned, stuck, found, frozen, unknown] = await Promise.all([
    run('check-gradients', 'circles.json'),
    run('check-gradients', 'circles.json', '--break', 'layers.4.weight', '--log', 'ndjson'),
    run('overfit', 'circles.json', '--log', 'ndjson'),
    run('overfit', 'circles.json', '--set', 'optimizer.learningRate=0'),
    run('find-learning-rate', 'circles.json', '--log', 'ndjson'),
    run('overfit', 'circles.json', '--log', 'ndjson', '--set', 'layers=[{"type":"dense","units":2,"trainable":false}]'),
    run('check-gradients', 'circles.json', '--break', 'nothing'),
  ]);
  assert.equal(sound.code, 0, sound.err);
  assert.match(sound.out, /^Passed: no relative error above 0.000001/m);
  assert.equal(broken.code, 1, broken.err);
  assert.equal(broken.lines[0].event, 'gradientCheck');
  assert.equal(broken.lines[0].worst.name, 'layers.4.weight');
  assert.equal(learned.code, 0, learned.err);
  assert.equal(learned.lines[0].passed, true);
  assert.equal(stuck.code, 1, stuck.err);
  assert.match(stuck.out, /^Failed: .* learning rate 0 is too small/);
  assert.equal(found.code, 0, found.err);
  assert.ok(found.lines[0].suggestion > 0 && Array.isArray(found.lines[0].rates));
  assert.equal(frozen.code, 1);
  assert.equal(frozen.lines[0].cause, 'frozenLayers');
  // Nothing held back: the loss of no sample is none, and not 0.
  const empty = { ...experiment, validationSplit: 0, earlyStopping: undefined };
  writeExperiment(cwd, 'empty.json', empty);
  const trainer = await Trainer.open(empty, { threads: 1 });
  writeFileSync(join(cwd, 'start.safetensors'), await trainer.saveWeights());
  const { loss, accuracy, samples, probabilities } = await trainer.evaluate();
  assert.deepEqual([loss, accuracy, samples, probabilities.length], [NaN, NaN, 0, 0]);
  await trainer.dispose();
  const nothing = await run('evaluate', 'empty.json', '--weights', 'start.safetensors');
  assert.equal(nothing.code, 2);
  assert.equal(
    nothing.err,
    'Expected the validation part to be of samples (validationSplit above 0, or a set of its own), got none\n',
  );
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /^Expected breakGradient to be the name of a tensor that is trained, got/);
});
