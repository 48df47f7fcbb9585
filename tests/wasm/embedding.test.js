// The package where people put it: on another origin, in a sandboxed frame, in workers of several kinds, bundled; and threads that do not
// start, for whatever reason, are no obstacle.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Trainer, configure } from 'trainground';
import { build } from 'vite';
import { webkitLater, fresh } from '../web/browser.js';
import { isolation, types } from '../web/server.js';
import { temporaryFolder } from './command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const experiment = { dataset: 'iris', layers: [{ type: 'dense', units: 3 }], epochs: 2 };
const shared = { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' };

/** What is served instead of a file, by its path: text, a status, or null for no answer at all; the files are below /elsewhere too. @type {Map<string, string | number | null>} */
const instead = new Map();
/** @type {import('node:http').Server[]} */
const servers = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** The repository's folder on an origin of its own. @param {Record<string, string>} headers @returns {Promise<string>} */
async function origin(headers) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname);
    const other = instead.get(path);
    const file = join(root, path.replace(/^\/elsewhere/, ''));
    const isThere = other !== undefined || (existsSync(file) && statSync(file).isFile());
    if (other === null) return undefined;
    if (!isThere || typeof other === 'number') return response.writeHead(other ?? 404, headers).end();
    const type = types[extname(path)] ?? 'application/octet-stream';
    return response.writeHead(200, { 'Content-Type': type, ...headers }).end(other ?? readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  servers.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}

const html = (/** @type {string} */ body) => `<!doctype html><meta charset="utf-8"><title>Embedder</title>${body}`;
/** A module's text that trains, and tells. */
const trains = (/** @type {string} */ base, /** @type {string} */ tell) => `
  const { Trainer } = await import('${base}/wasm/index.js');
  try {
    const trainer = await Trainer.open(${JSON.stringify(experiment)}, { threads: 2 });
    const { build, reason } = trainer.start;
    let end;
    for await (const event of trainer.train()) end = event;
    await trainer.dispose();
    ${tell}({ build, reason, sha: end.weightsSha256 });
  } catch (error) { ${tell}({ error: String(error) }); }`;
/** What Node makes of the same. @type {string} */
let expected;
/** Own origin, isolated; another one; one without isolation. @type {string[]} */
let [home, cdn, plain] = [];
before(async () => {
  const trainer = await Trainer.open(experiment, { threads: 1 });
  for await (const event of trainer.train()) if (event.event === 'end') expected = event.weightsSha256;
  await trainer.dispose();
  [home, cdn, plain] = [
    await origin({ ...isolation }),
    await origin({ ...shared, ...isolation }),
    await origin(shared),
  ];
});

/**
 * What a page tells.
 * @param {string} name  of the browser
 * @param {string} url
 * @param {string} body
 */
