// Pictures to pixels in Node; decoding.test.js holds the browsers' pixels against these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { resizeImage } from '../../wasm/frames.js';
import { decodeImages } from '../../wasm/images.js';
import { isWhole, pictureKind, pictureSize } from '../../wasm/picture_file.js';
import { bmpOf, photo, withStrayBytes } from './photo_files.js';

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

test('each of the eight orientations of EXIF, in JPEG, PNG and WebP, whichever way the picture is fitted', async () => {
  const picture = await photo({ width: 60, height: 41, seed: 2 });
  for (let orientation = 1; orientation <= 8; orientation++) {
    const turned = () => picture.clone().withMetadata({ orientation });
    const files = [
      await turned().jpeg({ quality: 90 }).toBuffer(),
      await turned().png().toBuffer(),
      await turned().webp({ lossless: true }).toBuffer(),
    ];
    // The same turned by sharp, and without an orientation.
    const upright = await Promise.all(files.map((file) => sharp(file).rotate().png().toBuffer()));
    for (const fit of ['crop', 'pad', 'stretch']) {
      const options = { size: [17, 24], fit };
      const [one, two] = [(await decodeImages(files, options)).inputs, (await decodeImages(upright, options)).inputs];
      // Sums in the other order: now and then half a level falls to the other side.
      const apart = one.map((value, i) => Math.abs(value - two[i]));
      assert.ok(Math.max(...apart) <= 1, `${orientation} ${fit}`);
      assert.ok(apart.reduce((sum, each) => sum + each, 0) <= one.length / 500, `${orientation} ${fit}`);
    }
  }
});

test('an orientation that says nothing, or that cannot be read, turns nothing', async () => {
  const picture = await photo({ width: 12, height: 9 });
  const file = await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const tag = file.indexOf(Buffer.from([0x12, 0x01, 0x03, 0x00])); // little-endian, 16 bits
  assert.ok(tag > 0);
  const plain = await picture.clone().jpeg().toBuffer();
  const { inputs } = await decodeImages([plain], { size: [9, 12] });
  for (const [at, value] of [
    [8, 0],
    [8, 9],
    [2, 4],
    [0, 0],
  ]) {
    const changed = Buffer.from(file);
    changed[tag + at] = value;
    assert.deepEqual((await decodeImages([changed], { size: [9, 12] })).inputs, inputs, `${at} ${value}`);
  }
});

test('CMYK is mixed as browsers do, whatever profile it brings', async () => {
  const ink = sharp({ create: { width: 8, height: 8, channels: 3, background: '#40a0c0' } });
  for (const file of [
    await ink.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
    await ink.clone().withIccProfile('cmyk').jpeg({ quality: 100 }).toBuffer(),
  ]) {
    const cmyk = sharp(file, { ignoreIcc: true }).pipelineColourspace('cmyk').toColourspace('cmyk');
    const [c, m, y, k] = await cmyk.raw().toBuffer();
    const { inputs } = await decodeImages([file], { size: 1 });
    assert.deepEqual(
      [...inputs],
      [c, m, y].map((each) => Math.floor(((255 - each) * (255 - k)) / 255)),
    );
  }
});

test('stray bytes before a marker are skipped, as decoders do', async () => {
  const plain = await (await photo()).withMetadata({ density: 96 }).jpeg().toBuffer();
  const strays = [0xdb, 0xc0, 0xc4, 0xda].map((marker) => withStrayBytes(plain, marker));
  const { inputs, rejected } = await decodeImages([plain, ...strays], { size: 8 });
  assert.deepEqual(rejected, []);
  for (let i = 1; i <= 4; i++) assert.deepEqual(inputs.subarray(i * 192, (i + 1) * 192), inputs.subarray(0, 192));
  for (const file of [plain, ...strays]) assert.deepEqual(pictureSize(file), { width: 320, height: 213 });
});

test('a photo that is cut off is not whole for having a thumbnail that ends', async () => {
  const thumbnail = await (await photo()).resize(32).jpeg().toBuffer();
  const plain = await (await photo()).jpeg().toBuffer();
  const length = Buffer.from([0xff, 0xe2, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]);
  const file = Buffer.concat([plain.subarray(0, 2), length, thumbnail, plain.subarray(2)]);
  const cut = file.subarray(0, file.length * 0.8);
  const { accepted, rejected } = await decodeImages([file, cut], { size: 8 });
  assert.deepEqual([accepted, rejected.map(({ reason }) => reason)], [[0], ['it is cut off']]);
});

