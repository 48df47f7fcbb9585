// Own pictures: classes from file names, training on them, and every kind of file that cannot be used.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { browsers, withPage } from './browser.js';

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
const good = [];

/** A picture of a bright disc or bar on a noisy ground; each one is different. */
async function make(kind, number) {
  const size = 72;
  const pixels = Buffer.alloc(size * size * 3);
  const [middleX, middleY] = [28 + ((number * 7) % 17), 28 + ((number * 5) % 17)];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const inside = kind === 'disc' ? Math.hypot(x - middleX, y - middleY) < 18 : Math.abs(x - middleX) < 7;
      const noise = (x * 31 + y * 17 + number * 13) % 40;
      for (let k = 0; k < 3; k++)
        pixels[(y * size + x) * 3 + k] = inside ? 200 + noise / 2 - 60 * k * (kind === 'bar') : 40 + noise;
    }
  }
  const picture = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
  const path = join(folder, `${kind}${number}.${number % 2 ? 'png' : 'jpg'}`);
  writeFileSync(path, await (number % 2 ? picture.png() : picture.jpeg({ quality: 92 })).toBuffer());
  good.push(path);
  return path;
}

before(async () => {
  for (const kind of ['disc', 'bar']) for (let number = 1; number <= 12; number++) await make(kind, number);
  const inFolders = good.map((path) => [basename(path).replace(/^(disc|bar)/, '$1/'), readFileSync(path)]);
  writeFileSync(join(folder, 'both.zip'), zipSync(Object.fromEntries(inFolders)));
  const flat = { create: { width: 8000, height: 6500, channels: 3, background: '#888' }, limitInputPixels: false };
  writeFileSync(join(folder, 'huge.png'), await sharp(flat).png({ compressionLevel: 1 }).toBuffer());
  writeFileSync(join(folder, 'text.png'), 'this is no picture');
  const whole = await sharp(good[1]).jpeg().toBuffer();
  writeFileSync(join(folder, 'broken.jpg'), whole.subarray(0, 200));
});

after(() => rmSync(folder, { recursive: true, force: true }));

const upload = async (page, paths) => {
  const input = await page.page.$('[data-testid="file-input"]');
  await input.uploadFile(...paths);
};

const many = (n) => Number(document.querySelector('[data-testid="own-count"]')?.dataset.value) === n;

for (const { name, skip } of browsers) {
  test(
    `${name}: two kinds of 12 pictures are told apart by their folders in a zip, and trained on`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        await upload(page, [join(folder, 'both.zip')]); // a folder for each class
        await page.until(many, 24);
        await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '2');
        await page.until(() => document.querySelector('[data-testid="epoch"]')?.dataset.value === '0');
        await page.settled();
        const names = await page.page.$$eval('.own-class .name', (list) => list.map((input) => input.value));
        assert.deepEqual(names.sort(), ['bar', 'disc']);
        await page.type('epochs', '12');
        await page.settled();
        await page.click('train');
        await page.ended(90_000);
        const cells = await page.page.$$eval('[data-testid="confusion"] td[data-value]', (all) =>
          all.map((cell) => Number(cell.dataset.value)),
        );
        assert.equal(cells.length, 4);
        const held = cells.reduce((a, b) => a + b, 0);
        assert.equal(held + (await page.number('sample-count')), 24);
        assert.ok((await page.number('validation-accuracy')) >= 0.5);
      });
    },
  );

  test(`${name}: what is no picture or too large is named and left out, the others are added`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await upload(page, [
        ...good.slice(0, 5),
        ...good.slice(12, 17),
        join(folder, 'text.png'),
        join(folder, 'broken.jpg'),
        join(folder, 'huge.png'),
      ]);
      await page.until(many, 10);
      await page.until(() => document.querySelector('[data-code="bad-image"]'));
      const text = await page.page.$eval('[data-code="bad-image"]', (element) => element.textContent);
      assert.match(text, /text\.png/);
      assert.match(text, /broken\.jpg/);
      assert.match(text, /10/);
      const large = await page.page.$eval('[data-code="too-large"]', (element) => element.textContent);
      assert.match(large, /huge\.png/);
      assert.match(large, /50/);
      assert.doesNotMatch(large, /text\.png/);
    });
  });

  test(`${name}: one class alone cannot be trained, and the button says why`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await upload(page, good.slice(0, 6));
      await page.until(many, 6);
      await page.until(() => document.querySelector('[data-testid="train"]').disabled);
      const reason = await page.page.$eval(
        '[data-testid="train"]',
        (element) => document.getElementById(element.getAttribute('aria-describedby'))?.textContent,
      );
      assert.match(reason, /at least two/);
    });
  });
}
