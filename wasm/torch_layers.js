// Each module and function of PyTorch, by its names and options, as layers of ours.
import { inWords, problem } from './experiment.js';
import { kBatch } from './python_values.js';

/**
 * @typedef {import('./layer_options.js').Options} Options
 * @typedef {import('./chain_layers.js').Conversion} Conversion
 * @typedef {import('./chain_layers.js').Place} Place
 * @typedef {{ to: Conversion, place: Place, source: any }} Where
 * @typedef {[signature: string, read: (options: Options, where: Where) => void]} Reader  signature: names of the options in their order
 */

/** The same on both sides of an axis, or not at all. @param {Options} options @param {number} stride */
function paddingOf(options, stride) {
  const padding = options.take('padding', 0);
  if (padding === 'valid' || (padding === 'same' && stride === 1)) return padding;
  const [rows, columns, ...more] = Array.isArray(padding) ? padding : [padding, padding];
  if (![rows, columns].every((side) => Number.isInteger(side) && side >= 0) || more.length)
    options.refuse('padding', '"valid", "same" with a stride of 1, or whole numbers', padding);
  if (rows === columns) return rows === 0 ? 'valid' : rows;
  return [rows, rows, columns, columns];
}

/** @param {Options} options @param {Where} where */
function convolution(options, { to, place, source }) {
  const [inputs, filters] = [options.number('in_channels'), options.number('out_channels')];
  const kernelSize = options.side('kernel_size');
  const strides = options.side('stride', 1);
  const padding = paddingOf(options, strides);
  options.only('dilation', [1, [1, 1]]);
  options.only('padding_mode', ['zeros']);
  const groups = options.number('groups', 1);
  const useBias = options.take('bias', true);
  to.declared('in_channels', inputs, place);
  const window = {
    kernelSize,
    ...(strides > 1 && { strides }),
    ...(padding !== 'valid' && { padding }),
    ...(useBias === false && { useBias }),
  };
  if (groups === 1) return to.emit({ type: 'conv2d', filters, ...window }, place, source);
  if (groups !== inputs || filters !== inputs)
    options.refuse('groups', `1, or ${inputs} with as many channels in and out`, groups);
  return to.emit({ type: 'depthwiseConv2d', ...window }, place, source);
}

/** @param {'maxPool2d' | 'averagePool2d'} type @returns {Reader[1]} */
const pool =
  (type) =>
  (options, { to, place }) => {
    const poolSize = options.side('kernel_size');
    const strides = options.side('stride', poolSize);
    let padding = /** @type {any} */ (paddingOf(options, strides));
    options.only('dilation', [1, [1, 1]]);
    options.only('return_indices', [false]);
    options.only('divisor_override', [null]);
    const before = Array.isArray(padding) ? 2 * padding[0] : padding === 'valid' ? 0 : 2 * padding;
    const known = to.size.sides.filter((side) => side !== undefined);
    if (
      options.take('ceil_mode', false) &&
      !(known.length === 2 && known.every((side) => (side + before - poolSize) % strides === 0))
    )
      options.refuse('ceil_mode', 'False, or a picture that its windows fill', true);
    if (options.take('count_include_pad', true) === false && padding !== 'valid') {
      const border = Array.isArray(padding) ? padding : Array(4).fill(padding);
      if (!to.isSame(border, poolSize, strides) && !(strides === 1 && before === poolSize - 1))
        options.refuse('count_include_pad', 'True, unless the border is that of "same"', false);
      padding = 'same';
    }
    to.emit(
      { type, poolSize, ...(strides !== poolSize && { strides }), ...(padding !== 'valid' && { padding }) },
      place,
    );
  };

/** @param {string} name @returns {Reader} */
const activation = (name) => [
  'inplace',
  (options, { to, place }) => {
    options.take('inplace');
    to.emit({ type: 'activation', function: name }, place);
  },
];

/** @type {Reader[1]} */
function dropout(options, { to, place }) {
  options.take('inplace');
  options.take('training');
  const rate = options.number('p', 0.5);
  if (rate > 0) to.emit({ type: 'dropout', rate }, place);
}

/** @type {Reader[1]} */
function dropoutOfMaps(options, where) {
  dropout(options, where);
  where.to.note('dropout', where.place, 'it drops whole maps there, and single numbers here');
}

/** @type {Reader[1]} */
function normalization(options, { to, place, source }) {
  const features = options.number('num_features');
  const [epsilon, momentum] = [options.number('eps', 1e-5), options.number('momentum', 0.1)];
  options.only('affine', [true]);
  options.only('track_running_stats', [true]);
  to.declared('num_features', features, place);
  const kept = Number((1 - momentum).toPrecision(12));
  to.emit(
    { type: 'batchNormalization', ...(kept !== 0.9 && { momentum: kept }), ...(epsilon !== 1e-5 && { epsilon }) },
    place,
    source,
  );
}

