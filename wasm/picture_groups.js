// Which pictures a split must keep together, since who has seen one knows the other: frames of one burst, and near duplicates.
//
// Two pictures are compared by their edges: the differences between neighbours in a grey 16 x 16 of each, and how these correlate. Of two
// photos of the same kind of thing that is seldom above 0.8, of a picture and its copy in another size, cut or brightness seldom below
// 0.95. Candidates are found by hashing with random hyperplanes (Charikar, "Similarity estimation techniques from rounding algorithms",
// 2002), so the time grows with the number of pictures and not with its square.

const kSide = 16; // of the grey picture; a smaller one tells too little to say that another is like it
const kCoarse = 8; // of that which is hashed
const kSeen = 64; // rows and columns at which a larger picture is looked at: more tell no more
const kAlike = 0.94; // correlation of edges from which on two pictures are near duplicates
const kFollows = 0.75; // the same for two whose names are counted on
const kColour = 16; // of 255: a channel's mean differs by no more
const [kBands, kBits] = [20, 12]; // of two pictures at 0.94, one band or more is equal in 996 of 1000 cases
const kCompared = 24; // in each band, with those that came last: where all are alike, a chain of neighbours holds together
const kSeconds = 2; // between two frames of a burst; EXIF's clock has whole seconds
const kSameSecond = 40; // more than so many in one second: a clock that was never set

/**
 * @typedef {[height: number, width: number, channels: number]} Shape
 * @typedef {{ edges: Float32Array, colour: number[], bands: number[] }} Signature
 */

/** @type {WeakMap<Uint8Array, Signature>} */
const signatures = new WeakMap();

/** Numbers from -1 to 1 that are always the same ones. */
const directions = (() => {
  const length = 2 * kCoarse * (kCoarse - 1);
  let state = 1;
  const next = () => (state = Math.imul(state, 48271) & 0x7fffffff) / 0x40000000 - 1;
  return Array.from({ length: kBands * kBits }, () => Float32Array.from({ length }, next));
})();

/**
 * What is left of a picture without the white bars that make it square: they would be the strongest edges of all.
 * @param {Uint8Array} pixels
 * @param {Shape} shape
 * @returns {[top: number, bottom: number, left: number, right: number]}
 */
function withoutBars(pixels, [height, width, channels]) {
  const isWhite = (/** @type {number} */ y, /** @type {number} */ x) => {
    for (let at = (y * width + x) * channels, end = at + channels; at < end; at++) if (pixels[at] < 255) return false;
    return true;
  };
  const isRow = (/** @type {number} */ y) => {
    for (let x = 0; x < width; x++) if (!isWhite(y, x)) return false;
    return true;
  };
  const isColumn = (/** @type {number} */ x) => {
    for (let y = 0; y < height; y++) if (!isWhite(y, x)) return false;
    return true;
  };
  let [top, bottom, left, right] = [0, height, 0, width];
  while (top < bottom && isRow(top)) top++;
  while (bottom > top && isRow(bottom - 1)) bottom--;
  while (left < right && isColumn(left)) left++;
  while (right > left && isColumn(right - 1)) right--;
  return [top, bottom, left, right];
}

/**
 * The means of side x side cells.
 * @param {ArrayLike<number>} values
 * @param {Shape} shape
 * @param {number} side
 * @param {[top: number, bottom: number, left: number, right: number]} [box]  the part that is looked at
 */
function cellMeans(values, [height, width, channels], side, [top, bottom, left, right] = [0, height, 0, width]) {
  const means = new Float32Array(side * side);
  const counts = new Float32Array(side * side);
  const cellOf = (/** @type {number} */ at, /** @type {number} */ length) => Math.floor((at * side) / length);
  const step = Math.max(1, Math.floor(Math.min(bottom - top, right - left) / kSeen));
  const column = Int32Array.from({ length: right - left }, (_, x) => cellOf(x, right - left));
  for (let y = top; y < bottom; y += step) {
    const row = cellOf(y - top, bottom - top) * side;
    for (let x = left, at = (y * width + left) * channels; x < right; x += step, at += step * channels) {
      const cell = row + column[x - left];
      means[cell] += channels === 3 ? 0.299 * values[at] + 0.587 * values[at + 1] + 0.114 * values[at + 2] : values[at];
      counts[cell]++;
    }
  }
  return means.map((sum, cell) => sum / counts[cell]);
}

