// Each layer of a TensorFlow.js layers model (Keras's names and options) as one of ours. What a layer or an option means is never guessed: one
// that is not known here is refused by its name.
import { inWords } from './experiment.js';
import { refuseLayer } from './layers_model_graph.js';

/**
 * @typedef {import('./layers_model_graph.js').Step} Step
 * @typedef {import('./layers_model_graph.js').LayerStep} LayerStep
 * @typedef {{ layers: any[], sources: Map<string, LayerStep>, softmax: boolean, inputShape: any[] | undefined }} Converted  sources: by the
 *   names of our layers, as in `layers.3.layers.0`; softmax: the model ends in one
 */

/** What no answer depends on: names, starts, penalties, and how a model was built. */
const kWithoutEffect =
  /^(name|trainable|dtype|batch_input_shape|batch_shape|sparse|ragged|seed|noise_shape|build_config|(kernel|bias|depthwise|pointwise|beta|gamma|moving_mean|moving_variance|activity)_(initializer|regularizer|constraint))$/;
const kActivations = {
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  gelu: 'gelu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
};

/** A layer's options, each asked for once: what is left at the end is not known. */
class Options {
  /** @param {LayerStep} step */
  constructor({ name, config }) {
    this.name = name;
    this.left = new Map(Object.entries(config).filter(([key]) => !kWithoutEffect.test(key)));
  }

  /** @param {string} key @param {unknown} [absent] @returns {any} */
  take(key, absent) {
    const value = this.left.get(key);
    this.left.delete(key);
    return value ?? absent;
  }

  /** @param {string} key @param {string} expected @param {unknown} given @returns {never} */
  refuse(key, expected, given) {
    return refuseLayer(this.name, `one with ${key} ${expected}`, inWords(given));
  }

  /** @param {string} key @param {number} [absent] @returns {number} */
  number(key, absent) {
    const value = this.take(key, absent);
    return Number.isFinite(value) ? value : this.refuse(key, 'that is a number', value);
  }

  /** The side of a square, given as one number or two. @param {string} key @param {unknown} [absent] @returns {number} */
  side(key, absent) {
    const value = this.take(key, absent);
    const [one, two, ...more] = Array.isArray(value) ? value : [value, value];
    if (more.length === 0 && one === two && Number.isInteger(one) && one >= 1) return one;
    return this.refuse(key, 'of two equal whole numbers', value);
  }

  /** Only this is known. @param {string} key @param {unknown[]} values  the first is what is meant where the key is absent */
  only(key, values) {
    const value = this.take(key, values[0]);
    const text = JSON.stringify(value);
    if (!values.some((known) => JSON.stringify(known) === text))
      this.refuse(key, values.map(inWords).join(' or '), value);
  }

  /** What is null or false is not in use. */
  finish() {
    for (const [key, value] of this.left)
      if (value !== null && value !== false)
        refuseLayer(this.name, 'one without an option that is not known here', `${key} ${inWords(value)}`);
  }
}

/** @param {Options} options @returns {{ activation?: string, softmax?: boolean }} */
function activationOf(options) {
  const given = options.take('activation', 'linear');
  if (given === 'linear') return {};
  if (given === 'softmax') return { softmax: true };
  if (Object.hasOwn(kActivations, given))
    return { activation: kActivations[/** @type {keyof typeof kActivations} */ (given)] };
  return options.refuse('activation', `linear, softmax, ${Object.keys(kActivations).join(', ')}`, given);
}

const useBias = (/** @type {Options} */ options) => (options.take('use_bias', true) ? {} : { useBias: false });

/** @param {Options} options @param {number[] | null} border  of the ZeroPadding2D before it */
function windowOf(options, border) {
  const padding = options.take('padding', 'valid');
  if (padding !== 'valid' && padding !== 'same') options.refuse('padding', '"valid" or "same"', padding);
  if (border && padding === 'same') options.refuse('padding', '"valid", behind a ZeroPadding2D', padding);
  options.only('data_format', ['channels_last']);
  return { padding: border ?? padding };
}

/** @param {Options} options */
function convolutionOf(options) {
  options.only('dilation_rate', [[1, 1], 1]);
  return { kernelSize: options.side('kernel_size'), strides: options.side('strides', 1) };
}

/** @param {Options} options */
function poolOf(options) {
  const poolSize = options.side('pool_size', 2);
  return { poolSize, strides: options.side('strides', poolSize) };
}

/** @param {Options} options */
function zeros(options) {
  options.only('data_format', ['channels_last']);
  const padding = options.take('padding', 1);
  const pairs = (Array.isArray(padding) ? padding : [padding, padding]).map((one) =>
    Array.isArray(one) ? one : [one, one],
  );
  const border = pairs.flat();
  if (pairs.length === 2 && border.length === 4 && border.every((side) => Number.isInteger(side) && side >= 0))
    return border;
  return options.refuse('padding', 'of whole numbers, [[top, bottom], [left, right]]', padding);
}

