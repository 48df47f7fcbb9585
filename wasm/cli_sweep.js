// `sweep`: many runs as one experiment, on one machine or, in shards, on many.
import { gatherSweep, planSweep, sweep, sweepTable, testSweep } from 'trainground';
import { checkWritable, writeWhole } from './cli_files.js';
import { interruption } from './cli_trainer.js';
import { inWords, problem } from './experiment.js';
import { openResults, readFolder, resultLine } from './sweep_file.js';
import { printPlan, printSweep, printTest, sweepReport } from './sweep_report.js';

export const kSweepOptions = {
  set: { type: 'string', multiple: true, default: [] },
  seed: { type: 'string' },
  log: { type: 'string', default: 'pretty' },
  plan: { type: 'boolean', default: false },
  workers: { type: 'string' },
  out: { type: 'string' },
  shard: { type: 'string' },
  merge: { type: 'string' },
  table: { type: 'string' },
  test: { type: 'boolean', default: false },
};

/**
 * Which part this process is to train: as it is told, or as the scheduler that started it says.
 * @param {string | undefined} shard
 * @param {Record<string, string | undefined>} environment
 */
export function shardOf(shard, environment) {
  const [, told] = /^auto(?:\/(\d+))?$/.exec(shard ?? '') ?? [];
  if (shard === undefined || !shard.startsWith('auto')) return shard;
  const {
    SLURM_ARRAY_TASK_ID: task,
    SLURM_ARRAY_TASK_MIN: first = '0',
    SLURM_ARRAY_TASK_STEP: step = '1',
    SLURM_ARRAY_TASK_COUNT: count,
    JOB_COMPLETION_INDEX: index = task && String((Number(task) - Number(first)) / Number(step)),
  } = environment;
  const parts = told ?? count;
  if (index !== undefined && parts !== undefined && /^auto(\/\d+)?$/.test(shard))
    return `${Number(index) + 1}/${parts}`;
  const expected =
    'as in 3/40; or auto in a job of a Slurm array, or auto/40 in one of a Kubernetes job of 40 completions';
  throw problem('--shard', expected, `${inWords(shard)} where neither sets an index, or nothing says of how many`);
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
export async function sweepSettings(experiment, values, _rest, base) {
  if (values.merge !== undefined) return mergeShards(experiment, values);
  if (values.workers !== undefined && !/^\d+$/.test(values.workers)) {
    throw problem('--workers', 'an integer from 1 to 64', inWords(values.workers));
  }
  await checkWritable(values.table, '--table');
  const planned = await planSweep(experiment);
  if (values.plan) {
    printPlan(values.log, planned, process.stdout);
    return 0;
  }
  const shard = shardOf(values.shard, process.env);
  if (shard !== undefined && values.out === undefined) {
    throw problem('--out', 'a file for the results of this shard', 'nothing');
  }
  if (values.test && (values.out === undefined || shard !== undefined)) {
    throw problem('--test', 'together with --out, which keeps what was seen, and without --shard', 'otherwise');
  }
  const file = values.out === undefined ? undefined : await openResults(values.out, { experiment, shard });
  const report = sweepReport(values.log, planned, process.stdout, process.stderr);
  const workers = values.workers === undefined ? undefined : Number(values.workers);
  const shared = { base, workers, signal: interruption() };
  try {
    const told = await sweep(experiment, {
      ...shared,
      shard,
      finished: file?.results,
      async onResult(result) {
        await file?.add(result);
        report.tell(result);
      },
      onProgress: report.progress,
    });
    if (shard !== undefined) return 0;
    const code = await answer(told, values);
    if (values.test && file) await test(experiment, told, file, { ...shared, log: values.log });
    return code;
  } catch (error) {
    if (/** @type {Error} */ (error).name === 'AbortError') report.interrupted(values.out);
    throw error;
  } finally {
    await file?.close();
  }
}

/**
 * Judges the best setting by the test part, unless that was done before, and keeps what was seen.
 * @param {any} experiment
 * @param {import('./sweep_types.d.ts').Sweep} told
 * @param {Awaited<ReturnType<typeof openResults>>} file
 * @param {import('./sweep_types.d.ts').SweepOptions & { log: 'pretty' | 'ndjson' }} options
 */
async function test(experiment, { answer: { best }, plan, results }, file, { log, ...options }) {
  if (best === null) return;
  const ids = plan.runs.filter(({ setting }) => setting === best).map(({ id }) => id);
  const known = file.tests.find((seen) => String(seen.runs) === String(ids));
  const seen = known ?? { runs: ids, ...(await testSweep(experiment, best, { ...options, finished: results })) };
  if (!known) await file.addTest(seen);
  printTest(log, seen, file.tests.length, process.stdout);
}

/**
 * @param {any} experiment  undefined: that of the shards
 * @param {any} values
 */
export async function mergeShards(experiment, values) {
  const { headings, results } = await readFolder(values.merge);
  const texts = [...new Set(headings.map((heading) => JSON.stringify(heading.experiment)))];
  if (experiment === undefined && texts.length !== 1) {
    throw problem('FILE', `given, where the files of --merge are not all of one sweep`, `${texts.length} sweeps`);
  }
  const whole = experiment ?? headings[0].experiment;
  const told = await gatherSweep(whole, results);
  if (values.out !== undefined) {
    const lines = [`${JSON.stringify({ event: 'sweep', experiment: whole })}\n`, ...told.results.map(resultLine)];
    await writeWhole(values.out, new TextEncoder().encode(lines.join('')), '--out');
  }
  const parts = new Set(headings.map(({ shard }) => Number(shard?.split('/')[1])));
  return answer(told, values, parts.size === 1 ? [...parts][0] : NaN);
}

/**
 * @param {import('./sweep_types.d.ts').Sweep} told
 * @param {any} values
 * @param {number} [parts]  how many shards it was cut into
 */
async function answer(told, values, parts) {
  if (values.table !== undefined) {
    const table = await sweepTable(told, values.table.endsWith('.json') ? 'json' : 'csv');
    await writeWhole(values.table, new TextEncoder().encode(table), '--table');
  }
  printSweep(values.log, told, process.stdout, parts);
  return told.missing.length > 0 ? 1 : 0;
}
