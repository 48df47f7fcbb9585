// A step in slow motion and the spread of activations, through the module and the command line.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const experiment = {
  seed: 5,
  dataset: { type: 'points', shape: 'xor', samples: 60, noise: 0.05 },
  layers: [
    { type: 'dense', units: 3, activation: 'tanh' },
    { type: 'dropout', rate: 0.2 },
    { type: 'dense', units: 1 },
  ],
  loss: 'binaryCrossEntropy',
  l2: 0.01,
  optimizer: { type: 'momentum', learningRate: 0.3 },
  learningRateSchedule: { type: 'cosine', warmupEpochs: 1 },
  batchSize: 20,
  epochs: 3,
};

async function opened(t, more = {}) {
  const trainer = await Trainer.open({ ...experiment, ...more }, { threads: 1 });
  t.after(() => trainer.dispose());
  return trainer;
}

const near = (given, expected, what) => assert.ok(Math.abs(given - expected) <= 2e-6 * (1 + Math.abs(expected)), what);

test('slow motion tells forward values, loss, gradients and update, which agree with each other', async (t) => {
  const trainer = await opened(t);
  const told = await trainer.slowMotion();
  assert.deepEqual(
    told.layers.map(({ index, type, sum, shape }) => [index, type, sum, ...shape]),
    [
      [0, 'dense', true, 1, 1, 3],
      [0, 'dense', false, 1, 1, 3],
      [1, 'dropout', false, 1, 1, 3],
      [2, 'dense', false, 1, 1, 1],
    ],
  );
  const samples = told.samples.length;
  assert.equal(samples, 20);
  const { labels, inputs } = await trainer.samples(told.samples);
  assert.deepEqual(told.labels, labels);
  assert.deepEqual(told.inputs, inputs);

  const [weight, bias] = told.parameters.map(({ before }) => before);
  const [sums, outputs, , logits] = told.layers;
  let loss = told.penalty;
  for (let n = 0; n < samples; ++n) {
    for (let unit = 0; unit < 3; ++unit) {
      const at = 3 * n + unit;
      const sum = bias[unit] + weight[2 * unit] * inputs[2 * n] + weight[2 * unit + 1] * inputs[2 * n + 1];
      near(sums.values[at], sum, `sum ${at}`);
      near(outputs.values[at], Math.tanh(sum), `output ${at}`);
      near(sums.gradients[at], outputs.gradients[at] * (1 - outputs.values[at] ** 2), `gradient ${at}`);
    }
    const z = logits.values[n];
    loss += (Math.log(1 + Math.exp(z)) - labels[n] * z) / samples;
    near(logits.gradients[n], (1 / (1 + Math.exp(-z)) - labels[n]) / samples, `logit ${n}`);
  }
  near(told.loss, loss, 'loss');
  assert.ok(told.penalty > 0);

  for (const { name, before, gradient, after } of told.parameters) {
    assert.deepEqual(after, await trainer.tensor(name));
    assert.deepEqual(gradient, await trainer.gradient(name));
    // The first step of momentum is that of sgd.
    for (let i = 0; i < before.length; ++i) near(after[i], before[i] - told.learningRate * gradient[i], `${name} ${i}`);
  }
  near(
    told.parameters[3].gradient[0],
    logits.gradients.reduce((a, b) => a + b),
    'bias',
  );
  assert.equal(told.step, 1);
  assert.ok(told.learningRate < 0.3, 'warm-up');
  assert.notEqual(told.lossAfter, told.loss);
  assert.deepEqual(told.events, [{ event: 'step', epoch: 1, step: 1, loss: told.loss }]);
});

test('slow motion goes through a run as step() does, to the same events and the same weights', async (t) => {
  const plain = await opened(t);
  const slow = await opened(t);
  for (;;) {
    const expected = await plain.step();
    const told = await slow.slowMotion();
    if (!told) break;
    const timeless = ({ seconds, ...event }) => event;
    assert.deepEqual(told.events.map(timeless), expected.map(timeless));
  }
  assert.equal(await slow.slowMotion(), null);
  assert.equal(await slow.weightsSha256(), await plain.weightsSha256());
});

test('slow motion finishes a validation that a slice of training left half-way, and can be mixed with training', async (t) => {
  const whole = await opened(t);
  for await (const event of whole.train()) void event;
  const mixed = await opened(t);
  for await (const event of mixed.train({ steps: true })) if (event.step === 2) break;
  while (await mixed.slowMotion());
  assert.equal(await mixed.weightsSha256(), await whole.weightsSha256());
});

