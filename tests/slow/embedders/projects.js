// The projects of the matrix: for each tool the files that its user writes, no line more than it needs.

export const experiment = {
  dataset: 'digits',
  layers: [{ type: 'flatten' }, { type: 'dense', units: 32, activation: 'relu' }, { type: 'dense', units: 10 }],
  epochs: 3,
};

/** Trains, and tells. @param {string} tell  a statement about `build` and `sha` @param {string} [first] @param {string} [names] */
const program = (tell, first = '', names = 'Trainer') => `import { ${names} } from 'trainground';
${first}
export async function main(threads = 2) {
  const trainer = await Trainer.open(${JSON.stringify(experiment)}, { threads });
  const { build } = trainer.start;
  let sha = '';
  for await (const event of trainer.train()) if (event.event === 'end') sha = event.weightsSha256;
  await trainer.dispose();
  ${tell}
}
`;
const inTitle = 'document.title = `${build} ${sha}`;';
const failing = 'main().catch((error) => (document.title = `failed ${error.message}`));\n';
const page = (/** @type {string} */ script) => `<!doctype html><meta charset="utf-8"><title>-</title>${script}`;
const byModule = (/** @type {string} */ src) => page(`<script type="module" src="${src}"></script>`);
const plain = { 'main.js': program(inTitle) + failing, 'index.html': byModule('./main.js') };
const moved = {
  'main.js': program(inTitle, "configure({ assets: './wasm/' });", 'Trainer, configure') + failing,
  'dist/index.html': byModule('./main.js'),
};

const vite = (/** @type {string} */ name) => ({
  files: plain,
  build: [`${name}/bin/vite.js`, 'build', '--base', './'],
});
const webpack = (/** @type {string} */ name) => ({
  files: {
    ...plain,
    'dist/index.html': page('<script defer src="main.js"></script>'),
    'build.js': `import webpack from '${name}';
      webpack({ mode: 'production', entry: './main.js', output: { path: process.cwd() + '/dist' } }, (error, stats) => {
        if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
      });`,
  },
  build: ['./build.js'],
});

/** Its pages are HTML whose scripts are bundled. */
const astro = {
  'src/main.js': plain['main.js'],
  'src/pages/index.astro': page("<script>import '../main.js';</script>"),
};

/** By name: files, commands that build them, and the folder in which they end. */
export const bundled = {
  'Vite 7, build': vite('vite7'),
  'Vite 8, build': vite('vite8'),
  'webpack 5.113': webpack('webpack'),
  'webpack 5.99': webpack('webpack2025'),
  esbuild: {
    files: moved,
    build: ['.bin/esbuild', 'main.js', '--bundle', '--format=esm', '--outfile=dist/main.js'],
    copies: 'wasm',
  },
  Rollup: {
    files: moved,
    build: ['.bin/rollup', 'main.js', '--format', 'es', '--plugin', 'node-resolve', '--dir', 'dist'],
    copies: 'wasm',
  },
  // It wraps what is fetched in scripts of its own: what the page fetches is the copied folder.
  Parcel: {
    files: { 'main.js': moved['main.js'], 'index.html': byModule('./main.js') },
    build: [
      'parcel/lib/bin.js',
      'build',
      'index.html',
      '--no-cache',
      '--no-autoinstall',
      '--dist-dir',
      'dist',
      '--public-url',
      './',
    ],
    copies: 'wasm',
  },
  'Bun, build': {
    files: moved,
    build: ['.bin/bun', 'build', 'main.js', '--outdir', 'dist'],
    copies: 'wasm',
  },
  'Astro 7, build': {
    files: astro,
    build: ['node22/bin/node', 'MODULES/astro/bin/astro.mjs', 'build'],
  },
};

const headers = (/** @type {boolean} */ isolated) =>
  `server: { headers: ${isolated ? "{ 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }" : '{}'} }`;
