// A project is saved and opened in a fresh browser: the same predictions; its history has one row an epoch; another file is refused.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { browsers, withPage } from './browser.js';

const guesses = () =>
  Array.from(document.querySelectorAll('.guess'), (one) => one.textContent.replace(/\s+/g, ' ').trim());

for (const { name, skip } of browsers) {
  test(`${name}: a saved project opens elsewhere with the same predictions`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'project-'));
    const path = join(folder, 'project.zip');
    try {
      let before;
      let hash;
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('train');
        await page.ended();
        before = await page.page.evaluate(guesses);
        hash = await page.value('run-hash');
        await page.click('export');
        await page.there('save-project');
        const zip = await page.download('save-project');
        writeFileSync(path, zip);
        const files = unzipSync(zip);
        const rows = strFromU8(files['history.csv']).trim().split('\n');
        assert.equal(rows.length - 1, await page.number('epoch'));
        const at = rows[0].split(',').indexOf('validationLoss');
        const losses = rows.slice(1).map((row) => Number(row.split(',')[at]));
        assert.equal(losses.indexOf(Math.min(...losses)) + 1, await page.number('best-epoch'));
      });
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('export');
        await page.there('open-project');
        const input = await page.page.$('[data-testid="open-project"]');
        await input.uploadFile(path);
        await page.ended();
        await page.until(() => document.querySelectorAll('.guess').length === 8);
        assert.deepEqual(await page.page.evaluate(guesses), before);
        assert.equal(await page.value('run-hash'), hash);

        writeFileSync(path, 'no zip');
        await page.click('export');
        await page.there('open-project');
        await (await page.page.$('[data-testid="open-project"]')).uploadFile(path);
        await page.until(() => document.querySelector('[data-code="bad-project"]'));
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
