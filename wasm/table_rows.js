// What a network says of rows: a table's, or a program's. Columns are found by name, cells become inputs as the preparation says, slice by
// slice; the answers can be written behind the rows of the file that they are about.
import { inWords, problem } from './experiment.js';
import { openRows } from './table_columns.js';
import { isMissingText, Names, numberOfText, openTable } from './table_file.js';
import { widthOf } from './table_samples.js';

const kRows = 1 << 10; // predicted at once
const kTold = 100; // rejected rows that are named
const kNames = 10_000; // different texts of a column that are remembered
const encoder = new TextEncoder();
const kNothing = new Uint8Array();
const [kKnown, kMissing, kUnknown] = [0, 1, 2];

/**
 * @typedef {import('./table_types.d.ts').TablePreparation} TablePreparation
 * @typedef {import('./table_types.d.ts').RowAnswers} RowAnswers
 * @typedef {import('./table_types.d.ts').TableRow} TableRow
 * @typedef {{ next: () => boolean, number: (column: number) => number, isMissing: (column: number) => boolean,
 *   place: (column: number, places: Map<string, number>) => number, text: (column: number) => string, done: () => number }} RowSource
 *   of each column of the preparation; number: NaN where it is none; place: of its category, -1 where it is none of them
 * @typedef {{ preparation: import('./preparation_types.d.ts').Preparation, classNames: string[], outputs: number, normalizes: boolean,
 *   predict: (inputs: Float64Array, samples: number) => Float32Array }} Answering  normalizes: `predict` does so itself
 */

/**
 * @param {Uint8Array | TableRow[]} rows
 * @param {boolean} wantsTable
 * @param {Answering} network
 * @returns {Generator<number, RowAnswers>}  the share that is done
 */
export function* predictRows(rows, wantsTable, { preparation, classNames, outputs, normalizes, predict }) {
  if (preparation.kind !== 'table')
    throw problem('rows', 'asked of a network that learned from a table', `one that learned from ${preparation.kind}s`);
  const rowEncoder = new RowEncoder(preparation, normalizes);
  const isFile = rows instanceof Uint8Array;
  const file = isFile ? yield* openFile(rows, preparation) : undefined;
  const source = file ?? listSource(/** @type {TableRow[]} */ (rows), preparation);
  const writer = file && wantsTable ? new TableWriter(file, preparation.label, classNames) : undefined;
  /** @type {Float32Array[]} */
  const answers = [];
  /** @type {number[]} */
  const accepted = [];
  const inputs = new Float64Array(kRows * rowEncoder.channels);
  /** Lines of the file that wait for their answer, with their place among those accepted; -1: rejected. @type {Array<[number, number, number]>} */
  let lines = [];
  for (let row = 0, more = true; more;) {
    let taken = 0;
    while (taken < kRows && (more = source.next())) {
      const good = rowEncoder.encode(source, row, inputs, taken * rowEncoder.channels);
      if (file && writer) lines.push([file.rows.begin, file.rows.end, good ? taken : -1]);
      if (good) {
        accepted.push(row);
        taken++;
      }
      row++;
    }
    const answer = taken ? predict(inputs.slice(0, taken * rowEncoder.channels), taken) : new Float32Array();
    answers.push(answer);
    if (writer) {
      for (const [begin, end, at] of lines)
        writer.write(begin, end, at < 0 ? undefined : answer.subarray(at * outputs, (at + 1) * outputs));
      lines = [];
    }
    yield source.done();
  }
  const probabilities = new Float32Array(accepted.length * outputs);
  let at = 0;
  for (const answer of answers) {
    probabilities.set(answer, at);
    at += answer.length;
  }
  return {
    ...{ probabilities, outputs, accepted: Int32Array.from(accepted) },
    ...rowEncoder.told,
    ...(writer && { table: writer.file() }),
  };
}

