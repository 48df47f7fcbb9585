// Each node of an ONNX graph as layers of ours, with its weights in PyTorch's layouts. https://onnx.ai/onnx/operators/
import { inWords, problem } from './experiment.js';

/**
 * @typedef {import('./layer_options.js').Options} Options
 * @typedef {import('./chain_layers.js').Conversion} Conversion
 * @typedef {import('./chain_layers.js').Place} Place
 * @typedef {import('./onnx_file.js').Constant} Constant
 * @typedef {{ to: Conversion, place: Place, constants: Array<Constant | null | undefined>, names: string[], state: State }} Where  constants: of the inputs; null:
 *   the one that comes through the network
 * @typedef {{ channelsLast: boolean, order: number[] | null, isHalved: boolean, normalization: boolean }} State  order: height, width and channels of a row that is in
 *   that order; isHalved: a gelu still awaits its half; normalization: that of the samples is told elsewhere
 */

const kTiny = 1e-12; // the smallest epsilon: for a batch normalization that only scales and shifts

/** @param {Where} where @param {number} at @param {string} what @returns {Constant} */
function constant({ constants, place }, at, what) {
  const found = constants[at];
  if (!found)
    throw problem(
      place.words,
      `one with ${what} as a constant of the file`,
      found === null ? 'what comes through the network' : 'none',
    );
  return found;
}

const listOf = (/** @type {Constant | null | undefined} */ found) => (found ? Array.from(found.values) : undefined);

/** @param {Options} options @param {string} key @param {number[]} absent @returns {number[]} */
function integers(options, key, absent) {
  const given = options.take(key, absent);
  return Array.isArray(given) ? given : options.refuse(key, 'that is a list of whole numbers', given);
}

/** A border as ONNX has it: [top, left, bottom, right]. @param {Options} options */
function borderOf(options) {
  const auto = options.take('auto_pad', 'NOTSET');
  const pads = integers(options, 'pads', [0, 0, 0, 0]);
  if (auto === 'SAME_UPPER') return 'same';
  if (auto !== 'NOTSET' && auto !== 'VALID') options.refuse('auto_pad', 'NOTSET, VALID or SAME_UPPER', auto);
  const [top, left, bottom, right] = pads;
  if (pads.length !== 4 || !pads.every((/** @type {number} */ side) => Number.isInteger(side) && side >= 0))
    options.refuse('pads', 'of four whole numbers', pads);
  if (auto === 'VALID' || pads.every((/** @type {number} */ side) => side === 0)) return 'valid';
  return top === left && left === bottom && bottom === right ? top : [top, bottom, left, right];
}

/** @param {number} strides @param {number} usual @param {any} padding */
const window = (strides, usual, padding) => ({
  ...(strides !== usual && { strides }),
  ...(padding !== 'valid' && { padding }),
});

/** @param {Options} options @param {Where} where */
function convolution(options, where) {
  const { to, place } = where;
  const weight = constant(where, 1, 'its kernel');
  const bias = where.constants[2];
  const [filters, inputs, ...sides] = weight.shape;
  options.only('kernel_shape', [sides]);
  if (sides.length !== 2 || sides[0] !== sides[1])
    throw problem(place.words, 'one with a square kernel', inWords(sides));
  options.only('dilations', [[1, 1]]);
  const strides = options.side('strides', 1);
  const padding = borderOf(options);
  const groups = options.number('group', 1);
  const layer = { kernelSize: sides[0], ...window(strides, 1, padding), ...(!bias && { useBias: false }) };
  const source = { weight, ...(bias && { bias }) };
  to.declared('channels', inputs * groups, place);
  if (groups === 1) return to.emit({ type: 'conv2d', filters, ...layer }, place, source);
  if (inputs !== 1 || groups !== filters)
    options.refuse('group', 'of one channel each, with as many in and out', groups);
  return to.emit({ type: 'depthwiseConv2d', ...layer }, place, source);
}

