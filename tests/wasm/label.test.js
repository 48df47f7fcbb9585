// A regression's label that is learned standardised: prices are learned as fast as small numbers, and whoever gets the weights, or an answer,
// gets them in the label's own unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, Trainer, describeWeights, openNetwork } from 'trainground';
import { sumOfWeights } from './weights_alone.js';

/** Prices of some hundred thousand, from two numbers. */
const table = new TextEncoder().encode(
  [
    'area,age,price',
    ...Array.from({ length: 240 }, (_, i) => {
      const [area, age] = [40 + ((i * 37) % 120), (i * 53) % 80];
      return `${area},${age},${(area * 5200 - age * 1500 + 30 * ((i * 71) % 97)).toFixed(1)}`;
    }),
  ].join('\n'),
);
const experiment = (changes = {}, dataset = {}) => ({
  seed: 3,
  dataset: { type: 'csv', path: 'prices.csv', label: 'price', normalize: true, normalizeLabel: true, ...dataset },
  layers: [
    { type: 'dense', units: 16, activation: 'relu' },
    { type: 'dense', units: 1 },
  ],
  loss: 'meanSquaredError',
  optimizer: { type: 'adam', learningRate: 0.01 },
  epochs: 40,
  ...changes,
});
const open = (what, more = {}) => Trainer.open(what, { files: { 'prices.csv': table }, sameThread: true, ...more });

async function trained(what, more) {
  const trainer = await open(what, more);
  const events = [];
  for await (const event of trainer.train()) if (event.event !== 'step') events.push(event);
  return { trainer, events, end: events.at(-1) };
}
const near = (one, two, share) =>
  one.forEach((value, i) => assert.ok(Math.abs(value - two[i]) <= share * Math.abs(value), `${value} ${two[i]}`));

test('prices are learned, and told in their own unit; without it they are not', async () => {
  const { trainer, end } = await trained(experiment());
  const { regression, probabilities, loss } = await trainer.evaluate();
  assert.ok(regression.r2[0] > 0.99, `R squared ${regression.r2[0]}`);
  assert.ok(Math.min(...probabilities) > 50_000, 'answers are prices');
  assert.ok(loss < 0.05 && end.validationLoss === loss, 'the loss is of the standardised label');
  await trainer.dispose();
  const plain = await trained(experiment({}, { normalizeLabel: false }));
  assert.ok((await plain.trainer.evaluate()).regression.r2[0] < 0);
  await plain.trainer.dispose();
});

test('it is as if the table itself held standardised labels', async () => {
  const short = { epochs: 5 };
  const { trainer, events } = await trained(experiment(short));
  const { training } = await trainer.split();
  await trainer.dispose();
  const [head, ...rows] = new TextDecoder().decode(table).split('\n');
  const prices = rows.map((row) => Number(row.split(',')[2]));
  const learned = Array.from(training, (row) => prices[row]);
  const mean = learned.reduce((sum, price) => sum + price, 0) / learned.length;
  const deviation = Math.sqrt(learned.reduce((sum, price) => sum + (price - mean) ** 2, 0) / learned.length);
  const byHand = rows.map((row, i) => `${row.split(',').slice(0, 2)},${(prices[i] - mean) / deviation}`);
  const files = { 'prices.csv': new TextEncoder().encode([head, ...byHand].join('\n')) };
  const other = await trained(experiment(short, { normalizeLabel: false }), { files });
  await other.trainer.dispose();
  for (const [i, event] of events.entries())
    assert.ok(Math.abs(event.validationLoss / other.events[i].validationLoss - 1) < 1e-4, `epoch ${i + 1}`);
});

test('saved weights are in its unit: alone, loaded again, loaded without it, and by their hash', async () => {
  const { trainer, end } = await trained(experiment());
  const weights = await trainer.saveWeights();
  const rows = [
    { area: 100, age: 10 },
    { area: 55.5, age: null },
  ];
  const said = (await trainer.predictRows(rows)).probabilities;
  assert.equal(describeWeights(weights).weightsSha256, end.weightsSha256);
  assert.equal(sumOfWeights(weights), end.weightsSha256);
  const network = await openNetwork(weights, { sameThread: true });
  near(said, (await network.predictRows(rows)).probabilities, 1e-5);
  await network.dispose();
  for (const normalizeLabel of [true, false]) {
    const again = await open(experiment({}, { normalizeLabel }), { weights });
    near(said, (await again.predictRows(rows)).probabilities, 1e-5);
    await again.dispose();
  }
  await trainer.dispose();
});

test('a resumed run ends with the same bits, and a transfer from it begins where it stood', async () => {
  const { trainer, end } = await trained(experiment());
  const weights = await trainer.saveWeights();
  await trainer.dispose();
  const first = await open(experiment());
  for await (const event of first.train()) if (event.event === 'epoch' && event.epoch === 17) break;
  const resume = await first.checkpoint();
  await first.dispose();
  const second = await trained(experiment(), { resume });
  assert.equal(second.end.weightsSha256, end.weightsSha256);
  await second.trainer.dispose();
  const transfer = { weights: 'prices.safetensors', freeze: 'none' };
  const third = await open(experiment({ transfer }), { transferWeights: weights });
  assert.ok((await third.evaluate()).regression.r2[0] > 0.99);
  await third.dispose();
});

test('a label of classes, another loss, or a last layer that bends it is refused', async () => {
  const bends = { layers: [{ type: 'dense', units: 1, activation: 'relu' }] };
  const noBias = { layers: [{ type: 'dense', units: 1, useBias: false }] };
  for (const changes of [bends, noBias]) {
    await assert.rejects(open(experiment(changes)), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual(
        error.problems.map(({ path }) => path),
        ['dataset.normalizeLabel'],
      );
      return true;
    });
  }
});
