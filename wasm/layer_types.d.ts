import type { ActivationName } from './index.d.ts';

type WeightLayer = 'dense' | 'conv2d' | 'depthwiseConv2d';
type PoolLayer = 'maxPool2d' | 'averagePool2d' | 'globalAveragePool2d';
type OtherLayer = 'batchNormalization' | 'dropout' | 'activation' | 'flatten' | 'residual' | 'rescaling' | 'backbone';
/**
 * What stands around a picture for the windows of a convolution or a pool. `same`: as many zeros as make ceil(side / strides) windows, the
 * surplus behind (Keras's, ONNX's SAME_UPPER). 0 to 64 pixels on every side, or `[top, bottom, left, right]`: PyTorch's; a pool takes less than
 * its `poolSize`. A mean leaves out the border of `same` (Keras) and counts one in numbers as zeros (PyTorch's default). A
 * largest number is never one of the border. Up to 0.1.0 `same` with strides was (k-1)/2 before and k/2 behind: a network of then
 * keeps its numbers by `[(k-1)/2, k/2, (k-1)/2, k/2]`, rounded down.
 */
export type Padding = 'valid' | 'same' | number | [top: number, bottom: number, left: number, right: number];
/**
 * One layer: `dense` (units), `conv2d` (filters, kernelSize, strides, padding), `depthwiseConv2d`, `maxPool2d`, `averagePool2d`
 * (poolSize, strides, padding), `globalAveragePool2d`, `batchNormalization` (momentum, epsilon), `dropout` (rate or keep),
 * `activation` (function, negativeSlope), `flatten`, `residual` (layers), `rescaling` (scale, offset), `backbone` (name). Layers with weights also take activation, useBias,
 * kernelInitializer, trainable, l1, l2.
 */
export interface LayerDescription {
  type: WeightLayer | PoolLayer | OtherLayer;
  layers?: LayerDescription[];
  activation?: ActivationName;
  function?: ActivationName;
  padding?: Padding;
  [option: string]: unknown;
}
