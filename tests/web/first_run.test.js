// The first ten seconds: what is there before the click, the run that one click starts, pausing, stepping, and equal bits everywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { linkOf, oneOfThree, webkitLater, withPage } from './browser.js';

let nodeHash;

/** The hash of the page's first experiment, as Node computes it. */
async function hashInNode() {
  if (nodeHash) return nodeHash;
  const trainer = await Trainer.open(defaultExperiment());
  for await (const event of trainer.train()) if (event.event === 'end') nodeHash = event.weightsSha256;
  await trainer.dispose();
  return nodeHash;
}

/** Before any click: everything is there, and nothing runs. */
async function standsReady({ page, ready, number, text, wait }) {
  await ready();
  const button = await page.$eval('[data-testid="train"]', ({ disabled, offsetWidth }) => ({ disabled, offsetWidth }));
  assert.equal(button.disabled, false);
  assert.ok(button.offsetWidth > 0);
  assert.ok((await page.$$('[data-testid="samples"] img')).length >= 10);
  const accuracy = await number('validation-accuracy');
  assert.ok(accuracy > 0.02 && accuracy < 0.3, `untrained: ${accuracy}`);
  assert.match(await page.$eval('#data', (column) => column.textContent), /stay on this computer/);
  await wait(2000);
  assert.equal(await number('epoch'), 0);
  assert.equal(await number('step-count'), 0);
  assert.equal(await text('train'), 'Train');
}

/** Writes down what the button and the epoch say, whenever one of them changes. */
function watch() {
  const value = (id) => document.querySelector(`[data-testid="${id}"]`)?.dataset.value;
  window.seen = [];
  const note = () => {
    const now = `${document.querySelector('[data-testid="train"]').textContent.trim()} ${value('epoch')}`;
    if (now !== window.seen.at(-1)) window.seen.push(now);
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
}

/** The first key shows a link to the results; following it moves the focus, and leaves the address with its settings alone. */
async function skipsToResults({ page, until }) {
  await page.keyboard.press('Tab');
  await until(() => document.activeElement.id === 'skip' && document.activeElement.getBoundingClientRect().top >= 0);
  const address = page.url();
  await page.keyboard.press('Enter');
  await until(() => document.activeElement.id === 'results' && document.activeElement.checkVisibility());
  assert.equal(page.url(), address);
}

/** The drawing of the network is hidden at first: it is there when its part is opened. The longest list is no higher than the screen. */
async function drawsWhatWasHidden({ page, until, click, there }) {
  const open = (part) => page.evaluate((at) => document.querySelectorAll('#parts [role="tab"]')[at].click(), part);
  await open(1);
  await until(() => {
    const canvas = document.querySelector('canvas.network');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value > 0);
  });
  await click('lessons');
  await there('lesson-doctor');
  assert.ok((await page.$eval('#menus .menu', (menu) => menu.getBoundingClientRect().top)) >= 0);
  await page.keyboard.press('Escape');
  await open(3);
}

/** What moves by itself, or would. */
const moving = () => [
  ...document.getAnimations().map(({ effect }) => effect.target.outerHTML.slice(0, 80)),
  ...[...document.querySelectorAll('*')]
    .map((element) => [element, getComputedStyle(element)])
    .filter(([, style]) => /[1-9]/.test(style.transitionDuration) || style.animationName !== 'none')
    .map(([element]) => element.outerHTML.slice(0, 80)),
];

