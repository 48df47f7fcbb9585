// Many runs as one experiment, in the page: a control is marked, the runs go side by side, a closed tab goes on, and the answer is Node's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { options, planSweep, sweep } from 'trainground';
import { defaultExperiment } from '../../web/app/sets.js';
import { augmentations, optimizerNumbers } from '../../web/app/settings.js';
import { canVary, varied } from '../../web/app/varied.js';
import { controls, sweepOf } from '../../web/sweep/controls.js';
import { browsers, linkOf, oneBrowser, withPage } from './browser.js';

const settings = {
  layers: [{ type: 'flatten' }, { type: 'dense', units: 64, activation: 'relu' }, { type: 'dense', units: 10 }],
  epochs: 60,
  earlyStopping: null,
  page: { level: 'all' },
};

const openTab = async (page) => {
  await page.ready();
  await page.click('tab-sweep');
  await page.there('sweep');
};
const planned = (page, runs) =>
  page.until((wanted) => document.querySelector('[data-testid="sweep-size"]')?.dataset.value === String(wanted), runs);
const ended = (page) =>
  page.until(
    () =>
      document.querySelector('[data-testid="sweep-table"]') && !document.querySelector('[data-testid="sweep-pause"]'),
  );

/** Pauses by the page itself, once so many runs have ended. */
const pauseAfter = (page, count) =>
  page.page.evaluate(
    (least) =>
      new Promise((done) => {
        const look = new MutationObserver(() => {
          const found = document.querySelector('[data-testid="sweep-done"]');
          const isOver = !found && document.querySelector('[data-testid="sweep-table"]');
          if (!(Number(found?.dataset.value) >= least) && !isOver) return;
          look.disconnect();
          document.querySelector('[data-testid="sweep-pause"]')?.click();
          done(!isOver);
        });
        look.observe(document, { subtree: true, childList: true, attributes: true });
        document.querySelector('[data-testid="sweep-start"]').click();
      }),
    count,
  );

const rowsOf = (csv) => {
  const [head, ...rows] = String(csv)
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell])));
};

for (const { name, skip } of oneBrowser) {
  test(`${name}: a control is marked, a reload goes on, and every run ends as in Node`, { skip }, async () => {
    await withPage(name, { hash: await linkOf(settings) }, async (page) => {
      await openTab(page);
      assert.equal(await page.number('sweep-size').catch(() => planned(page, 5).then(() => 5)), 5);
      await page.find('vary-learning-rate');
      await planned(page, 15);
      await page.type('values-learning-rate', '0.001; 0.01 0.05 1e-2');
      await page.type('sweep-seeds', '4');
      await planned(page, 12);
      await page.until(() => Number(document.querySelector('[data-testid="sweep-time"]')?.dataset.value) > 0);

      assert.ok(await pauseAfter(page, 3), 'it was over before it could be paused');
      await page.there('sweep-start');
      const left = /\d+/.exec(await page.text('sweep-start'))[0];
      assert.ok(Number(left) <= 9 && Number(left) >= 1, left);

      await page.page.reload();
      await openTab(page);
      await page.until(
        (wanted) => document.querySelector('[data-testid="sweep-start"]')?.textContent.includes(wanted),
        left,
      );
      await page.click('sweep-start');
      await ended(page);
      assert.equal(await page.has('sweep-start'), false, 'nothing is left');
      assert.match(await page.text('sweep-sentence'), /^\.\d+ (is better than|against) \.\d+.*4 seeds/);

      const rows = rowsOf(await page.download('sweep-csv'));
      const whole = JSON.parse(await page.download('sweep-file'));
      assert.deepEqual(whole.sweep, { 'optimizer.learningRate': [0.001, 0.01, 0.05] });
      const { results, answer } = await sweep(whole);
      assert.deepEqual(
        rows.map(({ seed, weightsSha256 }) => [seed, weightsSha256]),
        results.map(({ seed, weightsSha256 }) => [String(seed), weightsSha256]),
      );
      const cells = await page.page.$$eval('[data-testid="sweep-table"] tbody tr', (list) =>
        list.map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
      );
      assert.deepEqual(
        cells.map(([, mean, , seeds]) => [mean, seeds]),
        answer.settings.map(({ mean }) => [`${(100 * mean).toFixed(1)} %`, '4']),
      );
      assert.equal((await page.page.$$('.sweep-plot circle')).length, 12);
    });
  });
}