/** @param {Options} options */
function reluOf(options) {
  options.only('threshold', [0]);
  const slope = options.number('negative_slope', 0);
  const most = options.take('max_value', null);
  if (slope !== 0)
    return most === null
      ? { function: 'leakyRelu', negativeSlope: slope }
      : options.refuse('max_value', 'null, beside a slope', most);
  if (most === null) return { function: 'relu' };
  return most === 6 ? { function: 'relu6' } : options.refuse('max_value', '6 or null', most);
}

/**
 * By Keras's name of the layer: ours, with `softmax` where it ends in one.
 * @type {Record<string, (options: Options, border: number[] | null) => any>}
 */
const kLayers = {
  Conv2D(options, border) {
    options.only('groups', [1]);
    const window = { ...convolutionOf(options), ...windowOf(options, border) };
    return {
      type: 'conv2d',
      filters: options.number('filters'),
      ...window,
      ...activationOf(options),
      ...useBias(options),
    };
  },
  DepthwiseConv2D(options, border) {
    options.only('depth_multiplier', [1]);
    const window = { ...convolutionOf(options), ...windowOf(options, border) };
    return { type: 'depthwiseConv2d', ...window, ...activationOf(options), ...useBias(options) };
  },
  BatchNormalization(options) {
    options.take('axis'); // as the shape has it: layers_model.js
    options.take('center');
    options.take('scale');
    options.take('fused');
    const [momentum, epsilon] = [options.number('momentum', 0.99), options.number('epsilon', 0.001)];
    return { type: 'batchNormalization', momentum, epsilon };
  },
  ReLU: (options) => ({ type: 'activation', ...reluOf(options) }),
  LeakyReLU: (options) => ({ type: 'activation', function: 'leakyRelu', negativeSlope: options.number('alpha', 0.3) }),
  Activation(options) {
    const { activation, softmax } = activationOf(options);
    return softmax ? { softmax } : activation ? { type: 'activation', function: activation } : {};
  },
  Softmax(options) {
    options.only('axis', [-1]);
    return { softmax: true };
  },
  Dropout: (options) => ({ type: 'dropout', rate: options.number('rate') }),
  Flatten(options) {
    options.only('data_format', ['channels_last']);
    return { type: 'flatten' };
  },
  GlobalAveragePooling2D(options) {
    options.only('data_format', ['channels_last']);
    options.only('keepdims', [false]);
    return { type: 'globalAveragePool2d' };
  },
  MaxPooling2D: (options, border) => ({ type: 'maxPool2d', ...poolOf(options), ...windowOf(options, border) }),
  AveragePooling2D: (options, border) => ({ type: 'averagePool2d', ...poolOf(options), ...windowOf(options, border) }),
  Rescaling: (options) => ({ type: 'rescaling', scale: options.number('scale'), offset: options.number('offset', 0) }),
  Dense: (options) => ({
    type: 'dense',
    units: options.number('units'),
    ...activationOf(options),
    ...useBias(options),
  }),
};

/** What takes the border of a ZeroPadding2D: zeros are what it adds, and a largest number could be less. */
const kBordered = ['Conv2D', 'DepthwiseConv2D'];

/**
 * @param {Step[]} steps
 * @param {any[]} [first]  layers of ours that stand before them
 * @returns {Converted}
 */
export function convert(steps, first = []) {
  /** @type {Converted} */
  const converted = { layers: [...first], sources: new Map(), softmax: false, inputShape: undefined };
  convertList(steps, converted.layers, 'layers', converted);
  return converted;
}

/** @param {Step[]} steps @param {any[]} layers  where ours go @param {string} path  of that list @param {Converted} converted */
function convertList(steps, layers, path, converted) {
  /** @type {{ name: string, border: number[] } | null} */
  let padding = null;
  for (const step of steps) {
    if (converted.softmax) refuseLayer(step.name, 'before the softmax, which is the last', 'one behind it');
    const here = `${path}.${layers.length}`;
    const isBordered = 'className' in step && kBordered.includes(step.className);
    if (padding && !isBordered)
      refuseLayer(
        padding.name,
        `before one of ${kBordered.join(', ')}`,
        'steps' in step ? 'a residual block' : step.className,
      );
    if ('steps' in step) {
      /** @type {any[]} */
      const inner = [];
      layers.push({ type: 'residual', layers: inner });
      convertList(step.steps, inner, `${here}.layers`, converted);
      continue;
    }
    const { className, config, name } = step;
    const { dtype = 'float32' } = config;
    if (dtype !== 'float32') refuseLayer(name, 'one of dtype float32', dtype);
    converted.inputShape ??= config.batch_input_shape ?? config.batch_shape;
    if (className === 'InputLayer') continue;
    const options = new Options(step);
    if (className === 'ZeroPadding2D') {
      padding = { name, border: zeros(options) };
    } else {
      if (!Object.hasOwn(kLayers, className))
        refuseLayer(
          name,
          `of a kind that is known here (${Object.keys(kLayers).join(', ')}, ZeroPadding2D, Add)`,
          inWords(className),
        );
      const { softmax = false, ...layer } = kLayers[className](options, padding?.border ?? null);
      converted.softmax = softmax;
      padding = null;
      if (layer.type) {
        layers.push(layer);
        converted.sources.set(here, step);
      }
    }
    options.finish();
  }
  if (padding) refuseLayer(padding.name, `before one of ${kBordered.join(', ')}`, 'the last');
}
