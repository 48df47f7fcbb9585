// What Teachable Machine has saved, on the page: a project is its classes in their order, a network answers at once and learns on; what is neither is
// said in words.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { importLayersModel, openNetwork } from 'trainground';
import { splitFile } from '../../wasm/safetensors.js';
import { modelFiles, small, teachableModel } from '../wasm/layers_models.js';
import { framesOf, manifest, projectOf } from '../wasm/projects.js';
import { oneBrowser, withPage } from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'teachable-'));
const path = (name) => join(folder, name);
const labels = ['Wait', 'Go', 'Äpfel'];
const files = modelFiles(teachableModel(small, { labels }));
/** What the network says of the asked picture, by the module. */
let expected;
/** @type {import('trainground').ImportedNetwork} */
let imported;
const valuesOf = (file) => Buffer.from(splitFile(new Uint8Array(file)).data);

before(async () => {
  const named = await Promise.all(
    labels.map(async (label, at) =>
      (await framesOf({ seed: at + 1, frames: 10 })).map((frame, i) => [`${label}-!-${i}.jpg`, frame]),
    ),
  );
  const pictures = Object.fromEntries(named.flat());
  writeFileSync(path('project.tm'), projectOf(pictures));
  writeFileSync(path('sounds.tm'), projectOf(pictures, { ...manifest, type: 'audio' }));
  writeFileSync(path('cut.tm'), projectOf(pictures).slice(0, 900));
  writeFileSync(path('one.jpg'), pictures['Go-!-4.jpg']);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path(name), bytes);
  writeFileSync(path('converted.zip'), zipSync(files));
  writeFileSync(path('model (2).json'), new TextEncoder().encode('{"modelTopology": {"node": []}}'));
  imported = await importLayersModel(files);
  const network = await openNetwork(imported.weights, { threads: 1 });
  const { probabilities } = await network.predictImages([path('one.jpg')]);
  await network.dispose();
  expected = labels[probabilities.indexOf(Math.max(...probabilities))];
});
after(() => rmSync(folder, { recursive: true, force: true }));

const choose = async ({ page }, id, names) =>
  (await page.waitForSelector(`[data-testid="${id}"]`)).uploadFile(...names.map(path));
const many = (count) => document.querySelector('[data-testid="own-count"]')?.dataset.value === String(count);
const classes = ({ page }) => page.$$eval('.own-class .name', (list) => list.map((input) => input.value));

for (const { name, skip } of oneBrowser) {
  test(`${name}: a project is its classes in their order, of either size`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await choose(page, 'file-input', ['project.tm']);
      await page.until(many, 30);
      assert.deepEqual(await classes(page), labels);
      // Another size is made from the project's own files, and not enlarged from what was kept.
      await page.page.select('[data-testid="own-size"]', '96');
      await page.until(() => document.querySelector('.own-class .thumbs img')?.naturalWidth === 96);
      await page.settled();
      assert.equal(await page.page.$('[data-code="enlarged"]'), null);
      await page.page.select('[data-testid="own-size"]', '128');
      await page.until(() => document.querySelector('.own-class .thumbs img')?.naturalWidth === 128);
      await page.settled();
      await page.click('train');
      await page.epoch(1);
      const shown = await page.page.$$eval('[data-testid="confusion"] td[data-value]', (cells) => cells.length);
      assert.equal(shown, 9);
      assert.ok(!(await page.page.content()).includes('secret'));
    });
  });

  test(`${name}: a network answers before there are pictures, and a run begins with it`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await choose(page, 'file-input', ['model.json', 'metadata.json', 'weights.bin']);
      await choose(page, 'imported-file', ['one.jpg']);
      await page.there('imported-answer');
      assert.equal(await page.value('imported-answer'), expected);
      await choose(page, 'file-input', ['project.tm']);
      await page.until(many, 30);
      await page.settled();
      assert.deepEqual(await classes(page), labels);
      // The weights are the network's, though the run has not begun.
      await page.click('export');
      await page.there('save-weights');
      assert.deepEqual(valuesOf(await page.download('save-weights')), valuesOf(imported.weights));
      await page.click('train');
      await page.epoch(1);
    });
  });

  test(
    `${name}: what is no project or network of pictures is said in words, and nothing changes`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        const cases = {
          'sounds.tm': 'it is one of type "audio"',
          'cut.tm': 'it is cut off, or no zip file',
          'model (2).json': 'model.json',
        };
        for (const [file, words] of Object.entries(cases)) {
          await choose(page, 'file-input', [file]);
          await page.until(
            (text) => document.querySelector('[data-code="not-opened"]')?.textContent.includes(text),
            words,
          );
        }
        assert.equal(await page.has('imported'), false);
        await choose(page, 'file-input', ['converted.zip']);
        await page.find('imported');
        assert.deepEqual(await classes(page), labels); // pictures of its classes are awaited
      });
    },
  );
}