async function told(name, url, body) {
  instead.set('/page.html', body);
  const browser = await fresh(name);
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${url}/page.html`);
    await page.waitForFunction(() => 'told' in window, { timeout: 30_000 });
    assert.deepEqual(errors, []);
    return await page.evaluate(() => window.told);
  } finally {
    await browser.close();
    instead.clear();
  }
}

const asked = '2 threads were asked for';
const script = (/** @type {string} */ text) => html(`<script type="module">${text}</script>`);
const tell = '((told) => (globalThis.told = told))';
const page = (/** @type {string} */ base) => script(trains(base, tell));
const message = "addEventListener('message', ({ data }) => (window.told = data));";

for (const { name, skip } of webkitLater) {
  test(`${name}: the package on another origin, with threads and without`, { skip }, async () => {
    assert.deepEqual(await told(name, home, page(cdn)), { build: 'threads', reason: asked, sha: expected });
    const { build: chosen, sha } = await told(name, plain, page(cdn));
    assert.deepEqual([chosen, sha], ['single', expected]);
  });

  test(`${name}: in a sandboxed frame, which has no origin`, { skip }, async () => {
    instead.set('/frame.html', script(trains(cdn, "((told) => parent.postMessage(told, '*'))")));
    const body = `<script>${message}</script><iframe sandbox="allow-scripts" src="/frame.html"></iframe>`;
    const answer = await told(name, plain, html(body));
    assert.equal(answer.sha, expected, JSON.stringify(answer));
  });

  test(`${name}: in a worker made of a Blob, whose address is no place to start from`, { skip }, async () => {
    const worker = JSON.stringify(trains(home, 'postMessage'));
    const body = `const url = URL.createObjectURL(new Blob([${worker}], { type: 'text/javascript' }));
      new Worker(url, { type: 'module' }).onmessage = ({ data }) => (window.told = data);`;
    assert.deepEqual(await told(name, home, script(body)), { build: 'threads', reason: asked, sha: expected });
  });

  test(`${name}: in a SharedWorker, which may have no workers of its own`, { skip }, async () => {
    instead.set('/shared.js', `onconnect = async ({ ports: [port] }) => { ${trains(plain, 'port.postMessage')} };`);
    const body = `const { port } = new SharedWorker('/shared.js', { type: 'module' });
      port.onmessage = ({ data }) => (window.told = data);`;
    const answer = await told(name, plain, script(body));
    assert.deepEqual([answer.build, answer.sha], ['single', expected], answer.error);
  });

  test(`${name}: a window of the name that the workers have`, { skip }, async () => {
    const body = `window.name = 'trainground'; ${trains(home, '((told) => (window.result = told))')}
      const { InputError } = await import('${home}/wasm/index.js');
      let heard = 0;
      addEventListener('message', () => heard++);
      window.postMessage({ id: 1, name: 'options' });
      await new Promise((done) => setTimeout(done, 100));
      window.told = { ...window.result, heard };`;
    const { heard, sha } = await told(name, home, script(body));
    assert.deepEqual([heard, sha], [1, expected]);
  });

  test(`${name}: files that lie elsewhere, by a folder and by a function`, { skip }, async () => {
    for (const assets of [`'${cdn}/elsewhere/wasm'`, `(path) => '${home}/elsewhere/wasm/' + path`]) {
      for (const path of ['engine_worker.js', 'data/iris.json', 'dist/threads.pool.mjs'])
        instead.set(`/wasm/${path}`, 404);
      const body = `import { configure } from '${home}/wasm/index.js'; configure({ assets: ${assets} });`;
      const answer = await told(name, home, script(body + trains(home, tell)));
      assert.deepEqual(answer, { build: 'threads', reason: asked, sha: expected });
    }
  });

  test(`${name}: a pool of threads that does not start`, { skip }, async () => {
    for (const [what, served, reason] of [
      ['/wasm/dist/threads.pool.mjs', 404, /threads\.pool\.mjs.* did not load/],
      ['/wasm/dist/threads.pool.mjs', 'import nothing from;', /did not start: ./],
      ['/wasm/dist/threads.pool.mjs', 'throw new Error("no pool here");', /no pool here/],
      ['/wasm/dist/threads.pool.mjs', '', /did not answer in 3 seconds/],
      ['/wasm/dist/threads.pool.mjs', null, /did not answer in 3 seconds/],
      ['/wasm/dist/threads.wasm', 404, /threads\.wasm answers 404/],
      ['/wasm/dist/threads.mjs', 'import nothing from;', /threads\.mjs does not load/],
    ]) {
      instead.set(what, served);
      const answer = await told(name, home, page(home));
      assert.equal(answer.build, 'single', `${what} ${served}`);
      assert.equal(answer.sha, expected);
      assert.match(answer.reason, reason);
      assert.match(answer.reason, /^the build with threads did not start: /);
    }
  });
}

test('a folder that is no place, and what is neither a URL nor a function, are refused', () => {
  assert.throws(() => configure({ assets: 'wasm' }), {
    message: 'Expected assets to be a URL (a file: URL in Node), got "wasm/"',
  });
  assert.throws(() => configure({ assets: 7 }), {
    message: 'Expected assets to be a URL, or a function from a path to a URL, got 7',
  });
});

test('bundled for Node the package is refused, and says what to do, instead of running the program again', async () => {
  const folder = temporaryFolder();
  const entry = join(folder, 'program.js');
  const door = pathToFileURL(join(root, 'wasm/index.js')).pathname;
  writeFileSync(
    entry,
    `import { Trainer } from '${door}';
    console.log('begins');
    const trainer = await Trainer.open(${JSON.stringify(experiment)}).catch((error) => console.log(error.message));
    await trainer?.dispose();`,
  );
  await build({
    root: folder,
    logLevel: 'error',
    configFile: false,
    build: { ssr: entry, outDir: join(folder, 'out'), emptyOutDir: false },
    ssr: { noExternal: true },
  });
  const { stdout } = spawnSync(process.execPath, [join(folder, 'out/program.mjs')], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.match(stdout, /^begins\n\S*engine_worker\.js is not there: .*Mark it external/);
});

test("in a page of Electron, which has Node's process, the package is in a browser", () => {
  const program = `process.type = 'renderer'; const { inNode } = await import('${pathToFileURL(join(root, 'wasm/files.js'))}'); console.log(inNode);`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  assert.equal(stdout, 'false\n');
});
