// How sure a share is that was counted on few samples: Wilson's interval ("Probable inference, the law of succession, and statistical
// inference", 1927), which stays within 0 and 1 and says something of 0 of 10 and of 10 of 10 too.

const kZ = 1.959963984540054; // 95 % of the normal distribution lie within so many deviations

/** Where more samples than these were counted, the interval is not worth a reader's time. */
export const kFew = 1000;

/**
 * @param {number} right  of `samples`, which stand for themselves: pictures of one burst count for less than they are
 * @param {number} samples
 * @returns {[low: number, high: number]}
 */
export function wilson(right, samples) {
  const share = right / samples;
  const square = (kZ * kZ) / samples;
  const middle = share + square / 2;
  const half = kZ * Math.sqrt((share * (1 - share)) / samples + square / samples / 4);
  // Where all or none are right, an end is 1 or 0 but for rounding.
  return [right === 0 ? 0 : (middle - half) / (1 + square), right === samples ? 1 : (middle + half) / (1 + square)];
}

/**
 * Of what was evaluated; none of a regression, or of nothing.
 * @param {{ accuracy: number, samples: number }} result
 * @returns {[low: number, high: number] | undefined}
 */
export function intervalOf({ accuracy, samples }) {
  return samples > 0 && !Number.isNaN(accuracy) ? wilson(Math.round(accuracy * samples), samples) : undefined;
}
