// The formatters, the linter and the types, as tests: `npm run lint`, `npm run types`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

for (const script of ['lint', 'types']) {
  test(`npm run ${script}`, () => {
    const run = spawnSync('npm', ['run', '--silent', script], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
    assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
  });
}
