// Follows a network through a Python text: which layers it makes, and in which order its input goes through them. The text is data: its syntax tree
// is walked over with values that only stand for something, each call is counted, and what is not followed is only of concern where it stands in
// the network. Statements around it (the training loop, say) are walked over in the same way, and mean nothing.
import { problem } from './experiment.js';
import {
  Call,
  Chain,
  Class,
  Flow,
  Function_,
  Instance,
  Method,
  Model,
  Path,
  Scope,
  Unclear,
  canonical,
  customary,
  forwardOf,
  isNetwork,
  kBatch,
} from './python_values.js';

const kMost = 100_000; // nodes of the tree that are looked at, those of functions as often as they are called
const kDeepest = 40; // calls within each other
const kItself =
  /^(to|cuda|cpu|train|eval|apply|double|float|half|share_memory|requires_grad_|build|contiguous|clone|detach)$/;
const kWrappers =
  /^(torch\.nn\.(parallel\.)?(DistributedDataParallel|DataParallel)|torch\.compile|torch\.jit\.script|tensorflow\.function)$/;
const kSequential = /^(torch\.nn|keras|keras\.models|keras\.layers|keras\.engine\.sequential)\.Sequential$/;
const kModel = /^keras\.((models|layers|engine\.training)\.)?(Model|Functional)$/;
const kInput = /^keras\.(layers\.)?Input$/;
const kAdding = /^(add|append|add_module|extend|insert|pop)$/;

/**
 * @typedef {import('./python_syntax.js').Node} Node
 * @typedef {import('./python_values.js').Place} Place
 * @typedef {{ troubles: Unclear[] }} Frame  of a function or a method that is followed
 */

const isPlain = (/** @type {any} */ value) => value === null || ['number', 'string', 'boolean'].includes(typeof value);

export class Trace {
  left = kMost;
  depth = 0;
  /** Networks that the text makes, with their names. @type {Map<any, string>} */
  networks = new Map();
  /** Those that stand in others. */
  parts = new Set();
  /** The shape of a sample, where the text says it. @type {any} */
  inputShape;

  /** @param {import('./python_syntax.js').Script} script */
  constructor({ text, body }) {
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

  /** @template T @param {Place} place @param {() => T} follow @returns {T} */
  deeper({ line }, follow) {
    if (++this.depth > kDeepest) throw problem(`line ${line}`, `at most ${kDeepest} calls deep`, 'deeper');
    const result = follow();
    this.depth--;
    return result;
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
        return undefined;
      }
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

  /** A loop, or what stands under a condition that is not known: it is not followed, and named where it builds a network. @param {Node} block @param {Scope} scope @param {Frame | null} frame */
  pass(block, scope, frame) {
    const place = { line: block.line, text: `a block under "${block.word}"` };
    const unclear = new Unclear(place, 'without loops and conditions: each layer in a line of its own');
    const inside = new Scope(scope);
    let isOfNetwork = false;
    /** @param {any} node */
    const look = (node) => {
      this.count(node);
      if (node.is === 'return') isOfNetwork = true;
      if (node.is === 'assign')
        for (const target of node.targets) {
          const found = target.is === 'name' ? scope.find(target.name) : undefined;
          if (target.is === 'name' && !isNetwork(found))
            (frame ? scope : inside).names.set(target.name, new Unclear(place));
          if (target.is === 'attribute' || found instanceof Flow) isOfNetwork = true;
        }
      if (node.is === 'call' && node.of.is === 'attribute' && kAdding.test(node.of.name)) {
        const built = this.evaluate(node.of.of, scope);
        if (built instanceof Chain || Array.isArray(built))
          (built instanceof Chain ? built.items : built).push(
            /** @type {any} */ (built instanceof Chain ? { name: '', value: unclear, place } : unclear),
          );
        else if (built instanceof Instance) isOfNetwork = true;
      }
      for (const key of ['body', 'value', 'of', 'args', 'keywords', 'targets'])
        for (const inner of [node[key] ?? []].flat()) look(inner);
    };
    for (const node of block.body) look(node);
    if (isOfNetwork) frame?.troubles.push(unclear);
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
      if (scope === this.scope && isNetwork(value)) this.meet(value, target.name);
    } else if (target.is === 'attribute') {
      const of = this.evaluate(target.of, scope);
      if (of instanceof Instance) of.attributes.set(target.name, this.part(value));
    } else if (target.is === 'item') {
      const of = this.evaluate(target.of, scope);
      const key = target.index.length === 1 ? this.evaluate(target.index[0], scope) : undefined;
      if (of instanceof Map) of.set(key, this.part(value));
      else if (Array.isArray(of) && Number.isInteger(key) && of.at(key) !== undefined)
        of[key < 0 ? of.length + key : key] = this.part(value);
    } else if (target.is === 'list') {
      for (const [i, one] of target.items.entries())
        this.assign(
          one,
          Array.isArray(value) && value.length === target.items.length ? value[i] : new Unclear(this.place(target)),
          scope,
        );
    }
  }

