// How the benchmarks of training steps measure, and how they say what they found.

const now = () => performance.now() / 1000;

/** Milliseconds of one call over a while, of three calls at least: that which `share` of them do not exceed, else the median. */
export async function time(act, seconds, share = 0.5) {
  const times = [];
  for (const end = now() + seconds; now() < end || times.length < 3;) {
    const from = now();
    await act();
    times.push(1000 * (now() - from));
  }
  return sorted(times)[Math.floor(share * times.length)];
}

const sorted = (/** @type {number[]} */ values) => [...values].sort((a, b) => a - b);
export const median = (/** @type {number[]} */ values) => sorted(values)[Math.floor(values.length / 2)];

export const digits = (/** @type {number} */ value) => Number(value.toPrecision(3)).toString();

/** Median, smallest and largest, for a cell of a table. */
export const cell = (/** @type {number[]} */ values) =>
  values.length ? `${digits(median(values))} (${digits(sorted(values)[0])}-${digits(sorted(values).at(-1))})` : '-';

/** Of two series measured in turn: the ratio in each round. */
export const ratios = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
  a.length && b.length ? a.map((value, i) => value / b[i]) : [];
