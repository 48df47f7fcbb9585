// The words of a Python text: names, numbers, strings, signs, and where lines and blocks begin and end. The text is data that somebody gives; it
// is read once from the front to the end. What comes along with pasted text is skipped: the prompts of a console, commands of a notebook, and
// the fences of Markdown. https://docs.python.org/3/reference/lexical_analysis.html
import { inWords, problem } from './experiment.js';

const kMost = 200_000; // characters: a long script has 50,000
const kDeepest = 100; // blocks within each other
const kWord = /[\p{L}_][\p{L}\p{N}_]*/uy;
const kNumber = /0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?/y;
const kSign = /\*\*=|\/\/=|>>=|<<=|\.\.\.|->|:=|[-+*/%@&|^<>=!]=|\*\*|\/\/|<<|>>|[^\s\w]/uy;
const kEscapes = /\\(?:\r?\n|([abfnrtv\\'"])|x([\da-fA-F]{2})|u([\da-fA-F]{4})|([0-7]{1,3}))/g;
const kNamed = /** @type {Record<string, string>} */ ({
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
});
const kForeign = /^[ \t]*(?:[%!]\S|```|~~~)[^\n]*/; // lines that are not Python's

/**
 * @typedef {'name' | 'number' | 'string' | 'sign' | 'broken' | 'newline' | 'indent' | 'dedent' | 'end'} TokenKind
 * @typedef {{ kind: TokenKind, text: string, value?: string | number, isFormatted?: boolean, line: number, start: number, end: number }} Token
 *   broken: a string that does not end
 */

/** The text without what is in front of the lines of a console, with the ends of lines that Python has. @param {string} text */
function plainLines(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const isConsole = lines.some((line) => /^\s*>>>(\s|$)/.test(line));
  const isFenced = lines.some((line) => /^\s*(```|~~~)/.test(line));
  return lines
    .map((line) => {
      if (isConsole) return /^\s*(>>>|\.\.\.)(\s|$)/.test(line) ? line.replace(/^\s*(>>>|\.\.\.) ?/, '') : '';
      return (isFenced || /^[ \t]*[%!]/.test(line)) && kForeign.test(line) ? '' : line;
    })
    .join('\n');
}

class Reader {
  /** @type {Token[]} */
  tokens = [];
  at = 0;
  line = 1;
  /** Open brackets: there a line's end is none. */
  depth = 0;
  /** How far the open blocks stand in. */
  indents = [0];

  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  /** @param {TokenKind} kind @param {number} end @param {Partial<Token>} [more] */
  push(kind, end, more) {
    this.tokens.push({ kind, text: this.text.slice(this.at, end), line: this.line, start: this.at, end, ...more });
    this.at = end;
  }

  /** @param {RegExp} pattern  a sticky one */
  match(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }

  /** The blank in front of a line opens or closes blocks, unless nothing else stands there. */
  beginLine() {
    let width = 0;
    for (; ' \t\f'.includes(this.text[this.at] || '.'); this.at++)
      width = this.text[this.at] === '\t' ? width + 8 - (width % 8) : width + 1;
    if (this.at >= this.text.length || '\n#'.includes(this.text[this.at])) return;
    if (width > /** @type {number} */ (this.indents.at(-1))) {
      if (this.indents.length > kDeepest) throw problem(`line ${this.line}`, `in at most ${kDeepest} blocks`, 'deeper');
      this.indents.push(width);
      this.push('indent', this.at);
    }
    while (width < /** @type {number} */ (this.indents.at(-1))) {
      this.indents.pop();
      this.push('dedent', this.at);
    }
  }

  newline() {
    const isOfText =
      this.tokens.length > 0 && !['newline', 'indent', 'dedent'].includes(this.tokens[this.tokens.length - 1].kind);
    if (this.depth === 0 && isOfText) this.push('newline', this.at + 1);
    else this.at++;
    this.line++;
    if (this.depth === 0) this.beginLine();
  }

  /** @param {string} prefix  as in f or rb */
  string(prefix) {
    const { text } = this;
    const begin = this.at + prefix.length;
    const mark = text.startsWith(text[begin].repeat(3), begin) ? text[begin].repeat(3) : text[begin];
    const isLong = mark.length === 3;
    let end = begin + mark.length;
    let lines = 0;
    while (end < text.length && !text.startsWith(mark, end)) {
      if (text[end] === '\n' && !isLong) break;
      if (text[end] === '\\') end++;
      if (text[end] === '\n') lines++;
      end++;
    }
    const isWhole = text.startsWith(mark, end);
    const raw = text.slice(begin + mark.length, end);
    const value = /r/i.test(prefix) ? raw : raw.replace(kEscapes, unescaped);
    if (isWhole) this.push('string', end + mark.length, { value, isFormatted: /f/i.test(prefix) });
    else this.push('broken', Math.min(end, text.length));
    this.line += lines;
  }

  step() {
    const character = this.text[this.at];
    if (character === '\n') return this.newline();
    if (' \t\f\xa0'.includes(character)) return void this.at++;
    if (character === '#') {
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end;
      return undefined;
    }
    if (character === '\\' && this.text[this.at + 1] === '\n') {
      this.line++;
      return void (this.at += 2);
    }
    if (character === '"' || character === "'") return this.string('');
    const word = this.match(kWord);
    if (word) {
      const mark = this.text[this.at + word.length];
      if (/^[rbuf]{1,2}$/i.test(word) && (mark === '"' || mark === "'")) return this.string(word);
      return this.push('name', this.at + word.length);
    }
    const number = this.match(kNumber);
    if (number) return this.push('number', this.at + number.length, { value: Number(number.replace(/_/g, '')) });
    const sign = this.match(kSign) ?? character;
    if ('([{'.includes(sign)) this.depth++;
    if (')]}'.includes(sign)) this.depth = Math.max(0, this.depth - 1);
    return this.push('sign', this.at + sign.length);
  }
}

/** @param {string} whole @param {string} [letter] @param {string} [two] @param {string} [four] @param {string} [octal] */
function unescaped(whole, letter, two, four, octal) {
  if (letter) return kNamed[letter] ?? letter;
  const code = two ?? four;
  if (code) return String.fromCharCode(parseInt(code, 16));
  return octal ? String.fromCharCode(parseInt(octal, 8)) : '';
}

/**
 * @param {unknown} given
 * @returns {{ text: string, tokens: Token[] }}  text: what the places of the tokens are of
 */
export function tokensOf(given) {
  if (typeof given !== 'string') throw problem('the text', 'a text', inWords(given));
  if (given.length > kMost)
    throw problem('the text', `at most ${kMost} characters`, `${given.length}: paste the network alone`);
  const reader = new Reader(plainLines(given));
  reader.beginLine();
  while (reader.at < reader.text.length) reader.step();
  reader.depth = 0;
  reader.push('newline', reader.at);
  while (reader.indents.length > 1) {
    reader.indents.pop();
    reader.push('dedent', reader.at);
  }
  reader.push('end', reader.at);
  return { text: reader.text, tokens: reader.tokens };
}
