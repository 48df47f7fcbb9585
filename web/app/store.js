/**
 * What is kept in this browser: a run's settings, curves and checkpoint, at most every five seconds, so that a reload can go on bit for
 * bit. Own pictures are kept with it. Everything can be deleted, and nothing leaves the browser.
 */
import { openDB } from 'idb';

let database = null;

/** The store, or null where the browser forbids it. */
function store() {
  database ??= openDB('trainground', 1, { upgrade: (db) => db.createObjectStore('kept') }).catch(() => null);
  return database;
}

/** Keeps a value. Throws where the store is full. */
export async function keepValue(key, value) {
  const db = await store();
  await db?.put('kept', value, key);
}

export async function keptValue(key) {
  const db = await store();
  return db ? db.get('kept', key).catch(() => undefined) : undefined;
}

export async function forgetValue(key) {
  const db = await store();
  await db?.delete('kept', key).catch(() => {});
}

/** What is kept, by name. @returns {Promise<string[]>} */
export async function keptNames() {
  const db = await store();
  return db ? db.getAllKeys('kept').catch(() => []) : [];
}

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
  for (const name of await keptNames()) {
    const { checkpoint, own, ...rest } = await keptValue(name);
    bytes += checkpoint.length + JSON.stringify(rest).length + (own?.bytes ?? 0);
  }
  return bytes;
}
