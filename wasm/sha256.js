// SHA-256 (FIPS 180-4), in hexadecimal: the platform's own, and one written out for pages that are not secure enough to be given it (a class
// that is served over plain HTTP).

const kPrimes = Array.from({ length: 312 }, (_, i) => i).filter(
  (n) => n > 1 && ![2, 3, 5, 7, 11, 13, 17].some((p) => p < n && n % p === 0),
);
/** The first 32 bits behind the point. @param {number} value */
const fraction = (value) => ((value - Math.floor(value)) * 2 ** 32) | 0;
const kBegin = Int32Array.from(kPrimes.slice(0, 8), (n) => fraction(Math.sqrt(n)));
const kRound = Int32Array.from(kPrimes, (n) => fraction(Math.cbrt(n)));

/** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} */
export async function sha256(bytes) {
  const sum = await globalThis.crypto?.subtle?.digest('SHA-256', bytes);
  return sum ? inHex(new Uint8Array(sum)) : writtenOut(bytes);
}

/** @param {Uint8Array} bytes */
const inHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The same without the platform's. @param {Uint8Array} bytes */
export function writtenOut(bytes) {
  const length = (((bytes.length + 8) >> 6) + 1) << 6;
  const whole = new Uint8Array(length);
  whole.set(bytes);
  whole[bytes.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setBigUint64(length - 8, BigInt(bytes.length) * 8n);
  const sum = kBegin.slice();
  const w = new Int32Array(64);
  const turn = (/** @type {number} */ x, /** @type {number} */ n) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const [near, far] = [w[i - 2], w[i - 15]];
      w[i] = w[i - 16] + (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3)) + w[i - 7];
      w[i] += turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
    }
    let [a, b, c, d, e, f, g, h] = sum;
    for (let i = 0; i < 64; i++) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + kRound[i] + w[i]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (sum[i] += word));
  }
  const told = new DataView(new ArrayBuffer(32));
  sum.forEach((word, i) => told.setInt32(4 * i, word));
  return inHex(new Uint8Array(told.buffer));
}
