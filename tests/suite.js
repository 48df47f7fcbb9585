// Prints the files of the whole suite. A browser's start costs two or three times as much as a page that it opens, so some files import several
// of the page tests each, which share what was started; they come first, since they take the longest.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Two for each of two cores. */
const kShared = 4;
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const folder = 'build/tests';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const files = readdirSync('tests', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.js'))
  .map((path) => join('tests', path));
const size = (path) => statSync(path).size;
const pages = files.filter((path) => path.startsWith(join('tests', 'web'))).sort((a, b) => size(b) - size(a));
const shared = Array.from({ length: kShared }, (_, place) => {
  const imports = pages.filter((_, i) => i % kShared === place).map((path) => `import '../../${path}';\n`);
  writeFileSync(join(folder, `pages-${place + 1}.test.js`), imports.join(''));
  return join(folder, `pages-${place + 1}.test.js`);
});
console.log([...shared, ...files.filter((path) => !pages.includes(path)).sort()].join('\n'));
