// The manual's types against the compiler: types.test-d.ts must compile, and each of its @ts-expect-error lines must need it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('types.test-d.ts compiles', () => {
  const options =
    '--noEmit --strict --module nodenext --moduleResolution nodenext --target es2022 --lib es2024,dom,dom.iterable --types node';
  const file = fileURLToPath(new URL('types.test-d.ts', import.meta.url));
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { stdout, status } = spawnSync('npx', ['tsc', ...options.split(' '), file], { cwd: root, encoding: 'utf8' });
  assert.equal(stdout, '');
  assert.equal(status, 0);
});
