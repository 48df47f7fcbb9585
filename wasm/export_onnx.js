// The trained network as an ONNX file, opset 10, float32: input "input" (N,C,H,W), as the engine takes it, output "logits"
// (N,K); metadata_props say what they are. Inference only: dropout is left out, batch normalization uses its moving statistics.
// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
//
// Of two ways to say the same it takes the one that old and small readers know too (tests/slow/readers.js runs them).
import { metadataOf } from './export_metadata.js';
import { kVersion } from './weights_file.js';
import { bytes, float, integer, message } from './protobuf.js';

/**
 * @typedef {import('./architecture.js').Operation} Operation
 * @typedef {number | { float: number } | number[]} Attribute  an integer, a float, integers
 */

const kOpset = 10; // the last one in which Clip and Pad have attributes, as OpenCV 4.6 wants them
const kIrVersion = 5; // of ONNX 1.5, which brought opset 10
const kFloat = 1; // TensorProto.DataType
const kInt64 = 7;

/** @typedef {{ type: string, inputs: string[], output: string, attributes: Record<string, Attribute> }} Node */

class Graph {
  /** @type {Node[]} */
  nodes = [];
  /** @type {Map<string, Uint8Array>} */
  initializers = new Map();
  /** Maps that a pyramid looks at, then its parts. @type {string[]} */
  taps = [];
  #count = 0;

  /** @param {Map<string, { shape: number[], values: Float32Array }>} tensors */
  constructor(tensors) {
    this.tensors = tensors;
  }

  /**
   * Adds a node and returns the name of its output.
   * @param {string} type
   * @param {string[]} inputs
   * @param {Record<string, Attribute>} [attributes]
   */
  node(type, inputs, attributes = {}) {
    const output = `${type}_${this.#count++}`;
    this.nodes.push({ type, inputs, output, attributes });
    return output;
  }

  /** A tensor of the weights, by its name. @param {string} name */
  weight(name) {
    const { shape, values } = /** @type {{ shape: number[], values: Float32Array }} */ (this.tensors.get(name));
    return this.constant(name, shape, kFloat, values);
  }

  /** One number for each channel of a picture, or for each of a row's numbers. @param {string} name @param {number[] | Float32Array} values @param {boolean} flat */
  perChannel(name, values, flat = false) {
    return this.constant(name, flat ? [values.length] : [values.length, 1, 1], kFloat, Float32Array.from(values));
  }

  /** @param {string} name @param {number[]} shape @param {number} type @param {Float32Array | BigInt64Array} values */
  constant(name, shape, type, values) {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const dims = shape.map((side) => integer(1, side));
    this.initializers.set(name, bytes(5, [...dims, integer(2, type), bytes(8, name), bytes(9, raw)]));
    return name;
  }

  /** A single number. @param {number} value */
  number(value) {
    return this.constant(`number_${value}`, [], kFloat, Float32Array.of(value));
  }

  /** Of each sample: 0 keeps the batch's side, and its name. @param {string} x @param {number[]} sides */
  reshape(x, sides) {
    const shape = [0, ...sides];
    const values = BigInt64Array.from(shape.map(BigInt));
    return this.node('Reshape', [x, this.constant(`shape_${shape.join('_')}`, [shape.length], kInt64, values)]);
  }
}

/** @param {Attribute} value */
function attribute(value) {
  if (Array.isArray(value)) return [...value.map((one) => integer(8, one)), integer(20, 7)];
  return typeof value === 'number' ? [integer(3, value), integer(20, 2)] : [float(2, value.float), integer(20, 1)];
}

/** @param {Operation} operation */
function windowAttributes({ kernel, strides, borders: [top, bottom, left, right] }) {
  return { kernel_shape: [kernel, kernel], strides: [strides, strides], pads: [top, left, bottom, right] };
}

