// ONNX models in memory: nodes, tensors, inputs and outputs. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import { bytes, float, integer, message } from '../../../wasm/protobuf.js';

/** TensorProto.DataType */
export const type = { float: 1, int64: 7, bool: 9 };
/** The operators of ONNX Runtime that are not ONNX's: most gradients are among them. */
export const microsoft = 'com.microsoft';

/** A text, an integer, `{ float }` or a list of integers. */
function attribute(name, value) {
  if (typeof value === 'string') return [bytes(1, name), bytes(4, value), integer(20, 3)];
  if (Array.isArray(value)) return [bytes(1, name), ...value.map((one) => integer(8, one)), integer(20, 7)];
  if (typeof value === 'number') return [bytes(1, name), integer(3, value), integer(20, 2)];
  return [bytes(1, name), float(2, value.float), integer(20, 1)];
}

/** A value's name, kind and shape; `sequence` for a list of tensors of any shape. */
export function value(name, elements, shape) {
  const sides = shape.map((side) => bytes(1, [integer(1, side)]));
  return [bytes(1, name), bytes(2, [bytes(1, [integer(1, elements), bytes(2, sides)])])];
}
export const sequence = (name) => [
  bytes(1, name),
  bytes(2, [bytes(4, [bytes(1, [bytes(1, [integer(1, type.float)])])])]),
];

export class Graph {
  nodes = [];
  constants = new Map();
  #between = [];

  /** Says what is between two nodes, where the runtime cannot tell: not every gradient infers its shape. */
  between(name, shape) {
    this.#between.push(bytes(13, value(name, type.float, shape)));
    return name;
  }

  /** Adds a node; an output or input called '' is left out. Returns the first output. */
  node(operator, inputs, outputs, attributes = {}, domain = '') {
    this.nodes.push(
      bytes(1, [
        ...inputs.map((name) => bytes(1, name)),
        ...outputs.map((name) => bytes(2, name)),
        ...[bytes(3, `${operator} ${outputs.find(Boolean)}`), bytes(4, operator)],
        ...Object.entries(attributes).map(([name, one]) => bytes(5, attribute(name, one))),
        bytes(7, domain),
      ]),
    );
    return outputs[0];
  }

  /** A tensor that never changes: float32 of a Float32Array, else integers. */
  constant(name, shape, values) {
    const floats = values instanceof Float32Array;
    const array = floats ? values : BigInt64Array.from(values, BigInt);
    const raw = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const dims = shape.map((side) => integer(1, side));
    const content = [...dims, integer(2, floats ? type.float : type.int64), bytes(8, name), bytes(9, raw)];
    this.constants.set(name, bytes(5, content));
    return name;
  }

  number(one) {
    return this.constant(`number ${one}`, [], Float32Array.of(one));
  }

  list(integers) {
    return this.constant(`list ${integers.join()}`, [integers.length], integers);
  }

  /** @param {Uint8Array[][]} inputs @param {Uint8Array[][]} outputs  from `value` and `sequence` */
  model(inputs, outputs) {
    const ends = [...inputs.map((one) => bytes(11, one)), ...outputs.map((one) => bytes(12, one))];
    return message([
      integer(1, 8),
      bytes(7, [...this.nodes, bytes(2, 'peer'), ...this.constants.values(), ...ends, ...this.#between]),
      ...[
        ['', 14],
        [microsoft, 1],
      ].map(([domain, version]) => bytes(8, [bytes(1, domain), integer(2, version)])),
    ]);
  }
}
