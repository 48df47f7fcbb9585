// ONNX files as other exporters write them: each is made here node by node, run by ONNX Runtime, and read to the same outputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as onnx from 'onnxruntime-web';
import { InputError, Trainer, importOnnx } from 'trainground';
import { bytes, float, integer, message } from '../../wasm/protobuf.js';
import { channelsFirst } from './channels_first.js';

onnx.env.wasm.numThreads = 1;
const kSamples = 3;

/** @param {string} name @param {number[]} shape @param {number[] | Float32Array} values @param {boolean} [whole]  as int64, else float32 */
function tensor(name, shape, values, whole = false) {
  const raw = whole ? BigInt64Array.from(values, BigInt) : Float32Array.from(values);
  return [
    ...shape.map((side) => integer(1, side)),
    integer(2, whole ? 7 : 1),
    bytes(8, name),
    bytes(9, new Uint8Array(raw.buffer)),
  ];
}
const attribute = ([name, value]) => {
  if (value instanceof Array && value[0] instanceof Uint8Array)
    return bytes(5, [bytes(1, name), bytes(5, value), integer(20, 4)]);
  if (Array.isArray(value)) return bytes(5, [bytes(1, name), ...value.map((one) => integer(8, one)), integer(20, 7)]);
  if (typeof value === 'object') return bytes(5, [bytes(1, name), float(2, value.float), integer(20, 1)]);
  return bytes(5, [bytes(1, name), integer(3, value), integer(20, 2)]);
};
const node = (type, inputs, output, attributes = {}) =>
  bytes(1, [
    ...inputs.map((input) => bytes(1, input)),
    bytes(2, output),
    bytes(4, type),
    ...Object.entries(attributes).map(attribute),
  ]);
const value = (name, sides) => [
  bytes(1, name),
  bytes(2, [
    bytes(1, [
      integer(1, 1),
      bytes(
        2,
        sides.map((side) => bytes(1, [typeof side === 'number' ? integer(1, side) : bytes(2, side)])),
      ),
    ]),
  ]),
];

/** @param {{ opset: number, input: Array<string | number>, outputs: number, nodes: Uint8Array[], constants?: Uint8Array[][] }} graph */
const file = ({ opset, input, outputs, nodes, constants = [] }) =>
  message([
    integer(1, 7),
    bytes(7, [
      ...nodes,
      bytes(2, 'g'),
      ...constants.map((one) => bytes(5, one)),
      bytes(11, value('x', input)),
      bytes(12, value('y', ['N', outputs])),
    ]),
    bytes(8, [bytes(1, ''), integer(2, opset)]),
  ]);

const numbers = (length, seed = 1) => Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + seed)) * 0.5);
const flat = (sides) => sides.reduce((product, side) => product * side, 1);
const constant = (name, shape, seed) => tensor(name, shape, numbers(flat(shape), seed));

