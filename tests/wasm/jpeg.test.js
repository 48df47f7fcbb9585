// JPEG by libjpeg-turbo: its pixels are those of sharp and of Pillow, at each of its sizes; what is learned from hardly changes for being decoded
// smaller; what it does not take goes to sharp; and no damage stops it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { decodeImages } from 'trainground';
import { jpegDecoder } from '../../wasm/jpeg.js';
import { pictureKind, Undecodable } from '../../wasm/picture_file.js';
import { Resampling } from '../../wasm/resample.js';
import { temporaryFolder } from './command.js';
import { numbers, photo } from './photo_files.js';
import { photoFolder, turned } from './photos.js';
import { noPillow, python } from './python.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();
const open = await jpegDecoder();

/** All pixels of a file, RGB, at 1 / reduction of its size. */
function pixelsOf(file, reduction = 1) {
  const picture = open(file, pictureKind(file));
  const [width, height] = [picture.width, picture.height].map((side) => Math.ceil(side / reduction));
  const rows = [];
  const rectangle = { x: 0, y: 0, width, height };
  picture.readAll([{ reduction, rectangle, add: (row) => rows.push(Buffer.from(row)) }]);
  return Buffer.concat(rows);
}

/** Files of every layout of colours, of sizes that no block divides. @returns {Promise<Record<string, Buffer>>} */
async function layouts() {
  const [wide, tall] = [await photo({ width: 331, height: 213 }), await photo({ width: 97, height: 158, seed: 4 })];
  return {
    '4:2:0': await wide.clone().jpeg({ quality: 92 }).toBuffer(),
    '4:4:4': await tall.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    progressive: await wide.clone().jpeg({ progressive: true, quality: 60 }).toBuffer(),
    grey: await tall.clone().toColourspace('b-w').jpeg().toBuffer(),
    'one pixel': await wide.clone().resize(1, 1).jpeg().toBuffer(),
    'one row': await wide.clone().resize(77, 1, { fit: 'fill' }).jpeg().toBuffer(),
  };
}

test('at full size the pixels are those of sharp', async () => {
  for (const [name, file] of Object.entries(await layouts())) {
    const theirs = await sharp(file).toColourspace('srgb').raw().toBuffer();
    assert.ok(pixelsOf(file).equals(theirs), name);
  }
});

test("at every size the pixels are those of Pillow's draft, of 4:2:2 too", { skip: noPillow }, async () => {
  const files = await layouts();
  const names = Object.keys(files);
  for (const [i, name] of names.entries()) writeFileSync(join(folder, `${i}.jpg`), files[name]);
  const program = `
from PIL import Image
Image.open('0.jpg').save('${names.length}.jpg', subsampling=1)
for i in range(${names.length + 1}):
    for reduction in (1, 2, 4, 8):
        file = Image.open(f'{i}.jpg')
        if min(file.size) >= reduction:
            file.draft(None, tuple(side // reduction for side in file.size))
            open(f'{i}-{reduction}.rgb', 'wb').write(file.convert('RGB').tobytes())
`;
  const { status, stderr } = python(['-c', program], folder);
  assert.equal(status, 0, stderr);
  const made = readdirSync(folder).filter((name) => name.endsWith('.rgb'));
  assert.equal(made.length, 4 * (names.length - 1) + 2);
  for (const name of made) {
    const [, i, reduction] = /^(\d)-(\d)/.exec(name);
    const [file, theirs] = [`${i}.jpg`, name].map((each) => readFileSync(join(folder, each)));
    assert.ok(pixelsOf(file, Number(reduction)).equals(theirs), `${names[i] ?? '4:2:2'} at 1/${reduction}`);
  }
});

test('samples that are made where a file is decoded have the sums of those that are made of its rows', async () => {
  for (const form of [
    { width: 331, height: 213 },
    { width: 97, height: 158 },
  ]) {
    const file = await (await photo(form)).jpeg().toBuffer();
    const opened = open(file, pictureKind(file));
    const targets = ['crop', 'pad', 'stretch'].flatMap((fit) =>
      [13, 20, 40].map((side) => ({ height: side, width: side - 2, channels: 3, fit })),
    );
    const takings = targets.map((target) => new Resampling(opened, 1, target, opened.reductions));
    opened.readAll(takings);
    for (const [i, target] of targets.entries()) {
      const other = new Resampling(opened, 1, target, opened.reductions);
      opened.readAll([
        { reduction: other.reduction, rectangle: other.rectangle, add: (...rows) => other.add(...rows) },
      ]);
      assert.ok(other.tables.sums.some((sum) => sum > 0));
      assert.deepEqual(takings[i].tables.sums, other.tables.sums, `${target.fit} ${target.height}`);
    }
  }
});

/** How far the samples of two lists of files are apart: on average, and at most. */
async function apart(files, others, options) {
  const [one, two] = [(await decodeImages(files, options)).inputs, (await decodeImages(others, options)).inputs];
  const distances = one.map((value, i) => Math.abs(value - two[i]));
  const over = (combine) => distances.reduce(combine, 0);
  return { mean: over((sum, each) => sum + each) / distances.length, most: over((a, b) => Math.max(a, b)) };
}

