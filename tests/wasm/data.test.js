// The built-in data sets: each is whole and is what its manifest says, and, where the packages it came from are installed, exactly
// what they give. `node wasm/data/make.js --check` does the same for all, and fetches what is missing.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
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

  test(`${name} is what its packages give`, { skip: missing(name) ?? false }, () => {
    const { manifest, bytes } = make(name);
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
