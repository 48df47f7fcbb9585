// Seeded random numbers outside of the core, which has Philox for its own: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
// number generators", 2014). The same seed gives the same numbers everywhere.

const kGamma = 0x9e3779b97f4a7c15n;
const wrap = (/** @type {bigint} */ value) => BigInt.asUintN(64, value);

/**
 * @param {number | bigint} seed
 * @returns {() => bigint}  the next of 64 random bits
 */
export function splitMix64(seed) {
  let state = BigInt(seed);
  return () => {
    state = wrap(state + kGamma);
    let bits = state;
    bits = wrap((bits ^ (bits >> 30n)) * 0xbf58476d1ce4e5b9n);
    bits = wrap((bits ^ (bits >> 27n)) * 0x94d049bb133111ebn);
    return bits ^ (bits >> 31n);
  };
}

/** @param {number} seed @returns {() => number}  the next number in [0, 1) */
export function uniform(seed) {
  const next = splitMix64(seed);
  return () => Number(next() >> 11n) / 2 ** 53;
}
