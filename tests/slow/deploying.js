// The built page behind real servers, in a subfolder, with the headers of isolation and without: it trains to the same bits behind each. And a
// new release under an open tab: its run goes on to its end, and the next visit has the new page. What web/DEPLOYING.md says of servers is
// read from there and tried here. Debian's nginx-light, caddy and python3; what is absent is skipped.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fresh } from '../web/browser.js';
import { root } from '../web/server.js';
import { words } from '../web/words.js';

const guide = readFileSync(new URL('../../web/DEPLOYING.md', import.meta.url), 'utf8');
/** The block of the guide behind a line that names it. @param {string} name */
const blockOf = (name) => /```\w*\n([^]*?)```/.exec(guide.slice(guide.indexOf(`\n### ${name}`)))[1];

const site = mkdtempSync(join(tmpdir(), 'deploying-'));
const place = join(site, 'school', 'networks');
before(() => cpSync(root, place, { recursive: true }));
after(() => rmSync(site, { recursive: true, force: true }));

async function freePort() {
  const socket = createServer().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (socket.address());
  socket.close();
  return port;
}

/** How each is started: the command, and what its configuration is; `isolated`: whether it sends the headers. */
const servers = {
  'python3 -m http.server': {
    isolated: false,
    command: (port) => ['python3', '-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', site],
  },
  nginx: {
    isolated: true,
    command(port) {
      const file = join(site, 'nginx.conf');
      const own = `server { listen 127.0.0.1:${port}; root ${site}; ${blockOf('nginx')} }`;
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${site};`);
      const http = `http { include /etc/nginx/mime.types; access_log off; ${paths.join(' ')} ${own} }`;
      writeFileSync(file, `daemon off; pid ${site}/nginx.pid; error_log stderr; user root; events {} ${http}`);
      return ['nginx', '-p', site, '-c', file];
    },
  },
  caddy: {
    isolated: true,
    command(port) {
      const file = join(site, 'Caddyfile');
      const own = `http://127.0.0.1:${port} {\n root * ${site}\n${blockOf('Caddy')}}`;
      writeFileSync(file, `{\n admin off\n auto_https off\n}\n${own}\n`);
      return ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'];
    },
  },
};

const isThere = (/** @type {string} */ program) => spawnSync('which', [program]).status === 0;

/** @param {(port: number) => string[]} command @param {(url: string) => Promise<void>} use */
async function serving(command, use) {
  const port = await freePort();
  const [program, ...words] = command(port);
  const server = spawn(program, words, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/school/networks/`;
  try {
    for (let tries = 0; !(await fetch(url).catch(() => null))?.ok; tries++) {
      assert.ok(server.exitCode === null && tries < 300, `${program} does not serve the page`);
      await new Promise((done) => setTimeout(done, 100));
    }
    await use(url);
  } finally {
    server.kill();
    if (server.exitCode === null) await once(server, 'exit');
  }
}

/** The page in a tab of a browser that has stored nothing yet. @param {string} url */
async function opened(url) {
  const browser = await fresh('chromium');
  const tab = await browser.newPage();
  await tab.goto(url);
  const page = words(tab);
  await page.ready();
  return { browser, tab, page };
}

/** Trains to the end. @param {ReturnType<typeof words>} page @returns {Promise<string>} the hash of the weights */
async function trained(page) {
  await page.click('train');
  await page.ended();
  return page.value('run-hash');
}

const hashes = new Map();

for (const [name, { isolated, command }] of Object.entries(servers)) {
  const skip = isThere(name.split(' ')[0]) ? false : `${name} is not installed`;
  test(
    `behind ${name} the page trains, with threads ${isolated ? 'at once' : 'after a reload'}`,
    { skip },
    async () => {
      await serving(command, async (url) => {
        const { browser, tab, page } = await opened(url);
        assert.equal(await tab.evaluate(() => crossOriginIsolated), isolated);
        hashes.set(name, await trained(page));
        if (!isolated) {
          await page.there('use-threads');
          await Promise.all([tab.waitForNavigation(), page.click('use-threads')]);
          await page.ready();
          assert.equal(await trained(page), hashes.get(name));
        }
        assert.ok((await page.number('threads')) > 1);
        assert.equal(new Set(hashes.values()).size, 1);
        await browser.close();
      });
    },
  );
}

/** Puts another release in the place of the page: another version of the same, with a word in it. */
function release() {
  for (const [file, change] of Object.entries({
    'index.html': (text) => text.replace('<head>', '<head><meta name="release" content="next">'),
    'files.json': (text) => text.replace(/"version":"\w+"/, '"version":"0123456789abcdef"'),
    'isolation.js': (text) => text.replace(/const version = '\w+'/, "const version = '0123456789abcdef'"),
  })) {
    const path = join(place, file);
    const text = change(readFileSync(path, 'utf8'));
    assert.notEqual(text, readFileSync(path, 'utf8'), file);
    writeFileSync(path, text);
  }
}

test('a new release reaches an open tab without losing its run, and the next visit has it', async () => {
  const { command } = servers['python3 -m http.server'];
  mkdirSync(place, { recursive: true });
  await serving(command, async (url) => {
    const { browser, tab, page } = await opened(url);
    await page.until(() => document.documentElement.dataset.offline === 'ready');
    await page.trainUntil(2);
    await page.paused();
    release();
    const isWaiting = await tab.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const found = new Promise((done) =>
        registration.addEventListener('updatefound', () => done(registration.installing)),
      );
      await registration.update();
      const next = /** @type {ServiceWorker} */ (await found);
      while (next.state === 'installing')
        await new Promise((done) => next.addEventListener('statechange', done, { once: true }));
      return next.state;
    });
    assert.equal(isWaiting, 'installed', 'the old release serves its own tab');
    await page.click('train');
    await page.ended();
    const [known] = hashes.values();
    assert.equal(await page.value('run-hash'), known);
    await tab.close();

    const later = await browser.newPage();
    const marked = () => document.querySelector('meta[name=release]')?.getAttribute('content');
    await later.goto(url);
    for (let tries = 0; tries < 50 && !(await later.evaluate(marked)); tries++) await later.reload();
    assert.equal(await later.evaluate(marked), 'next');
    await words(later).ready();
    assert.equal(await trained(words(later)), known);
    await browser.close();
  });
});

test('the guide speaks of servers that are here', () => {
  assert.match(execFileSync('python3', ['--version'], { encoding: 'utf8' }), /^Python 3/);
  for (const name of ['nginx', 'Caddy']) assert.match(blockOf(name), /Cross-Origin-Embedder-Policy/);
});
