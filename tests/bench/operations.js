// How much arithmetic a network needs: the floor under any time that is measured.

/** Winograd's tile: 36 products for 4x4 outputs of a 3x3 filter (Lavin and Gray, 2016). */
const kTile = 4;
const kTileProducts = 36;

const windows = (side, { kernelSize = 2, poolSize = kernelSize, strides = 1, padding }) =>
  padding === 'same' ? Math.ceil(side / strides) : Math.floor((side - poolSize) / strides) + 1;

/** Products of one pass through a layer for one sample, and the shape of what it puts out. */
function forward(layer, [height, width, channels], winograd) {
  switch (layer.type) {
    case 'dense':
      return { products: height * width * channels * layer.units, shape: [1, 1, layer.units] };
    case 'conv2d': {
      const { filters, kernelSize, strides = 1 } = layer;
      const shape = [windows(height, layer), windows(width, layer), filters];
      const tiled = winograd && kernelSize === 3 && strides === 1 && Math.min(channels, filters) >= 8;
      const tiles = Math.ceil(shape[0] / kTile) * Math.ceil(shape[1] / kTile);
      const each = tiled ? tiles * kTileProducts : shape[0] * shape[1] * kernelSize ** 2;
      return { products: each * channels * filters, shape };
    }
    case 'depthwiseConv2d': {
      const shape = [windows(height, layer), windows(width, layer), channels];
      return { products: shape[0] * shape[1] * layer.kernelSize ** 2 * channels, shape };
    }
    case 'maxPool2d': {
      const pool = { strides: layer.poolSize, ...layer };
      return { products: 0, shape: [windows(height, pool), windows(width, pool), channels] };
    }
    case 'globalAveragePool2d':
      return { products: 0, shape: [1, 1, channels] };
    case 'flatten':
      return { products: 0, shape: [1, 1, height * width * channels] };
    default:
      return { products: 0, shape: [height, width, channels] };
  }
}

/** Layers in order, those of a residual block among them (its blocks here have no projection). */
const flat = (layers) => layers.flatMap((layer) => (layer.type === 'residual' ? flat(layer.layers) : [layer]));

/**
 * Floating-point operations of a batch, a product and a sum each: of dense layers and convolutions, nothing else (no norm, no pool, no
 * optimizer, no transform). A training step is forward and both gradients, but the input's of the first layer that learns.
 * @param {{ layers: object[], shape: number[], batch: number }} workload  without a backbone, whose layers it must have instead
 * @param {'train' | 'predict'} task
 * @param {{ winograd?: boolean }} [how]  with Winograd's fewer products, where our engine takes them (default), or by definition
 */
export function operations({ layers, shape, batch }, task, { winograd = true } = {}) {
  let [total, first, input] = [0, true, shape];
  for (const layer of flat(layers)) {
    const { products, shape: output } = forward(layer, input, winograd);
    const passes = task === 'predict' ? 1 : first ? 2 : 3;
    if (products > 0) first = false;
    total += 2 * batch * passes * products;
    input = output;
  }
  return total;
}
