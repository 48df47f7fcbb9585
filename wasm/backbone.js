// The layers that a backbone's name stands for, as core/backbone.cpp has them, for the ways out that work without an engine.
import { problem, inWords } from './experiment.js';

/** [blocks, kernel, stride of the first, expansion, filters] @type {Array<[number, number, number, number, number]>} */
const kStages = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
];

const plain = { padding: 'same', useBias: false };
const norm = { type: 'batchNormalization', momentum: 0.99, epsilon: 1e-3 };
const relu6 = { type: 'activation', function: 'relu6' };

const convolution = (/** @type {number} */ filters, /** @type {number} */ kernelSize, strides = 1) => [
  { type: 'conv2d', filters, kernelSize, strides, ...plain },
  norm,
];

/** @param {number} channels @param {number} expansion @param {number} kernelSize @param {number} strides @param {number} filters */
const invertedResidual = (channels, expansion, kernelSize, strides, filters) => [
  ...(expansion > 1 ? [...convolution(channels * expansion, 1), relu6] : []),
  ...[{ type: 'depthwiseConv2d', kernelSize, strides, ...plain }, norm, relu6],
  ...convolution(filters, 1),
];

function efficientNetLite0() {
  let channels = 32;
  const blocks = kStages.flatMap(([repeats, kernelSize, first, expansion, filters]) =>
    Array.from({ length: repeats }, (_, i) => {
      const strides = i === 0 ? first : 1;
      const layers = invertedResidual(channels, expansion, kernelSize, strides, filters);
      const isShort = strides === 1 && channels === filters;
      channels = filters;
      return isShort ? [{ type: 'residual', layers }] : layers;
    }).flat(),
  );
  return [
    { type: 'rescaling', scale: 255 / 128, offset: -127 / 128 },
    ...[...convolution(32, 3, 2), relu6],
    ...blocks,
    ...[...convolution(1280, 1), relu6],
  ];
}

/** @param {string} name @returns {any[]} */
export function backboneLayers(name) {
  if (name !== 'efficientnet-lite0') throw problem('layers[0].name', 'efficientnet-lite0', inWords(name));
  return efficientNetLite0();
}
