// A table as samples to learn from: which columns are inputs and how, what the label's column is, and what has to be said of it.
import { InputError, inWords } from './experiment.js';
import { kMostNames, kTold, openRows, placeIn, scanTable } from './table_columns.js';
import { Names } from './table_file.js';

/**
 * @typedef {import('./experiment.js').Problem} Problem
 * @typedef {import('./table_columns.js').Column} Column
 * @typedef {import('./table_types.d.ts').NumberColumn | import('./table_types.d.ts').CategoryColumn} InputColumn  a number's median is
 *   known only once the set is split: until then NaN
 * @typedef {{ label: string, groups?: string, leaveOut?: string[], categories?: string[] }} Wanted
 * @typedef {{ read: 'table', inputs: Float64Array, widths: number[], shape: [number, number, number], labels?: Int32Array,
 *   targets?: Float32Array, classNames: string[], groups?: Int32Array, columns: InputColumn[], label: string, missing: number[],
 *   notes: string[] }} Table  inputs: (N, columns), a category by its number, -1 for none
 */

/** @param {Generator<number, any>} work */
export function finished(work) {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** How many channels a column takes. @param {InputColumn} column */
export const widthOf = (column) => (column.type === 'number' ? 1 : column.categories.length + (column.missing ? 1 : 0));

/**
 * @param {Uint8Array} file
 * @param {string} option  `dataset` or `dataset.validation`
 * @param {Wanted} wanted
 * @param {{ numbers: boolean, like?: Table }} kind  numbers: the loss is a regression's; like: the table whose network judges this one
 * @returns {Table}
 */
export function readTable(file, option, wanted, { numbers, like }) {
  const scan = finished(scanTable(file, `${option}.path`));
  const names = scan.columns.map((/** @type {Column} */ { name }) => name);
  checkNames(names, option, wanted, like);
  const notes = /** @type {string[]} */ ([]);
  const columns = like?.columns ?? chosen(scan.columns, wanted, notes);
  checkColumns(columns, scan.columns, option, like);
  const read = readRows(scan, option, wanted, columns);
  const labels = labelsOf(
    read.label,
    option,
    like ? (like.targets ? 'numbers' : 'classes') : numbers ? 'numbers' : 'asTheyAre',
  );
  if (read.withoutGroup > 0) {
    const all = 'samples name no group: a split keeps them together, as if they were one group.';
    notes.push(`${read.withoutGroup} ${all}`);
  }
  read.unknown.forEach((count, i) => {
    if (count === 0) return;
    const held = count === 1 ? '1 cell holds' : `${count} cells hold`;
    notes.push(
      `Column ${inWords(columns[i].name)} of ${option}: ${held} a category that is not in the set to learn from.`,
    );
  });
  const widths = columns.map((column) => (column.type === 'number' ? 0 : widthOf(column)));
  const channels = columns.reduce((sum, column) => sum + widthOf(column), 0);
  const { inputs, groups, missing } = read;
  return {
    ...{ read: 'table', inputs, widths, shape: [1, 1, channels], groups, ...labels },
    ...{ columns, label: wanted.label, missing, notes },
  };
}

/** @param {string[]} names @param {string} option @param {Wanted} wanted @param {Table} [like] */
function checkNames(names, option, { label, groups, leaveOut = [], categories = [] }, like) {
  /** @type {Problem[]} */
  const problems = [];
  const all = new Set(names);
  const check = (/** @type {string} */ key, /** @type {string} */ name) => {
    if (all.has(name)) return;
    const expected = `a column of the csv file, which has ${inWords(names.join(', '))}`;
    problems.push({ path: `${option}.${key}`, expected, given: inWords(name) });
  };
  check('label', label);
  if (groups) check('groups', groups);
  leaveOut.forEach((name, i) => check(`leaveOut[${i}]`, name));
  categories.forEach((name, i) => check(`categories[${i}]`, name));
  if (groups === label)
    problems.push({ path: `${option}.groups`, expected: "another column than the label's", given: inWords(groups) });
  for (const { name } of like?.columns ?? []) {
    if (all.has(name)) continue;
    const expected = `a csv file with the columns of the set to learn from, ${inWords(name)} too`;
    problems.push({ path: `${option}.path`, expected, given: inWords(names.join(', ')) });
  }
  if (problems.length) throw new InputError(problems);
}

/**
 * The columns that are inputs, and how.
 * @param {Column[]} columns
 * @param {Wanted} wanted
 * @param {string[]} notes
 * @returns {InputColumn[]}
 */
function chosen(columns, { label, groups, leaveOut = [], categories = [] }, notes) {
  /** @type {InputColumn[]} */
  const inputs = [];
  const [without, asCategories] = [new Set(leaveOut), new Set(categories)];
  for (const column of columns) {
    const { name, missing } = column;
    if (name === label || name === groups || without.has(name)) continue;
    const asked = asCategories.has(name) && column.distinct > 0;
    if (column.leftOut && !asked) {
      notes.push(`Column ${inWords(name)} is left out: ${column.leftOut}.`);
    } else if (asked || column.type === 'category') {
      const all = column.names.list();
      const sorted = column.names.sorted().map((place) => all[place]);
      inputs.push({ name, type: 'category', categories: sorted, missing: missing > 0 });
      if (missing > 0) notes.push(`Column ${inWords(name)}: ${cells(missing)} missing, a category of their own.`);
    } else {
      inputs.push({ name, type: 'number', median: NaN });
    }
  }
  return inputs;
}

const cells = (/** @type {number} */ count) => (count === 1 ? '1 cell is' : `${count} cells are`);

/**
 * What was filled in, told once the core has split the set.
 * @param {InputColumn[]} columns
 * @param {number[]} missing
 */
export function medianNotes(columns, missing) {
  return columns.flatMap((column, i) =>
    column.type === 'number' && missing[i] > 0
      ? [
          `Column ${inWords(column.name)}: ${cells(missing[i])} missing, filled with ${column.median}, the training part's median.`,
        ]
      : [],
  );
}

/** @param {InputColumn[]} inputs @param {Column[]} columns @param {string} option @param {Table} [like] */
function checkColumns(inputs, columns, option, like) {
  /** @type {Problem[]} */
  const problems = [];
  const path = `${option}.path`;
  const byName = new Map(columns.map((column) => [column.name, column]));
  if (inputs.length === 0)
    problems.push({ path, expected: "a csv file with at least one column beside the label's", given: 'none' });
  for (const { name, type } of inputs) {
    const column = /** @type {Column} */ (byName.get(name));
    if (type === 'category' && column.names.full && !like) {
      const expected = `a column of at most ${kMostNames} categories`;
      problems.push({ path: `${option}.categories`, expected, given: `more in column ${inWords(name)}` });
    } else if (type === 'number' && column.words && problems.length < kTold) {
      const expected = `a csv file with numbers alone in column ${inWords(name)}, or that column in categories or leaveOut`;
      problems.push({ path, expected, given: column.words });
    }
  }
  if (problems.length) throw new InputError(problems);
}

/**
 * @param {import('./table_columns.js').Scan} scan
 * @param {string} option
 * @param {Wanted} wanted
 * @param {InputColumn[]} columns
 */
function readRows({ table, rows: count, columns: all }, option, { label, groups }, columns) {
  const { rows, places: known } = openRows(table, `${option}.path`);
  const placeOf = (/** @type {string} */ name) => known.get(name) ?? -1;
  const [labelPlace, groupPlace] = [placeOf(label), groups ? placeOf(groups) : -1];
  const places = columns.map(({ name }) => placeOf(name));
  const codes = columns.map((column, i) =>
    column.type === 'category' ? codesOf(column, all[places[i]].names) : undefined,
  );
  const inputs = new Float64Array(count * columns.length);
  const missing = columns.map(() => 0);
  const unknown = columns.map(() => 0);
  const cells = {
    numbers: new Float64Array(count),
    texts: new Int32Array(count),
    names: new Names(kMostNames),
    places: /** @type {Problem[]} */ ([]),
    missing: 0,
  };
  const groupNames = new Names();
  const groupNumbers = groups ? new Int32Array(count) : undefined;
  let withoutGroup = 0;
  /** @type {Problem[]} */
  const problems = [];
  for (let row = 0; rows.next(); row++) {
    for (let i = 0; i < places.length; i++) {
      const place = places[i];
      const isMissing = rows.isMissing(place);
      if (isMissing) missing[i]++;
      const column = columns[i];
      let value = NaN;
      if (column.type === 'number') {
        if (!isMissing) value = rows.number(place);
      } else if (isMissing) value = column.missing ? column.categories.length : -1;
      else {
        value = /** @type {Int32Array} */ (codes[i])[all[place].names.add(rows, place)] ?? -1;
        if (value < 0) unknown[i]++;
      }
      inputs[row * places.length + i] = value;
    }
    if (rows.starts[labelPlace] === rows.ends[labelPlace]) {
      const given = `an empty cell${placeIn(rows, label)}`;
      problems.push({ path: `${option}.path`, expected: 'a csv file with a label in every row', given });
      if (problems.length === kTold) break;
    }
    const number = rows.number(labelPlace);
    cells.numbers[row] = number;
    cells.texts[row] = cells.names.add(rows, labelPlace);
    if (Number.isNaN(number)) {
      if (rows.isMissing(labelPlace)) cells.missing++;
      const given = inWords(rows.text(labelPlace)) + placeIn(rows, label);
      const expected = "a csv file with a number in every row of the label's column";
      if (cells.places.length < kTold) cells.places.push({ path: `${option}.path`, expected, given });
    }
    if (groupNumbers) {
      groupNumbers[row] = groupNames.add(rows, groupPlace);
      if (rows.starts[groupPlace] === rows.ends[groupPlace]) withoutGroup++;
    }
  }
  if (problems.length) throw new InputError(problems);
  return { inputs, missing, unknown, label: cells, groups: groupNumbers, withoutGroup };
}

/**
 * For each name of a file, by the number it has there, its place among a column's categories; -1 for none.
 * @param {import('./table_types.d.ts').CategoryColumn} column
 * @param {Names} names
 */
function codesOf({ categories }, names) {
  const places = new Map(categories.map((name, place) => [name, place]));
  return Int32Array.from(names.list(), (name) => places.get(name) ?? -1);
}

/**
 * The label's column: whole-numbered labels counted from 0 are the classes themselves; other whole numbers, or words, are classes in sorted
 * order. Where numbers are wanted, or the others are numbers, a word (NA, say) is a problem with its row.
 * @param {{ numbers: Float64Array, texts: Int32Array, names: Names, places: Problem[], missing: number }} cells
 * @param {string} option
 * @param {'asTheyAre' | 'numbers' | 'classes'} kind  numbers: targets, as for a regression's loss, unless all are words; classes: as where
 *   the samples to learn from have classes
 * @returns {{ labels?: Int32Array, targets?: Float32Array, classNames: string[] }}
 */
function labelsOf({ numbers, texts, names, places, missing }, option, kind) {
  const words = numbers.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  const whole = numbers.every((value) => Number.isNaN(value) || (Number.isInteger(value) && Math.abs(value) < 1e9));
  const asNumbers = kind === 'numbers' || (kind === 'asTheyAre' && !whole);
  if (words > 0 && words < numbers.length && (asNumbers || words === missing)) throw new InputError(places);
  if (words === 0 && asNumbers) return { targets: Float32Array.from(numbers), classNames: [] };
  if (names.full) {
    const expected = `a column of at most ${kMostNames} classes`;
    throw new InputError([{ path: `${option}.label`, expected, given: `more than ${kMostNames} different values` }]);
  }
  if (words === 0 && whole) return numberedClasses(numbers);
  const all = names.list();
  const sorted = names.sorted();
  const places_ = new Int32Array(all.length);
  sorted.forEach((name, place) => (places_[name] = place));
  return { labels: texts.map((name) => places_[name]), classNames: sorted.map((name) => all[name]) };
}

/** @param {Float64Array} numbers  whole ones */
function numberedClasses(numbers) {
  const values = new Set(numbers);
  const last = Math.max(...values);
  if (Math.min(...values) === 0 && last < kMostNames) for (let value = 0; value <= last; value++) values.add(value);
  const sorted = Float64Array.from(values).sort();
  const places = new Map([...sorted].map((value, place) => [value, place]));
  return { labels: Int32Array.from(numbers, (value) => places.get(value) ?? 0), classNames: [...sorted].map(String) };
}
