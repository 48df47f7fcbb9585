// The README's example gives what the README says, to the last bit: the signature of the engine. A change of the core that changes it
// changes the README in the same commit, and says why.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { trainground } from './command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');
const [, file] = /^node wasm\/cli\.js run (\S+)$/m.exec(readme);
const [promised] = /^best epoch .*\nweights [0-9a-f]{64}$/m.exec(readme);

for (const threads of [1, 2, 4]) {
  test(`the README's example on ${threads} thread${threads === 1 ? '' : 's'}`, async () => {
    const { code, out, err } = await trainground(['run', file, '--threads', String(threads)], { cwd: root });
    assert.equal(code, 0, err);
    assert.equal(out.trimEnd().split('\n').slice(-2).join('\n'), promised);
  });
}
