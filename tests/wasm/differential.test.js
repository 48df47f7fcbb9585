// Twenty networks and recipes drawn at random, step by step against PyTorch; two hundred others in tests/slow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, judge, without } from '../reference/differential.js';

test(
  'random networks, losses, optimizers and regularisers follow PyTorch step by step',
  { skip: without() },
  async (context) => {
    judge(await compare(1, 20), context);
  },
);

test('a learning rate that is 2 % off is told from the right one', { skip: without() }, async () => {
  const results = await compare(1, 20, ({ optimizer }) => (optimizer.learningRate *= 1.02));
  const caught = results.filter(({ loss, allowed }) => loss > allowed);
  assert.ok(caught.length >= 15, `${caught.length} of 20`);
});
