// The kernels in wasm: the same bits as natively for every layer, and the speed of 128-bit vectors.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = (tree, name) => fileURLToPath(new URL(`../../build/${tree}/${name}`, import.meta.url));

// Emscripten 3's loader of programs trips over Node's fetch, and newer Nodes have no option without it.
const kWithoutFetch = 'delete globalThis.fetch; require(process.argv[1])';
const inNode = (name) => [process.execPath, ['--eval', kWithoutFetch, program('wasm', `${name}.cjs`)]];

test('every layer leaves the same bits in wasm as natively', (t) => {
  const native = program('native', 'layer_bits');
  if (!existsSync(native)) return t.skip('there is no native build');
  const expected = execFileSync(native, { encoding: 'utf8' }).trim().split('\n');
  assert.ok(expected.length > 50);
  assert.deepEqual(
    execFileSync(...inNode('layer_bits'), { encoding: 'utf8' })
      .trim()
      .split('\n'),
    expected,
  );
});

test('the compiler has not lost the speed of the matrix product', (t) => {
  const run = spawnSync(...inNode('matmul_guard'), { encoding: 'utf8' });
  for (const line of run.stdout.trim().split('\n')) t.diagnostic(line);
  assert.equal(run.status, 0, run.stdout + run.stderr);
});
