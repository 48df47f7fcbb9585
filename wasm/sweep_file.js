// The file of a sweep's results: a line of JSON for each, written whole and at once, so that whatever ends the process, all lines but the last are
// whole; half a line is what no result is yet, and is cut off when the sweep goes on. Lines of the event `sweep` say what the results are of.
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readBytes } from './cli_files.js';
import { InputError, inWords, problem } from './experiment.js';

/**
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {{ experiment: any, shard?: string }} Heading
 * @typedef {import('./sweep_types.d.ts').SweepTest & { runs: string[] }} Seen  what the test part said; runs: of which, by their ids
 * @typedef {{ headings: Heading[], results: SweepResult[], tests: Seen[], length: number }} Contents  length: of the whole lines, in bytes
 */

const kNumbers = /** @type {const} */ (['seed', 'epoch', 'validationSamples', 'seconds']);
const kMeasures = /** @type {const} */ (['validationLoss', 'validationAccuracy', 'loss']); // JSON has null for what is no number

/** @param {string} file @param {string} option @returns {Promise<Contents>} */
export async function readResults(file, option) {
  const bytes = await readBytes(file, option);
  const length = bytes.lastIndexOf(10) + 1;
  /** @type {Contents} */
  const contents = { headings: [], results: [], tests: [], length };
  /** @type {import('./experiment.js').Problem[]} */
  const problems = [];
  const lines = bytes.subarray(0, length).toString('utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' || problems.length === 10) continue;
    const told = parsed(line);
    if (told?.event === 'sweep' && typeof told.experiment === 'object') contents.headings.push(told);
    else if (told?.event === 'test' && Array.isArray(told.runs) && Array.isArray(told.values))
      contents.tests.push(told);
    else if (isResult(told)) contents.results.push(withNumbers(told));
    else {
      const path = `${option}, line ${index + 1} of ${file},`;
      problems.push({ path, expected: 'a result of a sweep, as `trainground sweep` writes it', given: inWords(line) });
    }
  }
  if (problems.length) throw new InputError(problems);
  return contents;
}

/** @param {string} line @returns {any} */
function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** @param {any} told */
function isResult(told) {
  if (typeof told !== 'object' || told === null) return false;
  const isMeasure = (/** @type {unknown} */ value) =>
    value === undefined || value === null || typeof value === 'number';
  return (
    /^[0-9a-f]{16}$/.test(told.id) &&
    typeof told.setting === 'object' &&
    kNumbers.every((key) => typeof told[key] === 'number') &&
    kMeasures.every((key) => isMeasure(told[key])) &&
    (told.stage === 1 || told.stage === 2 || (told.stage === undefined && typeof told.weightsSha256 === 'string'))
  );
}

/** @param {any} told @returns {SweepResult} */
function withNumbers({ event: _event, ...told }) {
  for (const key of kMeasures) if (told[key] === null) told[key] = NaN;
  return told;
}

/** @param {SweepResult} result */
export const resultLine = (result) => `${JSON.stringify({ event: result.stage ? 'stage' : 'run', ...result })}\n`;

/**
 * Opens a file to add results to, and tells those that it has.
 * @param {string} file
 * @param {Heading} heading
 */
export async function openResults(file, heading) {
  const option = '--out';
  const exists = await open(file).then(
    (handle) => handle.close().then(() => true),
    (error) => error.code !== 'ENOENT',
  );
  const { headings, results, tests, length } = exists
    ? await readResults(file, option)
    : { headings: [], results: [], tests: [], length: 0 };
  let handle;
  try {
    handle = await open(file, 'a');
    await handle.truncate(length);
  } catch (error) {
    throw problem(option, 'a file that can be written', `${inWords(file)} (${/** @type {Error} */ (error).message})`);
  }
  const add = async (/** @type {string} */ line) => {
    await handle.appendFile(line);
    await handle.sync();
  };
  const line = JSON.stringify({ event: 'sweep', ...heading });
  if (JSON.stringify(headings.at(-1)) !== line) await add(`${line}\n`);
  return {
    results,
    tests,
    add: (/** @type {SweepResult} */ result) => add(resultLine(result)),
    async addTest(/** @type {Seen} */ seen) {
      await add(`${JSON.stringify({ event: 'test', ...seen })}\n`);
      tests.push(seen);
    },
    close: () => handle.close(),
  };
}

/**
 * All results of a folder, and what they are of.
 * @param {string} folder
 */
export async function readFolder(folder) {
  const option = '--merge';
  let names;
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort();
  } catch (error) {
    throw problem(option, 'a folder that can be read', `${inWords(folder)} (${/** @type {Error} */ (error).message})`);
  }
  if (names.length === 0) throw problem(option, 'a folder with files of results (.ndjson)', inWords(folder));
  const files = await Promise.all(
    names.map(async (name) => ({ name, ...(await readResults(join(folder, name), option)) })),
  );
  checkAgreement(files, option);
  return { headings: files.flatMap(({ headings }) => headings), results: files.flatMap(({ results }) => results) };
}

/**
 * The same run ends with the same weights wherever it is trained: where it did not, data or versions differ.
 * @param {Array<{ name: string } & Contents>} files
 * @param {string} option
 */
function checkAgreement(files, option) {
  /** @type {Map<string, { name: string, weightsSha256?: string }>} */
  const seen = new Map();
  const problems = [];
  for (const { name, results } of files) {
    for (const { id, weightsSha256, stage, setting, seed } of results) {
      if (stage) continue;
      const other = seen.get(id);
      if (other && other.weightsSha256 !== weightsSha256) {
        const path = `${option}, the run ${inWords(setting)} with seed ${seed},`;
        const given = `${inWords(other.name)} and ${inWords(name)} that do not: is the data of one of them another?`;
        problems.push({ path, expected: 'in files that end it with the same weights', given });
      }
      seen.set(id, { name, weightsSha256 });
    }
  }
  if (problems.length) throw new InputError(problems.slice(0, 10));
}
