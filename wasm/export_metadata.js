// What an exported network's reader has to know and the network cannot say itself: what the input is, what the outputs mean, where both
// come from. The one place that says it; a flat list of texts, as ONNX's metadata_props take them.
import { recipeOf } from './export_python.js';

export const kVersion = '0.1.0'; // package.json's (tests/wasm/export_metadata.test.js)

/**
 * @param {import('./export.js').Trained} trained
 * @returns {Record<string, string>}
 */
export function metadataOf(trained) {
  const { experiment, normalization, classNames, architecture, weightsSha256 } = trained;
  const { loss } = recipeOf(experiment);
  /** @type {Record<string, string | undefined>} */
  const told = {
    ...inputOf(trained),
    'input.normalization': normalization ? JSON.stringify({ ...normalization, where: 'in the network' }) : 'none',
    output: 'logits, float32 (N,K)',
    'output.activation': activationOf(loss.type, architecture.outputs),
    classNames: classNames.length ? JSON.stringify(classNames) : undefined,
    version: kVersion,
    weightsSha256,
  };
  /** @type {Record<string, string>} */
  const given = {};
  for (const [key, value] of Object.entries(told)) if (value !== undefined) given[key] = value;
  return given;
}

/**
 * What the network takes.
 * @param {import('./export.js').Trained} trained
 * @returns {Record<string, string | undefined>}
 */
function inputOf({ experiment, shape: [height, width, channels] }) {
  const dataset = typeof experiment.dataset === 'object' ? experiment.dataset : {}; // a name says nothing of these
  const numbers = `float32 (N,${channels},${height},${width})`;
  const layout = { input: numbers, 'input.layout': 'NCHW' };
  if (height * width === 1 && dataset.type !== 'images') {
    return { ...layout, 'input.kind': 'numbers', 'input.scale': 'as they stand in the data set' };
  }
  const bytes = typeof experiment.dataset === 'string' || ['builtIn', 'images', 'idx'].includes(dataset.type);
  return {
    ...layout,
    'input.kind': 'picture',
    'input.size': `${height} x ${width} (height x width)`,
    'input.channels': { 1: 'grey (0.299 R + 0.587 G + 0.114 B)', 3: 'RGB' }[channels],
    'input.fit': dataset.type === 'images' ? dataset.fit : undefined,
    'input.filter': dataset.type === 'images' ? 'triangle, as wide as the reduction (antialiased bilinear)' : undefined,
    'input.scale': `bytes / 255: 0..1${bytes ? '' : '; floats as they stand in the data set'}`,
  };
}

/** What makes probabilities of the outputs. @param {string} loss @param {number} outputs */
function activationOf(loss, outputs) {
  if (loss === 'meanSquaredError') return 'none';
  if (loss === 'binaryCrossEntropy') {
    return outputs === 1 ? 'sigmoid: the probability of the second class' : 'sigmoid, each output by itself';
  }
  return 'softmax';
}
