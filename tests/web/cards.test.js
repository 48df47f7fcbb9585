// The cards of techniques that show numbers of their own: what each picture costs, and how batches of three sizes learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from '../../wasm/index.js';
import { linkOf, oneBrowser, withPage } from './browser.js';
import { tellsItsPlots } from './plots.js';

/** What the same run in Node says each held-back picture costs, the dearest first. */
async function pricesInNode(experiment) {
  const trainer = await Trainer.open(experiment, { threads: 1 });
  for await (const event of trainer.train()) if (event.event === 'end') break;
  const { labels, probabilities, samples, loss } = await trainer.evaluate();
  const { validation } = await trainer.split();
  await trainer.dispose();
  const outputs = probabilities.length / samples;
  const list = Array.from(labels, (label, at) => ({ index: validation[at], p: probabilities[at * outputs + label] }));
  return { loss, list: list.sort((a, b) => a.p - b.p) };
}

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: the cross-entropy card marks every held-back picture and lists the five dearest, as the engine has them`,
    { skip },
    async () => {
      const hash = await linkOf({ epochs: 3, earlyStopping: null, page: { level: 'all' } });
      await withPage(name, { hash }, async (page) => {
        await page.ready();
        await page.click('trick-cross-entropy');
        await page.there('entropy-worst');
        const untrained = await page.number('entropy-mean');
        assert.ok(Math.abs(untrained - (await page.number('validation-loss'))) < 1e-4, `untrained ${untrained}`);
        const before = await tellsItsPlots(page, { 'entropy-curve': 5 });
        await page.click('train');
        await page.ended();
        const after = await tellsItsPlots(page, { 'entropy-curve': 5 });
        assert.notEqual(after['entropy-curve'], before['entropy-curve']);
        const experiment = await page.page.evaluate(async () => {
          let text;
          navigator.clipboard.writeText = async (value) => void (text = value);
          document.querySelector('[data-testid="export"]').click();
          await new Promise((done) => setTimeout(done, 50));
          document.querySelector('[data-testid="copy-json"]').click();
          while (text === undefined) await new Promise((done) => setTimeout(done, 20));
          return JSON.parse(text);
        });
        const { loss, list } = await pricesInNode(experiment);
        assert.equal(await page.number('entropy-curve'), list.length);
        assert.ok(Math.abs((await page.number('entropy-mean')) - loss) < 1e-5);
        const rows = await page.page.$$eval('[data-testid="entropy-worst"] tbody tr', (all) =>
          all.map(({ dataset: { index, p, value } }) => ({ index: Number(index), p: Number(p), loss: Number(value) })),
        );
        assert.deepEqual(
          rows.map(({ index, p }) => ({ index, p })),
          list.slice(0, 5),
        );
        for (const row of rows) assert.ok(Math.abs(row.loss + Math.log(row.p)) < 1e-9);
        const counts = await page.page.$$eval('[data-testid="entropy-bins"] [data-value]', (cells) =>
          cells.map((cell) => Number(cell.dataset.value)),
        );
        assert.equal(
          counts.reduce((a, b) => a + b),
          list.length,
        );
        await page.type('certainty', '0.25');
        await page.until(() => document.querySelector('[data-testid="entropy-point"]').dataset.value > 1.38);
        assert.ok(Math.abs((await page.number('entropy-point')) - Math.log(4)) < 1e-9);
      });
    },
  );

  test(
    `${name}: batches of all, 32 and 1 are compared over epochs, steps and seconds, and the card tells the steps`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        await page.click('trick-mini-batch');
        const learned = await page.number('sample-count');
        assert.equal(await page.number('steps-per-epoch'), Math.ceil(learned / 32));
        await page.click('compare-mini-batch');
        await page.there('verdict', 180_000);
        assert.match(
          (await page.text('compare-steps')).replace(/\s+/g, ' '),
          new RegExp(`A 1 B ${Math.ceil(learned / 32)} C ${learned}$`),
        );
        assert.ok((await page.number('verdict')) > 0.1, await page.text('verdict'));
        const ends = () =>
          page.page.$eval('[data-testid="compare-loss"]', ({ model }) => {
            const back = (at) => (model.axisName.includes('log') ? 10 ** at - 1 : at);
            return model.lines.map(({ at, values }) => (at ? back(at.at(-1)) : values.length - 1));
          });
        assert.deepEqual(await ends(), [10, 10, 10]);
        await page.click('axis-steps');
        const steps = await ends();
        [1, Math.ceil(learned / 32), learned].forEach((n, i) =>
          assert.ok(Math.abs(steps[i] - 10 * n) < 0.1, `${steps}`),
        );
        await page.click('axis-seconds');
        const seconds = await ends();
        assert.ok(
          seconds.every((s) => s > 0),
          `${seconds}`,
        );
        await page.click('table-compare-loss');
        const cells = await page.page.$$eval('.loss-figure tbody tr:last-child td', (list) => list.length);
        assert.equal(cells, 1 + 3 * 2);
        await page.click('close-comparison');
        await page.click('axis-epochs');
        await page.click('train');
        await page.ended();
        const model = () =>
          page.page.$eval('[data-testid="curve-loss"]', ({ model: { at, x, best } }) => ({ at, x, best }));
        const [epoch, perEpoch] = [await page.number('epoch'), await page.number('steps-per-epoch')];
        assert.equal((await model()).at, undefined);
        await page.click('axis-steps');
        const over = await model();
        assert.equal(over.at.at(-1), epoch * perEpoch);
        assert.equal(over.best.epoch, (await page.number('best-epoch')) * perEpoch);
      });
    },
  );
}
