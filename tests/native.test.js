// The native tests, one subtest per program of GoogleTest, so that all of `npm test` ends in one summary. CMake's list is the list.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../build/native', import.meta.url));
const sources = fileURLToPath(new URL('core', import.meta.url));
const { tests } = JSON.parse(
  execFileSync('ctest', ['--test-dir', build, '--show-only=json-v1'], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
);

test('every test of tests/core is in CMakeLists.txt', () => {
  const written = readdirSync(sources).filter((name) => name.endsWith('_test.cpp'));
  const built = new Set(tests.map(({ name }) => name));
  assert.deepEqual(
    written.filter((name) => !built.has(basename(name, '.cpp'))),
    [],
  );
});

for (const { name, command, properties } of tests) {
  test(name, () => {
    const cwd = properties.find((property) => property.name === 'WORKING_DIRECTORY')?.value ?? build;
    const [program, ...options] = command;
    const run = spawnSync(program, options, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
    assert.equal(run.status, 0, `${run.signal ?? ''}\n${run.stdout}\n${run.stderr}\n${run.error ?? ''}`);
  });
}
