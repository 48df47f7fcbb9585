// What a sweep is made of: every setting of what is varied, times every seed.
//
// A grid takes each value with each; with `trials` so many settings are drawn at random instead (Bergstra and Bengio, "Random search for
// hyper-parameter optimization", 2012). Runs stand in the order of their seeds, so that a sweep that is stopped has tried every setting about
// as often, and each has met the same seeds.
import { InputError, inWords, keysOf, problem, setPath, toJson } from './experiment.js';
import { identity } from './identity.js';
import { uniform } from './random_values.js';

const kSeeds = 5;
const kMostSeeds = 1000;
const kMostRuns = 10_000;
const kLargestSeed = Number.MAX_SAFE_INTEGER;
const kDigits = 4; // of a number that is drawn: logarithms may differ in the last ones from one browser to the next
const kDraws = 100; // for each setting that is asked for: of few values there are not always so many settings

/**
 * @typedef {import('./sweep_types.d.ts').SweepPlan} SweepPlan
 * @typedef {import('./sweep_types.d.ts').PlannedRun} PlannedRun
 * @typedef {{ minValue: number, maxValue: number, sampling?: 'linear' | 'log', step?: number }} Range
 * @typedef {{ path: string, keys: string[], place: string, values: unknown[] | Range }} Varied
 */

/** What of an experiment is the sweep's. */
export const kSweepKeys = ['sweep', 'seeds', 'trials', 'halving', 'testSplit'];

/**
 * @param {unknown} experiment
 * @returns {Promise<SweepPlan>}
 */
export async function plan(experiment) {
  const { sweep = {}, seeds = kSeeds, trials, halving = false, testSplit, ...rest } = JSON.parse(toJson(experiment));
  /** @type {import('./experiment.js').Problem[]} */
  const problems = [];
  const expect = (/** @type {boolean} */ good, /** @type {[string, string, unknown]} */ ...[path, expected, given]) =>
    good || void problems.push({ path, expected, given: inWords(given) });
  const isCount = (/** @type {unknown} */ value, /** @type {number} */ most) =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
  const seed = rest.seed ?? 1;
  expect(isCount(seeds, kMostSeeds), 'seeds', `an integer from 1 to ${kMostSeeds}`, seeds);
  expect(trials === undefined || isCount(trials, kMostRuns), 'trials', `an integer from 1 to ${kMostRuns}`, trials);
  expect(typeof halving === 'boolean', 'halving', 'true or false', halving);
  const isShare = testSplit === undefined || (typeof testSplit === 'number' && testSplit >= 0.01 && testSplit <= 0.9);
  expect(isShare, 'testSplit', 'a number from 0.01 to 0.9', testSplit);
  const isSeed = Number.isInteger(seed) && seed >= 0 && seed <= kLargestSeed - kMostSeeds;
  expect(isSeed, 'seed', `an integer from 0 to ${kLargestSeed - kMostSeeds}, where seeds count on from it`, seed);
  const varied = checkVaried(sweep, trials !== undefined, problems);
  if (problems.length) throw new InputError(problems);

  const sized = varied.map(({ values, ...one }) => ({ ...one, values: spread(values, trials) }));
  const settings = trials === undefined ? grid(sized, seeds) : drawn(sized, trials, seed);
  if (settings.length * seeds > kMostRuns) tooMany(settings.length * seeds);
  const { runs, doubles } = await runsOf(rest, varied, settings, { seed, seeds, testSplit });
  if (doubles) throw problem('sweep', 'settings that differ', doubles);
  return {
    varied: varied.map(({ path }) => path),
    settings,
    seeds,
    halving,
    runs,
    ...(testSplit !== undefined && { held: { share: testSplit, seed } }),
  };
}

/** @param {number} runs @returns {never} */
function tooMany(runs) {
  throw problem('sweep', `of at most ${kMostRuns} runs (settings times seeds)`, inWords(runs));
}

/**
 * @param {unknown} sweep
 * @param {boolean} isRandom
 * @param {import('./experiment.js').Problem[]} problems
 * @returns {Varied[]}
 */