// --force: what Vite has kept of a package is what it was, as long as its version is the same.
const viteDev = (/** @type {string} */ name, more = '') => ({
  words: [`MODULES/${name}/bin/vite.js`, 'dev', '--force'],
  files: (/** @type {boolean} */ isolated) => ({
    ...plain,
    'vite.config.js': `export default { ${more}${headers(isolated)} };`,
  }),
});
/** The tools' own servers, by Node 22, which Astro asks for. */
export const developed = {
  'Vite 7, dev': viteDev('vite7', "optimizeDeps: { exclude: ['trainground'] }, "),
  'Vite 8, dev': viteDev('vite8'),
  'Astro 7, dev': {
    words: ['MODULES/astro/bin/astro.mjs', 'dev'],
    files: (/** @type {boolean} */ isolated) => ({
      ...astro,
      'astro.config.mjs': `export default { ${headers(isolated)} };`,
    }),
  },
};

const client = `'use client';
import { useEffect } from 'react';
import { main } from '../train.js';
export default function Page() {
  useEffect(() => { main().catch((error) => (document.title = 'failed ' + error.message)); }, []);
  return <p>training</p>;
}
`;
export const nextFiles = {
  'next.config.mjs': `const isolation = [
    { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
    { key: 'Cross-Origin-Embedder-Policy', value: 'require-corp' },
  ];
  export default {
    serverExternalPackages: ['trainground'],
    headers: async () => [{ source: '/isolated', headers: isolation }, { source: '/_next/:path*', headers: isolation }],
  };`,
  'app/layout.js': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
  'app/train.js': program(inTitle),
  'app/plain/page.js': client,
  'app/isolated/page.js': client,
  'app/route/route.js': `${program('return sha;')}
export const dynamic = 'force-dynamic';
export const GET = async () => new Response(await main());`,
};
export const next = {
  'Next 16, Turbopack': { build: ['build'], serve: 'start', port: '5320' },
  'Next 16, webpack': { build: ['build', '--webpack'], serve: 'start', port: '5321' },
  'Next 16, dev': { serve: 'dev', port: '5322' },
};

/** What learns from the user's own photos, by the backbone that comes with the package, and from the user's own table. */
export const own = {
  photos: {
    dataset: { type: 'images', path: 'photos', size: 96 },
    validationSplit: 0,
    layers: [
      { type: 'backbone', name: 'efficientnet-lite0', output: 'embedding' },
      { type: 'dense', units: 3 },
    ],
    transfer: { weights: 'efficientnet-lite0', freeze: 'all' },
    epochs: 3,
  },
  rows: {
    dataset: { type: 'csv', path: 'rows.csv', label: 'price class', leaveOut: ['price', 'dear'], normalize: true },
    layers: [{ type: 'dense', units: 3 }],
    epochs: 3,
  },
};
/** They are the project's own files, `photos/CLASS/NAME.jpg` and `rows.csv`. */
export const ownFiles = {
  'index.html': byModule('./main.js'),
  'main.js': `import { Trainer, classesOf, decodeImages } from 'trainground';
import rows from './rows.csv?url';

const photos = import.meta.glob('./photos/*/*.jpg', { query: '?url', import: 'default', eager: true });
const own = ${JSON.stringify(own)};

async function trained(experiment, data) {
  const trainer = await Trainer.open(experiment, { data, threads: 2 });
  const { build } = trainer.start;
  let sha = '';
  for await (const event of trainer.train()) if (event.event === 'end') sha = event.weightsSha256;
  await trainer.dispose();
  return { build, sha };
}

async function main() {
  const classes = classesOf(Object.keys(photos));
  const classNames = [...new Set(classes)];
  const files = await Promise.all(Object.values(photos).map(async (url) => (await fetch(url)).blob()));
  const { inputs, shape } = await decodeImages(files, { size: own.photos.dataset.size });
  const data = { inputs, shape, labels: classes.map((name) => classNames.indexOf(name)), classNames };
  const { build, sha } = await trained(own.photos, data);
  own.rows.dataset.path = rows;
  const table = await trained(own.rows);
  document.title = \`\${build} \${sha} \${table.build} \${table.sha}\`;
}
${failing}`,
};

