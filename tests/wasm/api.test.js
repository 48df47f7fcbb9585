// The package as a program sees it, on the real engine: opening, training, pausing, looking inside, saving, going on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InputError, Trainer, check, datasets, options } from 'trainground';
import { sumOfWeights } from './weights_alone.js';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const keys = (object) => Object.keys(object).join(' ');

const moons = (changes = {}) => ({
  seed: 3,
  dataset: { type: 'points', shape: 'moons', samples: 200, noise: 0.1 },
  layers: [
    { type: 'dense', units: 8, activation: 'relu' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 2 },
  ],
  optimizer: { type: 'adam', learningRate: 0.02 },
  batchSize: 16,
  epochs: 4,
  ...changes,
});

const trainers = [];
const open = async (...args) => {
  const trainer = await Trainer.open(...args);
  trainers.push(trainer);
  return trainer;
};
after(() => Promise.all(trainers.map((trainer) => trainer.dispose())));

async function collect(trainer, how) {
  const events = [];
  for await (const event of trainer.train(how)) events.push(event);
  return events;
}
const hashOf = async (experiment, how) => (await collect(await open(experiment, how))).at(-1).weightsSha256;

test('a run tells where it starts, every epoch, and its end', async () => {
  const trainer = await open(moons());
  assert.equal(
    keys(trainer.start),
    'event parameters samples validationSamples threads simd build reason memoryBytes layers classNames stepsPerEpoch shape outputs mostFolds preparation notes',
  );
  const { parameters, samples, validationSamples, stepsPerEpoch, shape, outputs, layers } = trainer.start;
  assert.deepEqual(
    { parameters, samples, validationSamples, stepsPerEpoch },
    {
      parameters: 2 * 8 + 8 + 8 * 2 + 2,
      samples: 160,
      validationSamples: 40,
      stepsPerEpoch: 10,
    },
  );
  assert.equal(
    shape.reduce((a, b) => a * b),
    2,
  );
  assert.equal(outputs, 2);
  assert.deepEqual(
    layers.map(({ type }) => type).filter((type) => type !== 'activation'),
    ['dense', 'dropout', 'dense'],
  );
  assert.equal(trainer.experiment.validationSplit, 0.2, 'defaults are written out');

  const events = await collect(trainer);
  assert.deepEqual(
    events.map(({ event }) => event),
    ['epoch', 'epoch', 'epoch', 'epoch', 'end'],
  );
  assert.equal(
    keys(events[0]),
    'event epoch loss accuracy validationLoss validationAccuracy learningRate seconds bestEpoch patienceLeft',
  );
  assert.equal(
    keys(events[4]),
    'event reason epoch bestEpoch loss validationLoss validationAccuracy weightsSha256 message memoryBytes',
  );
  assert.deepEqual(
    events.slice(0, 4).map(({ epoch }) => epoch),
    [1, 2, 3, 4],
  );
  assert.ok(events[3].loss < events[0].loss);
  assert.ok(events[0].seconds > 0);
  assert.equal(events[0].patienceLeft, null);
  assert.equal(events[4].reason, 'epochs');
  assert.deepEqual(await collect(trainer), [], 'a run that has ended has nothing more to tell');
  assert.equal(sumOfWeights(await trainer.saveWeights()), events[4].weightsSha256);
  assert.equal(await trainer.weightsSha256(), events[4].weightsSha256);
});

