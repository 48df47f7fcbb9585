/**
 * The columns in which a network is drawn: the picture, each convolution and pooling and dense layer with what leaves it after norm and
 * activation.
 */
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { isPlane } from '../parts/point_plane.js';

const withWeights = ['conv2d', 'depthwiseConv2d', 'dense', 'residual', 'backbone'];
const pools = ['maxPool2d', 'averagePool2d', 'globalAveragePool2d'];
const kMost = 14;

/** @param {any} run  of which only the start event is read */
export function columnsOf(run) {
  const { layers, shape } = run.start;
  const columns = [{ kind: 'picture', shape, weights: null, layer: -1, index: null }];
  layers.forEach((layer, at) => {
    if (!withWeights.includes(layer.type) && !pools.includes(layer.type)) {
      const column = columns.at(-1);
      if (column.kind !== 'picture' && layer.type !== 'flatten' && layer.type !== 'dropout') column.layer = at;
      if (layer.parameters) column.weights = (column.weights ?? 0) + layer.parameters;
      if (layer.type === 'dropout') column.dropout = true;
      return;
    }
    const isPool = pools.includes(layer.type);
    columns.push({
      kind: isPool ? 'pool' : layer.type,
      shape: layer.outputShape,
      weights: isPool ? null : layer.parameters,
      layer: at,
      index: layer.index,
      trainable: layer.trainable,
    });
  });
  columns.at(-1).last = true;
  return columns.length > kMost ? fewer(columns) : columns;
}

/** Of a network that is too deep to be drawn whole: of the columns of one height and width the last, with the weights of all. */
function fewer(columns) {
  const kept = [];
  for (const column of columns) {
    const before = kept.at(-1);
    const isAlike =
      before?.kind !== 'picture' && String(before?.shape.slice(0, 2)) === String(column.shape.slice(0, 2));
    if (!isAlike || column.kind === 'dense') kept.push(column);
    else kept[kept.length - 1] = { ...column, weights: (before.weights ?? 0) + (column.weights ?? 0) };
  }
  return kept;
}

/** What a column is called. */
export const nameOf = (column) =>
  column.last
    ? t('layer.output')
    : t(column.kind === 'picture' && isPlane(state.data.shape) ? 'layer.point' : `layer.${column.kind}`);
