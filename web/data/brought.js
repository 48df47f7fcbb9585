/** What visitors bring, pictures or a table: whether it is there and which it is, and how it is kept with a run. */
import { isTable } from '../app/sets.js';
import { state } from '../app/state.js';
import { isOwn, keepOwn, own, takeOwn, whyNot } from './own.js';
import { table, takeTable, whyNoTable } from './own_table.js';

/** A table that is larger is not kept with its run. */
const kMostKept = 5e6; // bytes

/** Which pictures, or which table, a data set is of: changes with every change of them. */
export const versionOf = (dataset) => (dataset?.type === 'images' ? own.version : isTable(dataset) ? table.version : 0);

/** Why training cannot begin with what was brought, as a text's key with its places; null where it can. @returns {[string, any] | null} */
export const whyBlocked = () => (isOwn() ? whyNot() : isTable(state.experiment.dataset) ? whyNoTable() : null);

const keepTable = () => ({ table: { name: table.name, file: table.file, holds: table.holds }, bytes: table.file.size });

/**
 * What is kept over a reload, with how many bytes that takes, and a name that says which it is; null: nothing is needed, or it is too large.
 * @returns {{ name: string, make: () => { bytes: number } } | null}
 */
export function keepBrought({ dataset }) {
  const isKept = isTable(dataset) ? table.file.size <= kMostKept : dataset?.type === 'images';
  if (!isKept) return null;
  return { name: `${dataset.type} ${versionOf(dataset)}`, make: isTable(dataset) ? keepTable : keepOwn };
}

/** Takes kept pictures, or a kept table, back. */
export function takeBrought(kept) {
  if (kept?.table) takeTable(kept.table.name, kept.table.file, kept.table.holds);
  else takeOwn(kept);
}
