// A network that a Python text builds, of PyTorch or Keras, as layers of ours. The text is parsed (python_syntax.js) and followed (python_trace.js), and
// never run.
import { Conversion } from './chain_layers.js';
import { InputError, inWords, problem } from './experiment.js';
import { Flow, stepsBetween } from './flow.js';
import { bound, kerasOptions, readKeras, shapeToldBy, unknown } from './keras_calls.js';
import { Options } from './layer_options.js';
import { parsePython } from './python_syntax.js';
import { Trace } from './python_trace.js';
import { tokensOf } from './python_tokens.js';
import { Call, Chain, Class, Function_, Instance, Unclear, isNetwork } from './python_values.js';
import { kFunctions, kModules } from './torch_layers.js';

const kMostSide = 512;
const kTensor = /^(torch\.(?:nn\.functional\.)?|Tensor\.|keras\.(?:activations|ops)\.|tensorflow\.(?:nn\.)?)([^.]+)$/;
/** What is brought in its place. @type {Array<[RegExp, string]>} */
const kOthers = [
  [/\0/, 'what is no text'],
  [/^\s*\{\s*"(cells|metadata|nbformat)/, 'a notebook: paste its cells'],
  [/^\s*\(\w+\): \w+\(/m, 'what print(model) shows, which does not say all of it'],
  [/^[\s┃│|]*Layer \(type(:depth-idx)?\)/m, 'a summary of one, which does not say all of it'],
];
const kNotes = {
  torch:
    'PyTorch starts the weights of nn.Linear and nn.Conv2d uniformly within 1/sqrt(inputs), and biases too; here kernelInitializer is glorotUniform, and biases are 0',
};
/** Words that say what a network is trained by. @type {Array<[RegExp, string]>} */
const kLosses = [
  [/^(BCE(WithLogits)?Loss|binary_cross_?entropy\w*|BinaryCrossentropy)$/, 'binaryCrossEntropy'],
  [/^(MSELoss|mse_loss|mse|mean_squared_error|MeanSquaredError)$/i, 'meanSquaredError'],
  [
    /^(CrossEntropyLoss|cross_entropy|NLLLoss|nll_loss|(sparse_)?categorical_crossentropy|(Sparse)?CategoricalCrossentropy)$/,
    'crossEntropy',
  ],
];

/**
 * @typedef {import('./chain_layers.js').Place} Place
 * @typedef {{ conversion: Conversion, inputShape: [number, number, number] | undefined, loss: string | undefined }} Read
 */

/** The network that the text means, and the name that it has there. @param {Trace} trace @returns {{ network: any, name: string, others: string[] }} */
function chosen(trace) {
  const whole = [...trace.networks].filter(([network]) => isNetwork(network) && !trace.parts.has(network));
  const [network, name = ''] = whole.at(-1) ?? [];
  if (network)
    return {
      network,
      name,
      others: whole
        .slice(0, -1)
        .map(([, other]) => other)
        .filter(Boolean),
    };
  // Nothing that is made at the end: the last class with a forward, or function that gives a network.
  for (const [own, value] of [...trace.scope.names].reverse()) {
    const place = { line: value?.node?.line ?? 1, text: own };
    if (value instanceof Class && (value.find('forward') ?? value.find('call')))
      return { network: trace.instance(value, [], new Map(), place), name: own, others: [] };
    if (!(value instanceof Function_)) continue;
    const made = trace.invoke(value, [], new Map(), place);
    if (isNetwork(made)) return { network: made, name: own, others: [] };
  }
  throw problem(
    'the text',
    'one that builds a network: an nn.Sequential, a class with forward, or a Keras model',
    'none of them',
  );
}

/** PyTorch's names of the layers' weights: the way to each from the whole. @param {any} root @param {Trace} trace */
function namesOf(root, trace) {
  /** @type {Map<any, string>} */
  const names = new Map();
  const visit = (/** @type {any} */ value, /** @type {string} */ path) => {
    if (names.has(value) || typeof value !== 'object' || value === null) return;
    trace.count(value);
    const inside = (/** @type {any} */ name, /** @type {any} */ one) =>
      visit(one, path ? `${path}.${name}` : String(name));
    if (value instanceof Call) names.set(value, path);
    else if (value instanceof Chain)
      (names.set(value, path), value.items.forEach(({ name, value: one }) => inside(name, one)));
    else if (value instanceof Map) (names.set(value, path), value.forEach((one, name) => inside(name, one)));
    else if (value instanceof Instance) {
      names.set(value, path);
      for (const [name, one] of value.attributes)
        if (name === 'super') visit(one, path);
        else inside(name, one);
    }
  };
  visit(root, '');
  return names;
}

/** Of a step, what two of the same have in common. @param {any} step */
const worded = ({ what }) => [what?.path, what?.args, [...(what?.keywords ?? [])]];

/** Steps of a network as layers. */
class Reader {
  /** Layers with weights, to see one that is used twice. */
  used = new Set();
  isTorch = false;

  /** @param {Map<any, string>} names @param {number[]} [shape] @param {boolean} [isOfData] */
  constructor(names, shape, isOfData) {
    this.names = names;
    this.to = new Conversion(shape, isOfData);
  }

  /** @param {any[]} steps */
  follow(steps) {
    for (const step of steps) this.to.attempt(() => (step.ways ? this.sum(step) : this.step(step)));
  }

  /** @param {{ what: any, isLayer: boolean }} step */
  step({ what, isLayer }) {
    const { to } = this;
    if (what instanceof Unclear)
      throw problem(
        `line ${what.place.line}`,
        what.expected ?? 'a step that can be followed: a layer, one after the other',
        inWords(what.place.text),
      );
    const short = what.path
      .replace(/^torch\.nn\.functional\./, 'F.')
      .replace(/^torch\.nn\./, 'nn.')
      .replace(/^(keras\.layers|Tensor)\./, '');
    const place = { words: `line ${what.place.line} (${short})`, line: what.place.line };
    const { path } = what;
    const module = /^torch\.nn\.(\w+)$/.exec(path)?.[1];
    const tensor = kTensor.exec(path);
    if (what.derived)
      to.note('derived', place, `${what.derived} is taken as ${short}, which it comes from`, { layer: what.derived });
    if (module && Object.hasOwn(kModules, module)) return this.torch(kModules[module], what, place);
    if (/^keras\.layers\.\w+$/.test(path)) {
      if (isLayer && /Dense|Conv|Normalization/.test(path)) this.once(what, place);
      return readKeras(what, kerasOptions(what), to, place);
    }
    if (path === 'keras.ops.pad') return padded(what, to, place);
    if (tensor && Object.hasOwn(kFunctions, tensor[2])) return this.torch(kFunctions[tensor[2]], what, place);
    throw unknown(place, what);
  }

  /** @param {any} layer @param {Place} place */
  once(layer, place) {
    if (this.used.has(layer)) throw problem(place.words, 'used once, since its weights are its own', 'used twice');
    this.used.add(layer);
  }

  /** @param {import('./torch_layers.js').Reader} reader @param {any} what @param {Place} place */
  torch([signature, read], what, place) {
    const config = bound(signature, what);
    for (const option of ['device', 'dtype']) delete config[option];
    const source = this.names.get(what);
    const hasWeights = /Linear|Conv|BatchNorm/.test(what.path);
    if (hasWeights) this.once(what, place);
    if (/Linear|Conv/.test(what.path)) this.isTorch = true;
    const options = new Options(place.words, config);
    read(options, { to: this.to, place, source: hasWeights ? (source ?? null) : undefined });
    options.finish();
  }

  /** A mean whose border does not count, as our own exports write it: that over the picture by that over ones. @param {any[][]} ways @param {Place} place */
  mean([main, share], place) {
    const { to } = this;
    const [pad, pool] = main.map(({ what }) => what);
    const isOne =
      /\.ones_like$/.test(share[0]?.what?.path) &&
      JSON.stringify(share.slice(1).map(worded)) === JSON.stringify(main.map(worded));
    const [poolSize, strides] = pool?.args ?? [];
    if (
      main.length !== 2 ||
      !isOne ||
      !/\.(avg_pool2d|average_pool)$/.test(pool?.path) ||
      !Number.isInteger(poolSize) ||
      !Number.isInteger(strides)
    )
      throw problem(place.words, 'a mean over windows by the share of each that is picture', 'another quotient');
    this.step(main[0]);
    const border = to.border?.sides ?? [];
    to.border = null;
    if (!to.isSame(border, poolSize, strides)) throw problem(place.words, 'the border of "same"', inWords(pad.args));
    to.emit({ type: 'averagePool2d', poolSize, ...(strides !== poolSize && { strides }), padding: 'same' }, place);
  }

  /** @param {{ ways: any[][], place: { line: number }, isQuotient?: boolean }} step */
  sum({ ways, place: { line }, isQuotient }) {
    const place = { words: `line ${line}`, line };
    if (isQuotient) return this.mean(ways, place);
    return this.to.residual(
      ways,
      place,
      (steps) => this.follow(steps),
      ([first, ...more]) => {
        if (more.length || !(first.what instanceof Call)) return undefined;
        const beside = new Reader(this.names);
        beside.follow([first]);
        const [layer] = beside.to.layers;
        const { type, kernelSize, useBias, padding, activation } = layer ?? {};
        if (
          type !== 'conv2d' ||
          kernelSize !== 1 ||
          useBias !== false ||
          padding ||
          activation ||
          beside.to.layers.length > 1
        )
          return undefined;
        return { layer, source: beside.to.sources.get('layers.0') };
      },
    );
  }
}

/** @param {Call} what @param {Conversion} to @param {Place} place */
function padded({ args, keywords }, to, place) {
  const sides = args[0];
  const value = keywords.get('constant_values') ?? 0;
  const isWhole =
    Array.isArray(sides) &&
    sides.length === 4 &&
    String(sides[0]) === '0,0' &&
    String(sides[3]) === '0,0' &&
    sides.flat().every(Number.isInteger);
  if (!isWhole || !(value === 0 || value < -1e38))
    throw problem(place.words, 'zeros around a picture, or the lowest number before a max pool', inWords(sides));
  to.pad([...sides[1], ...sides[2]], value !== 0, place);
}

/** Height, width and channels of a sample, from what Keras is told. @param {any} told @returns {[number, number, number] | undefined} */
function shapeOf(told) {
  const sides = Array.isArray(told) ? told : [told];
  if (!sides.every((side) => Number.isInteger(side) && side > 0)) return undefined;
  if (sides.length === 3) return /** @type {any} */ (sides);
  return sides.length === 2 ? [sides[0], sides[1], 1] : sides.length === 1 ? [1, 1, sides[0]] : undefined;
}

/**
 * The sides of square pictures, least and most, with which the number of inputs comes out that the text says. Larger pictures never make fewer.
 * @param {(shape: number[]) => Conversion} convert
 * @param {Conversion} blind  of pictures that are not known
 * @param {number} channels
 * @returns {[least: number, most: number] | undefined}
 */
function fittingSides(convert, blind, channels) {
  const [{ given, place }] = blind.awaited;
  const compare = (/** @type {number} */ side) => {
    const { problems, notes } = convert([side, side, channels]);
    if (problems.length > blind.problems.length) return -1; // smaller than a window
    const found = notes.find(({ kind, line }) => kind === 'size' && line === place.line);
    return found ? /** @type {number} */ (found.actual) - given : 0;
  };
  const first = (/** @type {(side: number) => boolean} */ isReached) => {
    let [low, high] = [1, kMostSide + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isReached(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const least = first((side) => compare(side) >= 0);
  return least <= kMostSide && compare(least) === 0 ? [least, first((side) => compare(side) > 0) - 1] : undefined;
}

/** @param {string} text @returns {string | undefined}  undefined: it says none, or several */
function lossOf(text) {
  const words = tokensOf(text).tokens.filter(({ kind }) => kind === 'name' || kind === 'string');
  const found = new Set(
    words.flatMap((word) =>
      kLosses.filter(([pattern]) => pattern.test(String(word.value ?? word.text))).map(([, loss]) => loss),
    ),
  );
  return found.size === 1 ? [...found][0] : undefined;
}

/**
 * @param {unknown} text
 * @param {number[]} [given]  height, width and channels of a sample, where they are known
 * @returns {Read}
 */
export function readPython(text, given) {
  const script = parsePython(text);
  const isStrange = script.faults.length > 0 || script.text.trimStart().startsWith('{');
  const other = isStrange && kOthers.find(([pattern]) => pattern.test(/** @type {string} */ (text)));
  if (other) throw problem('the text', 'the Python that builds a network', other[1]);
  if (script.faults.length) throw new InputError(script.faults);
  const trace = new Trace(script);
  const { network, name, others } = chosen(trace);
  const input = new Flow(null);
  const output = trace.apply(network, input, network.place);
  const steps = /** @type {any[]} */ (stepsBetween(input, output));
  const first = steps.find(({ what }) => what instanceof Call)?.what;
  const told = shapeOf(trace.inputShape ?? (first && shapeToldBy(first)));
  const names = namesOf(network, trace);
  const convert = (/** @type {number[] | undefined} */ shape) => {
    const reader = new Reader(names, shape, Boolean(given));
    reader.follow(steps);
    return reader;
  };
  let reader = convert(given ?? told);
  let inputShape = told;
  const blind = reader.to;
  const [conv] = steps.flatMap(({ what }) =>
    what instanceof Call && /^torch\.nn\.Conv2d$/.test(what.path)
      ? [what.args[0] ?? what.keywords.get('in_channels')]
      : [],
  );
  if (!given && !told && blind.awaited.length && Number.isInteger(conv) && steps.length <= 200) {
    const sides = fittingSides((shape) => convert(shape).to, blind, conv);
    const [{ given: numbers, place }] = blind.awaited;
    if (sides) {
      const [least, most] = sides;
      inputShape = [least, least, conv];
      reader = convert(inputShape);
      if (most > least)
        reader.to.note(
          'sides',
          place,
          `in_features ${numbers} fits square pictures of ${least} to ${most} pixels a side`,
          { least, most },
        );
    } else
      blind.note('square', place, `in_features is ${numbers} there, which no square picture comes to here`, {
        given: numbers,
      });
  }
  const conversion = reader.to;
  if (given && told && String(given) !== String(told)) {
    const text = `the text is for samples of ${told.join(' x ')}; these are ${given.join(' x ')}`;
    conversion.notes.unshift({ kind: 'shape', text, given: told.join(' x '), actual: given.join(' x ') });
  }
  conversion.close();
  if (others.length)
    conversion.notes.unshift({
      kind: 'networks',
      text: `the text builds more than one network; this is ${name}, not ${others.join(', ')}`,
      name,
      others: others.join(', '),
    });
  if (reader.isTorch) conversion.notes.push({ kind: 'initialization', text: kNotes.torch });
  let loss = lossOf(/** @type {string} */ (text));
  if (conversion.end) loss = 'crossEntropy';
  else if (loss !== 'meanSquaredError' && conversion.dropSigmoid()) loss = 'binaryCrossEntropy';
  if (conversion.layers.length + conversion.problems.length === 0)
    throw problem('the text', 'a network with at least one layer that is known here', 'none');
  return { conversion, inputShape, loss };
}
