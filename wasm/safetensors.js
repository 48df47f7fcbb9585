// Reads and writes safetensors files: eight bytes for the header's length, the header as JSON, the values. The engine has its own reader
// (core/safetensors.cpp), with the same rules; this one serves what works without an engine.
import { InputError, inWords, problem } from './experiment.js';

const kHeaderLimit = 100e6;
const kExact = 2 ** 24; // the last whole number to which float32 knows all

/** @typedef {{ shape: number[], values: Float32Array }} Tensor */

/** Bytes of a number, how it is read, and whether it is a whole one. @type {Record<string, [bytes: number, read: (view: DataView, at: number) => number, whole?: boolean]>} */
const kTypes = {
  F16: [2, (view, at) => halfPrecision(view.getUint16(at, true))],
  BF16: [2, (view, at) => (kWord.setUint16(0, view.getUint16(at, true)), kWord.getFloat32(0))],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F64: [8, (view, at) => view.getFloat64(at, true)],
  BOOL: [1, (view, at) => view.getUint8(at), true],
  U8: [1, (view, at) => view.getUint8(at), true],
  I8: [1, (view, at) => view.getInt8(at), true],
  U16: [2, (view, at) => view.getUint16(at, true), true],
  I16: [2, (view, at) => view.getInt16(at, true), true],
  U32: [4, (view, at) => view.getUint32(at, true), true],
  I32: [4, (view, at) => view.getInt32(at, true), true],
  U64: [8, (view, at) => Number(view.getBigUint64(at, true)), true],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true)), true],
};
const kWord = new DataView(new ArrayBuffer(4));

/** (1 + fraction / 1024) 2^(exponent - 15); without the 1 where the exponent is 0, infinity or not a number where it is 31. @param {number} bits */
export function halfPrecision(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return (bits >> 15 ? -1 : 1) * (exponent < 31 ? size : fraction ? NaN : Infinity);
}

/**
 * Takes the tensors that are asked for, as float32, and names everything that does not fit at once. What else is in the file is of no
 * concern, as long as the file is whole.
 * @param {unknown} file
 * @param {Map<string, number[]>} shapes  by name
 * @returns {Map<string, Tensor>}
 */
export function readWeights(file, shapes) {
  if (!(file instanceof Uint8Array)) throw problem('weights', 'a Uint8Array with a safetensors file', inWords(file));
  const { header, data } = splitFile(file);
  const problems = [];
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const [name, shape] of shapes) {
    const entry = Object.hasOwn(header, name) ? header[name] : undefined;
    const path = `weights.${name}`;
    const [bytes, read, whole] = (Object.hasOwn(kTypes, entry?.dtype) && kTypes[entry.dtype]) || [0];
    if (!entry || !read || String(entry.shape) !== String(shape)) {
      const given = entry ? `${entry.dtype} of shape (${entry.shape.join(', ')})`.slice(0, 80) : 'no such tensor';
      problems.push({ path, expected: `numbers of shape (${shape.join(', ')})`, given });
      continue;
    }
    const [begin, end] = entry.data_offsets;
    const view = new DataView(data.buffer, data.byteOffset + begin, end - begin);
    const values =
      entry.dtype === 'F32'
        ? new Float32Array(data.slice(begin, end).buffer)
        : Float32Array.from({ length: (end - begin) / bytes }, (_, i) => read(view, i * bytes));
    const wrong = values.findIndex((value) => (whole ? Math.abs(value) > kExact : !Number.isFinite(value)));
    if (wrong >= 0) {
      const given = `${read(view, wrong * bytes)} at place ${wrong}`;
      problems.push({
        path,
        expected: whole ? 'whole numbers from -2^24 to 2^24' : 'finite numbers of float32',
        given,
      });
    }
    tensors.set(name, { shape, values });
  }
  if (problems.length) throw new InputError(problems);
  return tensors;
}

/** The header of a whole file and what follows it. @param {Uint8Array} file @returns {{ header: Record<string, any>, data: Uint8Array }} */
export function splitFile(file) {
  const damaged = (/** @type {string} */ why) => problem('weights', 'a whole safetensors file', why);
  if (file.length < 8) throw damaged(`${file.length} bytes`);
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (!(length <= Math.min(kHeaderLimit, file.length - 8)))
    throw damaged(`a header of ${length} bytes in ${file.length}`);
  let header;
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + length));
    header = JSON.parse(text);
  } catch (error) {
    throw damaged(`a header that is not JSON (${/** @type {Error} */ (error).message})`);
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header))
    throw damaged('a header that is no object');
  const twice = doubledKey(text);
  if (twice !== undefined) throw damaged(`a header with ${inWords(twice)} twice`);
  // A Buffer's slice() copies nothing, a Uint8Array's does.
  const data = new Uint8Array(file.buffer, file.byteOffset + 8 + length, file.length - 8 - length);
  const fault = faultOf(header, data.length);
  if (fault) throw damaged(fault);
  return { header, data };
}