for (const { name, skip } of webkitLater) {
  test(
    `${name}: nothing runs before the click; one click trains above 95 %, ends by itself, and gives the same bits again`,
    { skip },
    async () => {
      const expected = await hashInNode();
      await withPage(name, {}, async (page) => {
        await standsReady(page);
        await page.page.evaluate(watch);
        await page.page.focus('[data-testid="train"]');
        await page.click('train');
        await page.ended();
        // The button answers before there is anything to see, and the first point comes before the end.
        const seen = await page.page.evaluate(() => window.seen);
        assert.equal(seen[0], 'Pause 0', `seen ${seen}`);
        assert.ok(seen.includes('Pause 1'), `seen ${seen}`);
        assert.ok((await page.number('validation-accuracy')) >= 0.95);
        assert.match(await page.value('stop-reason'), /^(earlyStopping|epochs)$/);
        assert.equal(await page.value('run-hash'), expected);
        // The focus has not moved, and the end was said aloud.
        assert.equal(await page.page.evaluate(() => document.activeElement.dataset.testid), 'train');
        assert.match(await page.page.$eval('#speech[aria-live="polite"]', (one) => one.textContent), /\d/);

        // The mark of the best epoch is the smallest validation loss of the table, and the restored weights give it again.
        await page.click('table-loss');
        await page.until(() => document.querySelector('.loss-figure tbody tr'));
        const losses = await page.page.$$eval('.loss-figure tbody tr', (rows) =>
          rows.slice(1).map((row) => Number(row.cells[2].textContent)),
        );
        const best = await page.number('best-epoch');
        assert.equal(losses[best - 1], Math.min(...losses));
        assert.ok(Math.abs((await page.number('validation-loss')) - losses[best - 1]) < 0.002);

        // The same again, with a pause and a step.
        await page.trainUntil(2);
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
    },
  );

  test(`${name}: a phone without isolation runs to the same bits, with everything in reach`, { skip }, async () => {
    const expected = await hashInNode();
    const phone = {
      isolated: false,
      viewport: { width: 360, height: 740 },
      features: [{ name: 'prefers-reduced-motion', value: 'reduce' }],
    };
    await withPage(name, phone, async (page) => {
      await page.ready();
      await page.until(() => document.querySelector('[data-testid="alert"][data-code="not-isolated"]'));
      if (name !== 'webkit') await skipsToResults(page); // without a window manager its window has no focus, and :focus is nowhere
      await drawsWhatWasHidden(page);
      if (name === 'chromium') assert.deepEqual(await page.page.evaluate(moving), []);
      await page.click('train');
      await page.ended();
      assert.equal(await page.value('run-hash'), expected);
      assert.equal(await page.number('threads'), 1);
      const train = await page.page.$eval('[data-testid="train"]', (element) => {
        const { bottom, height } = element.getBoundingClientRect();
        return { bottom, height };
      });
      assert.ok(train.bottom <= 740 && train.height >= 44, JSON.stringify(train));
      // A zoom of 400 % leaves 320 pixels; no window of WebKit's is as narrow.
      for (const width of name === 'webkit' ? [360] : [360, 320]) {
        await page.page.setViewport({ width, height: 740 });
        for (const part of [0, 1, 2, 3]) {
          await page.page.evaluate((at) => document.querySelectorAll('#parts [role="tab"]')[at].click(), part);
          const { sideways, small } = await page.page.evaluate(() => ({
            sideways: document.documentElement.scrollWidth - innerWidth,
            // Links within a line of text may be smaller.
            small: [...document.querySelectorAll('button:not(.link), select, input:not(.sr)')]
              .filter((one) => one.checkVisibility() && one.type !== 'checkbox' && !one.closest('.sr'))
              .map((one) => [one.dataset.testid ?? one.className, one.getBoundingClientRect()])
              .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < 24)
              .map(([id, { width, height }]) => `${id} ${Math.round(width)} x ${Math.round(height)}`),
          }));
          assert.ok(sideways <= 0, `part ${part} scrolls ${sideways} px sideways at ${width}`);
          assert.deepEqual(small, [], `part ${part} at ${width}`);
        }
      }
    });
  });
}

for (const { name, skip } of oneOfThree) {
  test(`${name}: the patience counts down to the stop`, { skip }, async () => {
    // No epoch is that much better than the first one.
    const earlyStopping = { patience: 100, minDelta: 10 };
    await withPage(name, { hash: await linkOf({ epochs: 200, earlyStopping }) }, async (page) => {
      await page.ready();
      await page.trainUntil(3);
      const best = await page.number('best-epoch');
      const left = await page.number('patience-left');
      assert.equal(left, 100 - ((await page.number('epoch')) - best));
      assert.ok(left > 0 && left < 100, `${left} left`);
      await page.click('train');
      await page.ended();
      assert.equal(await page.value('stop-reason'), 'earlyStopping');
      assert.equal(await page.number('epoch'), best + 100);
    });
  });
}
