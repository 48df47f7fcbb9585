// The engine as a current Emscripten builds it, with Debian testing's xtensor and Eigen: the same bits as README says, in Node and in Chromium,
// and no slower kernels. The build is the project's own, of a copy of these sources. And the core as g++ and clang of there compile it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { launch } from '../web/browser_path.js';
import { serveFolder } from '../web/server.js';

const kBuild = 3_600_000; // milliseconds that a build may take; the first builds Emscripten's own libraries too
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(tmpdir(), 'trainground-debian-testing');
const source = join(folder, 'root/source');
/** What is fetched, so not among the sources. */
const fetched = ['wasm/data/efficientnet-lite0.safetensors', 'build/crates/turbojpeg-sys'];
const script = fileURLToPath(new URL('emscripten/testing.sh', import.meta.url));
/** What pins bits and memory in Node. */
const pinned = ['readme', 'glue', 'threads', 'memory', 'inspection', 'checks', 'backbone'];

const { NODE_TEST_CONTEXT: _, ...env } = process.env; // a test of node:test in a test of node:test would not print
/** @param {string} file @param {string[]} words @param {object} [how] @returns {Promise<{ status: number | string, text: string }>} */
const run = (file, words, how) =>
  new Promise((resolve) => {
    execFile(file, words, { maxBuffer: 2 ** 26, env, ...how }, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? (error ? String(error) : 0), text: stdout + stderr }),
    );
  });
/** Runs a command inside. @param {string} command */
const inside = (command) => run('sh', [script, 'run', folder, command], { timeout: kBuild });

/** Why none of this can be; undefined: it can. @returns {Promise<string | undefined>} */
async function obstacle() {
  if (process.getuid?.() !== 0) return 'only root can run programs in a root folder of their own';
  for (const name of ['apt-get', 'dpkg-deb', 'chroot'])
    if ((await run('which', [name])).status !== 0) return `there is no ${name}`;
  if ((await run('unshare', ['--mount', 'true'])).status !== 0) return 'this machine lets nobody mount';
  const { status, text } = await run('sh', [script, 'make', folder]);
  if (status === 69) return `Debian cannot be reached: ${/^E: .*/m.exec(text)?.[0]}`;
  assert.equal(status, 0, text);
  return undefined;
}
const skip = (await obstacle()) ?? false;

before(async () => {
  if (skip) return;
  rmSync(source, { recursive: true, force: true });
  const listed = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const path of [...listed.text.split('\0').filter(Boolean), ...fetched]) {
    if (!existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(source, path)), { recursive: true });
    cpSync(join(root, path), join(source, path), { recursive: true });
  }
});

test('the build', { skip }, async (context) => {
  const built = await inside('sh .ci/build wasm wasm-tests');
  assert.equal(built.status, 0, built.text);
  const log = built.text + readFileSync(join(source, 'build/wasm.log'), 'utf8');
  assert.deepEqual(log.match(/^.*\bwarning\b.*$/gim) ?? [], []);
  const { text } = await inside(
    'em++ --version 2>/dev/null | head -n 1; cat build/wasm/include/xtensor/core/xtensor_config.hpp',
  );
  const [version] = /\d+\.\d+\.\d+/.exec(text);
  const xtensor = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`VERSION_${part} (\\d+)`).exec(text)[1]);
  context.diagnostic(`Emscripten ${version}, xtensor ${xtensor.join('.')}`);
  context.diagnostic('bytes, and in brotli: ours; theirs');
  for (const name of readdirSync(join(root, 'wasm/dist')).sort()) {
    const sizes = [root, source].map((place) => {
      const bytes = readFileSync(join(place, 'wasm/dist', name));
      return `${bytes.length} ${brotliCompressSync(bytes).length}`;
    });
    context.diagnostic(`${name}: ${sizes.join('; ')}`);
  }
  rmSync(join(source, 'node_modules'), { recursive: true, force: true }); // the one file of it that the build took
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
});

for (const name of pinned) {
  test(`tests/wasm/${name}.test.js of that build`, { skip }, async (context) => {
    const { status, text } = await run(
      process.execPath,
      ['--test', '--test-reporter=tap', `tests/wasm/${name}.test.js`],
      { cwd: source },
    );
    assert.equal(status, 0, text);
    context.diagnostic(/^# (pass \d+)/m.exec(text)[1]);
  });
}

test("README's example in Chromium, isolated", { skip }, async (context) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, promised] = /^weights ([0-9a-f]{64})$/m.exec(readme);
  const experiment = JSON.parse(readFileSync(join(root, 'web/experiments/digits.json'), 'utf8'));
  const server = await serveFolder(source);
  const browser = await launch('chromium');
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    for (const threads of [1, 2, 4]) {
      const [build, sha] = await page.evaluate(
        async (experiment, threads) => {
          const { Trainer } = await import('/wasm/index.js');
          const trainer = await Trainer.open(experiment, { threads });
          let last;
          for await (const event of trainer.train()) last = event;
          await trainer.dispose();
          return [`${trainer.start.build} ${trainer.start.threads}`, last.weightsSha256];
        },
        experiment,
        threads,
      );
      context.diagnostic(`${build}: ${sha}`);
      assert.deepEqual([build, sha], [threads === 1 ? 'single 1' : `threads ${threads}`, promised]);
    }
  } finally {
    await browser.close();
    server.close();
  }
});

for (const compiler of ['g++', 'clang++']) {
  test(`the core, as ${compiler} of there compiles it: no warnings, its tests pass`, { skip }, async (context) => {
    const built = await inside(`rm -rf build/native; CXX=${compiler} CXXFLAGS=-Werror sh .ci/build native`);
    assert.equal(built.status, 0, built.text);
    const tested = await inside(
      'for one in core_tests core_tests64 allocation_test; do build/native/$one --gtest_brief; done',
    );
    assert.equal(tested.status, 0, tested.text);
    const [version] = (await inside(`${compiler} --version`)).text.split('\n');
    context.diagnostic(`${version}: ${tested.text.match(/\d+ tests/g)}`);
  });
}

test(
  'every layer has the same bits in wasm as natively, and the matrix product its speed',
  { skip },
  async (context) => {
    const { status, text } = await inside('node --test --test-reporter=tap tests/wasm/kernels.test.js');
    for (const [, line] of text.matchAll(/^# (.*GFLOP.*)$/gm)) context.diagnostic(line);
    assert.equal(status, 0, text);
  },
);
