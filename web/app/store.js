/**
 * What is kept in this browser: the run's settings, curves and checkpoint, at most every five seconds, so that a reload can go on bit for
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
  const run = await keptValue('run');
  return run
    ? run.checkpoint.length + JSON.stringify({ ...run, checkpoint: null, own: null }).length + (run.own?.bytes ?? 0)
    : 0;
}
