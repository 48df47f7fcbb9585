// The native tests, one subtest per suite of GoogleTest, so that all of `npm test` ends in one summary.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

test('every test of tests/core is in CMakeLists.txt', () => {
  const list = readFileSync(`${root}CMakeLists.txt`, 'utf8');
  const written = readdirSync(`${root}tests/core`).filter((name) => name.endsWith('_test.cpp'));
  assert.deepEqual(
    written.filter((name) => !list.includes(`tests/core/${name}`)),
    [],
  );
});

for (const program of ['core_tests', 'core_tests64', 'allocation_test']) {
  const path = `${root}build/native/${program}`;
  const list = execFileSync(path, ['--gtest_list_tests'], { encoding: 'utf8' });
  // Suites stand at the margin and end in a dot, a note may follow; their tests are indented.
  for (const [, suite] of list.matchAll(/^(\S+)\./gm)) {
    test(`${program}: ${suite}`, () => {
      const options = { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 };
      const run = spawnSync(path, [`--gtest_filter=${suite}.*`], options);
      assert.equal(run.status, 0, `${run.signal ?? ''}\n${run.stdout}\n${run.stderr}\n${run.error ?? ''}`);
    });
  }
}
