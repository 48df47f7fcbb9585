// Writes Protocol Buffers messages, as much of them as ONNX takes: a message is a list of fields, a field its number and a value.
// https://protobuf.dev/programming-guides/encoding/

/** @param {number} value @returns {number[]} seven bits a byte, the lowest first */
function varint(value) {
  const bytes = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    if (rest <= 127n) return bytes;
  }
}

/** @param {Uint8Array[]} parts */
function join(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** An integer, or an enum's value. @param {number} field @param {number} value */
export const integer = (field, value) => Uint8Array.from([...varint(field << 3), ...varint(value)]);

/** A float32. @param {number} field @param {number} value */
export function float(field, value) {
  const bytes = new Uint8Array(5);
  bytes[0] = (field << 3) | 5;
  new DataView(bytes.buffer).setFloat32(1, value, true);
  return bytes;
}

/** Bytes, a text, or a message within. @param {number} field @param {Uint8Array | string | Uint8Array[]} value */
export function bytes(field, value) {
  const content =
    typeof value === 'string' ? new TextEncoder().encode(value) : Array.isArray(value) ? join(value) : value;
  return join([Uint8Array.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

/** The whole. @param {Uint8Array[]} fields */
export const message = (fields) => join(fields);