test('steps: one event each, counted over the whole run', async () => {
  const events = await collect(await open(moons()), { steps: true });
  const steps = events.filter(({ event }) => event === 'step');
  assert.equal(keys(steps[0]), 'event epoch step loss');
  assert.deepEqual(
    steps.map(({ step }) => step),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  assert.ok(steps.every(({ epoch, step }) => epoch === Math.ceil(step / 10)));
  assert.deepEqual(
    events.filter(({ event }) => event === 'epoch').map((event) => events.indexOf(event)),
    [10, 21, 32, 43],
  );
});

test('step() is one training step; a loop left at an epoch finds the network exactly there', async () => {
  const stepped = await open(moons());
  const events = [];
  for (let i = 0; i < 20; i++) {
    const happened = await stepped.step();
    assert.deepEqual(
      happened.map(({ event }) => event),
      i % 10 === 9 ? ['step', 'epoch'] : ['step'],
    );
    assert.equal(happened[0].step, i + 1);
    events.push(...happened);
  }
  const looped = await open(moons());
  for await (const event of looped.train()) if (event.epoch === 2) break;
  assert.equal(await looped.weightsSha256(), await stepped.weightsSha256());

  const rest = await collect(looped);
  assert.deepEqual(
    rest.map(({ event }) => event),
    ['epoch', 'epoch', 'end'],
  );
  const whole = await hashOf(moons());
  assert.equal(rest.at(-1).weightsSha256, whole, 'a pause changes nothing');
  for (let i = 0; i < 20; i++) events.push(...(await stepped.step()));
  events.push(...(await stepped.step()));
  assert.equal(events.at(-1).weightsSha256, whole, 'stepping is training');
  assert.deepEqual(await stepped.step(), []);
});

test('leaving a loop over steps loses no event', async () => {
  const trainer = await open(moons());
  const seen = [];
  for await (const event of trainer.train({ steps: true })) {
    seen.push(event);
    if (event.step === 3) break;
  }
  seen.push(...(await collect(trainer, { steps: true })));
  assert.deepEqual(
    seen.filter(({ event }) => event === 'step').map(({ step }) => step),
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
});

test('a signal pauses; two loops at once are refused; finish() ends the run', async () => {
  const trainer = await open(
    moons({ epochs: 100000, dataset: { type: 'points', shape: 'spiral', samples: 2000, noise: 0 } }),
  );
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const events = await collect(trainer, { signal: controller.signal });
  assert.ok(events.every(({ event }) => event === 'epoch'));
  assert.deepEqual(await collect(trainer, { signal: AbortSignal.abort() }), []);

  const loop = trainer.train();
  await loop.next();
  await assert.rejects(trainer.train().next(), /training already/);
  await loop.return();
  const end = await trainer.finish();
  assert.equal(end.reason, 'interrupted');
  assert.equal(end.weightsSha256, await trainer.weightsSha256());
  assert.deepEqual(await trainer.finish(), end);
  assert.deepEqual(await collect(trainer), []);
});

test('a checkpoint goes on bit for bit, from the middle of an epoch', async () => {
  const first = await open(moons());
  for (let i = 0; i < 13; i++) await first.step();
  const checkpoint = await first.checkpoint();
  await first.dispose();
  assert.equal(await hashOf(moons(), { resume: checkpoint }), await hashOf(moons()));
  await assert.rejects(Trainer.open(moons(), { resume: checkpoint.subarray(0, 200) }), InputError);
  await assert.rejects(
    Trainer.open(moons({ layers: [{ type: 'dense', units: 2 }] }), { resume: checkpoint }),
    InputError,
  );
});

test('weights go out and in, but not into another network', async () => {
  const trained = await open(moons());
  await collect(trained);
  const file = await trained.saveWeights();
  const copy = await open(moons({ seed: 9 }), { weights: file });
  assert.equal(await copy.weightsSha256(), await trained.weightsSha256());
  const other = await open(moons({ layers: [{ type: 'dense', units: 2 }] }));
  const before = await other.weightsSha256();
  await assert.rejects(other.loadWeights(file), InputError);
  await assert.rejects(other.loadWeights('weights'), InputError);
  assert.equal(await other.weightsSha256(), before);
});

test('evaluate, predict and activations agree', async () => {
  const trainer = await open(moons());
  const end = (await collect(trainer)).at(-1);
  const result = await trainer.evaluate();
  assert.equal(result.samples, 40);
  assert.equal(result.loss, end.validationLoss);
  assert.equal(result.accuracy, end.validationAccuracy);
  assert.equal(result.probabilities.length, 80);
  assert.equal(
    result.confusion.flat().reduce((a, b) => a + b),
    40,
  );
  const right = result.labels.filter(
    (label, i) => label === (result.probabilities[2 * i + 1] > result.probabilities[2 * i] ? 1 : 0),
  );
  assert.equal(right.length / 40, result.accuracy);

  const { validation, training, labels } = await trainer.split();
  assert.deepEqual([training.length, validation.length, labels.length], [160, 40, 200]);
  const { inputs, labels: chosen } = await trainer.samples(validation);
  assert.deepEqual(
    [...chosen],
    [...validation].map((i) => labels[i]),
  );
  assert.deepEqual([...chosen], [...result.labels]);
  const { probabilities, outputs } = await trainer.predict(inputs);
  assert.equal(outputs, 2);
  assert.deepEqual(probabilities, result.probabilities);

  const again = await trainer.evaluate({ inputs, shape: trainer.start.shape, labels: chosen });
  assert.equal(again.loss, result.loss);
  assert.deepEqual(again.labels, result.labels);

  const layers = await trainer.activations(inputs);
  const logits = layers.at(-1).values;
  assert.equal(logits.length, 80);
  for (let i = 0; i < 40; i++) {
    const [a, b] = [Math.exp(logits[2 * i]), Math.exp(logits[2 * i + 1])];
    assert.ok(Math.abs(a / (a + b) - probabilities[2 * i]) < 1e-5);
  }
});

test('one output for two classes is answered as two everywhere', async () => {
  const { layers, ...rest } = moons();
  const trainer = await open({
    ...rest,
    layers: [...layers.slice(0, -1), { type: 'dense', units: 1 }],
    loss: 'binaryCrossEntropy',
  });
  assert.equal(trainer.start.outputs, 2);
  assert.equal(trainer.start.classNames.length, 2);
  await collect(trainer);
  const { probabilities, labels, confusion, accuracy, samples } = await trainer.evaluate();
  assert.equal(probabilities.length, 2 * samples);
  const counts = [
    [0, 0],
    [0, 0],
  ];
  labels.forEach((label, i) => counts[label][Number(probabilities[2 * i + 1] > probabilities[2 * i])]++);
  assert.deepEqual(confusion, counts);
  assert.equal((confusion[0][0] + confusion[1][1]) / samples, accuracy);
  assert.ok(accuracy > 0.7 && accuracy < 1, `${accuracy}: the case shows little`);
  const { inputs } = await trainer.samples((await trainer.split()).validation);
  assert.deepEqual(await trainer.predict(inputs), { probabilities, outputs: 2 });
  const logits = (await trainer.activations(inputs)).at(-1).values;
  logits.forEach((logit, i) => {
    assert.ok(Math.abs(probabilities[2 * i + 1] - 1 / (1 + Math.exp(-logit))) < 1e-6);
    assert.ok(Math.abs(probabilities[2 * i] + probabilities[2 * i + 1] - 1) < 1e-6);
  });
});

test('tensors by their saved names, in the order and layout of the file', async () => {
  const trainer = await open(moons());
  await trainer.step();
  const tensors = await trainer.tensors();
  assert.deepEqual(
    tensors.map(({ name, shape, trainable }) => [name, shape, trainable]),
    [
      ['layers.0.weight', [8, 2], true],
      ['layers.0.bias', [8], true],
      ['layers.2.weight', [2, 8], true],
      ['layers.2.bias', [2], true],
    ],
  );
  const weight = await trainer.tensor('layers.0.weight');
  assert.equal(weight.length, 16);
  assert.equal(sha256(new Uint8Array(weight.buffer)), tensors[0].sha256);
  const gradient = await trainer.gradient('layers.0.weight');
  assert.ok(gradient.length === 16 && gradient.some((value) => value !== 0));
  await assert.rejects(trainer.tensor('layers.9.weight'), {
    name: 'InputError',
    message: /a tensor of this network, got layers\.9\.weight/,
  });
});

test('samples of the program: bytes, class names, groups, augmentation that the preview shows', async () => {
  const inputs = Uint8Array.from({ length: 60 * 4 * 4 }, (_, i) => (i * 37) % 256);
  const data = {
    inputs,
    shape: [4, 4, 1],
    labels: Array.from({ length: 60 }, (_, i) => i % 3),
    classNames: ['a', 'b', 'c'],
  };
  const experiment = {
    augmentation: [{ type: 'flip', horizontal: 1 }],
    layers: [{ type: 'flatten' }, { type: 'dense', units: 3 }],
    epochs: 1,
  };
  const trainer = await open(experiment, { data });
  assert.deepEqual(trainer.start.classNames, ['a', 'b', 'c']);
  assert.equal(inputs.length, 960, 'copied');
  const { inputs: pixels } = await trainer.samples([5]);
  assert.deepEqual(
    [...pixels],
    [...inputs.subarray(80, 96)].map((value) => Math.fround(value / 255)),
  );
  const preview = await trainer.preview(1, [5]);
  for (let y = 0; y < 4; y++) for (let x = 0; x < 4; x++) assert.equal(preview[y * 4 + x], pixels[y * 4 + 3 - x]);
  await collect(trainer);

  const moved = { ...data, inputs: inputs.slice() };
  const other = await open(experiment, { data: moved, transfer: true });
  assert.equal(moved.inputs.length, 0, 'handed over');
  await collect(other);
  assert.equal(await other.weightsSha256(), await trainer.weightsSha256());
});

test('side by side, in this thread, or alone: the same weights', async () => {
  const whole = await hashOf(moons());
  const both = await Promise.all([hashOf(moons()), hashOf(moons()), hashOf(moons({ seed: 4 }))]);
  assert.deepEqual(both.slice(0, 2), [whole, whole]);
  assert.notEqual(both[2], whole);
  assert.equal(await hashOf(moons(), { sameThread: true, threads: 1 }), whole);
});

test('the learning rate can be changed while training', async () => {
  const trainer = await open(moons());
  await trainer.step();
  const before = await trainer.weightsSha256();
  await trainer.setLearningRate(0);
  await trainer.step();
  assert.equal(await trainer.weightsSha256(), before);
  await assert.rejects(trainer.setLearningRate(-1), {
    message: 'Expected learningRate to be a number from 0 to 1000, got -1',
  });
});

test('what is asked after dispose() rejects', async () => {
  const trainer = await open(moons());
  await trainer.dispose();
  await trainer.dispose();
  await assert.rejects(trainer.evaluate(), /has stopped: it was disposed of/);
});

test('a program that does not dispose of its trainers ends all the same, whatever flags its process has', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  for (const [how, flags] of [
    ['{ threads: 2 }', ['--input-type=module']],
    ['{ threads: 1 }', []],
    ['{ threads: 2, sameThread: true }', []],
  ]) {
    const program = `import('trainground').then(async ({ Trainer, check }) => {
      const trainer = await Trainer.open(${JSON.stringify(moons())}, ${how});
      for await (const { event } of trainer.train()) if (event === 'end') console.log(event, (await check({})).length);
    });`;
    const words = [...flags, '--eval', program];
    assert.equal(execFileSync(process.execPath, words, { cwd, encoding: 'utf8', timeout: 20_000 }), 'end 1\n', how);
  }
});

test('check() names every problem; options() is the table that the manual follows', async () => {
  assert.deepEqual(await check(moons()), []);
  const problems = await check({ ...moons(), batchSize: 0, epoch: 3 });
  assert.deepEqual(problems.map(({ path }) => path).sort(), ['batchSize', 'epoch']);
  const table = await options();
  const { default: seed, minimum } = table.find(({ path }) => path === 'seed');
  assert.deepEqual([seed, minimum], [1, 0]);
  const folder = new URL('../../wasm/', import.meta.url);
  const types = readdirSync(folder).filter((file) => file.endsWith('.d.ts'));
  const manual = types.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
  const told = table
    .map(({ path }) => path.split('.').at(-1))
    .filter((key) => !new RegExp(`\\b${key}\\b`).test(manual));
  assert.deepEqual([...new Set(told)], [], 'options that the manual does not mention');
});

test('every built-in set opens as its manifest says', async () => {
  const sets = await datasets();
  assert.ok(sets.some(({ name }) => name === 'digits'));
  for (const { name, title, samples, classes, shape, licence, source } of sets) {
    assert.ok(title && licence && source, name);
    const layers = [{ type: 'flatten' }, { type: 'dense', units: classes.length }];
    const trainer = await open({ dataset: name, layers });
    assert.deepEqual(trainer.start.shape, shape);
    assert.deepEqual(trainer.start.classNames, classes);
    const { labels } = await trainer.split();
    assert.equal(labels.length, samples, name);
  }
});
