// Own photos: what the page opens with is the frozen backbone; its weights come with a bar and are kept for working offline, or it is said that
// they cannot be had; four ways to learn are compared on the visitor's own pictures.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { browsers, linkOf, oneBrowser, withPage } from './browser.js';

const root = fileURLToPath(new URL('../photos/trashnet/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'photos-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Eight pictures of each of three classes: quarters of the photos, small. */
async function zipOf(names) {
  const entries = {};
  for (const name of names) {
    for (const file of readdirSync(join(root, name))) {
      const photo = sharp(readFileSync(join(root, name, file)));
      const { width, height } = await photo.metadata();
      for (let i = 0; i < 4; i++) {
        const [w, h] = [Math.floor(width / 2), Math.floor(height / 2)];
        const part = photo.clone().extract({ left: (i % 2) * w, top: (i >> 1) * h, width: w, height: h });
        entries[`${name}/${i}-${file}`] = [await part.resize(128, 128).jpeg().toBuffer(), { level: 0 }];
      }
    }
  }
  const path = join(folder, `${names.join('-')}.zip`);
  writeFileSync(path, zipSync(entries));
  return path;
}

const dataset = { type: 'images', path: 'pictures', size: 96, fit: 'crop', channels: 3 };
const bring = async (page, path) => {
  await page.there('file-input');
  await (await page.page.$('[data-testid="file-input"]')).uploadFile(path);
};

for (const { name, skip } of browsers) {
  test(
    `${name}: photos begin with a frozen backbone, whose weights are there without a network from then on`,
    { skip },
    async () => {
      const zip = await zipOf(['glass', 'metal', 'paper']);
      const hash = await linkOf({ dataset, epochs: 12 });
      await withPage(name, { hash, offline: true }, async (page, { server }) => {
        await page.page.evaluate(() => {
          window.seen = new Set();
          new MutationObserver(() => {
            const bar = document.querySelector('[data-testid="beginning"]');
            if (bar) window.seen.add(`${bar.dataset.value} ${bar.textContent.trim()}`);
          }).observe(document.body, { childList: true, subtree: true, characterData: true });
        });
        await bring(page, zip);
        await page.ready();
        assert.equal(await page.number('own-count'), 24);
        const seen = await page.page.evaluate(() => [...window.seen]);
        assert.ok(
          seen.some((text) => /^weights .*of 3\.8 MB/.test(text)),
          String(seen),
        );
        assert.match(await page.text('trick-transfer'), /frozen/);
        await page.click('train');
        await page.ended();
        assert.equal(await page.number('epoch'), 12);
        assert.ok((await page.number('accuracy')) > 0.8, 'it learns what it is shown');
        await page.until(() => document.documentElement.dataset.keptLater?.includes('efficientnet-lite0'));
        server.stop();
        await page.page.reload();
        await bring(page, zip);
        await page.ready();
        assert.equal(await page.has('alert'), false);
      });
    },
  );
}

for (const { name, skip } of oneBrowser) {
  test(`${name}: weights that cannot be fetched are said, and can be asked for again`, { skip }, async () => {
    const zip = await zipOf(['glass', 'metal']);
    await withPage(name, { hash: await linkOf({ dataset, epochs: 3 }) }, async (page, { server }) => {
      const weights = 'trainground/data/efficientnet-lite0.safetensors';
      server.withheld.add(weights);
      await bring(page, zip);
      await page.until(() => document.querySelector('[data-code="no-weights"]'));
      server.withheld.delete(weights);
      await page.click('alert-action');
      await page.ready();
      assert.equal(await page.has('alert'), false);
      assert.equal(await page.number('own-count'), 16);
    });
  });

  test(`${name}: four ways are compared on the visitor's own pictures, and can be stopped`, { skip }, async () => {
    const zip = await zipOf(['glass', 'metal']);
    await withPage(name, { hash: await linkOf({ dataset, epochs: 12 }) }, async (page) => {
      await bring(page, zip);
      await page.ready();
      await page.find('trick-transfer');
      await page.find('compare-transfer');
      // Each side is waited for alone: a browser's protocol gives no wait more than two minutes.
      for (const run of [2, 3, 4])
        await page.until((n) => document.querySelector('.say')?.textContent.includes(`Run ${n} of 4`), run, 110_000);
      await page.there('best-way', 110_000);
      assert.match(await page.value('best-way'), /^[bcd]$/);
      assert.match(await page.text('best-way'), /of \d+ held-back pictures; from scratch \d/);
      assert.equal(await page.page.$$eval('.compare-row .key', (list) => list.length), 4);
      assert.equal(await page.has('alert'), false);
      await page.find('compare-transfer');
      const stop = '.hero .button.small';
      await page.until((css) => document.querySelector(css), stop);
      await page.page.$eval(stop, (button) => button.click());
      await page.there('close-comparison');
      assert.equal(await page.has('best-way'), false);
      assert.equal(await page.has('alert'), false);
    });
  });
}
