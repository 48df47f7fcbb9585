// What the columns of a table hold: a first pass over the file, by which all doors decide what to do with it.
import { InputError, inWords, problem } from './experiment.js';
import { Names, openTable, Rows } from './table_file.js';

export const kMostNames = 10_000; // of a label's classes, and of a category that is asked for
const kMostCategories = 1000; // of a column that nobody has asked for
const kFewNames = 10; // so many may all be different: a small table
const kMostColumns = 1 << 16;
export const kTold = 5; // a file that is wrong in a hundred places is described by the first few
const kStride = 1 << 12; // rows between two yields

/**
 * @typedef {import('./table_types.d.ts').TableColumn & { names: Names, words: string }} Column  names: the texts of its cells, as they
 *   came; words: the cells that are neither numbers nor missing, where there are any
 * @typedef {import('./table_file.js').TableFile} TableFile
 * @typedef {{ table: TableFile, rows: number, columns: Column[] }} Scan
 */

/** Where a cell is, in words. @param {Rows} rows @param {string} column */
export const placeIn = (rows, column) => ` in row ${rows.line}, column ${JSON.stringify(column)}`;

/**
 * Rows below the header, which is told apart first. Yields the share that is done.
 * @param {TableFile} table
 * @param {string} path
 */
export function openRows(table, path) {
  const rows = new Rows(table);
  if (!rows.next()) throw problem(path, 'a csv file with a header row and rows below it', 'an empty file');
  if (rows.count > kMostColumns)
    throw problem(path, `a csv file of at most ${kMostColumns} columns`, `${rows.count} in its header`);
  /** @type {Map<string, number>} How many were told apart from a name. */
  const names = new Map();
  for (let i = 0; i < rows.count; i++) {
    const text = rows.text(i);
    let name = text;
    let same = names.get(text) ?? 0;
    while (names.has(name)) name = `${text}.${++same}`;
    if (same > 0) names.set(text, same);
    names.set(name, names.get(name) ?? 0);
  }
  const all = [...names.keys()];
  return { rows, names: all, places: new Map(all.map((name, place) => [name, place])) };
}

/**
 * @param {Uint8Array} file
 * @param {string} path  of the option that problems are about
 * @returns {Generator<number, Scan>}  the share that is done
 */
export function* scanTable(file, path) {
  const table = yield* openTable(file, path);
  const { rows, names: header } = openRows(table, path);
  const columns = header.map((name) => ({
    ...{ name, cells: 0, numbers: 0, words: 0, firstWord: '', missing: 0 },
    ...{ least: Infinity, greatest: -Infinity, whole: true, names: new Names(kMostNames) },
  }));
  const problems = [];
  let count = 0;
  while (problems.length < kTold && rows.next()) {
    if (rows.count !== columns.length) {
      const expected = `a csv file with ${columns.length} cells in every row, as in its header`;
      problems.push({ path, expected, given: `${rows.count} in row ${rows.line}` });
      continue;
    }
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      if (rows.isMissing(i)) {
        column.missing++;
        continue;
      }
      column.names.add(rows, i);
      const value = rows.number(i);
      if (Number.isNaN(value)) {
        if (column.words++ === 0) column.firstWord = `${inWords(rows.text(i))} in row ${rows.line}`;
      } else {
        column.numbers++;
        if (value < column.least) column.least = value;
        if (value > column.greatest) column.greatest = value;
        column.whole &&= Number.isInteger(value);
      }
    }
    if (++count % kStride === 0) yield rows.at / table.bytes.length;
  }
  if (rows.unclosed) problems.push({ path, expected: 'a csv file', given: 'a quotation mark that is never closed' });
  if (problems.length === 0 && count === 0)
    problems.push({ path, expected: 'a csv file with rows below its header', given: 'none' });
  if (problems.length) throw new InputError(problems);
  return { table, rows: count, columns: columns.map((column) => judged(column, count)) };
}

/** @param {any} column @param {number} rows @returns {Column} */
function judged({ name, numbers, words, firstWord, missing, least, greatest, whole, names }, rows) {
  const isNumber = numbers > words;
  const distinct = names.full ? kMostNames + 1 : names.size;
  const all = names.list();
  const wordsTold = words > 1 ? `${firstWord} and ${words - 1} more` : firstWord;
  /** @type {Column} */
  const column = {
    ...{ name, type: isNumber ? 'number' : 'category', missing, distinct, names, words: wordsTold },
    ...{ least: isNumber ? least : null, greatest: isNumber ? greatest : null, whole: isNumber && whole },
    categories: isNumber ? [] : names.sorted().map((/** @type {number} */ place) => all[place]),
  };
  if (missing === rows) column.leftOut = 'every cell of it is missing';
  else if (!isNumber && (distinct > kMostCategories || (distinct > kFewNames && distinct > (rows - missing) / 2)))
    column.leftOut = `${names.full ? 'more than ' : ''}${names.size} different texts in ${rows} rows are no categories`;
  if (isNumber && words > 0) column.strange = wordsTold;
  return column;
}

/**
 * What a table holds, as `describeTable` tells it.
 * @param {Uint8Array} file
 * @returns {Generator<number, import('./table_types.d.ts').TableDescription>}
 */
export function* describe(file) {
  const { table, rows, columns } = yield* scanTable(file, 'file');
  return {
    separator: /** @type {any} */ (String.fromCharCode(table.separator)),
    decimal: /** @type {any} */ (String.fromCharCode(table.decimal)),
    rows,
    columns: columns.map(({ names: _names, words: _words, ...column }) => column),
    suggestedLabel: suggested(columns),
  };
}

/** @param {Column[]} columns */
function suggested(columns) {
  const usable = columns.filter(({ leftOut, missing }) => !leftOut && missing === 0);
  const called = usable.find(({ name }) =>
    /^(y|labels?|targets?|class(es)?|outcome|output|species|diagnosis)$/i.test(name),
  );
  return (called ?? usable.at(-1) ?? columns[columns.length - 1]).name;
}
