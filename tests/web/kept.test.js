// What outlives a reload: a run in the middle goes on to the same bits, and everything kept can be deleted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { browsers, withPage } from './browser.js';

const entries = () =>
  new Promise((done) => {
    const request = indexedDB.open('trainground');
    request.onsuccess = () => {
      const count = request.result.transaction('kept').objectStore('kept').count();
      count.onsuccess = () => {
        request.result.close();
        done(count.result);
      };
    };
  });

for (const { name, skip } of browsers) {
  test(
    `${name}: a run goes on after a reload to the same bits, and all that is kept can be deleted`,
    { skip },
    async () => {
      const trainer = await Trainer.open(defaultExperiment());
      let expected;
      for await (const event of trainer.train()) if (event.event === 'end') expected = event.weightsSha256;
      await trainer.dispose();

      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('train');
        await page.epoch(3);
        await page.click('train');
        await page.paused();
        const epoch = await page.number('epoch');
        await page.wait(1000);
        await page.page.reload();
        await page.there('continue');
        await page.ready();
        await page.click('continue');
        await page.paused();
        assert.equal(await page.number('epoch'), epoch);
        await page.click('train');
        await page.ended();
        assert.equal(await page.value('run-hash'), expected);

        await page.click('train');
        await page.epoch(2);
        await page.click('train');
        await page.paused();
        await page.wait(1000);
        assert.equal(await page.page.evaluate(entries), 1);
        await page.click('delete-everything');
        await page.wait(500);
        assert.equal(await page.page.evaluate(entries), 0);
      });
    },
  );
}
