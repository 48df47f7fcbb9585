// What a run is known by: its experiment, in whatever order its keys stand.
import { sha256 } from './sha256.js';

/** 16 hexadecimal digits. @param {any} experiment */
export async function identity(experiment) {
  const text = JSON.stringify(sorted(experiment));
  return (await sha256(new TextEncoder().encode(text))).slice(0, 16);
}

/** @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
