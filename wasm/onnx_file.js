// Reads an ONNX file: the nodes of its graph in their order, with their attributes, and its constants. It is data that somebody gives; what is not
// such a file is refused in one sentence. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import { inWords, problem } from './experiment.js';
import { fieldsOf, integersOf } from './protobuf.js';
import { halfPrecision } from './safetensors.js';

const kMostNodes = 20_000;
const kDomains = ['', 'ai.onnx'];

/**
 * @typedef {{ shape: number[], values: ArrayLike<number> }} Constant
 * @typedef {{ type: string, words: string, inputs: string[], outputs: string[], attributes: Record<string, any> }} Node  words: for sentences
 * @typedef {{ nodes: Node[], constants: Map<string, Constant>, input: { name: string, shape: Array<number | null> }, output: string, metadata: Record<string, string>,
 *   producer: string }} Graph
 */

const text = (/** @type {Uint8Array | undefined} */ bytes) => new TextDecoder().decode(bytes ?? new Uint8Array());
/** @param {import('./protobuf.js').Fields} fields @param {number} field */
const textOf = ({ bytes }, field) => text(bytes.get(field)?.at(-1));

/** @param {Uint8Array} part @returns {DataView} */
const viewOf = (part) => new DataView(part.buffer, part.byteOffset, part.byteLength);

/** By TensorProto.DataType: bytes of a number, how it is read, the field that holds such numbers one by one. @type {Record<number, [bytes: number, read: (view: DataView, at: number) => number, field: number]>} */
const kTypes = {
  1: [4, (view, at) => view.getFloat32(at, true), 4],
  6: [4, (view, at) => view.getInt32(at, true), 5],
  7: [8, (view, at) => Number(view.getBigInt64(at, true)), 7],
  10: [2, (view, at) => halfPrecision(view.getUint16(at, true)), 5],
  11: [8, (view, at) => view.getFloat64(at, true), 10],
};

/** @param {Uint8Array} message  a TensorProto @param {string} given  its name, where it has none @returns {[string, Constant]} */
function constantOf(message, given) {
  const fields = fieldsOf(message, 'the file');
  const name = textOf(fields, 8) || given;
  const place = `the constant ${inWords(name)}`;
  const shape = integersOf(fields, 1, place);
  const count = shape.reduce((product, side) => product * side, 1);
  const type = fields.numbers.get(2)?.at(-1) ?? 0;
  if (fields.numbers.get(14)?.at(-1) === 1) throw problem(place, 'in the file itself', 'in a file of its own');
  if (!Object.hasOwn(kTypes, type))
    throw problem(place, 'numbers of float32, float16, float64, int32 or int64', `data type ${type}`);
  const [bytes, read, field] = kTypes[type];
  const raw = fields.bytes.get(9)?.at(-1);
  const isWhole = shape.every((side) => Number.isSafeInteger(side) && side >= 0) && Number.isSafeInteger(count);
  const damaged = () => problem(place, `${inWords(shape)} numbers`, 'fewer or more');
  if (!isWhole) throw damaged();
  if (raw) {
    if (raw.length !== count * bytes) throw damaged();
    const view = viewOf(raw);
    const values = type === 1 ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = read(view, i * bytes);
    return [name, { shape, values }];
  }
  const values = type === 1 || type === 11 ? floatsOf(fields, field, bytes) : integersOf(fields, field, place);
  if (values.length !== count) throw damaged();
  return [name, { shape, values: type === 10 ? values.map(halfPrecision) : values }];
}

/** Packed, or one by one. @param {import('./protobuf.js').Fields} fields @param {number} field @param {number} bytes */
function floatsOf(fields, field, bytes) {
  const list = [];
  for (const part of fields.bytes.get(field) ?? []) {
    const view = viewOf(part);
    for (let at = 0; at + bytes <= part.length; at += bytes)
      list.push(bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true));
  }
  return list;
}

/** @param {Uint8Array} message  an AttributeProto @returns {[string, any]} */
function attributeOf(message) {
  const fields = fieldsOf(message, 'the file');
  const name = textOf(fields, 1);
  switch (fields.numbers.get(20)?.at(-1)) {
    case 1:
      return [name, floatsOf(fields, 2, 4)[0]];
    case 2:
      return [name, fields.numbers.get(3)?.at(-1) ?? 0];
    case 3:
      return [name, textOf(fields, 4)];
    case 4:
      return [name, constantOf(fields.bytes.get(5)?.at(-1) ?? new Uint8Array(), name)[1]];
    case 6:
      return [name, floatsOf(fields, 7, 4)];
    case 7:
      return [name, integersOf(fields, 8, 'the file')];
    default:
      return [name, { toJSON: () => 'something else' }];
  }
}

/** @param {Uint8Array} message  a NodeProto @param {number} at @returns {Node} */
function nodeOf(message, at) {
  const fields = fieldsOf(message, 'the file');
  const domain = textOf(fields, 7);
  const type = `${kDomains.includes(domain) ? '' : `${domain}.`}${textOf(fields, 4)}`;
  const name = textOf(fields, 3) || `number ${at + 1}`;
  const attributes = Object.fromEntries((fields.bytes.get(5) ?? []).map(attributeOf));
  const [inputs, outputs] = [1, 2].map((field) => (fields.bytes.get(field) ?? []).map(text));
  return { type, words: `the node ${name} (${type})`, inputs, outputs, attributes };
}

/** @param {Uint8Array} message  a ValueInfoProto */
function valueOf(message) {
  const fields = fieldsOf(message, 'the file');
  const inside = (/** @type {import('./protobuf.js').Fields} */ { bytes }, /** @type {number} */ field) =>
    fieldsOf(bytes.get(field)?.at(-1) ?? new Uint8Array(), 'the file');
  const shape = inside(inside(inside(fields, 2), 1), 2);
  const sides = (shape.bytes.get(1) ?? []).map((side) => fieldsOf(side, 'the file').numbers.get(1)?.at(-1) ?? null);
  return { name: textOf(fields, 1), shape: sides.map((side) => (side !== null && side > 0 ? side : null)) };
}

/**
 * @param {Uint8Array} file
 * @returns {Graph}
 */
export function readOnnx(file) {
  const model = fieldsOf(file, 'the file');
  const graph = model.bytes.get(7)?.at(-1);
  if (!graph) throw problem('the file', 'an ONNX file, which holds a graph', 'none');
  const fields = fieldsOf(graph, 'the file');
  const messages = fields.bytes.get(1) ?? [];
  if (messages.length > kMostNodes)
    throw problem('the file', `a graph of at most ${kMostNodes} nodes`, String(messages.length));
  const constants = new Map((fields.bytes.get(5) ?? []).map((message) => constantOf(message, '')));
  const inputs = (fields.bytes.get(11) ?? []).map(valueOf).filter(({ name }) => !constants.has(name));
  const outputs = (fields.bytes.get(12) ?? []).map(valueOf);
  if (inputs.length !== 1 || outputs.length !== 1)
    throw problem('the file', 'a graph with one input and one output', `${inputs.length} and ${outputs.length}`);
  const pairs = (model.bytes.get(14) ?? []).map((pair) => fieldsOf(pair, 'the file'));
  return {
    nodes: messages.map(nodeOf),
    constants,
    input: inputs[0],
    output: outputs[0].name,
    metadata: Object.fromEntries(pairs.map((pair) => [textOf(pair, 1), textOf(pair, 2)])),
    producer: textOf(model, 2),
  };
}
