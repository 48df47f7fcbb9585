// Follows a network through a Python text: which layers it makes, and in which order its input goes through them. The text is data: its syntax tree
// is walked over with values that only stand for something, each call is counted, and what is not followed is only of concern where it stands in
// the network. Statements around it (the training loop, say) are walked over in the same way, and mean nothing.
import { Flow } from './flow.js';
import { Calls, kAdding } from './python_calls.js';
import {
  Call,
  Chain,
  Class,
  Function_,
  Instance,
  Method,
  Path,
  Scope,
  Unclear,
  canonical,
  customary,
  isNetwork,
  kBatch,
} from './python_values.js';

/**
 * @typedef {import('./python_expressions.js').Node} Node
 * @typedef {import('./python_values.js').Place} Place
 * @typedef {import('./python_calls.js').Frame} Frame
 */

const kLongest = 10_000; // characters of a text that is put together

const isPlain = (/** @type {any} */ value) => value === null || ['number', 'string', 'boolean'].includes(typeof value);

export class Trace extends Calls {
  /** Networks that the text makes, with their names. @type {Map<any, string>} */
  networks = new Map();

  /** @param {import('./python_syntax.js').Script} script */
  constructor({ text, body }) {
    super({ run: (...what) => this.run(...what), evaluate: (...what) => this.evaluate(...what) });
    this.text = text;
    this.isKeras = /\bkeras\b|\bDense\s*\(|\bConv2D\b/.test(text);
    this.scope = new Scope(null);
    this.scope.names.set('__name__', '__main__');
    this.run(body, this.scope, null);
  }

  /** @param {Node} node @returns {Place} */
  place(node) {
    const text = this.text.slice(node.start, node.end).replace(/\s+/g, ' ');
    return { line: node.line, text: text.length > 70 ? `${text.slice(0, 67)}...` : text };
  }

  // Statements.

  /** @param {Node[]} body @param {Scope} scope @param {Frame | null} frame  null: outside all functions @returns {{ value: any } | undefined} */
  run(body, scope, frame) {
    /** Whether the last condition held; undefined: not known. @type {boolean | undefined} */
    let held;
    for (const statement of body) {
      if (statement.is === 'block' && ['if', 'elif', 'else'].includes(statement.word)) {
        const before = statement.word === 'if' ? false : held;
        const own = statement.word === 'else' ? true : this.truth(this.evaluate(statement.head[0], scope));
        held = before === undefined ? undefined : before || own;
        if (before === true || (before === false && own === false)) continue;
        if (before === false && own === true) {
          const result = this.run(statement.body, scope, frame);
          if (result) return result;
          continue;
        }
        this.pass(statement, scope, frame);
        continue;
      }
      const result = this.statement(statement, scope, frame);
      if (result) return result;
    }
    return undefined;
  }

  /** @param {any} value */
  truth(value) {
    if (isPlain(value)) return Boolean(value);
    return Array.isArray(value) ? value.length > 0 : undefined;
  }

  /** @param {Node} statement @param {Scope} scope @param {Frame | null} frame @returns {{ value: any } | undefined} */
  statement(statement, scope, frame) {
    switch (statement.is) {
      case 'import':
        for (const { name, path } of statement.names)
          if (name !== '*') scope.names.set(name, new Path(canonical(path)));
        return undefined;
      case 'class':
        scope.names.set(statement.name, this.class(statement, scope));
        return undefined;
      case 'function':
        scope.names.set(statement.name, new Function_(statement, scope));
        return undefined;
      case 'assign': {
        const value = this.evaluate(statement.value, scope);
        for (const target of statement.targets) this.assign(target, value, scope);
        return undefined;
      }
      case 'expression': {
        const value = this.evaluate(statement.value, scope);
        if (!frame && isNetwork(value) && statement.value.is !== 'name') this.meet(value, '');
        if (value instanceof Flow && statement.value.is === 'call') this.changedInPlace(statement.value, value, scope);
        return undefined;
      }
      case 'delete':
        for (const target of statement.targets) this.remove(target, scope, frame);
        return undefined;
      case 'return':
        return { value: statement.value ? this.evaluate(statement.value, scope) : null };
      case 'block':
        if (['with', 'try', 'finally'].includes(statement.word)) return this.run(statement.body, scope, frame);
        this.pass(statement, scope, frame);
        return undefined;
      default:
        return undefined;
    }
  }

  /**
   * A loop, or what stands under a condition that is not known: it is not followed, and named where it builds a network.
   * @param {Node} block
   * @param {Scope} scope
   * @param {Frame | null} frame
   */
  pass(block, scope, frame) {
    const place = { line: block.line, text: `a block under "${block.word}"` };
    const unclear = new Unclear(place, 'without loops and conditions: each layer in a line of its own');
    const all = block.body.map((/** @type {Node} */ node) => this.leave(node, scope, unclear, frame));
    if (all.includes(true)) frame?.troubles.push(unclear);
  }

  /** What it would change is not clear any more. @param {any} node @param {Scope} scope @param {Unclear} unclear @param {Frame | null} frame @returns {boolean} whether it builds a network */
  leave(node, scope, unclear, frame) {
    this.count(node);
    let isOfNetwork = node.is === 'return';
    for (const target of node.is === 'assign' ? node.targets : []) {
      const found = target.is === 'name' ? scope.find(target.name) : undefined;
      if (target.is === 'attribute' && this.evaluate(target.of, scope) instanceof Instance) isOfNetwork = true;
      else if (found instanceof Flow && found.step?.what !== unclear)
        scope.names.set(target.name, this.step(found, unclear));
      else if (target.is === 'name' && !isNetwork(found) && !(found instanceof Flow))
        scope.names.set(target.name, unclear);
    }
    if (node.is === 'call' && node.of.is === 'attribute' && kAdding.test(node.of.name)) {
      const built = this.evaluate(node.of.of, scope);
      if (frame && (built instanceof Chain || built instanceof Instance)) isOfNetwork = true;
      else if (built instanceof Chain) built.add(unclear, unclear.place);
      else if (Array.isArray(built)) built.push(unclear);
    }
    for (const key of ['body', 'value', 'of', 'args', 'keywords', 'targets'])
      for (const inner of [node[key] ?? []].flat()) if (this.leave(inner, scope, unclear, frame)) isOfNetwork = true;
    return isOfNetwork;
  }

  /** @param {Node} node @param {Scope} scope */
  class(node, scope) {
    const base = node.bases.length ? this.evaluate(node.bases[0], scope) : undefined;
    const made = new Class(node, new Scope(scope), base);
    for (const statement of node.body)
      if (statement.is === 'function') made.scope.names.set(statement.name, new Function_(statement, scope));
      else if (statement.is === 'assign') this.statement(statement, made.scope, null);
    return made;
  }

  /** @param {Node} target @param {any} value @param {Scope} scope */
  assign(target, value, scope) {
    if (target.is === 'name') {
      scope.names.set(target.name, value);
      if (scope === this.scope && (isNetwork(value) || value instanceof Chain)) this.meet(value, target.name);
    } else if (target.is === 'attribute') {
      const of = this.evaluate(target.of, scope);
      if (of instanceof Instance) of.attributes.set(target.name, this.part(value));
      if (of instanceof Call) of.keywords.set(target.name, value); // an option that is set behind, as in layer.trainable = False
    } else if (target.is === 'item') {
      const of = this.evaluate(target.of, scope);
      const key = target.index.length === 1 ? this.evaluate(target.index[0], scope) : undefined;
      if (of instanceof Map) of.set(key, this.part(value));
      else if (of instanceof Chain) this.replace(of, key, this.part(value), this.place(target));
      else if (Array.isArray(of) && Number.isInteger(key) && of.at(key) !== undefined)
        of[key < 0 ? of.length + key : key] = this.part(value);
    } else if (target.is === 'list' && value instanceof Flow) {
      const several = new Unclear(this.place(target), 'one result of a layer');
      for (const [i, one] of target.items.entries())
        this.assign(one, i === 0 ? this.step(value, several) : several, scope);
    } else if (target.is === 'list') {
      for (const [i, one] of target.items.entries())
        this.assign(
          one,
          Array.isArray(value) && value.length === target.items.length ? value[i] : new Unclear(this.place(target)),
          scope,
        );
    }
  }

  /** @param {Chain} chain @param {any} key @param {any} value @param {Place} place */
  replace(chain, key, value, place) {
    const item = Number.isInteger(key) ? chain.items.at(key) : chain.items.find(({ name }) => name === key);
    if (item) item.value = value;
    else chain.add(new Unclear(place), place);
  }

  /** `F.relu(x, inplace=True)` or `x.relu_()` changes what x is, without being assigned. @param {Node} call @param {Flow} flow @param {Scope} scope */
  changedInPlace(call, flow, scope) {
    const layer = flow.step?.what;
    const isMarked = /^Tensor\..*_$/.test(layer?.path);
    const target = isMarked ? call.of.of : call.args[0];
    const isInPlace = /_$/.test(layer?.path) || layer?.keywords?.get('inplace') === true || layer?.args?.[0] === true;
    if (target?.is === 'name' && isInPlace) scope.names.set(target.name, flow);
  }

  /** `del model[-1]`. @param {Node} target @param {Scope} scope @param {Frame | null} frame */
  remove(target, scope, frame) {
    const place = this.place(target);
    const unclear = new Unclear(place, 'without layers that are taken out again');
    const of = target.of && this.evaluate(target.of, scope);
    if (of instanceof Chain) of.add(unclear, place);
    else if (of instanceof Instance) of.troubles.push(unclear);
    else if (of instanceof Map || Array.isArray(of)) frame?.troubles.push(unclear);
  }

  /** @param {any} network @param {string} name */
  meet(network, name) {
    this.networks.delete(network); // the last one that is named is the one that is meant
    this.networks.set(network, name);
  }

  /** @param {Node} node @param {Scope} scope @returns {any} */
  evaluate(node, scope) {
    this.count(node);
    const of = (/** @type {Node} */ inner) => this.evaluate(inner, scope);
    switch (node.is) {
      case 'constant':
        return node.value;
      case 'name':
        return this.name(node, scope);
      case 'list':
        return this.items(node.items, scope);
      case 'dict':
        return new Map(node.entries.map((/** @type {any} */ { key, value }) => [of(key), this.part(of(value))]));
      case 'attribute':
        return this.attribute(of(node.of), node);
      case 'item':
        return this.item(of(node.of), node, scope);
      case 'unary': {
        const value = of(node.value);
        const truth = this.truth(value);
        if (node.operator === 'not' && truth !== undefined) return !truth;
        if (typeof value !== 'number') return new Unclear(this.place(node));
        return node.operator === '-' ? -value : value;
      }
      case 'binary':
        return this.binary(node, of(node.left), of(node.right));
      case 'call': {
        const keywords = new Map(node.keywords.map((/** @type {any} */ { name, value }) => [name, of(value)]));
        return this.call(of(node.of), this.items(node.args, scope), keywords, this.place(node), scope);
      }
      default:
        return this.unclear(node, scope);
    }
  }

  /** What is not followed, as a step where it is made of what went through the network so far. @param {Node} node @param {Scope} scope @returns {any} */
  unclear(node, scope) {
    const parts = (node.parts ?? []).map((/** @type {Node} */ part) => this.evaluate(part, scope));
    const flow = parts.find((/** @type {any} */ part) => part instanceof Flow);
    const unclear = new Unclear(this.place(node));
    return flow ? this.step(flow, unclear) : unclear;
  }

  /** @param {Node} node @param {Scope} scope @returns {any} */
  name(node, scope) {
    const found = scope.find(node.name);
    return found === undefined ? (customary(node.name, this.isKeras) ?? new Unclear(this.place(node))) : found;
  }

  /** @param {Node[]} nodes @param {Scope} scope @returns {any[]} */
  items(nodes, scope) {
    return nodes.flatMap((node) => {
      if (node.is !== 'star') return [this.evaluate(node, scope)];
      const value = this.evaluate(node.value, scope);
      if (value instanceof Chain)
        return this.counted(
          value.items.map((item) => item.value),
          node,
        );
      if (Array.isArray(value)) return this.counted(value, node);
      const isTold = value instanceof Unclear && value.expected;
      return [isTold ? value : new Unclear(this.place(node), 'without a list that only running it would tell')];
    });
  }

  /** @param {any} of @param {Node} node @returns {any} */
  attribute(of, node) {
    const { name } = node;
    if (of instanceof Path) {
      const path = canonical(`${of.path}.${name}`);
      return /^(math|numpy|torch)\.inf$/.test(path) ? Infinity : new Path(path);
    }
    if (of instanceof Instance) {
      if (of.attributes.has(name)) return of.attributes.get(name);
      const found = of.of.find(name);
      if (found instanceof Function_) return new Function_(found.node, found.scope, of);
      return found ?? new Method(of, name);
    }
    if (of instanceof Call && of.path === 'builtins.super') return new Method(of, name);
    if (of instanceof Unclear) return of; // where it began
    return new Method(of, name);
  }

  /** @param {any} of @param {Node} node @param {Scope} scope @returns {any} */
  item(of, node, scope) {
    const indices = node.index.map((/** @type {Node} */ index) =>
      index.is === 'slice' ? null : this.evaluate(index, scope),
    );
    const [key] = indices;
    if (of instanceof Flow) return this.step(of, new Call('Tensor.[]', indices, new Map(), this.place(node)));
    if (of instanceof Method && of.of instanceof Flow && /^(shape|size)$/.test(of.name))
      return key === 0 ? kBatch : new Unclear(this.place(node));
    if (of instanceof Chain && Number.isInteger(key)) return of.items.at(key)?.value ?? new Unclear(this.place(node));
    if (Array.isArray(of) && Number.isInteger(key)) return of.at(key) ?? new Unclear(this.place(node));
    if (of instanceof Map && of.has(key)) return of.get(key);
    if (of instanceof Unclear) return of;
    return new Unclear(this.place(node));
  }

  /** @param {Node} node @param {any} left @param {any} right @returns {any} */
  binary(node, left, right) {
    const { operator } = node;
    const place = this.place(node);
    if (left instanceof Flow && right instanceof Flow)
      return operator === '+' || operator === '/'
        ? this.join(left, right, place, operator === '/')
        : this.step(left, new Unclear(place));
    if (left instanceof Flow) return this.step(left, new Call(`Tensor.${operator}`, [right], new Map(), place));
    if (right instanceof Flow) return this.step(right, new Call(`Tensor.r${operator}`, [left], new Map(), place));
    if (typeof left === 'number' && typeof right === 'number')
      return calculated(operator, left, right) ?? new Unclear(place);
    if (Array.isArray(left) && Array.isArray(right) && operator === '+') return this.counted([...left, ...right], node);
    const isText = typeof left === 'string' && typeof right === 'string' && operator === '+';
    if (isText && left.length + right.length <= kLongest) return left + right;
    const isSame = left === right;
    const isNone = right === null && !(left instanceof Unclear);
    if (isNone && /^(is|==)$/.test(operator)) return isSame;
    if (isNone && /^(is not|!=)$/.test(operator)) return !isSame;
    if (isPlain(left) && isPlain(right) && /^[=!]=$/.test(operator)) return operator === '==' ? isSame : !isSame;
    if (left instanceof Unclear || right instanceof Unclear) return left instanceof Unclear ? left : right;
    return new Unclear(place);
  }
}

/** @param {string} operator @param {number} a @param {number} b */
function calculated(operator, a, b) {
  const results = /** @type {Record<string, number | boolean>} */ ({
    '+': a + b,
    '-': a - b,
    '*': a * b,
    '/': a / b,
    '//': Math.floor(a / b),
    '%': ((a % b) + b) % b,
    '**': a ** b,
    '<': a < b,
    '>': a > b,
    '<=': a <= b,
    '>=': a >= b,
    '==': a === b,
    '!=': a !== b,
  });
  return Object.hasOwn(results, operator) ? results[operator] : undefined;
}
