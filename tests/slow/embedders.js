// The package in the hands of the tools that people use, each version pinned (embedders/package.json): every bundler builds a page that then
// trains in Chromium, on a plain server and cross-origin isolated, every runtime trains too, and all end with the same weights. What has to be
// written for each is in wasm/EMBEDDING.md. MATRIX=pattern chooses.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { photoFolder } from '../wasm/photos.js';
import { houses, tableText } from '../wasm/row_networks.js';
import { launch } from '../web/browser_path.js';
import { isolation, types } from '../web/server.js';
import * as projects from './embedders/projects.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = join(root, 'build/embedders');
const modules = join(home, 'node_modules');
const own = join(modules, 'trainground');
const shared = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };
const chosen = new RegExp(process.env.MATRIX ?? '.');
const options = (/** @type {string} */ name) => ({ skip: !chosen.test(name), timeout: 240_000 });

const { NODE_TEST_CONTEXT: _, ...env } = process.env; // a test of node:test in a test of node:test would not print
const quiet = { ...env, NEXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1' };
const inModules = (/** @type {string} */ word) => word.replace('MODULES', modules);
/** @param {string} file @param {string[]} words @param {object} [how] */
const run = (file, words, how = {}) =>
  execFileSync(file, words, {
    cwd: home,
    env: quiet,
    encoding: 'utf8',
    timeout: 200_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...how,
  });

/** @type {import('puppeteer-core').Browser} */
let browser;
/** @type {string} */
let expected;
/** @type {Array<() => void>} */
const ends = [];
before(async () => {
  mkdirSync(home, { recursive: true });
  const wanted = readFileSync(join(root, 'tests/slow/embedders/package.json'), 'utf8');
  const manifest = join(home, 'package.json');
  if (!existsSync(manifest) || readFileSync(manifest, 'utf8') !== wanted || !existsSync(modules)) {
    writeFileSync(manifest, wanted);
    run('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', '--no-package-lock', '--silent'], {
      timeout: 900_000,
    });
  }
  const packed = run('npm', ['pack', '--silent', '--pack-destination', home], { cwd: root }).trim();
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  run('tar', ['xzf', join(home, packed), '--strip-components=1', '-C', own]);
  expected = await weightsOf(projects.experiment);
  browser = await launch('chromium');
});
after(async () => {
  for (const end of ends) end();
  await browser?.close();
});

/** What Node ends with. @param {any} experiment @param {string} [base]  the folder of its files */
async function weightsOf(experiment, base) {
  let sha = '';
  const trainer = await Trainer.open(experiment, { threads: 1, base });
  for await (const event of trainer.train()) if (event.event === 'end') sha = event.weightsSha256;
  await trainer.dispose();
  return sha;
}