/** @type {Reader[1]} */
function softmax(options, { to, place }) {
  options.take('_stacklevel');
  options.take('dtype');
  options.only('dim', [1, -1, null]);
  to.finish('softmax', place);
}

/** @type {Reader[1]} */
function flatten(options, { to, place }) {
  options.only('start_dim', [1]);
  options.only('end_dim', [-1]);
  to.flatten(place);
}

/** @type {Reader[1]} */
function adaptiveAverage(options, { to, place }) {
  const size = options.take('output_size');
  const sides = Array.isArray(size) ? size : [size, size];
  if (sides.length !== 2 || sides[0] !== sides[1] || !Number.isInteger(sides[0]) || sides[0] < 1)
    options.refuse('output_size', 'of two equal whole numbers', size);
  to.average(sides[0], place);
}

/** @type {Reader[1]} */
function leaky(options, { to, place }) {
  options.take('inplace');
  const negativeSlope = options.number('negative_slope', 0.01);
  to.emit({ type: 'activation', function: 'leakyRelu', ...(negativeSlope !== 0.01 && { negativeSlope }) }, place);
}

/** @type {Reader[1]} */
function elu(options, { to, place }) {
  options.take('inplace');
  options.only('alpha', [1]);
  to.emit({ type: 'activation', function: 'elu' }, place);
}

/** @type {Reader[1]} */
function gelu(options, { to, place }) {
  options.only('approximate', ['none']);
  to.emit({ type: 'activation', function: 'gelu' }, place);
}

const kConvolution = 'in_channels out_channels kernel_size stride padding dilation groups bias padding_mode';
const kNormalization = 'num_features eps momentum affine track_running_stats';

/** torch.nn.* @type {Record<string, Reader>} */
export const kModules = {
  Linear: [
    'in_features out_features bias',
    (options, { to, place, source }) => {
      const [inputs, units] = [options.number('in_features'), options.number('out_features')];
      const useBias = options.take('bias', true);
      if (to.size.flat !== false) to.declared('in_features', inputs, place);
      to.emit({ type: 'dense', units, ...(useBias === false && { useBias }) }, place, source);
    },
  ],
  Conv2d: [kConvolution, convolution],
  MaxPool2d: ['kernel_size stride padding dilation return_indices ceil_mode', pool('maxPool2d')],
  AvgPool2d: ['kernel_size stride padding ceil_mode count_include_pad divisor_override', pool('averagePool2d')],
  AdaptiveAvgPool2d: ['output_size', adaptiveAverage],
  BatchNorm1d: [kNormalization, normalization],
  BatchNorm2d: [kNormalization, normalization],
  Dropout: ['p inplace', dropout],
  Dropout1d: ['p inplace', dropout],
  Dropout2d: ['p inplace', dropoutOfMaps],
  Flatten: ['start_dim end_dim', flatten],
  Identity: ['', (options) => void options.left.clear()],
  ReLU: activation('relu'),
  ReLU6: activation('relu6'),
  SiLU: activation('silu'),
  Tanh: activation('tanh'),
  Sigmoid: activation('sigmoid'),
  LeakyReLU: ['negative_slope inplace', leaky],
  ELU: ['alpha inplace', elu],
  GELU: ['approximate', gelu],
  Softmax: ['dim', softmax],
  LogSoftmax: ['dim', softmax],
  ZeroPad2d: [
    'padding',
    (options, { to, place }) => {
      const padding = options.take('padding');
      const [left, right, top, bottom] = Array.isArray(padding) ? padding : Array(4).fill(padding);
      pad(options, [top, bottom, left, right], 0, to, place);
    },
  ],
};

/** @param {Options} options @param {any[]} sides @param {any} value @param {Conversion} to @param {Place} place */
function pad(options, sides, value, to, place) {
  if (!sides.every((side) => Number.isInteger(side) && side >= 0))
    options.refuse('padding', 'of four whole numbers', sides);
  if (value !== 0 && value !== -Infinity) options.refuse('value', '0, or -math.inf before a max pool', value);
  to.pad(/** @type {number[]} */ (sides), value !== 0, place);
}

/** A new shape: that of a row, or the one that is there already. @type {Reader[1]} */
function view(options, { to, place }) {
  const given = [...options.left.values()].flat();
  options.left.clear();
  const [first, ...sides] = given;
  const { channels, sides: around } = to.size;
  if (sides.length === 1) {
    to.flatten(place);
    if (sides[0] !== -1 && Number.isInteger(sides[0])) to.declared('the number of features', sides[0], place);
    else if (sides[0] !== -1 && first !== -1)
      throw problem(place.words, 'a row of each sample, as in x.view(x.size(0), -1)', inWords(given));
    return;
  }
  const isSame = [channels, ...around].every((side, i) => sides[i] === -1 || side === undefined || side === sides[i]);
  const isFirst = first === -1 || first === kBatch || Number.isInteger(first);
  if (!(sides.length === 3 && isFirst && isSame && (to.isStart || to.size.flat === false)))
    throw problem(
      place.words,
      'a row of each sample, as in x.view(x.size(0), -1), or the shape of the input',
      inWords(given.map((one) => (typeof one === 'symbol' ? 'batch' : one))),
    );
  if (sides.every((/** @type {any} */ side) => Number.isInteger(side) && side > 0))
    to.size = { sides: sides.slice(1), channels: sides[0], flat: false };
}

