// What ONNX Runtime trains from: a graph of forward and backward, a graph of Adam, and a checkpoint with the weights. Its own writer is a
// Python package; this one writes them from the operations of architecture.js, with the operators that that package uses.
// Gradients: https://github.com/microsoft/onnxruntime/blob/v1.19.2/orttraining/orttraining/core/graph/gradient_builder.cc
// Checkpoint: https://github.com/microsoft/onnxruntime/blob/v1.19.2/onnxruntime/core/flatbuffers/schema/ort_training_checkpoint.fbs
import { Graph, microsoft, sequence, type, value } from './onnx_graph.js';

const gradientOf = (name) => `${name} gradient`;
const bufferOf = (name) => `${name}_grad.accumulation.buffer`; // the names by which the runtime finds them
const doneOf = (name) => `${name}_grad.accumulation.out`;

/**
 * The graph of a step: the mean loss of a batch, and every weight's gradient in its buffer.
 * @param {{ operations: any[], tensors: Map<string, { shape: number[], values: Float32Array }>, trained: string[] }} network
 * @param {number} batch
 * @param {[number, number, number]} picture  height, width, channels
 */
export function trainingGraph({ operations, tensors, trained: names }, batch, [height, width, channels]) {
  const graph = new Graph();
  const shapeOf = ({ shape: [rows, columns, depth], flat }) =>
    flat ? [batch, rows * columns * depth] : [batch, depth, rows, columns];
  const input = { shape: [height, width, channels], flat: false };
  const firstLearner = operations.findIndex(({ op }) => ['dense', 'convolution', 'batchNorm'].includes(op));

  const backward = [];
  let x = 'input';
  let before = input;
  for (const [i, operation] of operations.entries()) {
    const step = { x, y: `out ${i}`, dx: `in ${i} gradient`, from: shapeOf(before), wanted: i > firstLearner, i };
    backward.push([step, forward(graph, operation, step)]);
    x = step.y;
    before = operation;
  }
  graph.node('SoftmaxCrossEntropyLoss', [x, 'labels'], ['loss', 'log probabilities'], { reduction: 'mean' });

  let gradient = graph.node(
    'SoftmaxCrossEntropyLossGrad',
    [graph.number(1), 'log probabilities', 'labels'],
    ['logits gradient'],
    { reduction: 'mean' },
    microsoft,
  );
  for (const [step, differentiate] of backward.slice(firstLearner).reverse()) {
    differentiate(gradient);
    gradient = step.wanted ? graph.between(step.dx, step.from) : '';
  }

  const trained = names.map((name) => ({ name, shape: tensors.get(name).shape }));
  for (const { name } of trained) {
    const inputs = [bufferOf(name), gradientOf(name), 'lazy_reset_grad'];
    graph.node('InPlaceAccumulatorV2', inputs, [doneOf(name)], {}, microsoft);
  }
  const floats = (name, shape) => value(name, type.float, shape);
  return graph.model(
    [
      floats('input', shapeOf(input)),
      value('labels', type.int64, [batch]),
      ...trained.map(({ name, shape }) => floats(name, shape)),
      ...trained.map(({ name, shape }) => floats(bufferOf(name), shape)),
      value('lazy_reset_grad', type.bool, [1]),
    ],
    [floats('loss', []), ...trained.map(({ name }) => value(doneOf(name), type.bool, [1]))],
  );
}

