// Two hundred networks and recipes drawn at random, step by step against PyTorch: `npm run test:slow`.
import { test } from 'node:test';
import { compare, judge, without } from '../reference/differential.js';

test(
  '200 random networks, losses, optimizers and regularisers follow PyTorch step by step',
  { skip: without() },
  async (context) => {
    judge(await compare(1001, 200), context);
  },
);
