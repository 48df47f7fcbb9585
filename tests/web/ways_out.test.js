// The ways out: a page of twenty lines that runs the trained network from any static folder, the texts to copy, and bands over seeds.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { browsers, linkOf, withPage } from './browser.js';

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

for (const { name, skip } of browsers) {
  test(
    `${name}: the page that was saved runs the network by itself, and says what the page said`,
    { skip },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'network-page-'));
      try {
        await withPage(name, {}, async (page, { browser }) => {
          await page.ready();
          await page.click('train');
          await page.ended();
          await page.click('export');
          await page.there('export-page');
          const zip = await page.download('export-page');
          const files = unzipSync(zip);
          for (const [path, bytes] of Object.entries(files)) {
            mkdirSync(dirname(join(folder, path)), { recursive: true });
            writeFileSync(join(folder, path), bytes);
          }
          // A held-back picture of a 1, as a file.
          const picture = await page.page.evaluate(() => {
            const image = [...document.querySelectorAll('[data-testid="predictions"] img')][1];
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 8;
            canvas.getContext('2d').drawImage(image, 0, 0, 8, 8);
            return canvas.toDataURL('image/png').split(',')[1];
          });
          writeFileSync(join(folder, 'one.png'), Buffer.from(picture, 'base64'));
          const server = await plainServer(folder);
          try {
            const other = await browser.newPage();
            const errors = [];
            other.on('pageerror', (error) => errors.push(error.message));
            await other.goto(server.url);
            await other.waitForFunction(() => document.querySelector('input').onchange, { timeout: 30_000 });
            await (await other.$('input')).uploadFile(join(folder, 'one.png'));
            await other.waitForFunction(() => document.querySelector('pre').textContent, { timeout: 30_000 });
            const lines = (await other.$eval('pre', (element) => element.textContent)).split('\n');
            assert.equal(lines.length, 10);
            const shares = lines.map((line) => Number.parseFloat(line));
            assert.equal(shares.indexOf(Math.max(...shares)), 1, lines.join('\n'));
            assert.deepEqual(errors, []);
          } finally {
            server.close();
          }
        });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

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
