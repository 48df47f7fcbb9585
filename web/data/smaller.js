/**
 * Pictures in a smaller size than the one in which they are kept: every new pixel is the mean of the area that it covers. The same bytes in
 * every browser, which a canvas does not promise.
 */

/** For each place of the smaller side the places that it covers, and how much of each. */
function coverOf(from, to) {
  const step = from / to;
  return Array.from({ length: to }, (_, at) => {
    const [begin, end] = [at * step, (at + 1) * step];
    const first = Math.floor(begin);
    const shares = [];
    for (let i = first; i < Math.min(from, end); i++) shares.push((Math.min(i + 1, end) - Math.max(i, begin)) / step);
    return { first, shares };
  });
}

/** Square pictures in colour (from, from, 3) as (to, to, 3). @param {Uint8Array} pixels @param {number} from @param {number} to */
export function smaller(pixels, from, to) {
  if (from === to) return pixels;
  const cover = coverOf(from, to);
  const narrow = new Float32Array(from * to * 3);
  for (let y = 0; y < from; y++) {
    for (let x = 0; x < to; x++) {
      const { first, shares } = cover[x];
      for (let c = 0; c < 3; c++)
        narrow[(y * to + x) * 3 + c] = shares.reduce(
          (sum, share, i) => sum + share * pixels[(y * from + first + i) * 3 + c],
          0,
        );
    }
  }
  const small = new Uint8Array(to * to * 3);
  for (let y = 0; y < to; y++) {
    const { first, shares } = cover[y];
    for (let i = 0; i < to * 3; i++)
      small[y * to * 3 + i] = Math.round(
        shares.reduce((sum, share, j) => sum + share * narrow[(first + j) * to * 3 + i], 0),
      );
  }
  return small;
}
