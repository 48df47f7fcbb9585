// Where the browsers are, found or named by CHROME_PATH, FIREFOX_PATH and WEBKIT_PATH, and how they are started.
import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { launchWebKit } from './webkit.js';

const paths = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
  webkit: ['/usr/bin/WebKitWebDriver'],
};
const variables = {
  chromium: process.env.CHROME_PATH,
  firefox: process.env.FIREFOX_PATH,
  webkit: process.env.WEBKIT_PATH,
};

/** Where a browser is, or null. */
export function pathOf(name) {
  return [variables[name], ...paths[name]].find((path) => path && existsSync(path)) ?? null;
}

/** Chromium draws what its address bar might suggest as two hidden pages a window, which cost as much as a page under test. */
const noSuggestions = '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup';

/** A browser with a profile of its own. `flags`: more words of its command line; `preferences`: Firefox's and WebKit's, by their own names. */
export function launch(name, { flags = [], preferences = {}, ...more } = {}) {
  if (name === 'webkit') return launchWebKit(pathOf(name), { flags, preferences });
  const usual =
    name === 'chromium' ? ['--no-sandbox', '--disable-gpu', '--disable-background-networking', noSuggestions] : [];
  const args = [...usual, ...flags];
  const browser = name === 'firefox' ? 'firefox' : 'chrome';
  const options = { browser, executablePath: pathOf(name), args, extraPrefsFirefox: preferences };
  return puppeteer.launch({ ...options, protocolTimeout: 120_000, ...more });
}
