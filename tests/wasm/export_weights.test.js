// What exportNetwork takes for weights: every safetensors file that the engine takes, and no other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { InputError, Trainer, exportNetwork } from 'trainground';
import { readWeights, writeWeights } from '../../wasm/safetensors.js';

const reference = new URL('../reference/networks/', import.meta.url);
const { experiment, shape } = JSON.parse(readFileSync(new URL('conv-batch-norm.json', reference), 'utf8'));
const whole = new Uint8Array(readFileSync(new URL('conv-batch-norm.safetensors', reference)));

/** A safetensors file of a header, as an object or as text, and data. */
function file(header, data) {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return new Uint8Array(Buffer.concat([length, text, data]));
}

/** Header and data of a file. */
function parts(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return {
    header: JSON.parse(Buffer.from(bytes.subarray(8, 8 + length))),
    data: Buffer.from(bytes.subarray(8 + length)),
  };
}

const exported = (weights) => exportNetwork({ experiment, shape, weights, to: 'onnx' });
const { header, data } = parts(whole);
const name = 'layers.0.weight';
const end = data.length;

/** A copy of the header with one tensor's entry changed. */
const changed = (change) => ({ ...header, [name]: { ...header[name], ...change } });

const refused = [
  ['a header that ends early', whole.subarray(0, 100), /a header of \d+ bytes in 100$/],
  ['no bytes', whole.subarray(0, 0), /got 0 bytes$/],
  ['data that end early', whole.subarray(0, whole.length - 4), /bytes of data of which the tensors take/],
  [
    'bytes behind the data',
    file(header, Buffer.concat([data, Buffer.alloc(3)])),
    /bytes of data of which the tensors take/,
  ],
  ['bytes behind the header’s object', file(`${JSON.stringify(header)}\0garbage`, data), /a header that is not JSON/],
  ['a list for a header', file('[]', data), /a header that is no object$/],
  [
    'a name twice',
    file(JSON.stringify(header).replace('{', `{"${name}":${JSON.stringify(header[name])},`), data),
    /a header with "layers.0.weight" twice$/,
  ],
  [
    'a name twice, once escaped',
    file(JSON.stringify(header).replace('{', `{"\\u006cayers.0.weight":${JSON.stringify(header[name])},`), data),
    /twice$/,
  ],
  [
    'a shape twice',
    file(JSON.stringify(header).replace('"shape"', '"shape":[1],"shape"'), data),
    /a header with "shape" twice$/,
  ],
  [
    'two tensors in one place',
    file({ ...header, more: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, data),
    /where \d+ are taken$/,
  ],
  [
    'a gap',
    file(
      { ...header, more: { dtype: 'U8', shape: [4], data_offsets: [end + 1, end + 5] } },
      Buffer.concat([data, Buffer.alloc(5)]),
    ),
    /where \d+ are taken$/,
  ],
  ['offsets that do not fit the shape', file(changed({ shape: [6, 3, 3, 2] }), data), /do not fit its shape$/],
  ['offsets beyond the file', file(changed({ data_offsets: [0, 2 ** 60] }), data), /got a tensor "layers.0.weight"/],
  ['no offsets', file(changed({ data_offsets: undefined }), data), /without dtype, shape and data_offsets$/],
];

for (const [what, weights, given] of refused) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(exported(weights), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.match(error.message, /^Expected weights to be a whole safetensors file, got /);
      assert.match(error.message, given);
      assert.ok(error.message.length < 300);
      return true;
    });
  });
}

test('values that are not finite are refused with their place', async () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const broken = Buffer.from(data);
    broken.writeFloatLE(value, header[name].data_offsets[0] + 8);
    await assert.rejects(exported(file(header, broken)), {
      message: `Expected weights.${name} to be finite numbers of float32, got ${value} at place 2`,
    });
  }
});

