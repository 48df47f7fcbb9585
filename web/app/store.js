/**
 * What is kept in this browser: a run's settings, curves and checkpoint, at most every five seconds, so that a reload can go on bit for
 * bit. Own pictures are kept beside it, and written once. Everything can be deleted, and nothing leaves the browser.
 */
import { openDB } from 'idb';

let database = null;

/** The store, or null where the browser forbids it. */
function store() {
  database ??= openDB('trainground', 1, { upgrade: (db) => db.createObjectStore('kept') }).catch(() => null);
  return database;
}

/** The keys of what stands beside a value: its own, a slash (which 0 follows), and a name. */
const besideOf = (key) => IDBKeyRange.bound(`${key}/`, `${key}0`, false, true);

/**
 * Keeps a value, and beside it what it belongs to, which is made and written only where it is not there by this name: both or neither. What
 * stood beside it by another name is forgotten. Throws where the store is full.
 * @param {string} key
 * @param {any} value
 * @param {{ name: string, make: () => any } | null} beside
 */
export async function keepValue(key, value, beside) {
  const db = await store();
  if (!db) return;
  const { store: kept, done } = db.transaction('kept', 'readwrite');
  const wanted = beside && `${key}/${beside.name}`;
  const there = await kept.getAllKeys(besideOf(key));
  const acts = there.filter((name) => name !== wanted).map((name) => kept.delete(name));
  if (beside && !there.includes(wanted)) acts.push(kept.put(beside.make(), wanted));
  await Promise.all([...acts, kept.put(value, key), done]);
}

export async function keptValue(key) {
  const db = await store();
  return db ? db.get('kept', key).catch(() => undefined) : undefined;
}

/** What stands beside a value. */
export async function keptBeside(key) {
  const db = await store();
  return db ? db.get('kept', besideOf(key)).catch(() => undefined) : undefined;
}

/** Forgets a value, and what stands beside it. */
export async function forgetValue(key) {
  const db = await store();
  for (const keys of [key, besideOf(key)]) await db?.delete('kept', keys).catch(() => {});
}

/** The keys of all that is kept. @returns {Promise<string[]>} */
async function keys() {
  const db = await store();
  return db ? db.getAllKeys('kept').catch(() => []) : [];
}

/** The keys of what is kept, without what stands beside it. */
export const keptNames = async () => (await keys()).filter((key) => !key.includes('/'));

/** Empties the store, and what the page remembers of this visitor's choices. */
export async function forgetEverything() {
  const db = await store();
  await db?.clear('kept');
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith('trainground.')) localStorage.removeItem(key);
  } catch {
    // There is nothing to remove.
  }
}

/** About how many bytes are kept. */
export async function keptBytes() {
  let bytes = 0;
  for (const key of await keys()) {
    const { checkpoint, ...rest } = await keptValue(key);
    bytes += rest.bytes ?? checkpoint.length + JSON.stringify(rest).length;
  }
  return bytes;
}
