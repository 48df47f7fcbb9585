// The network of an experiment spelled out for another program: one plain operation after the other, with its numbers, the names
// of its weights and the shape that comes out. The three ways out (export_*.js) only put these operations into their own words.
//
// Shapes are [height, width, channels]. `flat` values are rows of numbers; those of a flattened picture stand in (C,H,W) order, as
// PyTorch has them. `borders` are what a window may hang over, [top, bottom, left, right]; those of `same` no mean counts.
import { backboneLayers } from './backbone.js';
import { InputError, inWords } from './experiment.js';

/**
 * @typedef {[number, number, number]} Shape
 * @typedef {{ op: string, shape: Shape, flat: boolean, [key: string]: any }} Operation
 * @typedef {{ shape: Shape, flat: boolean }} Place  what the next operation is given
 * @typedef {{ operations: Operation[], tensors: Map<string, number[]>, outputs: number }} Architecture
 */

const kConvolutions = ['conv2d', 'depthwiseConv2d', 'residual', 'backbone'];
const kKernels = ['dense', ...kConvolutions];
const kNeedPictures = [...kConvolutions, 'maxPool2d', 'averagePool2d', 'globalAveragePool2d'];

const sumOf = (/** @type {number[]} */ list) => list.reduce((sum, one) => sum + one, 0);
const size = (/** @type {Shape} */ [height, width, channels]) => height * width * channels;
const inShape = (/** @type {Shape} */ shape) => shape.join(' x ');

/**
 * Transfer learning's regimes, as core/network.cpp has them: every layer before this one is frozen.
 * @param {any[]} layers
 * @param {string | undefined} freeze
 */
function firstTrained(layers, freeze) {
  const kinds = { all: kKernels, most: kConvolutions }[freeze ?? 'none'];
  return kinds ? Math.max(0, layers.map(({ type }) => kinds.includes(type)).lastIndexOf(true)) : 0;
}

class Walk {
  /** @type {Map<string, number[]>} */
  tensors = new Map();

  /** @param {any} experiment */
  constructor(experiment) {
    this.experiment = experiment;
  }

