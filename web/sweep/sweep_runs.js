/**
 * The runs of a sweep: begun, paused, gone on with. Every result is kept in this browser as soon as it is there, a row each, so that a closed tab loses
 * none of them; of own pictures and tables they live as long as the page.
 */
import { gatherSweep, sweep, testSweep } from 'trainground';
import { changedNow, progressed } from '../app/drawing.js';
import { state } from '../app/state.js';
import { forgetValue, keepValue, keptNames, keptValue } from '../app/store.js';
import { failed } from '../parts/alerts.js';
import { versionOf } from '../data/brought.js';
import { openOptions } from '../model/open_options.js';
import { wanted } from './marks.js';

const kRow = 'sweep:';
const kSeen = 'sweep-test:';
const kBytes = 600; // that a row takes, about

/** Ends the runs that are in training. @type {AbortController | null} */
let running = null;

/** What was told of runs, by run and stage; and of which data. @type {Map<string, any>} */
const results = new Map();
let version = 0;

const isOfPage = (dataset) => typeof dataset === 'string' || dataset?.type === 'points';

/** Results of other pictures say nothing. */
function checkVersion(dataset) {
  const now = versionOf(dataset);
  if (!isOfPage(dataset) && now !== version) results.clear();
  version = now;
}

async function keep(result, dataset) {
  const key = `${result.id} ${result.stage ?? ''}`;
  results.set(key, result);
  if (isOfPage(dataset)) await keepValue(kRow + key, { ...result, bytes: kBytes }, null).catch(() => {});
}

/** What an earlier visit has kept. */
let recalled = null;
const recall = () =>
  (recalled ??= (async () => {
    const names = await keptNames();
    for (const name of names.filter((one) => one.startsWith(kRow))) {
      results.set(name.slice(kRow.length), await keptValue(name));
    }
    const tests = await Promise.all(names.filter((one) => one.startsWith(kSeen)).map(keptValue));
    state.sweep = { ...state.sweep, tests: [...state.sweep.tests, ...tests] };
  })());

/** Names a test part: what was seen of another one does not count. */
const partOf = ({ whole }, { held }) => JSON.stringify([whole.dataset, held]);

/** What was seen of the test part, and whether that is of the best setting as it is now. @param {any} told @param {any} made  of `sweepOf` */
export function seenOf(told, made) {
  const tests = state.sweep.tests.filter(({ part }) => part === partOf(made, told.plan));
  const ids = idsOf(told);
  return { tests, ofBest: tests.find((seen) => seen.ids === ids) };
}

/** Names the runs of the best setting. */
const idsOf = ({ plan, answer }) =>
  plan.runs
    .filter(({ setting }) => setting === answer.best)
    .map(({ id }) => id)
    .join();

/** Shows what is known of the sweep that is marked, whatever runs it is from. */
export async function gather() {
  await recall();
  const { whole } = wanted();
  checkVersion(whole.dataset);
  const told = await gatherSweep(whole, results.values()).catch(() => null);
  if (state.sweep.isRunning) return;
  state.sweep = { ...state.sweep, told };
  changedNow();
}

/** Begins, or goes on. */
export async function start() {
  if (state.sweep.isRunning) return;
  const { whole } = wanted();
  const { signal } = (running = new AbortController());
  state.sweep = { ...state.sweep, isRunning: true, progress: null, told: null };
  changedNow();
  await recall();
  checkVersion(whole.dataset);
  let told = null;
  try {
    const { data, files, transferWeights } = await openOptions(whole);
    told = await sweep(whole, {
      ...{ data, files, transferWeights, signal },
      finished: [...results.values()],
      onResult: (result) => keep(result, whole.dataset),
      onProgress(progress) {
        state.sweep = { ...state.sweep, progress };
        progressed();
      },
    });
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  }
  state.sweep = { ...state.sweep, isRunning: false };
  if (told) state.sweep = { ...state.sweep, told };
  else await gather();
  changedNow();
}

export const pause = () => running?.abort();

/** Forgets the results, so that the same sweep begins anew. */
export async function forget() {
  results.clear();
  state.sweep = { ...state.sweep, told: null, progress: null };
  for (const name of (await keptNames()).filter((one) => one.startsWith(kRow))) await forgetValue(name);
  await gather();
}

/** Judges the best setting by the test part; what was seen before is not looked at again. */
export async function look() {
  const { told, tests } = state.sweep;
  const made = wanted();
  const { whole } = made;
  const { best } = told.answer;
  const ids = idsOf(told);
  if (seenOf(told, made).ofBest) return;
  state.sweep = { ...state.sweep, isRunning: true, progress: null };
  changedNow();
  try {
    const { data, files, transferWeights } = await openOptions(whole);
    const { signal } = (running = new AbortController());
    const finished = told.results;
    const onProgress = (progress) => {
      state.sweep = { ...state.sweep, progress };
      progressed();
    };
    const seen = await testSweep(whole, best, { data, files, transferWeights, signal, finished, onProgress });
    const kept = { ...seen, ids, part: partOf(made, told.plan), bytes: kBytes };
    state.sweep = { ...state.sweep, tests: [...tests, kept] };
    if (isOfPage(whole.dataset)) await keepValue(kSeen + ids.slice(0, 64), kept, null).catch(() => {});
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  }
  state.sweep = { ...state.sweep, isRunning: false };
  changedNow();
}