const [{ name, skip }] = browsers;
test(`${name}: two settings make a map; the test part is looked at once, and again is said`, { skip }, async () => {
  const vary = { 'batch-size': [16, 64], 'dropout-rate': [0, 0.5] };
  const link = await linkOf({
    ...settings,
    epochs: 2,
    page: { level: 'all', sweep: { vary, seeds: 2, testSplit: 0.2 } },
  });
  // Without isolation: the data is copied to each worker, as memory cannot be shared.
  await withPage(name, { hash: link, isolated: false }, async (page) => {
    await openTab(page);
    await planned(page, 8);
    await page.click('sweep-start');
    await ended(page);
    assert.equal((await page.page.$$('[data-testid="sweep-map"] tbody td')).length, 4);
    assert.equal((await page.page.$$('[data-testid="sweep-map"] .best')).length, 1);
    await page.click('sweep-look');
    await page.there('sweep-tested');
    assert.match(await page.text('sweep-tested'), /^Test part, \d+ samples that nothing was chosen by/);
    assert.equal(await page.has('sweep-look'), false);
    await page.type('sweep-seeds', '3');
    await planned(page, 12);
    await page.there('sweep-start');
    await page.click('sweep-start');
    await ended(page);
    await page.there('sweep-look');
    assert.equal(await page.text('sweep-look'), 'Look at the test part again');
    await page.click('sweep-look');
    await page.there('sweep-looked');
    assert.match(await page.text('sweep-looked'), /looked at 2 times/);
    // The sweep is part of the link.
    const { sweep: kept } = await page.page.evaluate(async () => {
      const text = atob(location.hash.slice(3).replaceAll('-', '+').replaceAll('_', '/'));
      const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
      return JSON.parse(await new Response(stream).text()).page;
    });
    assert.deepEqual(kept, { vary, seeds: 3, testSplit: 0.2 });
  });
});

test(`${name}: three settings are ways through parallel lines; one seed tells of no difference`, { skip }, async () => {
  const vary = { 'batch-size': [16, 64], 'dropout-rate': [0, 0.5], 'learning-rate': [0.001, 0.01] };
  const page = { level: 'all', sweep: { vary, seeds: 1 } };
  await withPage(name, { hash: await linkOf({ ...settings, epochs: 1, page }), language: 'zh-CN' }, async (page) => {
    await openTab(page);
    await planned(page, 8);
    await page.click('sweep-start');
    await ended(page);
    assert.equal((await page.page.$$('[data-testid="sweep-ways"] .way')).length, 8);
    assert.equal((await page.page.$$('[data-testid="sweep-ways"] .way.best')).length, 1);
    assert.match(await page.text('sweep-sentence'), /只有一个种子/);
  });
});

test(`${name}: two settings that change the same layers are not varied together, which is said`, { skip }, async () => {
  const conv = { type: 'conv2d', filters: 4, kernelSize: 3 };
  const layers = [conv, { type: 'flatten' }, { type: 'dropout', rate: 0.2 }, { type: 'dense', units: 10 }];
  const vary = { 'switch-batch-normalization': [false, true], 'dropout-rate': [0, 0.5] };
  const hash = await linkOf({ ...settings, layers, page: { level: 'all', sweep: { vary } } });
  await withPage(name, { hash }, async (page) => {
    await openTab(page);
    await page.there('sweep-problem');
    assert.match(await page.text('sweep-problem'), /^“Share dropped” cannot be varied so/);
    assert.equal(await page.has('sweep-start'), false);
  });
});

