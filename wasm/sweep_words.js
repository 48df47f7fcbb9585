// A sweep's answer in words, for the command line, and as tables for other programs.

/**
 * @typedef {import('./sweep_types.d.ts').Sweep} Sweep
 * @typedef {import('./sweep_types.d.ts').SweepAnswer} SweepAnswer
 * @typedef {import('./sweep_types.d.ts').SweepResult} SweepResult
 */

const kTold = 5; // comparisons in words; all are in the table of JSON
const kManySeeds = 1000; // more are not counted

/** @param {unknown} value */
const plain = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/** @param {Record<string, unknown>} setting */
export const named = (setting) =>
  Object.entries(setting)
    .map(([path, value]) => `${path} ${plain(value)}`)
    .join('  ') || 'as it is';

/** @param {Record<string, unknown>} setting */
function briefly(setting) {
  const entries = Object.entries(setting);
  return entries.length === 1 ? plain(entries[0][1]) : named(setting).replaceAll('  ', ', ');
}

/** @param {SweepResult} result */
export const judged = ({ validationAccuracy, validationLoss }) =>
  Number.isNaN(validationAccuracy)
    ? `validation loss ${validationLoss.toPrecision(4)}`
    : `validation accuracy ${(100 * validationAccuracy).toFixed(1)} %`;

/** @param {Pick<SweepAnswer, 'metric'>} answer */
function wording({ metric }) {
  const isAccuracy = metric === 'validationAccuracy';
  /** @type {(value: number) => string} */
  const number = (value) => (isAccuracy ? (100 * value).toFixed(1) : value.toPrecision(3));
  return {
    name: isAccuracy ? 'accuracy' : 'loss',
    number,
    unit: isAccuracy ? ' %' : '',
    points: isAccuracy ? ' points' : ' less loss',
  };
}

/** A line for each setting. @param {SweepAnswer} answer */
export function settingLines(answer) {
  const { name, number, unit } = wording(answer);
  const width = Math.max(...answer.settings.map(({ setting }) => named(setting).length));
  return answer.settings.map(({ setting, values, mean, interval, diverged, stoppedAfter }, index) => {
    const judgement = Number.isNaN(mean) ? 'not known' : `${number(mean)}${unit}`;
    const range = interval ? ` (${number(interval[0])} to ${number(interval[1])}, ${values.length} seeds)` : '';
    const ends = [
      index === answer.best ? 'best' : '',
      diverged ? `${diverged} diverged` : '',
      stoppedAfter === undefined ? '' : `stopped after epoch ${stoppedAfter}`,
    ].filter(Boolean);
    return [`${named(setting).padEnd(width)}  validation ${name} ${judgement}${range}`, ...ends].join('  ');
  });
}

/** The best against the others, the nearest first. @param {SweepAnswer} answer */
export function sentences(answer) {
  const { settings, best, comparisons } = answer;
  if (best === null) return [];
  const { number, points } = wording(answer);
  const lines = comparisons.slice(0, kTold).map(({ other, difference, interval, seeds, isReal, seedsNeeded = 0 }) => {
    const [winner, loser] = [best, other].map((index) => briefly(settings[index].setting));
    if (!interval) return `${winner} against ${loser}: one seed cannot tell whether a difference is more than chance.`;
    const range = `${number(interval[0])} to ${number(interval[1])}`;
    if (isReal)
      return `${winner} is better than ${loser} by ${number(difference)}${points} (${range}, ${seeds} seeds).`;
    const none = `${winner} against ${loser}: no difference that ${seeds} seeds can show (${range})`;
    if (difference === 0) return `${none}.`;
    const needed = seedsNeeded > kManySeeds ? `more than ${kManySeeds}` : `about ${seedsNeeded}`;
    return `${none}; ${needed} would be needed for ${number(difference)}${points}.`;
  });
  if (comparisons.length > kTold) lines.push(`${comparisons.length - kTold} more comparisons are in --table F.json.`);
  if (comparisons.length > 1) lines.push(`All ${comparisons.length} intervals hold together with 95 %.`);
  return lines;
}

/**
 * @param {import('./sweep_types.d.ts').SweepTest} seen
 * @param {number} looks
 */
export function testLines(seen, looks) {
  const { name, number, unit } = wording(seen);
  const { setting, samples, interval, seeds, mean } = seen;
  const range = interval ? ` (${number(interval[0])} to ${number(interval[1])}, ${seeds.length} seeds)` : '';
  const first = `Test part, ${samples} samples that nothing was chosen by: ${named(setting)}  ${name} ${number(mean)}${unit}${range}`;
  if (looks === 1) return [first];
  return [
    first,
    `It has been looked at for ${looks} settings or numbers of seeds: who chooses by it has no test part any more.`,
  ];
}

/**
 * All that is known, as JSON, or a row for each run, as CSV.
 * @param {Sweep} told
 * @param {'csv' | 'json'} form
 */
export function tableOf({ plan: { varied }, results, stopped, answer }, form) {
  const rows = [...results, ...stopped];
  if (form === 'json') return `${JSON.stringify({ answer, runs: rows }, null, 2)}\n`;
  const columns = [
    'seed',
    'epoch',
    'reason',
    'validationAccuracy',
    'validationLoss',
    'loss',
    'seconds',
    'weightsSha256',
  ];
  const cell = (/** @type {unknown} */ value) => {
    const text = typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text === 'null' ? '' : text;
  };
  const lines = rows.map(({ reason = 'stoppedEarly', ...row }) => [
    ...varied.map((path) => cell(row.setting[path])),
    ...columns.map((column) => cell(/** @type {any} */ ({ ...row, reason })[column])),
  ]);
  return `${[[...varied.map(cell), ...columns], ...lines].map((line) => line.join(',')).join('\n')}\n`;
}