/** Each with the height, width and channels of a sample, and whether channels stand last. */
const graphs = {
  'channels last around, as from TensorFlow': {
    shape: [6, 7, 2],
    last: true,
    graph: {
      opset: 11,
      input: ['N', 6, 7, 2],
      outputs: 3,
      nodes: [
        node('Transpose', ['x'], 'a', { perm: [0, 3, 1, 2] }),
        node('Conv', ['a', 'w', 'b'], 'c', { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 1, 1] }),
        node('Relu', ['c'], 'd'),
        node('Transpose', ['d'], 'e', { perm: [0, 2, 3, 1] }),
        node('Reshape', ['e', 's'], 'f'),
        node('MatMul', ['f', 'm'], 'g'),
        node('Add', ['g', 'n'], 'h'),
        node('Softmax', ['h'], 'y', { axis: -1 }),
      ],
      constants: [
        constant('w', [4, 2, 3, 3], 2),
        constant('b', [4], 3),
        tensor('s', [2], [-1, 48], true),
        constant('m', [48, 3], 4),
        constant('n', [3], 5),
      ],
    },
  },
  'gelu in parts, silu, a row by its shape, as from PyTorch': {
    shape: [5, 4, 3],
    graph: {
      opset: 13,
      input: ['N', 3, 5, 4],
      outputs: 2,
      nodes: [
        node('Conv', ['x', 'w'], 'c0', {
          kernel_shape: [1, 1],
          dilations: [1, 1],
          group: 1,
          pads: [0, 0, 0, 0],
          strides: [1, 1],
        }),
        node('Constant', [], 'root', { value: tensor('', [], [Math.SQRT2]) }),
        node('Div', ['c0', 'root'], 'c1'),
        node('Erf', ['c1'], 'c2'),
        node('Constant', [], 'one', { value: tensor('', [], [1]) }),
        node('Add', ['c2', 'one'], 'c3'),
        node('Mul', ['c0', 'c3'], 'c4'),
        node('Constant', [], 'half', { value: tensor('', [], [0.5]) }),
        node('Mul', ['c4', 'half'], 'c5'),
        node('Sigmoid', ['c5'], 's0'),
        node('Mul', ['c5', 's0'], 's1'),
        node('Clip', ['s1', 'zero', 'six'], 'k'),
        node('Shape', ['k'], 'p0'),
        node('Gather', ['p0', 'at'], 'p1', { axis: 0 }),
        node('Unsqueeze', ['p1', 'axis'], 'p2'),
        node('Concat', ['p2', 'rest'], 'p3', { axis: 0 }),
        node('Reshape', ['k', 'p3'], 'r'),
        node('Gemm', ['r', 'm', 'n'], 'g', { alpha: { float: 1 }, beta: { float: 1 }, transB: 1 }),
        node('LeakyRelu', ['g'], 'l', { alpha: { float: 0.2 } }),
        node('Mul', ['l', 'scale'], 'q'),
        node('Add', ['q', 'n'], 'y'),
      ],
      constants: [
        ...[
          constant('w', [4, 3, 1, 1], 2),
          tensor('zero', [], [0]),
          tensor('six', [], [6]),
          tensor('at', [], [0], true),
          tensor('axis', [1], [0], true),
        ],
        ...[
          tensor('rest', [1], [-1], true),
          constant('m', [2, 80], 4),
          constant('n', [2], 5),
          constant('scale', [2], 6),
        ],
      ],
    },
  },
  'means, borders of their own, a frozen scale, a block': {
    shape: [7, 7, 2],
    graph: {
      opset: 13,
      input: ['N', 2, 7, 7],
      outputs: 2,
      nodes: [
        node('Sub', ['x', 'mean'], 'a'),
        node('Mul', ['a', 'by'], 'b'),
        node('Pad', ['b', 'pads'], 'c'),
        node('Conv', ['c', 'w'], 'd', { kernel_shape: [3, 3], group: 2 }),
        node('BatchNormalization', ['d', 'by4', 'm4', 'm4', 'v4'], 'e', { epsilon: { float: 0.001 } }),
        node('Conv', ['e', 'u', 'm4'], 'f', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
        node('Add', ['f', 'e'], 'g'),
        node('AveragePool', ['g'], 'h', {
          kernel_shape: [3, 3],
          strides: [2, 2],
          pads: [1, 1, 1, 1],
          count_include_pad: 1,
        }),
        node('ReduceMean', ['h'], 'i', { axes: [2, 3], keepdims: 0 }),
        node('Dropout', ['i', 'ratio'], 'y'),
      ],
      constants: [
        ...[
          constant('mean', [2, 1, 1], 1),
          constant('by', [1, 2, 1, 1], 2),
          tensor('pads', [8], [0, 0, 0, 1, 0, 0, 1, 2], true),
          constant('w', [2, 1, 3, 3], 3),
        ],
        ...[
          constant('by4', [2], 4),
          constant('m4', [2], 5),
          tensor('v4', [2], [0.5, 2]),
          constant('u', [2, 2, 3, 3], 6),
          tensor('ratio', [], [0.25]),
        ],
      ],
    },
  },
};

for (const [name, { shape, last, graph }] of Object.entries(graphs)) {
  test(`read to what ONNX Runtime says: ${name}`, async () => {
    const model = file(graph);
    const inputs = numbers(kSamples * flat(shape), 9);
    const session = await onnx.InferenceSession.create(model);
    const dims = [kSamples, ...graph.input.slice(1)].map(Number);
    const { y } = await session.run({
      x: new onnx.Tensor('float32', last ? inputs : channelsFirst(inputs, shape), dims),
    });
    const theirs = /** @type {Float32Array} */ (y.data);
    const { experiment, inputShape, weights, notes } = await importOnnx(model);
    assert.deepEqual(inputShape, shape);
    const data = { inputs, shape: inputShape, targets: new Float32Array(kSamples * graph.outputs) };
    const trainer = await Trainer.open(
      { layers: experiment.layers, loss: 'meanSquaredError', validationSplit: 0 },
      { data, weights, threads: 1 },
    );
    const { probabilities } = await trainer.predict(inputs);
    await trainer.dispose();
    const isSoftmax = notes.some(({ kind }) => kind === 'softmax');
    for (let n = 0; n < kSamples; n++) {
      const row = (values) => Array.from(values.subarray(n * graph.outputs, (n + 1) * graph.outputs));
      const powers = row(probabilities).map(Math.exp);
      const ours = isSoftmax
        ? powers.map((one) => one / powers.reduce((sum, other) => sum + other, 0))
        : row(probabilities);
      row(theirs).forEach((one, k) => assert.ok(Math.abs(one - ours[k]) < 2e-6, `${one} ${ours[k]}`));
    }
  });
}

test('a node that is not known, two inputs, and weights elsewhere are named', async () => {
  const parts = { opset: 13, input: ['N', 4], outputs: 4 };
  const refuse = (graph, sentence) =>
    assert.rejects(importOnnx(file({ ...parts, ...graph })), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.match(error.message, sentence);
      return true;
    });
  await refuse(
    { nodes: [node('Sinh', ['x'], 'a'), node('Relu', ['a'], 'b'), node('LSTM', ['b', 'b', 'b'], 'y')] },
    /number 1 \(Sinh\).*\n.*number 3 \(LSTM\)/,
  );
  await refuse(
    { nodes: [node('Sub', ['c', 'x'], 'y')], constants: [tensor('c', [], [1])] },
    /number 1 \(Sub\) to be one with a number, or one for each channel/,
  );
  await refuse({ nodes: [node('Relu', ['z'], 'y')] }, /a graph that leads from its input to its output/);
  await refuse(
    { nodes: [node('Gemm', ['x', 'w'], 'y')], constants: [[...tensor('w', [4, 4], numbers(16)), integer(14, 1)]] },
    /the constant "w" to be in the file itself, got in a file of its own/,
  );
});