test('kinds are told by what is in a file; what is not read here is named, with what to do', async () => {
  const picture = await photo({ width: 40, height: 30 });
  const text = (letters) => Buffer.concat([Buffer.from(letters, 'latin1'), Buffer.alloc(60)]);
  const read = [await picture.clone().gif().toBuffer(), await picture.clone().avif().toBuffer()];
  const { accepted } = await decodeImages(read, { size: 8 });
  assert.deepEqual(accepted, [0, 1]);
  const others = {
    'TIFF or raw': await picture.clone().tiff().toBuffer(),
    BMP: bmpOf(3, 2, () => [1, 2, 3]),
    HEIC: text('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
    'JPEG XL': text('\xff\x0a\xfa\x7f'),
    'JPEG 2000': text('\0\0\0\x0cjP  \r\n\x87\n'),
    Photoshop: text('8BPS\0\x01'),
    icon: text('\0\0\x01\0\x01\0'),
    PDF: text('%PDF-1.7'),
    SVG: Buffer.from('<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
    video: text('\0\0\0\x18ftypisom\0\0\0\0'),
  };
  const { rejected } = await decodeImages(Object.values(others), { size: 8 });
  assert.deepEqual(
    rejected.map(({ code, kind }) => [code, kind]),
    Object.keys(others).map((kind) => ['format', kind]),
  );
  assert.deepEqual(
    rejected.slice(0, 2).map(({ reason }) => reason),
    [
      'it is a TIFF or raw file, which is not read here: save it as PNG or JPEG',
      'it is a BMP file, which is not read here: save it as PNG or JPEG',
    ],
  );
  assert.match(rejected[8].reason, /^it is an SVG file/);
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
    {
      index: 0,
      name: 'picture 1',
      code: 'format',
      reason: 'it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP',
    },
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
  const clear = picture(37, 21, (x) => [x, x, x, 128]);
  for (const bytes of [
    await image.clone().png().toBuffer(),
    await image.clone().jpeg().toBuffer(),
    await image.clone().jpeg({ progressive: true }).withMetadata().toBuffer(),
    await image.clone().webp().toBuffer(),
    await image.clone().webp({ lossless: true }).toBuffer(),
    await clear.webp().toBuffer(),
    await image.clone().gif().toBuffer(),
    await image.clone().avif().toBuffer(),
    bmpOf(37, 21, () => [1, 2, 3]),
  ]) {
    assert.deepEqual(pictureSize(bytes), { width: 37, height: 21 });
    assert.equal(isWhole(bytes), true, pictureKind(bytes).name);
    assert.equal(isWhole(bytes.subarray(0, bytes.length * 0.7)), false, pictureKind(bytes).name);
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

test('a second size is what decoding at that size gives, for the same pictures', async () => {
  const files = [
    await png(31, 17, ramp),
    Buffer.from('no picture'),
    await png(9, 14, (x, y) => [y * 9, x * 20, 7, 99]),
  ];
  for (const how of [{}, { fit: 'pad', channels: 1 }]) {
    const both = await decodeImages(files, { size: 6, larger: [9, 11], ...how });
    const [small, large] = await Promise.all([6, [9, 11]].map((size) => decodeImages(files, { size, ...how })));
    assert.deepEqual(both.inputs, small.inputs);
    assert.deepEqual(both.larger, large.inputs);
    assert.deepEqual([both.accepted, both.shape], [[0, 2], small.shape]);
    assert.equal(small.larger, undefined);
  }
  await assert.rejects(decodeImages([], { size: 8, larger: 0 }), /larger to be an integer from 1 to 1024.*got 0/s);
});

test('pixels that are no file are made to size as a file of them is', async () => {
  const pixels = [];
  for (let i = 0; i < 37 * 23; i++) pixels.push((i * 7) % 256, (i * 11) % 256, (i * 3) % 256, (i * 5) % 256);
  const rgb = pixels.filter((_, i) => i % 4 < 3);
  for (const list of [pixels, rgb]) {
    const data = Uint8Array.from(list);
    const file = await sharp(data, { raw: { width: 37, height: 23, channels: list.length / (37 * 23) } })
      .png()
      .toBuffer();
    for (const how of [{ size: 9 }, { size: [40, 12], fit: 'stretch' }, { size: 15, fit: 'pad', channels: 1 }]) {
      const { inputs } = await decodeImages([file], how);
      assert.deepEqual(await resizeImage({ data, width: 37, height: 23 }, how), inputs);
      assert.deepEqual(data, Uint8Array.from(list)); // what was given stays as it was
    }
  }
  const wrong = { data: new Uint8Array(10), width: 2, height: 2 };
  await assert.rejects(resizeImage(wrong, { size: 4 }), /image.*three or four.*10 bytes for 2 x 2 pixels/s);
  await assert.rejects(resizeImage(undefined, { size: 4 }), /image.*got something else/s);
});