test('other types are widened, other tensors left alone', async () => {
  const values = new Float32Array(data.buffer.slice(data.byteOffset, data.byteOffset + end));
  const rounded = values.map((value) => Math.round(value * 64) / 64 || 0); // exact in each type
  const half = (value) => {
    if (value === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(value)));
    const sign = value < 0 ? 0x8000 : 0;
    if (exponent < -14) return sign | Math.round(Math.abs(value) * 2 ** 24);
    return sign | ((exponent + 15) << 10) | Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
  };
  const plain = await exported(file(header, Buffer.from(rounded.buffer)));
  const threes = await exported(file(header, Buffer.from(rounded.map(() => 3).buffer)));
  const kinds = {
    F64: [8, Float64Array.from(rounded)],
    F16: [2, Uint16Array.from(rounded, half)],
    I32: [4, Int32Array.from(rounded, () => 3)],
    BF16: [2, Uint16Array.from(new Uint32Array(rounded.buffer), (word) => word >>> 16)],
  };
  for (const [dtype, [bytes, list]] of Object.entries(kinds)) {
    const entries = Object.entries(header).map(([key, entry]) => [
      key,
      { ...entry, dtype, data_offsets: entry.data_offsets.map((place) => (place / 4) * bytes) },
    ]);
    entries.push([
      'layers.1.num_batches_tracked',
      { dtype: 'I64', shape: [], data_offsets: [list.byteLength, list.byteLength + 8] },
    ]);
    const weights = file(
      { __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) },
      Buffer.concat([Buffer.from(list.buffer), Buffer.alloc(8)]),
    );
    assert.deepEqual(await exported(weights), dtype === 'I32' ? threes : plain, dtype);
  }
});

test('what is written is the engine’s file, byte for byte', () => {
  const shapes = new Map(Object.entries(header).map(([key, entry]) => [key, entry.shape]));
  const written = writeWeights(readWeights(whole, shapes));
  assert.deepEqual(parts(written), parts(whole));
});

test('the same files are taken as the engine takes, and refused as it refuses', async (context) => {
  const count = 10_000;
  const inputs = new Float32Array(8 * 8 * 3 * 4).fill(0.5);
  const samples = { inputs, shape, labels: [0, 1, 2, 4] };
  const trainer = await Trainer.open(
    { ...experiment, optimizer: 'sgd' },
    { data: samples, sameThread: true, threads: 1 },
  );
  const shapes = new Map((await trainer.tensors()).map((tensor) => [tensor.name, tensor.shape]));
  let seed = 1;
  const below = (bound) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * bound);
  };
  const start = 8 + Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true));
  const tally = { taken: 0, refused: 0 };
  for (let i = 0; i < count; ++i) {
    let bytes = Uint8Array.from(whole);
    for (let edits = 1 + below(2); edits > 0; --edits) {
      // In the header, which is where readers differ, without letters: values and types are tested above.
      const at = below(start);
      const kind = below(5);
      if (kind === 0) bytes[at] = below(64);
      else if (kind === 1) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + below(4))]);
      else if (kind === 2) bytes[at] = '0123456789,:"{}[]'.charCodeAt(below(17));
      else if (kind === 3)
        bytes = Uint8Array.from([
          ...bytes.subarray(0, at),
          ...bytes.subarray(at, at + below(9)),
          ...bytes.subarray(at),
        ]);
      else bytes = bytes.subarray(0, bytes.length - below(2) * 4);
    }
    const outcome = (work) =>
      work.then(
        () => 'taken',
        (error) => (error instanceof InputError ? 'refused' : error.stack),
      );
    const theirs = await outcome(trainer.loadWeights(bytes));
    let ours = 'taken';
    try {
      readWeights(bytes, shapes);
    } catch (error) {
      assert.ok(error instanceof InputError, error.stack);
      ours = 'refused';
    }
    assert.equal(ours, theirs, `input ${i}: ${Buffer.from(bytes.subarray(0, 400)).toString('latin1')}`);
    ++tally[ours];
  }
  context.diagnostic(JSON.stringify(tally));
  assert.ok(tally.taken > 100 && tally.refused > 1000);
  await trainer.dispose();
});
