// What a weights file says of itself: `__metadata__` of its safetensors header, texts by key. Written as weights are saved, read before they
// are loaded: the classes of a file and of a set are matched by name.
import { InputError, inWords, problem } from './experiment.js';
import { joinFile, splitFile } from './safetensors.js';
import { widthOf } from './table_samples.js';

export const kVersion = '0.1.0'; // package.json's (tests/wasm/export_metadata.test.js)
const kPrefix = 'trainground.';
/** The keys whose texts are JSON. */
const kStructured = ['experiment', 'preparation', 'classNames'];

/** @typedef {import('./preparation_types.d.ts').WeightsDescription} WeightsDescription */

/**
 * The file with a description of itself.
 * @param {Uint8Array} file  without one
 * @param {WeightsDescription} described
 */
export function describedWeights(file, described) {
  const { header, data } = splitFile(file);
  const known = Object.entries(described).filter(([, value]) => value !== undefined);
  const texts = known.map(([key, value]) => [
    kPrefix + key,
    kStructured.includes(key) ? JSON.stringify(value) : String(value),
  ]);
  return joinFile({ __metadata__: Object.fromEntries(texts), ...header }, data);
}

/**
 * @param {Uint8Array} file
 * @returns {WeightsDescription | undefined}
 */
export function describeWeights(file) {
  if (!(file instanceof Uint8Array)) throw problem('weights', 'a Uint8Array with a safetensors file', inWords(file));
  return descriptionOf(splitFile(file).header);
}

/** @param {Record<string, any>} header @returns {WeightsDescription | undefined} */
function descriptionOf({ __metadata__: texts }) {
  if (texts === undefined || texts?.[`${kPrefix}version`] === undefined) return undefined;
  const read = (/** @type {string} */ key) => {
    const text = texts[kPrefix + key];
    try {
      return kStructured.includes(key) ? JSON.parse(text) : String(text);
    } catch {
      throw problem(`weights.__metadata__.${kPrefix}${key}`, 'JSON', inWords(text));
    }
  };
  const described = { version: read('version'), experiment: read('experiment'), preparation: read('preparation') };
  const { classNames, weightsSha256 } = { classNames: read('classNames'), weightsSha256: read('weightsSha256') };
  checkDescription({ ...described, classNames });
  return { ...described, classNames, weightsSha256 };
}

/** @param {any} described */
function checkDescription({ preparation, classNames, experiment }) {
  /** @type {import('./experiment.js').Problem[]} */
  const problems = [];
  const refuse = (/** @type {string} */ key, /** @type {string} */ expected, /** @type {unknown} */ given) =>
    problems.push({ path: `weights.__metadata__.${kPrefix}${key}`, expected, given: inWords(given) });
  if (!Array.isArray(experiment?.layers)) refuse('experiment', 'an experiment with layers', experiment);
  if (!(Array.isArray(classNames) && classNames.every((name) => typeof name === 'string')))
    refuse('classNames', 'a list of texts', classNames);
  if (!['picture', 'numbers', 'table'].includes(preparation?.kind)) refuse('preparation', 'a preparation', preparation);
  else if (preparation.kind === 'picture') {
    const { size, channels, fit } = preparation;
    const isSize =
      Array.isArray(size) &&
      size.length === 2 &&
      size.every((side) => Number.isInteger(side) && side >= 1 && side <= 1024);
    if (!isSize || ![1, 3].includes(channels) || !['crop', 'pad', 'stretch'].includes(fit))
      refuse('preparation', 'size, channels and fit as decodeImages takes them', preparation);
  } else if (!(Array.isArray(preparation.shape) && preparation.shape.length === 3)) {
    refuse('preparation', 'the shape of a sample', preparation);
  } else if (preparation.kind === 'table' && !isTable(preparation)) {
    refuse('preparation', 'the columns of a table, with medians and categories', preparation);
  }
  if (problems.length) throw new InputError(problems);
}

