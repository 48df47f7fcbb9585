// Own pictures: dropped as folders, in a zip, chosen and pasted; training on them, and every kind of file that cannot be used.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { linkOf, oneOfThree, webkitLater, withPage } from './browser.js';
import { countWritten, keptPictures } from './kept_pictures.js';

const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
const good = [];
const large = [];
let tiff;

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
  for (const kind of ['disc', 'bar']) mkdirSync(join(folder, kind));
  for (const path of good) copyFileSync(path, join(folder, basename(path).match(/^[a-z]+/)[0], basename(path)));
  writeFileSync(join(folder, 'both.zip'), zipSync(Object.fromEntries(inFolders)));
  const flat = { create: { width: 8000, height: 6500, channels: 3, background: '#888' }, limitInputPixels: false };
  writeFileSync(join(folder, 'huge.png'), await sharp(flat).png({ compressionLevel: 1 }).toBuffer());
  const wide = { create: { width: 90, height: 30, channels: 3, background: '#444' } };
  writeFileSync(join(folder, 'wide.png'), await sharp(wide).png().toBuffer());
  writeFileSync(join(folder, 'text.png'), 'this is no picture');
  tiff = await sharp(wide).tiff().toBuffer();
  for (let i = 0; i < 6; i++) {
    large.push(join(folder, `large${i}.jpg`));
    writeFileSync(large[i], await sharp(good[i]).resize(3000, 2400).jpeg().toBuffer());
  }
  const whole = await sharp(good[1]).jpeg().toBuffer();
  writeFileSync(join(folder, 'broken.jpg'), whole.subarray(0, 200));
});

after(() => rmSync(folder, { recursive: true, force: true }));

const upload = async (page, paths) => {
  const input = await page.page.$('[data-testid="file-input"]');
  await input.uploadFile(...paths);
};

/** What Firefox and WebKit are handed instead of a drop: they take none from outside, and a folder cannot be made in a page. The pictures are real. */
function dropMadeFolders(folders) {
  const pictureOf = ([name, text]) => {
    const type = name.endsWith('.png') ? 'image/png' : 'image/jpeg';
    return new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name, { type });
  };
  const fileOf = (file) => ({ isFile: true, name: file.name, file: (done) => done(file) });
  const folderOf = ([name, pictures]) => {
    const batches = [pictures.slice(0, 5), pictures.slice(5), []]; // a folder is told in parts, the last of them empty
    const readEntries = (done) => done(batches.shift().map((one) => fileOf(pictureOf(one))));
    return { isFile: false, name, createReader: () => ({ readEntries }) };
  };
  const items = folders.map((one) => ({ webkitGetAsEntry: () => folderOf(one) }));
  const event = new DragEvent('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: { items, files: [] } });
  document.querySelector('[data-testid="drop-zone"]').dispatchEvent(event);
}

