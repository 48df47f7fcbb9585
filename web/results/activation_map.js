/**
 * Where the network looked: the class activation map (Zhou et al., "Learning deep features for discriminative localization", 2016). A network
 * that ends with a feature map, its average and a dense layer adds up each place's share of a class's score: the map times the weights. What is
 * common to all classes says nothing, since softmax sees only how the scores differ: so each class has its weights less the mean of all.
 */
const passes = ['globalAveragePool2d', 'dropout'];

/** Whether a layer is a backbone that gives an embedding: its last map is inside. */
const isEmbedding = ({ trainer }, at) => trainer.experiment.layers[at].output === 'embedding';

/** The layer with the last feature map, by its place; -1 where the network does not end so. */
function mapLayer(run) {
  const { layers } = run.start;
  let at = layers.length - 2;
  while (at >= 0 && passes.includes(layers[at].type)) at -= 1;
  const pools = layers.slice(at + 1, -1).filter(({ type }) => type === 'globalAveragePool2d').length;
  if (layers.at(-1).type !== 'dense' || at < 0) return -1;
  return pools === 1 || (pools === 0 && isEmbedding(run, at)) ? at : -1;
}

/**
 * What the weights of an embedding's last part count for its map: the means u of the map came in as u to the power 0.7, which is the sum over
 * all places of u to the power -0.3 times what is there.
 */
function ofMap({ values, shape: [h, w, c] }, weights) {
  return weights.map((weight, k) => {
    let mean = 0;
    for (let at = k; at < h * w * c; at += c) mean += values[at] / (h * w);
    return mean > 0 ? weight * mean ** -0.3 : 0;
  });
}

/** The last feature map of one picture, (H,W,C), and what its channels count for a class, (C). */
async function lastMap(run, pixels, output) {
  const { layers } = run.start;
  const at = mapLayer(run);
  const [rows, weights] = await Promise.all([
    run.trainer.activations(pixels),
    run.trainer.tensor(`layers.${layers.length - 1}.weight`),
  ]);
  const row = rows.find(({ index }) => index === at);
  const map = row.map ?? row;
  const c = map.shape[2];
  const width = row.map ? row.shape[2] : c; // of the vector that the dense layer sees; the map's part is its end
  const classes = weights.length / width;
  const shares = Float32Array.from({ length: c }, (_, i) => {
    const of = (k) => weights[k * width + width - c + i];
    // One output tells two classes apart: it speaks for the second and against the first.
    if (classes === 1) return output === 0 ? -of(0) : of(0);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += of(k);
    return of(output) - sum / classes;
  });
  return { ...map, weights: row.map ? ofMap(map, shares) : shares };
}

/**
 * How much what the network saw at each place speaks for a class, or against it: `{ values, h, w }`; null where the network has no such map.
 * @param {any} run @param {Float32Array} pixels  of one picture @param {number} output  the class
 */
export async function activationMap(run, pixels, output) {
  if (mapLayer(run) < 0) return null;
  const { values, shape, weights } = await lastMap(run, pixels, output);
  const [h, w, c] = shape;
  const places = Float32Array.from({ length: h * w }, (_, i) =>
    weights.reduce((sum, weight, k) => sum + weight * values[i * c + k], 0),
  );
  return { values: places, h, w };
}
