// A library in a page of its own, in a Chromium of its own: questions and answers as in a process.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { pathOf } from '../../web/browser_path.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const imports = { '@litertjs/wasm-utils': '/build/peers/node_modules/@litertjs/wasm-utils/dist/index.js' };
const page = `<!doctype html><title>peer</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
import { answer } from '/tests/bench/peers/session.js';
globalThis.ask = (question) => answer(question).catch((error) => ({ error: String(error?.message ?? error) }));
</script>`;

/** Serves the repository to the pages, cross-origin isolated so that threads are there. */
function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://page');
    const headers = {
      'Content-Type': types[extname(pathname)] ?? 'text/html',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    if (pathname === '/') {
      response.writeHead(200, headers).end(page);
      return;
    }
    const path = normalize(join(root, decodeURIComponent(pathname)));
    if (!path.startsWith(root) || !existsSync(path) || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, headers);
    createReadStream(path).pipe(response);
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

/** @param {string[]} flags  for V8 */
export async function openPage(flags) {
  const executablePath = pathOf('chromium');
  if (!executablePath) throw new Error('Chromium is not installed');
  const server = await serve();
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', `--js-flags=${flags.join(' ')}`];
  const browser = await puppeteer.launch({ executablePath, args, protocolTimeout: 600_000 });
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction(() => 'ask' in globalThis);
  return {
    ask: (question) =>
      tab.evaluate((one) => globalThis.ask(one), question).catch((error) => ({ error: error.message })),
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
