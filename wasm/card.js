// A run's card: what somebody else needs to train it again and to see whether the same comes out. Written for a run that has ended, and read from
// whoever sends one, field by field.
import { InputError, inWords, problem, toJson } from './experiment.js';
import { identity } from './identity.js';
import { ask } from './inquiry.js';
import { isBackbone } from './transfer.js';
import { kVersion } from './weights_file.js';

const kFormat = 'trainground card 1';
export const kMostBytes = 2 ** 18;
const kMostName = 80; // characters
const kDeepest = 40; // objects and lists inside one another: an experiment needs ten
const kMostProblems = 20;
const kDeviations = ['weights', 'learningRate', 'interrupted', 'resumed'];
const kReasons = ['epochs', 'earlyStopping', 'diverged', 'interrupted'];

/**
 * @typedef {import('./card_types.d.ts').Card} Card
 * @typedef {import('./card_types.d.ts').CardResult} CardResult
 * @typedef {import('./card_types.d.ts').Deviation} Deviation
 * @typedef {(place: string, expected: string, given: unknown) => void} Refuse
 */

/** @param {import('./index.d.ts').Trainer} trainer @param {{ name?: string, deviations?: Deviation[] }} [options] @returns {Promise<Card>} */
export async function makeCard(trainer, { name, deviations = [] } = {}) {
  const { end, start } = trainer;
  if (!end) throw problem('trainer', 'one whose run has ended', 'one that has not');
  const experiment = withoutFolders(trainer.experiment);
  const all = new Set([...trainer.deviations, ...deviations]);
  if (end.reason === 'interrupted') all.add('interrupted');
  if (isBegunElsewhere(experiment)) all.add('weights');
  return readCard({
    format: kFormat,
    ...(name && { name }),
    engine: kVersion,
    id: await identity(experiment),
    experiment,
    dataSha256: await trainer.dataSha256(),
    ...(all.size > 0 && { deviations: kDeviations.filter((one) => all.has(/** @type {Deviation} */ (one))) }),
    result: resultOf(end, start.validationSamples),
  });
}

/** @param {import('./index.d.ts').EndEvent} end @param {number} validationSamples @returns {CardResult} */
export function resultOf({ reason, epoch, bestEpoch, weightsSha256, ...measured }, validationSamples) {
  const number = (/** @type {number} */ value) => (Number.isFinite(value) ? value : null);
  const [loss, validationLoss, validationAccuracy] = /** @type {const} */ ([
    'loss',
    'validationLoss',
    'validationAccuracy',
  ]).map((key) => number(measured[key]));
  return {
    ...{ reason, epoch, bestEpoch, loss, validationLoss, validationAccuracy },
    ...{ validationSamples, weightsSha256 },
  };
}

/** Whether a run begins with weights that do not come with the package. @param {any} experiment */
export const isBegunElsewhere = ({ transfer }) => transfer !== undefined && !isBackbone(transfer.weights);

/** The options of a set that name files. @param {any} dataset @returns {string[]} */
export const namesOf = (dataset) => {
  if (typeof dataset !== 'object' || dataset === null) return [];
  return dataset.type === 'idx' ? ['images', 'labels'] : Object.hasOwn(dataset, 'path') ? ['path'] : [];
};

/** Files by their names: in which folder they lie is of no concern to whoever gets the card. @param {any} experiment */
function withoutFolders(experiment) {
  /** @type {any} */
  const whole = JSON.parse(toJson(experiment));
  for (const set of [whole.dataset, whole.dataset?.validation])
    for (const key of namesOf(set)) set[key] = String(set[key]).split(/[\\/]/).filter(Boolean).at(-1) ?? key;
  return whole;
}

/** @param {unknown} file @returns {Promise<Card>} */
export async function readCard(file) {
  const card = parsed(file instanceof Blob ? await textOf(file) : file);
  /** @type {import('./experiment.js').Problem[]} */
  const problems = [];
  /** @type {Refuse} */
  const refuse = (path, expected, given) => problems.push({ path, expected, given: inWords(given) });
  checkForm(card, refuse);
  /** @type {any} */
  const experiment = card.experiment;
  if (depthOf(experiment) > kDeepest) refuse('experiment', `at most ${kDeepest} lists and objects deep`, 'more');
  else if (isObject(experiment)) {
    const found = await ask('check', toJson(experiment));
    problems.push(
      ...found.map((/** @type {import('./experiment.js').Problem} */ one) => ({
        ...one,
        path: `experiment${one.path && `.${one.path}`}`,
      })),
    );
    for (const place of ['dataset', 'dataset.validation']) {
      const set = place === 'dataset' ? experiment.dataset : experiment.dataset?.validation;
      const strays = namesOf(set).filter((key) => !isFileName(set[key]));
      for (const key of strays) refuse(`experiment.${place}.${key}`, 'a file by its name, without folders', set[key]);
    }
  }
  if (problems.length) throw new InputError(problems.slice(0, kMostProblems));
  return card;
}

