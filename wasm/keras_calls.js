// A layer of Keras as a Python text makes it, as layers of ours: what its JSON would hold (keras_layers.js), with the starts and penalties of its
// weights, which a text is read for as well.
import { inWords, problem } from './experiment.js';
import { kKerasLayers, zeros } from './keras_layers.js';
import { Options } from './layer_options.js';
import { Call, Path } from './python_values.js';

/**
 * @typedef {import('./chain_layers.js').Conversion} Conversion
 * @typedef {import('./chain_layers.js').Place} Place
 */

const kConvolution =
  'strides padding data_format dilation_rate groups activation use_bias kernel_initializer bias_initializer kernel_regularizer';
const kPool = 'pool_size strides padding data_format';
/** The names of the options in their order. @type {Record<string, string>} */
const kSignatures = {
  Dense: 'units activation use_bias kernel_initializer bias_initializer kernel_regularizer',
  Conv2D: `filters kernel_size ${kConvolution}`,
  SeparableConv2D: `filters kernel_size ${kConvolution.replace('groups', 'depth_multiplier')}`,
  DepthwiseConv2D: `kernel_size ${kConvolution.replace('dilation_rate groups', 'depth_multiplier data_format dilation_rate').replace('data_format ', '')}`,
  MaxPooling2D: kPool,
  AveragePooling2D: kPool,
  BatchNormalization: 'axis momentum epsilon',
  Activation: 'activation',
  ReLU: 'max_value negative_slope threshold',
  LeakyReLU: 'negative_slope',
  ELU: 'alpha',
  Softmax: 'axis',
  Dropout: 'rate noise_shape seed',
  SpatialDropout2D: 'rate',
  Rescaling: 'scale offset',
  ZeroPadding2D: 'padding',
  Reshape: 'target_shape',
  Permute: 'dims',
  Flatten: 'data_format',
};
/** @type {Record<string, string>} */
const kAliases = {
  Convolution2D: 'Conv2D',
  SeparableConvolution2D: 'SeparableConv2D',
  MaxPool2D: 'MaxPooling2D',
  AvgPool2D: 'AveragePooling2D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  SpatialDropout2D: 'Dropout',
};
const kWithoutEffect =
  /^(name|dtype|noise_shape|seed|input_shape|input_dim|batch_input_shape|bias_initializer|(beta|gamma|moving_mean|moving_variance)_initializer|sparse|fused)$/;
const kNoted = /^(bias|activity|beta|gamma)_(regularizer|constraint)$|^(kernel|depthwise|pointwise)_constraint$/;
const kAugmenting = /^(Random\w+|CenterCrop|GaussianNoise|Resizing)$/;
/** @type {Record<string, string>} */
const kInitializers = {
  glorotuniform: 'glorotUniform',
  xavieruniform: 'glorotUniform',
  glorotnormal: 'glorotNormal',
  heuniform: 'heUniform',
  henormal: 'heNormal',
  lecunnormal: 'lecunNormal',
  zeros: 'zeros',
};

/** @param {Record<string, string>} table @param {string} key */
const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

/** @param {any} value  a text, or a name elsewhere, or a call of it @returns {string} */
const named = (value) => {
  if (typeof value === 'string') return value;
  const path = value instanceof Path || value instanceof Call ? value.path : '';
  return path.slice(path.lastIndexOf('.') + 1);
};

const bare = (/** @type {any} */ value) => named(value).replace(/_/g, '').toLowerCase();

/** @param {any} value @param {string} place @returns {{ l1?: number, l2?: number }} */
function penaltyOf(value, place) {
  if (value === null || value === undefined) return {};
  const kind = bare(value);
  const [args, keywords] = value instanceof Call ? [value.args, value.keywords] : [[], new Map()];
  const strength = (/** @type {string} */ key, /** @type {number} */ at, /** @type {number} */ absent) => {
    const given = keywords.get(key) ?? keywords.get('l') ?? args[at] ?? absent;
    if (!Number.isFinite(given)) throw problem(place, `one with a number for ${key}`, inWords(given));
    return given;
  };
  if (kind === 'l1') return { l1: strength('l1', 0, 0.01) };
  if (kind === 'l2') return { l2: strength('l2', 0, 0.01) };
  if (kind !== 'l1l2') throw problem(place, 'one with a penalty of l1, l2 or L1L2', inWords(value));
  const absent = value instanceof Call && value.path.endsWith('l1_l2') ? 0.01 : 0;
  return { l1: strength('l1', 0, absent), l2: strength('l2', 1, absent) };
}

