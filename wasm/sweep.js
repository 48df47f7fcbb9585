// Many runs as one experiment. Who asks keeps what is told (`onResult`), and gives it back (`finished`) to go on: a run is known by its
// experiment, so one that has ended is never repeated, whatever sweep it is in.
//
// With `halving` the worst third of the settings stops after a third of the epochs, and again after two thirds (after Jamieson and Talwalkar,
// "Non-stochastic best arm identification and hyperparameter optimization", 2016). Which they are depends on what was told alone, not on who was first.
import { InputError, inWords, problem } from './experiment.js';
import { ask } from './inquiry.js';
import { SideBySide, at, kStages, keyOf } from './side_by_side.js';
import { answerOf, better, meanOf, metricOf, testOf } from './sweep_answer.js';
import { partOf, placed, plan } from './sweep_plan.js';

/**
 * @typedef {import('./sweep_types.d.ts').SweepOptions} SweepOptions
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {import('./sweep_types.d.ts').SweepPlan} SweepPlan
 * @typedef {import('./sweep_types.d.ts').PlannedRun} PlannedRun
 */

/** @param {unknown} experiment @returns {Promise<SweepPlan>} */
export async function planSweep(experiment) {
  const planned = await plan(experiment);
  await checkRuns(planned);
  return planned;
}

/**
 * Checks each setting once; its other seeds are as good.
 * @param {SweepPlan} planned
 */
async function checkRuns(planned) {
  /** @type {Map<string, import('./experiment.js').Problem>} */
  const problems = new Map();
  for (const run of planned.runs.slice(0, planned.settings.length)) {
    for (const found of await ask('check', JSON.stringify(run.experiment))) {
      const told = placed(found, planned);
      problems.set(JSON.stringify(told), told);
    }
  }
  if (problems.size) throw new InputError([...problems.values()]);
}

/**
 * @param {unknown} experiment
 * @param {SweepOptions} [options]
 * @returns {Promise<import('./sweep_types.d.ts').Sweep>}
 */
export async function sweep(experiment, options = {}) {
  const planned = await planSweep(experiment);
  const runs = ofShard(planned, options.shard);
  const side = await SideBySide.start(runs, planned, options);
  try {
    if (!planned.halving) await side.train(runs, kStages);
    else await halve(planned, side);
  } finally {
    await side.close();
  }
  return gathered(planned, [...side.told.values()]);
}

/**
 * @param {unknown} experiment
 * @param {number} setting
 * @param {SweepOptions} [options]
 * @returns {Promise<import('./sweep_types.d.ts').SweepTest>}
 */
export async function testSweep(experiment, setting, { finished = [], ...options } = {}) {
  const planned = await planSweep(experiment);
  const { held, settings } = planned;
  if (!held) throw problem('testSplit', 'a share of the set to test by', 'nothing');
  const runs = planned.runs.filter((run) => run.setting === setting);
  if (runs.length === 0) throw problem('setting', `an integer from 0 to ${settings.length - 1}`, inWords(setting));
  const side = await SideBySide.start(runs, planned, options, async (conversation, { test }) => {
    const { loss, accuracy, samples } = await conversation.call('evaluateTest', { test, seed: held.seed });
    return { validationLoss: loss, validationAccuracy: accuracy, validationSamples: samples };
  });
  try {
    await side.train(runs, kStages);
  } finally {
    await side.close();
  }
  const results = [...side.told.values()].sort((a, b) => a.seed - b.seed);
  const before = new Map(finished.map(({ id, weightsSha256 }) => [id, weightsSha256]));
  const other = results.find(({ id, weightsSha256 }) => (before.get(id) ?? weightsSha256) !== weightsSha256);
  if (other) {
    const given = 'other weights: the data, or the version, is not the same any more';
    throw problem(`the run with seed ${other.seed}`, 'to end as it did in the sweep', given);
  }
  return testOf(settings[setting], results);
}

/**
 * @param {unknown} experiment
 * @param {Iterable<SweepResult>} results
 */
export async function gatherSweep(experiment, results) {
  return gathered(await planSweep(experiment), results);
}

/**
 * A plan with what is known of its runs.
 * @param {SweepPlan} planned
 * @param {Iterable<SweepResult>} told
 * @returns {import('./sweep_types.d.ts').Sweep}
 */
function gathered(planned, told) {
  const known = new Map([...told].map((result) => [keyOf(result.id, result.stage ?? kStages), result]));
  const last = planned.runs.map(({ id }) => known.get(keyOf(id, kStages)));
  const isOut = planned.halving && outOf(planned, known);
  const stopped = planned.runs.flatMap((run, i) => {
    const stage = !last[i] && isOut ? isOut.get(run.setting) : undefined;
    return known.get(keyOf(run.id, stage ?? 0)) ?? [];
  });
  const seen = new Set(stopped.map(({ id }) => id));
  const results = last.flatMap((result) => result ?? []);
  return {
    plan: planned,
    results,
    stopped,
    answer: answerOf(planned, results, stopped),
    missing: planned.runs.filter(({ id }, i) => !last[i] && !seen.has(id)),
  };
}

/**
 * At which stage each setting is stopped, as far as that is known.
 * @param {SweepPlan} planned
 * @param {Map<string, SweepResult>} known
 */
function outOf({ settings, runs }, known) {
  /** @type {Map<number, number>} */
  const out = new Map();
  for (let stage = 1; stage < kStages; stage++) {
    const left = [...settings.keys()].filter((setting) => !out.has(setting));
    const judged = left.map((setting) => {
      const told = runs.filter((run) => run.setting === setting).map(({ id }) => at(known, id, stage));
      return { setting, told };
    });
    if (judged.some(({ told }) => told.includes(undefined))) break;
    const metric = metricOf(judged.flatMap(({ told }) => /** @type {SweepResult[]} */ (told)));
    const ranked = judged
      .map(({ setting, told }) => ({ setting, mean: meanOf(/** @type {SweepResult[]} */ (told), metric) }))
      .sort((a, b) => better(metric, a.mean, b.mean) || a.setting - b.setting);
    for (const { setting } of ranked.slice(ranked.length - Math.floor(ranked.length / 3))) out.set(setting, stage);
  }
  return out;
}

/** @param {SweepPlan} planned @param {SideBySide} side */
async function halve(planned, side) {
  for (let stage = 1; stage <= kStages; stage++) {
    const out = outOf(planned, side.told);
    await side.train(
      planned.runs.filter(({ setting }) => !out.has(setting)),
      stage,
    );
    if (stage < kStages) side.leaveOut(planned.runs.filter(({ setting }) => outOf(planned, side.told).has(setting)));
  }
}

/**
 * @param {SweepPlan} planned
 * @param {string} [shard]
 */
function ofShard({ runs, settings, halving }, shard) {
  if (shard === undefined) return runs;
  const [, part, parts] = (/^(\d+)\/(\d+)$/.exec(String(shard)) ?? []).map(Number);
  if (!(part >= 1 && part <= parts)) {
    throw problem('shard', 'a part and how many there are, as in 3/40 (from 1/40 to 40/40)', inWords(shard));
  }
  if (halving) throw problem('halving', 'false in a shard, since it compares all runs', 'true');
  return runs.filter(({ index }) => partOf(index, parts, settings.length) === part - 1);
}
