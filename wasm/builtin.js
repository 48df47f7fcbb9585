// The built-in data sets: wasm/data/NAME.json says what a set is, NAME.bin.gz holds its numbers. The same files serve the page and
// Node, unpacked by the same gunzip, so that no picture decoder stands between a set and the hash of a run.
import { problem } from './experiment.js';
import { readFile } from './files.js';

const kNames = ['digits', 'fashion', 'emoji'];

/**
 * @typedef {{ title: string, samples: number, shape: [number, number, number], classes: string[], licence: string, source: string }} Manifest
 */

/** @param {string} name @returns {Promise<Manifest>} */
async function manifestOf(name) {
  const bytes = await readFile(new URL(`./data/${name}.json`, import.meta.url).href, undefined, 'dataset');
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * @param {string} name
 * @param {string} option  the path of the option that named it
 * @returns {Promise<import('./dataset.js').Loaded>}
 */
export async function loadBuiltIn(name, option) {
  if (!kNames.includes(name)) {
    throw problem(option, `a built-in set (${kNames.join(', ')}) or a description`, JSON.stringify(name));
  }
  const file = new URL(`./data/${name}.bin.gz`, import.meta.url).href;
  const [{ samples, shape, classes }, bytes] = await Promise.all([manifestOf(name), readFile(file, undefined, option)]);
  const pixels = bytes.length - samples;
  return {
    read: 'samples',
    samples: { inputs: bytes.subarray(0, pixels), labels: bytes.subarray(pixels), shape, classNames: classes },
  };
}

/** Names of the built-in sets and what they hold. */
export async function listBuiltIns() {
  return Promise.all(kNames.map(async (name) => ({ name, ...(await manifestOf(name)) })));
}
