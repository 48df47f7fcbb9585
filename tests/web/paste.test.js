// A network that is brought to the page: as pasted Python text, as a .py file, as an .onnx file with its weights; and what has no place here, line by line.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Trainer } from 'trainground';
import { oneBrowser, withPage } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'paste-'));
const path = (name) => join(folder, name);
after(() => rmSync(folder, { recursive: true, force: true }));

const good = `import torch.nn as nn
model = nn.Sequential(
    nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(1176, 12),  # of 28 by 28 pixels
    nn.Softmax(dim=1))
`;
const bad = `model = nn.Sequential(
    nn.LSTM(28, 32),
    nn.Linear(32, 10, sparse=True),
    nn.Linear(10, 10))
`;

before(async () => {
  writeFileSync(path('mine.py'), good);
  writeFileSync(path('photo.png'), Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'));
  const layers = [{ type: 'flatten' }, { type: 'dense', units: 24, activation: 'relu' }, { type: 'dense', units: 10 }];
  const trainer = await Trainer.open(
    { dataset: 'digits', layers: /** @type {any} */ (layers), epochs: 4 },
    { threads: 1 },
  );
  for await (const event of trainer.train()) assert.notEqual(event.reason, 'diverged');
  writeFileSync(path('trained.onnx'), await trainer.export('onnx'));
  await trainer.dispose();
});

const names = ({ page }) => page.$$eval('.layer .name', (list) => list.map((one) => one.textContent.trim()));
const opened = (page) => page.until(() => document.querySelector('[data-testid="paste-opened"]'));

for (const { name, skip } of oneBrowser) {
  test(`${name}: pasted text, what has no place in it, and back again`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.click('edit-layers');
      const before = await names(page);
      await page.click('paste-network');
      // By the keyboard alone: the box comes next behind the button, and Ctrl+Enter reads it.
      await page.page.focus('[data-testid="paste-network"]');
      await page.page.keyboard.press('Tab');
      assert.equal(await page.page.evaluate(() => document.activeElement?.id), 'paste-text');
      const enter = async (text) => {
        await page.page.$eval(
          '#paste-text',
          (box, value) => {
            box.value = value;
            box.dispatchEvent(new Event('input', { bubbles: true }));
          },
          text,
        );
        await page.page.keyboard.down('Control');
        await page.page.keyboard.press('Enter');
        await page.page.keyboard.up('Control');
      };
      await enter(bad);
      await page.until(() => document.querySelector('[data-testid="paste-problems"]')?.dataset.value === '2');
      const status = await page.page.$eval('.paste [role="status"]', (element) => element.textContent);
      assert.match(status, /Line 2.*nn\.LSTM.*sequences are not known here/s);
      assert.match(status, /Line 3.*nn\.Linear.*sparse true/s);
      assert.deepEqual(await names(page), before, 'nothing is changed');
      await page.page.evaluate(axe);
      const { violations } = await page.page.evaluate(() =>
        window.axe.run('#model', { rules: { 'target-size': { enabled: true } } }),
      );
      assert.deepEqual(
        violations
          .filter(({ impact }) => ['serious', 'critical'].includes(impact))
          .map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
        [],
      );
      await page.page.$eval('.paste [role="status"] li:nth-child(2) button', (button) => button.click());
      const marked = await page.page.$eval('#paste-text', (box) =>
        box.value.slice(box.selectionStart, box.selectionEnd),
      );
      assert.equal(marked, '    nn.Linear(32, 10, sparse=True),');

      await enter(good);
      await opened(page);
      assert.deepEqual(await names(page), ['conv 3×3', 'max pool', 'flatten', 'dense']);
      const notes = await page.text('paste-notes');
      for (const part of [
        /Line 6.*in_features is 1,176 there; here 96 come in/s,
        /Line 7.*softmax at the end/s,
        /12 outputs become 10/,
      ])
        assert.match(notes, part);
      await page.settled();
      await page.type('epochs', '2');
      await page.settled();
      await page.click('train');
      await page.ended();
      await page.click('undo-layers');
      await page.settled();
      assert.deepEqual(await names(page), before);
    });
  });

  test(`${name}: a .py file, an .onnx file with what it has learned, in Chinese`, { skip }, async () => {
    await withPage(name, { search: '?lang=zh-Hans' }, async (page) => {
      await page.ready();
      await page.click('edit-layers');
      await page.click('paste-network');
      await page.there('paste-file');
      await (await page.page.$('[data-testid="paste-file"]')).uploadFile(path('mine.py'));
      await opened(page);
      assert.match(await page.text('paste-opened'), /已用 4 层/);
      assert.match(await page.text('paste-notes'), /它的 12 个输出改为 10 个/);
      await (await page.page.$('[data-testid="paste-file"]')).uploadFile(path('photo.png'));
      await page.until(() => document.querySelector('[data-testid="paste-problems"]')?.dataset.value === '1');
      assert.equal(await page.page.$eval('#paste-text', (box) => box.value), good, 'a picture does not take its place');
      await (await page.page.$('[data-testid="paste-file"]')).uploadFile(path('trained.onnx'));
      await page.until(() => document.querySelector('[data-testid="paste-opened"]')?.dataset.value === '3');
      await page.settled();
      // It has learned already: far above one in ten before the first step.
      await page.until(
        () => Number(document.querySelector('[data-testid="validation-accuracy"]')?.dataset.value) > 0.5,
      );
    });
  });
}