  /** @param {any} network @param {string} name */
  meet(network, name) {
    this.networks.delete(network); // the last one that is named is the one that is meant
    this.networks.set(network, name);
  }

  /** @param {any} value @returns {any} */
  part(value) {
    if (isNetwork(value)) this.parts.add(value);
    return value;
  }

  // Expressions.

  /** @param {any} node */
  count(node) {
    if (--this.left < 0)
      throw problem(
        `line ${node?.line ?? '?'}`,
        'a text that is followed in fewer steps',
        `more than ${kMost}: paste the network alone`,
      );
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
        return new Unclear(this.place(node));
    }
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
      if (value instanceof Chain) return value.items.map((item) => item.value);
      return Array.isArray(value)
        ? value
        : [new Unclear(this.place(node), 'without a list that only running it would tell')];
    });
  }

  /** @param {any} of @param {Node} node @returns {any} */
  attribute(of, node) {
    const { name } = node;
    if (of instanceof Path) return new Path(canonical(`${of.path}.${name}`));
    if (of instanceof Instance) {
      if (of.attributes.has(name)) return of.attributes.get(name);
      const found = of.of.find(name);
      if (found instanceof Function_) return new Function_(found.node, found.scope, of);
      return found ?? new Method(of, name);
    }
    if (of instanceof Call && of.path === 'builtins.super') return new Method(of, name);
    if (of instanceof Unclear) return new Unclear(this.place(node));
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
    return new Unclear(this.place(node));
  }

  /** @param {Node} node @param {any} left @param {any} right @returns {any} */
  binary(node, left, right) {
    const { operator } = node;
    const place = this.place(node);
    if (left instanceof Flow && right instanceof Flow)
      return operator === '+' ? this.join(left, right, place) : this.step(left, new Unclear(place));
    if (left instanceof Flow) return this.step(left, new Call(`Tensor.${operator}`, [right], new Map(), place));
    if (right instanceof Flow) return this.step(right, new Call(`Tensor.r${operator}`, [left], new Map(), place));
    if (typeof left === 'number' && typeof right === 'number')
      return calculated(operator, left, right) ?? new Unclear(place);
    if (Array.isArray(left) && Array.isArray(right) && operator === '+') return [...left, ...right].slice(0, 1000);
    if (typeof left === 'string' && typeof right === 'string' && operator === '+') return left + right;
    if (isPlain(left) && isPlain(right)) {
      if (operator === '==' || operator === 'is')
        return node.operator === '==' || right === null ? left === right : new Unclear(place);
      if (operator === '!=') return left !== right;
    }
    return new Unclear(place);
  }

  // Calls.

  /** @param {any} callee @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @param {Scope} scope @returns {any} */
  call(callee, args, keywords, place, scope) {
    if (callee instanceof Method) return this.method(callee, args, keywords, place, scope);
    if (callee instanceof Path) return this.external(callee.path, args, keywords, place, scope);
    if (callee instanceof Class) return this.instance(callee, args, keywords, place);
    if (callee instanceof Function_) return this.invoke(callee, args, keywords, place);
    const given = args.length ? args : [...keywords.values()].slice(0, 1); // Keras's functional style: layer(inputs=x)
    const flows = given.flat().filter((one) => one instanceof Flow);
    if (flows.length === 0) return new Unclear(place);
    if (flows.length > 1) {
      const isSum = callee instanceof Call && /^keras\.layers\.Add$/.test(callee.path) && flows.length === 2;
      return isSum ? this.join(flows[0], flows[1], place) : this.step(flows[0], new Unclear(place));
    }
    return this.apply(callee, flows[0], place);
  }

  /** A name of another module. @param {string} path @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @param {Scope} scope @returns {any} */
  external(path, args, keywords, place, scope) {
    if (kWrappers.test(path)) return args[0] ?? new Unclear(place);
    if (kSequential.test(path))
      return this.chain(
        args.length ? args : [...keywords].filter(([key]) => key === 'layers').map(([, value]) => value),
        place,
      );
    if (path === 'torch.nn.ModuleList') return this.chain(args, place);
    if (path === 'torch.nn.ModuleDict' || path === 'builtins.dict' || path === 'collections.OrderedDict')
      return mapOf(args[0], keywords);
    if (path === 'builtins.tuple' || path === 'builtins.list')
      return Array.isArray(args[0]) ? [...args[0]] : new Unclear(place);
    if (path === 'builtins.int' && typeof args[0] === 'number') return Math.trunc(args[0]);
    if (path === 'builtins.len' && args[0] instanceof Flow) return kBatch;
    if (path === 'builtins.super') return new Call(path, [scope.find('self')], keywords, place);
    if (kInput.test(path))
      return new Flow(null, undefined, args[0] ?? keywords.get('shape') ?? batchShape(keywords.get('batch_shape')));
    if (kModel.test(path)) {
      const [from, to] = [args[0] ?? keywords.get('inputs'), args[1] ?? keywords.get('outputs')].map((one) =>
        Array.isArray(one) && one.length === 1 ? one[0] : one,
      );
      return new Model(from, to, place);
    }
    const given = [...args, ...keywords.values()];
    const flows = given.flat().filter((one) => one instanceof Flow);
    if (flows.length === 0) return new Call(path, args, keywords, place);
    if (flows.length > 1) {
      const isSum = /^(torch\.add|keras\.ops\.add|keras\.layers\.add|tensorflow\.add)$/.test(path);
      return isSum ? this.join(flows[0], flows[1], place) : this.step(flows[0], new Unclear(place));
    }
    const named = [...keywords].filter(([, value]) => value !== flows[0]);
    return this.step(
      flows[0],
      new Call(
        path,
        args.filter((one) => one !== flows[0]),
        new Map(named),
        place,
      ),
    );
  }

  /** @param {any[]} args @param {Place} place */
  chain(args, place) {
    const chain = new Chain(place);
    const list = args.length === 1 && Array.isArray(args[0]) ? args[0] : args;
    if (args[0] instanceof Map)
      for (const [name, value] of args[0]) chain.add(this.part(value), placeOf(value, place), String(name));
    else for (const value of list) chain.add(this.part(value), placeOf(value, place));
    return chain;
  }

  /** @param {Method} method @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @param {Scope} scope @returns {any} */
  method({ of, name }, args, keywords, place, scope) {
    if (of instanceof Call && of.path === 'builtins.super')
      return this.ofSuper(of.args[0], name, args, keywords, place);
    if (of instanceof Chain && kAdding.test(name)) return this.add(of, name, args, place);
    if (Array.isArray(of) && (name === 'append' || name === 'extend')) {
      of.push(...(name === 'append' ? args : (args[0] ?? [])));
      return null;
    }
    if (of instanceof Map) return name === 'values' ? [...of.values()] : new Unclear(place);
    if (of instanceof Instance && name === 'add_module') {
      of.attributes.set(String(args[0]), this.part(args[1]));
      return null;
    }
    if (kItself.test(name) && (isNetwork(of) || of instanceof Call || of instanceof Flow)) return of;
    if (of instanceof Flow) {
      if (name === 'size' || name === 'dim')
        return args[0] === 0 ? kBatch : args.length ? new Unclear(place) : new Method(of, 'shape');
      return this.step(of, new Call(`Tensor.${name}`, args, keywords, place));
    }
    if ((isNetwork(of) || of instanceof Call) && /^(forward|__call__|call)$/.test(name))
      return this.call(of, args, keywords, place, scope);
    return new Unclear(place);
  }

  /** @param {any} self @param {string} name @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @returns {any} */
  ofSuper(self, name, args, keywords, place) {
    if (!(self instanceof Instance)) return null;
    const found = self.of.base instanceof Class ? self.of.base.find(name) : undefined;
    if (found instanceof Function_)
      return this.invoke(new Function_(found.node, found.scope, self), args, keywords, place);
    if (name === '__init__' && kSequential.test(self.of.root)) self.attributes.set('super', this.chain(args, place));
    return null;
  }

  /** @param {Chain} chain @param {string} name @param {any[]} args @param {Place} place */
  add(chain, name, args, place) {
    const [first, second] = args;
    if (name === 'add_module') chain.add(this.part(second), placeOf(second, place), String(first));
    else if (name === 'extend' && Array.isArray(first))
      for (const one of first) chain.add(this.part(one), placeOf(one, place));
    else if (name === 'pop') chain.items.pop();
    else if (args.length === 1 && name !== 'extend') chain.add(this.part(first), placeOf(first, place));
    else chain.add(new Unclear(place), place);
    return null;
  }

  /** @param {Class} of @param {any[]} args @param {Map<string, any>} keywords @param {Place} place */
  instance(of, args, keywords, place) {
    // Of a layer of the library, as in class BatchNorm(nn.BatchNorm2d): the layer that it comes from.
    const { root } = of;
    if (/^(torch\.nn|keras\.layers)\.(?!Module$|Layer$|Sequential$)\w+$/.test(root)) {
      const call = new Call(root, args, keywords, place);
      return Object.assign(call, { derived: of.node.name });
    }
    const instance = new Instance(of, place);
    const init = of.find('__init__');
    if (init instanceof Function_)
      this.invoke(new Function_(init.node, init.scope, instance), args, keywords, place, instance);
    else if (kSequential.test(root)) instance.attributes.set('super', this.chain(args, place));
    return instance;
  }

  /** @param {Function_} function_ @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @param {Instance} [made]  by it @returns {any} */
  invoke({ node, scope, self }, args, keywords, place, made) {
    const inside = new Scope(scope);
    const given = self === undefined ? [...args] : [self, ...args];
    const rest = new Map(keywords);
    for (const { name, star, absent } of node.parameters) {
      let value;
      if (star === '*') value = given.splice(0);
      else if (star === '**') value = new Map(rest);
      else if (given.length) value = given.shift();
      else if (rest.has(name)) value = rest.get(name);
      else
        value = absent
          ? this.evaluate(absent, scope)
          : new Unclear({ line: place.line, text: `${node.name} without ${name}` }, `a value for ${name}`);
      rest.delete(name);
      inside.names.set(name, value);
    }
    /** @type {Frame} */
    const frame = { troubles: [] };
    const result = this.deeper(place, () => this.run(node.body, inside, frame))?.value ?? null;
    if (made) made.troubles.push(...frame.troubles);
    else if (result instanceof Chain) for (const trouble of frame.troubles) result.add(trouble, trouble.place);
    else if (result instanceof Flow) return frame.troubles.reduce((flow, trouble) => this.step(flow, trouble), result);
    return result;
  }

  /** One layer, or many, on the way. @param {any} value @param {Flow} flow @param {Place} place @returns {Flow} */
  apply(value, flow, place) {
    this.count(place);
    return this.deeper(place, () => {
      if (value instanceof Call)
        return /^builtins\./.test(value.path)
          ? this.step(flow, new Unclear(value.place))
          : this.step(flow, value, true);
      if (value instanceof Flow && value.before === null) {
        this.inputShape ??= value.shape;
        return flow;
      }
      if (value instanceof Path) return this.step(flow, new Call(value.path, [], new Map(), place));
      if (value instanceof Chain) return value.items.reduce((on, item) => this.apply(item.value, on, item.place), flow);
      if (value instanceof Model) {
        this.inputShape ??= value.from?.shape;
        return (
          stepsBetween(value.from, value.to)?.reduce((on, step) => new Flow(on, step), flow) ??
          this.step(flow, new Unclear(value.place, 'a Model from one input to one output'))
        );
      }
      if (value instanceof Function_ || value instanceof Instance) {
        const forward = value instanceof Instance ? forwardOf(value) : value;
        for (const trouble of value instanceof Instance ? value.troubles : []) flow = this.step(flow, trouble);
        if (forward instanceof Chain) return this.apply(forward, flow, place);
        if (!forward) return this.step(flow, new Unclear(place, 'a class with forward'));
        const { node, scope } = forward;
        const self = value instanceof Instance ? value : value.self;
        const result = this.invoke(new Function_(node, scope, self), [flow], new Map(), place);
        if (result instanceof Flow) return result;
        return this.step(
          flow,
          result instanceof Unclear && result.expected
            ? result
            : new Unclear(
                { line: node.line, text: `what ${node.name} returns` },
                'one result of layers, one after the other',
              ),
        );
      }
      return this.step(flow, value instanceof Unclear ? value : new Unclear(place));
    });
  }

  /** @param {Flow} flow @param {Call | Unclear} what @param {boolean} [isLayer]  an object that was made before */
  step(flow, what, isLayer = false) {
    this.count(what.place);
    return new Flow(flow, { what, isLayer });
  }

  /** The sum of two ways from one place: a residual block. @param {Flow} left @param {Flow} right @param {Place} place */
  join(left, right, place) {
    const seen = new Set();
    for (let at = /** @type {Flow | null} */ (left); at; at = at.before, this.count(place)) seen.add(at);
    let from = /** @type {Flow | null} */ (right);
    for (; from && !seen.has(from); from = from.before) this.count(place);
    if (!from) return this.step(left, new Unclear(place));
    const ways = [left, right].map((end) => stepsBetween(/** @type {Flow} */ (from), end) ?? []);
    return new Flow(from, { ways, place });
  }
}

/** @param {any} from @param {any} to @returns {any[] | undefined}  undefined: the one does not come from the other */
export function stepsBetween(from, to) {
  const steps = [];
  for (let at = to; at instanceof Flow; at = at.before) {
    if (at === from) return steps.reverse();
    steps.push(at.step);
  }
  return undefined;
}

/** @param {any} value @param {Place} place */
const placeOf = (value, place) => (value?.place?.line ? value.place : place);

/** @param {any} given  pairs, or a dict @param {Map<string, any>} keywords */
function mapOf(given, keywords) {
  if (given instanceof Map) return given;
  const pairs = Array.isArray(given) ? given.filter((pair) => Array.isArray(pair) && pair.length === 2) : [];
  return new Map([...pairs, ...keywords]);
}

const batchShape = (/** @type {any} */ shape) => (Array.isArray(shape) ? shape.slice(1) : undefined);

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
