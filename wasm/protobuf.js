// Writes and reads Protocol Buffers messages, as much of them as ONNX takes: a message is a list of fields, a field its number and a value.
// https://protobuf.dev/programming-guides/encoding/
import { problem } from './experiment.js';

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

const damaged = (/** @type {string} */ name) =>
  problem(name, 'a whole Protocol Buffers message', 'one that is damaged, cut off, or something else');

class Varints {
  at = 0;

  /** @param {Uint8Array} message @param {string} name */
  constructor(message, name) {
    this.message = message;
    this.name = name;
  }

  next() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.at >= this.message.length || shift > 63n) throw damaged(this.name);
      const byte = this.message[this.at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  }
}

/** @typedef {{ numbers: Map<number, number[]>, bytes: Map<number, Uint8Array[]> }} Fields  by field: integers, or 4 bytes and more that are still to be read */

/**
 * The fields of a message, each in the order in which it comes.
 * @param {Uint8Array} message
 * @param {string} name  of what it is in, for the sentence
 * @returns {Fields}
 */
export function fieldsOf(message, name) {
  /** @type {Fields} */
  const fields = { numbers: new Map(), bytes: new Map() };
  const reader = new Varints(message, name);
  const put = (/** @type {Map<number, any[]>} */ map, /** @type {number} */ field, /** @type {any} */ value) => {
    const list = map.get(field);
    if (list) list.push(value);
    else map.set(field, [value]);
  };
  while (reader.at < message.length) {
    const key = reader.next();
    const [field, type] = [Math.floor(key / 8), ((key % 8) + 8) % 8];
    if (type === 0) put(fields.numbers, field, reader.next());
    else {
      const length = type === 2 ? reader.next() : type === 1 ? 8 : type === 5 ? 4 : -1;
      if (field < 1 || length < 0 || length > message.length - reader.at) throw damaged(name);
      put(fields.bytes, field, message.subarray(reader.at, reader.at + length));
      reader.at += length;
    }
  }
  return fields;
}

/** Integers of a repeated field, packed or not. @param {Fields} fields @param {number} field @param {string} name @returns {number[]} */
export function integersOf({ numbers, bytes }, field, name) {
  const packed = (bytes.get(field) ?? []).flatMap((part) => {
    const reader = new Varints(part, name);
    const list = [];
    while (reader.at < part.length) list.push(reader.next());
    return list;
  });
  return [...packed, ...(numbers.get(field) ?? [])];
}
