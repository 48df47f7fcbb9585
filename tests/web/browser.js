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

// Which browsers a test runs in, each with the reason to skip it where it is absent. The slow suite sets EVERY_BROWSER, and runs every file
// again that says oneBrowser, oneOfThree or webkitLater: between them the two suites run each test in every browser that it works in.
//
//                npm test             npm run test:slow
// browsers       Chromium, Firefox    (the same)             what depends on the browser: storage, threads, decoding, the camera, the focus
// webkitLater    Chromium, Firefox    WebKit                 of that, what works in WebKit too
// oneBrowser     Chromium             Chromium, Firefox      what the page's own code decides: what it says, draws, compares and judges
// oneOfThree     Chromium             all three              of that, what works in WebKit too
const isSlow = Boolean(process.env.EVERY_BROWSER);
export const browsers = all.slice(0, 2);
export const [, , webkit] = all;
export const webkitLater = isSlow ? [webkit] : browsers;
export const oneBrowser = isSlow ? browsers : all.slice(0, 1);
export const oneOfThree = isSlow ? all : all.slice(0, 1);

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
