// What a call in a Python text does to the network that it builds: a layer that is made, one that is called on what went through others, a method, a
// function of the text. Each call is counted.
import { problem } from './experiment.js';
import { Flow, stepsBetween, waysFrom } from './flow.js';
import {
  Call,
  Chain,
  Class,
  Function_,
  Instance,
  Method,
  Model,
  Path,
  Scope,
  Unclear,
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
export const kAdding = /^(add|append|add_module|extend|insert|pop)$/;

/**
 * @typedef {import('./python_expressions.js').Node} Node
 * @typedef {import('./python_values.js').Place} Place
 * @typedef {{ run: (body: Node[], scope: Scope, frame: Frame | null) => { value: any } | undefined, evaluate: (node: Node, scope: Scope) => any }} Followers
 *   of statements and of expressions (python_trace.js)
 * @typedef {{ troubles: Unclear[] }} Frame  of a function or a method that is followed
 */

export class Calls {
  left = kMost;
  depth = 0;
  /** Networks that stand in others. */
  parts = new Set();
  /** The shape of a sample, where the text says it. @type {any} */
  inputShape;

  /** @param {Followers} follow */
  constructor(follow) {
    this.follow = follow;
  }

  /** @param {any} node */
  count(node) {
    if (--this.left < 0)
      throw problem(
        `line ${node?.line ?? '?'}`,
        'a text that is followed in fewer steps',
        `more than ${kMost}: paste the network alone`,
      );
  }

  /** A list that is made of others. @param {any[]} list @param {{ line: number }} where */
  counted(list, where) {
    this.left -= list.length;
    this.count(where);
    return list;
  }

  /** @template T @param {Place} place @param {() => T} follow @returns {T} */
  deeper({ line }, follow) {
    if (++this.depth > kDeepest) throw problem(`line ${line}`, `at most ${kDeepest} calls deep`, 'deeper');
    const result = follow();
    this.depth--;
    return result;
  }

  /** @param {any} value @returns {any} */
  part(value) {
    if (isNetwork(value)) this.parts.add(value);
    return value;
  }

  /** @param {any} callee @param {any[]} args @param {Map<string, any>} keywords @param {Place} place @param {Scope} scope @returns {any} */
  call(callee, args, keywords, place, scope) {
    if (callee instanceof Method) return this.method(callee, args, keywords, place, scope);
    if (callee instanceof Path) return this.external(callee.path, args, keywords, place, scope);
    if (callee instanceof Class) return this.instance(callee, args, keywords, place);
    if (callee instanceof Function_) return this.invoke(callee, args, keywords, place);
    const given = args.length ? args : [...keywords.values()].slice(0, 1); // Keras's functional style: layer(inputs=x)
    const flows = given.flat().filter((one) => one instanceof Flow);
    if (flows.length === 0) return given.flat().find((one) => one instanceof Unclear) ?? new Unclear(place); // where it began
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
      of.push(
        ...this.counted(name === 'append' ? args : Array.isArray(args[0]) ? [...args[0]] : [new Unclear(place)], place),
      );
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
    return of instanceof Unclear ? of : new Unclear(place);
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
      for (const one of this.counted([...first], place)) chain.add(this.part(one), placeOf(one, place));
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
          ? this.follow.evaluate(absent, scope)
          : new Unclear({ line: place.line, text: `${node.name} without ${name}` }, `a value for ${name}`);
      rest.delete(name);
      inside.names.set(name, value);
    }
    /** @type {Frame} */
    const frame = { troubles: [] };
    let result = this.deeper(place, () => this.follow.run(node.body, inside, frame))?.value ?? null;
    if (made) made.troubles.push(...frame.troubles);
    else for (const trouble of frame.troubles) result = this.troubled(result, trouble);
    return result;
  }

  /** What comes out of a function of which a part is not followed. @param {any} result @param {Unclear} trouble @returns {any} */
  troubled(result, trouble) {
    if (result instanceof Flow) return this.step(result, trouble);
    if (result instanceof Model) return new Model(result.from, this.troubled(result.to, trouble), result.place);
    if (result instanceof Chain) result.add(trouble, trouble.place);
    else if (result instanceof Instance) result.troubles.push(trouble);
    else if (result instanceof Call) return trouble;
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
        const none = { line: node.line, text: `what ${node.name} returns` };
        return this.step(
          flow,
          result instanceof Unclear ? result : new Unclear(none, 'one result of layers, one after the other'),
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

  /** The sum of two ways from one place: a residual block; or their quotient. @param {Flow} left @param {Flow} right @param {Place} place @param {boolean} [isQuotient] */
  join(left, right, place, isQuotient = false) {
    const met = waysFrom(left, right, () => this.count(place));
    return met ? new Flow(met.from, { ways: met.ways, place, isQuotient }) : this.step(left, new Unclear(place));
  }
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
