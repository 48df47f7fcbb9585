// Why, on own photos and a frozen backbone: where the network looked, which training pictures are nearest, and a word for what is like none of them.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { Trainer } from 'trainground';
import { activationMap } from '../../web/results/activation_map.js';
import { linkOf, oneBrowser, withPage } from './browser.js';

const photos = fileURLToPath(new URL('../photos/trashnet/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'why-'));
const classNames = readdirSync(photos).sort();
const own = join(photos, 'metal', readdirSync(join(photos, 'metal')).sort()[0]);
const foreign = join(folder, 'foreign.png');
const places = [
  [0.5, 0.5],
  [0, 0],
  [1, 0],
  [0, 1],
  [1, 1],
];

/** Five pictures of each photo: of its middle and of its corners. */
before(async () => {
  const files = {};
  for (const name of classNames) {
    for (const file of readdirSync(join(photos, name))) {
      const photo = readFileSync(join(photos, name, file));
      const { width, height } = await sharp(photo).metadata();
      const side = Math.floor(Math.min(width, height) * 0.8);
      for (const [i, [x, y]] of places.entries()) {
        const part = { left: Math.floor(x * (width - side)), top: Math.floor(y * (height - side)) };
        files[`${name}/${i}-${file}`] = await sharp(photo)
          .extract({ ...part, width: side, height: side })
          .toBuffer();
      }
    }
  }
  writeFileSync(join(folder, 'photos.zip'), zipSync(files));
  const stripes = Buffer.from(Array.from({ length: 128 * 128 * 3 }, (_, i) => ((i >> 4) % 2 ? 250 : 5 * (i % 3))));
  await sharp(stripes, { raw: { width: 128, height: 128, channels: 3 } }).toFile(foreign);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const experiment = {
  dataset: { type: 'images', path: 'pictures', size: 96, fit: 'crop', channels: 3 },
  layers: [
    { type: 'backbone', name: 'efficientnet-lite0' },
    { type: 'globalAveragePool2d' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 3 },
  ],
  transfer: { weights: 'efficientnet-lite0', freeze: 'all' },
  augmentation: [],
  optimizer: { type: 'adam', learningRate: 0.005 },
  earlyStopping: null,
};

/** Classes, shares and indices of the five pictures that are shown as the nearest. */
const nearest = ({ page }) =>
  page.$$eval('[data-testid="nearest"] .near', (all) =>
    all.map((one) => ({
      index: Number(one.dataset.index),
      name: one.querySelector('.truth').textContent,
      share: parseFloat(one.querySelector('.muted').textContent),
    })),
  );

const tried = async (page, path) => {
  const before = await page.page.$eval('[data-testid="try"]', (panel) => panel.textContent);
  await (await page.page.$('[data-testid="try-file"]')).uploadFile(path);
  await page.until((text) => {
    const panel = document.querySelector('[data-testid="try"]');
    return panel.textContent !== text && panel.querySelector('[data-testid="why-looked"]');
  }, before);
  return page.page.$eval('[data-testid="try-answer"]', (answer) => ({
    said: answer.getAttribute('aria-label'),
    bars: answer.querySelectorAll('.named-bar').length,
    isUnlike: answer.querySelector('[data-testid="unlike"]') !== null,
  }));
};

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: the nearest training pictures, where the network looked, and what is like nothing it was shown`,
    { skip, timeout: 240_000 },
    async () => {
      await withPage(name, { hash: await linkOf(experiment) }, async (page) => {
        await page.there('alert-action'); // the link has been read
        await (await page.page.$('[data-testid="file-input"]')).uploadFile(join(folder, 'photos.zip'));
        await page.until(() => document.querySelector('[data-testid="own-count"]')?.dataset.value === '30');
        await page.settled();
        await page.type('epochs', '4');
        await page.settled();
        assert.equal(await page.has('comparing'), false);
        await page.click('train');
        await page.ended(120_000);
        await page.until(() => !document.querySelector('[data-testid="comparing"]'));

        await page.page.click('[data-testid="predictions"] [data-testid="ask-why"]');
        await page.there('nearest');
        await page.there('picture-why-looked');
        await page.until(() => {
          const pictures = [...document.querySelectorAll('[data-testid="nearest"] img')];
          return pictures.length === 5 && pictures.every((one) => one.naturalWidth === 96);
        });
        const shown = await nearest(page);
        assert.deepEqual(
          shown.map(({ share }) => share),
          shown.map(({ share }) => share).toSorted((a, b) => b - a),
        );
        assert.ok(
          shown.every(({ name: one, share }) => classNames.includes(one) && share > 20),
          JSON.stringify(shown),
        );
        // Other parts of the same photo are among the training pictures.
        const heading = await page.page.$eval('#why-heading', (element) => element.textContent.trim());
        assert.ok(heading.endsWith(shown[0].name), `${heading}: ${shown[0].name}`);
        const words = () => page.text('picture-why-looked-words');
        assert.match(await words(), /that speaks for \w+\. The [a-z ]+ counts most: \d+ % of all/);
        const before = await words();
        await page.page.select('[data-testid="picture-why-class"]', '2');
        await page.until(() => document.querySelector('[data-testid="picture-why-looked"]').dataset.value === '2');
        assert.notEqual(await words(), before);
        await page.click('why-close');

        await page.click('tab-try');
        await page.there('try-file');
        const known = await tried(page, own);
        assert.deepEqual([known.isUnlike, known.bars], [false, 3]);
        assert.equal((await nearest(page))[0].name, 'metal');
        const stranger = await tried(page, foreign);
        assert.deepEqual([stranger.isUnlike, stranger.bars], [true, 3]);
        assert.match(stranger.said, /^Like nothing you showed it\. It says \w+, \d+ %\.$/);
        await page.click('try-clear');
        await page.until(() => !document.querySelector('[data-testid="nearest"]'));
      });
    },
  );
}

test('the map of where it looked adds up to what its score has beyond the mean of all', async (t) => {
  const layers = [
    { type: 'conv2d', filters: 6, kernelSize: 3, activation: 'relu' },
    { type: 'globalAveragePool2d' },
    { type: 'dropout', rate: 0.5 },
    { type: 'dense', units: 3, useBias: false },
  ];
  const shape = [9, 7, 1];
  const inputs = Float32Array.from({ length: 6 * 63 }, (_, i) => ((i * 37) % 101) / 101);
  const data = { inputs, shape, labels: [0, 1, 2, 0, 1, 2] };
  const open = async (changes) => {
    const trainer = await Trainer.open({ validationSplit: 0, layers, ...changes }, { data, threads: 1 });
    t.after(() => trainer.dispose());
    return { trainer, start: trainer.start };
  };
  const run = await open();
  const picture = inputs.slice(63, 126);
  const logits = (await run.trainer.activations(picture)).at(-1).values;
  const middle = (logits[0] + logits[1] + logits[2]) / 3;
  for (const k of [0, 1, 2]) {
    const { values, h, w } = await activationMap(run, picture, k);
    assert.deepEqual([h, w, values.length], [7, 5, 35]);
    const mean = values.reduce((sum, value) => sum + value, 0) / 35;
    assert.ok(Math.abs(mean - (logits[k] - middle)) < 1e-5, `class ${k}: ${mean}, ${logits[k] - middle}`);
  }
  // One output tells two classes apart.
  const two = await Trainer.open(
    {
      validationSplit: 0,
      layers: [...layers.slice(0, -1), { type: 'dense', units: 1, useBias: false }],
      loss: 'binaryCrossEntropy',
    },
    { data: { ...data, labels: [0, 1, 0, 1, 0, 1] }, threads: 1 },
  );
  t.after(() => two.dispose());
  const [against, speaking] = await Promise.all(
    [0, 1].map((k) => activationMap({ trainer: two, start: two.start }, picture, k)),
  );
  assert.deepEqual(
    against.values,
    speaking.values.map((value) => -value),
  );
  // Where no average follows the map, there is none.
  const flat = await open({ layers: [layers[0], { type: 'flatten' }, { type: 'dense', units: 3 }] });
  assert.equal(await activationMap(flat, picture, 0), null);
});
