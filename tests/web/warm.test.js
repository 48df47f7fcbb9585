// The decoder of photos starts when somebody is about to give some, in whichever way, and not before: the first photo finds it ready.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { browsers, withPage } from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'warm-'));
const photo = join(folder, 'cat.jpg');
before(async () => {
  const plain = { create: { width: 90, height: 60, channels: 3, background: '#483' } };
  writeFileSync(photo, await sharp(plain).jpeg().toBuffer());
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** In the page, before anything else: what each worker that decodes has said. */
function watchDecoders() {
  window.decoders = [];
  window.Worker = class extends Worker {
    constructor(address, options) {
      super(address, options);
      if (options.name !== 'trainground-pictures') return;
      const said = [];
      window.decoders.push(said);
      this.addEventListener('message', ({ data }) => said.push(Object.keys(data)[0]));
    }
  };
}

const started = (page) => page.page.evaluate(() => window.decoders.length);
const warm = (page) =>
  page.until(() => window.decoders.length > 0 && window.decoders.every((said) => said.includes('warm')));
const input = '[data-testid="file-input"]';

/** What opens a picker, once it is open. */
const picked = async ({ page }, open) => {
  const [chooser] = await Promise.all([page.waitForFileChooser(), open()]);
  return () => chooser.accept([photo]);
};

/** Each shows the intent, and answers what then gives the photo. */
const ways = {
  'a picker that a pointer opens': (page) => picked(page, () => page.page.click(`label:has(> ${input})`)),
  'a picker that a key opens': async (page) => {
    await page.page.focus(input);
    assert.equal(await started(page), 0, 'whoever tabs past wants nothing');
    return picked(page, () => page.page.keyboard.press('Space'));
  },
  'a drag that enters the page': async (page) => {
    const client = await page.page.createCDPSession();
    const zone = await page.page.$eval('[data-testid="drop-zone"]', (element) => {
      element.scrollIntoView({ block: 'center' });
      const box = element.getBoundingClientRect();
      return { x: box.x + 20, y: box.y + 20 };
    });
    const drag = (type, place, data) =>
      client.send('Input.dispatchDragEvent', { type, ...place, data: { items: [], dragOperationsMask: 1, ...data } });
    await drag('dragEnter', zone, { items: [{ mimeType: 'text/plain', data: 'a word' }] });
    assert.equal(await started(page), 0, 'a word that is dragged is no photo');
    const files = { files: [photo] };
    await drag('dragEnter', { x: 5, y: 5 }, files);
    return async () => {
      for (const type of ['dragOver', 'drop']) await drag(type, zone, files);
    };
  },
};

const { name, skip } = browsers.find((one) => one.name === 'chromium'); // it alone takes drags and opens pickers as from a hand
for (const [way, show] of Object.entries(ways)) {
  test(`${name}: ${way} has the decoder ready before the first photo comes`, { skip }, async () => {
    await withPage(name, {}, async (page, { server }) => {
      await page.page.evaluateOnNewDocument(watchDecoders);
      await page.page.reload();
      await page.ready();
      const served = () => server.served.has('trainground/dist/jpeg.wasm');
      assert.deepEqual([await started(page), served()], [0, false], 'the page is opened without it');
      const give = await show(page);
      await warm(page);
      assert.ok(served());
      const before = await started(page);
      await give();
      await page.until(() => document.querySelector('[data-testid="own-count"]')?.dataset.value === '1');
      assert.equal(await started(page), before, 'the photo has waited for none');
      const [last] = await page.page.evaluate(() => window.decoders.filter((said) => said.includes('decoded')));
      assert.deepEqual(last, ['ready', 'warm', 'done', 'decoded']);
    });
  });
}
