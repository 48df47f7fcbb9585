// Emscripten's glue takes what it is handed. A newer one ignores what CMakeLists.txt does not list, and says nothing: the memory would be
// another than the one that is told, and without the limit that a phone needs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compile, glueOf, sharedMemory } from '../../wasm/build.js';
import { Pool } from '../../wasm/pool.js';
import { instantiate } from '../../wasm/start.js';

const kMegabyte = 2 ** 20;
const kPage = 65536;

/**
 * An engine for the time of a test, with what its glue was handed.
 * @param {import('node:test').TestContext} context
 * @param {'single' | 'threads' | 'float64'} build
 * @param {WebAssembly.Memory} [given]
 */
async function started(context, build, given) {
  const [glue, wasm] = ['mjs', 'wasm'].map((end) => new URL(`../../wasm/dist/${build}.${end}`, import.meta.url));
  const [create, module] = await Promise.all([glueOf(glue), compile(wasm)]);
  /** @type {string[]} */
  let handed = [];
  const factory = (/** @type {object} */ options) => {
    handed = Object.keys(options);
    return create(options);
  };
  const pool = given && new Pool(new URL('../../wasm/dist/threads.pool.mjs', import.meta.url));
  context.after(() => pool?.end());
  const shared = given && { pool, threads: 2, memory: given };
  const { raw, memory } = await instantiate({ factory, module, glue, wasm }, shared);
  return { handed, text: readFileSync(glue, 'utf8'), session: new raw.Session(), memory };
}

for (const build of /** @type {const} */ (['single', 'threads', 'float64'])) {
  test(`${build}: the glue reads all that it is handed, and the memory told is the one it computes in`, async (context) => {
    const { handed, text, session, memory } = await started(
      context,
      build,
      build === 'threads' ? sharedMemory() : undefined,
    );
    const reads = (/** @type {string} */ key) => new RegExp(`\\bModule(\\.${key}\\b|\\["${key}"\\])`).test(text);
    assert.ok(handed.length >= 5, handed.join());
    assert.deepEqual(
      handed.filter((key) => !reads(key)),
      [],
    );
    const before = memory.buffer.byteLength;
    const view = session.input(0, before + 8 * kMegabyte);
    assert.equal(view.buffer, memory.buffer);
    assert.ok(memory.buffer.byteLength > before + 8 * kMegabyte);
  });
}

test('the memory that a phone allows is not exceeded', async (context) => {
  const pages = (64 * kMegabyte) / kPage;
  const { session, memory } = await started(
    context,
    'threads',
    new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }),
  );
  assert.equal(session.input(0, 16 * kMegabyte).buffer, memory.buffer);
  assert.throws(() => session.input(1, 64 * kMegabyte));
  assert.equal(memory.buffer.byteLength, 64 * kMegabyte);
  assert.equal(session.input(1, 16 * kMegabyte).buffer, memory.buffer);
});
