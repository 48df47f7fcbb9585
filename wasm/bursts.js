// Frames that were recorded together, where nothing says so: a picture that looks like the one before it goes on with its burst.
//
// Seen on ten Teachable Machine projects of people: frames of one webcam recording are up to 12 of 255 apart, photos that were uploaded one by one 37
// and more, rarely 20. What is between counts as the same burst: two bursts taken for one cost a split some freedom, one taken for two makes it
// flatter.
const kSide = 16; // both pictures as means over so many squares a side
const kParts = 5;
const kMostApart = 20; // of 255, the mean over squares and channels

/**
 * A number for each picture, from 0 on; a class begins a burst of its own.
 * @param {Uint8Array} pixels  (N,H,W,C), in the order in which they were taken
 * @param {[number, number, number]} shape
 * @param {ArrayLike<number>} labels  (N)
 * @returns {Int32Array}
 */
export function burstsOf(pixels, shape, labels) {
  const size = shape[0] * shape[1] * shape[2];
  const bursts = new Int32Array(labels.length);
  let burst = -1;
  /** @type {Float32Array | undefined} */
  let last;
  for (let i = 0; i < labels.length; i++) {
    const small = squaresOf(pixels.subarray(i * size, (i + 1) * size), shape);
    if (last === undefined || labels[i] !== labels[i - 1] || apart(small, last) > kMostApart) burst++;
    bursts[i] = burst;
    last = small;
  }
  return bursts;
}

/**
 * Numbers for the samples that a split keeps together: bursts, but for a class that is one burst alone, which is cut in fifths, in order, so that
 * something of it can be held back and is of another time.
 * @param {Int32Array} bursts
 * @param {ArrayLike<number>} labels
 * @returns {Int32Array}
 */
export function groupsOfBursts(bursts, labels) {
  /** @type {Map<number, Set<number>>} */
  const ofClass = new Map();
  /** @type {Map<number, number>} */
  const sizes = new Map();
  bursts.forEach((burst, i) => {
    ofClass.set(labels[i], (ofClass.get(labels[i]) ?? new Set()).add(burst));
    sizes.set(burst, (sizes.get(burst) ?? 0) + 1);
  });
  const seen = new Map();
  return bursts.map((burst, i) => {
    const place = seen.get(burst) ?? 0;
    seen.set(burst, place + 1);
    const isAlone = ofClass.get(labels[i])?.size === 1;
    return kParts * burst + (isAlone ? Math.floor((kParts * place) / (sizes.get(burst) ?? 1)) : 0);
  });
}

/** @param {Uint8Array} picture @param {[number, number, number]} shape */
function squaresOf(picture, [height, width, channels]) {
  const [rows, columns] = [Math.min(kSide, height), Math.min(kSide, width)];
  const sums = new Float32Array(rows * columns * channels);
  const counts = new Float32Array(rows * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const square = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      counts[square]++;
      for (let c = 0; c < channels; c++) sums[square * channels + c] += picture[(y * width + x) * channels + c];
    }
  }
  return sums.map((sum, i) => sum / counts[Math.floor(i / channels)]);
}

/** @param {Float32Array} one @param {Float32Array} two */
const apart = (one, two) => one.reduce((sum, value, i) => sum + Math.abs(value - two[i]), 0) / one.length;
