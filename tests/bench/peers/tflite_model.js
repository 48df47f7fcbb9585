// A network as LiteRT takes it: a TensorFlow Lite model, written from the operations of architecture.js as its converter writes one for
// predictions, with batch normalization in the kernels and biases (computed in float64) and activations fused. Tables are written by the
// places of their fields: https://github.com/tensorflow/tensorflow/blob/v2.18.0/tensorflow/compiler/mlir/lite/schema/schema.fbs

/** BuiltinOperator, and the kind of its options: BuiltinOptions */
const operators = {
  add: [0, 11],
  convolution: [3, 1],
  depthwise: [4, 2],
  dense: [9, 8],
  multiply: [18, 21],
  mean: [40, 27],
};
const fused = { linear: 0, relu: 1, relu6: 3 }; // ActivationFunctionType
const [same, valid] = [0, 1]; // Padding
const [float32, int32] = [0, 2]; // TensorType

class Model {
  #builder;
  #buffers = [];
  #tensors = [];
  #nodes = [];
  #codes = [];

  constructor(flatbuffers) {
    this.#builder = new flatbuffers.Builder(1 << 24);
    this.#buffer(new Uint8Array(0)); // the one of tensors that are no constants
  }

  /** A table of the fields given, each `[place, kind, value]`; returns its offset. */
  #table(fields) {
    this.#builder.startObject(1 + Math.max(...fields.map(([place]) => place), 0));
    for (const [place, kind, value] of fields) this.#builder[`addField${kind}`](place, value, 0);
    return this.#builder.endObject();
  }

  #integers(list) {
    this.#builder.startVector(4, list.length, 4);
    for (const one of [...list].reverse()) this.#builder.addInt32(one);
    return this.#builder.endVector();
  }

  #offsets(list) {
    this.#builder.startVector(4, list.length, 4);
    for (const one of [...list].reverse()) this.#builder.addOffset(one);
    return this.#builder.endVector();
  }

  #buffer(bytes) {
    const builder = this.#builder;
    builder.startVector(1, bytes.length, 16);
    builder.space -= bytes.length;
    builder.bb.bytes().set(bytes, builder.space);
    this.#buffers.push(this.#table([[0, 'Offset', builder.endVector()]]));
    return this.#buffers.length - 1;
  }

  /** Each returns the tensor's number. */
  tensor(shape, type = float32, buffer = 0) {
    const name = this.#builder.createString(`tensor ${this.#tensors.length}`);
    this.#tensors.push(
      this.#table([
        [0, 'Offset', this.#integers(shape)],
        [1, 'Int8', type],
        [2, 'Int32', buffer],
        [3, 'Offset', name],
      ]),
    );
    return this.#tensors.length - 1;
  }

  constant(shape, values) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.tensor(shape, values instanceof Int32Array ? int32 : float32, this.#buffer(bytes));
  }

  /** Adds an operator with its options, in the form of #table; returns the tensor that comes out, of the shape given. */
  node(operator, inputs, shape, options) {
    const output = this.tensor(shape);
    if (!this.#codes.includes(operator)) this.#codes.push(operator);
    this.#nodes.push(
      this.#table([
        [0, 'Int32', this.#codes.indexOf(operator)],
        [1, 'Offset', this.#integers(inputs)],
        [2, 'Offset', this.#integers([output])],
        [3, 'Int8', operators[operator][1]],
        [4, 'Offset', this.#table(options)],
      ]),
    );
    return output;
  }

  file(input, output) {
    const graph = this.#table([
      [0, 'Offset', this.#offsets(this.#tensors)],
      [1, 'Offset', this.#integers([input])],
      [2, 'Offset', this.#integers([output])],
      [3, 'Offset', this.#offsets(this.#nodes)],
    ]);
    const codes = this.#codes.map((operator) => {
      const [code] = operators[operator];
      return this.#table([
        [0, 'Int8', code], // for readers that are older than the other field
        [2, 'Int32', 1],
        [3, 'Int32', code],
      ]);
    });
    const model = this.#table([
      [0, 'Int32', 3], // the schema's version
      [1, 'Offset', this.#offsets(codes)],
      [2, 'Offset', this.#offsets([graph])],
      [4, 'Offset', this.#offsets(this.#buffers)],
    ]);
    this.#builder.finish(model, 'TFL3');
    return this.#builder.asUint8Array().slice();
  }
}