/** @type {Reader[1]} */
function mean(options, { to, place }) {
  const axes = options.take('dim');
  options.take('keepdim');
  const isOfMaps =
    Array.isArray(axes) &&
    [
      [2, 3],
      [-2, -1],
      [-1, -2],
      [3, 2],
    ].some((known) => String(known) === String(axes));
  if (!isOfMaps) options.refuse('dim', '(2, 3)', axes);
  to.average(1, place);
}

/** A number on every number: times `scale`, plus `offset`. @param {number} scale @param {number} offset @param {Where} where */
function rescale(scale, offset, { to, place }) {
  const before = to.list.at(-1);
  // As our own exports write it: x * scale + offset.
  if (before?.type === 'rescaling' && scale === 1 && before.offset === undefined) return void (before.offset = offset);
  if (to.isStart && to.size.flat !== true && scale > 0 && scale <= 1 / 64 && offset === 0) {
    to.note('bytes', place, 'bytes become 0..1 here before the first layer: what it divides by is left out');
    if (Math.abs(scale * 255 - 1) < 0.02) return undefined;
    scale *= 255;
  }
  return to.emit({ type: 'rescaling', scale, ...(offset !== 0 && { offset }) }, place);
}

/** @param {(value: number) => [scale: number, offset: number]} of @returns {Reader} */
const arithmetic = (of) => [
  'value',
  (options, where) => {
    const [scale, offset] = of(options.number('value'));
    if (scale !== 1 || offset !== 0) rescale(scale, offset, where);
  },
];

const kNothing = /** @type {Reader} */ (['a b c', (options) => void options.left.clear()]);
/** torch.*, torch.nn.functional.* and what a tensor can do itself. @type {Record<string, Reader>} */
export const kFunctions = {
  relu: kModules.ReLU,
  relu_: kModules.ReLU,
  relu6: kModules.ReLU6,
  silu: kModules.SiLU,
  tanh: kModules.Tanh,
  sigmoid: kModules.Sigmoid,
  leaky_relu: kModules.LeakyReLU,
  elu: kModules.ELU,
  gelu: kModules.GELU,
  softmax: ['dim _stacklevel dtype', softmax],
  log_softmax: ['dim _stacklevel dtype', softmax],
  dropout: ['p training inplace', dropout],
  dropout2d: ['p training inplace', dropoutOfMaps],
  flatten: [
    'start_dim end_dim',
    (options, where) => {
      if (options.left.get('start_dim') === undefined)
        options.refuse('start_dim', '1, which keeps the samples apart', 0);
      flatten(options, where);
    },
  ],
  max_pool2d: ['kernel_size stride padding dilation ceil_mode return_indices', pool('maxPool2d')],
  avg_pool2d: ['kernel_size stride padding ceil_mode count_include_pad divisor_override', pool('averagePool2d')],
  adaptive_avg_pool2d: ['output_size', adaptiveAverage],
  view: ['a b c d e', view],
  reshape: ['a b c d e', view],
  mean: ['dim keepdim', mean],
  pad: [
    'pad mode value',
    (options, { to, place }) => {
      options.only('mode', ['constant']);
      const [left, right, top = 0, bottom = 0] = [options.take('pad')].flat();
      pad(options, [top, bottom, left, right], options.take('value', 0), to, place);
    },
  ],
  squeeze: [
    'dim',
    (options, { to, place }) => {
      options.take('dim');
      if (to.size.flat === false) throw problem(place.words, 'behind the last layer', 'one that changes the shape');
    },
  ],
  unsqueeze: [
    'dim',
    (options, { to, place }) => {
      options.take('dim');
      if (!to.isStart) throw problem(place.words, 'before the first layer', 'one that changes the shape');
    },
  ],
  '[]': [
    'a b c d',
    (options, { to, place }) => {
      const indices = [...options.left.values()];
      options.left.clear();
      if (to.size.flat !== true || indices.length !== 4 || indices.some((index) => index !== null))
        throw problem(place.words, 'the whole', 'a part of it');
    },
  ],
  '*': arithmetic((value) => [value, 0]),
  'r*': arithmetic((value) => [value, 0]),
  '/': arithmetic((value) => [1 / value, 0]),
  '+': arithmetic((value) => [1, value]),
  'r+': arithmetic((value) => [1, value]),
  '-': arithmetic((value) => [1, -value]),
  mul: arithmetic((value) => [value, 0]),
  div: arithmetic((value) => [1 / value, 0]),
  type: kNothing,
};
