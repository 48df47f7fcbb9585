// The syntax of a Python text as a tree: statements and expressions, as much of Python 3 as scripts that build networks are written in. What a
// line says is not judged here, and nothing is evaluated. Every place that does not parse is named, and the reading goes on with the next line.
// https://docs.python.org/3/reference/grammar.html
import { Expressions, Fault } from './python_expressions.js';

const kBlocks = ['if', 'elif', 'else', 'for', 'while', 'with', 'try', 'except', 'finally'];
const kWithoutEffect = ['pass', 'break', 'continue', 'global', 'nonlocal', 'raise', 'assert'];
const kAssignments = /^([-+*/%@&|^]|\*\*|\/\/|<<|>>)=$/;

/**
 * @typedef {import('./python_tokens.js').Token} Token
 * @typedef {import('./python_expressions.js').Node} Node
 * @typedef {{ text: string, body: Node[], faults: import('./experiment.js').Problem[] }} Script
 */

class Statements extends Expressions {
  /** @type {import('./experiment.js').Problem[]} */
  faults = [];

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
    const names = /** @type {Record<string, string>} */ ({
      newline: 'the end of the line',
      end: 'the end of the text',
      broken: 'a string that does not end',
      indent: 'a line that stands farther in',
      dedent: 'the end of a block',
    });
    const isOpen = expected.startsWith('closed by');
    const line = isOpen ? this.tokens[from].line : token.line;
    this.faults.push({ path: `line ${line}`, expected, given: names[token.kind] ?? token.text.slice(0, 40) });
    while (!['newline', 'end'].includes(this.token.kind)) this.at++;
    if (this.token.kind === 'newline') this.at++;
  }

  /** @returns {Node[]} */
  statement() {
    const { token } = this;
    const isBlank = ['indent', 'dedent', 'newline'].includes(token.kind);
    if (isBlank) {
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
    this.indent();
    const body = this.within(() => this.statements(() => ['dedent', 'end'].includes(this.token.kind)));
    if (this.token.kind === /** @type {string} */ ('dedent')) this.at++;
    return body;
  }

  indent() {
    if (this.token.kind !== 'indent') this.fail('a line that stands farther in');
    this.at++;
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
    if (this.takes('del')) {
      const value = this.expressions();
      return this.node('delete', from, { targets: value.is === 'list' ? value.items : [value] });
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
}

/**
 * @param {unknown} text
 * @returns {Script}
 */
export function parsePython(text) {
  const parser = new Statements(text);
  const body = parser.statements(() => parser.token.kind === 'end');
  return { text: parser.text, body, faults: parser.faults };
}
