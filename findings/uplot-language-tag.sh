#!/bin/sh
# uPlot 1.6.32: importing it hands navigator.language to Intl.NumberFormat, before any chart is made. A browser whose language is no tag of
# BCP 47 (WebKitGTK, and so Epiphany and WebKitWebDriver, says "C" under LANG=C, as in containers and CI) throws a RangeError there, and every
# module of the page that imports uPlot ends with it, charts or not. Seen here with a navigator and a window as such a browser has them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund uplot@1.6.32 >/dev/null
cat >load.mjs <<'JS'
const [language] = process.argv.slice(2);
const nothing = () => {};
const media = { addEventListener: nothing, matches: false };
const page = { devicePixelRatio: 1, addEventListener: nothing, dispatchEvent: nothing, matchMedia: () => media, document: {}, navigator: { language } };
class CustomEvent {}
for (const [name, value] of Object.entries({ ...page, CustomEvent, window: page }))
  Object.defineProperty(globalThis, name, { value, configurable: true });
try {
  await import('uplot');
  console.log(`${language}: loaded`);
} catch (error) {
  console.log(`${language}: ${error.name}: ${error.message}`);
}
JS
node load.mjs en | tee seen
node load.mjs C | tee -a seen
grep -q '^en: loaded' seen
grep -q '^C: RangeError: Incorrect locale information provided' seen
echo "as described"