/** @param {Options} options @param {Where} where @param {'maxPool2d' | 'averagePool2d'} type */
function pool(options, { to, place }, type) {
  const poolSize = options.side('kernel_shape');
  const strides = options.side('strides', 1);
  let padding = borderOf(options);
  options.only('dilations', [[1, 1]]);
  options.only('storage_order', [0]);
  const [rows, columns] = to.size.sides;
  const before = (/** @type {number} */ axis) =>
    Array.isArray(padding) ? padding[2 * axis] + padding[2 * axis + 1] : typeof padding === 'number' ? 2 * padding : 0;
  const fills = [rows, columns].every(
    (side, axis) => side !== undefined && (side + before(axis) - poolSize) % strides === 0,
  );
  if (options.take('ceil_mode', 0) && !fills && padding !== 'same')
    options.refuse('ceil_mode', '0, or a picture that its windows fill', 1);
  const counts = options.take('count_include_pad', 0);
  if (type === 'averagePool2d' && !counts && padding !== 'valid' && padding !== 'same') {
    if (!to.isSame(Array.isArray(padding) ? padding : Array(4).fill(padding), poolSize, strides))
      options.refuse('count_include_pad', '1, unless the border is that of SAME_UPPER', 0);
    padding = 'same';
  }
  to.emit({ type, poolSize, ...window(strides, poolSize, padding) }, place);
}

/** (out, in), its columns in the order of PyTorch's rows. @param {Constant} weight @param {boolean} isTurned  (in, out) @param {number[] | null} order */
function denseWeight({ shape, values }, isTurned, order) {
  const [units, inputs] = isTurned ? [shape[1], shape[0]] : shape;
  const moved = new Float32Array(units * inputs);
  const [height, width, channels] = order ?? [1, 1, inputs];
  const pixels = height * width;
  for (let o = 0; o < units; o++)
    for (let i = 0; i < inputs; i++) {
      const place = (i % channels) * pixels + Math.floor(i / channels);
      moved[o * inputs + (order ? place : i)] = isTurned ? values[i * units + o] : values[o * inputs + i];
    }
  return { shape: [units, inputs], values: moved };
}

/** @param {Where} where @param {boolean} isTurned @param {Constant | null | undefined} bias */
function dense({ to, place, state, ...where }, isTurned, bias) {
  const given = constant({ to, place, state, ...where }, 1, 'its kernel');
  if (given.shape.length !== 2) throw problem(place.words, 'one with a kernel of two axes', inWords(given.shape));
  const weight = denseWeight(given, isTurned, state.order);
  state.order = null;
  to.declared('inputs', weight.shape[1], place);
  to.emit({ type: 'dense', units: weight.shape[0], ...(!bias && { useBias: false }) }, place, {
    weight,
    ...(bias && { bias: { shape: [bias.values.length], values: bias.values } }),
  });
}

/** One number, or one for each channel; undefined: something else. @param {Constant} given @param {Conversion} to @returns {number[] | undefined} */
function perChannel({ shape, values }, { size: { channels, flat } }) {
  if (values.length === 1) return [values[0]];
  const own = shape.slice(shape.findIndex((side) => side !== 1));
  const fits =
    values.length === channels &&
    own[0] === channels &&
    own.length === (flat ? 1 : 3) &&
    own.slice(1).every((side) => side === 1);
  return fits ? Array.from(values) : undefined;
}

/** x * scale + shift, each a number or one for each channel. @param {number[] | null} scale @param {number[] | null} shift @param {Where} where */
function affine(scale, shift, { to, place }) {
  const before = to.list.at(-1);
  const path = `${to.path}.${to.list.length - 1}`;
  const { channels } = to.size;
  const wide = (/** @type {number[]} */ list) => ({
    shape: [channels ?? 1],
    values: Float32Array.from({ length: channels ?? 1 }, (_, i) => list[i % list.length]),
  });
  if (
    shift &&
    before?.type === 'dense' &&
    before.useBias === false &&
    !before.activation &&
    shift.length === before.units
  ) {
    delete before.useBias;
    to.sources.get(path).bias = wide(shift);
  } else if (shift && before?.type === 'rescaling' && before.offset === undefined && shift.length === 1)
    [before.offset] = shift;
  else if ((scale ?? shift)?.length === 1)
    to.emit({ type: 'rescaling', scale: scale?.[0] ?? 1, ...(shift && { offset: shift[0] }) }, place);
  else if (shift && before?.type === 'batchNormalization' && to.sources.get(path).isScale)
    Object.assign(to.sources.get(path), { bias: wide(shift), isScale: false });
  else {
    const source = {
      weight: wide(scale ?? [1]),
      bias: wide(shift ?? [0]),
      running_mean: wide([0]),
      running_var: wide([1]),
      isScale: !shift,
    };
    to.emit({ type: 'batchNormalization', epsilon: kTiny }, place, source);
  }
}

