// The built-in backbones are what their recipes give, to the last bit: each is trained anew with the command line. A change of the core
// that changes bits runs `node wasm/data/backbone.js` in the same commit. `npm run test:slow`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backbones, committed, make } from '../../wasm/data/backbone.js';

for (const name of Object.keys(backbones)) {
  test(`${name} is what its recipe gives`, (context) => {
    const made = make(name);
    const kept = committed(name);
    context.diagnostic(`${name}: ${made.bytes.length} bytes, ${made.manifest.sha256}`);
    assert.deepEqual(made.manifest, kept.manifest);
    assert.ok(made.bytes.equals(kept.bytes));
  });
}