/** Drops two folders: in Chromium as a hand does. */
async function dropFolders(name, { page }) {
  const inFolder = (kind) => good.filter((path) => basename(path).startsWith(kind));
  if (name !== 'chromium') {
    const read = (kind) => inFolder(kind).map((path) => [basename(path), readFileSync(path).toString('base64')]);
    await page.evaluate(
      dropMadeFolders,
      ['disc', 'bar'].map((kind) => [kind, read(kind)]),
    );
    return;
  }
  const { x, y } = await page.$eval('[data-testid="drop-zone"]', (zone) => {
    zone.scrollIntoView({ block: 'center' });
    const box = zone.getBoundingClientRect();
    return { x: box.x + 20, y: box.y + 20 };
  });
  const client = await page.createCDPSession();
  const data = { items: [], files: ['disc', 'bar'].map((kind) => join(folder, kind)), dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'])
    await client.send('Input.dispatchDragEvent', { type, x, y, data });
}

/** Pastes a picture: in Chromium from the clipboard and with the keys; Firefox without a screen keeps no picture in its clipboard. */
async function paste(name, { page }, path, { browser, server }) {
  const text = readFileSync(path).toString('base64');
  if (name === 'chromium') await browser.overridePermissions(server.origin, ['clipboard-sanitized-write']);
  await page.bringToFront();
  await page.evaluate(
    async (letters, isWritten) => {
      const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
      if (isWritten) {
        const blob = new Blob([bytes], { type: 'image/png' });
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        return;
      }
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
      const event = new ClipboardEvent('paste', { bubbles: true, cancelable: true });
      Object.defineProperty(event, 'clipboardData', { value: clipboardData });
      document.body.dispatchEvent(event);
    },
    text,
    name === 'chromium',
  );
  if (name !== 'chromium') return;
  await page.keyboard.down('Control');
  await page.keyboard.press('KeyV', { commands: ['Paste'] });
  await page.keyboard.up('Control');
}

const many = (n) => Number(document.querySelector('[data-testid="own-count"]')?.dataset.value) === n;

/**
 * A mistake is said to be a wrong label: training begins without it, a reload keeps it apart, and a press puts it back. The pictures are written
 * down once, however often the run is.
 */
async function leavesOut(page) {
  await page.page.evaluate(countWritten);
  const left = () => page.number('left-out');
  await page.click('tab-mistakes');
  await page.page.waitForSelector('[data-testid^="wrong-label-"]');
  assert.equal(await page.has('leave-out'), false);
  await page.page.$eval('[data-testid^="wrong-label-"]', (box) => box.click());
  await page.find('leave-out');
  await page.until(many, 23);
  assert.equal(await left(), 1);
  await page.button('Pause');
  await page.epoch(1);
  await page.click('train');
  await page.paused();
  await page.until(keptPictures);
  assert.equal((await page.page.evaluate(keptPictures)).left, 1);
  await page.trainUntil((await page.number('epoch')) + 1);
  await page.until(() => window.written.runs > 1);
  assert.equal(await page.page.evaluate(() => window.written.pictures), 1);
  await page.page.reload();
  await page.find('continue');
  await page.until(many, 23);
  await page.paused();
  assert.equal(await left(), 1);
  assert.equal(await page.has('leave-out'), false);
  await page.page.$eval('[data-testid="left-out"] button', (button) => button.click());
  await page.until(() => !document.querySelector('[data-testid="left-out"]'));
}

for (const { name, skip } of webkitLater) {
  test(`${name}: two folders of 12 pictures are dropped, are the classes, and are trained on`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await dropFolders(name, page);
      await page.until(many, 24);
      await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '2');
      await page.until(() => document.querySelector('[data-testid="epoch"]')?.dataset.value === '0');
      await page.settled();
      const names = await page.page.$$eval('.own-class .name', (list) => list.map((input) => input.value));
      assert.deepEqual(names.sort(), ['bar', 'disc']);
      await page.type('start-from', ''); // a run that is long enough to be paused
      await page.settled();
      await leavesOut(page);
      await page.until(many, 24);
      await page.settled();
      await page.trained(12);
      const cells = await page.page.$$eval('[data-testid="confusion"] td[data-value]', (all) =>
        all.map((cell) => Number(cell.dataset.value)),
      );
      assert.equal(cells.length, 4);
      const held = cells.reduce((a, b) => a + b, 0);
      assert.equal(held + (await page.number('sample-count')), 24);
      assert.ok((await page.number('validation-accuracy')) >= 0.5);
      const curve = await page.page.$eval('[data-testid="curve-accuracy"]', ({ model: { lines, x } }) => ({
        x,
        values: lines.at(-1).values,
      }));
      assert.ok(Math.abs((await page.number('validation-accuracy')) - curve.values.at(-1)) < 1e-9);
    });
  });

  test(`${name}: reading says how far it is, off the page's thread, and can be given up`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        window.said = new Set();
        window.decodedHere = 0;
        const decode = createImageBitmap;
        window.createImageBitmap = (...args) => ((window.decodedHere += args[0] instanceof Blob), decode(...args));
        const look = () => window.said.add(document.querySelector('[data-testid="own-reading"] [role]')?.textContent);
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
      const idle = () => page.until(() => !document.querySelector('[data-testid="own-reading"]'));
      await upload(page, large);
      await page.until(many, 6);
      await idle();
      const { said, decodedHere } = await page.page.evaluate(() => ({ said: [...window.said], decodedHere }));
      assert.ok(said.includes('0 of 6 read.'), said.join());
      assert.ok(
        said.some((text) => /^[1-5] of 6 read\.$/.test(text)),
        said.join(),
      );
      assert.equal(decodedHere, 0);
      await upload(page, large);
      await page.click('stop-reading');
      await idle();
      assert.equal(await page.number('own-count'), 6);
      assert.equal(await page.has('alert'), false);
      await upload(page, good.slice(0, 2));
      await page.until(many, 8);
    });
  });

  test(
    `${name}: what is of a kind that is not read, or beside the classes, is told by its name`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        const picture = readFileSync(good[0]);
        const content = {
          'd/one.jpg': picture,
          'd/cats/1.jpg': picture,
          'd/cats/2.tiff': tiff,
          'd/dogs/1.jpg': picture,
        };
        writeFileSync(
          join(folder, 'd.zip'),
          zipSync({ ...content, 'd/.thumbs/1.jpg': picture, 'd/notes.txt': picture }),
        );
        await upload(page, [join(folder, 'd.zip')]);
        await page.until(many, 2);
        const words = (code) => page.page.$eval(`[data-code="${code}"] .text`, (element) => element.textContent.trim());
        assert.match(
          await words('other-kind'),
          /^“2\.tiff”: this browser cannot read TIFF or raw\. Save as PNG or JPEG/,
        );
        assert.match(await words('passed-over'), /^Passed over: “d\/\.thumbs”, “d\/one\.jpg”\./);
        assert.match(await words('bad-image'), /^“d\/notes\.txt” is not a picture/);
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

  test(
    `${name}: a link asks for pictures; a pasted one is a class; what cannot be trained yet, the button says, until a zip comes`,
    { skip },
    async () => {
      const dataset = { type: 'images', path: 'pictures', size: 48, fit: 'pad', channels: 3 };
      const layers = [{ type: 'globalAveragePool2d' }, { type: 'dense', units: 3 }];
      await withPage(name, { hash: await linkOf({ dataset, layers }) }, async (page, around) => {
        const blocked = async (reason) => {
          await page.until(() => document.querySelector('[data-testid="train"]').disabled);
          const said = await page.page.$eval(
            '[data-testid="train"]',
            (element) => document.getElementById(element.getAttribute('aria-describedby'))?.textContent,
          );
          assert.match(said, reason);
        };
        const names = () => page.page.$$eval('.own-class .name', (list) => list.map((input) => input.value));
        await page.there('alert-action');
        const asked = await page.text('alert');
        assert.match(asked, /needs your own pictures: 3 classes\. Pictures are never in a link\. .*Choose files/s);
        await blocked(/Name your classes under Data/);
        await paste(name, page, join(folder, 'wide.png'), around);
        await page.until(many, 1);
        // The link says how pictures are made square, until somebody chooses otherwise.
        const edge = (value) =>
          page.until((wanted) => {
            const picture = document.querySelector('.own-class .thumbs img');
            if (picture?.naturalWidth !== 48) return false;
            const context = document.createElement('canvas').getContext('2d');
            context.drawImage(picture, 0, 0);
            return context.getImageData(24, 0, 1, 1).data[0] === wanted;
          }, value);
        await edge(255);
        await page.click('fit-crop');
        await edge(0x44);
        assert.deepEqual(await names(), ['Class 1', 'Class 2', 'Class 3']); // as many as the link's network tells apart
        assert.equal(await page.has('alert'), false);
        await blocked(/“Class 1” has 1 picture: none is left for validation/);
        await upload(page, [join(folder, 'both.zip')]); // a folder for each class
        await page.until(many, 25);
        assert.deepEqual((await names()).sort(), ['Class 1', 'bar', 'disc']);
        await blocked(/“Class 1” has 1 picture/);
        await page.page.$eval('.own-class [aria-label="Remove Class 1"]', (button) => button.click());
        await page.until(many, 24);
        await page.until(() => !document.querySelector('[data-testid="train"]').disabled);
      });
    },
  );
}

