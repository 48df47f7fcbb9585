// How far a score on own pictures can be trusted: bursts stay on one side of the split, the score comes with its interval, a click says what
// a random split would have claimed, and another one cross-validates. On bursts that are made of real photos, as JPEG files with their times.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { burstOf } from '../wasm/bursts.js';
import { linkOf, oneBrowser, withPage } from './browser.js';

const trashnet = fileURLToPath(new URL('../photos/trashnet', import.meta.url));
const photos = readdirSync(trashnet, { recursive: true })
  .filter((path) => path.endsWith('.jpg'))
  .map((path) => join(trashnet, path))
  .sort();
const folder = mkdtempSync(join(tmpdir(), 'bursts-'));
const zip = join(folder, 'bursts.zip');
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  const files = {};
  const record = async (name, photo, frames, minute) => {
    const taken = (frame) => `2026:11:29 15:${String(minute).padStart(2, '0')}:${String(frame).padStart(2, '0')}`;
    const made = await burstOf(photo, { frames, seed: minute + 1, step: 0.04, taken });
    made.forEach((file, i) => (files[`${name}/${minute}-${String(i).padStart(2, '0')}.jpg`] = new Uint8Array(file)));
  };
  for (let burst = 0; burst < 5; burst++) await record('cup', photos[burst], 4, burst);
  await record('plant', photos[5], 20, 30);
  writeFileSync(zip, zipSync(files, { level: 0 }));
});

const link = () =>
  linkOf({
    dataset: { type: 'images', path: 'own', size: 16, channels: 3 },
    layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }],
    earlyStopping: null,
    augmentation: [],
  });

const upload = async (page) => {
  await page.there('alert-action'); // the link has been read
  await (await page.page.$('[data-testid="file-input"]')).uploadFile(zip);
  await page.until(() => document.querySelector('[data-testid="own-count"]')?.dataset.value === '40');
  await page.settled();
};

for (const { name, skip } of oneBrowser) {
  test(`${name}: bursts, the interval, a random split's claim and cross-validation`, { skip }, async () => {
    await withPage(name, { hash: await link() }, async (page) => {
      await upload(page);
      assert.equal(await page.number('own-groups'), 6);
      const warnings = await page.page.$$eval('.own-class .warning', (list) =>
        list.map((one) => one.textContent.trim()),
      );
      assert.equal(warnings.filter((text) => /All of one burst/.test(text)).length, 1);
      // One burst of four is held back of five, and the last four frames of twenty, of which two before are in neither part.
      assert.equal(await page.number('sample-count'), 30);

      await page.click('train');
      await page.ended(120_000);
      const interval = await page.page.$eval('[data-testid="interval"]', ({ dataset: { low, high }, textContent }) => [Number(low), Number(high), textContent]); // prettier-ignore
      const score = await page.number('validation-accuracy');
      assert.ok(
        interval[0] <= score && score <= interval[1] && interval[1] - interval[0] > 0.2,
        `${interval} ${score}`,
      );
      assert.match(interval[2], /the 8 pictures .* 2 in truth/);

      await page.click('judge-random');
      await page.there('random-claim', 120_000);
      const claimed = await page.number('random-claim');
      const percent = (x) => `${(100 * x).toFixed(0)} %`;
      const sentence = `${percent(score)} on the last part of each burst, or on other bursts; a random split would have said ${percent(claimed)}.`; // prettier-ignore
      assert.equal(await page.text('random-claim'), sentence);
      assert.equal(await page.has('judge-random'), false, 'it has been answered');

      // Given up, and asked again.
      await page.click('judge-folds');
      await page.find('stop-judging');
      await page.there('judge-folds');
      assert.equal(await page.has('folds'), false);
      await page.click('judge-folds');
      await page.there('folds', 240_000);
      const counts = await page.page.$$eval('[data-testid="folds-confusion"] td[data-value]', (cells) => cells.map((cell) => Number(cell.dataset.value))); // prettier-ignore
      assert.equal(
        counts.reduce((a, b) => a + b, 0),
        40,
        'every picture once',
      );
      assert.equal(await page.number('folds'), (counts[0] + counts[3]) / 40);
      assert.match(await page.text('folds'), /5 networks; each of 40 pictures/);

      // Of other pictures nothing was said.
      await page.page.$eval('.own-class .link', (button) => button.click());
      await page.until(() => !document.querySelector('[data-testid="judged"]'));
      assert.deepEqual(await page.has('random-claim'), false);
    });
  });

  test(`${name}: a project keeps the bursts`, { skip }, async () => {
    const path = join(folder, `${name}.zip`);
    const standing = async (page) => [await page.number('own-groups'), await page.number('sample-count')];
    await withPage(name, { hash: await link() }, async (page) => {
      await upload(page);
      await page.click('export');
      await page.there('save-project');
      writeFileSync(path, await page.download('save-project'));
      assert.deepEqual(await standing(page), [6, 30]);
    });
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.click('export');
      await page.there('open-project');
      await (await page.page.$('[data-testid="open-project"]')).uploadFile(path);
      await page.until(() => document.querySelector('[data-testid="own-count"]')?.dataset.value === '40');
      await page.settled();
      assert.deepEqual(await standing(page), [6, 30]);
    });
  });
}
