// Examinations and looks: the learning-rate finder, overfitting one batch, the augmentation preview, the inside, and how light it all is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { browsers, linkOf, oneBrowser, withPage } from './browser.js';
import { tellsItsPlots } from './plots.js';
import { root } from './server.js';

const pictures = () => Array.from(document.querySelectorAll('[data-testid="preview"] img'), (image) => image.src);

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: the doctor suggests a rate, names a broken gradient's layer, learns one batch, and names a rate of nearly nothing`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        const before = await page.number('validation-loss');
        await page.click('find-learning-rate');
        await page.there('use-rate');
        const rate = await page.number('use-rate');
        assert.ok(rate >= 1e-4 && rate <= 1e-1, `suggests ${rate}`);
        await tellsItsPlots(page, { finder: 5 });

        const result = (id, value) =>
          page.until(
            ([one, wanted]) => document.querySelector(`[data-testid="${one}"]`)?.dataset.value === wanted,
            [id, value],
          );
        await page.click('check-gradients');
        await result('gradient-result', 'pass');
        await page.click('break-gradient');
        await page.click('check-gradients');
        await result('gradient-result', 'fail');
        const { layer, text } = await page.page.$eval('[data-testid="gradient-result"]', (element) => ({
          layer: Number(element.dataset.layer),
          text: element.textContent,
        }));
        assert.match(text, new RegExp(`Layer ${layer + 1} \\(.*layers\\.${layer}\\.weight`, 's'));

        await page.click('overfit');
        await result('overfit-result', 'pass');
        assert.equal(await page.number('validation-loss'), before, 'the examinations leave the run alone');
        await page.type('learning-rate', '0.000001');
        await page.settled();
        await page.click('overfit');
        await result('overfit-result', 'fail');
        const cause = await page.page.$eval('[data-testid="overfit-result"]', (element) => element.dataset.cause);
        assert.equal(cause, 'rateTooSmall');

        await page.click('find-learning-rate');
        await page.there('use-rate');
        await page.click('use-rate');
        await page.settled();
        assert.equal(Number(await page.value('learning-rate')), rate);
      });
    },
  );

  test(
    `${name}: each augmentation changes the preview, off is the original, and the seed decides`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('trick-augmentation');
        const fresh = () => document.querySelector('[data-testid="preview"]')?.dataset.value === 'ready';
        await page.until(fresh);
        const [original, ...plain] = await page.page.evaluate(pictures);
        assert.equal(plain.length, 7);
        assert.ok(plain.every((one) => one === original));
        const loss = await page.number('validation-loss');
        const seen = {};
        for (const kind of ['flip', 'rotation', 'shift', 'randomCrop', 'noise', 'cutout', 'contrast']) {
          for (const round of [1, 2]) {
            await page.click(`augment-${kind}`);
            await page.settled();
            await page.until(fresh);
            const [first, ...others] = await page.page.evaluate(pictures);
            assert.equal(first, original);
            if (round === 1)
              assert.ok(
                others.some((one) => one !== original),
                `${kind} changes nothing`,
              );
            else assert.ok(others.every((one) => one === original));
            if (round === 1) seen[kind] = others.join();
          }
        }
        assert.equal(new Set(Object.values(seen)).size, 7);
        assert.equal(await page.number('validation-loss'), loss);
        await page.click('augment-noise');
        await page.settled();
        await page.until(fresh);
        assert.equal((await page.page.evaluate(pictures)).slice(1).join(), seen.noise);
      });
    },
  );

  test(
    `${name}: the inside shows filters, maps, a pixel as a sum, and spreads; a rate changed meanwhile is taken at once`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ epochs: 250, earlyStopping: null }) }, async (page) => {
        await page.ready();
        await page.click('tab-inside');
        await page.there('pixel-sum');
        const untrained = await tellsItsPlots(page, { ridge: 4 });
        const lines = () => page.page.$$eval('.ridge path', (paths) => paths.length);
        const before = await lines();
        await page.click('train');
        await page.epoch(2);
        await page.type('learning-rate', '0.5');
        assert.equal(await page.text('train'), 'Pause', 'the run was over before the rate changed');
        await page.ended();
        assert.ok((await page.number('accuracy')) < 0.9, 'the new rate had no effect');
        assert.equal((await page.page.$$('.map-row pixel-map')).length, 16);
        assert.ok((await lines()) > before, 'each look at a run adds lines: how many there are depends on the machine');
        assert.notEqual((await tellsItsPlots(page, { ridge: 4 })).ridge, untrained.ridge);
      });
    },
  );

  test(`${name}: a tab answers while clothes are trained on`, { skip }, async () => {
    const hash = await linkOf({ dataset: 'fashion', epochs: 300, earlyStopping: null });
    await withPage(name, { hash }, async (page) => {
      await page.ready();
      await page.click('train');
      await page.epoch(1);
      await page.click('tab-mistakes');
      await page.there('mistakes');
      assert.equal(await page.text('train'), 'Pause');
      await page.epoch((await page.number('epoch')) + 1);
    });
  });
}

const [{ name, skip }] = browsers;

test(`${name}: the first load is at most 500 kB compressed`, { skip }, async () => {
  await withPage(name, {}, async (page, { server }) => {
    await page.ready();
    const sizes = Object.fromEntries(
      [...server.served].map((path) => {
        const body = readFileSync(join(root, path));
        return [path, path.endsWith('.gz') ? body.length : brotliCompressSync(body).length];
      }),
    );
    const total = Object.values(sizes).reduce((a, b) => a + b, 0);
    assert.ok(total > 100_000 && total <= 500_000, `${total} bytes: ${JSON.stringify(sizes)}`);
  });
});
