// What every page test needs: a browser, a page that is opened and closed around each use, and a log of every request. A browser that is
// not installed is said and skipped, never passed.
import { after } from 'node:test';
import { launch, pathOf } from './browser_path.js';
import { serve } from './server.js';
import { words } from './words.js';

export { serve } from './server.js';
export { linkOf } from './words.js';

const all = ['chromium', 'firefox', 'webkit'].map((name) => ({
  name,
  skip: pathOf(name) ? false : `${name} is not installed`,
}));

/** Two browsers, with the reason to skip one that is absent. */
export const browsers = all.slice(0, 2);

/** WebKit, with the same; what is its own is in webkit.test.js. */
export const [, , webkit] = all;

/** What works in WebKit too: in the two browsers, and in the slow suite, which comes after them, in WebKit alone. */
export const webkitLater = process.env.EVERY_BROWSER ? [webkit] : browsers;

/** For what takes long and is no matter of the browser: Chromium, and two in the slow suite, which sets EVERY_BROWSER. */
export const oneBrowser = process.env.EVERY_BROWSER ? browsers : browsers.slice(0, 1);

/** @type {Map<string, Promise<import('puppeteer-core').Browser>>} */
const running = new Map();
after(async () => {
  for (const browser of running.values()) await (await browser).close();
});

/** A place in the file's one browser, or in one with these flags and (Firefox's) preferences, that has stored nothing yet. */
export async function fresh(name, flags = [], preferences = {}) {
  const key = JSON.stringify([name, flags, preferences]);
  if (!running.has(key)) running.set(key, launch(name, { flags, preferences }));
  return (await running.get(key)).createBrowserContext();
}

/**
 * Opens the page, hands it to `use`, and closes everything. The page's errors fail the test, and so does a request to another origin. Its
 * service worker works only where `offline` asks for it: keeping all files costs more than most tests.
 */
export async function withPage(name, options, use) {
  const { isolated = true, offline = false, search = '', hash = '', features = [], language } = options;
  const { flags = [], preferences = {} } = options;
  const isScripted = name !== 'webkit'; // its driver runs nothing before a page's own scripts
  const { viewport = { width: 1440, height: 900 } } = options;
  const server = await serve({ isolated });
  const browser = await fresh(name, flags, { ...preferences, ...(language && !isScripted && { LC_ALL: language }) });
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
    if (!offline && isScripted)
      await page.evaluateOnNewDocument(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }));
    if (language && isScripted)
      await page.evaluateOnNewDocument((value) => {
        Object.defineProperty(navigator, 'language', { value, configurable: true });
      }, language);
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
