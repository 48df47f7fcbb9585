// Transfer learning: what `transfer.weights` names. A built-in backbone is wasm/data/NAME.backbone.json, which says what it is, and the
// safetensors file beside it; anything else is a file of the user's.
import { assetUrl } from './assets.js';
import { problem } from './experiment.js';
import { readFile } from './files.js';
import { widened } from './safetensors.js';

const kNames = ['fashion-6', 'efficientnet-lite0'];

/**
 * @typedef {import('./builtin_types.d.ts').Backbone} Backbone
 */

/** Whether a name is one of those that come with the package. @param {string} name */
export const isBackbone = (name) => kNames.includes(name);

/** @param {string} name @returns {Promise<Backbone>} */
async function manifestOf(name) {
  const bytes = await readFile(assetUrl(`data/${name}.backbone.json`).href, undefined, 'transfer.weights');
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * The bytes that `transfer.weights` names.
 * @param {string} name
 * @param {string | undefined} base
 * @param {import('./transfer_types.d.ts').TransferOptions['onProgress']} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
export async function loadTransfer(name, base, onProgress) {
  if (isBackbone(name)) {
    const file = assetUrl(`data/${name}.safetensors`).href;
    const { bytes: total } = await manifestOf(name);
    const tell = (/** @type {number} */ bytes) => onProgress?.({ bytes, total });
    return widened(await readFile(file, undefined, 'transfer.weights', tell));
  }
  try {
    return await readFile(name, base, 'transfer.weights');
  } catch (error) {
    const [{ given } = { given: JSON.stringify(name) }] = /** @type {any} */ (error).problems ?? [];
    throw problem('transfer.weights', `a built-in backbone (${kNames.join(', ')}) or a file that can be read`, given);
  }
}

/** The built-in backbones and what they have learned. */
export async function listBackbones() {
  return Promise.all(
    kNames.map(async (name) => {
      const { title, dataset, classes, shape, parameters, layers, bytes, sha256, licence } = await manifestOf(name);
      return { name, title, dataset, classes, shape, parameters, layers, bytes, sha256, licence };
    }),
  );
}
