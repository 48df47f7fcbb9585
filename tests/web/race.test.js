// The race of the optimizers: equal starts, curves, the slice, and a ranking that follows the rates.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer, options } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { linkOf, oneBrowser, withPage } from './browser.js';
import { tellsItsPlots } from './plots.js';

const rows = (page) =>
  page.page.$$eval('[data-testid="race-table"] tbody tr', (list) => list.map((row) => ({ ...row.dataset })));
const over = () => ['done', 'stopped'].includes(document.querySelector('[data-testid="race-state"]')?.dataset.value);

const kOnce = 'the whole race takes a minute, and is run in Chromium'; // two runs of six networks each

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: six optimizers start equal, are drawn on a slice, and other rates make another ranking`,
    { skip: skip || (name === 'chromium' ? false : kOnce) },
    async () => {
      await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        await page.click('trick-optimizer');
        await page.click('race');
        await page.until(over, null, 110_000);
        assert.equal(await page.value('race-state'), 'done');
        const first = await rows(page);
        assert.equal(first.length, 6);
        assert.equal(new Set(first.map(({ start }) => start)).size, 1, 'not from equal weights');
        assert.equal(new Set(first.map(({ loss }) => loss)).size, 6);
        const losses = first.map(({ loss }) => Number(loss));
        assert.deepEqual(
          losses,
          [...losses].sort((a, b) => a - b),
        );
        assert.ok(losses[0] < 0.3, `the winner ends at ${losses[0]}`);
        const drawn = await page.page.$$eval('[data-testid="race-slice"] polyline:not(.halo)', (list) =>
          list.map((line) => line.getAttribute('points')),
        );
        assert.equal(drawn.length, 6);
        assert.equal(new Set(drawn.map((points) => points.split(' ')[0])).size, 1, 'the ways do not begin together');
        assert.ok(drawn.every((points) => !points.includes('NaN') && points.split(' ').length > 20));
        assert.ok((await page.page.$$('[data-testid="race-slice"] .level')).length > 20);
        await tellsItsPlots(page, { 'race-curves': 6, 'race-slice': 6 });
        await page.type('race-rate-adam', '0.00001');
        for (const type of ['nesterov', 'adamw', 'sgd', 'adagrad', 'adadelta']) await page.click(`race-pick-${type}`);
        assert.match(await page.text('race'), /5/);
        await page.click('race');
        await page.until(() => document.querySelector('[data-testid="race-state"]')?.dataset.value === 'running');
        await page.until(over, null, 110_000);
        const place = (list) => list.findIndex(({ racer }) => racer === 'adam');
        const second = await rows(page);
        const runners = second.map(({ racer }) => racer).sort();
        assert.deepEqual(runners, ['adam', 'adamw', 'momentum', 'nesterov', 'rmsprop']);
        const lossOf = (list, type) => list.find(({ racer }) => racer === type).loss;
        assert.equal(lossOf(second, 'momentum'), lossOf(first, 'momentum'), 'who else runs changes nothing');
        assert.notEqual(lossOf(second, 'nesterov'), lossOf(second, 'momentum'));
        assert.ok(place(second) > place(first), `Adam from place ${place(first)} to ${place(second)}`);
      });
    },
  );

  test(
    `${name}: each optimizer can be chosen with its numbers, and trains as in Node; a race stops when asked, and closes`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ epochs: 1, page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        await page.click('trick-optimizer');
        const offered = await page.page.$$eval('[data-testid="optimizer"] option', (list) =>
          list.map((one) => one.value),
        );
        const types = (await options()).find(({ path }) => path === 'optimizer.type').choices;
        assert.deepEqual(offered.toSorted(), [...types, 'nesterov'].sort());
        await page.type('optimizer', 'nesterov');
        await page.there('optimizer-momentum');
        await page.type('optimizer-momentum', '0.8');
        await page.settled();
        await page.click('train');
        await page.ended();
        const optimizer = { type: 'momentum', nesterov: true, momentum: 0.8, learningRate: 0.03 };
        const trainer = await Trainer.open({ ...defaultExperiment(), epochs: 1, optimizer });
        for await (const event of trainer.train()) if (event.event === 'end') break;
        assert.equal(await page.value('run-hash'), await trainer.weightsSha256());
        await trainer.dispose();

        await page.click('race');
        await page.there('stop-race');
        await page.click('stop-race');
        await page.until(over);
        assert.equal(await page.value('race-state'), 'stopped');
        await page.click('close-comparison');
        await page.until(() => !document.querySelector('[data-testid="race-state"]'));
        assert.equal(await page.text('train'), 'Train');
      });
    },
  );
}