/** @param {Uint8Array} bytes @param {TablePreparation} preparation */
function* openFile(bytes, { columns }) {
  const table = yield* openTable(bytes, 'rows');
  const { rows, names, places: all } = openRows(table, 'rows');
  const places = columns.map(({ name }) => all.get(name) ?? -1);
  checkColumns(
    columns.filter((_, i) => places[i] < 0),
    names,
  );
  const seen = columns.map(() => new Names(kNames));
  const codes = columns.map(() => /** @type {number[]} */ ([]));
  return {
    ...{ table, rows },
    next() {
      if (!rows.next()) {
        if (rows.unclosed) throw problem('rows', 'a csv file', 'a quotation mark that is never closed');
        return false;
      }
      if (rows.count === names.length) return true;
      const expected = `a csv file with ${names.length} cells in every row, as in its header`;
      throw problem('rows', expected, `${rows.count} in row ${rows.line}`);
    },
    number: (/** @type {number} */ column) => rows.number(places[column]),
    place(/** @type {number} */ column, /** @type {Map<string, number>} */ known) {
      const name = seen[column].add(rows, places[column]);
      if (name < 0) return known.get(rows.text(places[column])) ?? -1;
      // A text that is new.
      if (name === codes[column].length) codes[column].push(known.get(rows.text(places[column])) ?? -1);
      return codes[column][name];
    },
    isMissing: (/** @type {number} */ column) => rows.isMissing(places[column]),
    text: (/** @type {number} */ column) => rows.text(places[column]),
    done: () => rows.at / table.bytes.length,
  };
}

/** @param {Array<{ name: string }>} absent @param {string[]} names */
function checkColumns(absent, names) {
  if (absent.length === 0) return;
  const wanted = absent.map(({ name }) => inWords(name)).join(', ');
  throw problem(
    'rows',
    `a table with the column${absent.length > 1 ? 's' : ''} ${wanted}`,
    `the columns ${inWords(names.join(', '))}`,
  );
}

/** @param {TableRow[]} rows @param {TablePreparation} preparation @returns {RowSource} */
function listSource(rows, { columns }) {
  if (!Array.isArray(rows))
    throw problem('rows', 'a file, or a list of objects with a value for each column', inWords(rows));
  let at = -1;
  const cell = (/** @type {number} */ column) => rows[at][columns[column].name];
  const isNone = (/** @type {any} */ value) => value === null || Number.isNaN(value);
  return {
    next() {
      if (++at >= rows.length) return false;
      const row = rows[at];
      if (typeof row !== 'object' || row === null)
        throw problem(`rows[${at}]`, 'an object with a value for each column', inWords(row));
      checkColumns(
        columns.filter(({ name }) => !Object.hasOwn(row, name)),
        Object.keys(row),
      );
      for (const { name } of columns) {
        if (isNone(row[name]) || ['string', 'number'].includes(typeof row[name])) continue;
        throw problem(`rows[${at}][${JSON.stringify(name)}]`, 'a number, a text or null', inWords(row[name]));
      }
      return true;
    },
    number(column) {
      const value = cell(column);
      return typeof value === 'number'
        ? Number.isFinite(Math.fround(value))
          ? value
          : NaN
        : numberOfText(String(value));
    },
    isMissing: (column) => isNone(cell(column)) || isMissingText(String(cell(column))),
    place: (column, places) => places.get(String(cell(column)).trim()) ?? -1,
    text: (column) => String(cell(column)).trim(),
    done: () => Math.min(1, (at + 1) / Math.max(1, rows.length)),
  };
}

/** Makes inputs of rows, and counts what was not as it should be. */
class RowEncoder {
  #columns;
  #normalization;
  /** Of a column's categories. @type {Array<Map<string, number>>} */
  #places;
  #widths;
  /** Of each cell of a row. */
  #state;
  /** @type {RowAnswers['rejected']} */
  #rejected = [];
  #rejectedCount = 0;
  #missing;
  #unknown;