/** What the text says beside the layer itself. @param {Record<string, any>} config  emptied of it @param {Conversion} to @param {Place} place */
function trainingOf(config, to, place) {
  const more = /** @type {Record<string, any>} */ ({});
  for (const key of Object.keys(config)) {
    const value = config[key];
    const isStart = /^(kernel|depthwise|pointwise)_initializer$/.test(key);
    const isPenalty = /^(kernel|depthwise|pointwise)_regularizer$/.test(key);
    if (!(isStart || isPenalty || kWithoutEffect.test(key) || kNoted.test(key) || key === 'trainable')) continue;
    delete config[key];
    if (isStart) {
      const known = own(kInitializers, bare(value));
      if (known && known !== 'glorotUniform') more.kernelInitializer = known;
      if (!known)
        to.note(
          'initializer',
          place,
          `it starts by ${named(value) || inWords(value)} there, and by glorotUniform here`,
          { given: named(value) || inWords(value) },
        );
    } else if (isPenalty) Object.assign(more, penaltyOf(value, place.words));
    else if (kNoted.test(key) && value !== null) to.note('option', place, `${key} is left out`, { option: key });
    else if (key === 'trainable' && value === false) more.trainable = false;
  }
  return more;
}

/** As Keras's JSON has it: a function is its name. @param {any} value */
const plain = (value) => (value instanceof Path ? named(value) : value);

/**
 * @param {Call} call
 * @param {Record<string, any>} config  by the names of its options
 * @param {Conversion} to
 * @param {Place} place
 */
export function readKeras(call, config, to, place) {
  const written = named(call);
  const name = own(kAliases, written) ?? written;
  const source = typeof config.name === 'string' ? config.name : undefined;
  if (written === 'SpatialDropout2D') to.note('dropout', place, 'it drops whole maps there, and single numbers here');
  if (name === 'InputLayer') return;
  if (kAugmenting.test(name))
    return to.note(
      'augmentation',
      place,
      `${name} is left out: what happens to samples in training is "augmentation" here`,
      { layer: name },
    );
  if (name === 'Normalization')
    return to.note('normalization', place, 'it is left out: "normalize" of the data set stands for it');
  const more = trainingOf(config, to, place);
  const options = new Options(place.words, config);
  if (name === 'Reshape') return reshape(options, to, place);
  if (name === 'Permute') {
    options.only('dims', [[3, 1, 2]]); // before a Flatten, in the order of our weights
    return options.finish();
  }
  if (name === 'ZeroPadding2D') {
    to.pad(zeros(options), false, place);
    return options.finish();
  }
  if (name === 'ELU') {
    options.only('alpha', [1]);
    options.finish();
    return to.emit({ type: 'activation', function: 'elu' }, place);
  }
  if (name === 'LeakyReLU' && options.left.has('negative_slope'))
    options.left.set('alpha', options.take('negative_slope'));
  const slope = leakyOf(options);
  if (name === 'SeparableConv2D') return separable(options, more, slope, to, place, source);
  if (!Object.hasOwn(kKerasLayers, name)) throw unknown(place, call);
  const { softmax, type, ...layer } = kKerasLayers[name](options, null);
  options.finish();
  if (type === 'rescaling') return rescale(layer, to, place);
  if (type === 'flatten') to.flatten(place);
  else if (type) to.emit({ type, ...tidy(type, layer), ...more }, place, source ?? null);
  if (slope !== undefined)
    to.emit({ type: 'activation', function: 'leakyRelu', ...(slope !== 0.01 && { negativeSlope: slope }) }, place);
  if (softmax) to.finish('softmax', place);
}

/** Only what is not ours by itself. @param {string} type @param {any} layer */
function tidy(type, { padding, strides, negativeSlope, activation, momentum, epsilon, ...rest }) {
  const usual = rest.poolSize ?? 1;
  return {
    ...rest,
    ...(strides !== undefined && strides !== usual && { strides }),
    ...(padding !== undefined && padding !== 'valid' && { padding }),
    ...(negativeSlope !== undefined && negativeSlope !== 0.01 && { negativeSlope }),
    ...(type === 'batchNormalization' && momentum !== 0.9 && { momentum }),
    ...(type === 'batchNormalization' && epsilon !== 1e-5 && { epsilon }),
    ...(activation && { activation }),
  };
}

