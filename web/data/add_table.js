/** Adding an own table: it is read through once, off the page's thread, for what its columns hold; then it is the page's data set. */
import { describeTable } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { state } from '../app/state.js';
import { dismiss, failed, notice } from '../parts/alerts.js';
import { startWith } from './choose.js';
import { columnOf, table, tableExperiment, takeTable } from './own_table.js';

/** Whether a file is a table, by its name. */
export const isTableFile = (file) =>
  /\.(csv|tsv|tab)$/i.test(file.name) || /^text\/(csv|tab-separated-values)$/.test(file.type);

/** Takes a table that is among dropped or chosen files; false: there is none. @param {Iterable<File>} files */
export function tookTable(files) {
  const file = Array.from(files).find(isTableFile);
  if (file) addTable(file);
  return file !== undefined;
}

/** Reads a file; the one that was asked for last is taken. The table before it stays until the new one is read. */
export async function addTable(file) {
  table.reading?.abort();
  const reading = new AbortController();
  Object.assign(table, { reading, share: 0 });
  changedNow();
  try {
    const onProgress = (share) => {
      table.share = share;
      changed();
    };
    const holds = await describeTable(file, { signal: reading.signal, onProgress });
    if (reading.signal.aborted) return;
    takeTable(file.name, file, holds);
    if (holds.columns.length < 2) notice('one-column', { name: file.name });
    dismiss('needs-table');
    // A link says which column is the label, and how the others are read.
    const { dataset } = state.experiment;
    if (wasNeeded(dataset)) startWith({ ...state.experiment, dataset: { ...dataset, path: file.name } });
    else startWith(tableExperiment(holds.suggestedLabel));
  } catch (error) {
    if (reading.signal.aborted) return;
    failed(error);
  } finally {
    if (table.reading === reading) Object.assign(table, { reading: null, share: null });
    changedNow();
  }
}

/** Whether the page's settings were waiting for a table, and this one has their label. */
const wasNeeded = ({ type, label }) => type === 'csv' && state.data === null && columnOf(label) !== undefined;

/** Reading goes on no further. */
export function stopReading() {
  table.reading?.abort();
  Object.assign(table, { reading: null, share: null });
  changedNow();
}
