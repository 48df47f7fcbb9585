// The built-in data sets: each is whole and is what its manifest says, and, where the packages it came from are installed, exactly
// what they give. `node wasm/data/make.js --check` does the same for all, and fetches what is missing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { committed, make, sets } from '../../wasm/data/make.js';

const folder = fileURLToPath(new URL('../../wasm/data/', import.meta.url));
const require = createRequire(import.meta.url);

/** What stands in the way of making a set here; undefined if nothing does. */
function missing(name) {
  if (name === 'emoji') {
    try {
      require.resolve('@iconify-json/noto/icons.json');
      require.resolve('@resvg/resvg-js');
      return undefined;
    } catch {
      return "npm's emoji packages are not installed";
    }
  }
  if (name === 'vegetables') {
    return process.env.GROCERY_STORE_DATASET ? undefined : 'GROCERY_STORE_DATASET names no clone of the photos';
  }
  const [file, debian] = {
    fashion: ['/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz', 'dataset-fashion-mnist'],
    textures: ['/usr/lib/python3/dist-packages/skimage/data/brick.png', 'python3-skimage'],
  }[name] ?? ['/usr/lib/python3/dist-packages/sklearn/datasets/data/iris.csv', 'python3-sklearn'];
  return existsSync(file) ? undefined : `Debian's ${debian} is not installed`;
}

for (const name of Object.keys(sets)) {
  test(`${name} is what its manifest says`, () => {
    const { manifest, bytes } = committed(name);
    const { shape, samples, classes, type, groups, training, validation } = manifest;
    assert.equal(createHash('sha256').update(bytes).digest('hex'), manifest.sha256);
    const inputs = samples * shape[0] * shape[1] * shape[2] * (type === 'float32' ? 4 : 1);
    assert.equal(bytes.length, inputs + samples + (groups === undefined ? 0 : 2 * samples));
    const labels = bytes.subarray(inputs, inputs + samples);
    assert.deepEqual(
      [...new Set(labels)].sort(),
      [...classes.keys()],
      'every class has samples, and every sample a class',
    );
    if (training !== undefined) assert.equal(training + validation, samples);
    if (groups !== undefined) {
      const members = Array.from({ length: samples }, (_, i) => bytes.readUInt16LE(inputs + samples + 2 * i));
      assert.deepEqual(
        [...new Set(members)].sort((a, b) => a - b),
        [...Array(groups).keys()],
      );
      members.forEach((group, i) => assert.equal(labels[members.indexOf(group)], labels[i], 'a group has one class'));
    }
    assert.ok(statSync(`${folder}${manifest.file}`).size < 1.5e6);
    assert.match(readFileSync(`${folder}LICENSES.md`, 'utf8'), new RegExp(`^## ${name}: ${manifest.licence}$`, 'm'));
  });

  test(`${name} is what its packages give`, { skip: missing(name) ?? false }, async () => {
    const { manifest, bytes } = await make(name);
    assert.deepEqual(manifest, committed(name).manifest);
    assert.ok(bytes.equals(committed(name).bytes));
  });
}

test('the sets hold what is known of them', () => {
  const sum = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const counts = (bytes, classes) => bytes.reduce((all, label) => (all[label]++, all), new Array(classes).fill(0));
  const fashion = committed('fashion').bytes;
  assert.equal(sum(fashion.subarray(0, 2000 * 784)), '6c59094797e4bc9e');
  assert.equal(sum(fashion.subarray(2000 * 784, 2500 * 784)), '8290027af94aca7e');
  assert.deepEqual(counts(fashion.subarray(2500 * 784, 2500 * 784 + 2000), 10), new Array(10).fill(200));
  const digits = committed('digits').bytes;
  assert.deepEqual(
    counts(digits.subarray(1797 * 64), 10),
    [178, 182, 177, 183, 181, 182, 181, 179, 174, 180],
    "scikit-learn's counts",
  );
  const iris = committed('iris').bytes;
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => iris.readFloatLE(4 * i)),
    [5.1, 3.5, 1.4, 0.2].map(Math.fround),
  );
});

test('the frames of vegetables-bursts are moved and lit windows of its photos, a photo a group, no two alike', async () => {
  const wholeOf = async (dataset) => {
    const layers = [{ type: 'flatten' }, { type: 'dense', units: 6 }];
    const trainer = await Trainer.open({ dataset, layers, validationSplit: 0.5 }, { threads: 1, sameThread: true });
    const { labels, training, validation } = await trainer.split();
    const { inputs } = await trainer.samples([...labels.keys()]);
    await trainer.dispose();
    const bytes = Uint8Array.from(inputs, (value) => Math.round(255 * value));
    const [side] = trainer.start.shape;
    const pictures = Array.from(labels, (_, i) => bytes.subarray(i * side * side * 3, (i + 1) * side * side * 3));
    return { labels: [...labels], pictures, side, parts: [[...training], [...validation]] };
  };
  const photos = await wholeOf('vegetables');
  const bursts = await wholeOf('vegetables-bursts');
  assert.deepEqual([photos.side, photos.labels.length, bursts.side, bursts.labels.length], [96, 84, 90, 504]);
  assert.deepEqual(
    bursts.labels,
    photos.labels.flatMap((label) => new Array(6).fill(label)),
  );
  const [learned, held] = bursts.parts.map((part) => new Set(part.map((frame) => Math.floor(frame / 6))));
  assert.deepEqual([learned.size, held.size, new Set([...learned, ...held]).size], [42, 42, 84]);
  const isWindow = (frame, photo, top, left) => {
    const rows = Array.from({ length: 90 }, (_, y) => photo.subarray(((top + y) * 96 + left) * 3).subarray(0, 270));
    const window = Buffer.concat(rows);
    return [240, 248, 256, 264, 272].some((light) =>
      frame.every((value, i) => value === Math.min(255, Math.floor((window[i] * light) / 256))),
    );
  };
  const places = Array.from({ length: 49 }, (_, place) => [Math.floor(place / 7), place % 7]);
  for (const [photo, pixels] of photos.pictures.entries()) {
    const frames = bursts.pictures.slice(6 * photo, 6 * photo + 6);
    assert.equal(new Set(frames.map((frame) => Buffer.from(frame).toString('latin1'))).size, 6);
    for (const frame of frames) {
      const found = places.filter(([top, left]) => isWindow(frame, pixels, top, left));
      assert.equal(found.length, 1, `a frame of photo ${photo}`);
    }
  }
});
