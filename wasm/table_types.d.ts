// Tables: what a CSV or TSV file holds, how its rows become the network's input, and what a network says of rows. Part of index.d.ts.
//
// One reader for the page, the module and the command line. It finds out by itself: the separator (comma, semicolon, tab), the decimal
// sign (a point; or a comma, where the separator is none), quotes as in RFC 4180, CR, LF and CRLF, UTF-8 with or without a byte order
// mark, UTF-16 with one; gzip or not. The first row names the columns; a name that comes twice is told apart as `x`, `x.1`. Rows without
// any text are passed over. Spaces around a cell are not part of it. At most 65,536 columns.
//
// Missing are the cells "", NA, N/A, NaN, null, ? and -, in capitals or not.
import type { Floats, Integers } from './array_types.js';

/** A file, or rows in memory: a value by the column's name, null where it is missing. */
export type TableRow = Record<string, string | number | null>;

export interface TableTaskOptions {
  /** Aborting rejects with the signal's reason, within a twentieth of a second. */
  signal?: AbortSignal;
  /** Called with the share that is done, 0 to 1. */
  onProgress?: (share: number) => void;
}

/**
 * What a table holds, read in a worker slice by slice: the caller's thread never waits. Rejects with an `InputError` what is no table
 * (an empty file, one that is neither UTF-8 nor UTF-16, a row with more or fewer cells than the header), naming the row. A Blob goes to
 * the worker without a copy; an array is copied first, 50 MB of it in some tens of milliseconds of the caller's thread.
 */
export function describeTable(file: Uint8Array | Blob, options?: TableTaskOptions): Promise<TableDescription>;
export interface TableDescription {
  separator: ',' | ';' | '\t';
  decimal: '.' | ',';
  /** Without the header and without rows that hold nothing. */
  rows: number;
  /** In the file's order. */
  columns: TableColumn[];
  /** The column that looks most like a label: one that is called so (label, target, class, y, ...), or else the last one of use. */
  suggestedLabel: string;
}
export interface TableColumn {
  name: string;
  /** `number`: of the cells that are not missing, more than half are numbers. */
  type: 'number' | 'category';
  /** Cells. */
  missing: number;
  /** Different values; counted up to 10,000, beyond that 10,001. */
  distinct: number;
  /** The range of a column of numbers; else null. */
  least: number | null;
  greatest: number | null;
  /** All are whole numbers. */
  whole: boolean;
  /** Names, in the order of their code points, at most 10,000; of a column of numbers: empty. */
  categories: string[];
  /** Why it is no input unless `categories` names it: nothing in it, or (nearly) every value different, as dates and identifiers are. */
  leftOut?: string;
  /** What is among the numbers and is none, and where: the table is refused unless `leaveOut` or `categories` names the column. */
  strange?: string;
}

/**
 * How rows of a table become inputs: columns are found by name, in any order, others are passed over. Numbers, with `median` where one is
 * missing, and one-hot categories stand one after the other as `columns` does; then the normalization, which leaves categories 0 and 1.
 */
export interface TablePreparation {
  kind: 'table';
  /** The label's column; a row to predict needs none. */
  label: string;
  columns: Array<NumberColumn | CategoryColumn>;
  /** Channels: one for a number; for categories one each, and one more where `missing`. */
  shape: [height: 1, width: 1, channels: number];
  scale: 1;
  normalization: { mean: number[]; deviation: number[] } | null;
}
export interface NumberColumn {
  name: string;
  type: 'number';
  /** Of the training part: it stands where a number is missing. */
  median: number;
}
export interface CategoryColumn {
  name: string;
  type: 'category';
  /** In the order of their code points. A category that is not among them is 0 in all of them. */
  categories: string[];
  /** Whether a missing cell is a category of its own, the last: so where the table to learn from had one. Else it is 0 in all. */
  missing: boolean;
}

/** Answers for the rows of a file, or for those in memory: the same in `Trainer` and `Network`. */
export interface RowPredictions {
  /**
   * Predicts rows of a table, by `preparation`. Rejects if a column is missing (by name, with those there are), or if the network has not
   * learned from a table. A row with a word where a number is wanted is told in `rejected`, and has no answer.
   */
  predictRows(
    rows: Uint8Array | Blob | TableRow[],
    options?: TableTaskOptions & {
      /** Of a file: also gives it back with columns for the prediction, as `RowAnswers.table`. Default false. */
      table?: boolean;
    },
  ): Promise<RowAnswers>;
}
export interface RowAnswers {
  /** (accepted.length, outputs): probabilities; of a regression, the numbers in the label's unit. */
  probabilities: Floats;
  /** Classes, or numbers of a regression. */
  outputs: number;
  /** Of all rows given, from 0 on (rows without any text are not counted). */
  accepted: Integers;
  /** At most a hundred of those that cannot be read; `rejectedCount` counts all. `row` as in `accepted`. */
  rejected: Array<{ row: number; column: string; given: string }>;
  rejectedCount: number;
  /** Cells that were filled, by column; columns without any are not named. */
  missing: Record<string, number>;
  /** Cells with a category that the network has not learned, by column. */
  unknown: Record<string, number>;
  /**
   * The file's rows with new columns at their end, in the same dialect, in UTF-8: `predicted LABEL` and, for classes, `probability`.
   * Empty for rejected rows.
   */
  table?: Uint8Array;
}
