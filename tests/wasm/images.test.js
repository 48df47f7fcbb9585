// Pictures to pixels in Node; package.test.js holds the browser's pixels against these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeImages } from '../../wasm/images.js';
import { pictureSize } from '../../wasm/picture_file.js';

/** width x height pixels, each by f(x, y) -> [r, g, b] or [r, g, b, a] */
function picture(width, height, f) {
  const rgba = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b, a = 255] = f(x, y);
      rgba.push(r, g, b, a);
    }
  }
  return sharp(Buffer.from(rgba), { raw: { width, height, channels: 4 } });
}
const png = (...args) =>
  picture(...args)
    .png()
    .toBuffer();
const ramp = (x, y) => [x * 10, y * 10, 100];

test('a picture of the target size keeps its pixels', async () => {
  const { inputs, shape, accepted, rejected } = await decodeImages([await png(5, 4, ramp)], { size: [4, 5] });
  assert.deepEqual(shape, [4, 5, 3]);
  assert.deepEqual([accepted, rejected], [[0], []]);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 5; x++)
      assert.deepEqual([...inputs.subarray((y * 5 + x) * 3, (y * 5 + x) * 3 + 3)], ramp(x, y));
  }
});

test('crop cuts the middle, pad puts white around, stretch takes all', async () => {
  const wide = await png(12, 4, (x) => (x < 4 ? [255, 0, 0] : x < 8 ? [0, 255, 0] : [0, 0, 255]));
  const rows = async (fit) => {
    const { inputs } = await decodeImages([wide], { size: 3, fit });
    return [0, 1, 2].map((y) =>
      [0, 1, 2].map((x) => [...inputs.subarray((y * 3 + x) * 3, (y * 3 + x) * 3 + 3)].join()),
    );
  };
  assert.equal((await rows('crop'))[1][1], '0,255,0');
  const padded = await rows('pad');
  assert.deepEqual(padded[0], ['255,255,255', '255,255,255', '255,255,255']);
  assert.notEqual(padded[1][0], '255,255,255');
  const [left, , right] = (await rows('stretch'))[1].map((pixel) => pixel.split(',').map(Number));
  assert.ok(left[0] > 200 && right[2] > 200);
});

test('a large reduction is a mean, not a choice of pixels', async () => {
  const board = await png(64, 64, (x, y) => ((x + y) % 2 ? [255, 255, 255] : [0, 0, 0]));
  const { inputs } = await decodeImages([board], { size: 4, channels: 1 });
  for (const value of inputs) assert.ok(Math.abs(value - 127.5) < 2, `${value}`);
});

test('grey is 0.299 R + 0.587 G + 0.114 B; transparent is white', async () => {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [0, 0, 0, 0],
    [0, 0, 0, 51],
  ];
  const pictures = await Promise.all(colours.map((colour) => png(1, 1, () => colour)));
  const { inputs } = await decodeImages(pictures, { size: 1, channels: 1 });
  assert.deepEqual([...inputs], [76, 150, 29, 255, 204]);
});

test('EXIF turns are applied, JPEG and WebP are read', async () => {
  const half = picture(16, 16, (x) => (x < 8 ? [255, 255, 255] : [0, 0, 0]));
  const turned = await half.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
  const webp = await half.clone().webp({ lossless: true }).toBuffer();
  const { inputs } = await decodeImages([turned, webp], { size: 2, channels: 1 });
  const bright = Array.from(inputs, (value) => (value > 127 ? 1 : 0));
  assert.deepEqual(bright, [1, 1, 0, 0, 1, 0, 1, 0]);
});

test('what cannot be used is listed with its reason, the others go on', async () => {
  const good = await png(2, 2, ramp);
  const noise = picture(64, 64, (x, y) => [(x * 37 + y * 91) % 256, (x * y * 13) % 256, (x + y * 7) % 256]);
  const jpeg = await noise.clone().jpeg().toBuffer();
  const webp = await noise.clone().webp().toBuffer();
  const spoilt = Buffer.from(good).fill(0x55, good.indexOf('IDAT') + 4, good.indexOf('IEND') - 8);
  const huge = Buffer.from(good);
  huge.writeUInt32BE(100_000, 16);
  huge.writeUInt32BE(100_000, 20);
  const files = [
    new TextEncoder().encode('this is not a picture at all, is it?'),
    good,
    jpeg.subarray(0, jpeg.length / 2),
    huge,
    'no/such/file.png',
    new Uint8Array(20e6 + 1),
    new Blob([good]),
    good.subarray(0, good.length - 20),
    webp.subarray(0, webp.length - 20),
    spoilt,
  ];
  const { accepted, rejected, inputs } = await decodeImages(files, { size: 2 });
  assert.deepEqual(accepted, [1, 6]);
  assert.equal(inputs.length, 2 * 12);
  assert.deepEqual(inputs.subarray(0, 12), inputs.subarray(12));
  assert.deepEqual(rejected, [
    { index: 0, name: 'picture 1', code: 'format', reason: 'it is not a PNG, JPEG or WebP picture' },
    { index: 2, name: 'picture 3', code: 'damaged', reason: 'it is cut off' },
    { index: 3, name: 'picture 4', code: 'pixels', reason: 'it has 100000 x 100000 pixels; the limit is 50 million' },
    { index: 4, name: 'no/such/file.png', code: 'missing', reason: 'there is no such file' },
    { index: 5, name: 'picture 6', code: 'bytes', reason: 'it is 21 MB large; the limit is 20 MB' },
    { index: 7, name: 'picture 8', code: 'damaged', reason: 'it is cut off' },
    { index: 8, name: 'picture 9', code: 'damaged', reason: 'it is cut off' },
    { index: 9, name: 'picture 10', code: 'damaged', reason: 'it does not decode' },
  ]);
});

test('sizes are read from headers of every kind', async () => {
  const image = picture(37, 21, ramp);
  for (const bytes of [
    await image.clone().png().toBuffer(),
    await image.clone().jpeg().toBuffer(),
    await image.clone().jpeg({ progressive: true }).withMetadata().toBuffer(),
    await image.clone().webp().toBuffer(),
    await image.clone().webp({ lossless: true }).toBuffer(),
    await picture(37, 21, (x) => [x, x, x, 128])
      .webp()
      .toBuffer(),
  ]) {
    assert.deepEqual(pictureSize(bytes), { width: 37, height: 21 });
  }
});

test('options out of range are refused together; progress and abort', async () => {
  await assert.rejects(decodeImages([], { size: 0, channels: 2, fit: 'squeeze' }), {
    name: 'InputError',
    message:
      'Expected size to be an integer from 1 to 1024, or two of them, got 0\n' +
      'Expected channels to be 1 or 3, got 2\nExpected fit to be crop, pad or stretch, got "squeeze"',
  });
  const seen = [];
  const one = await png(2, 2, ramp);
  await decodeImages([one, one, one], { size: 1, onProgress: (done, total) => seen.push(`${done}/${total}`) });
  assert.deepEqual(seen, ['1/3', '2/3', '3/3']);
  const controller = new AbortController();
  const list = Array.from({ length: 50 }, () => one);
  const decoding = decodeImages(list, { size: 1, signal: controller.signal, onProgress: () => controller.abort() });
  await assert.rejects(decoding, { name: 'AbortError' });
});