function checkVaried(sweep, isRandom, problems) {
  if (typeof sweep !== 'object' || sweep === null || Array.isArray(sweep)) {
    const expected = 'an object of paths and their values, as in {"optimizer.learningRate": [0.001, 0.01]}';
    problems.push({ path: 'sweep', expected, given: inWords(sweep) });
    return [];
  }
  return Object.entries(sweep).map(([path, values]) => {
    const place = `sweep[${JSON.stringify(path)}]`;
    const keys = keysOf(path);
    if (!keys || kSweepKeys.includes(keys[0]) || keys[0] === 'seed') {
      const expected = 'a path in the experiment, as in optimizer.learningRate (`seeds` tells how many seeds)';
      problems.push({ path: place, expected, given: inWords(path) });
    }
    if (!Array.isArray(values)) checkRange(values, isRandom, place, problems);
    else if (values.length === 0 || values.length > kMostRuns) {
      const given = `a list of ${values.length}`;
      problems.push({ path: place, expected: `a list of 1 to ${kMostRuns} values, or a range`, given });
    }
    return { path, keys: keys ?? [], place, values };
  });
}

/**
 * @param {any} range
 * @param {boolean} isRandom
 * @param {string} place
 * @param {import('./experiment.js').Problem[]} problems
 */
function checkRange(range, isRandom, place, problems) {
  const refuse = (/** @type {string} */ key, /** @type {string} */ expected, /** @type {unknown} */ given) =>
    void problems.push({ path: key ? `${place}.${key}` : place, expected, given: inWords(given) });
  if (typeof range !== 'object' || range === null) {
    return refuse('', 'a list of values, or a range as in {"minValue": 0.001, "maxValue": 0.1}', range);
  }
  const { minValue, maxValue, sampling = 'linear', step, ...others } = range;
  for (const key of Object.keys(others)) {
    refuse(key, 'left out (a range has minValue, maxValue, sampling and step)', others[key]);
  }
  if (!['linear', 'log'].includes(sampling)) refuse('sampling', 'linear or log', sampling);
  const isLog = sampling === 'log';
  if (typeof minValue !== 'number' || (isLog && minValue <= 0)) {
    refuse('minValue', isLog ? 'a number above 0, since the scale is logarithmic' : 'a number', minValue);
  } else if (!(typeof maxValue === 'number' && maxValue > minValue)) {
    refuse('maxValue', `a number above ${minValue}`, maxValue);
  }
  const least = isLog ? 1 : 0;
  if (step === undefined ? !isRandom : !(typeof step === 'number' && step > least)) {
    const factor = isLog
      ? 'a factor above 1 from one value to the next'
      : 'a number above 0 from one value to the next';
    refuse('step', step === undefined ? `${factor}, unless settings are drawn (trials)` : factor, step);
  }
}

/**
 * The values of a range that has steps; one that has none is left as it is, to draw from.
 * @param {unknown[] | Range} values
 * @param {number | undefined} trials
 */
function spread(values, trials) {
  if (Array.isArray(values)) return values;
  const { minValue, maxValue, sampling, step } = values;
  if (step === undefined) return values;
  const steps = sampling === 'log' ? Math.log(maxValue / minValue) / Math.log(step) : (maxValue - minValue) / step;
  const count = Math.floor(steps + 1e-9) + 1;
  if (count > kMostRuns) {
    if (trials === undefined) tooMany(count);
    return values;
  }
  return Array.from({ length: count }, (_, i) => stepped(values, i));
}

/** @param {Range} range @param {number} i */
function stepped({ minValue, sampling, step = 1 }, i) {
  return Number((sampling === 'log' ? minValue * step ** i : minValue + i * step).toPrecision(12));
}

/**
 * @param {Array<Varied>} varied
 * @param {number} seeds
 * @returns {Array<Record<string, unknown>>}
 */
function grid(varied, seeds) {
  const lists = varied.map(({ values }) => /** @type {unknown[]} */ (values));
  const count = lists.reduce((product, list) => product * list.length, 1);
  if (count * seeds > kMostRuns) tooMany(count * seeds);
  return varied.reduce(
    (settings, { path }, i) => settings.flatMap((setting) => lists[i].map((value) => ({ ...setting, [path]: value }))),
    [/** @type {Record<string, unknown>} */ ({})],
  );
}

