// Five networks of playground size, each with its batch: what a training step is measured on.
import { backboneLayers } from '../../wasm/backbone.js';

const relu = { type: 'activation', function: 'relu' };
const relu6 = { type: 'activation', function: 'relu6' };
const norm = { type: 'batchNormalization' };
const pool = { type: 'maxPool2d', poolSize: 2 };
const flat = { type: 'flatten' };
const mean = { type: 'globalAveragePool2d' };
const conv = (filters, kernelSize, more = {}) => ({ type: 'conv2d', filters, kernelSize, ...more });
const dense = (units, more = {}) => ({ type: 'dense', units, ...more });
const same = { padding: 'same' };
const repeat = (times, layers) => Array.from({ length: times }, () => layers).flat();

/** name: {title, batch, shape (H,W,C), layers} */
export const workloads = {
  W1: {
    title: 'MLP 784-512-256-10',
    batch: 128,
    shape: [1, 1, 784],
    layers: [dense(512, { activation: 'relu' }), dense(256, { activation: 'relu' }), dense(10)],
  },
  W2: {
    title: 'LeNet-5, 28x28',
    batch: 64,
    shape: [28, 28, 1],
    layers: [
      conv(6, 5, { activation: 'relu' }),
      pool,
      conv(16, 5, { activation: 'relu' }),
      pool,
      flat,
      dense(120, { activation: 'relu' }),
      dense(84, { activation: 'relu' }),
      dense(10),
    ],
  },
  W3: {
    title: 'conv32-conv64-fc128, 28x28',
    batch: 64,
    shape: [28, 28, 1],
    layers: [
      conv(32, 3, { ...same, activation: 'relu' }),
      conv(64, 3, { ...same, activation: 'relu' }),
      pool,
      flat,
      dense(128, { activation: 'relu' }),
      dense(10),
    ],
  },
  W4: {
    title: 'five convolutions with batch norm, 32x32x3',
    batch: 32,
    shape: [32, 32, 3],
    layers: [
      ...repeat(2, [conv(32, 3, same), norm, relu]),
      pool,
      ...repeat(2, [conv(64, 3, same), norm, relu]),
      pool,
      conv(128, 3, same),
      norm,
      relu,
      mean,
      dense(10),
    ],
  },
  W5: {
    title: 'depthwise-separable, 32x32x3',
    batch: 32,
    shape: [32, 32, 3],
    layers: [
      conv(32, 3, { ...same, strides: 2 }),
      norm,
      relu6,
      ...repeat(4, [{ type: 'depthwiseConv2d', kernelSize: 3, ...same }, norm, relu6, conv(64, 1), norm, relu6]),
      mean,
      dense(10),
    ],
  },
};

/** Shapes that divide by nothing: odd channels and sides, 5x5, strides, few samples, products with a side of 9 or 10. */
export const odd = {
  O1: {
    title: '5x5 with stride 2, 13 and 19 channels, 20x20x3',
    batch: 7,
    shape: [20, 20, 3],
    layers: [
      conv(13, 5, { ...same, strides: 2, activation: 'relu' }),
      conv(19, 3, { ...same, activation: 'relu' }),
      pool,
      flat,
      dense(10),
    ],
  },
  O2: {
    title: 'one sample, conv16-conv32, 28x28',
    batch: 1,
    shape: [28, 28, 1],
    layers: [
      conv(16, 3, { ...same, activation: 'relu' }),
      pool,
      conv(32, 3, { ...same, activation: 'relu' }),
      pool,
      flat,
      dense(10),
    ],
  },
  O3: {
    title: 'batch norm, 11 and 23 channels, 3x3 and 5x5, 20x20x5',
    batch: 7,
    shape: [20, 20, 5],
    layers: [conv(11, 3, same), norm, relu, conv(23, 5, same), norm, relu, mean, dense(10)],
  },
  O4: {
    title: 'MLP 9-500-10',
    batch: 128,
    shape: [1, 1, 9],
    layers: [dense(500, { activation: 'relu' }), dense(10)],
  },
  O5: {
    title: 'MLP 784-100-10, one sample',
    batch: 1,
    shape: [1, 1, 784],
    layers: [dense(100, { activation: 'relu' }), dense(10)],
  },
};

/**
 * A real network, EfficientNet-Lite0, asked for answers: many pictures at once, and one alone, as a camera asks. Only libraries that take a
 * network as a file are asked.
 */
const backbone = (side, batch) => ({
  title: `EfficientNet-Lite0, ${side}x${side}x3`,
  batch,
  shape: [side, side, 3],
  layers: [{ type: 'backbone', name: 'efficientnet-lite0' }, mean, dense(10)],
  task: 'predict',
  libraries: ['ours', 'onnxruntime', 'litert', 'litert_compat'],
});
export const real = { R1: backbone(224, 16), R2: backbone(224, 1), R3: backbone(160, 16), R4: backbone(160, 1) };

/** A workload with the layers that its backbone's name stands for. */
export const withBackbone = (workload) => ({
  ...workload,
  layers: workload.layers.flatMap((layer) => (layer.type === 'backbone' ? backboneLayers(layer.name) : [layer])),
});

/** The same network, all of whose layers learn: layer by layer, behind its rescaling, since PyTorch's side knows neither. */
const learned = (side, batch) => ({
  title: `EfficientNet-Lite0, all layers, ${side}x${side}x3`,
  batch,
  shape: [side, side, 3],
  layers: [...backboneLayers('efficientnet-lite0').slice(1), mean, dense(10)],
  compared: 1, // losses: so deep a network's gradients are a hundredth beside float64's, here as in PyTorch, and losses soon part
});
export const whole = { L1: learned(128, 16), L2: learned(224, 16) };

/** The experiment of a workload: Adam, two batches that come in turn. */
export const experimentOf = ({ layers, batch }) => ({
  seed: 1,
  layers,
  optimizer: { type: 'adam', learningRate: 0.001 },
  batchSize: batch,
  epochs: 100_000,
  shuffle: false,
  validationSplit: 0,
});

/** Two batches that are the same everywhere. */
export function samplesOf({ batch, shape }) {
  const size = shape.reduce((product, side) => product * side, 1);
  let state = 1;
  const inputs = Float32Array.from({ length: 2 * batch * size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
  const labels = Int32Array.from({ length: 2 * batch }, (_, i) => i % 10);
  return { inputs, shape, labels, classNames: Array.from({ length: 10 }, (_, i) => `${i}`) };
}