  /** @param {TablePreparation} preparation @param {boolean} normalizes */
  constructor({ columns, normalization }, normalizes) {
    this.#columns = columns;
    this.#normalization = normalizes ? null : normalization;
    this.#places = columns.map(
      (column) => new Map(column.type === 'category' ? column.categories.map((name, place) => [name, place]) : []),
    );
    this.#widths = columns.map(widthOf);
    this.#state = new Uint8Array(columns.length);
    this.#missing = columns.map(() => 0);
    this.#unknown = columns.map(() => 0);
    this.channels = this.#widths.reduce((sum, width) => sum + width, 0);
  }

  /**
   * False where a number is none: then the row is rejected, and nothing of it counted.
   * @param {RowSource} source
   * @param {number} row
   * @param {Float64Array} inputs
   * @param {number} from  where this row's begin
   */
  encode(source, row, inputs, from) {
    const state = this.#state;
    let at = from;
    for (let i = 0; i < this.#columns.length; i++) {
      const column = this.#columns[i];
      const isMissing = source.isMissing(i);
      state[i] = isMissing ? kMissing : kKnown;
      if (column.type === 'number') {
        const value = isMissing ? column.median : source.number(i);
        if (Number.isNaN(value)) {
          this.#reject(row, column.name, source.text(i));
          return false;
        }
        inputs[at] = this.#normalized(value, at - from);
        at++;
        continue;
      }
      const width = this.#widths[i];
      inputs.fill(0, at, at + width);
      const place = isMissing ? (column.missing ? width - 1 : -1) : source.place(i, this.#places[i]);
      if (place >= 0) inputs[at + place] = 1;
      else if (!isMissing) state[i] = kUnknown;
      at += width;
    }
    for (let i = 0; i < state.length; i++) {
      if (state[i] === kMissing) this.#missing[i]++;
      else if (state[i] === kUnknown) this.#unknown[i]++;
    }
    return true;
  }

  /** @param {number} row @param {string} column @param {string} given */
  #reject(row, column, given) {
    this.#rejectedCount++;
    if (this.#rejected.length < kTold) this.#rejected.push({ row, column, given });
  }

  /** As the engine does it: less the mean while it is in double precision, over the deviation (core/batch.cpp). @param {number} value @param {number} at */
  #normalized(value, at) {
    if (!this.#normalization) return value;
    const { mean, deviation } = this.#normalization;
    return Math.fround(value - mean[at]) / Math.fround(deviation[at]);
  }

  get told() {
    const named = (/** @type {number[]} */ counts) =>
      Object.fromEntries(this.#columns.flatMap(({ name }, i) => (counts[i] > 0 ? [[name, counts[i]]] : [])));
    return {
      ...{ rejected: this.#rejected, rejectedCount: this.#rejectedCount },
      ...{ missing: named(this.#missing), unknown: named(this.#unknown) },
    };
  }
}

/** The rows of a file with columns for the prediction at their end. */
class TableWriter {
  #bytes;
  #decimal;
  /** What stands between cells, and behind a line. */
  #separator;
  #lineEnd;
  /** As cells. */
  #classNames;
  #length = 0;
  #file = new Uint8Array(1 << 16);

  /**
   * @param {{ table: import('./table_file.js').TableFile, rows: import('./table_file.js').Rows }} file  at its header
   * @param {string} label
   * @param {string[]} classNames
   */
  constructor({ table: { bytes, separator, decimal }, rows }, label, classNames) {
    this.#bytes = bytes;
    this.#decimal = String.fromCharCode(decimal);
    this.#separator = Uint8Array.of(separator);
    this.#lineEnd =
      rows.at > rows.end && rows.end < bytes.length ? bytes.slice(rows.end, rows.at) : encoder.encode('\n');
    const sign = String.fromCharCode(separator);
    const cell = (/** @type {string} */ text) =>
      encoder.encode(text.includes(sign) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    this.#classNames = classNames.map(cell);
    const columns = [cell(`predicted ${label}`), ...(classNames.length ? [cell('probability')] : [])];
    this.#line(rows.begin, rows.end, columns);
  }

  /** @param {number} begin @param {number} end @param {Float32Array} [answer]  none: the row was rejected */
  write(begin, end, answer) {
    if (!answer) this.#line(begin, end, this.#classNames.length ? [kNothing, kNothing] : [kNothing]);
    else if (this.#classNames.length === 0)
      this.#line(
        begin,
        end,
        Array.from(answer, (value) => this.#number(value)),
      );
    else {
      let best = 0;
      for (let k = 1; k < answer.length; k++) if (answer[k] > answer[best]) best = k;
      this.#line(begin, end, [this.#classNames[best], this.#number(answer[best])]);
    }
  }

  /** @param {number} value */
  #number(value) {
    const text = String(Number(value.toPrecision(7))).replace('.', this.#decimal);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /** @param {number} begin @param {number} end @param {Uint8Array[]} cells */
  #line(begin, end, cells) {
    this.#append(this.#bytes.subarray(begin, end));
    for (const cell of cells) {
      this.#append(this.#separator);
      this.#append(cell);
    }
    this.#append(this.#lineEnd);
  }

  /** @param {Uint8Array} bytes */
  #append(bytes) {
    if (this.#length + bytes.length > this.#file.length) {
      const larger = new Uint8Array(2 * (this.#length + bytes.length));
      larger.set(this.#file.subarray(0, this.#length));
      this.#file = larger;
    }
    this.#file.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  file() {
    return this.#file.slice(0, this.#length);
  }
}