test('slow motion of a network too big for it is refused, and the run goes on', async (t) => {
  const trainer = await opened(t, {
    layers: [
      { type: 'dense', units: 4096 },
      { type: 'dense', units: 128 },
      { type: 'dense', units: 1 },
    ],
  });
  await assert.rejects(trainer.slowMotion(), {
    name: 'InputError',
    message: 'Expected slowMotion to be a network and a batch of at most a million numbers together, got more',
  });
  assert.equal((await trainer.step())[0].step, 1);
});

const deep = (kernelInitializer) => ({
  ...experiment,
  layers: [
    ...Array.from({ length: 8 }, () => ({ type: 'dense', units: 32, activation: 'tanh', kernelInitializer })),
    { type: 'dense', units: 1, kernelInitializer },
  ],
});

test('the spread of activations tells a good initialization from a bad one, and leaves the run as it is', async (t) => {
  const kept = {};
  for (const name of ['glorotUniform', 'smallUniform', 'zeros']) {
    const trainer = await opened(t, deep(name));
    const before = await trainer.weightsSha256();
    const rows = await trainer.activationSpread({ samples: 40 });
    assert.equal(await trainer.weightsSha256(), before);
    assert.equal(rows.length, 1 + 2 * 8 + 1);
    assert.deepEqual([rows[0].index, rows[0].type, rows[1].sum, rows[2].sum], [-1, 'input', true, false]);
    kept[name] = rows[16].deviation / rows[0].deviation;
    if (name === 'zeros') assert.equal(rows[16].dead, 1);
  }
  assert.ok(kept.glorotUniform > 0.1, `Xavier keeps ${kept.glorotUniform}`);
  assert.ok(kept.smallUniform < 1e-4, `small weights keep ${kept.smallUniform}`);
  assert.equal(kept.zeros, 0);
  const trainer = await opened(t);
  await assert.rejects(
    trainer.activationSpread({ samples: 1 }),
    /Expected samples to be an integer from 2 to 1024, got 1/,
  );
});

test('activation-spread prints a row for each layer, or one JSON object', async () => {
  const cwd = temporaryFolder();
  const file = writeExperiment(cwd, 'deep.json', deep('heUniform'));
  const pretty = await trainground(['activation-spread', file], { cwd });
  assert.equal(pretty.code, 0, pretty.err);
  assert.match(pretty.out, /^inputs +[\d.]+/m);
  assert.match(pretty.out, /^7 dense, before its activation +[\d.]+ /m);
  const [json] = (await trainground(['activation-spread', file, '--log', 'ndjson'], { cwd })).lines;
  assert.equal(json.event, 'activationSpread');
  assert.equal(json.layers.length, 18);
});

test('the gradient of a score in each input is its slope, and leaves the run as it is', async (t) => {
  const trainer = await opened(t, {
    layers: [
      { type: 'dense', units: 3, activation: 'tanh' },
      { type: 'dense', units: 1 },
    ],
  });
  await trainer.step();
  const before = await trainer.gradient('layers.0.weight');
  const inputs = Float32Array.of(0.2, -0.4, 0.9, 0.1);
  // One output for two classes: its logit speaks for the second.
  const slope = await trainer.inputGradient(inputs, 1);
  assert.deepEqual(
    await trainer.inputGradient(inputs, 0),
    slope.map((value) => -value),
  );
  const [w, b, v] = await Promise.all(
    ['layers.0.weight', 'layers.0.bias', 'layers.1.weight'].map((name) => trainer.tensor(name)),
  );
  for (let n = 0; n < 2; ++n) {
    for (let i = 0; i < 2; ++i) {
      let expected = 0;
      for (let unit = 0; unit < 3; ++unit) {
        const sum = b[unit] + w[2 * unit] * inputs[2 * n] + w[2 * unit + 1] * inputs[2 * n + 1];
        expected += v[unit] * (1 - Math.tanh(sum) ** 2) * w[2 * unit + i];
      }
      near(slope[2 * n + i], expected, `${n} ${i}`);
    }
  }
  assert.deepEqual(await trainer.gradient('layers.0.weight'), before);
  await assert.rejects(trainer.inputGradient(inputs, 2), /Expected output to be an integer from 0 to 1, got 2/);
});
