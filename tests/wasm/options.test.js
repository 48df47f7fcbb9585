// What the table of options allows, the engine takes: at both ends of each range of a set that is made or decoded here.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { Trainer, check, options } from 'trainground';
import { temporaryFolder } from './command.js';

const folder = temporaryFolder();
for (const name of ['dark', 'light']) {
  mkdirSync(join(folder, 'pictures', name), { recursive: true });
  for (const i of [1, 2, 3]) {
    await sharp({ create: { width: 5, height: 4, channels: 3, background: name === 'dark' ? '#222' : '#eee' } })
      .png()
      .toFile(join(folder, 'pictures', name, `${i}.png`));
  }
}
const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
const sets = { points: { type: 'points' }, images: { type: 'images', path: 'pictures', size: 4 } };

const rows = (await options()).filter(({ path, of, type }) => {
  return path.startsWith('dataset.') && ['integer', 'number'].includes(type) && of?.length === 1 && of[0] in sets;
});
test('the table has such rows', () => assert.ok(rows.length >= 4, rows.map(({ path }) => path).join()));
for (const { path, of, minimum, maximum, step = 1, type } of rows) {
  const set = (value) => ({ dataset: { ...sets[of[0]], [path.slice(8)]: value }, layers });
  test(`${path} from ${minimum} to ${maximum}`, async () => {
    for (const value of [minimum, maximum]) {
      const trainer = await Trainer.open(set(value), { base: folder });
      await trainer.dispose();
    }
    const outside = [minimum - step, maximum + step, ...(type === 'integer' ? [minimum + step / 2] : [])];
    for (const value of outside) assert.equal((await check(set(value))).length, 1, String(value));
  });
}

test('points that are held back as a set of their own are other points', async () => {
  for (const shape of ['moons', 'circles', 'xor', 'gaussians', 'spiral']) {
    for (const noise of [0, 0.1]) {
      const dataset = { type: 'points', shape, noise, samples: 200 };
      const trainer = await Trainer.open({
        dataset: { ...dataset, validation: dataset },
        layers: [{ type: 'dense', units: 8, activation: 'tanh' }, ...layers],
        optimizer: { type: 'sgd', learningRate: 0 },
        epochs: 1,
      });
      for await (const { event, loss, validationLoss } of trainer.train()) {
        if (event === 'epoch') assert.ok(Math.abs(validationLoss - loss) > 1e-6, `${shape} ${noise}: ${loss}`);
      }
      await trainer.dispose();
    }
  }
});
