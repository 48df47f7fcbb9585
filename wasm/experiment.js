// The experiment file on its way in: JSON text for the core, the command line's --set, and the wording of problems.
//
// The core judges an experiment (core/experiment.cpp, the one table of options) and names every problem at once as
// {path, expected, given}; this file only puts them into words. Problems that the core cannot see (a missing file,
// a picture that does not decode) are reported in the same form by the files that meet them.

/** @typedef {{ path: string, expected: string, given: string }} Problem */

/**
 * One problem as a sentence.
 * @param {Problem} problem
 */
export function wordProblem({ path, expected, given }) {
  return `Expected ${path || 'the experiment'} to be ${expected}, got ${given}`;
}

/** Thrown for bad input. `problems` holds all of them, `message` says them in words, one a line. */
export class InputError extends TypeError {
  /** @param {Problem[]} problems */
  constructor(problems) {
    super(problems.map(wordProblem).join('\n'));
    this.name = 'InputError';
    this.problems = problems;
  }
}

/**
 * An `InputError` with a single problem.
 * @param {string} path
 * @param {string} expected
 * @param {string} given
 */
export function problem(path, expected, given) {
  return new InputError([{ path, expected, given }]);
}

/**
 * What was given, short enough for a sentence.
 * @param {unknown} value
 * @returns {string}
 */
export function inWords(value) {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number') return String(value);
  if (ArrayBuffer.isView(value)) {
    const length = 'length' in value ? value.length : value.byteLength;
    return `a ${value.constructor.name} of length ${length}`;
  }
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * The experiment as JSON text. Numbers that JSON cannot hold become strings, so that the core refuses them by name
 * instead of seeing a null; and so do arrays of samples, which would become objects of a key for each number.
 * @param {unknown} experiment
 */
export function toJson(experiment) {
  /** @this {any} @param {string} key @param {unknown} value */
  function plain(key, value) {
    if (ArrayBuffer.isView(this[key])) return inWords(this[key]); // before its own toJSON, as a Buffer has one
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  }
  let text;
  try {
    text = JSON.stringify(experiment, plain);
  } catch (error) {
    throw problem('', 'plain JSON data', /** @type {Error} */ (error).message);
  }
  if (text === undefined) throw problem('', 'an object', inWords(experiment));
  return text;
}

/**
 * Reads an experiment file's text.
 * @param {string} text
 * @param {string} name  the file's name, for the sentence
 */
export function fromJson(text, name) {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw problem(name, 'JSON', `text that does not parse (${/** @type {Error} */ (error).message})`);
  }
}

/**
 * The keys of a path: `layers[0].units` and `layers.0.units` are the same.
 * @param {string} path
 * @returns {string[] | undefined}  of what is no path
 */
export function keysOf(path) {
  const keys = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  return keys.some((key) => key === '' || key === '__proto__') ? undefined : keys;
}

/**
 * Sets one value of an experiment in place; null takes the key (or the list's entry) out. Missing objects on the way
 * are made.
 * @param {any} experiment
 * @param {string[]} keys
 * @param {unknown} value
 * @param {string} option  that asked for it, for the sentence
 */
export function setPath(experiment, [...keys], value, option) {
  const last = /** @type {string} */ (keys.pop());
  let place = experiment;
  let walked = '';
  for (const key of keys) {
    checkPlace(place, key, option, walked);
    if (!Object.hasOwn(place, key)) place[key] = {};
    place = place[key];
    walked = walked ? `${walked}.${key}` : key;
  }
  checkPlace(place, last, option, walked);
  if (value !== null) place[last] = value;
  else if (Array.isArray(place)) place.splice(Number(last), 1);
  else delete place[last];
}

/**
 * @param {unknown} place
 * @param {string} key
 * @param {string} option  for the sentence
 * @param {string} walked
 */
function checkPlace(place, key, option, walked) {
  if (typeof place !== 'object' || place === null) {
    throw problem(option, 'a path through objects and lists', `${inWords(place)} at ${walked || 'its start'}`);
  }
  if (Array.isArray(place) && !(/^\d+$/.test(key) && Number(key) <= place.length)) {
    throw problem(option, `an index from 0 to ${place.length} of ${walked}`, key);
  }
}

/**
 * Applies one `--set key.path=value` of the command line: the value is JSON, or else a string.
 * @param {any} experiment
 * @param {string} assignment
 */
export function applySetting(experiment, assignment) {
  const equals = assignment.indexOf('=');
  if (equals < 1) throw problem('--set', 'key.path=value', inWords(assignment));
  const text = assignment.slice(equals + 1);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  const path = assignment.slice(0, equals);
  const keys = keysOf(path);
  if (!keys) {
    throw problem('--set', 'key.path=value, as in optimizer.learningRate=0.01 or layers[0].units=64', inWords(path));
  }
  setPath(experiment, keys, value, `--set ${path}`);
}