/** @param {(value: number) => { scale?: number, shift?: number }} of  of the constant @param {boolean} isEither  whether it may stand first @returns {(options: Options, where: Where) => void} */
const arithmetic = (of, isEither) => (_, where) => {
  const { to, place, constants, names, state } = where;
  if (to.isStart && state.normalization && /^(mean|deviation)$/.test(names[1])) return;
  const given = constants[0] ?? constants[1];
  const list = given && perChannel(given, to);
  const parts = list?.map(of);
  if (!parts || (constants[0] && !isEither))
    throw problem(
      place.words,
      'one with a number, or one for each channel',
      given ? inWords(given.shape) : 'another input',
    );
  if (state.isHalved && parts.length === 1 && parts[0].scale === 0.5) {
    state.isHalved = false;
    return;
  }
  const [scale, shift] = [parts.map((one) => one.scale), parts.map((one) => one.shift)];
  const isWhole = (/** @type {Array<number | undefined>} */ one) => one[0] !== undefined;
  affine(
    isWhole(scale) ? /** @type {number[]} */ (scale) : null,
    isWhole(shift) ? /** @type {number[]} */ (shift) : null,
    where,
  );
};

/** @param {string} name @returns {(options: Options, where: Where) => void} */
const activation =
  (name) =>
  (_, { to, place }) =>
    to.emit({ type: 'activation', function: name }, place);

/** @param {Options} options @param {Where} where */
function reshape(options, where) {
  const { to, place, state } = where;
  options.only('allowzero', [0]);
  const sides = listOf(where.constants[1]) ?? integers(options, 'shape', []);
  if (sides?.length === 2) return row(where);
  const { channels, sides: around, flat } = to.size;
  const [, ...rest] = sides ?? [];
  const isUnit = flat === true && String(rest) === `${channels},1,1`;
  if (sides?.length === 4 && (isUnit || (flat !== true && String(rest) === String([channels, ...around]))))
    return undefined;
  // One channel in front instead of behind: the same numbers.
  if (sides?.length !== 4 || !to.isStart || state.channelsLast || rest[0] !== 1 || around[1] === undefined)
    throw problem(place.words, 'a row of each sample', inWords(sides));
  to.size = { sides: rest.slice(1), channels: 1, flat: false };
  return undefined;
}

/** @param {Where} where */
function row({ to, place, state }) {
  const { sides, channels, flat } = to.size;
  if (state.channelsLast && flat !== true) state.order = /** @type {number[]} */ ([...sides, channels]);
  state.channelsLast = false;
  to.flatten(place);
}

/** @param {Options} options @param {Where} where */
function transpose(options, { to, place, state }) {
  const order = options.take('perm');
  const { sides, channels } = to.size;
  if (to.isStart && String(order) === '0,3,1,2')
    to.size = { sides: [channels, sides[0]], channels: sides[1], flat: false };
  else if (String(order) === '0,2,3,1' && !state.channelsLast) state.channelsLast = true;
  else throw problem(place.words, 'one that puts channels first at the start, or last before a row', inWords(order));
}

/** @param {Options} options @param {Where} where */
function clip(options, { to, place, constants }) {
  const [least, most] = [
    listOf(constants[1])?.[0] ?? options.take('min'),
    listOf(constants[2])?.[0] ?? options.take('max'),
  ];
  if (least !== 0 || (most !== 6 && most !== undefined))
    throw problem(place.words, 'one from 0 to 6', `${least} to ${most}`);
  to.emit({ type: 'activation', function: most === 6 ? 'relu6' : 'relu' }, place);
}

/** @param {Options} options @param {Where} where */
function pad(options, { to, place, constants }) {
  options.only('mode', ['constant']);
  const pads = listOf(constants[1]) ?? integers(options, 'pads', []);
  const value = listOf(constants[2])?.[0] ?? options.take('value', 0);
  const [n, c, top, left, n2, c2, bottom, right] = pads;
  if (pads.length !== 8 || n || c || n2 || c2 || !(value === 0 || value < -1e38))
    throw problem(place.words, 'one of zeros around pictures', inWords(pads));
  to.pad([top, bottom, left, right], value !== 0, place);
}

