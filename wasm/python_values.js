// What the names of a Python text that builds a network stand for: numbers, texts and lists as they are, and these. A layer is a `Call` of a name
// that the text imports; calling it on a `Flow` makes the next step of the way from the input to the output.

/** @typedef {{ line: number, text: string }} Place  where it stands, and its words there */

/** A name of another module: torch.nn.Linear. */
export class Path {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
  }

  toJSON() {
    return this.path;
  }
}

/** What a call of such a name gives: a layer, say. */
export class Call {
  /** @param {string} path @param {any[]} args @param {Map<string, any>} keywords @param {Place} place */
  constructor(path, args, keywords, place) {
    this.path = path;
    this.args = args;
    this.keywords = keywords;
    this.place = place;
  }

  /** For sentences. */
  toJSON() {
    return this.place.text;
  }
}

/** Layers one after the other: Sequential, or a list of modules. */
export class Chain {
  /** @type {Array<{ name: string, value: any, place: Place }>} */
  items = [];

  /** @param {Place} place */
  constructor(place) {
    this.place = place;
  }

  /** @param {any} value @param {Place} place @param {string} [name] */
  add(value, place, name = String(this.items.length)) {
    this.items.push({ name, value, place });
  }
}

/** Keras's Model: from one flow to another. */
export class Model {
  /** @param {any} from @param {any} to @param {Place} place */
  constructor(from, to, place) {
    this.from = from;
    this.to = to;
    this.place = place;
  }
}

/** A class of the text; `base`: its class of the text, or its name elsewhere. */
export class Class {
  /** @param {any} node @param {Scope} scope @param {any} base */
  constructor(node, scope, base) {
    this.node = node;
    this.scope = scope;
    this.base = base;
  }

  /** @param {string} name @returns {any} */
  find(name) {
    return this.scope.names.get(name) ?? (this.base instanceof Class ? this.base.find(name) : undefined);
  }

  /** The name elsewhere that it comes from in the end. @returns {string} */
  get root() {
    if (this.base instanceof Class) return this.base.root;
    return this.base instanceof Path ? this.base.path : '';
  }
}

/** An object of such a class. `troubles`: what was not understood where it was made. */
export class Instance {
  /** @type {Map<string, any>} */
  attributes = new Map();
  /** @type {Unclear[]} */
  troubles = [];

  /** @param {Class} of @param {Place} place */
  constructor(of, place) {
    this.of = of;
    this.place = place;
  }
}

/** A function of the text, or a method with its object. */
export class Function_ {
  /** @param {any} node @param {Scope} scope @param {any} [self] */
  constructor(node, scope, self) {
    this.node = node;
    this.scope = scope;
    this.self = self;
  }
}

/** `x.view`, `model.add`: a name of a value. */
export class Method {
  /** @param {any} of @param {string} name */
  constructor(of, name) {
    this.of = of;
    this.name = name;
  }
}

/** What the text says and this reader does not follow; `expected` where that can be told. Of no concern until it stands in the network. */
export class Unclear {
  /** @param {Place} place @param {string} [expected] */
  constructor(place, expected) {
    this.place = place;
    this.expected = expected;
  }

  toJSON() {
    return this.place.text;
  }
}

/** How many samples there are at once. */
export const kBatch = Symbol('batch');

export class Scope {
  /** @type {Map<string, any>} */
  names = new Map();

  /** @param {Scope | null} outer */
  constructor(outer) {
    this.outer = outer;
  }

  /** @param {string} name @returns {any} */
  find(name) {
    for (let scope = /** @type {Scope | null} */ (this); scope; scope = scope.outer)
      if (scope.names.has(name)) return scope.names.get(name);
    return undefined;
  }
}

export const isNetwork = (/** @type {any} */ value) =>
  (value instanceof Chain && value.items.length > 0) ||
  value instanceof Model ||
  (value instanceof Instance && Boolean(forwardOf(value)));

/** @param {Instance} instance @returns {any} */
export const forwardOf = ({ of, attributes }) => attributes.get('super') ?? of.find('forward') ?? of.find('call');

/** Names that people write without saying where they are from. @type {Record<string, string>} */
const kCustomary = {
  nn: 'torch.nn',
  F: 'torch.nn.functional',
  torch: 'torch',
  math: 'math',
  np: 'numpy',
  tf: 'tensorflow',
  keras: 'keras',
  layers: 'keras.layers',
  models: 'keras.models',
  ops: 'keras.ops',
};
const kBuiltIns = [
  'super',
  'tuple',
  'list',
  'dict',
  'len',
  'int',
  'range',
  'print',
  'enumerate',
  'zip',
  'max',
  'min',
  'isinstance',
];
const kOfKeras =
  /^(Dense|Conv2D|MaxPooling2D|MaxPool2D|AveragePooling2D|GlobalAveragePooling2D|BatchNormalization|Activation|DepthwiseConv2D|SeparableConv2D|ZeroPadding2D|Rescaling|Input|InputLayer|LSTM|Embedding|Model)$/;
const kOfEither = /^(Sequential|Dropout|Flatten|ReLU|LeakyReLU|Softmax|ELU)$/;

/**
 * What a name means that the text does not explain.
 * @param {string} name
 * @param {boolean} isKeras  whether the text speaks of Keras
 */
export function customary(name, isKeras) {
  if (Object.hasOwn(kCustomary, name)) return new Path(kCustomary[name]);
  if (kBuiltIns.includes(name)) return new Path(`builtins.${name}`);
  if (kOfKeras.test(name) || (isKeras && kOfEither.test(name))) return new Path(`keras.layers.${name}`);
  if (
    /^(Linear|Conv2d|MaxPool2d|AvgPool2d|AdaptiveAvgPool2d|BatchNorm[12]d|Dropout2d|Module|GELU|SiLU|Tanh|Sigmoid)$/.test(
      name,
    ) ||
    kOfEither.test(name)
  )
    return new Path(`torch.nn.${name}`);
  return undefined;
}

/** The name as its own manual has it: tf.keras.layers.Dense is keras.layers.Dense. @param {string} path */
export const canonical = (path) =>
  path
    .replace(/^(tensorflow|tf)\.(python\.|compat\.v[12]\.)?keras\b/, 'keras')
    .replace(/^tf_keras\b/, 'keras')
    .replace(
      /^keras\.layers\.(core|convolutional|pooling|normalization|advanced_activations|experimental\.preprocessing)\./,
      'keras.layers.',
    )
    .replace(/^torch\.nn\.modules\.\w+\./, 'torch.nn.');