/** @param {Graph} graph @param {string} x @param {Operation} operation */
function activation(graph, x, operation) {
  switch (operation.function) {
    case 'relu':
      return graph.node('Relu', [x]);
    case 'relu6':
      return graph.node('Clip', [x], { min: { float: 0 }, max: { float: 6 } });
    case 'leakyRelu':
      return graph.node('LeakyRelu', [x], { alpha: { float: operation.slope } });
    case 'elu':
      return graph.node('Elu', [x], { alpha: { float: 1 } });
    case 'gelu': {
      // x/2 (1 + erf(x / sqrt 2)); a node of its own came with opset 20 only.
      const erf = graph.node('Erf', [graph.node('Mul', [x, graph.number(Math.SQRT1_2)])]);
      const half = graph.node('Mul', [x, graph.number(0.5)]);
      return graph.node('Mul', [half, graph.node('Add', [erf, graph.number(1)])]);
    }
    case 'silu':
      return graph.node('Mul', [x, graph.node('Sigmoid', [x])]);
    case 'tanh':
      return graph.node('Tanh', [x]);
    case 'sigmoid':
      return graph.node('Sigmoid', [x]);
    default:
      return x;
  }
}

/** A dense layer's bias, of zeros where it has none. @param {Graph} graph @param {Operation} operation */
function bias(graph, { name, bias, units }) {
  return bias ? graph.weight(`${name}.bias`) : graph.perChannel(`${name}.zeros`, new Float32Array(units), true);
}

/**
 * Batch normalization of rows as x scale + shift: OpenCV 4.6 is silently wrong about a BatchNormalization behind gelu or silu there.
 * @param {Graph} graph
 * @param {string} x
 * @param {Operation} operation
 */
function flatNorm(graph, x, { name, epsilon }) {
  const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((key) =>
    Array.from(/** @type {{ values: Float32Array }} */ (graph.tensors.get(`${name}.${key}`)).values),
  );
  const scale = weight.map((value, i) => value / Math.sqrt(variance[i] + epsilon));
  const shift = bias.map((value, i) => value - mean[i] * scale[i]);
  const scaled = graph.node('Mul', [x, graph.perChannel(`${name}.scale`, scale, true)]);
  return graph.node('Add', [scaled, graph.perChannel(`${name}.shift`, shift, true)]);
}

/** Each row at length one. @param {Graph} graph @param {string} x */
function unit(graph, x) {
  const length = graph.node('ReduceL2', [x], { axes: [1], keepdims: 1 });
  return graph.node('Div', [x, graph.node('Add', [length, graph.number(1e-12)])]);
}

/** Of the parts of a pyramid. @param {Graph} graph @param {Operation} operation */
function centering(graph, { name, parts, last }) {
  const { values } = /** @type {{ values: Float32Array }} */ (graph.tensors.get(`${name}.running_mean`));
  let at = 0;
  const centred = graph.taps.map((x, i) => {
    const mean = graph.perChannel(`${name}.mean_${i}`, values.slice(at, (at += parts[i])), true);
    const part = graph.node('Sub', [x, mean]);
    return i + 1 < parts.length ? unit(graph, part) : graph.node('Mul', [part, graph.number(last)]);
  });
  return graph.node('Concat', centred, { axis: 1 });
}

/** @param {Graph} graph @param {string} x @param {Operation[]} operations @returns {string} */
function run(graph, x, operations) {
  for (const operation of operations) x = step(graph, x, operation);
  return x;
}

