// Reads a safetensors file: eight bytes for the header's length, the header as JSON, the values. Only float32 tensors are taken, as
// weights are. The engine has its own reader (core/safetensors.cpp); this one serves what works without an engine.
import { InputError, inWords, problem } from './experiment.js';

/**
 * Takes exactly the tensors that are asked for, and names everything that does not fit at once.
 * @param {unknown} file
 * @param {Map<string, number[]>} shapes  by name
 * @returns {Map<string, { shape: number[], values: Float32Array }>}
 */
export function readWeights(file, shapes) {
  if (!(file instanceof Uint8Array)) throw problem('weights', 'a Uint8Array with a safetensors file', inWords(file));
  const { header, data } = split(file);
  const problems = [];
  const tensors = new Map();
  for (const [name, shape] of shapes) {
    const entry = Object.hasOwn(header, name) ? header[name] : undefined;
    const expected = `float32 values of shape (${shape.join(', ')})`;
    const count = shape.reduce((product, side) => product * side, 1);
    const [begin, end] = Array.isArray(entry?.data_offsets) ? entry.data_offsets : [];
    if (!entry) {
      problems.push({ path: `weights.${name}`, expected, given: 'no such tensor' });
    } else if (entry.dtype !== 'F32' || String(entry.shape) !== String(shape)) {
      const given = `${inWords(entry.dtype)} of shape (${[entry.shape].flat().join(', ')})`;
      problems.push({ path: `weights.${name}`, expected, given });
    } else if (!(begin >= 0 && end === begin + 4 * count && end <= data.length)) {
      problems.push({
        path: `weights.${name}`,
        expected: `${4 * count} bytes in the file`,
        given: 'a file that ends before',
      });
    } else {
      tensors.set(name, { shape, values: new Float32Array(data.slice(begin, end).buffer) });
    }
  }
  for (const name of Object.keys(header)) {
    if (name === '__metadata__' || shapes.has(name)) continue;
    problems.push({
      path: `weights.${name}`,
      expected: 'a tensor of this network',
      given: 'a tensor it does not have',
    });
  }
  if (problems.length) throw new InputError(problems);
  return tensors;
}

/** @param {Uint8Array} file @returns {{ header: Record<string, any>, data: Uint8Array }} */
function split(file) {
  const damaged = () => problem('weights', 'a whole safetensors file', `${file.length} bytes that are none`);
  if (file.length < 8) throw damaged();
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  if (!(length <= file.length - 8)) throw damaged();
  try {
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    if (header && typeof header === 'object' && !Array.isArray(header))
      return { header, data: file.subarray(8 + length) };
  } catch {
    // Not JSON: as damaged as no object.
  }
  throw damaged();
}