test('samples of real photos are half a level apart on average for it; where less than twice the size is left, not at all', async (context) => {
  const names = readdirSync(photoFolder, { recursive: true }).filter((name) => name.endsWith('.jpg'));
  const files = names.map((name) => readFileSync(join(photoFolder, name)));
  const whole = await Promise.all(files.map((file) => sharp(file).png().toBuffer())); // PNG is read at full size
  for (const [size, mean, most] of [
    [16, 0.6, 10], // of 256 pixels: at an eighth, which leaves twice the size
    [14, 0.45, 8],
    [32, 0.4, 10], // at a quarter
    [64, 0.3, 12], // at a half
    [65, 0, 0],
    [200, 0, 0],
  ]) {
    const far = await apart(files, whole, { size });
    context.diagnostic(`${size}: ${far.mean.toFixed(2)}, at most ${far.most}`);
    assert.ok(far.mean <= mean && far.most <= most, `${size}: ${JSON.stringify(far)}`);
    assert.equal(far.most > 0, most > 0, `${size}`);
  }
});

test('each orientation of EXIF and each fit, decoded smaller from sides that no block divides, lies where it lay', async () => {
  const plain = await photo({ width: 331, height: 213, seed: 2 });
  const jpeg = await plain.clone().blur(3).jpeg({ quality: 95 }).toBuffer();
  for (let way = 1; way <= 8; way++) {
    const file = turned(jpeg, way);
    const upright = await sharp(file).rotate().png().toBuffer();
    for (const fit of ['crop', 'pad', 'stretch']) {
      const far = await apart([file], [upright], { size: [13, 11], fit });
      assert.ok(far.mean < 0.6 && far.most <= 5, `${way} ${fit} ${JSON.stringify(far)}`);
    }
  }
});

test('CMYK and 4:4:0 are left to sharp, at full size', async () => {
  const plain = await photo();
  const cmyk = await plain.clone().toColourspace('cmyk').jpeg().toBuffer();
  // 4:2:0 that says it is 4:4:0: of one colour, so that it does not matter which block lies where.
  const flat = sharp({ create: { width: 64, height: 64, channels: 3, background: '#40a0c0' } });
  const tall = await flat.jpeg({ chromaSubsampling: '4:2:0' }).toBuffer();
  const frame = tall.indexOf(Buffer.from([0xff, 0xc0]));
  assert.equal(tall[frame + 11], 0x22);
  tall[frame + 11] = 0x12;
  for (const file of [cmyk, tall]) assert.throws(() => pixelsOf(file), Undecodable);
  const { accepted } = await decodeImages([cmyk, tall], { size: 8 });
  assert.deepEqual(accepted, [0, 1]);
});

test('more scans than a photo has are left to sharp, before they cost time', async () => {
  const file = await (await photo()).jpeg({ progressive: true }).toBuffer();
  pixelsOf(file);
  const last = file.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = file.subarray(last, file.length - 2);
  const many = Buffer.concat([file.subarray(0, -2), ...Array(200).fill(scan), file.subarray(-2)]);
  assert.throws(() => pixelsOf(many), Undecodable);
});

test('damaged files of every layout are refused or read, and the next is read as ever', async () => {
  const next = numbers(3);
  const files = Object.values(await layouts());
  const good = files.map((file) => pixelsOf(file, 2));
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    const file = Buffer.from(files[i % 4].subarray(0, i % 3 ? undefined : 2 + next() * files[i % 4].length));
    for (let n = next() * 8; n >= 0; n--) file[Math.floor(next() ** (1 + (i % 3)) * file.length)] = next() * 256;
    try {
      pixelsOf(file, [1, 2, 4, 8][i % 4]);
    } catch (error) {
      assert.ok(error instanceof Undecodable, error);
      refused++;
    }
    if (i % 10 === 0) assert.ok(pixelsOf(files[i % 4], 2).equals(good[i % 4]), `after ${i}`);
  }
  assert.ok(refused > 40 && refused < 360, `${refused} of 400`);
  // Each refusal would take some of a stack that were used again: after 240 of these nothing was read any more.
  const table = Buffer.from(files[0]);
  table[table.indexOf(Buffer.from([0xff, 0xc4])) + 5] = 0xff;
  for (let i = 0; i < 500; i++) assert.throws(() => pixelsOf(table), Undecodable);
  assert.ok(pixelsOf(files[0], 2).equals(good[0]));
  // The same through the public door, in one list with whole ones.
  const spoilt = files.map((file) => Buffer.from(file).fill(0x55, 2, 200));
  const { accepted, rejected } = await decodeImages([...spoilt, ...files], { size: 8 });
  assert.deepEqual(accepted, [6, 7, 8, 9, 10, 11]);
  assert.deepEqual([...new Set(rejected.map(({ reason }) => reason))], ['it does not decode']);
});

test('where its file does not lie this is told, and where it does again pictures are read again', async () => {
  const file = (await (await photo()).jpeg().toBuffer()).toString('base64');
  const program = `
    import { configure, decodeImages } from 'trainground';
    const decode = () => decodeImages([Buffer.from('${file}', 'base64')], { size: 4 });
    configure({ assets: 'file:///nowhere/' });
    const failure = await decode().catch(({ message }) => message);
    configure();
    console.log(JSON.stringify([failure, (await decode()).accepted]));`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  const [failure, accepted] = JSON.parse(stdout || 'null') ?? assert.fail(stderr);
  assert.match(failure, /nowhere.dist.jpeg\.wasm/);
  assert.deepEqual(accepted, [0]);
});
