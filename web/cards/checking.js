/**
 * Cards of others: read, and their runs trained again, side by side, in the background. What a card has learned from is there for everybody, or is
 * what this visitor has brought: own pictures, or the own table.
 */
import { checkCards, readCard } from 'trainground';
import { changed, changedNow, progressed } from '../app/drawing.js';
import { isTable } from '../app/sets.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { dataAtHand } from './data_at_hand.js';

/**
 * @typedef {{ id: number, file: string, card: import('trainground').Card | null, problem: string, check: import('trainground').CardCheck | null,
 *   share: number | null }} Row  share: how far its training is; null: it does not train
 */

export const kMostCards = 500;

let ids = 0;
/** Something has come while checks went on. */
let isAsked = false;
/** Ends the checks that go on. @type {AbortController | null} */
let running = null;

const change = (values) => (state.cards = { ...state.cards, ...values });

/** A card by whatever it came as. @param {string} file  its name @param {string | Blob} content @returns {Promise<Row>} */
async function rowOf(file, content) {
  const row = { id: ++ids, file, card: null, problem: '', check: null, share: null };
  try {
    return { ...row, card: await readCard(content) };
  } catch (error) {
    return { ...row, problem: error.message };
  }
}

/** Takes cards to those that are there; those that are too many are counted. @param {Array<{ name: string, content: string | Blob }>} cards */
export async function take(cards) {
  const room = kMostCards - state.cards.list.length;
  const rows = await Promise.all(cards.slice(0, room).map(({ name, content }) => rowOf(name, content)));
  change({ list: [...state.cards.list, ...rows], tooMany: Math.max(0, cards.length - room), own: null });
  changedNow();
}

/** Puts all away. */
export function forget() {
  stop();
  change({ list: [], tooMany: 0, isRunning: false });
}

export function stop() {
  isAsked = false;
  running?.abort();
}

/** Whether data that is brought now may change what is said of a card. @param {Row} row */
const isOpen = ({ card, check }) => card && (!check || ['noData', 'otherData'].includes(check.state));

/** Whether a card waits for data that everybody has to bring. @param {Row} row @returns {'pictures' | 'table' | null} */
export function awaits({ card, check }) {
  const dataset = /** @type {any} */ (card?.experiment.dataset);
  if (typeof dataset !== 'object' || (check && !['noData', 'otherData'].includes(check.state))) return null;
  return isTable(dataset) ? 'table' : dataset.type === 'images' ? 'pictures' : null;
}

/** Checks all cards that have not been checked, or were without their data. */
export async function check() {
  isAsked = state.cards.isRunning;
  if (isAsked) return;
  const mine = (running = new AbortController());
  const wanted = new Set(state.cards.list.filter(isOpen).map(({ id }) => id));
  const update = (id, values) =>
    change({ list: state.cards.list.map((row) => (row.id === id ? { ...row, ...values } : row)) });
  change({ isRunning: true });
  changedNow();
  const pass = async (rows, fromFiles) => {
    for (const { id } of rows) update(id, { check: null, share: 0 });
    await checkCards(
      rows.map(({ card }) => card),
      {
        dataFor: dataAtHand({ fromFiles }),
        signal: mine.signal,
        onProgress(share, index) {
          update(rows[index].id, { share });
          progressed();
        },
        onResult(told, index) {
          update(rows[index].id, { check: told, share: null });
          changed();
        },
      },
    );
  };
  const rowsOf = (isWanted) => state.cards.list.filter((row) => wanted.has(row.id) && isWanted(row));
  try {
    await pass(rowsOf(isOpen), false);
    const others = rowsOf((row) => row.check?.state === 'otherData' && awaits(row) === 'pictures');
    if (others.length) await pass(others, true);
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  }
  if (running !== mine || !state.cards.isRunning) return; // put away meanwhile
  change({ isRunning: false, list: state.cards.list.map((row) => ({ ...row, share: null })) });
  changedNow();
  if (isAsked) await check();
}