/**
 * A file whose kernels are int8 with a scale for each output channel (NAME and NAME_scale), as one of float32. Any other file is as it is.
 * @param {Uint8Array} file
 */
export function widened(file) {
  const { header, data } = splitFile(file);
  const isScaled = (/** @type {string} */ name) =>
    header[name].dtype === 'I8' && header[`${name}_scale`]?.dtype === 'F32';
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  if (!names.some(isScaled)) return file;
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const name of names.filter((name) => !(name.endsWith('_scale') && header[name.slice(0, -6)]))) {
    const { shape, data_offsets: place } = header[name];
    const floats = (/** @type {number[]} */ [begin, end]) => new Float32Array(data.slice(begin, end).buffer);
    if (!isScaled(name)) {
      tensors.set(name, { shape, values: floats(place) });
      continue;
    }
    const scales = floats(header[`${name}_scale`].data_offsets);
    const whole = new Int8Array(data.buffer, data.byteOffset + place[0], place[1] - place[0]);
    const each = whole.length / scales.length;
    const values = new Float32Array(whole.length);
    for (let i = 0; i < whole.length; i++) values[i] = whole[i] * scales[Math.floor(i / each)];
    tensors.set(name, { shape, values });
  }
  return writeWeights(tensors);
}

/** What is wrong with the tensors' places: they cover the data without overlap or gap. @param {Record<string, any>} header @param {number} size */
function faultOf(header, size) {
  const whole = (/** @type {any} */ list) =>
    Array.isArray(list) && list.every((side) => Number.isSafeInteger(side) && side >= 0);
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  for (const [name, entry] of entries) {
    const { dtype, shape, data_offsets: place } = entry ?? {};
    if (typeof dtype !== 'string' || !whole(shape) || !whole(place) || place.length !== 2) {
      return `a tensor ${inWords(name)} without dtype, shape and data_offsets`;
    }
    const bytes =
      Object.hasOwn(kTypes, dtype) &&
      shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, kTypes[dtype][0]);
    if (place[0] > place[1] || (bytes !== false && place[1] - place[0] !== bytes)) {
      return `a tensor ${inWords(name)} at bytes ${place[0]} to ${place[1]}, which do not fit its shape`;
    }
  }
  // An empty tensor may share its place with the next, and then comes first.
  const placed = entries.map(([name, entry]) => ({ name, begin: entry.data_offsets[0], end: entry.data_offsets[1] }));
  placed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let taken = 0;
  for (const { name, begin, end } of placed) {
    if (begin !== taken) return `a tensor ${inWords(name)} at byte ${begin} where ${taken} are taken`;
    taken = end;
  }
  return taken === size ? undefined : `${size} bytes of data of which the tensors take ${taken}`;
}

/**
 * A key that stands twice in one object: JSON.parse would take the last one's word.
 * @param {string} text  valid JSON
 */
function doubledKey(text) {
  /** @type {Array<Set<string>>} */
  const open = [];
  // Strings whole, with the colon that makes one a key; brackets.
  for (const [token, key] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")\s*:|"[^"\\]*(?:\\.[^"\\]*)*"|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (key !== undefined) {
      const name = JSON.parse(key);
      const known = /** @type {Set<string>} */ (open.at(-1));
      if (known.has(name)) return name;
      known.add(name);
    }
  }
  return undefined;
}

/**
 * The file that the engine writes of the same tensors, byte for byte: its SHA-256 is the weights' signature.
 * @param {Map<string, Tensor>} tensors
 */
export function writeWeights(tensors) {
  let size = 0;
  const entries = [...tensors].map(([name, { shape, values }]) => {
    size += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [size - values.byteLength, size] }];
  });
  const data = new Uint8Array(size);
  let at = 0;
  for (const { values } of tensors.values()) {
    data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return joinFile(Object.fromEntries(entries), data);
}

/**
 * A header, padded with spaces to a multiple of eight bytes, and its data.
 * @param {Record<string, any>} entries
 * @param {Uint8Array} data
 */
export function joinFile(entries, data) {
  const text = new TextEncoder().encode(JSON.stringify(entries));
  const length = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.fill(0x20, 8, 8 + length);
  file.set(text, 8);
  file.set(data, 8 + length);
  return file;
}
