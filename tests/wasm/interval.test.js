// Wilson's interval against published values, and against its own definition.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fewSamples, Trainer, wilson } from 'trainground';

// Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods", Statistics in Medicine 17 (1998),
// table I, method 3.
const published = [
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
];

test('published values', () => {
  for (const [right, samples, low, high] of published) {
    const [below, above] = wilson(right, samples);
    assert.equal(below.toFixed(4), low.toFixed(4), `${right} of ${samples}`);
    assert.equal(above.toFixed(4), high.toFixed(4), `${right} of ${samples}`);
  }
});

test('each end is where a normal test of 5 % would just not refuse the share; all right reaches 1', () => {
  const z = 1.959963984540054;
  for (const samples of [1, 2, 9, 50, fewSamples]) {
    for (let right = 0; right <= samples; right++) {
      const ends = wilson(right, samples);
      assert.ok(ends[0] >= 0 && ends[0] <= right / samples && right / samples <= ends[1] && ends[1] <= 1);
      for (const end of ends) {
        if (end === 0 || end === 1) continue;
        const off = Math.abs(right / samples - end) / Math.sqrt((end * (1 - end)) / samples);
        assert.ok(Math.abs(off - z) < 1e-6, `${right} of ${samples}: ${off}`);
      }
      const mirrored = wilson(samples - right, samples);
      assert.ok(Math.abs(ends[0] + mirrored[1] - 1) < 1e-12);
    }
    assert.equal(wilson(samples, samples)[1], 1);
    assert.equal(wilson(0, samples)[0], 0);
  }
});

test('an evaluation tells it, of classes and not of numbers', async () => {
  const layers = (units) => [{ type: 'flatten' }, { type: 'dense', units }];
  const classes = await Trainer.open({ dataset: 'iris', layers: layers(3) });
  const { accuracy, samples, interval } = await classes.evaluate();
  await classes.dispose();
  assert.deepEqual(interval, wilson(Math.round(accuracy * samples), samples));
  const data = {
    inputs: Float32Array.from({ length: 40 }, (_, i) => i),
    shape: [1, 1, 2],
    targets: new Float32Array(20),
  };
  const numbers = await Trainer.open({ layers: layers(1), loss: 'meanSquaredError' }, { data });
  assert.equal((await numbers.evaluate()).interval, undefined);
  await numbers.dispose();
});
