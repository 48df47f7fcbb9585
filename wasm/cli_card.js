// `check`: cards of runs, each trained again, and what came of it. `run --card` writes them.
import { access, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InputError, checkCards, makeCard, readCard } from 'trainground';
import { kMostBytes, namesOf } from './card.js';
import { readBytes, writeWhole } from './cli_files.js';
import { interruption } from './cli_trainer.js';
import { inWords, problem } from './experiment.js';
import { progress } from './report.js';

/**
 * @typedef {import('./card_types.d.ts').Card} Card
 * @typedef {import('./card_types.d.ts').CardCheck} CardCheck
 * @typedef {{ file: string, card?: Card, check?: CardCheck, problems?: string, sameAs?: string[] }} Row
 */

export const kCheckOptions = {
  data: { type: 'string' },
  workers: { type: 'string' },
  log: { type: 'string', default: 'pretty' },
};

/** @param {import('./index.d.ts').Trainer} trainer  whose run has ended @param {{ card: string, name?: string }} values */
export async function writeCard(trainer, { card: file, name }) {
  const card = await makeCard(trainer, { name });
  await writeWhole(file, new TextEncoder().encode(`${JSON.stringify(card, null, 2)}\n`), '--card');
}

/**
 * @param {string[]} files
 * @param {{ data?: string, workers?: string, log: 'pretty' | 'ndjson' }} values
 */
export async function checkFiles(files, { data, workers, log }) {
  if (workers !== undefined && !/^\d+$/.test(workers)) {
    throw problem('--workers', 'an integer from 1 to 64', inWords(workers));
  }
  if (data !== undefined)
    await access(data).catch(() => Promise.reject(problem('--data', 'a file or a folder', inWords(data))));
  /** @type {Row[]} */
  const rows = await Promise.all([...new Map(files.map((file) => [resolve(file), file])).values()].map(readRow));
  const read = rows.filter(({ card }) => card);
  const cards = read.map(({ card }) => /** @type {Card} */ (card));
  for (const row of read) row.sameAs = twinsOf(row, read);
  const shares = cards.map(() => 0);
  const draw = progress('check', process.stderr);
  const told = (/** @type {number} */ share, /** @type {number} */ index) => {
    shares[index] = share;
    draw(shares.reduce((sum, one) => sum + one, 0) / shares.length);
  };
  const places = new Map(read.map((row) => [row.card, data ?? dirname(row.file)]));
  await checkCards(cards, {
    dataFor: (card) => dataAt(places.get(card) ?? '.', card, data !== undefined),
    workers: workers === undefined ? undefined : Number(workers),
    signal: interruption(),
    onProgress: told,
    onResult(check, index) {
      read[index].check = check;
      told(1, index);
    },
  });
  print(log, rows);
  if (rows.some(({ problems }) => problems)) return 2;
  return rows.every(({ check }) => check?.state === 'equal') ? 0 : 1;
}

/** A card that cannot be read does not keep the others from being checked. @param {string} file @returns {Promise<Row>} */
async function readRow(file) {
  try {
    const size = (await stat(file).catch(() => ({ size: 0 }))).size;
    if (size > kMostBytes) throw problem('the card', `at most ${kMostBytes} bytes`, `${size} bytes`);
    return { file, card: await readCard(new Uint8Array(await readBytes(file, 'CARD'))) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { file, problems: error.message };
  }
}

/** Other cards whose weights are the same bits. @param {Row} row @param {Row[]} all */
const twinsOf = ({ file, card }, all) =>
  all
    .filter((other) => other.file !== file && other.card?.result.weightsSha256 === card?.result.weightsSha256)
    .map((other) => other.file);

/** By where the data is: the same object for the same, so that it is loaded once. @type {Map<string, import('./card_types.d.ts').CardData>} */
const found = new Map();

/**
 * The files that a card names, beside it; or what --data names, whatever it is called. Undefined where nothing is there.
 * @param {string} place
 * @param {Card} card
 * @param {boolean} isTold
 */
async function dataAt(place, { experiment: { dataset } }, isTold) {
  const names = namesOf(dataset);
  const isPath = isTold && names.includes('path');
  const base = resolve(isPath ? dirname(place) : place);
  const all = isPath ? [] : names.map((key) => join(base, /** @type {any} */ (dataset)[key]));
  if (!(await Promise.all(all.map((path) => access(path).then(Boolean, () => true)))).includes(true)) {
    const key = isPath ? `path ${resolve(place)}` : base;
    if (!found.has(key)) found.set(key, { base, ...(isPath && { path: resolve(place) }) });
    return found.get(key);
  }
  return undefined;
}

/** @type {Record<string, string>} */
const kWords = {
  equal: 'equal bits',
  different: 'different',
  otherData: 'other data: not trained',
  noData: 'the data is not here: not trained',
  notRepeatable: 'cannot be repeated from its card: not trained',
  failed: 'could not be trained here',
};

/** @param {'pretty' | 'ndjson'} log @param {Row[]} rows */
function print(log, rows) {
  const equal = rows.filter(({ check }) => check?.state === 'equal').length;
  if (log === 'ndjson') {
    for (const { file, card, check, problems, sameAs } of rows) {
      const told = card
        ? { name: card.name, claimed: card.result, ...check, sameAs }
        : { state: 'unreadable', problem: problems };
      process.stdout.write(`${JSON.stringify({ event: 'check', file, ...told })}\n`);
    }
    process.stdout.write(`${JSON.stringify({ event: 'end', cards: rows.length, equal })}\n`);
    return;
  }
  for (const row of rows) process.stdout.write(`${linesOf(row).join('\n  ')}\n`);
  process.stdout.write(`${equal} of ${rows.length} equal\n`);
}

/** @param {Row} row */
function linesOf({ file, card, check, problems, sameAs = [] }) {
  const name = file + (card?.name ? ` (${card.name})` : '');
  if (!card || !check) return [`${name}  no card`, ...(problems ?? '').split('\n')];
  const { loss, validationAccuracy: accuracy } = card.result;
  const reached = accuracy === null ? `loss ${loss?.toPrecision(4) ?? '-'}` : `${(100 * accuracy).toFixed(1)} %`;
  const said = (/** @type {string | number | null} */ value) =>
    typeof value === 'string' ? (/^[0-9a-f]{16,}$/.test(value) ? value.slice(0, 8) : value) : String(value);
  return [
    `${name}  ${reached}  ${kWords[check.state]}`,
    ...(check.state === 'notRepeatable'
      ? [`not on the card: ${card.deviations?.join(', ') ?? 'the weights that it began with'}`]
      : []),
    ...check.differences.map(
      ({ what, path, card: theirs, here }) => `${path ?? what}: ${said(theirs)} on the card, ${said(here)} here`,
    ),
    ...(card.deviations?.includes('resumed') && check.state === 'different'
      ? ['it went on from a checkpoint, whose settings may have been others']
      : []),
    ...(check.problem ? check.problem.split('\n') : []),
    ...(sameAs.length ? [`same bits as ${sameAs.join(', ')}`] : []),
  ];
}
