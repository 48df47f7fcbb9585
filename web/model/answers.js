/** What a network puts out, as shares of the classes that add up to 1. */
/**
 * Probabilities of logits; the largest is subtracted first, so that no power is too large for a number.
 * @param {ArrayLike<number>} logits
 */
export function softmax(logits) {
  const list = Array.from(logits);
  const peak = Math.max(...list);
  const powers = list.map((x) => Math.exp(x - peak));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/**
 * The classes with the three highest probabilities, the surest first: {k, p}.
 * @param {ArrayLike<number>} probabilities  (N,K)
 * @param {number} at  which of the N
 * @param {number} classes  K
 */
export function topThree(probabilities, at, classes) {
  const list = Array.from({ length: classes }, (_, k) => ({ k, p: probabilities[at * classes + k] }));
  return list.sort((a, b) => b.p - a.p).slice(0, 3);
}
