// What the command line prints of a sweep: how many runs it is, each as it ends, and the answer (in words: sweep_words.js).
import { duration } from './report.js';
import { partOf } from './sweep_plan.js';
import { judged, named, sentences, settingLines, testLines } from './sweep_words.js';

/**
 * @typedef {import('./sweep_types.d.ts').Sweep} Sweep
 * @typedef {import('./sweep_types.d.ts').SweepPlan} SweepPlan
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 * @typedef {import('./report.js').Output} Output
 */

const kRedraw = 100; // milliseconds between two drawings of the bar
const kNamed = 20; // settings, or missing runs, that are named; more are counted

/** @param {SweepPlan} planned */
const sizeOf = ({ settings, seeds, runs, halving }) =>
  `${settings.length} setting${settings.length === 1 ? '' : 's'} x ${seeds} seed${seeds === 1 ? '' : 's'} = ${runs.length} runs` +
  (halving ? '; the worst third stops after a third of the epochs, and again after two thirds' : '');

/** @param {'pretty' | 'ndjson'} log @param {SweepPlan} planned @param {Output} output */
export function printPlan(log, planned, output) {
  const { settings, seeds, runs, halving } = planned;
  if (log === 'ndjson') {
    output.write(`${JSON.stringify({ event: 'plan', runs: runs.length, settings, seeds, halving })}\n`);
    return;
  }
  output.write(`${sizeOf(planned)}\n`);
  for (const setting of settings.slice(0, kNamed)) output.write(`  ${named(setting)}\n`);
  if (settings.length > kNamed) output.write(`  and ${settings.length - kNamed} more\n`);
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {SweepPlan} planned
 * @param {Output} output
 * @param {Output} terminal  where the bar is drawn
 */
export function sweepReport(log, planned, output, terminal) {
  let drawn = -Infinity;
  /** @type {import('./sweep_types.d.ts').SweepProgress | undefined} */
  let last;
  const clear = () => terminal.isTTY && void terminal.write('\r\x1b[K');
  if (log === 'pretty') output.write(`${sizeOf(planned)}\n`);
  return {
    /** @param {SweepResult} result */
    tell(result) {
      if (log === 'ndjson') {
        output.write(`${JSON.stringify({ event: result.stage ? 'stage' : 'run', ...result })}\n`);
        return;
      }
      clear();
      const end = result.stage ? `after epoch ${result.epoch}` : result.reason === 'diverged' ? 'diverged' : '';
      output.write(
        `${named(result.setting)}  seed ${result.seed}  ${judged(result)}  ${end || duration(result.seconds)}\n`,
      );
    },
    /** @param {import('./sweep_types.d.ts').SweepProgress} progress */
    progress(progress) {
      last = progress;
      if (!terminal.isTTY || performance.now() - drawn < kRedraw) return;
      drawn = performance.now();
      if (progress.share === 1) return clear();
      const filled = Math.round(20 * progress.share);
      const left = Number.isNaN(progress.secondsLeft) ? '' : `  ${duration(progress.secondsLeft)} left`;
      terminal.write(
        `\r\x1b[K${progress.finished} of ${progress.runs} runs [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}]${left}`,
      );
    },
    /** @param {string | undefined} file */
    interrupted(file) {
      clear();
      const goOn = file ? 'The same command goes on with the others.' : 'They are not kept (--out F keeps them).';
      terminal.write(`${last?.finished ?? 0} of ${planned.runs.length} runs are finished. ${goOn}\n`);
    },
  };
}

/**
 * What is missing, by the shard that has it to train.
 * @param {Sweep} told
 * @param {number} parts  NaN: not in shards
 */
function missingLines({ missing, plan: { settings, runs } }, parts) {
  const list = (/** @type {string[]} */ words) =>
    words.length > kNamed ? [...words.slice(0, kNamed), `and ${words.length - kNamed} more`] : words;
  const head = `${missing.length} of ${runs.length} runs are missing:`;
  if (Number.isNaN(parts)) {
    return [head, ...list(missing.map(({ setting, seed }) => `  ${named(settings[setting])}  seed ${seed}`))];
  }
  /** @type {Map<number, number>} */
  const of = new Map();
  for (const { index } of missing) {
    const part = partOf(index, parts, settings.length);
    of.set(part, (of.get(part) ?? 0) + 1);
  }
  const shards = [...of].sort(([a], [b]) => a - b);
  return [head, ...list(shards.map(([shard, count]) => `  ${count} of shard ${shard + 1}/${parts}`))];
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {Sweep} told
 * @param {Output} output
 * @param {number} [parts]
 */
export function printSweep(log, told, output, parts = NaN) {
  const { missing, results, stopped, answer } = told;
  if (log === 'ndjson') {
    const line = { event: 'answer', runs: results.length, stopped: stopped.length };
    output.write(`${JSON.stringify({ ...line, missing: missing.map(({ index }) => index), ...answer })}\n`);
    return;
  }
  for (const line of [...settingLines(answer), ...sentences(answer)]) output.write(`${line}\n`);
  if (missing.length) output.write(`${missingLines(told, parts).join('\n')}\n`);
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {import('./sweep_types.d.ts').SweepTest} seen
 * @param {number} looks  at the test part, this one included
 * @param {Output} output
 */
export function printTest(log, seen, looks, output) {
  if (log === 'ndjson') output.write(`${JSON.stringify({ event: 'test', looks, ...seen })}\n`);
  else for (const line of testLines(seen, looks)) output.write(`${line}\n`);
}
