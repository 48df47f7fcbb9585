/** What this visitor has of what a card has learned from: own pictures, or the own table. Without it nothing is looked for anywhere. */
import { decodeImages } from 'trainground';
import { isOffered, isTable } from '../app/sets.js';
import { openAgain } from '../data/collect.js';
import { own, total } from '../data/own.js';
import { ownGroups } from '../data/own_groups.js';
import { table } from '../data/own_table.js';
import { openOptions } from '../model/open_options.js';

/** @param {any} dataset  with every default written out: own pictures from their files, as Node has them; null where one cannot be read any more. */
async function samplesOfFiles({ size, fit, channels }) {
  const all = own.classes.flatMap(({ pictures }, label) => pictures.map(({ source }) => ({ source, label })));
  if (all.some(({ source }) => source === null)) return null;
  const files = await openAgain(all.map(({ source }) => source));
  if (files.includes(null)) return null;
  const { inputs, shape, rejected } = await decodeImages(files, { size, fit, channels });
  if (rejected.length) return null;
  const groups = ownGroups()?.groups;
  const labels = Int32Array.from(all, ({ label }) => label);
  const classNames = own.classes.map(({ name }) => name);
  return { inputs, shape, labels, classNames, ...(groups && { groups, bursts: true }) };
}

/**
 * For `checkCards`. The same object for the same data, so that it is loaded once. `fromFiles`: own pictures from their files, at once in the size of
 * the card; else as the page learns from them, which may keep them larger.
 */
export function dataAtHand({ fromFiles }) {
  /** @type {Map<string, Promise<any>>} */
  const known = new Map();
  const once = (key, make) => known.get(key) ?? known.set(key, make()).get(key);
  return async ({ experiment }) => {
    const { dataset } = experiment;
    if (!isOffered(dataset) || dataset.validation) return undefined;
    if (isTable(dataset) && table.file)
      return once(dataset.path, async () => ({ files: { [dataset.path]: table.file } }));
    if (dataset.type !== 'images' || total() === 0) return undefined;
    return once(`${dataset.size} ${dataset.fit} ${dataset.channels}`, async () => {
      const data = fromFiles ? await samplesOfFiles(dataset) : (await openOptions(experiment)).data;
      return data ? { data } : undefined;
    });
  };
}
