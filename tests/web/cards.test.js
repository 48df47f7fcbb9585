// The cards of techniques that show numbers of their own: what each picture costs, and how batches of three sizes learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from '../../wasm/index.js';
import { browsers, linkOf, withPage } from './browser.js';

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

for (const { name, skip } of browsers) {
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
        await page.click('train');
        await page.ended();
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
}
