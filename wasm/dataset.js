// What the experiment's `dataset` names, loaded: files become bytes that the core reads, pictures and built-in sets become samples.
//
// Formats are read by the core (core/dataset.cpp); here is only what it cannot do: open files, gunzip, and, in files of their own,
// decode pictures, walk folders and open projects. All problems of a set are reported at once. In a browser `images` cannot be walked: the page decodes
// the user's files (images.js) and hands the samples to `Trainer.open` as `data`.
import { loadBuiltIn } from './builtin.js';
import { InputError, inWords, problem } from './experiment.js';
import { bytesOf, isFile, readFile, unpack } from './files.js';
import { loadFolder } from './picture_folder.js';
import { loadProject } from './picture_project.js'; // no import() in a worker: Vite 7 would ask its user for another format
import { readTable } from './table_samples.js';

const kInputs = [Uint8Array, Float32Array, Float64Array];

/**
 * @typedef {import('./experiment.js').Problem} Problem
 * @typedef {import('./index.d.ts').Samples} Samples
 * @typedef {{ base?: string, files?: Record<string, Uint8Array | Blob>, numbers: boolean, judges?: Promise<Loaded> }} Source
 *   base: folder (Node) or URL (browser) that relative names start from; files: by name, instead of those there; numbers: the loss is a
 *   regression's; judges: the set to learn from
 * @typedef {{ type: string, [option: string]: any }} Description  with every default written out
 * @typedef {{ read: 'idx', images: Uint8Array, labels: Uint8Array }
 *   | import('./table_samples.js').Table
 *   | { read: 'safetensors', file: Uint8Array, inputs: string, labels: string, groups?: string }
 *   | { read: 'points', shape: string, samples: number, noise: number }
 *   | { read: 'samples', samples: Samples, invert?: 'auto', notes?: string[] }} Loaded  notes: what should be known of it, in sentences
 */

/** @typedef {{ set: Loaded, validation?: Loaded, test?: Loaded, places: [string, string] }} Sets  places: what problems of both are about */

/**
 * What an experiment learns from and is judged by: samples in memory, or else what its `dataset` names.
 * @param {any} experiment  with every default written out
 * @param {import('./index.d.ts').OpenOptions} options
 * @returns {Promise<Sets>}
 */
export async function loadSets({ dataset, loss }, { data, validationData, base, files }) {
  if (!data && dataset === undefined) {
    throw problem('dataset', 'given, or samples passed as `data`', 'neither');
  }
  const numbers = loss.type === 'meanSquaredError';
  /** @type {(samples: Samples, option: string) => Loaded} */
  const inMemory = (samples, option) => ({ read: 'samples', samples: checkSamples(samples, option) });
  const named = data ? { set: inMemory(data, 'data') } : await loadDataset(dataset, { base, files, numbers });
  const validation = validationData ? inMemory(validationData, 'validationData') : named.validation;
  const places = /** @type {[string, string]} */ ([
    data ? 'data' : 'dataset',
    validationData ? 'validationData' : 'dataset.validation',
  ]);
  return { set: named.set, validation, places };
}

/**
 * Loads a set and its `validation`, if it has one.
 * @param {string | Description} dataset
 * @param {Source} source
 * @returns {Promise<{ set: Loaded, validation?: Loaded }>}
 */
export async function loadDataset(dataset, source) {
  const validation = typeof dataset === 'object' ? dataset.validation : undefined;
  const loadingSet = loadSet(dataset, source, 'dataset');
  const [set, validationSet] = await allProblems([
    loadingSet,
    validation && loadSet(validation, { ...source, judges: loadingSet }, 'dataset.validation'),
  ]);
  return { set, validation: validationSet };
}

/**
 * A table to judge by is read as the one to learn from is: whether its label is numbers, and the places of its categories.
 * @param {Uint8Array} file
 * @param {Description} description
 * @param {Source} source
 * @param {string} option
 */
async function loadTable(file, description, { numbers, judges }, option) {
  const set = await judges?.catch(() => undefined); // its own problems are told beside these
  const like = set?.read === 'table' ? set : undefined;
  const table = readTable(file, option, /** @type {any} */ (description), { numbers, like });
  if (set && !like && table.missing.some((count) => count > 0)) {
    const expected = 'a table without missing cells, since the set to learn from is none that tells what to put there';
    throw problem(`${option}.path`, expected, inWords(description.path));
  }
  return table;
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
 * @param {Source} source
 * @param {string} option  `dataset` or `dataset.validation`
 * @returns {Promise<Loaded>}
 */
async function loadSet(description, source, option) {
  const { base, files = {} } = source;
  if (typeof description === 'string') return loadBuiltIn(description, option);
  const { type } = description;
  const file = async (/** @type {string} */ key) => {
    const name = description[key];
    if (!Object.hasOwn(files, name)) return readFile(name, base, `${option}.${key}`);
    return unpack(await bytesOf(files[name], `files[${JSON.stringify(name)}]`), name, `${option}.${key}`);
  };
  if (type === 'builtIn') return loadBuiltIn(description.name, option);
  if (type === 'idx') {
    const [images, labels] = await allProblems([file('images'), file('labels')]);
    return { read: 'idx', images, labels };
  }
  const { inputs, labels, groups } = description;
  if (type === 'csv') return loadTable(await file('path'), description, source, option);
  if (type === 'safetensors') return { read: 'safetensors', file: await file('path'), inputs, labels, groups };
  if (type === 'points') {
    return { read: 'points', shape: description.shape, samples: description.samples, noise: description.noise };
  }
  const isProject = Object.hasOwn(files, description.path) || (await isFile(description.path, base));
  const loading = isProject
    ? loadProject(await file('path'), description, option)
    : loadFolder(description, base, option);
  return { read: 'samples', ...(await loading) };
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

/** What should be known of pictures that were loaded. @param {Loaded} [loaded] @returns {string[]} */
export const pictureNotes = (loaded) => (loaded?.read === 'samples' && loaded.notes) || [];
