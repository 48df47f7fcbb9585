/** Cards in words: what was trained, what came out, what became of a check; and all of them as CSV. Nobody is accused: a difference has many causes. */
import { percent, setting, short, t } from '../app/language.js';
import { isOffered, isTable, setName } from '../app/sets.js';
import { layerInWords } from '../runs/settings.js';

/** @typedef {import('./checking.js').Row} Row */

/** What a card is called: by its name, or by its file. @param {Row} row */
export const nameOf = ({ card, file }) => card?.name ?? file.replace(/(\.card)?\.json$/i, '');

/** What a card has learned from: somebody's own set by its file, or as pictures. @param {any} dataset */
export function dataOf(dataset) {
  if (dataset?.type === 'builtIn') return dataOf(dataset.name);
  if (dataset?.type === 'images') return t('cards.pictures');
  const isKnown = dataset !== undefined && !isTable(dataset) && isOffered(dataset);
  return isKnown ? t(`set.${setName(dataset)}`) : String(dataset?.path ?? dataset?.type ?? dataset ?? '–');
}

/** Layers that say what a network is like. */
const passing = ['activation', 'flatten', 'batchNormalization', 'dropout'];

/** @param {any} experiment */
export const networkOf = ({ layers }) =>
  layers
    .filter(({ type }) => !passing.includes(type))
    .map((layer) =>
      layerInWords({ ...layer, activation: layer.activation === 'linear' ? undefined : layer.activation }),
    )
    .join(', ');

/** @param {any} experiment */
export const settingsOf = ({ optimizer, epochs, seed }) =>
  t('cards.settings', {
    optimizer: t(`optimizer.${optimizer.type}`),
    rate: setting(optimizer.learningRate),
    n: epochs,
    seed: String(seed),
  });

/** What a result says: the accuracy, or the loss where there is none. @param {import('trainground').CardResult} [result] */
export function reached(result) {
  if (!result) return '–';
  const { validationAccuracy: accuracy, validationLoss, loss } = result;
  return accuracy === null ? short(validationLoss ?? loss) : `${percent(accuracy)} %`;
}

/** The first digits of a hash. */
export const digits = (hash) => hash.slice(0, 8);

/** @param {Row} row @returns {import('trainground').CardCheck['state'] | 'unreadable' | 'checking' | 'waiting'} */
export const stateOf = ({ card, check, share }) =>
  !card ? 'unreadable' : check ? check.state : share === null ? 'waiting' : 'checking';

/** @param {import('trainground').CardDifference} difference */
function differenceInWords({ what, path, card, here }) {
  if (what === 'experiment') return t('cards.otherExperiment');
  const said = (value) => {
    if (typeof value === 'number') return path === 'validationAccuracy' ? `${percent(value, 2)} %` : setting(value);
    if (value === null) return '–';
    return /^[0-9a-f]{16,}$/.test(value) ? digits(value) : value;
  };
  return t('cards.differs', {
    what: path ? t(`cards.result.${path}`) : t(`cards.what.${what}`),
    card: said(card),
    here: said(here),
  });
}

const kMostLines = 5;

/** What is wrong, a line for each problem, and for those that are too many. @param {string} problem */
function linesOf(problem) {
  const lines = problem.split('\n').filter(Boolean);
  const more = lines.length - kMostLines;
  return more > 0 ? [...lines.slice(0, kMostLines), t('cards.more', { n: more })] : lines;
}

/** What can be said beside the state, in sentences. @param {Row} row @param {string[]} twins  names of cards with the same weights */
export function notesOf({ card, check, problem }, twins) {
  if (!card) return linesOf(problem);
  const { deviations = [] } = card;
  return [
    ...(check?.state === 'notRepeatable'
      ? (deviations.length ? deviations : ['weights']).map((one) => t(`cards.deviation.${one}`))
      : []),
    ...(check?.state === 'noData' ? [t('cards.without', { hash: digits(card.dataSha256) })] : []),
    ...(check?.differences ?? []).map(differenceInWords),
    ...(check?.state === 'different' && deviations.includes('resumed') ? [t('cards.deviation.resumed')] : []),
    ...linesOf(check?.problem ?? ''),
    ...(twins.length ? [t('cards.same', { names: twins.join(', ') })] : []),
  ];
}

/** A spreadsheet takes what begins so for a formula, whoever has written it. */
const cell = (value) => {
  const text = String(value ?? '');
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** A row for each card. @param {Row[]} rows @param {(row: Row) => string[]} twinsOf */
export function csvOf(rows, twinsOf) {
  const heads = ['file', 'name', 'data', 'network', 'optimizer', 'learningRate', 'epochs', 'seed', 'claimedAccuracy'];
  heads.push('checkedAccuracy', 'claimedLoss', 'checkedLoss', 'state', 'notes', 'weightsSha256', 'sameBitsAs');
  const lines = rows.map((row) => {
    const { file, card, check } = row;
    const experiment = /** @type {any} */ (card?.experiment);
    const twins = twinsOf(row);
    return [
      ...[file, card?.name, experiment && dataOf(experiment.dataset), experiment && networkOf(experiment)],
      ...[experiment?.optimizer.type, experiment?.optimizer.learningRate, experiment?.epochs, experiment?.seed],
      ...[card?.result.validationAccuracy, check?.result?.validationAccuracy],
      ...[card?.result.validationLoss, check?.result?.validationLoss],
      ...[stateOf(row), notesOf(row, []).join('; '), card?.result.weightsSha256, twins.join('; ')],
    ].map(cell);
  });
  return `${[heads, ...lines].map((line) => line.join(',')).join('\n')}\n`;
}
