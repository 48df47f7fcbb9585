// What is WebKit's own: a browser that isolates a page and has no memory for threads, and canvases that were hidden. All else is tested where it is
// tested in the other browsers (in the slow suite: own_pictures.test.js there needs a shared memory that is large and does not grow).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import sharp from 'sharp';
import { linkOf, webkit, withPage } from './browser.js';

const { name, skip } = webkit;
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const asItComes = { JSC_useSharedArrayBuffer: '0' };

/** Until the page has been drawn. */
const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** How many dark pixels of the screen there are within an element. */
async function inkOf({ page }, selector) {
  const box = await page.$eval(selector, (element) => {
    element.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left: Math.ceil(left), top: Math.ceil(top), width: Math.floor(width), height: Math.floor(height) };
  });
  await page.evaluate(frames);
  const pixels = await sharp(await page.screenshot())
    .extract(box)
    .greyscale()
    .raw()
    .toBuffer();
  return pixels.filter((value) => value < 200).length;
}

test(
  'webkit: without SharedArrayBuffer one thread gives the same bits, and module and page say why',
  { skip },
  async () => {
    const hash = await linkOf({ page: { level: 'all' } });
    await withPage(name, { hash, preferences: asItComes }, async (page) => {
      await page.ready();
      assert.deepEqual(await page.page.evaluate(() => [crossOriginIsolated, typeof SharedArrayBuffer]), [
        true,
        'undefined',
      ]);
      const [build, reason] = await page.page.evaluate(async () => {
        const { Trainer } = await import(new URL('trainground/index.js', location.href).href);
        const trainer = await Trainer.open({ dataset: 'iris', layers: [{ type: 'dense', units: 3 }] }, { threads: 2 });
        await trainer.dispose();
        return [trainer.start.build, trainer.start.reason];
      });
      assert.equal(build, 'single');
      assert.equal(reason, 'this browser has no SharedArrayBuffer, so threads cannot share memory');
      assert.equal(await page.number('threads'), 1);
      assert.match(await page.text('threads-reason'), /this browser has no memory that threads can share/);
      await page.there('alert');
      assert.match(
        await page.text('alert'),
        /^Running on one thread: this browser has no memory that threads can share/,
      );
      assert.equal(await page.has('use-threads'), false);
      await page.click('train');
      await page.ended();
      assert.ok(readme.includes(`weights ${await page.value('run-hash')}\n`));
    });
  },
);

test('webkit: on a phone the curve is still on the screen after a look at another column', { skip }, async () => {
  const show = (part) => document.querySelectorAll('#parts [role="tab"]')[part].click();
  await withPage(name, { hash: await linkOf({ epochs: 2 }), viewport: { width: 390, height: 844 } }, async (page) => {
    await page.ready();
    await page.page.evaluate(show, 3);
    await page.click('train');
    await page.ended();
    const curve = '[data-testid="curve-loss"]';
    const before = await inkOf(page, curve);
    assert.ok(before > 500, `${before} pixels`);
    await page.page.evaluate(show, 0);
    await page.page.evaluate(frames); // the other column was seen
    await page.page.evaluate(show, 3);
    assert.equal(await inkOf(page, curve), before);
  });
});