/** A folder of its own with these files. @param {string} name @param {Record<string, string>} files */
function project(name, files) {
  const folder = join(home, name.replace(/\W+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Runs a tool that is installed, a script by this Node. @param {string[]} words @param {string} folder */
function tool([name, ...words], folder) {
  const file = name.startsWith('./') ? join(folder, name) : join(modules, name);
  return name.endsWith('.js')
    ? run(process.execPath, [file, ...words.map(inModules)], { cwd: folder })
    : run(file, words.map(inModules), { cwd: folder });
}

/** A plain static server. @param {string} folder @param {Record<string, string>} headers @returns {Promise<string>} */
async function serve(folder, headers) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    const file = join(folder, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream', ...headers });
    return response.end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  ends.push(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

/** What a page's title says once it has trained. @param {string} url */
async function titleOf(url) {
  const tab = await browser.newPage();
  try {
    await tab.goto(url, { timeout: 120_000 });
    await tab.waitForFunction(() => /^(single|threads|failed) /.test(document.title), { timeout: 120_000 });
    return await tab.title();
  } finally {
    await tab.close();
  }
}

/**
 * Both ways of serving a built folder.
 * @param {string} folder
 * @param {Record<string, string>} [headers]
 * @param {string[]} [hashes]  of the networks that the page trains, one after the other
 */
async function trains(folder, headers = {}, hashes = [expected]) {
  const title = (/** @type {string} */ build) => hashes.map((sha) => `${build} ${sha}`).join(' ');
  assert.equal(await titleOf(await serve(folder, headers)), title('single'));
  assert.equal(await titleOf(await serve(folder, { ...headers, ...isolation })), title('threads'));
}

/** A server that says where it is, until the end of the file. @param {string} file @param {string[]} words @param {string} folder */
function started(file, words, folder) {
  const child = spawn(file, words, {
    cwd: folder,
    detached: true,
    env: quiet,
  });
  ends.push(() => process.kill(-Number(child.pid)));
  return /** @type {Promise<string>} */ (
    new Promise((resolve, reject) => {
      let said = '';
      const hear = (/** @type {Buffer} */ data) => {
        said += String(data).replace(/\x1b\[[0-9;]*m/g, '');
        const [, url] = /(http:\/\/(?:localhost|127\.0\.0\.1):\d+)/.exec(said) ?? [];
        if (url) resolve(url.replace('localhost', '127.0.0.1'));
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', () => reject(new Error(said)));
    })
  );
}

for (const [name, { files, build, out = 'dist', headers, copies }] of Object.entries(projects.bundled)) {
  test(name, options(name), async () => {
    const folder = project(name, files);
    tool(build, folder);
    if (copies) cpSync(join(own, 'wasm'), join(folder, out, copies), { recursive: true });
    await trains(join(folder, out), headers);
  });
}

test('own photos and a table, Vite 8', options('own photos'), async () => {
  const folder = project('own', projects.ownFiles);
  cpSync(photoFolder, join(folder, 'photos'), { recursive: true });
  writeFileSync(join(folder, 'rows.csv'), tableText(houses));
  tool(projects.bundled['Vite 8, build'].build, folder);
  await trains(join(folder, 'dist'), {}, [
    await weightsOf(projects.own.photos, folder),
    await weightsOf(projects.own.rows, folder),
  ]);
});

for (const [name, { files, words }] of Object.entries(projects.developed)) {
  test(name, options(name), async () => {
    for (const isolated of [false, true]) {
      const folder = project(`${name} ${isolated}`, files(isolated));
      const url = await started(
        join(modules, 'node22/bin/node'),
        [...words.map(inModules), '--host', '127.0.0.1', '--port', isolated ? '5311' : '5310'],
        folder,
      );
      assert.equal(await titleOf(url), `${isolated ? 'threads' : 'single'} ${expected}`);
    }
  });
}

for (const [name, { build, serve, port }] of Object.entries(projects.next)) {
  test(name, options(name), async () => {
    const folder = project(name, projects.nextFiles);
    const next = join(modules, 'next/dist/bin/next');
    if (build) run(process.execPath, [next, ...build], { cwd: folder });
    const url = await started(process.execPath, [next, serve, '-H', '127.0.0.1', '-p', port], folder);
    assert.equal(await titleOf(`${url}/plain`), `single ${expected}`);
    assert.equal(await titleOf(`${url}/isolated`), `threads ${expected}`);
    assert.equal(await (await fetch(`${url}/route`)).text(), expected);
  });
}

test('no bundler: an import map, and the package on another origin', options('no bundler'), async () => {
  project('map', projects.importMap('./wasm/index.js'));
  await trains(linked('map'));
  const cdn = await serve(own, { ...shared, ...isolation });
  await trains(project('cdn', projects.importMap(`${cdn}/wasm/index.js`)));
});

test('one file, opened from a disk', options('one file'), async () => {
  const folder = project('one', projects.oneFile(own));
  tool(['./make.js'], folder);
  assert.equal(await titleOf(`file://${folder}/index.html`), `single ${expected}`);
});

test('a strict policy', options('a strict policy'), async () => {
  project('policy', projects.importMap('./wasm/index.js', false));
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";
  await trains(linked('policy'), { 'Content-Security-Policy': policy });
});

/** The package beside a project's page. @param {string} name */
function linked(name) {
  cpSync(join(own, 'wasm'), join(home, name, 'wasm'), { recursive: true });
  return join(home, name);
}

test('an extension of Chromium (MV3)', options('an extension'), async () => {
  for (const isolated of [false, true]) {
    const folder = project(`extension ${isolated}`, projects.extension(isolated));
    cpSync(join(own, 'wasm'), join(folder, 'wasm'), { recursive: true });
    const one = await launch('chromium', { enableExtensions: [folder], pipe: true });
    try {
      const target = await one.waitForTarget((each) => each.url().startsWith('chrome-extension://'), {
        timeout: 30_000,
      });
      const tab = await one.newPage();
      await tab.goto(target.url().replace('background.js', 'index.html'));
      await tab.waitForFunction(() => /^(single|threads|failed) /.test(document.title), { timeout: 60_000 });
      assert.equal(await tab.title(), `${isolated ? 'threads' : 'single'} ${expected}`);
    } finally {
      await one.close();
    }
  }
});

for (const [name, { program, file, words }] of Object.entries(projects.runtimes)) {
  test(name, options(name), () => {
    const folder = project(name, { [file]: program });
    const said = tool([...words, file], folder);
    for (const build of ['single', 'threads']) assert.ok(said.includes(`${build} ${expected}`), said);
  });
}

for (const name of ['typescript5', 'typescript7']) {
  test(name, options(name), () => {
    const folder = project(name, {});
    cpSync(join(root, 'tests/slow/embedders/typed'), folder, { recursive: true });
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const words = `--noEmit --strict --resolveJsonModule --module ${module} --moduleResolution ${resolution} --target es2022 --lib es2023,dom`;
      run(process.execPath, [join(modules, name, 'bin/tsc'), ...words.split(' '), 'program.ts'], { cwd: folder });
    }
  });
}
