// The expressions of a Python text as a tree, as much of Python 3 as scripts that build networks are written in.
// https://docs.python.org/3/reference/expressions.html
import { tokensOf } from './python_tokens.js';

const kDeepest = 60; // brackets and operators within each other
const kReserved =
  /^(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;
/** From the loosest to the tightest. */
const kLevels = [
  ['or'],
  ['and'],
  ['<', '>', '==', '>=', '<=', '!=', 'in', 'is', 'not'],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];

/**
 * @typedef {import('./python_tokens.js').Token} Token
 * @typedef {{ is: string, line: number, start: number, end: number, [key: string]: any }} Node
 */

/** What does not parse, at a token. */
export class Fault extends Error {
  /** @param {string} expected @param {Token} token */
  constructor(expected, token) {
    super(expected);
    this.token = token;
  }
}

export class Expressions {
  at = 0;
  depth = 0;
  /** @param {unknown} text */
  constructor(text) {
    const read = tokensOf(text);
    this.text = read.text;
    this.tokens = read.tokens;
  }

  get token() {
    return this.tokens[this.at];
  }

  /** @param {string} text  a sign or a word of the language */
  sees(text) {
    const { kind, text: own } = this.token;
    return own === text && (kind === 'sign' || kind === 'name');
  }

  /** @param {string} text */
  takes(text) {
    if (!this.sees(text)) return false;
    this.at++;
    return true;
  }

  /** @param {string} expected @returns {never} */
  fail(expected) {
    throw new Fault(expected, this.token);
  }

  /** @param {string} text */
  want(text) {
    if (this.takes(text)) return;
    const isOpen = ['newline', 'end'].includes(this.token.kind) && ')]}'.includes(text);
    this.fail(isOpen ? `closed by ${text}` : ')]}'.includes(text) ? `a comma or ${text} here` : `${text} here`);
  }

  name() {
    if (this.token.kind !== 'name' || kReserved.test(this.token.text)) this.fail('a name here');
    return this.tokens[this.at++].text;
  }

  /** @param {string} is @param {Token | Node} from @param {Record<string, any>} [more] @returns {Node} */
  node(is, from, more) {
    return { is, line: from.line, start: from.start, end: this.tokens[Math.max(0, this.at - 1)].end, ...more };
  }

  /** @template T @param {() => T} read @returns {T} */
  within(read) {
    if (++this.depth > kDeepest) this.fail(`at most ${kDeepest} deep`);
    const result = read();
    this.depth--;
    return result;
  }

  /** One, or a tuple without brackets. @returns {Node} */
  expressions() {
    const from = this.token;
    const first = this.starred();
    if (!this.sees(',')) return first;
    const items = [first];
    while (this.takes(',')) {
      if (
        ['newline', 'end'].includes(this.token.kind) ||
        [')', '=', ':', ']', '}', ';'].some((sign) => this.sees(sign))
      )
        break;
      items.push(this.starred());
    }
    return this.node('list', from, { items });
  }

  starred() {
    const from = this.token;
    return this.takes('*') ? this.node('star', from, { value: this.expression() }) : this.expression();
  }

  /** @returns {Node} */
  expression() {
    return this.within(() => {
      const from = this.token;
      if (this.takes('lambda')) {
        const parameters = this.parameters(':', false);
        this.want(':');
        const value = this.expression();
        return this.node('lambda', from, { parameters, value });
      }
      if (this.takes('yield') || this.takes('await')) {
        this.takes('from');
        const parts = this.token.kind === 'newline' ? [] : [this.expressions()];
        return this.node('other', from, { parts });
      }
      const value = this.operation(0);
      if (this.takes(':=')) return this.expression();
      if (!this.takes('if')) return value;
      const parts = [value, this.operation(0)];
      this.want('else');
      parts.push(this.expression());
      return this.node('other', from, { parts });
    });
  }

  /** @param {number} level @returns {Node} */
  operation(level) {
    if (level === kLevels.length) return this.unary();
    const from = this.token;
    if (level === 2 && this.takes('not')) {
      const value = this.within(() => this.operation(2));
      return this.node('unary', from, { operator: 'not', value });
    }
    let left = this.operation(level + 1);
    for (;;) {
      const operator = this.token.text;
      if (this.token.kind === 'string' || !kLevels[level].includes(operator) || this.isLoop(operator)) return left;
      this.at++;
      const isNot = operator === 'is' && this.takes('not');
      if (operator === 'not') this.want('in');
      const right = level < 2 ? this.operation(level + 1) : this.within(() => this.operation(level + 1));
      left = this.node('binary', from, { operator: isNot ? 'is not' : operator, left, right });
    }
  }

  /** The `in` of a loop's head belongs to the loop. @param {string} operator */
  isLoop(operator) {
    if (operator !== 'in') return false;
    for (let at = this.at - 1; at >= 0 && this.at - at < 20; at--) {
      const { text, kind, line } = this.tokens[at];
      if (text === 'for' && kind === 'name') return true;
      if (kind === 'newline' || text === 'if' || text === 'in' || line < this.token.line - 1) return false;
    }
    return false;
  }

  /** @returns {Node} */
  unary() {
    const from = this.token;
    for (const operator of ['-', '+', '~']) {
      if (!this.takes(operator)) continue;
      const value = this.within(() => this.unary());
      return this.node('unary', from, { operator, value });
    }
    this.takes('await');
    const left = this.primary();
    if (!this.takes('**')) return left;
    const right = this.within(() => this.unary());
    return this.node('binary', from, { operator: '**', left, right });
  }

  /** @returns {Node} */
  primary() {
    const from = this.token;
    let value = this.atom();
    for (;;) {
      if (this.takes('.'))
        value = this.node('attribute', from, { of: value, name: this.name(), line: this.token.line });
      else if (this.sees('(')) {
        const { line } = this.token;
        value = this.node('call', from, {
          of: value,
          ...this.arguments(),
          line: value.is === 'attribute' ? line : from.line,
        });
        value.end = this.tokens[this.at - 1].end;
      } else if (this.takes('[')) {
        const index = this.sees(']') ? [] : this.slices();
        this.want(']');
        value = this.node('item', from, { of: value, index });
      } else return value;
    }
  }

  /** @param {string} end @param {boolean} isTyped */
  parameters(end, isTyped) {
    const list = [];
    while (!this.sees(end)) {
      const star = this.takes('**') ? '**' : this.takes('*') ? '*' : this.takes('/') ? '/' : '';
      if (star !== '/' && !(star === '*' && this.sees(','))) {
        const name = this.name();
        if (isTyped && this.takes(':')) this.expression();
        list.push({ name, star, absent: this.takes('=') ? this.expression() : undefined });
      }
      if (!this.takes(',')) break;
    }
    return list;
  }

  slices() {
    const list = [];
    do {
      if (this.sees(']')) break;
      const from = this.token;
      const parts = [];
      let isSlice = false;
      while (!this.sees(',') && !this.sees(']')) {
        if (this.takes(':')) isSlice = true;
        else if (parts.length > 2) this.fail('] here');
        else parts.push(this.starred());
      }
      list.push(isSlice ? this.node('slice', from) : parts[0]);
    } while (this.takes(','));
    return list;
  }

  arguments() {
    this.want('(');
    /** @type {Node[]} */
    const args = [];
    /** @type {Array<{ name: string, value: Node }>} */
    const keywords = [];
    while (!this.sees(')')) {
      const next = this.tokens[this.at + 1];
      if (this.token.kind === 'name' && next.text === '=' && next.kind === 'sign') {
        const name = this.name();
        this.at++;
        keywords.push({ name, value: this.expression() });
      } else if (this.sees('**')) {
        const from = this.tokens[this.at++];
        keywords.push({ name: '**', value: this.node('star', from, { value: this.expression() }) });
      } else args.push(this.comprehended(this.starred()));
      if (!this.takes(',')) break;
    }
    this.want(')');
    return { args, keywords };
  }

  /** A value, or the comprehension that begins with it. @param {Node} value @returns {Node} */
  comprehended(value) {
    if (!this.sees('for') && !this.sees('async')) return value;
    let open = 0;
    while (
      this.token.kind !== 'end' &&
      this.token.kind !== 'broken' &&
      !(open === 0 && [')', ']', '}'].some((sign) => this.sees(sign)))
    ) {
      if (['(', '[', '{'].some((sign) => this.sees(sign))) open++;
      if ([')', ']', '}'].some((sign) => this.sees(sign))) open--;
      this.at++;
    }
    return this.node('comprehension', value);
  }

  /** @returns {Node} */
  atom() {
    const from = this.token;
    const { kind, text } = from;
    if (kind === 'number') {
      this.at++;
      return this.node('constant', from, { value: from.value });
    }
    if (kind === 'string') {
      let value = '';
      let isFormatted = false;
      for (; this.token.kind === 'string'; this.at++) {
        value += this.token.value;
        isFormatted ||= Boolean(this.token.isFormatted);
      }
      return isFormatted ? this.node('other', from) : this.node('constant', from, { value });
    }
    if (kind === 'name' && !kReserved.test(text)) {
      this.at++;
      if (text === 'True' || text === 'False') return this.node('constant', from, { value: text === 'True' });
      return text === 'None' ? this.node('constant', from, { value: null }) : this.node('name', from, { name: text });
    }
    if (this.takes('...')) return this.node('other', from);
    if (this.takes('(')) return this.bracket(from, ')');
    if (this.takes('[')) return this.bracket(from, ']');
    if (this.takes('{')) return this.braces(from);
    return this.fail('a value here');
  }

  /** @param {Token} from @param {string} end @returns {Node} */
  bracket(from, end) {
    /** @type {Node[]} */
    const items = [];
    let isTuple = end === ']';
    while (!this.sees(end)) {
      items.push(this.comprehended(this.starred()));
      if (!this.takes(',')) break;
      isTuple = true;
    }
    this.want(end);
    if (!isTuple && items.length === 1 && items[0].is !== 'star')
      return { ...items[0], start: from.start, end: this.tokens[this.at - 1].end };
    return this.node('list', from, { items });
  }

  /** @param {Token} from */
  braces(from) {
    /** @type {Array<{ key: Node, value: Node }>} */
    const entries = [];
    while (!this.sees('}')) {
      if (this.takes('**')) this.expression();
      else {
        const key = this.comprehended(this.starred());
        if (this.takes(':')) entries.push({ key, value: this.comprehended(this.expression()) });
      }
      if (!this.takes(',')) break;
    }
    this.want('}');
    return this.node('dict', from, { entries });
  }
}
