// Messages and cures: each says what happened and offers what helps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browsers, linkOf, withPage } from './browser.js';

for (const { name, skip } of browsers) {
  test(`${name}: a full store is said once, the run goes on, and the project can be downloaded`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ epochs: 3, earlyStopping: null }) }, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        IDBObjectStore.prototype.put = () => {
          throw new DOMException('There is no room', 'QuotaExceededError');
        };
        window.saved = [];
        HTMLAnchorElement.prototype.click = function () {
          window.saved.push(this.download);
        };
      });
      await page.click('train');
      await page.ended();
      assert.equal(await page.number('epoch'), 3);
      await page.until(() => document.querySelector('[data-code="storage-full"] [data-testid="alert-action"]'));
      await page.page.$eval('[data-code="storage-full"] [data-testid="alert-action"]', (button) => button.click());
      await page.until(() => window.saved.includes('project.zip'));
    });
  });

  test(`${name}: frozen layers are named as the cause, and a click frees them`, { skip }, async () => {
    const layers = [
      { type: 'flatten' },
      { type: 'dense', units: 8, activation: 'relu', trainable: false },
      { type: 'dense', units: 10, trainable: false },
    ];
    await withPage(name, { hash: await linkOf({ layers, page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      await page.click('overfit');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]')?.dataset.value === 'fail');
      const cause = () => page.page.$eval('[data-testid="overfit-result"]', (element) => element.dataset.cause);
      assert.equal(await cause(), 'frozenLayers');
      await page.click('overfit-action');
      await page.settled();
      await page.click('overfit');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]')?.dataset.value !== 'fail');
      await page.until(() => document.querySelector('[data-testid="overfit-result"]'));
      assert.notEqual(await cause(), 'frozenLayers');
    });
  });
}
