// What outlives a reload: a run in the middle goes on to the same bits, and everything kept can be deleted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { webkitLater, withPage } from './browser.js';
import { words } from './words.js';

/** Whether so many runs are kept. */
const many = (wanted) =>
  new Promise((done) => {
    const request = indexedDB.open('trainground');
    request.onsuccess = () => {
      const count = request.result.transaction('kept').objectStore('kept').count();
      count.onsuccess = () => {
        request.result.close();
        done(count.result === wanted);
      };
    };
  });

for (const { name, skip } of webkitLater) {
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
        await page.trainUntil(3);
        const epoch = await page.number('epoch');
        await page.until(many, 1);
        await page.page.reload();
        await page.there('continue');
        await page.ready();
        await page.click('continue');
        await page.paused();
        assert.equal(await page.number('epoch'), epoch);
        await page.click('train');
        await page.ended();
        assert.equal(await page.value('run-hash'), expected);

        await page.trainUntil(2);
        await page.until(many, 1);
        await page.click('delete-everything');
        await page.until(many, 0);
      });
    },
  );

  test(`${name}: a run that ends in one tab leaves the paused run of another one alone`, { skip }, async () => {
    await withPage(name, {}, async (page, { browser, server }) => {
      await page.ready();
      await page.trainUntil(2);
      const epoch = await page.number('epoch');
      await page.until(many, 1);
      const other = words(await browser.newPage());
      await other.page.goto(server.url);
      await other.ready();
      assert.equal(await other.has('kept'), false, 'the other tab still has it');
      await other.click('train');
      await other.ended();
      await other.page.close();
      await page.page.bringToFront();
      await page.until(many, 1);
      await page.page.reload();
      await page.find('continue');
      await page.paused();
      assert.equal(await page.number('epoch'), epoch);
    });
  });
}
