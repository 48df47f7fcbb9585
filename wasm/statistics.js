// What few measurements can tell: means with Student's interval, differences of pairs, and how many pairs would be needed ("The probable error of a
// mean", 1908). Nothing here knows what was measured.

const kConfidence = 0.95;
const kPower = 0.8; // the chance to find a difference that is there, as is usual (Cohen, 1988)
const kTiny = 1e-300;

/** @param {number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Of a sample: by n - 1. @param {number[]} values */
export function standardDeviation(values) {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

/**
 * The interval in which the mean of endlessly many such values lies with this confidence; undefined of fewer than two.
 * @param {number[]} values
 * @param {{ confidence?: number, leastDeviation?: number }} [options]  leastDeviation: what rounding alone would make; a few rounded values may
 *   happen to be the same
 * @returns {[low: number, high: number] | undefined}
 */
export function meanInterval(values, { confidence = kConfidence, leastDeviation = 0 } = {}) {
  if (values.length < 2) return undefined;
  const deviation = Math.max(standardDeviation(values), leastDeviation);
  const half = (tQuantile((1 + confidence) / 2, values.length - 1) * deviation) / Math.sqrt(values.length);
  return [mean(values) - half, mean(values) + half];
}

/**
 * How many pairs are needed to find a mean difference of this size: by t quantiles, as the normal ones say too few where few are enough. Infinity of
 * none.
 * @param {number} difference
 * @param {number} deviation  of the differences
 * @param {number} [confidence]
 * @param {number} [power]
 */
export function pairsNeeded(difference, deviation, confidence = kConfidence, power = kPower) {
  const effect = Math.abs(difference) / deviation;
  if (!(effect > 1e-3)) return Infinity;
  const enough = (/** @type {number} */ pairs) => {
    const quantiles = tQuantile((1 + confidence) / 2, pairs - 1) + tQuantile(power, pairs - 1);
    return Math.sqrt(pairs) * effect >= quantiles;
  };
  let high = 2;
  while (!enough(high)) high *= 2;
  let low = high / 2; // not enough, or 1
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Student's t: the value below which it lies with this probability. By bisection, since it is asked for a few times only.
 * @param {number} probability  in (0, 1)
 * @param {number} degrees  of freedom, from 1 on
 * @returns {number}
 */
export function tQuantile(probability, degrees) {
  if (probability < 0.5) return -tQuantile(1 - probability, degrees);
  let low = 0;
  let high = 1;
  while (tProbability(high, degrees) < probability) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (tProbability(middle, degrees) < probability) low = middle;
    else high = middle;
  }
}

/**
 * The probability that Student's t is below a value.
 * @param {number} t
 * @param {number} degrees
 */
export function tProbability(t, degrees) {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * The regularized incomplete beta function, by its continued fraction (Lentz's method).
 * @param {number} x
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function incompleteBeta(x, a, b) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x)) / a;
  const away = (/** @type {number} */ value) => (Math.abs(value) < kTiny ? kTiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = c * d;
      fraction *= change;
    }
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return front * fraction;
}

/** Stirling's series, from where it is exact to double precision. @param {number} x  above 0 @returns {number} */
function logGamma(x) {
  if (x < 15) return logGamma(x + 1) - Math.log(x);
  const inverse = 1 / (x * x);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