/** @param {Graph} graph @param {string} x @param {Operation} operation @returns {string} */
function step(graph, x, operation) {
  const weights = (/** @type {string[]} */ ...keys) => keys.map((key) => graph.weight(`${operation.name}.${key}`));
  switch (operation.op) {
    case 'dense':
      // Always with a bias: ncnn knows no other.
      return graph.node('Gemm', [x, ...weights('weight'), bias(graph, operation)], { transB: 1 });
    case 'convolution': {
      const inputs = [x, ...weights('weight', ...(operation.bias ? ['bias'] : []))];
      return graph.node('Conv', inputs, { ...windowAttributes(operation), group: operation.groups });
    }
    case 'maxPool2d':
      return graph.node('MaxPool', [x], windowAttributes(operation));
    case 'averagePool2d': {
      const { pads, ...window } = windowAttributes(operation);
      if (operation.same) return graph.node('AveragePool', [x], { ...window, pads, count_include_pad: 0 });
      // Zeros that count are laid around first: OpenCV 4.6 overlooks count_include_pad.
      const [top, left, bottom, right] = pads;
      if (pads.some((side) => side > 0)) x = graph.node('Pad', [x], { pads: [0, 0, top, left, 0, 0, bottom, right] });
      return graph.node('AveragePool', [x], window);
    }
    case 'globalAverage':
      return graph.node('Flatten', [graph.node('GlobalAveragePool', [x])], { axis: 1 });
    case 'batchNorm':
      if (operation.flat) return flatNorm(graph, x, operation);
      return graph.node('BatchNormalization', [x, ...weights('weight', 'bias', 'running_mean', 'running_var')], {
        epsilon: { float: operation.epsilon },
      });
    case 'rescaling':
      return graph.node('Add', [graph.node('Mul', [x, graph.number(operation.scale)]), graph.number(operation.offset)]);
    case 'activation':
      x = activation(graph, x, operation);
      if (operation.isTap) graph.taps.push(x);
      return x;
    case 'pyramidPooling':
      graph.taps = [...graph.taps, x].map((map) => {
        const mean = graph.node('Flatten', [graph.node('GlobalAveragePool', [map])], { axis: 1 });
        return unit(graph, graph.node('Pow', [mean, graph.number(operation.power)]));
      });
      return x;
    case 'centering':
      return centering(graph, operation);
    case 'flatten':
      return graph.node('Flatten', [x], { axis: 1 });
    case 'unflatten':
      return graph.reshape(x, [operation.shape[2], 1, 1]);
    case 'channelsLast': {
      const [height, width, channels] = operation.from;
      const picture = graph.reshape(x, [channels, height, width]);
      return graph.node('Flatten', [graph.node('Transpose', [picture], { perm: [0, 2, 3, 1] })], { axis: 1 });
    }
    case 'backbone':
      return run(graph, x, operation.operations);
    case 'residual': {
      const shortcut = operation.projection ? step(graph, x, operation.projection) : x;
      const flat = operation.flat ? graph.node('Flatten', [shortcut], { axis: 1 }) : shortcut;
      return graph.node('Add', [run(graph, x, operation.operations), flat]);
    }
    default: // dropout does nothing outside training
      return x;
  }
}

/** A node's message; `last` is what the whole network gives. @param {Node} node @param {string} last */
function write({ type, inputs, output, attributes }, last) {
  const name = output === last ? 'logits' : output;
  return bytes(1, [
    ...inputs.map((input) => bytes(1, input)),
    ...[bytes(2, name), bytes(3, name), bytes(4, type)],
    ...Object.entries(attributes).map(([key, value]) => bytes(5, [bytes(1, key), ...attribute(value)])),
  ]);
}

/** @param {string} name @param {Array<number | string>} shape  a text names a side that may be of any length */
function valueInfo(name, shape) {
  const sides = shape.map((side) => bytes(1, [typeof side === 'number' ? integer(1, side) : bytes(2, side)]));
  return [bytes(1, name), bytes(2, [bytes(1, [integer(1, kFloat), bytes(2, sides)])])];
}

/**
 * @param {import('./export.js').Trained} trained
 * @returns {Uint8Array}
 */
export function toOnnx(trained) {
  const { architecture, tensors, preparation } = trained;
  const { normalization } = preparation;
  const [height, width, channels] = trained.shape;
  const graph = new Graph(tensors);
  let x = 'input';
  if (normalization) {
    x = graph.node('Sub', [x, graph.perChannel('mean', normalization.mean)]);
    x = graph.node('Div', [x, graph.perChannel('deviation', normalization.deviation)]);
  }
  x = run(graph, x, architecture.operations);
  const input = valueInfo('input', ['N', channels, height, width]);
  const output = valueInfo('logits', ['N', architecture.outputs]);
  const content = [
    ...graph.nodes.map((node) => write(node, x)),
    bytes(2, 'trainground'),
    ...graph.initializers.values(),
  ];
  return message([
    integer(1, kIrVersion),
    bytes(2, 'trainground'),
    bytes(3, kVersion),
    bytes(7, [...content, bytes(11, input), bytes(12, output)]),
    bytes(8, [bytes(1, ''), integer(2, kOpset)]),
    ...Object.entries(metadataOf(trained)).map(([key, value]) => bytes(14, [bytes(1, key), bytes(2, value)])),
  ]);
}
