/**
 * Where the network looked: the class activation map (Zhou et al., "Learning deep features for discriminative localization", 2016). A network
 * that ends with a feature map, its average and a dense layer adds up each place's share of a class's score: the map times the weights. What is
 * common to all classes says nothing, since softmax sees only how the scores differ: so each class has its weights less the mean of all.
 */
const passes = ['globalAveragePool2d', 'dropout'];

/**
 * The layer with the last feature map, by its place; -1 where the network does not end so. An embedding's map, which is inside its layer,
 * would be told of here and in `lastMap`.
 */
function mapLayer({ layers }) {
  let at = layers.length - 2;
  while (at >= 0 && passes.includes(layers[at].type)) at -= 1;
  const pools = layers.slice(at + 1, -1).filter(({ type }) => type === 'globalAveragePool2d').length;
  return layers.at(-1).type === 'dense' && pools === 1 ? at : -1;
}

/** The last feature map of one picture, (H,W,C), and what its channels count for a class, (C). */
async function lastMap(run, pixels, output) {
  const { layers } = run.start;
  const at = mapLayer(run.start);
  const [rows, weights] = await Promise.all([
    run.trainer.activations(pixels),
    run.trainer.tensor(`layers.${layers.length - 1}.weight`),
  ]);
  const { values, shape } = rows.find(({ index }) => index === at);
  const [, , c] = shape;
  const classes = weights.length / c;
  // One output tells two classes apart: it speaks for the second and against the first.
  if (classes === 1) return { values, shape, weights: weights.map((weight) => (output === 0 ? -weight : weight)) };
  const shares = Float32Array.from({ length: c }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += weights[k * c + i];
    return weights[output * c + i] - sum / classes;
  });
  return { values, shape, weights: shares };
}

/**
 * How much what the network saw at each place speaks for a class, or against it: `{ values, h, w }`; null where the network has no such map.
 * @param {any} run @param {Float32Array} pixels  of one picture @param {number} output  the class
 */
export async function activationMap(run, pixels, output) {
  if (mapLayer(run.start) < 0) return null;
  const { values, shape, weights } = await lastMap(run, pixels, output);
  const [h, w, c] = shape;
  const places = Float32Array.from({ length: h * w }, (_, i) =>
    weights.reduce((sum, weight, k) => sum + weight * values[i * c + k], 0),
  );
  return { values: places, h, w };
}
