// The manual's types against the compiler: types.test-d.ts must compile, each of its @ts-expect-error lines must need it, and so must every
// example of the manual, of README and of the embedder's guide.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const options =
  '--noEmit --strict --resolveJsonModule --module nodenext --moduleResolution nodenext --target es2022 --lib es2024,dom,dom.iterable --types node';

/** What the compiler says of files. @param {string[]} files */
function complaints(files) {
  const { stdout, status } = spawnSync('npx', ['tsc', ...options.split(' '), ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  return { stdout, status };
}

test('types.test-d.ts compiles', () => {
  assert.deepEqual(complaints(['tests/wasm/types.test-d.ts']), { stdout: '', status: 0 });
});

test('every example that imports the package compiles', (context) => {
  const manuals = readdirSync(`${root}wasm`).filter((name) => /\.(d\.ts|md)$/.test(name));
  const examples = ['README.md', ...manuals.map((name) => `wasm/${name}`)].flatMap((path) => {
    const text = readFileSync(root + path, 'utf8').replace(/^ ?\* ?/gm, '');
    return [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```/gm)].map(([, code]) => code);
  });
  const folder = `${root}build/examples/`; // inside the package, which can import itself by its name
  mkdirSync(folder, { recursive: true });
  try {
    const files = examples
      .filter((code) => /from 'trainground'/.test(code))
      .map((code, i) => {
        writeFileSync(`${folder}${i}.mts`, code);
        return `build/examples/${i}.mts`;
      });
    assert.ok(files.length >= 2, 'README and index.d.ts have one each');
    context.diagnostic(`${files.length} examples`);
    assert.deepEqual(complaints(files), { stdout: '', status: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
