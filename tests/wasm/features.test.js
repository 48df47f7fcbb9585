// What is frozen: pictures go through it a few at a time, so that a pause is heard, and progress told, before the first step is done.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { connect } from '../../wasm/client.js';

const side = 96;
const count = 100;
const size = side * side * 3;

/** Pictures in two colours, in noise that never repeats. */
function pictures() {
  const inputs = new Uint8Array(count * size);
  let state = 1;
  for (let i = 0; i < inputs.length; i++) {
    state = (state * 48271) % 2147483647;
    inputs[i] = (state % 128) + ((Math.floor(i / size) + i) % 2) * 100;
  }
  return { inputs, shape: [side, side, 3], labels: Array.from({ length: count }, (_, i) => i % 2) };
}

const experiment = {
  layers: [
    { type: 'backbone', name: 'efficientnet-lite0', output: 'embedding' },
    { type: 'dense', units: 2 },
  ],
  transfer: { weights: 'efficientnet-lite0', freeze: 'all' },
  validationSplit: 0.1,
  batchSize: 128,
  epochs: 2,
};
const opened = async (t) => {
  const trainer = await Trainer.open(experiment, { data: pictures(), threads: 1 });
  t.after(() => trainer.dispose());
  return trainer;
};
const sums = async (trainer) => (await trainer.tensors()).map(({ name, sha256 }) => [name, sha256]);

test('a pause within the first pass over the pictures is heard, and the run that goes on ends with the same bits', async (t) => {
  const whole = await opened(t);
  const shares = [];
  for await (const event of whole.train({ onProgress: (share) => shares.push(share) })) assert.ok(event.event);
  assert.ok(shares.length >= 2, `told ${shares}`);
  assert.ok(shares.every((share, at) => share >= 0 && share < 1 && (at === 0 || share > shares[at - 1])));

  const paused = await opened(t);
  const stop = new AbortController();
  const events = [];
  for await (const event of paused.train({ signal: stop.signal, steps: true, onProgress: () => stop.abort() }))
    events.push(event);
  assert.deepEqual(events, []); // not even the first step was waited for
  const first = await paused.step();
  assert.equal(first[0].event, 'step');
  for await (const event of paused.train()) events.push(event);
  assert.equal(events.at(-1).reason, 'epochs');
  assert.deepEqual(await sums(paused), await sums(whole));
});

test('runs on the same pictures share what is frozen: the next fold takes it over, with the bits of a run of its own; other pictures do not', async (t) => {
  const conversation = await connect({ threads: 1 });
  t.after(() => conversation.close());
  const json = JSON.stringify(experiment);
  const run = async (data, options = {}) => {
    const sets = await conversation.call('loadSets', { json, options: { data } });
    const fold = { index: options.fold, count: 5 };
    const trainer = new Trainer(conversation, await conversation.call('open', { json, options, sets, fold }));
    let told = 0;
    for await (const event of trainer.train({ onProgress: () => told++ })) assert.ok(event.event);
    return { told, sums: await sums(trainer) };
  };
  const first = await run(pictures(), { fold: 0 });
  const second = await run(pictures(), { fold: 1 });
  const back = await run(pictures(), { fold: 0 });
  assert.ok(first.told >= 2, `told ${first.told}`);
  assert.deepEqual([second.told, back.told], [0, 0]);
  assert.deepEqual(back.sums, first.sums);
  assert.deepEqual((await run(pictures(), { fold: 1, featureCacheBytes: 0 })).sums, second.sums);

  const other = pictures();
  other.inputs.fill(200, 0, 20 * size);
  const changed = await run(other, { fold: 1 });
  assert.ok(changed.told >= 2, `told ${changed.told}`);
  assert.notDeepEqual(changed.sums, second.sums);
  assert.deepEqual((await run(other, { fold: 1, featureCacheBytes: 0 })).sums, changed.sums);
});
