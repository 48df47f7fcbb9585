/** The visitor's own table: its file, what it holds, and the experiment for it. It is kept in this page only. */
import { defaultExperiment, isTable } from '../app/sets.js';
import { state } from '../app/state.js';

/** A label of whole numbers with more values than this is a quantity, not a class. */
const kMostClasses = 20;
/** Steps that a run is meant to have at least, and epochs at most. */
const kSteps = 2000;
const kMostEpochs = 200;

/** `share`: of a file that is being read, what was; null: none is. */
export const table = {
  name: '',
  /** @type {Blob | null} */
  file: null,
  /** @type {import('trainground').TableDescription | null} */
  holds: null,
  /** @type {number | null} */
  share: null,
  /** @type {AbortController | null} */
  reading: null,
  version: 0,
  /** The column that is to be learned. */
  label: '',
};

/** Whether the page has a table to train on, and it is not there: as behind a link that was made with somebody's own. */
export const needsTable = () => isTable(state.experiment.dataset) && table.holds === null;

/** A table and what it holds, new or kept. */
export function takeTable(name, file, holds) {
  Object.assign(table, { name, file, holds, version: table.version + 1, label: holds.suggestedLabel });
}

export const columnOf = (name) => table.holds?.columns.find((column) => column.name === name);

/** Whether a label can be a number to be estimated, and whether it can be one of some classes. */
export const canBeNumber = (column) => column.type === 'number' && !column.strange;
export const canBeClasses = (column) => column.type === 'category' || (column.whole && column.distinct <= 10_000);

/** Whether the label's values are classes, as long as nobody says otherwise. */
const looksLikeClasses = (column) => !canBeNumber(column) || (column.whole && column.distinct <= kMostClasses);

/** How many outputs the network needs. Whole numbers counted from 0 are classes up to the largest. */
const outputsFor = (column, isClasses) => {
  if (!isClasses) return 1;
  return column.type === 'number' && column.least === 0 ? column.greatest + 1 : column.distinct;
};

/** Why training cannot begin, as a text's key with its places; null where it can. @returns {[string, any] | null} */
export function whyNoTable() {
  const { label } = state.experiment.dataset;
  if (table.holds === null) return ['table.none', {}];
  if (!columnOf(label)) return ['table.noLabel', { label }];
  return null;
}

/**
 * The network and the recipe for a label of this table: numbers standardized, batches that grow with the table, at least 2,000 steps where
 * the table is small.
 * @param {string} label
 * @param {{ isClasses?: boolean, leaveOut?: string[], categories?: string[] }} [wanted]
 */
export function tableExperiment(label, { isClasses, leaveOut = [], categories = [] } = {}) {
  const column = columnOf(label);
  const classes = isClasses ?? looksLikeClasses(column);
  const rows = table.holds.rows;
  const batchSize = rows < 20_000 ? 32 : rows < 200_000 ? 256 : 1024;
  const epochs = Math.min(kMostEpochs, Math.max(20, Math.ceil(kSteps / Math.ceil((0.8 * rows) / batchSize))));
  const dataset = {
    type: 'csv',
    path: table.name,
    label,
    ...(leaveOut.length && { leaveOut: leaveOut.filter((name) => name !== label) }),
    ...(categories.length && { categories: categories.filter((name) => name !== label) }),
    normalize: true,
    ...(!classes && { normalizeLabel: true }),
  };
  const experiment = defaultExperiment(dataset, Math.max(2, outputsFor(column, classes)));
  const layers = [...experiment.layers.slice(0, -1), { type: 'dense', units: outputsFor(column, classes) }];
  const recipe = { ...experiment, layers, batchSize, epochs };
  recipe.earlyStopping = { ...experiment.earlyStopping, patience: Math.max(5, Math.ceil(epochs / 10)) };
  return classes ? recipe : { ...recipe, loss: 'meanSquaredError' };
}
