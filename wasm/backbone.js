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

/** @param {number} channels @param {number} expansion @param {number} kernelSize @param {number} strides @param {number} filters @param {boolean} [isTap]  whether the embedding looks at its depthwise output */
const invertedResidual = (channels, expansion, kernelSize, strides, filters, isTap = false) => [
  ...(expansion > 1 ? [...convolution(channels * expansion, 1), relu6] : []),
  ...[{ type: 'depthwiseConv2d', kernelSize, strides, ...plain }, norm, isTap ? { ...relu6, isTap } : relu6],
  ...convolution(filters, 1),
];

/** @param {string} output */
function efficientNetLite0(output) {
  let channels = 32;
  const isEmbedding = output === 'embedding';
  /** @type {number[]} */
  const parts = [];
  const blocks = kStages.flatMap(([repeats, kernelSize, first, expansion, filters], stage) =>
    Array.from({ length: repeats }, (_, i) => {
      const strides = i === 0 ? first : 1;
      const isTap = isEmbedding && i === 0 && stage >= kStages.length - 3;
      if (isTap) parts.push(channels * expansion);
      const layers = invertedResidual(channels, expansion, kernelSize, strides, filters, isTap);
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
    ...(isEmbedding ? ['pyramidPooling', 'centering'].map((type) => ({ type, parts: [...parts, 1280] })) : []),
  ];
}

/** @param {string} name @param {string} [output] @returns {any[]} */
export function backboneLayers(name, output = 'featureMap') {
  if (name !== 'efficientnet-lite0') throw problem('layers[0].name', 'efficientnet-lite0', inWords(name));
  return efficientNetLite0(output);
}