test(`${name}: bad values, and a link that holds no sweep, are said`, { skip }, async () => {
  const bad = await linkOf({ ...settings, page: { sweep: { vary: { 'learning-rate': [-1, 2] } } } });
  await withPage(name, { hash: bad }, async (page) => {
    await openTab(page);
    await page.there('sweep-problem');
    assert.match(await page.text('sweep-problem'), /sweep\["optimizer.learningRate"\].*is -1/);
  });
  const wrong = await linkOf({ ...settings, page: { sweep: { vary: { nothing: [1] } } } });
  await withPage(name, { hash: wrong }, async (page) => {
    await page.ready();
    assert.match(await page.page.$eval('.alerts', (box) => box.textContent), /page.sweep/);
  });
});

/** Controls that are not varied, and why. */
const notVaried = [
  [/^(validation-split|split-by)$/, 'settings are compared by what is held back'],
  [/^start-from$/, 'weights may be a file that the page alone holds; the lesson on transfer compares beginnings'],
  [/^elastic-alpha$/, 'it is l1 and l2, which are varied'],
  [/^augment-(randomCrop-scale|contrast-range)$/, 'two numbers; the switch is varied'],
  [/^switch-(augmentation|dropout|l2|transfer)$/, 'what it switches is varied'],
  [/^(race-|certainty$)/, 'it is of no experiment'],
];

test('the numbers of an optimizer that can be varied are those of the engine', async () => {
  const rows = (await options()).filter(({ path }) => /^optimizer\.(?!type|learningRate|nesterov|clipNorm)/.test(path));
  for (const [type, keys] of Object.entries(optimizerNumbers)) {
    const own = rows.filter(({ of }) => of.includes(type)).map(({ path }) => path.replace('optimizer.', ''));
    assert.deepEqual([...keys].sort(), own.sort(), type);
  }
});

/** Between them they have every control. */
const everything = [
  {
    ...defaultExperiment('emoji'),
    augmentation: Object.values(augmentations),
    l1: 0.01,
    optimizer: { type: 'adamw', learningRate: 0.001 },
  },
  {
    ...defaultExperiment('fashion-4'),
    transfer: { weights: 'fashion-6', freeze: 'all' },
    optimizer: { type: 'momentum', learningRate: 0.01 },
  },
  { ...defaultExperiment('digits'), optimizer: { type: 'adadelta', learningRate: 1 } },
];

test('each control that can be varied, with the values that it begins with, is a sweep that the engine takes', async () => {
  assert.deepEqual(Object.keys(controls).sort(), [...varied].sort());
  for (const control of varied) {
    const experiment = everything.find((one) => canVary(control, one));
    assert.ok(experiment, control);
    const { begin, get } = controls[control];
    const vary = { [control]: begin(get(experiment)) };
    const { whole, left } = sweepOf(experiment, { vary, seeds: 1 });
    assert.deepEqual(left, [], control);
    const { settings } = await planSweep(whole);
    assert.equal(settings.length, vary[control].length, control);
    assert.ok(settings.length > 1, control);
  }
});

test(`${name}: every control of an experiment can be varied, or there is a reason`, { skip }, async () => {
  const seen = new Set();
  for (const experiment of everything) {
    await withPage(name, { hash: await linkOf({ ...experiment, page: { level: 'all' } }) }, async (page) => {
      await openTab(page);
      for (const card of await page.page.$$eval('.tile', (list) => list.map(({ dataset }) => dataset.testid))) {
        const drawer = `#drawer-${card.replace('trick-', '')}`;
        if (await page.page.$eval(drawer, ({ hidden }) => hidden)) await page.find(card);
        if (card === 'trick-optimizer') await page.until(() => document.querySelector('.more-numbers'));
        const found = await page.page.$$eval(
          '.drawer:not([hidden]) :is(.box, select, .switch)[data-testid], [data-testid="samples-per-class"]',
          (list) =>
            list.map(({ dataset: { testid } }) => [
              testid,
              document.querySelectorAll(`[data-testid="vary-${testid}"]`).length,
            ]),
        );
        for (const [control, buttons] of found) {
          if (buttons) seen.add(control);
          assert.equal(buttons, notVaried.some(([which]) => which.test(control)) ? 0 : 1, control);
        }
      }
    });
  }
  assert.deepEqual(
    varied.filter((each) => !seen.has(each)),
    [],
    'all that can be varied were seen',
  );
});
