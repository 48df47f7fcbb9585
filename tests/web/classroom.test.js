// What a teacher shows and locks travels in the link: the page behind it shows only that, and what is locked cannot be changed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkOf, oneBrowser, withPage } from './browser.js';

const disabled = (id) => document.querySelector(`[data-testid="${id}"]`).matches(':disabled');

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: a class link made behind Share shows two techniques and locks one, the data and the seed`,
    { skip },
    async () => {
      let hash;
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('share');
        await page.there('classroom');
        for (const id of [
          'show-learning-rate',
          'show-dropout',
          'lock-dropout',
          'lock-dataset',
          'lock-seed',
          'lock-network',
        ]) {
          await page.click(id);
          await page.wait(50);
        }
        await page.until(() => document.querySelector('#link').value.includes('#e='));
        await page.page.evaluate(() => (navigator.clipboard.writeText = async (text) => void (window.copied = text)));
        await page.click('copy-link');
        await page.until(() => window.copied);
        const copied = await page.page.evaluate(() => window.copied);
        assert.equal(copied, await page.page.$eval('#link', (input) => input.value));
        hash = new URL(copied).hash;
      });
      await withPage(name, { hash }, async (page) => {
        await page.ready();
        const tiles = await page.page.$$eval('.tile', (list) => list.map((tile) => tile.dataset.testid));
        assert.deepEqual(tiles, ['trick-learning-rate', 'trick-dropout']);
        await page.click('trick-dropout');
        await page.there('locked-dropout');
        for (const id of ['dropout-rate', 'switch-dropout', 'dataset', 'seed', 'new-seed', 'add-layer']) {
          assert.equal(await page.page.evaluate(disabled, id), true, id);
        }
        assert.equal(await page.page.evaluate(disabled, 'learning-rate'), false);
        assert.equal(await page.has('drop-zone'), false);
        await page.click('train');
        await page.ended();
        assert.ok((await page.number('validation-accuracy')) > 0.95);
      });
    },
  );

  test(`${name}: without such a link nothing is locked`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      for (const id of ['dropout-rate', 'dataset', 'seed', 'add-layer'])
        assert.equal(await page.page.evaluate(disabled, id), false, id);
      assert.equal(await page.has('locked-dataset'), false);
    });
  });
}