/**
 * The network's logits, a batch at a time.
 * @param {any} flatbuffers  the library
 * @param {{ operations: any[], tensors: Map<string, { shape: number[], values: Float32Array }> }} network
 * @param {number} batch
 * @param {number[]} picture  height, width, channels
 */
export function tfliteModel(flatbuffers, { operations, tensors }, batch, picture) {
  const model = new Model(flatbuffers);
  const valuesOf = (name) => tensors.get(name)?.values;

  /** The operations in a row, from tensor x on; returns the last tensor. */
  function chain(list, x) {
    for (let i = 0; i < list.length; ++i) {
      const operation = list[i];
      const shape = [batch, ...operation.shape];
      switch (operation.op) {
        case 'backbone':
          x = chain(operation.operations, x);
          break;
        case 'residual': {
          if (operation.projection) throw new Error('no projection here');
          x = model.node('add', [chain(operation.operations, x), x], shape, [[0, 'Int8', fused.linear]]);
          break;
        }
        case 'rescaling': {
          const number = (value) => model.constant([1], Float32Array.of(value));
          const none = [[0, 'Int8', fused.linear]];
          x = model.node('multiply', [x, number(operation.scale)], shape, none);
          x = model.node('add', [x, number(operation.offset)], shape, none);
          break;
        }
        case 'convolution': {
          const norm = list[i + 1]?.op === 'batchNorm' ? list[++i] : null;
          const activation = list[i + 1]?.op === 'activation' ? list[++i].function : 'linear';
          x = convolution(operation, norm, activation, x);
          break;
        }
        case 'globalAverage': {
          x = model.node('mean', [x, model.constant([2], Int32Array.of(1, 2))], [batch, operation.shape[2]], []);
          break;
        }
        case 'dense': {
          const { name, inputs, units } = operation;
          const weight = model.constant([units, inputs], valuesOf(`${name}.weight`));
          const bias = model.constant([units], valuesOf(`${name}.bias`));
          x = model.node('dense', [x, weight, bias], [batch, units], [[0, 'Int8', fused.linear]]);
          break;
        }
        default:
          throw new Error(`no ${operation.op} here`);
      }
    }
    return x;
  }

  function convolution(operation, norm, activation, x) {
    const { name, depthwise, filters, kernel: side, strides, borders } = operation;
    if (!operation.same && borders.some((border) => border > 0)) throw new Error('no borders but those of same here');
    if (!(activation in fused)) throw new Error(`no ${activation} here`);
    const [scales, biases] = folded(operation, norm);
    const weights = valuesOf(`${name}.weight`);
    const inputs = depthwise ? 1 : operation.channels;
    const kernel = new Float32Array(weights.length);
    for (let o = 0, from = 0; o < filters; ++o) {
      for (let c = 0; c < inputs; ++c) {
        for (let at = 0; at < side * side; ++at) {
          const to = depthwise ? at * filters + o : (o * side * side + at) * inputs + c;
          kernel[to] = weights[from++] * scales[o];
        }
      }
    }
    const shape = depthwise ? [1, side, side, filters] : [filters, side, side, inputs];
    return model.node(
      depthwise ? 'depthwise' : 'convolution',
      [x, model.constant(shape, kernel), model.constant([filters], biases)],
      [batch, ...operation.shape],
      [
        [0, 'Int8', operation.same ? same : valid],
        [1, 'Int32', strides],
        [2, 'Int32', strides],
        ...(depthwise ? [[3, 'Int32', 1]] : []), // outputs of each channel
        [depthwise ? 4 : 3, 'Int8', fused[activation]],
        [depthwise ? 5 : 4, 'Int32', 1], // dilation
        [depthwise ? 6 : 5, 'Int32', 1],
      ],
    );
  }

  /** What a filter is multiplied with, and what is added to it. @returns {[Float64Array, Float32Array]} */
  function folded({ name, filters }, norm) {
    const bias = valuesOf(`${name}.bias`) ?? new Float32Array(filters);
    if (!norm) return [new Float64Array(filters).fill(1), bias];
    const [weight, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((key) =>
      valuesOf(`${norm.name}.${key}`),
    );
    const scales = Float64Array.from(weight, (one, o) => one / Math.sqrt(variance[o] + norm.epsilon));
    return [scales, Float32Array.from(shift, (one, o) => one + (bias[o] - mean[o]) * scales[o])];
  }

  const input = model.tensor([batch, ...picture]);
  return model.file(input, chain(operations, input));
}
