#!/usr/bin/env node
// Makes the built-in data sets from Debian's and npm's packages and a git repository: node wasm/data/make.js [--check] [NAME...]
//
// NAME.json says what a set is. NAME.bin.gz, unpacked, holds its numbers one after the other: the inputs (samples, height, width,
// channels; uint8, or float32 little-endian where `type` says so), one byte per sample for its label, and, where the manifest counts
// `groups`, two bytes per sample (little-endian) for the group that a split must keep together. Where it counts `training` and
// `validation`, the first samples are those of the source's training part. `sha256` is that of the unpacked bytes. The same files
// serve the page and Node. LICENSES.md names the owners.
//
// --check writes nothing and fails where a committed file holds other numbers. Debian packages that are not installed are fetched and
// unpacked into a temporary folder; the repository too, unless GROCERY_STORE_DATASET names a clone.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { emoji } from './emoji.js';
import { decodeGreyPng } from './png.js';
import { vegetables } from './vegetables.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * @typedef {object} Made
 * @property {string} title
 * @property {string[]} classes
 * @property {[number, number, number]} shape
 * @property {Uint8Array | Float32Array} inputs
 * @property {'auto'} [invert]  it is of bright ink on nothing: a picture on paper is turned about
 * @property {number[]} labels
 * @property {number[]} [groups]
 * @property {number} [training]  how many of the first samples are the source's training part; the rest is its validation part
 * @property {string} licence
 * @property {string} source
 */

/**
 * A file of a Debian package: the installed one, or that of the package, fetched and unpacked without what it depends on.
 * @param {string} name
 * @param {string} path
 */
