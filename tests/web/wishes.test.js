// The newest wish wins: what is taken back before the engine has answered is never shown, and nothing of it is left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkOf, oneBrowser, withPage } from './browser.js';

/** Keys that a curve gets one right after the other, before any engine can answer. */
const press = (page, ...keys) =>
  page.page.$eval(
    '[data-testid="curve-loss"]',
    (chart, list) => {
      for (const key of list)
        chart.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    },
    keys,
  );

/** Writes down every value that an element shows from now on. */
const watch = (page, id) =>
  page.page.evaluate((selector) => {
    window.seen = [];
    new MutationObserver(() => {
      const value = document.querySelector(selector)?.dataset.value;
      if (value !== undefined && value !== window.seen.at(-1)) window.seen.push(value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  }, `[data-testid="${id}"]`);
const seen = (page) => page.page.evaluate(() => window.seen);

for (const { name, skip } of oneBrowser) {
  test(`${name}: an epoch that is taken back before it is there is never shown`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ epochs: 4 }) }, async (page) => {
      await page.ready();
      await page.click('train');
      await page.ended();
      await watch(page, 'travel-epoch');
      await press(page, 'Home', 'ArrowRight', 'Escape');
      // The engine answers in the order of the questions: once this answer is there, the other one was too.
      await press(page, 'End');
      await page.until(() => document.querySelector('[data-testid="travel-epoch"]')?.dataset.value === '4');
      assert.deepEqual(await seen(page), ['4']);
      await press(page, 'Escape');
      await page.until(() => !document.querySelector('[data-testid="travel-epoch"]'));
    });
  });

  test(`${name}: a pause that is taken back at once leaves no trace`, { skip }, async () => {
    const hash = await linkOf({ epochs: 12, earlyStopping: null });
    const hashes = [];
    for (const clicks of [0, 2]) {
      await withPage(name, { hash }, async (page) => {
        await page.ready();
        // The page draws the first epoch at once: then the run has most of its way before it.
        await page.page.evaluate((n) => {
          const button = document.querySelector('[data-testid="train"]');
          const epoch = document.querySelector('[data-testid="epoch"]');
          const observer = new MutationObserver(() => {
            if (epoch.dataset.value === '0') return;
            observer.disconnect();
            for (let i = 0; i < n; i++) button.click();
            window.clicked = button.textContent.trim();
          });
          observer.observe(epoch, { attributes: true });
          button.click();
        }, clicks);
        await page.ended();
        assert.equal(await page.page.evaluate(() => window.clicked), 'Pause', 'it still trained');
        hashes.push(await page.value('run-hash'));
        const events = await page.page.$eval('[data-testid="curve-loss"]', ({ model }) => model.events);
        assert.deepEqual(events, [], 'no mark of a pause on the curve');
      });
    }
    assert.equal(hashes[0], hashes[1]);
  });

  test(
    `${name}: Train ends a comparison that runs, and a stroke that is wiped out has no answer`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('compare-learning-rate');
        await page.click('train');
        await page.ended();
        assert.equal(await page.has('verdict'), false);
        assert.equal(await page.text('tab-runs'), 'Runs1', 'the run alone');

        await page.click('tab-try');
        await page.there('sketch');
        await watch(page, 'try-answer');
        await page.page.evaluate(() => {
          const [picture] = document.querySelectorAll('.try .pick-picture');
          picture.click();
          document.querySelector('[data-testid="try-clear"]').click();
        });
        await page.page.$$eval('.try .pick-picture', (list) => list[1].click());
        await page.there('try-answer');
        assert.deepEqual(await seen(page), [await page.value('try-answer')]);
      });
    },
  );

  test(`${name}: what the doctor finds of settings that have changed meanwhile is told as that`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      await page.click('overfit');
      await page.type('batch-size', '64');
      await page.there('overfit-result');
      assert.equal(await page.has('earlier-settings'), true);
      await page.settled();
      await page.click('overfit');
      await page.until(
        () =>
          document.querySelector('[data-testid="overfit-result"]') &&
          !document.querySelector('[data-testid="earlier-settings"]'),
      );
    });
  });
}