/** Adds an operation's forward nodes, and returns what adds its backward ones: from the gradient of y to those of x and the weights. */
function forward(graph, operation, { x, y, dx, from, wanted, i }) {
  const weight = `${operation.name}.weight`;
  const bias = `${operation.name}.bias`;
  switch (operation.op) {
    case 'flatten':
      graph.node('Flatten', [x], [y], { axis: 1 });
      return (dy) => graph.node('Reshape', [dy, graph.list(from)], [dx]);
    case 'dense':
      graph.node('Gemm', [x, weight, bias], [y], { transB: 1 });
      return (dy) => {
        graph.node('Gemm', [dy, x], [gradientOf(weight)], { transA: 1 });
        graph.node('ReduceSum', [dy, graph.list([0])], [gradientOf(bias)], { keepdims: 0 });
        if (wanted) graph.node('Gemm', [dy, weight], [dx]);
      };
    case 'convolution': {
      const { kernel, strides, groups, borders } = operation;
      const [top, bottom, left, right] = borders;
      const window = {
        ...{ kernel_shape: [kernel, kernel], strides: [strides, strides], dilations: [1, 1] },
        ...{ pads: [top, left, bottom, right], group: groups },
      };
      graph.node('Conv', [x, weight, bias], [y], window);
      const outputs = [wanted ? dx : '', gradientOf(weight), gradientOf(bias)];
      return (dy) => graph.node('ConvGrad', [dy, x, weight], outputs, window, microsoft);
    }
    case 'batchNorm': {
      const epsilon = { float: operation.epsilon };
      const [mean, variance] = [0, 1].map((one) => {
        const values = new Float32Array(operation.features).fill(one);
        return graph.constant(`${operation.name} ${one}`, [operation.features], values);
      });
      const [savedMean, savedInverse] = [`mean ${i}`, `inverse deviation ${i}`];
      const outputs = [y, `moving mean ${i}`, `moving variance ${i}`, savedMean, savedInverse];
      const attributes = { epsilon, momentum: { float: operation.momentum }, training_mode: 1 };
      graph.node('BatchNormInternal', [x, weight, bias, mean, variance], outputs, attributes, microsoft);
      return (dy) => {
        const gradients = [dx, gradientOf(weight), gradientOf(bias)];
        graph.node(
          'BatchNormalizationGrad',
          [dy, x, weight, savedMean, savedInverse],
          gradients,
          { epsilon },
          microsoft,
        );
      };
    }
    case 'activation': {
      if (operation.function === 'relu') {
        graph.node('Relu', [x], [y]);
        return (dy) => graph.node('ReluGrad', [dy, y], [dx], {}, microsoft);
      }
      const [low, high] = [graph.number(0), graph.number(6)]; // relu6
      graph.node('Clip', [x, low, high], [y]);
      return (dy) => {
        const above = graph.node('Greater', [x, low], [`above ${i}`]);
        const below = graph.node('Less', [x, high], [`below ${i}`]);
        graph.node('Where', [graph.node('And', [above, below], [`within ${i}`]), dy, low], [dx]);
      };
    }
    case 'maxPool2d': {
      const { kernel, strides } = operation;
      const window = { kernel_shape: [kernel, kernel], strides: [strides, strides] };
      graph.node('MaxPool', [x], [y, `largest ${i}`], window);
      return (dy) => graph.node('MaxPoolGrad', [dy, `largest ${i}`], [dx], window);
    }
    case 'globalAverage': {
      const [batch, channels, height, width] = from;
      graph.node('GlobalAveragePool', [x], [`means ${i}`]);
      graph.node('Flatten', [`means ${i}`], [y], { axis: 1 });
      return (dy) => {
        const share = graph.node('Mul', [dy, graph.number(1 / (height * width))], [`share ${i}`]);
        const pixel = graph.node('Reshape', [share, graph.list([batch, channels, 1, 1])], [`pixel ${i}`]);
        graph.node('Expand', [pixel, graph.list(from)], [dx]);
      };
    }
    default:
      throw new Error(`no gradient of ${operation.op} here`);
  }
}

/** Adam as PyTorch has it, over lists of tensors. */
export function adamGraph() {
  const graph = new Graph();
  const lists = ['params', 'gradients', 'first_order_moments', 'second_order_moments'];
  const updated = ['updated_params', 'updated_m1', 'updated_m2'];
  graph.node(
    'AdamWOptimizer',
    ['learning_rate', 'step', ...lists],
    ['updated_flag', ...updated],
    {
      ...{ alpha: { float: 0.9 }, beta: { float: 0.999 }, epsilon: { float: 1e-8 } },
      ...{ weight_decay: { float: 0 }, adam_mode: 0, correct_bias: 1 },
    },
    microsoft,
  );
  return graph.model(
    [value('learning_rate', type.float, [1]), value('step', type.int64, [1]), ...lists.map(sequence)],
    [value('updated_flag', type.bool, [1]), ...updated.map(sequence)],
  );
}

/** The weights as a checkpoint: a FlatBuffers file, whose tables are written by the places of their fields in the schema. */
export function checkpoint(flatbuffers, { tensors, trained: names }) {
  const builder = new flatbuffers.Builder(1 << 20);
  const offsets = (list) => {
    builder.startVector(4, list.length, 4);
    for (const offset of [...list].reverse()) builder.addOffset(offset);
    return builder.endVector();
  };
  const parameters = names.map((name) => {
    const { shape, values } = tensors.get(name);
    const text = builder.createString(name);
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    builder.startVector(1, content.length, 8);
    builder.space -= content.length;
    builder.bb.bytes().set(content, builder.space);
    const raw = builder.endVector();
    builder.startVector(8, shape.length, 8);
    for (const side of [...shape].reverse()) builder.addInt64(builder.createLong(side, 0));
    const dims = builder.endVector();
    builder.startObject(6); // Tensor: name, (doc), dims, data type, raw data
    builder.addFieldOffset(0, text, 0);
    builder.addFieldOffset(2, dims, 0);
    builder.addFieldInt32(3, type.float, 0);
    builder.addFieldOffset(4, raw, 0);
    return builder.endObject();
  });
  const trained = offsets(parameters);
  const frozen = offsets([]);
  builder.startObject(4); // ModuleState: trained and frozen parameters
  builder.addFieldOffset(0, trained, 0);
  builder.addFieldOffset(1, frozen, 0);
  const state = builder.endObject();
  builder.startObject(4); // Checkpoint: version, ModuleState
  builder.addFieldInt32(0, 2, 0);
  builder.addFieldOffset(1, state, 0);
  builder.finish(builder.endObject(), 'ODTC');
  return builder.asUint8Array().slice();
}