/** @param {string} url @param {boolean} [inline] */
export const importMap = (url, inline = true) =>
  inline
    ? {
        'main.js': program(inTitle) + failing,
        'index.html': page(
          `<script type="importmap">{ "imports": { "trainground": "${url}" } }</script><script type="module" src="./main.js"></script>`,
        ),
      }
    : {
        'main.js': program(inTitle).replace("'trainground'", `'${url}'`) + failing,
        'index.html': byModule('./main.js'),
      };

/** @param {string} own  the package's folder */
export const oneFile = (own) => ({
  'main.js': program(inTitle, 'configure({ assets: (path) => FILES[path] });', 'Trainer, configure') + failing,
  'make.js': `import { buildSync } from 'esbuild';
    import { readFileSync, writeFileSync } from 'node:fs';
    const inlined = (type, bytes) => 'data:' + type + ';base64,' + Buffer.from(bytes).toString('base64');
    const bundle = (entry, how) => buildSync({ entryPoints: [entry], bundle: true, write: false, ...how }).outputFiles[0].contents;
    const read = (path) => readFileSync('${own}/wasm/' + path);
    const FILES = {
      'engine_worker.js': inlined('text/javascript', bundle('${own}/wasm/engine_worker.js', { format: 'esm' })),
      'dist/single.mjs': inlined('text/javascript', read('dist/single.mjs')),
    };
    for (const path of ['dist/single.wasm', 'data/digits.json', 'data/digits.bin.gz']) FILES[path] = inlined('application/wasm', read(path));
    const script = bundle('main.js', { format: 'esm', define: { FILES: JSON.stringify(FILES) }, minify: true });
    const text = Buffer.from(script).toString().replaceAll('</script', '<\\\\/script');
    writeFileSync('index.html', '<!doctype html><title>-</title><script type="module">' + text + '</script>');`,
});

/** @param {boolean} isolated */
export const extension = (isolated) => ({
  'manifest.json': JSON.stringify({
    manifest_version: 3,
    name: 'Embedder',
    version: '1',
    background: { service_worker: 'background.js' },
    content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
    ...(isolated && {
      cross_origin_opener_policy: { value: 'same-origin' },
      cross_origin_embedder_policy: { value: 'require-corp' },
    }),
  }),
  'background.js': '',
  ...importMap('./wasm/index.js', false),
});

const printed = 'console.log(`${build} ${sha}`);';
const both = `${program(printed)}await main(1);\nawait main(2);\n`;
const tested = (/** @type {string} */ from) =>
  `${from}${program(printed)}test('trains', async () => { await main(1); await main(2); });\n`;
const node = (/** @type {string} */ name) => ({ program: both, file: 'program.js', words: [`${name}/bin/node`] });
export const runtimes = {
  'Node 20': node('node20'),
  'Node 22': node('node22'),
  'Node 24': node('node24'),
  'Node 26': node('node26'),
  'Node 22, required': {
    program: both
      .replace(/^import (.*) from ('.*');/, 'const $1 = require($2);')
      .replace('export async', 'async')
      .replace(/await main\(1\);\nawait main\(2\);/, 'main(1).then(() => main(2));'),
    file: 'program.cjs',
    words: ['node22/bin/node'],
  },
  Bun: { program: both, file: 'program.js', words: ['.bin/bun'] },
  Deno: { program: both, file: 'program.js', words: ['.bin/deno', 'run', '--allow-all'] },
  'node:test': {
    program: tested("import { test } from 'node:test';\n"),
    file: 'program.test.js',
    words: ['node22/bin/node', '--test'],
  },
  Vitest: {
    program: tested("import { test } from 'vitest';\n"),
    file: 'program.test.js',
    words: ['node22/bin/node', 'MODULES/vitest/vitest.mjs', 'run', '--testTimeout=60000'],
  },
  Jest: {
    program: tested(''),
    file: 'program.test.js',
    words: [
      'node22/bin/node',
      '--experimental-vm-modules',
      'MODULES/jest/bin/jest.js',
      '--testTimeout=60000',
      '--rootDir=.',
    ],
  },
};
