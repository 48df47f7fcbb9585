// What a file says of itself is read of anything: damaged files of every kind, and such as would take long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capturedAt, isWhole, pictureKind, pictureSize, takeOrientation } from '../../wasm/picture_file.js';
import { bmpOf, everyForm, numbers } from './photo_files.js';

function everything(bytes) {
  const kind = pictureKind(bytes);
  if (!kind) return null;
  const size = pictureSize(bytes, kind);
  if (size) assert.ok(size.width >= 0 && size.height >= 0);
  assert.equal(typeof isWhole(bytes, kind), 'boolean');
  const taken = capturedAt(bytes);
  assert.ok(taken === null || Number.isFinite(taken));
  const { orientation, upright } = takeOrientation(bytes, kind);
  assert.ok(orientation >= 1 && orientation <= 8);
  assert.equal(upright.length, bytes.length);
  if (orientation > 1) assert.equal(takeOrientation(upright, kind).orientation, 1);
  return kind;
}

test('ten thousand damaged files of every kind', async () => {
  const next = numbers(11);
  const forms = [...Object.values(await everyForm()), bmpOf(9, 9, () => [1, 2, 3])].map((file) => new Uint8Array(file));
  const avif = Buffer.from('0000001c667479706176696600000000617669666d6966316d696166', 'hex');
  forms.push(
    new Uint8Array(
      Buffer.concat([avif, Buffer.from('\0\0\0\x20meta\0\0\0\x14ispe\0\0\0\0\0\0\0\x09\0\0\0\x07', 'latin1')]),
    ),
  );
  assert.deepEqual(pictureSize(forms.at(-1)), { width: 9, height: 7 });
  for (let i = 0; i < 10_000; i++) {
    const file = forms[i % forms.length].slice(0, i % 3 ? undefined : next() * 400);
    for (let n = 1 + next() * 4; n >= 1; n--) file[Math.floor(next() ** 3 * file.length)] = next() * 256;
    everything(file);
  }
  for (let length = 0; length < 70; length++) for (const form of forms) everything(form.slice(0, length));
});

test('files that are all markers, chunks or boxes take no longer than others', () => {
  const length = 4e6;
  const filled = (start, fill) => {
    const bytes = new Uint8Array(Buffer.alloc(length, Uint8Array.from(fill)));
    bytes.set(Buffer.from(start, 'latin1'));
    return bytes;
  };
  const began = performance.now();
  for (const bytes of [
    filled('\xff\xd8', [0xff]),
    filled('\xff\xd8', [0xff, 0xe1, 0, 2]),
    filled('\xff\xd8', [0xff, 0xd0]),
    filled('\x89PNG\r\n\x1a\n', [0]),
    filled('RIFF\0\0\0\0WEBP', [0]),
    filled('GIF89a\x01\0\x01\0\0\0\0', [0x21, 0xfe, 0]),
    filled('\0\0\0\x10ftypavif\0\0\0\0\xff\xff\xff\x00meta', [0x69]),
    filled('\0\0\0\x10ftypavif\0\0\0\0', [0, 0, 0, 8]),
  ]) {
    assert.ok(everything(bytes));
  }
  // A walk that is not linear would take half an hour of the first one alone.
  assert.ok(performance.now() - began < 60_000);
});
