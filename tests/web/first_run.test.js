// The first ten seconds: what is there before the click, the run that one click starts, pausing, stepping, and equal bits everywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { defaultExperiment } from '../../web/state.js';
import { browsers, withPage } from './browser.js';

let nodeHash;

/** The hash of the page's first experiment, as Node computes it. */
async function hashInNode() {
  if (nodeHash) return nodeHash;
  const trainer = await Trainer.open(defaultExperiment());
  for await (const event of trainer.train()) if (event.event === 'end') nodeHash = event.weightsSha256;
  await trainer.dispose();
  return nodeHash;
}

for (const { name, skip } of browsers) {
  test(
    `${name}: pictures and an untrained network are there before any click, and nothing runs`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        const button = await page.page.$eval('[data-testid="train"]', ({ disabled, offsetWidth }) => ({
          disabled,
          offsetWidth,
        }));
        assert.equal(button.disabled, false);
        assert.ok(button.offsetWidth > 0);
        assert.ok((await page.page.$$('[data-testid="samples"] img')).length >= 10);
        const accuracy = await page.number('validation-accuracy');
        assert.ok(accuracy > 0.02 && accuracy < 0.3, `untrained: ${accuracy}`);
        await page.wait(2000);
        assert.equal(await page.number('epoch'), 0);
        assert.equal(await page.number('step-count'), 0);
        assert.equal(await page.text('train'), 'Train');
      });
    },
  );

  test(`${name}: one click trains, and the run ends by itself above 95 %`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        const read = (id) => document.querySelector(`[data-testid="${id}"]`);
        window.seen = [];
        const note = () => {
          const now = `${read('train').textContent.trim()} ${read('epoch').dataset.value}`;
          if (now !== window.seen.at(-1)) window.seen.push(now);
        };
        new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      await page.click('train');
      await page.ended();
      // The button answers before there is anything to see, and the first point comes before the end.
      const seen = await page.page.evaluate(() => window.seen);
      assert.equal(seen[0], 'Pause 0', `seen ${seen}`);
      assert.ok(seen.includes('Pause 1'), `seen ${seen}`);
      assert.ok((await page.number('validation-accuracy')) >= 0.95);
      assert.match(await page.value('stop-reason'), /^(earlyStopping|epochs)$/);

      // The mark of the best epoch is the smallest validation loss of the table, and the restored weights give it again.
      await page.click('table-loss');
      await page.until(() => document.querySelector('.loss-figure tbody tr'));
      const losses = await page.page.$$eval('.loss-figure tbody tr', (rows) =>
        rows.slice(1).map((row) => Number(row.cells[2].textContent)),
      );
      const best = await page.number('best-epoch');
      assert.equal(losses[best - 1], Math.min(...losses));
      assert.ok(Math.abs((await page.number('validation-loss')) - losses[best - 1]) < 0.002);
    });
  });

  test(`${name}: the same bits twice, after a pause and a step, without isolation, and in Node`, { skip }, async () => {
    const expected = await hashInNode();
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.click('train');
      await page.ended();
      assert.equal(await page.value('run-hash'), expected);

      await page.click('train');
      await page.button('Pause');
      await page.epoch(2);
      await page.click('train');
      await page.button('Go on');
      const epoch = await page.number('epoch');
      const steps = await page.number('step-count');
      await page.wait(1000);
      assert.equal(await page.number('epoch'), epoch);
      assert.equal(await page.number('step-count'), steps);
      await page.click('step');
      const counts = (n) => Number(document.querySelector('[data-testid="step-count"]').dataset.value) > n;
      await page.until(counts, steps);
      assert.equal(await page.number('step-count'), steps + 1);
      await page.click('train');
      await page.ended();
      assert.equal(await page.value('run-hash'), expected);
    });
    const phone = {
      isolated: false,
      viewport: { width: 360, height: 740 },
      features: [{ name: 'prefers-reduced-motion', value: 'reduce' }],
    };
    await withPage(name, phone, async (page) => {
      await page.ready();
      assert.ok(await page.page.$('[data-testid="alert"][data-code="not-isolated"]'));
      await page.click('train');
      await page.ended();
      assert.equal(await page.value('run-hash'), expected);
      assert.equal(await page.number('threads'), 1);
      const sideways = await page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(sideways <= 0, `scrolls ${sideways} px sideways`);
      const train = await page.page.$eval('[data-testid="train"]', (element) => {
        const { bottom, height } = element.getBoundingClientRect();
        return { bottom, height };
      });
      assert.ok(train.bottom <= 740 && train.height >= 44, JSON.stringify(train));
    });
  });

  test(`${name}: the patience counts down to the stop`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        window.seen = [];
        const note = () => {
          const value = document.querySelector('[data-testid="patience-left"]')?.dataset.value;
          if (value && value !== window.seen.at(-1)) window.seen.push(value);
        };
        new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
      });
      await page.click('train');
      await page.ended();
      const seen = (await page.page.evaluate(() => window.seen)).map(Number);
      assert.ok(seen.includes(5) && seen.some((n) => n < 5), `seen ${seen}`);
      assert.ok(seen.every((n) => n >= 0 && n <= 5));
    });
  });
}
