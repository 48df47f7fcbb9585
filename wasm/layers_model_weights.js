// The numbers of a TensorFlow.js layers model: `weightsManifest` of model.json says which lie in which file, one behind the other, as float32 or,
// quantized, as uint8 or uint16 (times `scale` plus `min`) or float16.
import { InputError, inWords, problem } from './experiment.js';
import { halfPrecision } from './safetensors.js';

/** Bytes of a number, and how it is read. @type {Record<string, [bytes: number, read: (view: DataView, at: number) => number]>} */
const kTypes = {
  float32: [4, (view, at) => view.getFloat32(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  float16: [2, (view, at) => halfPrecision(view.getUint16(at, true))],
  uint16: [2, (view, at) => view.getUint16(at, true)],
  uint8: [1, (view, at) => view.getUint8(at)],
};

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/**
 * @param {any} manifest
 * @param {(name: string) => Promise<Uint8Array | undefined>} open  a file that the manifest names
 * @returns {Promise<Map<string, Tensor>>}
 */
export async function readManifest(manifest, open) {
  const isGroup = (/** @type {any} */ group) =>
    Array.isArray(group?.weights) &&
    Array.isArray(group.paths) &&
    group.paths.length > 0 &&
    group.paths.every((/** @type {any} */ path) => typeof path === 'string' && path !== '');
  if (!(Array.isArray(manifest) && manifest.every(isGroup)))
    throw problem('weightsManifest of model.json', 'a list of objects with paths and weights', inWords(manifest));
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const { paths, weights } of manifest) {
    const parts = [];
    for (const path of paths) {
      const part = await open(path);
      if (!part) throw problem(path, 'beside model.json, which names it for its weights', 'no such file');
      parts.push(part);
    }
    const file = await new Blob(/** @type {BlobPart[]} */ (parts)).arrayBuffer();
    readGroup(weights, new DataView(file), paths.join(', '), tensors);
  }
  return tensors;
}

/** @param {any[]} weights @param {DataView} view @param {string} files @param {Map<string, Tensor>} tensors */
function readGroup(weights, view, files, tensors) {
  let at = 0;
  for (const weight of weights) {
    const { name, shape } = weight ?? {};
    const isShape = Array.isArray(shape) && shape.every((side) => Number.isSafeInteger(side) && side >= 0);
    if (typeof name !== 'string' || !isShape)
      throw problem('a weight of model.json', 'an object with name and shape', inWords(weight));
    const [bytes, read] = formOf(name, weight);
    const count = shape.reduce((/** @type {number} */ product, /** @type {number} */ side) => product * side, 1);
    if (!(count * bytes <= view.byteLength - at)) {
      const expected = `at least ${at + count * bytes} bytes, up to the end of ${inWords(name)}`;
      throw problem(files, expected, `${view.byteLength}: it is cut off, or of another model`);
    }
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = read(view, at + i * bytes);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw problem(`the weight ${inWords(name)}`, 'finite numbers of float32', `${values[wrong]} at place ${wrong}`);
    tensors.set(name, { shape, values });
    at += count * bytes;
  }
  if (at !== view.byteLength)
    throw problem(files, `the ${at} bytes that model.json tells`, `${view.byteLength}: it is of another model`);
}

/** @param {string} name @param {any} weight @returns {[bytes: number, read: (view: DataView, at: number) => number]} */
function formOf(name, { dtype, quantization }) {
  const refuse = (/** @type {string} */ expected, /** @type {unknown} */ given) => {
    throw new InputError([{ path: `the weight ${inWords(name)}`, expected, given: inWords(given) }]);
  };
  if (dtype !== 'float32' && dtype !== 'int32') refuse('of dtype float32 or int32', dtype);
  if (quantization === undefined || quantization === null) return kTypes[dtype];
  const { dtype: packed, scale, min } = quantization;
  if (packed === 'float16') return kTypes.float16;
  if (packed !== 'uint8' && packed !== 'uint16') refuse('quantized as uint8, uint16 or float16', packed);
  if (!Number.isFinite(scale) || !Number.isFinite(min)) refuse('quantized with a scale and a min', quantization);
  const [bytes, read] = kTypes[packed];
  return [bytes, (view, at) => read(view, at) * scale + min];
}