  /**
   * @param {any[]} layers
   * @param {string} path  of the list, as in `layers[3].layers`; names of weights are the same with dots
   * @param {Place} place
   * @param {number} trainedFrom  layers before this one are frozen
   * @param {string} [freeze]  transfer learning's regime, where the list is the experiment's
   * @returns {Operation[]}
   */
  list(layers, path, place, trainedFrom, freeze) {
    /** @type {Operation[]} */
    const operations = [];
    const last = () => operations.at(-1) ?? place;
    for (const [i, layer] of layers.entries()) {
      const here = `${path}[${i}]`;
      if (kNeedPictures.includes(layer.type) && last().flat) {
        if (size(last().shape) !== last().shape[2]) {
          refuse(here, 'an input that is still a picture, not behind flatten', inShape(last().shape));
        }
        operations.push({ ...last(), op: 'unflatten', flat: false });
      }
      if ((layer.type === 'dense' || layer.type === 'flatten') && !last().flat) {
        const [height, width] = last().shape;
        if (layer.type === 'dense' && height * width !== 1) refuse(here, 'behind flatten', inShape(last().shape));
        operations.push({ op: 'flatten', from: last().shape, shape: last().shape, flat: true });
      }
      if (layer.type === 'backbone') {
        const inside = backboneLayers(layer.name, layer.output);
        const isTrained = layer.trainable !== false && i >= trainedFrom;
        const from = isTrained ? firstTrained(inside, i > trainedFrom ? 'none' : freeze) : Infinity;
        const inner = this.list(inside, `${here}.layers`, last(), from);
        operations.push({ ...place_(inner[inner.length - 1]), op: 'backbone', name: nameOf(here), operations: inner });
        continue;
      }
      if (layer.type !== 'flatten') operations.push(this.#layer(layer, here, last(), i >= trainedFrom));
      if (layer.activation && layer.activation !== 'linear') {
        operations.push({ ...place_(last()), op: 'activation', function: layer.activation, slope: 0.01 });
      }
    }
    return operations;
  }

  /**
   * The engine keeps flattened pictures in (H,W,C) order, and what leaves a list of layers is seen in that order.
   * @param {Operation[]} operations
   * @param {Place} place
   */
  finish(operations, place) {
    const { shape, flat } = operations.at(-1) ?? place;
    if (flat && size(shape) !== shape[2]) {
      operations.push({ op: 'channelsLast', from: shape, shape: [1, 1, size(shape)], flat });
    }
  }

  /**
   * @param {any} layer
   * @param {string} here
   * @param {Place} place
   * @param {boolean} trained
   * @returns {Operation}
   */
  #layer(layer, here, place, trained) {
    const { shape, flat } = place;
    const name = nameOf(here);
    const trainable = layer.trainable !== false && trained;
    const penalties = { l1: layer.l1 ?? this.experiment.l1 ?? 0, l2: layer.l2 ?? this.experiment.l2 ?? 0 };
    switch (layer.type) {
      case 'dense': {
        const inputs = size(shape);
        const bias = layer.useBias !== false;
        this.#tensor(name, { weight: [layer.units, inputs], ...(bias && { bias: [layer.units] }) });
        return {
          ...{ op: 'dense', name, inputs, units: layer.units, bias, trainable, ...penalties },
          ...{ shape: [1, 1, layer.units], flat: true },
        };
      }
      case 'conv2d':
      case 'depthwiseConv2d': {
        const depthwise = layer.type === 'depthwiseConv2d';
        const bias = layer.useBias !== false;
        return this.#convolution(here, place, {
          ...{
            name,
            filters: depthwise ? shape[2] : layer.filters,
            groups: depthwise ? shape[2] : 1,
            depthwise,
            bias,
            trainable,
          },
          ...{ ...penalties, ...windowOf(here, shape, layer.kernelSize, layer.strides ?? 1, layer.padding) },
        });
      }
      case 'maxPool2d':
      case 'averagePool2d': {
        const poolSize = layer.poolSize ?? 2;
        const window = windowOf(here, shape, poolSize, layer.strides ?? poolSize, layer.padding);
        const most = Math.max(...window.borders);
        if (most >= poolSize) refuse(`${here}.padding`, `less than poolSize, which is ${poolSize}`, String(most));
        return { op: layer.type, name, ...window, shape: [...window.sides, shape[2]], flat };
      }
      case 'globalAveragePool2d':
        return { op: 'globalAverage', shape: [1, 1, shape[2]], flat: true };
      case 'batchNormalization': {
        const features = flat ? size(shape) : shape[2];
        const tensor = [features];
        this.#tensor(name, { weight: tensor, bias: tensor, running_mean: tensor, running_var: tensor });
        const { momentum = 0.9, epsilon = 1e-5 } = layer;
        return { op: 'batchNorm', name, features, momentum, epsilon, trainable, shape, flat };
      }
      case 'rescaling':
        return { op: 'rescaling', scale: layer.scale, offset: layer.offset ?? 0, shape, flat };
      case 'dropout':
        return { op: 'dropout', rate: layer.rate, shape, flat };
      case 'activation':
        return {
          ...{ op: 'activation', function: layer.function, slope: layer.negativeSlope ?? 0.01, shape, flat },
          ...(layer.isTap && { isTap: true }),
        };
      case 'pyramidPooling':
        return { op: 'pyramidPooling', parts: layer.parts, power: 0.7, shape: [1, 1, sumOf(layer.parts)], flat: true };
      case 'centering':
        this.#tensor(name, { running_mean: [shape[2]] });
        return { op: 'centering', name, parts: layer.parts, last: 3, shape, flat };
      case 'residual':
        return this.#residual(layer, here, name, place, trained);
      default:
        return refuse(`${here}.type`, 'a layer that can be exported', inWords(layer.type));
    }
  }

  /**
   * @param {string} here
   * @param {Place} place
   * @param {any} options
   * @returns {Operation}
   */
  #convolution(here, { shape }, options) {
    const { name, filters, kernel, groups, bias } = options;
    this.#tensor(name, { weight: [filters, shape[2] / groups, kernel, kernel], ...(bias && { bias: [filters] }) });
    const { sides, ...window } = options;
    return { op: 'convolution', channels: shape[2], ...window, shape: [...sides, filters], flat: false };
  }

  /**
   * @param {any} layer
   * @param {string} here
   * @param {string} name
   * @param {Place} place
   * @param {boolean} trained
   * @returns {Operation}
   */
  #residual(layer, here, name, place, trained) {
    const trainable = layer.trainable !== false && trained;
    const operations = this.list(layer.layers, `${here}.layers`, place, trainable ? 0 : Infinity);
    this.finish(operations, place);
    const { shape, flat } = operations.at(-1) ?? place;
    /** @type {Operation | null} */
    let projection = null;
    if (shape.some((side, i) => side !== place.shape[i])) {
      const strides = Math.ceil(place.shape[0] / shape[0]);
      projection = this.#convolution(here, place, {
        ...{ name: `${name}.projection`, filters: shape[2], groups: 1, bias: false, trainable },
        ...{ l1: this.experiment.l1 ?? 0, l2: this.experiment.l2 ?? 0, ...windowOf(here, place.shape, 1, strides) },
      });
      if (projection.shape.some((side, i) => side !== shape[i])) {
        refuse(`${here}.layers`, `an output that a stride brings ${inShape(place.shape)} to`, inShape(shape));
      }
    }
    return { op: 'residual', name, operations, projection, shape, flat };
  }

  /** @param {string} name @param {Record<string, number[]>} shapes */
  #tensor(name, shapes) {
    for (const [key, shape] of Object.entries(shapes)) this.tensors.set(`${name}.${key}`, shape);
  }
}