/** Differences between neighbours, of length 1 in all; zeros where all is one grey, which is like nothing. @param {Float32Array} grey @param {number} columns */
function edgesOf(grey, columns) {
  const edges = [];
  for (let at = 0; at < grey.length; at++) {
    if (at % columns) edges.push(grey[at] - grey[at - 1]);
    if (at >= columns) edges.push(grey[at] - grey[at - columns]);
  }
  const length = Math.hypot(...edges);
  return Float32Array.from(edges, (edge) => (length < 1 ? 0 : edge / length));
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function product(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {Uint8Array} pixels @param {Shape} shape @param {ReturnType<typeof withoutBars>} box @returns {Signature} */
function edgeSignature(pixels, shape, box) {
  const channels = shape[2];
  const grey = cellMeans(pixels, shape, kSide, box);
  const coarse = edgesOf(cellMeans(grey, [kSide, kSide, 1], kCoarse), kCoarse);
  const every = Math.max(1, Math.floor(pixels.length / channels / kSeen ** 2)) * channels;
  const colour = Array.from({ length: channels }, (_, channel) => {
    let [sum, count] = [0, 0];
    for (let i = channel; i < pixels.length; i += every, count++) sum += pixels[i];
    return sum / count;
  });
  const bands = Array.from({ length: kBands }, (_, band) => {
    let bits = band; // so that bands share no bucket
    for (let bit = 0; bit < kBits; bit++) bits = 2 * bits + Number(product(coarse, directions[band * kBits + bit]) > 0);
    return bits;
  });
  return { edges: edgesOf(grey, kSide), colour, bands };
}

/** Of a picture that is too small nothing is told. @param {Uint8Array} pixels @param {Shape} shape @returns {Signature} */
function signatureOf(pixels, shape) {
  const known = signatures.get(pixels);
  if (known) return known;
  const box = withoutBars(pixels, shape);
  const isLarge = Math.min(box[1] - box[0], box[3] - box[2]) >= kSide;
  const signature = isLarge ? edgeSignature(pixels, shape, box) : { edges: new Float32Array(), colour: [], bands: [] };
  signatures.set(pixels, signature);
  return signature;
}

/** @param {Signature} a @param {Signature} b @param {number} least */
const areAlike = (a, b, least) =>
  a.edges.length === b.edges.length &&
  a.colour.every((mean, channel) => Math.abs(mean - b.colour[channel]) <= kColour) &&
  product(a.edges, b.edges) >= least;

/** Sets that grow together. @param {number} length */
function unions(length) {
  const above = Int32Array.from({ length }, (_, i) => i);
  const top = (/** @type {number} */ i) => {
    while (above[i] !== i) i = above[i] = above[above[i]];
    return i;
  };
  return { top, join: (/** @type {number} */ a, /** @type {number} */ b) => void (above[top(a)] = top(b)) };
}

/** Of "IMG_0041.jpg": what is before the last number, and the number. @param {string} name */
function counted(name) {
  const [, before, digits] = /^(.*?)(\d{1,15})\D*$/.exec(name) ?? [];
  return digits === undefined ? null : { before, number: Number(digits) };
}

/**
 * Files that were taken in one go: of one class, and either seconds apart by their cameras' clocks, or numbered one after the other and
 * alike.
 * @param {Uint8Array[]} pictures
 * @param {{ shape: Shape, labels: ArrayLike<number | string>, names?: string[], times?: Array<number | null> }} known  times: in seconds
 * @returns {Int32Array}  (N) the number of its burst, from 0 on; -1: in none
 */
export function findBursts(pictures, { shape, labels, names = [], times = [] }) {
  const { top, join } = unions(pictures.length);
  /** @type {Map<number | string, number[]>} */
  const classes = new Map();
  for (let i = 0; i < pictures.length; i++) {
    const members = classes.get(labels[i]) ?? [];
    classes.set(labels[i], members);
    members.push(i);
  }
  for (const members of classes.values()) {
    const timed = members
      .filter((i) => typeof times[i] === 'number')
      .sort((a, b) => Number(times[a]) - Number(times[b]));
    const second = (/** @type {number} */ i) => Math.floor(Number(times[i]));
    const seconds = new Map();
    for (const i of timed) seconds.set(second(i), (seconds.get(second(i)) ?? 0) + 1);
    const sure = timed.filter((i) => seconds.get(second(i)) <= kSameSecond);
    sure.forEach((i, at) => {
      if (at > 0 && Number(times[i]) - Number(times[sure[at - 1]]) <= kSeconds) join(i, sure[at - 1]);
    });

    /** @type {Map<string, number>} */
    const byName = new Map();
    const places = members.map((i) => ({ i, place: counted(names[i] ?? '') }));
    for (const { i, place } of places) if (place) byName.set(`${place.before}/${place.number}`, i);
    for (const { i, place } of places) {
      const last = place && byName.get(`${place.before}/${place.number - 1}`);
      if (last === null || last === undefined || top(last) === top(i)) continue;
      if (areAlike(signatureOf(pictures[i], shape), signatureOf(pictures[last], shape), kFollows)) join(i, last);
    }
  }
  const sizes = new Map();
  for (let i = 0; i < pictures.length; i++) sizes.set(top(i), (sizes.get(top(i)) ?? 0) + 1);
  const numbers = new Map();
  return Int32Array.from(pictures, (_, i) => {
    const one = top(i);
    if (sizes.get(one) < 2) return -1;
    if (!numbers.has(one)) numbers.set(one, numbers.size);
    return numbers.get(one);
  });
}

/**
 * Joins the frames of each burst, and near duplicates wherever they are.
 * @param {Uint8Array[]} pictures
 * @param {{ shape: Shape, bursts?: ArrayLike<number> }} known  bursts: (N) equal for pictures of one; negative: in none
 * @returns {Int32Array}  (N) groups, numbered from 0 on in the order of their first pictures
 */
export function groupPictures(pictures, { shape, bursts = [] }) {
  const { top, join } = unions(pictures.length);
  /** @type {Map<number, number>} */
  const firsts = new Map();
  for (let i = 0; i < pictures.length; i++) {
    const burst = bursts[i] ?? -1;
    if (burst < 0) continue;
    if (firsts.has(burst)) join(i, /** @type {number} */ (firsts.get(burst)));
    else firsts.set(burst, i);
  }

  /** @type {Map<number, number[]>} */
  const buckets = new Map();
  /** @type {Map<string, number>} */
  const equals = new Map();
  for (let i = 0; i < pictures.length; i++) {
    const mine = signatureOf(pictures[i], shape);
    // Pictures that are there many times meet at once, whatever stands between them.
    if (mine.bands.length === 0) continue;
    const equal = equals.get(`${mine.bands} ${mine.colour}`);
    if (equal === undefined) equals.set(`${mine.bands} ${mine.colour}`, i);
    else if (areAlike(mine, signatureOf(pictures[equal], shape), kAlike)) {
      join(i, equal);
      continue;
    }
    for (const band of mine.bands) {
      const bucket = buckets.get(band);
      if (!bucket) {
        buckets.set(band, [i]);
        continue;
      }
      for (let at = bucket.length - 1; at >= Math.max(0, bucket.length - kCompared); at--) {
        const other = bucket[at];
        if (top(other) !== top(i) && areAlike(mine, signatureOf(pictures[other], shape), kAlike)) join(i, other);
      }
      bucket.push(i);
    }
  }
  const numbers = new Map();
  return Int32Array.from(pictures, (_, i) => {
    const one = top(i);
    if (!numbers.has(one)) numbers.set(one, numbers.size);
    return numbers.get(one);
  });
}