for (const { name, skip } of oneOfThree) {
  test(`${name}: of two sizes the later one is made, and a set that is chosen meanwhile stays`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await upload(page, [join(folder, 'both.zip')]);
      await page.until(many, 24);
      await page.settled();
      /** From now on lists of pictures go to the worker that decodes them when the test lets them. */
      const hold = () =>
        page.page.evaluate(() => {
          const post = (window.post ??= Worker.prototype.postMessage);
          const held = (window.held = []);
          Worker.prototype.postMessage = function (...message) {
            if (!message[0].files || held.isOpen) post.apply(this, message);
            else held.push(() => post.apply(this, message));
          };
        });
      const letThem = () =>
        page.page.evaluate(() => {
          window.held.isOpen = true;
          for (const send of window.held) send();
        });
      await hold();
      await page.page.$eval('[data-testid="own-size"]', (list) => {
        for (const size of ['128', '224', '96']) {
          list.value = size;
          list.dispatchEvent(new Event('change'));
        }
      });
      await letThem();
      const sides = (wanted) =>
        page.until((side) => {
          const all = [...document.querySelectorAll('.own-class .thumbs img')].map((one) => one.naturalWidth);
          return all.length === 10 && all.every((one) => one === side);
        }, wanted);
      await sides(96);
      await page.settled();
      assert.equal(await page.number('sample-count'), 20);
      // One step above it is there already: nobody is asked to decode.
      await hold();
      await page.page.select('[data-testid="own-size"]', '128');
      await sides(128);
      assert.equal(await page.page.evaluate(() => window.held.length), 0);
      await page.settled();

      await hold();
      await upload(page, [good[0]]);
      await page.there('own-reading');
      await page.page.select('[data-testid="dataset"]', 'iris');
      await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '3');
      await page.settled();
      await letThem();
      await page.until(() => !document.querySelector('[data-testid="own-reading"]'));
      await page.settled();
      assert.equal(await page.value('class-count'), '3');
      await page.page.select('[data-testid="dataset"]', 'own');
      await page.until(many, 25); // it was read all the same, and waits where it belongs
    });
  });
}