/** Of a layer's tensors. @param {string} here */
const nameOf = (here) => here.replace(/\[(\d+)\]/g, '.$1');
const place_ = (/** @type {Place} */ { shape, flat }) => ({ shape, flat });

/**
 * @param {string} path
 * @param {string} expected
 * @param {string} given
 * @returns {never}
 */
function refuse(path, expected, given) {
  throw new InputError([{ path, expected, given }]);
}

/**
 * A convolution's or a pool's window, and how many of them stand below and beside each other.
 * @param {string} here
 * @param {Shape} shape
 * @param {number} kernel
 * @param {number} strides
 * @param {any} [padding]
 * @returns {{ kernel: number, strides: number, borders: number[], same: boolean, sides: [number, number] }}
 */
function windowOf(here, shape, kernel, strides, padding = 'valid') {
  const same = padding === 'same';
  const given = Array.isArray(padding) ? padding : Array(4).fill(typeof padding === 'number' ? padding : 0);
  const borders = same ? [0, 1].flatMap((axis) => sameBorders(shape[axis], kernel, strides)) : given;
  const [rows, columns] = [0, 1].map((axis) => {
    const room = shape[axis] + borders[2 * axis] + borders[2 * axis + 1];
    if (room < kernel) refuse(here, `given at least ${kernel} x ${kernel} pixels`, inShape(shape));
    return Math.floor((room - kernel) / strides) + 1;
  });
  return { kernel, strides, borders, same, sides: [rows, columns] };
}

/** Keras's and ONNX's "same": what ceil(side / strides) windows lack, the surplus behind. @param {number} side @param {number} kernel @param {number} strides */
export function sameBorders(side, kernel, strides) {
  const lacking = Math.max(0, (Math.ceil(side / strides) - 1) * strides + kernel - side);
  return [Math.floor(lacking / 2), Math.ceil(lacking / 2)];
}

/**
 * @param {any} experiment  with every default written out
 * @param {Shape} shape  of one sample
 * @returns {Architecture}
 */
export function architectureOf(experiment, shape) {
  const walk = new Walk(experiment);
  const place = { shape, flat: false };
  const freeze = experiment.transfer?.freeze;
  const operations = walk.list(experiment.layers, 'layers', place, firstTrained(experiment.layers, freeze), freeze);
  walk.finish(operations, place);
  const end = operations.at(-1) ?? place;
  if (size(end.shape) !== end.shape[2]) refuse('layers', 'a last layer that gives numbers', inShape(end.shape));
  if (!end.flat) operations.push({ op: 'flatten', from: end.shape, shape: end.shape, flat: true });
  return { operations, tensors: walk.tensors, outputs: size(end.shape) };
}

/**
 * Every operation, those within a backbone or residual blocks and their projections too.
 * @param {Operation[]} operations
 * @returns {Operation[]}
 */
export function everyOperation(operations) {
  return operations.flatMap((operation) =>
    operation.operations
      ? [operation, ...everyOperation(operation.operations), ...(operation.projection ? [operation.projection] : [])]
      : [operation],
  );
}
