// Cards checked: each run is trained again, side by side with others, and what comes out is compared with what its card says.
import { isBegunElsewhere, namesOf, readCard, resultOf } from './card.js';
import { Engines } from './engines.js';
import { InputError } from './experiment.js';
import { identity } from './identity.js';
import { kVersion } from './weights_file.js';

/**
 * @typedef {import('./card_types.d.ts').Card} Card
 * @typedef {import('./card_types.d.ts').CardCheck} CardCheck
 * @typedef {import('./card_types.d.ts').CardCheckOptions} CardCheckOptions
 * @typedef {import('./card_types.d.ts').CardData} CardData
 * @typedef {import('./card_types.d.ts').CardDifference} CardDifference
 */

/** Of these nothing is trained: whatever came out, it would say nothing. */
const kNeverRepeated = ['weights', 'learningRate', 'interrupted'];

/** @param {Card[]} cards @param {CardCheckOptions} [options] @returns {Promise<CardCheck[]>} */
export async function checkCards(cards, { dataFor, workers, signal, onResult, onProgress } = {}) {
  const jobs = await Promise.all(cards.map(async (card, index) => ({ card: await readCard(card), index })));
  const engines = await Engines.start(workers);
  /** @type {CardCheck[]} */
  const checks = new Array(cards.length);
  /** Places where data lies, to be told apart. @type {unknown[]} */
  const places = [];
  const sourceOf = async (/** @type {Card} */ card) => {
    const source = isOfUser(card.experiment.dataset) ? await dataFor?.(card) : {};
    if (!source || !isThere(card.experiment.dataset, source)) return undefined;
    if (!places.includes(source)) places.push(source);
    return { ...source, key: isOfUser(card.experiment.dataset) ? `place ${places.indexOf(source)}` : '' };
  };
  try {
    await engines.each(
      jobs,
      async (conversation, { card, index }, halt) => {
        const tell = (/** @type {number} */ share) => onProgress?.(share, index);
        checks[index] = await checked(card, sourceOf, { engines, conversation, signal: halt, tell });
        onResult?.(checks[index], index);
      },
      signal,
    );
  } finally {
    await engines.close();
  }
  return checks;
}

/** Whether a set is no part of the package. @param {any} dataset */
const isOfUser = (dataset) =>
  [dataset, dataset?.validation].some(
    (set) => set !== undefined && typeof set !== 'string' && !['builtIn', 'points'].includes(set.type),
  ) || dataset === undefined;

/** Whether all that a set needs is given, without looking elsewhere. @param {any} dataset @param {CardData} source */
function isThere(dataset, { data, validationData, files = {}, base, path }) {
  const isGiven = (/** @type {any} */ set) =>
    base !== undefined || namesOf(set).every((key) => Object.hasOwn(files, set[key]));
  if (dataset === undefined && !data) return false;
  return (
    (data !== undefined || path !== undefined || isGiven(dataset)) &&
    (validationData !== undefined || isGiven(dataset?.validation))
  );
}

/**
 * @param {Card} card
 * @param {(card: Card) => Promise<(CardData & { key: string }) | undefined>} sourceOf
 * @param {{ engines: Engines, conversation: import('./client.js').Conversation, signal: AbortSignal, tell: (share: number) => void }} at
 * @returns {Promise<CardCheck>}
 */
async function checked(card, sourceOf, { engines, conversation, signal, tell }) {
  const { experiment, deviations = [] } = card;
  /** @type {CardDifference[]} */
  const differences = [];
  const compare = (
    /** @type {CardDifference['what']} */ what,
    /** @type {any} */ theirs,
    /** @type {any} */ here,
    /** @type {string} */ path = '',
  ) => theirs === here || void differences.push({ what, ...(path && { path }), card: theirs, here });
  compare('experiment', card.id, await identity(experiment));
  compare('engine', card.engine, kVersion);
  if (deviations.some((one) => kNeverRepeated.includes(one)) || isBegunElsewhere(experiment))
    return { state: 'notRepeatable', differences };
  let isTrained = false;
  try {
    const source = await sourceOf(card);
    if (!source) return { state: 'noData', differences };
    const { path, ...others } = source;
    const run =
      path === undefined
        ? experiment
        : { ...experiment, dataset: { .../** @type {any} */ (experiment.dataset), path } };
    const { trainer } = await engines.open(conversation, run, others);
    if (!compare('data', card.dataSha256, await trainer.dataSha256())) return { state: 'otherData', differences };
    isTrained = true;
    const epochs = Number(trainer.experiment.epochs);
    for await (const event of trainer.train({ signal })) if (event.event === 'epoch') tell(event.epoch / epochs);
    if (!trainer.end) throw signal.reason;
    const { weightsSha256, ...numbers } = resultOf(trainer.end, trainer.start.validationSamples);
    compare('weights', card.result.weightsSha256, weightsSha256);
    for (const [key, value] of Object.entries(numbers))
      compare('result', /** @type {any} */ (card.result)[key], value, key);
    const isEqual = differences.every(({ what }) => what === 'engine');
    return { state: isEqual ? 'equal' : 'different', differences, result: { ...numbers, weightsSha256 } };
  } catch (error) {
    signal.throwIfAborted();
    // What the experiment alone says has been checked: what is wrong before training is the data's.
    const isOfData = error instanceof InputError && !isTrained && isOfUser(experiment.dataset);
    return { state: isOfData ? 'otherData' : 'failed', differences, problem: /** @type {Error} */ (error).message };
  }
}
