// How fast is the machine at this moment? Multiplies and adds 4x8 tiles that never leave the first cache, in a WebAssembly module
// written here byte by byte, so that no library's work is in it. On a shared machine it can fall to half for seconds: figures of two runs,
// or of one run's two ends, are then no comparison.
// Byte codes: https://webassembly.github.io/spec/core/binary/instructions.html

const kDepth = 256; // a tile's sum; 12 KB are read
const kFirst = 3; // the locals behind the three parameters: eight sums, two vectors of B, one number of A in all lanes

const [i32, v128] = [0x7f, 0x7b];
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const simd = (code, ...more) => [0xfd, ...(code < 128 ? [code] : [(code & 127) | 128, code >> 7]), ...more];
const load = (offset) => simd(0x00, 4, offset);
const loadSplat = (offset) => simd(0x09, 2, offset);
const store = (offset) => simd(0x0b, 4, offset);
const add = simd(0xe4);
const multiply = simd(0xe6);
const move = (local, bytes) => [...get(local), 0x41, bytes, 0x6a, ...set(local)];

/** tile(a, b, k): the sum over k of a 4-vector times an 8-vector, stored behind what was read of a. */
function code() {
  const [a, b, k] = [0, 1, 2];
  const sum = (row, half) => kFirst + 2 * row + half;
  const [b0, b1, one] = [kFirst + 8, kFirst + 9, kFirst + 10];
  const rows = [0, 1, 2, 3];
  const loop = [
    ...[...get(b), ...load(0), ...set(b0), ...get(b), ...load(16), ...set(b1)],
    ...rows.flatMap((row) => [
      ...[...get(a), ...loadSplat(4 * row), ...set(one)],
      ...[b0, b1].flatMap((vector, half) => [
        ...[...get(sum(row, half)), ...get(vector), ...get(one), ...multiply, ...add, ...set(sum(row, half))],
      ]),
    ]),
    ...[...move(a, 16), ...move(b, 32)],
    ...[...get(k), 0x41, 1, 0x6b, 0x22, k, 0x0d, 0], // again while k is left
  ];
  const stores = rows.flatMap((row) =>
    [0, 1].flatMap((half) => [...get(a), ...get(sum(row, half)), ...store(32 * row + 16 * half)]),
  );
  return [1, 11, v128, 0x03, 0x40, ...loop, 0x0b, ...stores, 0x0b];
}

function binary() {
  const size = (length) => (length < 128 ? [length] : [(length & 127) | 128, length >> 7]);
  const section = (id, content) => [id, ...size(content.length), ...content];
  const body = code();
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i32, i32, i32, 0]), // one type: three integers, no result
    ...section(3, [1, 0]), // one function of it
    ...section(5, [1, 0, 1]), // one page of memory
    ...section(7, [1, 4, ...[...'tile'].map((letter) => letter.charCodeAt(0)), 0x00, 0]), // and its name outside
    ...section(10, [1, ...size(body.length), ...body]),
  ]);
}

/** Gives a function that tells the machine's speed, in 10^9 operations a second, over 50 ms. */
export function speedProbe() {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary()));
  const tile = /** @type {(a: number, b: number, k: number) => void} */ (instance.exports.tile);
  const probe = () => {
    const begin = performance.now();
    let tiles = 0;
    let passed = 0;
    while (passed < 50) {
      for (let i = 0; i < 100; ++i) tile(0, 16 * kDepth + 128, kDepth);
      tiles += 100;
      passed = performance.now() - begin;
    }
    return (64 * kDepth * tiles) / passed / 1e6;
  };
  for (let i = 0; i < 6; ++i) probe(); // until the optimizing compiler has had its turn
  return probe;
}
