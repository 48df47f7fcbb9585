// What every page test needs: the built page on a server of its own (in a subfolder, with or without the isolation headers), a browser,
// and a log of every request. A browser that is not installed is said and skipped, never passed.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { pathOf } from './browser_path.js';

const root = fileURLToPath(new URL('../../web/dist/', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Both browsers, with the reason to skip one that is absent. */
export const browsers = ['chromium', 'firefox'].map((name) => ({
  name,
  skip: pathOf(name) ? false : `${name} is not installed`,
}));

/** Serves the built page under /a/folder/. */
export async function serve({ isolated = true } = {}) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://page');
    let path = normalize(join(root, decodeURIComponent(url.pathname).replace(/^\/a\/folder\//, '')));
    if (url.pathname.endsWith('/')) path = join(path, 'index.html');
    const known = url.pathname.startsWith('/a/folder/') && path.startsWith(root) && existsSync(path);
    if (!known || !statSync(path).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' };
    if (isolated) {
      headers['Cross-Origin-Opener-Policy'] = 'same-origin';
      headers['Cross-Origin-Embedder-Policy'] = 'require-corp';
    }
    response.writeHead(200, headers);
    createReadStream(path).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin, url: `${origin}/a/folder/`, close: () => server.close(), stop };
}

/** A browser with a profile of its own. */
function launch(name) {
  const args = name === 'chromium' ? ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] : [];
  const browser = name === 'firefox' ? 'firefox' : 'chrome';
  return puppeteer.launch({ browser, executablePath: pathOf(name), args, protocolTimeout: 120_000 });
}

/** @type {Map<string, Promise<import('puppeteer-core').Browser>>} */
const running = new Map();
after(async () => {
  for (const browser of running.values()) await (await browser).close();
});

/** A place in the file's one browser that has stored nothing yet. */
export async function fresh(name) {
  if (!running.has(name)) running.set(name, launch(name));
  return (await running.get(name)).createBrowserContext();
}

/**
 * Opens the page, hands it to `use`, and closes everything. The page's errors fail the test, and so does a request to another origin.
 */
export async function withPage(name, options, use) {
  const { isolated = true, search = '', hash = '', viewport = { width: 1440, height: 900 }, features = [] } = options;
  const server = await serve({ isolated });
  const browser = await fresh(name);
  const errors = [];
  const foreign = [];
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.origin)) foreign.push(request.url());
    });
    await page.setViewport(viewport);
    if (features.length && name === 'chromium') await page.emulateMediaFeatures(features);
    await page.goto(`${server.url}${search}${hash}`);
    await use(words(page), { server, browser });
  } finally {
    await browser.close();
    server.close();
  }
  if (errors.length) throw new Error(`The page reported: ${errors.join('\n')}`);
  if (foreign.length) throw new Error(`The page asked other places: ${foreign.join(', ')}`);
}

/** Short words over a page; elements are named by their data-testid. */
function words(page) {
  const css = (id) => `[data-testid="${id}"]`;
  const until = (condition, argument = null, timeout = 60_000) =>
    page.waitForFunction(condition, { timeout, polling: 30 }, argument);
  const self = {
    page,
    until,
    text: (id) => page.$eval(css(id), (element) => element.textContent.trim()),
    value: (id) => page.$eval(css(id), (element) => element.dataset.value),
    number: async (id) => Number(await self.value(id)),
    has: async (id) => (await page.$(css(id))) !== null,
    /** A click as the page gets it, wherever the element is scrolled. */
    click: (id) => page.$eval(css(id), (element) => element.click()),
    /** Waits for an element, then clicks it. */
    find: async (id) => {
      await self.there(id);
      await self.click(id);
    },
    there: (id, timeout) => until((selector) => document.querySelector(selector), css(id), timeout),
    /** What a click would have the browser keep, as bytes. */
    download: async (id) => {
      const text = await page.evaluate(
        (selector) =>
          new Promise((done) => {
            const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => {
              const reader = new FileReader();
              reader.onload = () => done(String(reader.result).split(',')[1]);
              reader.readAsDataURL(blob);
              return make(blob);
            };
            HTMLAnchorElement.prototype.click = () => {};
            document.querySelector(selector).click();
          }),
        css(id),
      );
      return Buffer.from(text, 'base64');
    },
    type: (id, text) =>
      page.$eval(
        css(id),
        (element, value) => {
          element.value = value;
          element.dispatchEvent(new Event('change', { bubbles: true }));
        },
        text,
      ),
    ready: () => until(() => document.querySelector('[data-testid="validation-accuracy"]')?.dataset.value),
    button: (text, timeout) =>
      until((wanted) => document.querySelector('[data-testid="train"]').textContent.trim() === wanted, text, timeout),
    ended: (timeout) =>
      until(() => document.querySelector('[data-testid="stop-reason"]')?.dataset.value, null, timeout),
    epoch: (n) => until((least) => Number(document.querySelector('[data-testid="epoch"]').dataset.value) >= least, n),
    /** Lets settings settle: the page opens its network anew a moment after a change. */
    settled: async () => {
      await self.wait(600);
      await self.ready();
    },
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  };
  return self;
}

/** A link with these settings, made as the page makes it. */
export async function linkOf(values) {
  const stream = new Blob([JSON.stringify(values)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `#e=${Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url')}`;
}