/**
 * Settings that differ, drawn at random; fewer than asked for, where there are no more.
 * @param {Array<Varied>} varied
 * @param {number} trials
 * @param {number} seed
 */
function drawn(varied, trials, seed) {
  const next = uniform(seed);
  /** @type {Map<string, Record<string, unknown>>} */
  const found = new Map();
  for (let draw = 0; draw < trials * kDraws && found.size < trials; draw++) {
    const setting = Object.fromEntries(varied.map(({ path, values }) => [path, drawOne(values, next())]));
    found.set(JSON.stringify(setting), setting);
  }
  return [...found.values()];
}

/** @param {unknown[] | Range} values @param {number} share  in [0, 1) */
function drawOne(values, share) {
  if (Array.isArray(values)) return values[Math.floor(share * values.length)];
  const { minValue, maxValue, sampling, step } = values;
  if (step !== undefined) {
    const steps = sampling === 'log' ? Math.log(maxValue / minValue) / Math.log(step) : (maxValue - minValue) / step;
    return stepped(values, Math.floor(share * (Math.floor(steps + 1e-9) + 1)));
  }
  const value =
    sampling === 'log' ? minValue * (maxValue / minValue) ** share : minValue + share * (maxValue - minValue);
  return Math.min(maxValue, Math.max(minValue, Number(value.toPrecision(kDigits))));
}

/**
 * @param {any} rest  the experiment without what is the sweep's
 * @param {Varied[]} varied
 * @param {Array<Record<string, unknown>>} settings
 * @param {{ seed: number, seeds: number, testSplit?: number }} range
 */
async function runsOf(rest, varied, settings, { seed, seeds, testSplit }) {
  const order = inOrder(varied);
  /** @type {PlannedRun[]} */
  const runs = [];
  /** @type {Map<string, number>} */
  const seen = new Map();
  let doubles;
  for (let of = 0; of < seeds; of++) {
    for (const [setting, values] of settings.entries()) {
      const experiment = structuredClone(rest);
      for (const { path, keys, place } of order(values)) setPath(experiment, keys, values[path], place);
      experiment.seed = seed + of;
      const id = await identity(testSplit === undefined ? experiment : { ...experiment, testSplit, testSeed: seed });
      if (seen.has(id)) doubles ??= `${inWords(settings[Number(seen.get(id))])} and ${inWords(values)}`;
      seen.set(id, setting);
      runs.push({ index: runs.length, id, setting, seed: seed + of, experiment });
    }
  }
  return { runs, doubles };
}

/** What is taken out (null) goes last, and from the end of a list, so that the other indices are still those of the file. @param {Varied[]} varied */
function inOrder(varied) {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const fromTheEnd = varied.toSorted((a, b) => compare(b.keys.join('.'), a.keys.join('.')));
  return (/** @type {Record<string, unknown>} */ values) => [
    ...varied.filter(({ path }) => values[path] !== null),
    ...fromTheEnd.filter(({ path }) => values[path] === null),
  ];
}

/**
 * The part of a sweep that a run is in, from 0 on: one run after the other, and one further on whenever that would begin anew with the first setting, so
 * that a part holds about as many runs as another, of as many settings as can be.
 * @param {number} index  of the run
 * @param {number} parts
 * @param {number} settings
 */
export function partOf(index, parts, settings) {
  let [a, b] = [parts, settings];
  while (b) [a, b] = [b, a % b];
  return (index + Math.floor(index / ((parts * settings) / a))) % parts;
}

/**
 * A problem of a run's experiment, at the place in the sweep that it comes from.
 * @param {import('./experiment.js').Problem} found
 * @param {SweepPlan} planned
 */
export function placed(found, { varied }) {
  const normal = (/** @type {string} */ path) => path.replace(/\[(\d+)\]/g, '.$1');
  const at = varied.find((path) => `${normal(found.path)}.`.startsWith(`${normal(path)}.`));
  if (at === undefined) return found;
  return { ...found, path: `sweep[${JSON.stringify(at)}]${normal(found.path).slice(normal(at).length)}` };
}
