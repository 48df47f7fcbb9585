// The service worker: threads on a host that sends no headers, after one reload that the visitor asks for; and the page without a network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webkitLater, withPage } from './browser.js';

const kept = () => document.documentElement.dataset.offline === 'ready';

for (const { name, skip } of webkitLater) {
  test(
    `${name}: without headers the page runs on one thread, and after a reload on several, to the same weights`,
    { skip },
    async () => {
      await withPage(name, { isolated: false, offline: true }, async (page) => {
        await page.ready();
        assert.equal(await page.page.evaluate(() => crossOriginIsolated), false);
        await page.click('train');
        await page.ended();
        const hash = await page.value('run-hash');
        assert.equal(await page.number('threads'), 1);
        await page.there('use-threads');
        await page.click('use-threads');
        await page.until(() => crossOriginIsolated);
        await page.ready();
        await page.click('train');
        await page.ended();
        assert.ok((await page.number('threads')) > 1);
        assert.equal(await page.value('run-hash'), hash);
        assert.equal(await page.has('use-threads'), false);
      });
    },
  );

  test(
    `${name}: once it was loaded, the page trains without a network, and other data sets are there too`,
    { skip },
    async () => {
      await withPage(name, { offline: true }, async (page, { server }) => {
        await page.ready();
        await page.until(kept);
        server.stop();
        await page.page.reload();
        await page.ready();
        await page.click('train');
        await page.ended();
        assert.ok((await page.number('validation-accuracy')) > 0.95);
        await page.page.select('[data-testid="dataset"]', 'iris');
        await page.until(() => document.querySelector('[data-testid="class-count"]')?.dataset.value === '3');
      });
    },
  );
}
