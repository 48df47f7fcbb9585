// Transfer in the page: from a backbone, from a run, from a file; what was taken is told, what is frozen wears a lock, and the comparison is
// by speed. Beside it the two keys of the data: few pictures a class, and by what a set is split.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { linkOf, oneBrowser, withPage } from './browser.js';

const weights = fileURLToPath(new URL('../../wasm/data/fashion-6.safetensors', import.meta.url));
const clothes = { dataset: 'fashion-4', samplesPerClass: 10, epochs: 3, page: { level: 'all' } };
const choose = async (page, id, value) => {
  await page.type(id, value);
  await page.settled();
};
const locks = (page) => page.page.$$eval('[data-testid="layers"] .good', (list) => list.length);

for (const { name, skip } of oneBrowser) {
  test(`${name}: a network starts from the backbone, a run or a file, and tells what it took`, { skip }, async () => {
    await withPage(name, { hash: await linkOf(clothes) }, async (page) => {
      await page.ready();
      assert.equal(await page.number('sample-count'), 40);
      assert.equal(await page.has('transfer-report'), false);
      await page.find('trick-transfer');
      await page.until(() => document.querySelectorAll('[data-testid="start-from"] option').length > 1);
      await choose(page, 'start-from', 'fashion-6');
      await page.there('transfer-report');
      const told = async () => [
        await page.number('transfer-taken'),
        await page.number('transfer-kept'),
        await page.number('transfer-unused'),
      ];
      assert.deepEqual(await told(), [12, 2, 2]);
      await page.page.evaluate(() =>
        [...document.querySelectorAll('#model .link')].find((one) => one.textContent.includes('Edit')).click(),
      );
      assert.equal(await locks(page), 4);
      await choose(page, 'freeze', 'most');
      assert.equal(await locks(page), 2);
      await choose(page, 'freeze', 'all');

      await page.click('train');
      await page.ended();
      const { earlyStopping, ...experiment } = { ...defaultExperiment('fashion-4'), samplesPerClass: 10, epochs: 3 };
      const trainer = await Trainer.open({
        ...experiment,
        earlyStopping,
        transfer: { weights: 'fashion-6', freeze: 'all' },
      });
      let expected;
      for await (const event of trainer.train()) if (event.event === 'end') expected = event.weightsSha256;
      await trainer.dispose();
      assert.equal(await page.value('run-hash'), expected, 'the same bits as in Node');

      // The run that has just ended: every tensor fits, the answer too.
      const run = await page.page.$eval('[data-testid="start-from"]', (list) => [...list.options].at(-1).value);
      assert.match(run, /^run-\d+\.safetensors$/);
      await choose(page, 'start-from', run);
      await page.click('reset');
      await page.settled();
      assert.deepEqual(await told(), [14, 0, 0]);

      const input = await page.page.$('[data-testid="transfer-file"]');
      await input.uploadFile(weights);
      await page.until(() => document.querySelector('[data-testid="start-from"]').value === 'fashion-6.safetensors');
      await page.settled();
      assert.deepEqual(await told(), [12, 2, 2]);
      await choose(page, 'start-from', '');
      assert.equal(await page.has('transfer-report'), false);
      assert.equal(await locks(page), 0);
    });
  });

  test(`${name}: the comparison tells the epochs of four starts`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { lesson: 'transfer' } }) }, async (page) => {
      await page.ready();
      await page.click('answer-gain');
      await page.there('lesson-outcome', 150_000);
      assert.equal(await page.value('lesson-outcome'), 'right');
      const epochs = [];
      for (const letter of 'abcd') epochs.push(await page.number(`epochs-${letter}`));
      assert.ok(Math.max(...epochs.slice(1)) + 4 <= epochs[0], String(epochs));
      assert.equal(await page.number('verdict'), epochs[0] - Math.min(...epochs.slice(1)));
    });
  });

  test(`${name}: weights are never in a link, and a split is part of it`, { skip }, async () => {
    const lost = { ...clothes, transfer: { weights: 'run-1.safetensors', freeze: 'all' }, splitBy: 'fileOrder' };
    await withPage(name, { hash: await linkOf(lost) }, async (page) => {
      await page.ready();
      assert.match(await page.text('alert'), /transfer\.weights/);
      await page.find('trick-splitting');
      assert.equal(await page.page.$eval('[data-testid="split-by"]', (list) => list.value), 'fileOrder');
      assert.equal(await page.number('sample-count'), 40);
    });
  });
}
