/**
 * A slice through the space of weights: the plane through the start of several runs and the two directions in which they went farthest
 * (principal components of the steps from the start, not centred; Li et al., "Visualizing the loss landscape of neural nets", 2018). Every
 * run counts the same for the directions, however far it went. Batch norm's moving statistics follow the same combination of runs, so a
 * point of the plane is a whole network.
 */
/** The numbers of a safetensors file that holds only float32, and what is needed to write such a file again. */
export function numbersOf(file) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const head = file.slice(0, 8 + length);
  const header = JSON.parse(new TextDecoder().decode(head.subarray(8)));
  const values = new Float32Array(file.slice(8 + length).buffer);
  const statistics = Object.entries(header)
    .filter(([name]) => /\.running_(mean|var)$/.test(name))
    .map(
      ([
        name,
        {
          data_offsets: [from, to],
        },
      ]) => ({ from: from / 4, to: to / 4, positive: name.endsWith('var') }),
    );
  return { head, values, statistics };
}

/** A file with other numbers; a variance is never below 0. */
function fileOf({ head, statistics }, values) {
  for (const { from, to, positive } of statistics)
    if (positive) for (let i = from; i < to; i++) values[i] = Math.max(0, values[i]);
  const file = new Uint8Array(head.length + values.byteLength);
  file.set(head);
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), head.length);
  return file;
}

const dot = (a, b) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** The eigenvector of the largest eigenvalue of a symmetric matrix, by power iteration from a fixed start. */
function leading(matrix) {
  let vector = matrix.map((_, i) => 1 + (i % 3));
  for (let round = 0; round < 200; round++) {
    const next = matrix.map((row) => dot(row, vector));
    const size = Math.sqrt(dot(next, next));
    if (!(size > 1e-30)) return { vector: matrix.map(() => 0), value: 0 };
    vector = next.map((x) => x / size);
  }
  return {
    vector,
    value: dot(
      vector,
      matrix.map((row) => dot(row, vector)),
    ),
  };
}

/** Lets a click through between two long sums. */
const breath = () => new Promise((done) => setTimeout(done));

/**
 * @param {{ head: Uint8Array, values: Float32Array, statistics: any[] }} start
 * @param {Float32Array[][]} ways  for each run, its numbers along the way, the start not among them
 */
export async function planeThrough(start, ways) {
  const isStatistic = new Uint8Array(start.values.length);
  for (const { from, to } of start.statistics) isStatistic.fill(1, from, to);
  const step = (values) => values.map((value, i) => (isStatistic[i] ? 0 : value - start.values[i]));
  const all = [];
  const whole = [];
  for (const way of ways) {
    const every = Math.max(1, Math.ceil(way.length / 8));
    const chosen = way.filter((_, i) => (way.length - 1 - i) % every === 0);
    const size = Math.sqrt(Math.max(...chosen.map((values) => dot(step(values), step(values))))) || 1;
    for (const values of chosen) {
      all.push(step(values).map((x) => x / size));
      whole.push(values.map((value, i) => (value - start.values[i]) / size));
    }
    await breath();
  }
  const gram = [];
  for (const one of all) {
    gram.push(all.map((other) => dot(one, other)));
    await breath();
  }
  const axes = [];
  let rest = gram;
  for (let k = 0; k < 2; k++) {
    const { vector, value } = leading(rest);
    rest = rest.map((row, i) => row.map((x, j) => x - value * vector[i] * vector[j]));
    const length = Math.sqrt(Math.max(value, 1e-30));
    const combine = (list) => {
      const sum = new Float32Array(start.values.length);
      list.forEach((values, n) => values.forEach((x, i) => (sum[i] += (vector[n] / length) * x)));
      return sum;
    };
    axes.push({ weights: combine(all), whole: combine(whole) });
  }
  const place = (values) => axes.map(({ weights }) => dot(step(values), weights));
  /** How much of the way from the start to here lies in the plane, 0 to 1. */
  const share = (values) => {
    const moved = step(values);
    const [x, y] = place(values);
    return Math.sqrt((x * x + y * y) / (dot(moved, moved) || 1));
  };
  const fileAt = (x, y) =>
    fileOf(
      start,
      start.values.map((value, i) => value + x * axes[0].whole[i] + y * axes[1].whole[i]),
    );
  return { place, share, fileAt };
}
