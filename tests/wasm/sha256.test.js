// SHA-256 where a page is given none: a class that is served over plain HTTP.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256, writtenOut } from '../../wasm/sha256.js';

test('written out, it is what Node says, at every length around a block', async () => {
  for (const length of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 10_007]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7919) >> 3);
    const expected = createHash('sha256').update(bytes).digest('hex');
    assert.equal(writtenOut(bytes), expected, `${length} bytes`);
    assert.equal(await sha256(bytes), expected);
  }
});
