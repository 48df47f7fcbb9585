// The syntax of a Python text as a tree: statements and expressions, as much of Python 3 as scripts that build networks are written in. What a
// line says is not judged here, and nothing is evaluated. Every place that does not parse is named, and the reading goes on with the next line.
// https://docs.python.org/3/reference/grammar.html
import { tokensOf } from './python_tokens.js';

const kDeepest = 60; // brackets and operators within each other
const kReserved =
  /^(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield)$/;
const kBlocks = ['if', 'elif', 'else', 'for', 'while', 'with', 'try', 'except', 'finally'];
const kWithoutEffect = ['pass', 'break', 'continue', 'global', 'nonlocal', 'del', 'raise', 'assert'];
const kAssignments = /^([-+*/%@&|^]|\*\*|\/\/|<<|>>)=$/;
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
 * @typedef {{ text: string, body: Node[], faults: import('./experiment.js').Problem[] }} Script
 */

/** What does not parse, at a token. */
class Fault extends Error {
  /** @param {string} expected @param {Token} token */
  constructor(expected, token) {
    super(expected);
    this.token = token;
  }
}

class Parser {
  at = 0;
  depth = 0;
  /** @type {import('./experiment.js').Problem[]} */
  faults = [];

  /** @param {unknown} text */
  constructor(text) {
    ({ text: this.text, tokens: this.tokens } = tokensOf(text));
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
    if (!this.takes(text)) this.fail(`${text} here`);
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

  // Statements.

  /** @param {() => boolean} ends @returns {Node[]} */
  statements(ends) {
    /** @type {Node[]} */
    const body = [];
    while (!ends()) {
      const { at, depth } = this;
      try {
        body.push(...this.statement());
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        this.depth = depth;
        this.recover(error, at);
        body.push(this.node('fault', this.tokens[at]));
      }
      if (this.at === at) this.at++;
    }
    return body;
  }

  /** On to the end of the line that did not parse. @param {Fault} fault @param {number} from */
  recover({ message: expected, token }, from) {
    const { kind, text, line } = token;
    const open = this.tokens.slice(from, this.at + 1).filter(({ text }) => '([{'.includes(text)).length;
    const names = {
      newline: 'the end of the line',
      end: 'the end of the text',
      broken: 'a string that does not end',
      indent: 'a line that stands farther in',
      dedent: 'the end of a block',
    };
    const given = /** @type {any} */ (names)[kind] ?? text.slice(0, 40);
    this.faults.push({
      path: `line ${this.tokens[from].line}`,
      expected: kind === 'end' && open ? 'closed by its bracket' : expected,
      given: line === this.tokens[from].line ? given : `${given} in line ${line}`,
    });
    while (!['newline', 'end'].includes(this.token.kind)) this.at++;
    if (this.token.kind === 'newline') this.at++;
  }

  /** @returns {Node[]} */
  statement() {
    const { token } = this;
    if (['indent', 'dedent', 'newline'].includes(token.kind)) {
      this.at++;
      return [];
    }
    if (this.sees('@') || this.sees('async')) {
      if (this.takes('@')) {
        this.expressions();
        this.endLine();
      } else this.at++;
      return this.statement();
    }
    if (token.kind === 'name' && token.text === 'class') return [this.class()];
    if (token.kind === 'name' && token.text === 'def') return [this.function()];
    if (token.kind === 'name' && kBlocks.includes(token.text)) return [this.block()];
    return this.simpleLine();
  }

  endLine() {
    if (this.token.kind === 'newline') this.at++;
    else if (this.token.kind !== 'end') this.fail('the end of the line, or a sign between two values');
  }

  simpleLine() {
    const list = [this.simple()];
    while (this.takes(';')) if (this.token.kind !== 'newline') list.push(this.simple());
    this.endLine();
    return list;
  }

  /** The block behind a colon. */
  suite() {
    this.want(':');
    if (this.token.kind !== 'newline') return this.simpleLine();
    this.at++;
    if (this.token.kind !== 'indent') this.fail('a line that stands farther in');
    this.at++;
    const body = this.within(() => this.statements(() => ['dedent', 'end'].includes(this.token.kind)));
    if (this.token.kind === 'dedent') this.at++;
    return body;
  }

  class() {
    const from = this.tokens[this.at++];
    const name = this.name();
    const { args } = this.sees('(') ? this.arguments() : { args: [] };
    return this.node('class', from, { name, bases: args, body: this.suite() });
  }

  function() {
    const from = this.tokens[this.at++];
    const name = this.name();
    this.want('(');
    const parameters = this.parameters(')', true);
    this.want(')');
    if (this.takes('->')) this.expression();
    return this.node('function', from, { name, parameters, body: this.suite() });
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

  block() {
    const from = this.tokens[this.at++];
    const head = [];
    while (!this.sees(':')) {
      if (['newline', 'end', 'broken'].includes(this.token.kind)) this.fail(': behind the condition');
      head.push(this.expressions());
      while (this.takes('as') || this.takes('in') || this.takes(','))
        if (!this.sees(':')) head.push(this.expressions());
    }
    return this.node('block', from, { word: from.text, head, body: this.suite() });
  }

  /** @returns {Node} */
  simple() {
    const { token: from } = this;
    if (this.takes('import')) return this.node('import', from, { names: this.imported('') });
    if (this.takes('from')) {
      let module = '';
      while (this.takes('.') || this.takes('...'));
      if (!this.sees('import')) module = this.dotted();
      this.want('import');
      const isWrapped = this.takes('(');
      const names = this.takes('*') ? [{ name: '*', path: module }] : this.imported(`${module}.`);
      if (isWrapped) this.want(')');
      return this.node('import', from, { names });
    }
    if (this.takes('return')) {
      const value = this.token.kind === 'newline' ? undefined : this.expressions();
      return this.node('return', from, { value });
    }
    if (from.kind === 'name' && kWithoutEffect.includes(from.text)) {
      while (!['newline', 'end', 'broken'].includes(this.token.kind) && !this.sees(';')) this.at++;
      return this.node('nothing', from);
    }
    const value = this.expressions();
    if (this.takes(':')) this.expression(); // a type
    if (this.token.kind === 'sign' && kAssignments.test(this.token.text)) {
      const operator = this.tokens[this.at++].text.slice(0, -1);
      const right = this.expressions();
      const changed = this.node('binary', value, { operator, left: value, right });
      return this.node('assign', from, { targets: [value], value: changed });
    }
    const chain = [value];
    while (this.takes('=')) chain.push(this.expressions());
    if (chain.length === 1) return this.node('expression', from, { value });
    return this.node('assign', from, { value: chain.pop(), targets: chain });
  }

  dotted() {
    const names = [this.name()];
    while (this.takes('.')) names.push(this.name());
    return names.join('.');
  }

  /** @param {string} module */
  imported(module) {
    const list = [];
    do {
      if (this.sees(')')) break;
      const path = this.dotted();
      if (this.takes('as')) list.push({ name: this.name(), path: module + path });
      else if (module) list.push({ name: path, path: module + path });
      else list.push({ name: path.split('.')[0], path: path.split('.')[0] });
    } while (this.takes(','));
    return list;
  }

  // Expressions.

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
        return this.token.kind === 'newline'
          ? this.node('other', from)
          : this.node('other', from, { value: this.expressions() });
      }
      const value = this.operation(0);
      if (this.takes(':=')) return this.expression();
      if (!this.takes('if')) return value;
      this.operation(0);
      this.want('else');
      this.expression();
      return this.node('other', from);
    });
  }

  /** @param {number} level @returns {Node} */
  operation(level) {
    if (level === kLevels.length) return this.unary();
    const from = this.token;
    if (level === 2 && this.takes('not'))
      return this.node('other', from, { value: this.within(() => this.operation(2)) });
    let left = this.operation(level + 1);
    for (;;) {
      const operator = this.token.text;
      if (this.token.kind === 'string' || !kLevels[level].includes(operator) || this.isLoop(operator)) return left;
      this.at++;
      if (operator === 'is') this.takes('not');
      if (operator === 'not') this.want('in');
      const right = level < 2 ? this.operation(level + 1) : this.within(() => this.operation(level + 1));
      left = this.node('binary', from, { operator, left, right });
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

/**
 * @param {unknown} text
 * @returns {Script}
 */
export function parsePython(text) {
  const parser = new Parser(text);
  const body = parser.statements(() => parser.token.kind === 'end');
  return { text: parser.text, body, faults: parser.faults };
}
