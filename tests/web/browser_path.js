// Where the browsers are: found, or named by CHROME_PATH and FIREFOX_PATH.
import { existsSync } from 'node:fs';

const paths = {
  chromium: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
};
const variables = { chromium: process.env.CHROME_PATH, firefox: process.env.FIREFOX_PATH };

/** Where a browser is, or null. */
export function pathOf(name) {
  return [variables[name], ...paths[name]].find((path) => path && existsSync(path)) ?? null;
}
