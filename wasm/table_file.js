// The text of a table: which dialect it is in, and its cells, row by row, as places in the file's bytes. RFC 4180 and what spreadsheets
// make of it; table_types.d.ts says what is understood. Everything takes time linear in the file; what may be long yields now and then, so
// that whoever reads can tell how far it is, and stop.
import { problem } from './experiment.js';

const [kTab, kLineFeed, kReturn, kSpace, kQuote, kComma, kPoint, kSemicolon] = [9, 10, 13, 32, 34, 44, 46, 59];
const kSniffed = 1 << 16; // bytes that tell the separator
const kSniffedRows = 100;
const kDecisive = 1000; // numbers with a decimal sign that tell which one it is
const kStride = 1 << 12; // rows between two yields
const kTens = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`)); // exact

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** @typedef {{ bytes: Uint8Array, separator: number, decimal: number }} TableFile  the bytes in UTF-8, without a byte order mark */

/**
 * A file and its dialect. Yields the share that is done.
 * @param {Uint8Array} file
 * @param {string} path  of the option that problems are about
 * @returns {Generator<number, TableFile>}
 */
export function* openTable(file, path) {
  const bytes = withoutMark(file);
  for (let at = 0; at < bytes.length; yield at / bytes.length) {
    const end = Math.min(bytes.length, at + (1 << 22));
    at = validUntil(bytes, at, end);
    if (at < end) throw problem(path, 'a csv file in UTF-8', `byte ${bytes[at]} at place ${at}`);
  }
  const separator = separatorOf(bytes);
  const table = { bytes, separator, decimal: kPoint };
  if (separator !== kComma) table.decimal = yield* decimalOf(table);
  return table;
}

/** @param {Uint8Array} file */
function withoutMark(file) {
  const utf16 = { 0xfffe: 'utf-16le', 0xfeff: 'utf-16be' }[(file[0] << 8) | file[1]];
  if (utf16) return encoder.encode(new TextDecoder(utf16).decode(file));
  return file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? file.subarray(3) : file;
}

/**
 * Where bytes stop being UTF-8, or where the first character at or behind `end` begins.
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} end
 */
function validUntil(bytes, at, end) {
  while (at < end) {
    const first = bytes[at];
    if (first < 0x80) {
      at++;
      continue;
    }
    const more = first >= 0xc2 && first < 0xe0 ? 1 : first >> 4 === 0xe ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 0;
    if (more === 0 || at + more >= bytes.length) return at;
    let point = first & (0x3f >> more);
    for (let i = 1; i <= more; i++) {
      if (bytes[at + i] >> 6 !== 2) return at;
      point = (point << 6) | (bytes[at + i] & 0x3f);
    }
    const overlong = (more === 2 && point < 0x800) || (more === 3 && point < 0x10000);
    if (overlong || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return at;
    at += more + 1;
  }
  return at;
}

/**
 * The separator with which the first rows have as many cells as the header, more than one; of several, the one with most.
 * @param {Uint8Array} bytes
 */
function separatorOf(bytes) {
  const head = bytes.subarray(0, kSniffed);
  let best = kComma;
  let most = 0;
  for (const separator of [kComma, kSemicolon, kTab]) {
    const rows = new Rows({ bytes: head, separator, decimal: kPoint });
    if (!rows.next()) break;
    const cells = rows.count;
    let even = cells > 1;
    for (let row = 0; row < kSniffedRows && even && rows.next(); row++) {
      const cutOff = rows.at >= head.length && bytes.length > head.length;
      even = rows.count === cells || cutOff;
    }
    const score = cells + (even ? kSniffed : 0);
    if (score > most) [best, most] = [separator, score];
  }
  return best;
}

/** The decimal sign of most numbers that have one. @param {TableFile} table @returns {Generator<number, number>} */
function* decimalOf(table) {
  const points = new Rows({ ...table, decimal: kPoint });
  const commas = new Rows({ ...table, decimal: kComma });
  const count = { [kPoint]: 0, [kComma]: 0 };
  for (let row = 1; points.next() && count[kPoint] + count[kComma] < kDecisive; row++) {
    for (let i = 0; i < points.count; i++) {
      const [start, end] = [points.starts[i], points.ends[i]];
      const asPoint = points.numberAt(start, end);
      const asComma = commas.numberAt(start, end);
      if (Number.isNaN(asPoint) !== Number.isNaN(asComma)) count[Number.isNaN(asComma) ? kPoint : kComma]++;
    }
    if (row % kStride === 0) yield points.at / table.bytes.length;
  }
  return count[kComma] > count[kPoint] ? kComma : kPoint;
}

/** Cuts a file into rows of cells. */
export class Rows {
  /** Of the cells of this row, spaces around and quotes taken off. @type {number[]} */
  starts = [];
  /** @type {number[]} */
  ends = [];
  /** Whether what stands between is not yet the text: a doubled quote in it, or something behind a closing one. @type {boolean[]} */
  raw = [];
  /** Of this row. */
  count = 0;
  /** Where it begins, and where its line ends. */
  begin = 0;
  end = 0;
  at = 0;
  /** From 1, as an editor counts where no cell holds a line break. */
  line = 0;
  unclosed = false;

  /** @param {TableFile} table */
  constructor({ bytes, separator, decimal }) {
    this.bytes = bytes;
    this.separator = separator;
    this.decimal = decimal;
  }

  /** Goes to the next row that has a text in it; false at the end. */
  next() {
    do {
      if (this.at >= this.bytes.length) return false;
      this.line++;
    } while (this.#readRow());
    return true;
  }

  /** Whether every cell was empty. */
  #readRow() {
    const { bytes, separator } = this;
    const { length } = bytes;
    let at = this.at;
    let blank = true;
    this.begin = at;
    for (let cell = 0; ; cell++) {
      while (bytes[at] === kSpace) at++;
      let start = at;
      let end;
      let raw = false;
      if (bytes[at] === kQuote) {
        for (at++; ; at++) {
          at = bytes.indexOf(kQuote, at);
          if (at < 0) {
            this.unclosed = true;
            at = length;
            break;
          }
          if (bytes[at + 1] !== kQuote) break;
          raw = true;
          at++;
        }
        const close = at++;
        while (at < length && bytes[at] !== separator && bytes[at] !== kLineFeed && bytes[at] !== kReturn) {
          raw ||= bytes[at] !== kSpace && bytes[at] !== kTab;
          at++;
        }
        at = Math.min(at, length);
        end = raw ? at : close;
        if (!raw) start++;
        blank = false;
      } else {
        let c = bytes[at];
        while (at < length && c !== separator && c !== kLineFeed && c !== kReturn) c = bytes[++at];
        end = at;
        while (end > start && (bytes[end - 1] === kSpace || bytes[end - 1] === kTab)) end--;
        blank &&= end === start;
      }
      this.starts[cell] = start;
      this.ends[cell] = end;
      this.raw[cell] = raw;
      if (at < length && bytes[at] === separator) {
        at++;
        continue;
      }
      this.count = cell + 1;
      this.end = at;
      if (bytes[at] === kReturn && bytes[at + 1] === kLineFeed) at++;
      this.at = at + 1;
      return blank;
    }
  }

  /** @param {number} cell */
  text(cell) {
    const text = decoder.decode(this.bytes.subarray(this.starts[cell], this.ends[cell]));
    if (!this.raw[cell]) return text;
    // Whatever follows the closing quote belongs to the cell too, as most readers have it.
    let close = 1;
    for (; (close = text.indexOf('"', close)) >= 0 && text[close + 1] === '"'; close += 2);
    const inside = close < 0 ? text.slice(1) : text.slice(1, close);
    const behind = close < 0 ? '' : text.slice(close + 1);
    return inside.replaceAll('""', '"') + behind.trimEnd();
  }

  /** Whether the cell says that nothing is known. @param {number} cell */
  isMissing(cell) {
    return !this.raw[cell] && isMissingAt(this.bytes, this.starts[cell], this.ends[cell]);
  }

  /** Of a cell that is a decimal number and nothing else, and finite in single precision too; else NaN. @param {number} cell */
  number(cell) {
    return this.raw[cell] ? NaN : this.numberAt(this.starts[cell], this.ends[cell]);
  }

  /** @param {number} start @param {number} end */
  numberAt(start, end) {
    const { bytes, decimal } = this;
    let at = start;
    const negative = bytes[at] === 45;
    if (negative || bytes[at] === 43) at++;
    let [mantissa, digits, any, point, power] = [0, 0, false, -1, 0];
    for (; at < end; at++) {
      const digit = bytes[at] - 48;
      if (digit >= 0 && digit <= 9) {
        any = true;
        mantissa = 10 * mantissa + digit;
        if (mantissa > 0) digits++;
      } else if (bytes[at] === decimal && point < 0) point = at + 1;
      else break;
    }
    if (!any) return NaN;
    if (point >= 0) power = point - at;
    if (at < end) {
      if ((bytes[at] | 32) !== 101) return NaN;
      const sign = bytes[++at] === 45 ? -1 : 1;
      if (bytes[at] === 45 || bytes[at] === 43) at++;
      let exponent = 0;
      if (at >= end) return NaN;
      for (; at < end; at++) {
        const digit = bytes[at] - 48;
        if (!(digit >= 0 && digit <= 9)) return NaN;
        exponent = Math.min(10 * exponent + digit, 1e6);
      }
      power += sign * exponent;
    }
    let value;
    if (digits <= 15 && power >= -22 && power <= 22) {
      // Both are exact, so the one rounding is right.
      value = power < 0 ? mantissa / kTens[-power] : mantissa * kTens[power];
      if (negative) value = -value;
    } else {
      const text = decoder.decode(bytes.subarray(start, end));
      value = Number(decimal === kComma ? text.replace(',', '.') : text);
    }
    return Number.isFinite(Math.fround(value)) ? value + 0 : NaN; // not -0
  }
}

/** "", NA, N/A, NaN, null, ? and -. @param {Uint8Array} bytes @param {number} start @param {number} end */
function isMissingAt(bytes, start, end) {
  const [a, b, c, d] = [bytes[start] | 32, bytes[start + 1] | 32, bytes[start + 2] | 32, bytes[start + 3] | 32];
  switch (end - start) {
    case 0:
      return true;
    case 1:
      return bytes[start] === 63 || bytes[start] === 45;
    case 2:
      return a === 110 && b === 97;
    case 3:
      return a === 110 && ((bytes[start + 1] === 47 && c === 97) || (b === 97 && c === 110));
    case 4:
      return a === 110 && b === 117 && c === 108 && d === 108;
    default:
      return false;
  }
}

/** The same of a text. @param {string} text */
export function isMissingText(text) {
  const bytes = encoder.encode(text.trim());
  return isMissingAt(bytes, 0, bytes.length);
}

/** A number in a text of a program, which has a decimal point; else NaN. @param {string} text */
export function numberOfText(text) {
  const bytes = encoder.encode(text.trim());
  return new Rows({ bytes, separator: kComma, decimal: kPoint }).numberAt(0, bytes.length);
}

/**
 * Different texts, numbered as they come. They are compared as bytes, since a million strings are slow to make.
 */
export class Names {
  /** @type {Array<{ bytes: Uint8Array, start: number, end: number }>} */
  #places = [];
  #slots = new Int32Array(64);
  #most;

  /** @param {number} [most]  beyond which no more are taken in */
  constructor(most = Infinity) {
    this.#most = most;
  }

  get size() {
    return this.#places.length;
  }

  /** Whether there were more than it takes. */
  full = false;

  /** Number of a cell's text; -1 if there are too many. @param {Rows} rows @param {number} cell */
  add(rows, cell) {
    if (this.full) return -1;
    if (!rows.raw[cell]) return this.#add(rows.bytes, rows.starts[cell], rows.ends[cell]);
    const bytes = encoder.encode(rows.text(cell));
    return this.#add(bytes, 0, bytes.length);
  }

  /** @param {Uint8Array} bytes @param {number} start @param {number} end */
  #add(bytes, start, end) {
    let slot = this.#slotOf(bytes, start, end);
    if (this.#slots[slot] > 0) return this.#slots[slot] - 1;
    if (this.size >= this.#most) {
      this.full = true;
      return -1;
    }
    this.#places.push({ bytes, start, end });
    if (2 * this.size > this.#slots.length) {
      this.#slots = new Int32Array(4 * this.#slots.length);
      this.#places.forEach((place, i) => (this.#slots[this.#slotOf(place.bytes, place.start, place.end)] = i + 1));
      slot = this.#slotOf(bytes, start, end);
    }
    this.#slots[slot] = this.size;
    return this.size - 1;
  }

  /** @param {Uint8Array} bytes @param {number} start @param {number} end */
  #slotOf(bytes, start, end) {
    let hash = -2128831035;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 16777619);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (; this.#slots[slot] > 0; slot = (slot + 1) & mask) {
      const place = this.#places[this.#slots[slot] - 1];
      if (compareBytes(place, { bytes, start, end }) === 0) break;
    }
    return slot;
  }

  /** The texts as they came. */
  list() {
    return this.#places.map(({ bytes, start, end }) => decoder.decode(bytes.subarray(start, end)));
  }

  /** In the order of their code points, which is that of their bytes: numbers of `list`. */
  sorted() {
    return this.#places.map((_, i) => i).sort((a, b) => compareBytes(this.#places[a], this.#places[b]));
  }
}

/** @typedef {{ bytes: Uint8Array, start: number, end: number }} Place */
/** @param {Place} a @param {Place} b */
function compareBytes(a, b) {
  const length = Math.min(a.end - a.start, b.end - b.start);
  for (let i = 0; i < length; i++) {
    const difference = a.bytes[a.start + i] - b.bytes[b.start + i];
    if (difference !== 0) return difference;
  }
  return a.end - a.start - (b.end - b.start);
}