/** @param {Options} options @param {Where} where */
function normalization(options, where) {
  const { to, place, state } = where;
  const [weight, bias, mean, variance] = ['scale', 'shift', 'mean', 'variance'].map((what, i) =>
    constant(where, i + 1, what),
  );
  const epsilon = options.number('epsilon', 1e-5);
  const momentum = options.number('momentum', 0.9);
  options.only('spatial', [1]);
  options.only('training_mode', [0]);
  if (state.order) throw problem(place.words, 'before a row whose channels stand last', 'behind it');
  const own = { momentum: Number(momentum.toPrecision(6)), epsilon: Number(epsilon.toPrecision(6)) };
  to.declared('channels', weight.values.length, place);
  to.emit(
    {
      type: 'batchNormalization',
      ...(own.momentum !== 0.9 && { momentum: own.momentum }),
      ...(own.epsilon !== 1e-5 && { epsilon: own.epsilon }),
    },
    place,
    { weight, bias, running_mean: mean, running_var: variance },
  );
}

/** @type {(options: Options, where: Where) => void} */
const nothing = (options) => options.left.clear();

/** By the type of a node. @type {Record<string, (options: Options, where: Where) => void>} */
export const kNodes = {
  Conv: convolution,
  MaxPool: (options, where) => pool(options, where, 'maxPool2d'),
  AveragePool: (options, where) => pool(options, where, 'averagePool2d'),
  GlobalAveragePool: (_, { to, place }) => to.average(1, place),
  ReduceMean(options, where) {
    const axes = options.take('axes') ?? listOf(where.constants[1]);
    options.take('keepdims');
    options.take('noop_with_empty_axes');
    if (!['2,3', '-2,-1', '-1,-2'].includes(String(axes)) || where.state.channelsLast)
      throw problem(where.place.words, 'a mean over each map', inWords(axes));
    where.to.average(1, where.place);
  },
  Gemm(options, where) {
    options.only('alpha', [1]);
    options.only('beta', [1]);
    options.only('transA', [0]);
    const isTurned = options.take('transB', 0) === 0;
    dense(where, isTurned, /\.zeros$/.test(where.names[2] ?? '') ? null : where.constants[2]);
  },
  MatMul: (_, where) => dense(where, true, null),
  BatchNormalization: normalization,
  Flatten(options, where) {
    options.only('axis', [1]);
    row(where);
  },
  Reshape: reshape,
  Transpose: transpose,
  Squeeze: (options, { to, place }) => {
    options.take('axes');
    if (to.size.flat !== true)
      throw problem(place.words, 'behind the mean over each map', 'one that changes the shape');
  },
  Pad: pad,
  Clip: clip,
  Relu: activation('relu'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Gelu(options, where) {
    options.only('approximate', ['none']);
    activation('gelu')(options, where);
  },
  Elu(options, where) {
    options.only('alpha', [1]);
    activation('elu')(options, where);
  },
  LeakyRelu(options, { to, place }) {
    const slope = Number(options.number('alpha', 0.01).toPrecision(6));
    to.emit({ type: 'activation', function: 'leakyRelu', ...(slope !== 0.01 && { negativeSlope: slope }) }, place);
  },
  Softmax(options, { to, place }) {
    options.only('axis', [1, -1]);
    to.finish('softmax', place);
  },
  LogSoftmax: (options, where) => kNodes.Softmax(options, where),
  Dropout(options, { to, place, constants }) {
    options.take('seed');
    const rate = Number((listOf(constants[1])?.[0] ?? options.number('ratio', 0.5)).toPrecision(6));
    if (rate > 0) to.emit({ type: 'dropout', rate }, place);
  },
  Identity: nothing,
  Cast: nothing,
  Mul: arithmetic((value) => ({ scale: value }), true),
  Div: arithmetic((value) => ({ scale: 1 / value }), false),
  Add: arithmetic((value) => ({ shift: value }), true),
  Sub: arithmetic((value) => ({ shift: -value }), false),
};
