// PNG read here, not by a browser: every colour type and depth as sharp reads it, and any damage is one kind of error, soon.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { Undecodable } from '../../wasm/picture_file.js';
import { decodePng } from '../../wasm/png.js';
import { numbers, photo, pngOf, transparent } from './photo_files.js';

async function bySharp(file) {
  const pixels = sharp(file, { ignoreIcc: true }).toColourspace('srgb').ensureAlpha().raw({ depth: 'uchar' });
  const { data, info } = await pixels.toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8Array(data) };
}

const depths = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };

test('every colour type and depth, each filter, sizes that end within a byte', async () => {
  for (const [type, list] of Object.entries(depths).map(([text, each]) => [Number(text), each])) {
    for (const depth of list) {
      for (const width of [1, 7, 61]) {
        const palette =
          type === 3 ? { PLTE: Buffer.from(Array.from({ length: 3 * 2 ** depth }, (_, i) => i * 11)) } : {};
        const file = pngOf({ width, height: 11, depth, type, seed: depth + type, chunks: palette });
        assert.deepEqual(await decodePng(file), await bySharp(file), `type ${type}, ${depth} bits, ${width} wide`);
      }
    }
  }
});

test('a colour that stands for clear, and a palette with opacities', async () => {
  for (const [type, depth, tRNS] of [
    [0, 1, [0, 1]],
    [0, 4, [0, 5]],
    [0, 8, [0, 77]],
    [2, 8, [0, 1, 0, 2, 0, 3]],
    [3, 4, [0, 60, 255, 9]],
  ]) {
    const chunks = { ...(type === 3 && { PLTE: Array.from({ length: 48 }, (_, i) => i * 5) }), tRNS };
    const file = pngOf({ depth, type, chunks });
    assert.deepEqual(await decodePng(file), await bySharp(file), `type ${type}, ${depth} bits`);
  }
});

test('photos, transparent, of few colours, interlaced in all sizes from 1 to 9', async () => {
  const picture = await photo();
  const files = [
    await picture.clone().png().toBuffer(),
    await (await transparent(picture)).png().toBuffer(),
    await picture.clone().png({ palette: true, colours: 9 }).toBuffer(),
  ];
  for (let side = 1; side <= 9; side++) {
    files.push(
      await picture
        .clone()
        .resize(side, 10 - side)
        .png({ progressive: true })
        .toBuffer(),
    );
  }
  files.push(await picture.clone().png({ progressive: true }).toBuffer());
  for (const file of files) assert.deepEqual(await decodePng(file), await bySharp(file));
});

test('ten thousand damaged files: each is read, or is told as damaged', async () => {
  const next = numbers(5);
  const files = [
    pngOf({ width: 9, height: 7, depth: 16, type: 6 }),
    pngOf({ width: 9, height: 7, depth: 2, type: 3, chunks: { PLTE: Array(9).fill(5), tRNS: [1] } }),
    await (await photo()).resize(9, 7).png({ progressive: true }).toBuffer(),
  ];
  let read = 0;
  for (let i = 0; i < 10_000; i++) {
    const file = Buffer.from(files[i % files.length]);
    for (let n = 1 + next() * 3; n >= 1; n--) file[33 + Math.floor(next() * (file.length - 33))] = next() * 256;
    if (i % 5 === 0) file[24 + Math.floor(next() * 5)] = next() * 20;
    const cut = i % 7 === 0 ? file.subarray(0, 33 + next() * (file.length - 33)) : file;
    try {
      const { rgba } = await decodePng(cut);
      assert.equal(rgba.length, 9 * 7 * 4);
      read++;
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
    }
  }
  assert.ok(read > 500 && read < 9500, `${read} of 10,000 were read`);
});