/** @param {Blob} file */
async function textOf(file) {
  if (file.size > kMostBytes) throw tooLong(`${file.size} bytes`);
  return file.text();
}

/** @param {string} given */
const tooLong = (given) => problem('the card', `at most ${kMostBytes} bytes`, given);

/** @param {any} file @returns {any} */
function parsed(file) {
  const text = file instanceof Uint8Array && file.length <= kMostBytes ? new TextDecoder().decode(file) : file;
  if (text instanceof Uint8Array) throw tooLong(`${text.length} bytes`);
  let card = text;
  if (typeof text === 'string') {
    if (text.length > kMostBytes) throw tooLong(`${text.length} characters`);
    try {
      card = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch {
      throw problem('the card', 'JSON', inWords(text));
    }
  }
  if (!isObject(card)) throw problem('the card', 'an object', inWords(card));
  return card;
}

/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const isHash = (/** @type {unknown} */ value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isCount = (/** @type {unknown} */ value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isMeasure = (/** @type {unknown} */ value) => value === null || Number.isFinite(value);

/** Whether a text is a file's name and nothing that leads elsewhere. @param {unknown} name */
const isFileName = (name) =>
  typeof name === 'string' && name.length <= 255 && !/^\.{0,2}$|[\\/\p{Cc}]|^\w+:/u.test(name);

/** What a name is, in words; and as a test: whole characters that can be seen in one line. */
export const kNameWords = `a text of 1 to ${kMostName} characters`;
/** @param {string} name */
export const isName = (name) =>
  name.trim() !== '' && name.length <= kMostName && !/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/u.test(name);

/** Every field but the experiment: how it must be, in words and as a test. @type {Record<string, [expected: string, isGood: (value: any) => boolean]>} */
const kFields = {
  format: [JSON.stringify(kFormat), (value) => value === kFormat],
  name: [`${kNameWords}, or left out`, (value) => value === undefined || (typeof value === 'string' && isName(value))],
  engine: [
    'a version, as in 0.1.0',
    (value) => typeof value === 'string' && /^\d{1,6}\.\d{1,6}\.\d{1,6}(-[\w.]{1,40})?$/.test(value),
  ],
  id: ['16 hexadecimal digits', (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value)],
  experiment: ['an experiment', isObject],
  dataSha256: ['64 hexadecimal digits', isHash],
  deviations: [
    `a list of some of ${kDeviations.join(', ')}, or left out`,
    (value) =>
      value === undefined ||
      (Array.isArray(value) &&
        value.length > 0 &&
        value.every((one, at) => kDeviations.includes(one) && value.indexOf(one) === at)),
  ],
  result: ['an object', isObject],
};

/** The same of the result's. @type {typeof kFields} */
const kResult = {
  reason: [`one of ${kReasons.join(', ')}`, (value) => kReasons.includes(value)],
  epoch: ['an integer from 0 on', isCount],
  bestEpoch: ['an integer from 0 on', isCount],
  loss: ['a number or null', isMeasure],
  validationLoss: ['a number or null', isMeasure],
  validationAccuracy: ['a number from 0 to 1 or null', (value) => isMeasure(value) && value >= 0 && value <= 1],
  validationSamples: ['an integer from 0 on', isCount],
  weightsSha256: ['64 hexadecimal digits', isHash],
};

/** @param {Record<string, any>} card @param {Refuse} refuse */
function checkForm(card, refuse) {
  const checkAll = (/** @type {any} */ object, /** @type {typeof kFields} */ fields, /** @type {string} */ place) => {
    for (const [key, [expected, isGood]] of Object.entries(fields)) {
      const value = Object.hasOwn(object, key) ? object[key] : undefined;
      if (!isGood(value)) refuse(place + key, expected, value);
    }
    for (const key of Object.keys(object).slice(0, Object.keys(fields).length + kMostProblems))
      if (!Object.hasOwn(fields, key)) refuse(place + inPath(key), 'left out', object[key]);
  };
  checkAll(card, kFields, '');
  if (isObject(card.result)) checkAll(card.result, kResult, 'result.');
}

/** A key that anybody may have written, short enough for a sentence. @param {string} key */
const inPath = (key) => (/^\w{1,40}$/.test(key) ? key : inWords(key));

/** How deep a value goes, without going deeper than is allowed. @param {unknown} value */
function depthOf(value) {
  let level = [value];
  let depth = 0;
  for (; level.length > 0 && depth <= kDeepest; depth++)
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  return depth;
}
