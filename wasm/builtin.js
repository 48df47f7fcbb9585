// The built-in data sets: wasm/data/NAME.json says what a set is, NAME.bin.gz holds its numbers: inputs, a byte per sample for its
// label, and, where there are groups, two bytes for the group. The same files serve the page and Node, unpacked by the same gunzip,
// so that no picture decoder stands between a set and the hash of a run. A manifest with `of` is a view: some classes of another set, in
// that set's order.
import { problem } from './experiment.js';
import { readFile } from './files.js';

const kNames = ['digits', 'fashion', 'fashion-6', 'fashion-4', 'emoji', 'textures', 'iris'];

/**
 * @typedef {{ title: string, samples: number, shape: [number, number, number], classes: string[], type: 'uint8' | 'float32',
 *   invert?: 'auto', groups?: number, of?: string, licence: string, source: string }} Manifest
 */

/** @param {string} name @returns {Promise<Manifest>} */
async function manifestOf(name) {
  const bytes = await readFile(new URL(`./data/${name}.json`, import.meta.url).href, undefined, 'dataset');
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
  return {
    read: 'samples',
    invert,
    samples: view(await samplesOf(manifest.of, await manifestOf(manifest.of), option), manifest),
  };
}

/**
 * @param {string} name
 * @param {Manifest} manifest
 * @param {string} option
 */
async function samplesOf(name, { samples, shape, classes, type, groups }, option) {
  const { buffer } = await readFile(new URL(`./data/${name}.bin.gz`, import.meta.url).href, undefined, option);
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

/** Names of the built-in sets and what they hold. */
export async function listBuiltIns() {
  return Promise.all(
    kNames.map(async (name) => {
      const { title, samples, classes, shape, licence, source } = await manifestOf(name);
      return { name, title, samples, classes, shape, licence, source };
    }),
  );
}
