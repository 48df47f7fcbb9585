// What an exported network's reader has to know and the network cannot say itself: what the input is, what the outputs mean, where both
// come from. The one place that says it; a flat list of texts, as ONNX's metadata_props take them.
import { recipeOf } from './export_python.js';
import { kVersion } from './weights_file.js';

/**
 * @param {import('./export.js').Trained} trained
 * @returns {Record<string, string>}
 */
export function metadataOf(trained) {
  const { experiment, preparation, classNames, architecture, weightsSha256 } = trained;
  const { normalization } = preparation;
  const { loss } = recipeOf(experiment);
  /** @type {Record<string, string | undefined>} */
  const told = {
    ...inputOf(trained),
    'input.normalization': normalization ? JSON.stringify({ ...normalization, where: 'in the network' }) : 'none',
    output: 'logits, float32 (N,K)',
    'output.activation': activationOf(loss.type, architecture.outputs),
    classNames: classNames.length ? JSON.stringify(classNames) : undefined,
    preparation: JSON.stringify(preparation),
    version: kVersion,
    weightsSha256,
  };
  /** @type {Record<string, string>} */
  const given = {};
  for (const [key, value] of Object.entries(told)) if (value !== undefined) given[key] = value;
  return given;
}

/**
 * What the network takes: the preparation, in words.
 * @param {import('./export.js').Trained} trained
 * @returns {Record<string, string | undefined>}
 */
function inputOf({ preparation, shape: [height, width, channels] }) {
  const layout = { input: `float32 (N,${channels},${height},${width})`, 'input.layout': 'NCHW' };
  if (preparation.kind === 'table') {
    const columns = preparation.columns.map((column) =>
      column.type === 'number'
        ? `${column.name} (a number; where it is missing ${column.median})`
        : `${column.name} (one-hot: ${[...column.categories, ...(column.missing ? ['missing'] : [])].join(', ')})`,
    );
    return {
      ...{ ...layout, 'input.kind': 'a row of a table', 'input.scale': 'as they stand in the table' },
      ...{ 'input.columns': columns.join('; '), 'output.label': preparation.label },
    };
  }
  if (preparation.kind === 'numbers') {
    return { ...layout, 'input.kind': 'numbers', 'input.scale': scaleOf(preparation) };
  }
  const { size, channels: colours, fit, invert } = preparation;
  return {
    ...layout,
    'input.kind': 'picture',
    'input.size': `${size[0]} x ${size[1]} (height x width)`,
    'input.channels': { 1: 'grey (0.299 R + 0.587 G + 0.114 B)', 3: 'RGB' }[colours],
    'input.fit': fit,
    'input.filter':
      'triangle, as wide as the reduction (antialiased bilinear); a JPEG is decoded at 1/8, 1/4 or 1/2 where that leaves twice the size',
    'input.invert': invert === 'auto' ? '255 less each byte where the border is brighter than 127.5 on average' : 'no',
    'input.scale': scaleOf(preparation),
  };
}

/** @param {import('./preparation.js').Preparation} preparation */
const scaleOf = ({ scale }) => (scale === 1 ? 'as they stand in the data set' : 'bytes / 255: 0..1');

/** What makes probabilities of the outputs. @param {string} loss @param {number} outputs */
function activationOf(loss, outputs) {
  if (loss === 'meanSquaredError') return 'none';
  if (loss === 'binaryCrossEntropy') {
    return outputs === 1 ? 'sigmoid: the probability of the second class' : 'sigmoid, each output by itself';
  }
  return 'softmax';
}
