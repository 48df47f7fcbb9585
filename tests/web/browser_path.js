// Where the browsers are, found or named by CHROME_PATH and FIREFOX_PATH, and how they are started.
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const paths = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
};
const variables = { chromium: process.env.CHROME_PATH, firefox: process.env.FIREFOX_PATH };

/** Where a browser is, or null. */
export function pathOf(name) {
  return [variables[name], ...paths[name]].find((path) => path && existsSync(path)) ?? null;
}

/** A browser with a profile of its own. `flags`: more words of its command line. */
export function launch(name, { flags = [], ...more } = {}) {
  const usual = name === 'chromium' ? ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] : [];
  const args = [...usual, ...flags];
  const browser = name === 'firefox' ? 'firefox' : 'chrome';
  return puppeteer.launch({ browser, executablePath: pathOf(name), args, protocolTimeout: 120_000, ...more });
}
