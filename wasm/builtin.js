// The built-in data sets: wasm/data/NAME.json says what a set is, NAME.bin.gz holds its numbers: inputs, a byte per sample for its
// label, and, where there are groups, two bytes for the group. The same files serve the page and Node, unpacked by the same gunzip,
// so that no picture decoder stands between a set and the hash of a run. A manifest with `of` is a view: some classes of another set, in
// that set's order; with `frames`, so many frames of each of its photos.
import { assetUrl } from './assets.js';
import { problem } from './experiment.js';
import { readFile } from './files.js';

const kNames = [
  'digits',
  'fashion',
  'fashion-6',
  'fashion-4',
  'emoji',
  'textures',
  'vegetables',
  'vegetables-bursts',
  'iris',
];

/**
 * @typedef {{ title: string, samples: number, shape: [number, number, number], classes: string[], type: 'uint8' | 'float32',
 *   invert?: 'auto', groups?: number, of?: string, frames?: number, licence: string, source: string }} Manifest
 */

/** @param {string} name @returns {Promise<Manifest>} */
async function manifestOf(name) {
  const bytes = await readFile(assetUrl(`data/${name}.json`).href, undefined, 'dataset');
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * A set as a whole: `validationSplit` divides it, whatever parts its source had.
 * @param {string} name
 * @param {string} option  the path of the option that named it
 * @returns {Promise<import('./dataset.js').Loaded>}
 */
export async function loadBuiltIn(name, option) {
  if (!kNames.includes(name)) {
    throw problem(option, `a built-in set (${kNames.join(', ')}) or a description`, JSON.stringify(name));
  }
  const manifest = await manifestOf(name);
  const { invert } = manifest;
  if (manifest.of === undefined) return { read: 'samples', samples: await samplesOf(name, manifest, option), invert };
  const samples = view(await samplesOf(manifest.of, await manifestOf(manifest.of), option), manifest);
  return { read: 'samples', invert, samples: manifest.frames ? framesOf(samples, manifest, manifest.frames) : samples };
}

/**
 * @param {string} name
 * @param {Manifest} manifest
 * @param {string} option
 */
async function samplesOf(name, { samples, shape, classes, type, groups }, option) {
  const { buffer } = await readFile(assetUrl(`data/${name}.bin.gz`).href, undefined, option);
  const numbers = samples * shape[0] * shape[1] * shape[2];
  const inputs = type === 'float32' ? new Float32Array(buffer, 0, numbers) : new Uint8Array(buffer, 0, numbers);
  const labels = new Uint8Array(buffer, inputs.byteLength, samples);
  const groupBytes = new DataView(buffer, inputs.byteLength + samples);
  return {
    inputs,
    shape,
    labels,
    classNames: classes,
    groups:
      groups === undefined ? undefined : Array.from({ length: samples }, (_, i) => groupBytes.getUint16(2 * i, true)),
  };
}

/**
 * The samples of these classes.
 * @param {Awaited<ReturnType<typeof samplesOf>>} whole
 * @param {Manifest} manifest
 */
function view({ inputs, shape, labels, classNames, groups }, { classes }) {
  const size = shape[0] * shape[1] * shape[2];
  const chosen = [...labels.keys()].filter((i) => classes.includes(classNames[labels[i]]));
  const kept = inputs.slice(0, chosen.length * size);
  chosen.forEach((from, to) => kept.set(inputs.subarray(from * size, (from + 1) * size), to * size));
  return {
    inputs: kept,
    shape,
    labels: Uint8Array.from(chosen, (i) => classes.indexOf(classNames[labels[i]])),
    classNames: classes,
    groups: groups && chosen.map((i) => groups[i]),
  };
}

/**
 * Frames of each photo as a camera gives them whose button is held: smaller windows of it, here and there, a little darker or brighter. Those
 * of one photo are a group. Whole numbers only, so that they are the same everywhere.
 * @param {ReturnType<typeof view>} photos
 * @param {Manifest} manifest
 * @param {number} frames
 */
function framesOf({ inputs, shape: [height, width, channels], labels, classNames }, { shape }, frames) {
  const row = shape[1] * channels;
  const count = labels.length * frames;
  const cut = new Uint8Array(count * shape[0] * row);
  for (let sample = 0, to = 0; sample < count; sample++) {
    const photo = Math.floor(sample / frames);
    const frame = sample % frames;
    const top = (3 * frame + 5 * photo) % (height - shape[0] + 1);
    const left = (5 * frame + 3 * photo) % (width - shape[1] + 1);
    const light = 256 + 8 * (((3 * frame + photo) % 5) - 2);
    for (let y = 0; y < shape[0]; y++) {
      const from = ((photo * height + top + y) * width + left) * channels;
      for (let x = 0; x < row; x++) cut[to++] = Math.min(255, (inputs[from + x] * light) >> 8);
    }
  }
  const photoOf = Array.from({ length: count }, (_, sample) => Math.floor(sample / frames));
  return {
    inputs: cut,
    shape,
    labels: Uint8Array.from(photoOf, (photo) => labels[photo]),
    classNames,
    groups: photoOf,
  };
}

/** Names of the built-in sets and what they hold. */
export async function listBuiltIns() {
  return Promise.all(
    kNames.map(async (name) => {
      const { title, samples, classes, shape, licence, source } = await manifestOf(name);
      return { name, title, samples, classes, shape, licence, source };
    }),
  );
}
