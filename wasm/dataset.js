// What the experiment's `dataset` names, loaded: files become bytes that the core reads, pictures and built-in sets become samples.
//
// Formats are read by the core (core/dataset.cpp); here is only what it cannot do: open files, gunzip, and, in files of their own,
// decode pictures and walk folders. All problems of a set are reported at once. In a browser `images` cannot be walked: the page decodes
// the user's files (images.js) and hands the samples to `Trainer.open` as `data`.
import { loadBuiltIn } from './builtin.js';
import { InputError, inWords, problem } from './experiment.js';
import { readFile } from './files.js';
import { loadFolder } from './picture_folder.js';

const kInputs = [Uint8Array, Float32Array, Float64Array];

/**
 * @typedef {import('./experiment.js').Problem} Problem
 * @typedef {import('./index.d.ts').Samples} Samples
 * @typedef {{ type: string, [option: string]: any }} Description  with every default written out
 * @typedef {{ read: 'idx', images: Uint8Array, labels: Uint8Array }
 *   | { read: 'csv', file: Uint8Array, label: string, groups?: string }
 *   | { read: 'safetensors', file: Uint8Array, inputs: string, labels: string, groups?: string }
 *   | { read: 'points', shape: string, samples: number, noise: number }
 *   | { read: 'samples', samples: Samples, invert?: 'auto', notes?: string[] }} Loaded  notes: what should be known of it, in sentences
 */

/**
 * Loads a set and its `validation`, if it has one.
 * @param {string | Description} dataset
 * @param {string | undefined} base  folder (Node) or URL (browser) that relative names start from
 * @returns {Promise<{ set: Loaded, validation?: Loaded }>}
 */
export async function loadDataset(dataset, base) {
  const validation = typeof dataset === 'object' ? dataset.validation : undefined;
  const [set, validationSet] = await allProblems([
    loadSet(dataset, base, 'dataset'),
    validation === undefined ? undefined : loadSet(validation, base, 'dataset.validation'),
  ]);
  return { set, validation: validationSet };
}

/**
 * Waits for all, and throws the problems of all of them together.
 * @param {Array<Promise<any> | undefined>} promises
 */
async function allProblems(promises) {
  const results = await Promise.allSettled(promises);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const fault = failures.find((failure) => !(failure instanceof InputError));
  if (fault) throw fault;
  if (failures.length) throw new InputError(failures.flatMap((failure) => failure.problems));
  return results.map((result) => /** @type {PromiseFulfilledResult<any>} */ (result).value);
}

/**
 * @param {string | Description} description
 * @param {string | undefined} base
 * @param {string} option  `dataset` or `dataset.validation`
 * @returns {Promise<Loaded>}
 */
async function loadSet(description, base, option) {
  if (typeof description === 'string') return loadBuiltIn(description, option);
  const { type } = description;
  const file = (/** @type {string} */ key) => readFile(description[key], base, `${option}.${key}`);
  if (type === 'builtIn') return loadBuiltIn(description.name, option);
  if (type === 'idx') {
    const [images, labels] = await allProblems([file('images'), file('labels')]);
    return { read: 'idx', images, labels };
  }
  const { label, inputs, labels, groups } = description;
  if (type === 'csv') return { read: 'csv', file: await file('path'), label, groups };
  if (type === 'safetensors') return { read: 'safetensors', file: await file('path'), inputs, labels, groups };
  if (type === 'points') {
    return { read: 'points', shape: description.shape, samples: description.samples, noise: description.noise };
  }
  return { read: 'samples', ...(await loadFolder(description, base, option)) };
}

/**
 * Checks the form of a caller's samples; their values are judged by the core.
 * @param {Samples} samples
 * @param {string} option
 * @returns {Samples}
 */
export function checkSamples(samples, option) {
  if (typeof samples !== 'object' || samples === null) throw problem(option, 'an object of samples', inWords(samples));
  const { inputs, shape, labels, targets, groups, classNames = [] } = samples;
  const count = checkInputs(inputs, checkShape(shape, `${option}.shape`), `${option}.inputs`);
  /** @type {Problem[]} */
  const problems = [];
  const refuse = (/** @type {string} */ key, /** @type {string} */ expected, /** @type {unknown} */ given) =>
    problems.push({ path: `${option}.${key}`, expected, given: inWords(given) });
  if ((labels === undefined) === (targets === undefined)) {
    refuse('labels', 'given, or else targets', labels === undefined ? undefined : 'both');
  }
  for (const [key, list] of Object.entries({ labels, groups })) {
    if (list === undefined) continue;
    const integers = Array.from(list);
    const wrong = integers.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < 2 ** 31));
    if (list.length !== count) refuse(key, `${count} integers, one a sample`, list.length);
    else if (wrong >= 0) refuse(`${key}[${wrong}]`, 'an integer from 0 on', integers[wrong]);
  }
  if (targets !== undefined && !(targets instanceof Float32Array && targets.length && targets.length % count === 0)) {
    refuse('targets', `a Float32Array of ${count} x K numbers`, targets);
  }
  if (!Array.isArray(classNames)) refuse('classNames', 'a list of texts', classNames);
  else {
    // Half of a surrogate pair is no character, and UTF-8, in which the core reads them, has no place for it.
    const wrong = classNames.findIndex((name) => typeof name !== 'string' || /\p{Cs}/u.test(name));
    if (wrong >= 0) refuse(`classNames[${wrong}]`, 'a text of whole characters', classNames[wrong]);
  }
  if (problems.length) throw new InputError(problems);
  return samples;
}

/**
 * @param {unknown} shape
 * @param {string} option
 * @returns {[number, number, number]}
 */
function checkShape(shape, option) {
  const good = Array.isArray(shape) && shape.length === 3 && shape.every((side) => Number.isInteger(side) && side >= 1);
  if (!good) throw problem(option, '[height, width, channels], integers from 1 on', inWords(shape));
  return /** @type {any} */ (shape);
}

/**
 * How many samples of a shape these numbers are.
 * @param {unknown} inputs
 * @param {[number, number, number]} shape
 * @param {string} option
 */
export function checkInputs(inputs, [height, width, channels], option) {
  const size = height * width * channels;
  const numbers = /** @type {any} */ (kInputs.some((type) => inputs instanceof type) ? inputs : []);
  if (numbers.length && numbers.length % size === 0) return numbers.length / size;
  const expected = `a Uint8Array, Float32Array or Float64Array of N x ${height} x ${width} x ${channels} numbers`;
  throw problem(option, expected, inWords(inputs));
}
