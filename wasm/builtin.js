// The built-in data sets: wasm/data/NAME.json says what a set is, NAME.bin.gz holds its numbers: inputs, a byte per sample for its
// label, and, where there are groups, two bytes for the group. The same files serve the page and Node, unpacked by the same gunzip,
// so that no picture decoder stands between a set and the hash of a run.
import { problem } from './experiment.js';
import { readFile } from './files.js';

const kNames = ['digits', 'fashion', 'emoji', 'textures', 'iris'];

/**
 * @typedef {{ title: string, samples: number, shape: [number, number, number], classes: string[], type: 'uint8' | 'float32',
 *   groups?: number, licence: string, source: string }} Manifest
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
  const file = new URL(`./data/${name}.bin.gz`, import.meta.url).href;
  const [{ samples, shape, classes, type, groups }, { buffer }] = await Promise.all([
    manifestOf(name),
    readFile(file, undefined, option),
  ]);
  const numbers = samples * shape[0] * shape[1] * shape[2];
  const inputs = type === 'float32' ? new Float32Array(buffer, 0, numbers) : new Uint8Array(buffer, 0, numbers);
  const labels = new Uint8Array(buffer, inputs.byteLength, samples);
  const groupBytes = new DataView(buffer, inputs.byteLength + samples);
  return {
    read: 'samples',
    samples: {
      inputs,
      shape,
      labels,
      classNames: classes,
      groups:
        groups === undefined ? undefined : Array.from({ length: samples }, (_, i) => groupBytes.getUint16(2 * i, true)),
    },
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