/**
 * Refuses weights that have learned from a table of other columns, or of the same ones in another way: their inputs would be taken for
 * what they are not. A file that says nothing of itself is taken as it is.
 * @param {Uint8Array} file
 * @param {import('./preparation_types.d.ts').Preparation} preparation  of the set
 */
export function matchColumns(file, preparation) {
  const told = descriptionOf(splitFile(file).header)?.preparation;
  if (told?.kind !== 'table' || preparation.kind !== 'table') return;
  const words = (/** @type {import('./table_types.d.ts').TablePreparation} */ { columns }) =>
    columns.map((column) => {
      if (column.type === 'number') return column.name;
      return `${column.name} (${[...column.categories, ...(column.missing ? ['missing'] : [])].join(', ')})`;
    });
  const [ours, theirs] = [words(preparation), words(told)];
  const differing = ours.findIndex((column, i) => column !== theirs[i]);
  if (differing < 0 && ours.length === theirs.length) return;
  const at = differing < 0 ? ours.length : differing;
  const [expected, given] = [ours, theirs].map((columns) => inWords(columns[at] ?? 'no more'));
  throw problem('weights', `those of the table's columns, of which number ${at + 1} is ${expected}`, given);
}

/** @param {any} preparation */
function isTable({ label, columns, shape, normalization }) {
  const isColumn = (/** @type {any} */ column) =>
    typeof column?.name === 'string' &&
    (column.type === 'number'
      ? Number.isFinite(column.median)
      : column.type === 'category' &&
        Array.isArray(column.categories) &&
        column.categories.every((/** @type {any} */ name) => typeof name === 'string'));
  if (!(typeof label === 'string' && Array.isArray(columns) && columns.every(isColumn))) return false;
  const channels = columns.reduce((sum, column) => sum + widthOf(column), 0);
  const fits = (/** @type {any} */ list) =>
    Array.isArray(list) && list.length === channels && list.every((value) => Number.isFinite(value));
  const isNormal = normalization === null || (fits(normalization?.mean) && fits(normalization?.deviation));
  return isNormal && String(shape) === `1,1,${channels}`;
}

/**
 * The weights with their outputs in the order of a set's classes, where the file names the same ones in another order. One with other names
 * is refused with both lists; one without any is as it is.
 * @param {Uint8Array} file
 * @param {string[]} classNames  of the set, in its order
 * @param {Array<{ type: string, index: number }>} layers  of the network, as the start event has them
 */
export function matchClasses(file, classNames, layers) {
  const { header, data } = splitFile(file);
  const told = descriptionOf(header)?.classNames ?? [];
  if (told.length === 0 || classNames.length === 0 || String(told) === String(classNames)) return file;
  const places = classNames.map((name) => told.indexOf(name));
  if (told.length !== classNames.length || places.includes(-1)) {
    throw problem('weights', `those of the classes ${inWords(classNames)}`, `weights of the classes ${inWords(told)}`);
  }
  const last = layers.findLast(({ type }) => type === 'dense')?.index ?? Infinity;
  const moved = data.slice();
  for (const [name, entry] of Object.entries(header)) {
    const [, layer] = /^layers\.(\d+)\./.exec(name) ?? [];
    if (layer === undefined || Number(layer) < last) continue;
    const [begin, end] = entry.data_offsets;
    if (entry.shape[0] === places.length) {
      const row = (end - begin) / places.length;
      places.forEach((from, to) =>
        moved.set(data.subarray(begin + from * row, begin + (from + 1) * row), begin + to * row),
      );
    } else if (entry.shape[0] === 1 && entry.dtype === 'F32') {
      // One output for two classes: the other one's logit is the negative.
      const view = new DataView(moved.buffer, moved.byteOffset);
      for (let at = begin; at < end; at += 4) view.setFloat32(at, -view.getFloat32(at, true), true);
    }
  }
  return joinFile(header, moved);
}
