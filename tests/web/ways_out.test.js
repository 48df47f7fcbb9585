// The ways out: a page of twenty lines that runs the trained network from any static folder, the texts to copy, and bands over seeds.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { test } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import sharp from 'sharp';
import { browsers, linkOf, oneBrowser, withPage } from './browser.js';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder without any special header. */
async function plainServer(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, request.url === '/' ? 'index.html' : request.url);
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' });
    return response.end(readFileSync(path));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** The page that is saved, from a plain folder, asked for these files: what it shows of each. */
async function savedPageShows(page, browser, files) {
  const folder = mkdtempSync(join(tmpdir(), 'network-page-'));
  await page.click('export');
  await page.there('export-page');
  for (const [path, bytes] of Object.entries(unzipSync(await page.download('export-page')))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const server = await plainServer(folder);
  const other = await browser.newPage();
  try {
    const errors = [];
    other.on('pageerror', (error) => errors.push(error.message));
    await other.goto(server.url);
    await other.waitForFunction(() => document.querySelector('input').onchange, { timeout: 30_000 });
    const said = [];
    for (const file of files) {
      await other.$eval('pre', (element) => (element.textContent = ''));
      await (await other.$('input')).uploadFile(file);
      await other.waitForFunction(() => document.querySelector('pre').textContent, { timeout: 30_000 });
      said.push(await other.$eval('pre', (element) => element.textContent));
    }
    assert.deepEqual(errors, []);
    return said;
  } finally {
    server.close();
    await other.close();
    await page.page.bringToFront();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The share of each class, in percent. */
const savedPageSays = async (page, browser, pictures) =>
  (await savedPageShows(page, browser, pictures)).map((text) =>
    text.split('\n').map((line) => Number.parseFloat(line)),
  );

/** What Try it says of a picture: its surest class, and the share of it in percent. */
async function tryItSays(page, picture) {
  await page.click('tab-try');
  await page.there('try-file');
  const before = await page.page.evaluate(() => {
    const answer = document.querySelector('[data-testid="try-answer"]');
    return answer?.querySelector('i').style.width ?? null;
  });
  await (await page.page.$('[data-testid="try-file"]')).uploadFile(picture);
  await page.until((old) => {
    const bar = document.querySelector('[data-testid="try-answer"] i');
    return bar && bar.style.width !== old;
  }, before);
  return page.page.$eval('[data-testid="try-answer"]', (answer) => ({
    k: Number(answer.dataset.value),
    share: Number.parseFloat(answer.querySelector('i').style.width),
  }));
}

/** A picture as a PNG in the folder. */
async function picture(folder, file, { width, height }, colourAt) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(colourAt(i % width, Math.floor(i / width)), 3 * i);
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(folder, file));
  return join(folder, file);
}

for (const { name, skip } of browsers) {
  test(`${name}: the page that was saved says of a digit on paper what Try it says`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'on-paper-'));
    try {
      await withPage(name, {}, async (page, { browser }) => {
        await page.ready();
        await page.click('train');
        await page.ended();
        // Held-back samples, bright on nothing, as ink on paper that is wider than high.
        const samples = await page.page.evaluate(() =>
          [...document.querySelectorAll('[data-testid="predictions"] img')].slice(0, 8).map((image) => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 8;
            const context = canvas.getContext('2d');
            context.drawImage(image, 0, 0, 8, 8);
            return [...context.getImageData(0, 0, 8, 8).data].filter((_, i) => i % 4 === 0);
          }),
        );
        const drawn = (index, isPaper) => {
          const ink = (x, y) => (x < 8 || x >= 72 ? 0 : samples[index][(y >> 3) * 8 + ((x - 8) >> 3)]);
          const colourAt = (x, y) => Array(3).fill(isPaper ? 255 - ink(x, y) : ink(x, y));
          return picture(folder, `${index}-${isPaper}.png`, { width: 80, height: 64 }, colourAt);
        };
        const files = await Promise.all([drawn(3, true), drawn(7, true), drawn(3, false), drawn(7, false)]);
        const tried = [];
        for (const file of files.slice(0, 2)) tried.push(await tryItSays(page, file));
        assert.notEqual(tried[0].k, tried[1].k);
        const said = await savedPageSays(page, browser, files);
        for (const [i, { k, share }] of tried.entries()) {
          assert.equal(said[i].length, 10);
          assert.ok(Math.abs(said[i][k] - share) < 0.051, `${said[i]} ${share}`);
          // Bright on nothing it is the same digit, but for how halves of a level are rounded.
          assert.ok(Math.abs(said[i + 2][k] - share) < 1, `${said[i + 2]} ${share}`);
        }
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test(`${name}: the page that was saved puts a wide picture on white where training did`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wide-'));
    try {
      // What tells the classes apart lies at the ends, where the middle is cut out.
      const wide = (kind, number) =>
        picture(folder, `${kind}${number}.png`, { width: 96, height: 32 }, (x, y) => {
          const noise = (x * 31 + y * 17 + number * 13) % 40;
          const end = kind === 'red' ? [210, 20, 20] : [20, 20, 210];
          return (x < 30 || x >= 66 ? end : [90, 90, 90]).map((value) => value + noise);
        });
      for (const kind of ['red', 'blue']) for (let number = 1; number <= 9; number++) await wide(kind, number);
      const inFolders = ['red', 'blue'].flatMap((kind) =>
        [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [
          `${kind}/${number}.png`,
          readFileSync(join(folder, `${kind}${number}.png`)),
        ]),
      );
      writeFileSync(join(folder, 'both.zip'), zipSync(Object.fromEntries(inFolders)));
      await withPage(name, {}, async (page, { browser }) => {
        await page.ready();
        await (await page.page.$('[data-testid="file-input"]')).uploadFile(join(folder, 'both.zip'));
        await page.until(() => document.querySelector('[data-testid="own-count"]')?.dataset.value === '16');
        await page.click('fit-pad');
        await page.settled();
        await page.type('start-from', ''); // a run that is long enough to be paused
        await page.settled();
        await page.click('train');
        await page.epoch(8);
        await page.click('train');
        await page.paused();
        const files = ['red9.png', 'blue9.png'].map((file) => join(folder, file));
        const tried = [];
        for (const file of files) tried.push(await tryItSays(page, file));
        assert.notDeepEqual(tried[0], tried[1]); // in the middle they are the same
        for (const [i, shares] of (await savedPageSays(page, browser, files)).entries())
          assert.ok(Math.abs(shares[tried[i].k] - tried[i].share) < 0.051, `${shares} ${tried[i].share}`);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test(`${name}: the page that was saved answers a table as the page does`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rows-'));
    try {
      const rows = Array.from(
        { length: 120 },
        (_, i) => `${(i * 37) % 100};${'abc'[i % 3]};${(i * 37) % 100 > 50 ? 'far' : 'near'}`,
      );
      writeFileSync(join(folder, 'places.csv'), ['way;kind;place', ...rows].join('\n'));
      writeFileSync(join(folder, 'wanted.csv'), 'kind;way\na;3\nb;97\n');
      await withPage(name, {}, async (page, { browser }) => {
        await page.ready();
        await (await page.page.$('[data-testid="file-input"]')).uploadFile(join(folder, 'places.csv'));
        await page.there('table-holds');
        await page.ready();
        await page.click('train');
        await page.ended();
        const [shown] = await savedPageShows(page, browser, [join(folder, 'wanted.csv')]);
        const lines = shown.split('\n').slice(2);
        assert.equal(lines[0], 'kind;way;predicted place;probability');
        assert.match(lines[1], /^a;3;near;(1|0\.[5-9])/);
        assert.match(lines[2], /^b;97;far;(1|0\.[5-9])/);
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

for (const { name, skip } of oneBrowser) {
  test(`${name}: settings, command and PyTorch code can be copied`, { skip }, async () => {
    await withPage(name, {}, async (page) => {
      await page.ready();
      await page.page.evaluate(() => {
        window.copied = [];
        navigator.clipboard.writeText = async (text) => void window.copied.push(text);
      });
      await page.click('export');
      for (const what of ['json', 'pytorch', 'node']) {
        await page.find(`copy-${what}`);
        await page.until(
          (id) => document.querySelector(`[data-testid="${id}"]`).textContent.includes('✓'),
          `copy-${what}`,
        );
      }
      const [json, pytorch, node] = await page.page.evaluate(() => window.copied);
      assert.equal(JSON.parse(json).dataset, 'digits');
      assert.match(pytorch, /import torch/);
      assert.match(node, /trainground run experiment\.json/);
    });
  });

  test(`${name}: three seeds draw a band for each side, and the verdict speaks of their spread`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ epochs: 4, page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      await page.click('compare-learning-rate');
      await page.there('verdict');
      assert.equal(await page.page.$eval('[data-testid="compare-loss"]', (element) => element.dataset.bands), '0');
      await page.click('three-seeds');
      await page.until(() => document.querySelector('[data-testid="compare-loss"]')?.dataset.bands === '2');
      await page.there('verdict');
      const kind = await page.page.$eval('[data-testid="verdict"]', (element) => element.dataset.kind);
      assert.equal(kind, 'worse');
      assert.match(await page.text('verdict'), /spread of 3 seeds/);
    });
  });
}
