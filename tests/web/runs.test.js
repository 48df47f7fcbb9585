// The runs of a page: what is kept of them, how they are shown, compared, gone on with, deleted. In one browser: nothing of it
// depends on which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { addRun, comparedRuns, deleteRun, ghostOf, show } from '../../web/train/run_list.js';
import { defaultExperiment } from '../../web/app/sets.js';
import { state } from '../../web/app/state.js';
import { browsers, linkOf, withPage } from './browser.js';

const fakeRun = (number, dataset = 'iris') => ({
  number,
  experiment: defaultExperiment(dataset),
  start: { outputs: 3 },
  history: [{ epoch: 0 }, { epoch: 1 }],
  kept: { weights: new Uint8Array(1) },
});

test('twenty runs are kept and the weights of the last five; what is shown or the baseline stays', () => {
  const first = Array.from({ length: 4 }, (_, i) => fakeRun(i + 1));
  first.forEach(addRun);
  state.run = fakeRun('here');
  state.baseline = first[0];
  show(first[1], true);
  for (let number = 5; number <= 26; number++) addRun(fakeRun(number));
  const numbers = () => state.runs.map(({ number }) => number);
  assert.deepEqual(numbers(), [1, 2, ...Array.from({ length: 18 }, (_, i) => i + 9)]);
  const kept = () => state.runs.filter((run) => run.kept).map(({ number }) => number);
  assert.deepEqual(kept(), [22, 23, 24, 25, 26]);
  addRun(first[0]);
  assert.equal(numbers().length, 20, 'a run is in the list once');

  // The grey line is the baseline's, though later runs are in the list. It stands first; a run of other data is not compared.
  assert.equal(ghostOf(state.run), first[0]);
  state.baseline = null;
  assert.equal(ghostOf(state.run).number, 26);
  state.baseline = first[0];
  addRun(fakeRun(27, 'moons'));
  show(state.runs.at(-1), true);
  assert.deepEqual(
    comparedRuns(state.run).map(({ number }) => number),
    [1, 2, 'here'],
  );

  // What is deleted comes back to its place, but not to a line that another run has taken.
  const [, second] = state.runs;
  const before = numbers();
  const putBack = deleteRun(second);
  assert.ok(!numbers().includes(second.number));
  show(state.runs[5], true);
  assert.equal(state.runs[5].slot, 'a');
  putBack();
  assert.deepEqual(numbers(), before);
  assert.equal(second.slot, null);
  Object.assign(state, { run: null, runs: [], baseline: null });
});

/** Trains to the end in Node: the weights and their hash. */
async function inNode(experiment, options) {
  const trainer = await Trainer.open(experiment, options);
  let hash;
  for await (const event of trainer.train()) if (event.event === 'end') hash = event.weightsSha256;
  const weights = await trainer.saveWeights();
  await trainer.dispose();
  return { hash, weights };
}

