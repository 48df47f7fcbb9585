// Each layer of Keras, by its names and options, as one of ours: of a model that TensorFlow.js has saved, or of a Python text.

/** @typedef {import('./layer_options.js').Options} Options */

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

/** The border that a ZeroPadding2D adds: top, bottom, left, right. @param {Options} options @returns {number[]} */
export function zeros(options) {
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
export const kKerasLayers = {
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