function debianFile(name, path) {
  if (existsSync(`/${path}`)) return readFileSync(`/${path}`);
  const unpacked = join(scratch(), name);
  if (!existsSync(unpacked)) {
    console.log(`make: fetching Debian's ${name}`);
    const downloads = join(scratch(), `${name}.download`);
    mkdirSync(downloads);
    execFileSync('apt-get', ['download', name], { cwd: downloads, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('dpkg-deb', ['-x', join(downloads, readdirSync(downloads)[0]), unpacked]);
  }
  return readFileSync(join(unpacked, path));
}

/** @type {string | undefined} */
let scratchFolder;
function scratch() {
  if (!scratchFolder) {
    const made = mkdtempSync(join(tmpdir(), 'trainground-data-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    scratchFolder = made;
  }
  return scratchFolder;
}

/** @param {Uint8Array} bytes @returns {string[][]} rows of cells of a csv file without quotes */
const cellsOf = (bytes) =>
  Buffer.from(bytes)
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(','));

const sklearn = 'usr/lib/python3/dist-packages/sklearn/datasets/data';

/** Pixels 0..16 become round(255 v / 16), so that a batch's 0..1 is v / 16 within 0.002. @returns {Made} */
function digits() {
  const rows = cellsOf(gunzipSync(debianFile('python3-sklearn', `${sklearn}/digits.csv.gz`))).map((row) =>
    row.map(Number),
  );
  return {
    title: 'Handwritten digits',
    classes: [...'0123456789'],
    shape: [8, 8, 1],
    invert: 'auto',
    inputs: Uint8Array.from(rows.flatMap((row) => row.slice(0, 64).map((value) => Math.round((value * 255) / 16)))),
    labels: rows.map((row) => row[64]),
    licence: 'CC BY 4.0',
    source:
      'E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998), test part',
  };
}

/** The first 200 of each class of the training files, then the first 50 of the test files, both in the order of the files. @returns {Made} */
function fashion() {
  const files = 'usr/share/datasets/fashion-mnist';
  /** @param {string} part @param {number} perClass */
  const first = (part, perClass) => {
    const images = gunzipSync(debianFile('dataset-fashion-mnist', `${files}/${part}-images-idx3-ubyte.gz`)).subarray(
      16,
    );
    const labels = gunzipSync(debianFile('dataset-fashion-mnist', `${files}/${part}-labels-idx1-ubyte.gz`)).subarray(8);
    const taken = new Array(10).fill(0);
    const samples = [...labels.keys()].filter((i) => taken[labels[i]]++ < perClass);
    return samples.map((i) => ({ pixels: images.subarray(784 * i, 784 * (i + 1)), label: labels[i] }));
  };
  const training = first('train', 200);
  const samples = [...training, ...first('t10k', 50)];
  return {
    title: 'Fashion',
    classes: ['T-shirt', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
    shape: [28, 28, 1],
    invert: 'auto',
    inputs: Uint8Array.from(Buffer.concat(samples.map(({ pixels }) => pixels))),
    labels: samples.map(({ label }) => label),
    training: training.length,
    licence: 'MIT',
    source: 'Zalando SE: Fashion-MNIST (2017)',
  };
}

/** 32x32 patches side by side, 256 of each photo, which none overlaps another. @returns {Made} */
function textures() {
  const side = 32;
  const photos = ['brick', 'grass', 'gravel'].map((name) =>
    decodeGreyPng(debianFile('python3-skimage', `usr/lib/python3/dist-packages/skimage/data/${name}.png`)),
  );
  const patches = photos.flatMap(({ width, height, pixels }, label) =>
    Array.from({ length: (width / side) * (height / side) }, (_, patch) => {
      const left = (patch % (width / side)) * side;
      const top = Math.floor(patch / (width / side)) * side;
      const rows = Array.from({ length: side }, (_, y) => pixels.subarray((top + y) * width + left).subarray(0, side));
      return { pixels: Buffer.concat(rows), label };
    }),
  );
  return {
    title: 'Textures',
    classes: ['Brick', 'Grass', 'Gravel'],
    shape: [side, side, 1],
    inputs: Uint8Array.from(Buffer.concat(patches.map(({ pixels }) => pixels))),
    labels: patches.map(({ label }) => label),
    licence: 'CC0 1.0',
    source: 'CC0Textures (Bricks25, Gravel04) and linolafett (Grass 01), by way of scikit-image',
  };
}

/** Lengths and widths in centimetres, as they were measured. @returns {Made} */
function iris() {
  const [[, , ...classes], ...rows] = cellsOf(debianFile('python3-sklearn', `${sklearn}/iris.csv`));
  return {
    title: 'Iris',
    classes: classes.map((name) => name[0].toUpperCase() + name.slice(1)),
    shape: [1, 1, 4],
    inputs: Float32Array.from(rows.flatMap((row) => row.slice(0, 4).map(Number))),
    labels: rows.map((row) => Number(row[4])),
    licence: 'CC BY 4.0',
    source: 'R. A. Fisher: Iris, UCI Machine Learning Repository (1936)',
  };
}

/** @type {Record<string, () => Made | Promise<Made>>} */
export const sets = { digits, fashion, emoji, textures, vegetables: () => vegetables(scratch), iris };

/**
 * The set as its two files: the manifest, and the bytes to be packed.
 * @param {string} name
 */
export async function make(name) {
  const { title, classes, shape, inputs, invert, labels, groups, training, licence, source } = await sets[name]();
  if (inputs.length !== labels.length * shape[0] * shape[1] * shape[2])
    throw new Error(`${name}: inputs do not fit labels`);
  const bytes = Buffer.concat([
    Buffer.from(inputs.buffer, inputs.byteOffset, inputs.byteLength),
    Buffer.from(labels),
    Buffer.from(Uint16Array.from(groups ?? []).buffer),
  ]);
  const manifest = {
    name,
    title,
    classes,
    shape,
    type: inputs instanceof Float32Array ? 'float32' : 'uint8',
    ...(invert && { invert }),
    samples: labels.length,
    ...(training === undefined ? {} : { training, validation: labels.length - training }),
    ...(groups === undefined ? {} : { groups: new Set(groups).size }),
    licence,
    source,
    file: `${name}.bin.gz`,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  return { manifest, bytes };
}

/** As prettier writes it: a line for each key. @param {Record<string, unknown>} manifest */
function inWords(manifest) {
  const word = (/** @type {unknown} */ value) =>
    Array.isArray(value) ? `[${value.map((one) => JSON.stringify(one)).join(', ')}]` : JSON.stringify(value);
  const lines = Object.entries(manifest).map(([key, value]) => `  ${JSON.stringify(key)}: ${word(value)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** The committed set. @param {string} name */
export function committed(name) {
  return {
    manifest: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
    bytes: gunzipSync(readFileSync(join(folder, `${name}.bin.gz`))),
  };
}

/** @param {string[]} words */
async function main(words) {
  const names = words.filter((word) => word !== '--check');
  const unknown = names.find((name) => !Object.hasOwn(sets, name));
  if (unknown) throw new Error(`no set '${unknown}': ${Object.keys(sets).join(', ')}`);
  for (const name of names.length ? names : Object.keys(sets)) {
    const { manifest, bytes } = await make(name);
    if (words.includes('--check')) {
      const same = committed(name).bytes.equals(bytes) && committed(name).manifest.sha256 === manifest.sha256;
      console.log(`make: ${name} ${same ? 'is what the packages give' : 'DIFFERS from what the packages give'}`);
      if (!same) process.exitCode = 1;
      continue;
    }
    const packed = gzipSync(bytes, { level: 9 });
    packed[9] = 255; // the byte of the header that tells the operating system; the time is 0 already
    writeFileSync(join(folder, manifest.file), packed);
    writeFileSync(join(folder, `${name}.json`), inWords(manifest));
    console.log(`make: ${name}: ${manifest.samples} samples, ${bytes.length} bytes, packed ${packed.length}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
