/** Which of the files that were dropped or chosen are cards: JSON files, also of folders and zips. Others are told from them by their names. */
import { isSystemFile } from 'trainground';
import { unpack } from '../data/unpack.js';
import { kMostCards } from './checking.js';

const kMostBytes = 2 ** 18; // that a card may have
const isJson = ({ name }) => /\.json$/i.test(name) && !isSystemFile(name.split('/').at(-1));
const isZip = ({ name }) => /\.zip$/i.test(name);

/** A zip's cards; none where it is no zip, or has none. @param {File} zip */
async function inZip(zip) {
  let count = 0;
  const isWanted = (entry) => isJson(entry) && entry.originalSize <= kMostBytes && count++ < kMostCards;
  return [...(await unpack(zip, isWanted).catch(() => new Map()))].map(([path, file]) => ({ path, file }));
}

/** The cards among files, or in zips of them, by their places: many a folder has a run.card.json. @param {Array<{ path: string, file: File }>} placed */
export async function cardsIn(placed) {
  const zips = await Promise.all(placed.filter(({ file }) => isZip(file)).map(({ file }) => inZip(file)));
  const all = [...placed.filter(({ file }) => isJson(file)), ...zips.flat()];
  return all.map(({ path, file }) => ({ name: path, content: file }));
}
