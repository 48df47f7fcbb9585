// What a split keeps together: bursts by the clock and by the names, near duplicates by their edges; and what it must not join. On photos.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { Trainer, captureTimes, decodeImages, findBursts, groupPictures } from 'trainground';
import { burstOf, numbers } from './bursts.js';
import { temporaryFolder } from './command.js';

const trashnet = fileURLToPath(new URL('../photos/trashnet', import.meta.url));
const photos = readdirSync(trashnet, { recursive: true })
  .filter((path) => path.endsWith('.jpg'))
  .map((path) => join(trashnet, path))
  .sort();

/** Decoded, and as a list. @param {Array<string | Buffer>} files */
async function picturesOf(files, size = 48, fit = 'crop') {
  const { inputs, shape, accepted } = await decodeImages(
    files.map((file) => (typeof file === 'string' ? file : new Uint8Array(file))),
    { size, fit },
  );
  assert.equal(accepted.length, files.length);
  const length = size * size * 3;
  return { shape, pictures: files.map((_, i) => inputs.slice(i * length, (i + 1) * length)) };
}

const together = (groups) => {
  const members = new Map();
  groups.forEach((group, i) => members.set(group, [...(members.get(group) ?? []), i]));
  return [...members.values()].filter((list) => list.length > 1);
};

test('different photos stand alone, of one kind of thing too, with white bars too', async () => {
  assert.ok(photos.length >= 6);
  for (const fit of ['crop', 'pad', 'stretch']) {
    for (const size of [16, 24, 48, 96]) {
      const { pictures, shape } = await picturesOf(photos, size, fit);
      assert.deepEqual(together(groupPictures(pictures, { shape })), [], `${fit} ${size}`);
    }
  }
});

test('a copy in another size, quality, brightness or cut is a near duplicate, wherever it is', async () => {
  const [first, second] = photos;
  const { width, height } = await sharp(first).metadata();
  const cut = { left: 3, top: 2, width: width - 6, height: height - 4 };
  const copies = [
    await sharp(first).resize(120).jpeg({ quality: 40 }).toBuffer(),
    await sharp(first).modulate({ brightness: 1.05 }).png().toBuffer(),
    await sharp(first).extract(cut).webp().toBuffer(),
  ];
  for (const size of [16, 48, 96]) {
    const { pictures, shape } = await picturesOf([first, ...photos.slice(2), second, ...copies, first], size);
    const last = pictures.length - 1;
    const groups = together(groupPictures(pictures, { shape }));
    assert.deepEqual(groups, [[0, last - 3, last - 2, last - 1, last]], `at ${size} pixels`);
  }
  // Another colour is another thing: a red cup is no blue one.
  const coloured = await sharp(first).linear([1.2, 1, 0.6], [0, 0, 0]).png().toBuffer();
  const { pictures, shape } = await picturesOf([first, coloured]);
  assert.deepEqual([...groupPictures(pictures, { shape })], [0, 1]);
});

test('frames of a hand that hardly moves are one group, in whatever order', async () => {
  const files = (await Promise.all(photos.slice(0, 4).map((photo, seed) => burstOf(photo, { frames: 8, seed: seed + 1 })))).flat(); // prettier-ignore
  const order = [...files.keys()].sort((a, b) => ((a * 13) % 32) - ((b * 13) % 32));
  const { pictures, shape } = await picturesOf(order.map((i) => files[i]));
  const groups = together(groupPictures(pictures, { shape }));
  const of = groups.map((members) => [...new Set(members.map((i) => Math.floor(order[i] / 8)))]);
  for (const owners of of) assert.equal(owners.length, 1, 'no group is of two photos');
  assert.ok(groups.reduce((sum, members) => sum + members.length, 0) >= 30, `${groups.map((one) => one.length)}`);
});

test('pictures without edges, and tiny ones, are like nothing', () => {
  const flat = (value) => new Uint8Array(768).fill(value);
  assert.deepEqual([...groupPictures([flat(9), flat(9), flat(200)], { shape: [16, 16, 3] })], [0, 1, 2]);
  // Where few pixels are left of photos, all look alike.
  const small = Uint8Array.from({ length: 192 }, (_, i) => i);
  assert.deepEqual([...groupPictures([small, small.slice()], { shape: [4, 16, 3] })], [0, 1]);
  assert.deepEqual([...groupPictures([Uint8Array.of(1), Uint8Array.of(1)], { shape: [1, 1, 1] })], [0, 1]);
  assert.deepEqual([...groupPictures([], { shape: [8, 8, 1] })], []);
});

test('bursts that are known are kept, and meet near duplicates of their frames', async () => {
  const copy = await sharp(photos[4]).jpeg({ quality: 50 }).toBuffer();
  const { pictures, shape } = await picturesOf([...photos.slice(0, 6), copy]);
  const groups = groupPictures(pictures, { shape, bursts: [5, -1, 5, -1, 5, -1, -1] });
  assert.deepEqual([...groups], [0, 1, 0, 2, 0, 3, 0]);
});

