// The test part: samples that neither training nor validation sees, so that what was chosen by validation can be judged once. The core says which samples
// they are, as it splits for validation (as many of each class, groups on one side); here the set is cut in two, whatever form it has.
import { splitFile } from './safetensors.js';

/**
 * @typedef {import('./dataset.js').Loaded} Loaded
 * @typedef {{ share: number, seed: number }} Held  how much of a set, drawn by which seed
 */

/**
 * @param {import('./engine.js').Engine} engine  whose run is lost
 * @param {string} json  the experiment
 * @param {import('./dataset.js').Sets} sets
 * @param {Held} held
 * @returns {import('./dataset.js').Sets}
 */
export function holdBack(engine, json, sets, held) {
  engine.read(0, sets.set, sets.places[0], held);
  engine.open(asValidation(JSON.parse(json), held), { featureBytes: 0 });
  const { training, validation } = engine.split(); // samples may be in neither part
  if (sets.set.read === 'points') return { ...sets, test: sets.set }; // the core draws others to be judged by
  const [set, test] = [training, validation].map((part) =>
    rowsOf(
      /** @type {any} */ (sets.set),
      part.toSorted((a, b) => a - b),
    ),
  );
  return { ...sets, set, test };
}

/** The experiment whose validation part is the test part. @param {any} experiment @param {Held} held */
function asValidation({ samplesPerClass: _few, dataset, ...rest }, { share, seed }) {
  const { validation: _validation, ...one } = typeof dataset === 'object' ? dataset : {};
  const whole = typeof dataset === 'object' ? one : dataset;
  return JSON.stringify({ ...rest, ...(whole !== undefined && { dataset: whole }), seed, validationSplit: share });
}

/** @param {Exclude<Loaded, { read: 'points' }>} loaded @param {number[]} indices @returns {Loaded} */
function rowsOf(loaded, indices) {
  if (loaded.read === 'idx') {
    return { ...loaded, images: idxRows(loaded.images, indices), labels: idxRows(loaded.labels, indices) };
  }
  if (loaded.read === 'safetensors') return { ...loaded, file: tensorRows(loaded, indices) };
  if (loaded.read === 'samples') {
    const [height, width, channels] = loaded.samples.shape;
    const samples = loaded.samples.inputs.length / (height * width * channels);
    return { ...loaded, samples: arraysOf(loaded.samples, samples, indices) };
  }
  const columns = loaded.widths.length;
  const table = arraysOf(loaded, loaded.inputs.length / columns, indices);
  const missing = loaded.columns.map(({ type }, column) => {
    const isMissing = (/** @type {number} */ value) => (type === 'number' ? Number.isNaN(value) : value < 0);
    return indices.filter((_index, row) => isMissing(table.inputs[row * columns + column])).length;
  });
  return { ...table, missing };
}

/**
 * The same rows of each array of samples.
 * @template {object} Set
 * @param {Set} set
 * @param {number} samples
 * @param {number[]} indices
 * @returns {Set}
 */
function arraysOf(set, samples, indices) {
  /** @type {any} */
  const rows = { ...set };
  for (const key of ['inputs', 'labels', 'targets', 'groups']) {
    const values = rows[key];
    if (!values) continue;
    const each = values.length / samples;
    const Numbers = ArrayBuffer.isView(values) ? /** @type {any} */ (values.constructor) : Array;
    const kept = new Numbers(indices.length * each);
    indices.forEach((from, to) => {
      for (let i = 0; i < each; i++) kept[to * each + i] = /** @type {any} */ (values)[from * each + i];
    });
    rows[key] = kept;
  }
  return rows;
}

/** An IDX file: two zeros, a type, how many sides; the sides, four bytes each; the numbers. @param {Uint8Array} file @param {number[]} indices */
function idxRows(file, indices) {
  const begin = 4 + 4 * file[3];
  const view = new DataView(file.buffer, file.byteOffset);
  const each = (file.length - begin) / view.getUint32(4);
  const kept = new Uint8Array(begin + indices.length * each);
  kept.set(file.subarray(0, begin));
  new DataView(kept.buffer).setUint32(4, indices.length);
  indices.forEach((from, to) =>
    kept.set(file.subarray(begin + from * each, begin + (from + 1) * each), begin + to * each),
  );
  return kept;
}

/** @param {{ file: Uint8Array, inputs: string, labels: string, groups?: string }} loaded @param {number[]} indices */
function tensorRows({ file, inputs, labels, groups }, indices) {
  const { header, data } = splitFile(file);
  const names = [inputs, labels, ...(groups ? [groups] : [])];
  let end = 0;
  const parts = names.map((name) => {
    const { dtype, shape, data_offsets: [from, to] } = header[name]; // prettier-ignore
    const each = (to - from) / shape[0];
    const begin = end;
    end += each * indices.length;
    return { name, dtype, shape: [indices.length, ...shape.slice(1)], from, each, begin, offsets: [begin, end] };
  });
  const described = parts.map(({ name, dtype, shape, offsets }) => [name, { dtype, shape, data_offsets: offsets }]);
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(described)));
  const kept = new Uint8Array(8 + text.length + end);
  new DataView(kept.buffer).setBigUint64(0, BigInt(text.length), true);
  kept.set(text, 8);
  for (const { from, each, begin } of parts) {
    indices.forEach((row, i) => {
      kept.set(data.subarray(from + row * each, from + (row + 1) * each), 8 + text.length + begin + i * each);
    });
  }
  return kept;
}

/**
 * The test part of a table as the network of a run takes it: what is missing is that run's median.
 * @param {Loaded} test
 * @param {import('./preparation.js').Preparation} preparation
 * @returns {Loaded}
 */
export function filled(test, preparation) {
  if (test.read !== 'table' || preparation.kind !== 'table') return test;
  const { columns } = preparation;
  const inputs = test.inputs.map((value, i) => {
    const column = columns[i % columns.length];
    return Number.isNaN(value) && column.type === 'number' ? column.median : value;
  });
  return { ...test, inputs };
}
