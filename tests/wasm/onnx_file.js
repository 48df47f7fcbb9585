// Reads an ONNX file, as much of it as tests look at. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

/** The fields of a protobuf message: number, and value (bytes, or a number). @param {Buffer} message */
function fields(message) {
  const list = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < message.length) {
    const key = varint();
    const type = key & 7;
    if (type === 0) list.push([key >> 3, varint()]);
    else {
      const length = type === 2 ? varint() : type === 1 ? 8 : 4;
      list.push([key >> 3, message.subarray(at, at + length)]);
      at += length;
    }
  }
  return list;
}

const all = (list, field) => list.filter(([number]) => number === field).map(([, value]) => value);
const texts = (list, field) => all(list, field).map(String);

/** @param {Uint8Array} file */
export function readOnnx(file) {
  const model = fields(Buffer.from(file));
  const graph = fields(all(model, 7)[0]);
  const nodes = all(graph, 1).map((node) => {
    const parts = fields(node);
    return { type: texts(parts, 4)[0], inputs: texts(parts, 1), outputs: texts(parts, 2) };
  });
  const pairs = all(model, 14).map((pair) => [texts(fields(pair), 1)[0], texts(fields(pair), 2)[0]]);
  return {
    irVersion: all(model, 1)[0],
    opset: all(fields(all(model, 8)[0]), 2)[0],
    producer: `${texts(model, 2)[0]} ${texts(model, 3)[0]}`,
    nodes,
    initializers: all(graph, 5).map((tensor) => texts(fields(tensor), 8)[0]),
    metadata: Object.fromEntries(pairs),
  };
}