test('the time is linear in the number of pictures, for pictures all alike too', () => {
  const next = numbers(3);
  const plain = Uint8Array.from({ length: 768 }, () => 255 * next());
  const alike = () => plain.map((value) => Math.min(255, value + 4 * next()));
  const noise = () => Uint8Array.from({ length: 768 }, () => 128 + 60 * (next() - 0.5));
  // The same from afar, so that all meet in every bucket, and different when looked at closely.
  const fromAfar = () => {
    const signs = Array.from({ length: 64 }, () => Math.sign(next() - 0.5));
    return Uint8Array.from({ length: 768 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % 16, Math.floor(i / 48)];
      const cell = 8 * (y >> 1) + (x >> 1);
      return 128 + ((cell * 37) % 40) + 60 * signs[cell] * ((x + y) % 2 ? 1 : -1);
    });
  };
  for (const make of [alike, noise, fromAfar]) {
    const some = Array.from({ length: 1600 }, make);
    const timeOf = (list) => {
      const copies = list.map((one) => one.slice()); // without what is known of them
      const began = process.cpuUsage();
      groupPictures(copies, { shape: [16, 16, 3] });
      return process.cpuUsage(began).user;
    };
    timeOf(some.slice(0, 200));
    const [quarter, all] = [timeOf(some.slice(0, 400)), timeOf(some)];
    assert.ok(all < 9 * quarter + 1e5, `${quarter} and ${all} µs`);
  }
});

const at = (seconds) => `2026:11:29 15:${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`; // prettier-ignore

test('capture times are read of the beginning of a file', async () => {
  const [jpeg] = await burstOf(photos[0], { frames: 1, taken: () => at(65) });
  const webp = await sharp(photos[0]).withExif({ IFD2: { DateTimeOriginal: at(65) } }).webp().toBuffer(); // prettier-ignore
  const detailed = await sharp(photos[0]).withExif({ IFD2: { DateTimeOriginal: at(65), SubSecTimeOriginal: '25' } }).jpeg().toBuffer(); // prettier-ignore
  const second = Date.UTC(2026, 10, 29, 15, 1, 5) / 1000;
  const times = await captureTimes([
    jpeg,
    new Blob([jpeg]),
    webp,
    detailed,
    photos[0],
    'there is none',
    jpeg.subarray(0, 90),
  ]);
  assert.deepEqual(times, [second, second, second, second + 0.25, null, null, null]);
});

test('seconds apart are one burst, and numbered names where they are alike', async () => {
  const { pictures, shape } = await picturesOf(photos.slice(0, 6));
  const labels = ['a', 'a', 'a', 'a', 'b', 'b'];
  assert.deepEqual(
    [...findBursts(pictures, { shape, labels, times: [10, 14, 12, 17, 15, null] })],
    [0, 0, 0, -1, -1, -1],
  );
  // A clock that was never set tells nothing.
  const many = Array.from({ length: 60 }, (_, i) => pictures[i % 6]);
  assert.ok(findBursts(many, { shape, labels: many.map(() => 'a'), times: many.map(() => 0) }).every((one) => one < 0));
  // Numbers alone are no reason: cameras number everything.
  const names = pictures.map((_, i) => `IMG_${41 + i}.jpg`);
  assert.deepEqual([...findBursts(pictures, { shape, labels, names })], [-1, -1, -1, -1, -1, -1]);
  const wide = await burstOf(photos[0], { frames: 5, step: 0.012 });
  const frames = await picturesOf(wide);
  const found = findBursts(frames.pictures, { shape: frames.shape, labels: wide.map(() => 0), names });
  assert.deepEqual([...found], [0, 0, 0, 0, 0]);
  assert.deepEqual([...findBursts(frames.pictures, { shape: frames.shape, labels: [0, 1, 0, 1, 0], names })], [-1, -1, -1, -1, -1]); // prettier-ignore
});

test('a folder of photos is split by its bursts, and says so', async () => {
  const folder = temporaryFolder();
  const put = async (name, photo, frames, second) => {
    mkdirSync(join(folder, name), { recursive: true });
    const files = await burstOf(photo, { frames, seed: second + 1, step: 0.05, taken: (frame) => at(second + frame) });
    files.forEach((file, i) => writeFileSync(join(folder, name, `${second}-${String(i).padStart(2, '0')}.jpg`), file));
  };
  for (let burst = 0; burst < 5; burst++) await put('cup', photos[burst], 4, 40 * burst);
  await put('plant', photos[5], 20, 600);
  const experiment = { dataset: { type: 'images', path: folder, size: 16 }, layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }], epochs: 1 }; // prettier-ignore
  const trainer = await Trainer.open(experiment);
  const { training, validation } = await trainer.split();
  const { notes, mostFolds } = trainer.start;
  await trainer.dispose();
  assert.match(notes.join('\n'), /40 pictures of dataset are one burst or near duplicates, in 6 groups/);
  assert.match(notes.join('\n'), /its last part is held back, behind a gap: "plant"/);
  const burst = (i) => Math.floor(i / 4);
  const held = new Set([...validation].filter((i) => i < 20).map(burst));
  assert.equal(held.size, 1);
  assert.ok([...training].filter((i) => i < 20).every((i) => !held.has(burst(i))));
  assert.deepEqual(
    [...validation].filter((i) => i >= 20),
    [36, 37, 38, 39],
  );
  assert.deepEqual(
    [...training].filter((i) => i >= 20),
    Array.from({ length: 14 }, (_, i) => 20 + i),
  );
  assert.equal(mostFolds, 5);

  const random = await Trainer.open({ ...experiment, splitBy: 'random' });
  const parts = await random.split();
  await random.dispose();
  const both = [...parts.validation].filter(
    (i) => i < 20 && parts.training.some((j) => j < 20 && burst(j) === burst(i)),
  );
  assert.ok(both.length > 0, 'a random split parts bursts');
});