/** The slope of activation="leaky_relu", which no option tells; it is taken out. @param {Options} options */
function leakyOf(options) {
  const given = options.left.get('activation');
  if (given instanceof Call && /LeakyReLU$/.test(given.path)) {
    options.left.set('activation', null);
    return given.args[0] ?? given.keywords.get('negative_slope') ?? given.keywords.get('alpha') ?? 0.3;
  }
  if (given !== 'leaky_relu') return undefined;
  options.left.set('activation', null);
  return 0.2;
}

/** Depthwise, then pointwise: two layers here, with one bias. @param {Options} options @param {any} more @param {number | undefined} slope @param {Conversion} to @param {Place} place @param {string | undefined} source */
function separable(options, more, slope, to, place, source) {
  options.only('depth_multiplier', [1]);
  const { filters, useBias, activation, type, ...window } = kKerasLayers.Conv2D(options, null);
  options.finish();
  to.emit({ type: 'depthwiseConv2d', ...tidy(type, window), useBias: false, ...more }, place, source);
  to.emit(
    {
      type: 'conv2d',
      filters,
      kernelSize: 1,
      ...(useBias === false && { useBias }),
      ...(activation && { activation }),
      ...more,
    },
    place,
    source,
  );
  if (slope !== undefined) to.emit({ type: 'activation', function: 'leakyRelu', negativeSlope: slope }, place);
}

/** @param {{ scale: number, offset: number }} layer @param {Conversion} to @param {Place} place */
function rescale({ scale, offset }, to, place) {
  const isOfBytes = to.isStart && scale > 0 && scale <= 1 / 64;
  if (isOfBytes)
    to.note('bytes', place, 'bytes become 0..1 here before the first layer: what it divides by is left out');
  const kept = isOfBytes ? Number((scale * 255).toPrecision(6)) : scale;
  if (kept !== 1 || offset !== 0) to.emit({ type: 'rescaling', scale: kept, ...(offset !== 0 && { offset }) }, place);
}

/** @param {Options} options @param {Conversion} to @param {Place} place */
function reshape(options, to, place) {
  const shape = options.take('target_shape');
  const sides = Array.isArray(shape) ? shape : [shape];
  options.finish();
  if (sides.length === 1) return to.flatten(place);
  const isRow = sides.length === 3 && sides[0] === 1 && sides[1] === 1 && to.size.flat === true;
  const isWhole = sides.length === 3 && sides.every((side) => Number.isInteger(side) && side > 0);
  if (!isRow && !(to.isStart && isWhole))
    throw problem(place.words, 'a row, or the shape of the samples before the first layer', inWords(shape));
  if (!isRow) to.size = { sides: sides.slice(0, 2), channels: sides[2], flat: false };
  return undefined;
}

/** @param {Place} place @param {Call} call */
export function unknown(place, call) {
  const kind = named(call);
  const isSequence = /LSTM|GRU|RNN|Embedding|Attention|Transformer|Conv1|TextVectorization/i.test(kind);
  const isOther = /Norm/.test(kind);
  const expected = isSequence
    ? 'a layer of pictures or rows (sequences are not known here)'
    : isOther
      ? 'a batch normalization, the one that is known here'
      : 'a layer that is known here';
  return problem(place.words, expected, inWords(call));
}

/**
 * The options of a call by their names.
 * @param {string} signature  in their order
 * @param {Call} call
 */
export function bound(signature, { args, keywords }) {
  const names = signature.split(' ').filter(Boolean);
  return Object.fromEntries([
    ...args.map((value, i) => [names[i] ?? `option ${i + 1}`, plain(value)]),
    ...[...keywords].map(([key, value]) => [key, plain(value)]),
  ]);
}

/** @param {Call} call */
export function kerasOptions(call) {
  const name = named(call);
  return bound(own(kSignatures, own(kAliases, name) ?? name) ?? '', call);
}

/** The shape of a sample that a first layer says: input_shape, input_dim or batch_input_shape. @param {Call} call @returns {any} */
export function shapeToldBy({ path, args, keywords }) {
  const isInput = path.endsWith('.InputLayer');
  const dimension = keywords.get('input_dim');
  const batch = keywords.get('batch_input_shape') ?? keywords.get('batch_shape');
  return (
    keywords.get('input_shape') ??
    (isInput ? (args[0] ?? keywords.get('shape')) : undefined) ??
    batch?.slice?.(1) ??
    (dimension && [dimension])
  );
}