for (const { name, skip } of browsers.slice(0, 1)) {
  test(`${name}: runs are shown beside each other, compared, gone on with and deleted`, { skip }, async () => {
    // No epoch is that much better than the first one: four epochs are a whole run, and eight are stopped after the sixth.
    const earlyStopping = { monitor: 'validationLoss', patience: 5, minDelta: 10, restoreBestWeights: false };
    const changes = { dataset: 'iris', epochs: 4, earlyStopping };
    const settings = { ...defaultExperiment('iris'), ...changes };
    await withPage(name, { hash: await linkOf(changes) }, async (page) => {
      const { until } = page;
      const lines = () =>
        page.page.$eval('[data-testid="curve-loss"]', ({ model }) =>
          model.lines.map((line) => [line.look, line.name(line.values.at(-1))]),
        );
      const focused = () => page.page.evaluate(() => document.activeElement.dataset.testid);
      const rows = () => page.page.$$eval('[data-run]', (list) => list.map((row) => row.dataset.run));
      await page.ready();
      await page.click('train');
      await page.ended();
      await page.type('learning-rate', '0.03');
      await page.type('seed', '7');
      await page.click('tab-runs');
      await page.there('go-on-1');
      await page.click('train');
      await page.there('show-1');
      await page.ended();
      assert.deepEqual(await rows(), ['2', '1']);
      assert.match(
        await page.page.$eval('[data-run="2"]', (row) => row.textContent),
        /Learning rate \.03, Epochs at most 4, Early stopping .*minDelta 10, Seed 7/,
      );

      // The last run is the grey line; shown, it has a line and a name of its own.
      assert.deepEqual((await lines())[0], ['ghost', 'last run']);
      assert.ok(
        !(await page.has('show-2')) && !(await page.has('forget-2')),
        'the run on the page is not to be hidden',
      );
      await page.click('show-1');
      const pressed = (id) => page.page.$eval(`[data-testid="${id}"]`, (one) => one.getAttribute('aria-pressed'));
      assert.equal(await pressed('show-1'), 'true');
      const shown = await lines();
      assert.deepEqual(
        shown.map(([look]) => look),
        ['a', 'train', 'valid'],
      );
      assert.match(shown[0][1], /^run 1 \d?\.\d+$/);
      assert.ok(await page.page.$('[data-run="1"] [data-look="a"]'));
      assert.match(
        await page.page.$eval('[data-testid="curve-loss"]', (one) => one.ariaLabel ?? one.getAttribute('aria-label')),
        /beside it: run 1 \d?\.\d/,
      );
      await page.click('table-loss');
      await until(() => document.querySelector('.loss-figure thead')?.textContent.includes('run 1: Validation loss'));
      await page.click('table-loss');

      // Only what differs, and the numbers against the baseline's.
      await page.click('baseline-1');
      assert.equal(await pressed('baseline-1'), 'true');
      await page.click('differences');
      await page.there('differences-table');
      const cells = await page.page.$$eval('[data-testid="differences-table"] tr', (list) =>
        list.map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, ' ').trim())),
      );
      assert.deepEqual(cells[0], ['', 'run 1 Baseline', 'run 2 on the page']);
      assert.deepEqual(cells[1], ['Learning rate', '.01', '.03']);
      assert.deepEqual(cells[2], ['Seed', '1', '7']);
      assert.equal(cells.length, 7, cells.join('\n'));
      const [, first, second] = cells[4];
      const [loss, delta] = second.split(' ');
      assert.ok(Math.abs(Number(loss) - Number(first) - Number(delta.replace('−', '-'))) < 0.0015, cells[4].join());

      // No page is wider than a phone, with either table.
      await page.page.setViewport({ width: 360, height: 740 });
      const sideways = () => page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok((await sideways()) <= 0, 'the differences widen the page');
      await page.click('differences');
      await page.there('show-1');
      assert.ok((await sideways()) <= 0, 'the table widens the page');
      await page.page.setViewport({ width: 1440, height: 900 });

      // Hidden, the baseline is the grey line.
      await page.click('show-1');
      assert.deepEqual((await lines())[0], ['ghost', 'baseline 1']);

      // What is deleted can come back, and the focus is where it is decided.
      await page.click('forget-1');
      assert.deepEqual(await rows(), ['2']);
      assert.equal(await focused(), 'undo');
      assert.match(await page.text('run-note'), /Run 1 is deleted/);
      await page.click('undo');
      assert.deepEqual(await rows(), ['2', '1']);
      assert.equal(await focused(), 'forget-1');
      assert.equal(await pressed('baseline-1'), 'true');

      // After all its epochs a run goes on as one longer run, to the same bits.
      const longer = { ...settings, epochs: 8 };
      const whole = await inNode(longer);
      await page.click('go-on-1');
      assert.equal(await focused(), 'train');
      await until(() => document.querySelector('[data-testid="epoch"]')?.dataset.value === '6');
      await page.ended();
      assert.equal(await page.value('stop-reason'), 'earlyStopping');
      assert.equal(await page.value('run-hash'), whole.hash);
      await page.there('go-on-3');
      assert.match(await page.page.$eval('[data-run="3"]', (row) => row.textContent), /goes on from run 1/);

      // One that was stopped lends its weights to a new run.
      const again = await inNode(longer, { weights: whole.weights });
      await page.click('go-on-3');
      await page.there('go-on-4');
      await page.ended();
      assert.notEqual(again.hash, whole.hash);
      assert.equal(await page.value('run-hash'), again.hash);

      // With the settings of an earlier run the page gives its hash again.
      const hash = await page.page.$eval('[data-run="2"] code', (one) => one.textContent);
      await page.click('load-2');
      await page.click('train');
      await page.there('go-on-5');
      await page.ended();
      assert.equal((await page.value('run-hash')).slice(0, 8), hash);

      // With more than five, the oldest says why it cannot go on.
      await page.click('train');
      await page.there('go-on-6');
      await page.ended();
      const why = await page.page.$eval('[data-testid="go-on-1"]', (one) => [
        one.ariaDisabled ?? one.getAttribute('aria-disabled'),
        one.title,
      ]);
      assert.deepEqual(why, ['true', 'Run 1 cannot go on: only the weights of the last 5 runs are kept.']);
      await page.click('go-on-1');
      assert.equal(await page.text('run-note'), why[1]);
    });
  });
}
