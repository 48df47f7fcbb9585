// Models as Teachable Machine exports them for TensorFlow.js, made anew: the same structure, names and files, with weights that are the same in every
// run. MobileNetV2 of any width and side; batch statistics such that signals stay alive through all layers, as they do in a trained one.
import { numbers } from './photo_files.js';

/** MobileNetV2 0.35 at 224 pixels, as Teachable Machine has it: [filters, strides] of each block. */
export const teachableMachine = {
  side: 224,
  first: 16,
  blocks: [8, 's8', 8, 's16', 16, 16, 's24', 24, 24, 24, 32, 32, 32, 's56', 56, 56, 112],
  last: 1280,
  hidden: 100,
};
/** The same kinds of layers, few of each. */
export const small = { side: 20, first: 8, blocks: [4, 's4', 4, 's8', 8, 12], last: 24, hidden: 10 };

/** Between -1 and 1, bell-shaped. */
const bell = (next) => next() + next() - next() - next();

class Model {
  layers = [];
  /** @type {Array<{ name: string, shape: number[], values: Float32Array }>} */
  weights = [];

  constructor(seed) {
    this.next = numbers(seed);
  }

  put(className, name, config, inputs) {
    const inbound = inputs.length ? [inputs.map((input) => [input, 0, 0, {}])] : [];
    this.layers.push({
      name,
      class_name: className,
      config: { ...config, name, trainable: true },
      inbound_nodes: inbound,
    });
    return name;
  }

  weight(name, shape, value) {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => value(this.next));
    this.weights.push({ name, shape, values });
  }

  convolution(name, input, { filters, channels, side, strides = 1, padding = 'same', depthwise = false }) {
    const kernel = depthwise ? 'depthwise_kernel' : 'kernel';
    const config = {
      ...(depthwise ? { depth_multiplier: 1 } : { filters, kernel_regularizer: null }),
      ...{ kernel_size: [side, side], strides: [strides, strides], padding, data_format: 'channels_last' },
      ...{
        dilation_rate: [1, 1],
        activation: 'linear',
        use_bias: false,
        bias_initializer: { class_name: 'Zeros', config: {} },
      },
    };
    const reach = Math.sqrt(3 / (side * side * (depthwise ? 1 : channels)));
    this.weight(`${name}/${kernel}`, [side, side, channels, depthwise ? 1 : filters], (next) => reach * bell(next));
    return this.put(depthwise ? 'DepthwiseConv2D' : 'Conv2D', name, config, [input]);
  }

  normalization(name, input, channels) {
    const form = [channels];
    this.weight(`${name}/gamma`, form, (next) => 0.8 + 0.8 * next());
    this.weight(`${name}/beta`, form, (next) => bell(next) / 2);
    this.weight(`${name}/moving_mean`, form, (next) => bell(next) / 5);
    this.weight(`${name}/moving_variance`, form, (next) => 0.2 + next());
    const config = { axis: -1, momentum: 0.999, epsilon: 0.001, center: true, scale: true };
    return this.put('BatchNormalization', name, config, [input]);
  }

  relu6(name, input) {
    return this.put('ReLU', name, { max_value: 6 }, [input]);
  }

  zeros(name, input) {
    return this.put(
      'ZeroPadding2D',
      name,
      {
        padding: [
          [0, 1],
          [0, 1],
        ],
        data_format: 'channels_last',
      },
      [input],
    );
  }

  /** One of MobileNetV2's blocks. */
  block(number, input, { channels, filters, strides }) {
    const prefix = number === 0 ? 'expanded_conv' : `block_${number}`;
    const wide = number === 0 ? channels : 6 * channels;
    let at = input;
    if (number > 0) {
      at = this.convolution(`${prefix}_expand`, at, { filters: wide, channels, side: 1 });
      at = this.relu6(`${prefix}_expand_relu`, this.normalization(`${prefix}_expand_BN`, at, wide));
    }
    if (strides === 2) at = this.zeros(`${prefix}_pad`, at);
    const padding = strides === 2 ? 'valid' : 'same';
    at = this.convolution(`${prefix}_depthwise`, at, { channels: wide, side: 3, strides, padding, depthwise: true });
    at = this.relu6(`${prefix}_depthwise_relu`, this.normalization(`${prefix}_depthwise_BN`, at, wide));
    at = this.convolution(`${prefix}_project`, at, { filters, channels: wide, side: 1 });
    at = this.normalization(`${prefix}_project_BN`, at, filters);
    return number > 0 && strides === 1 && channels === filters ? this.put('Add', `${prefix}_add`, {}, [input, at]) : at;
  }
}

const sequential = (name, layers) => ({ class_name: 'Sequential', config: { name, layers } });

/**
 * @param {{ side: number, first: number, blocks: Array<number | string>, last: number, hidden: number }} form
 * @param {{ labels?: string[], seed?: number, channels?: number }} [options]
 */
export function teachableModel(
  { side, first, blocks, last, hidden },
  { labels = ['cat', 'dog', 'bird'], seed = 1, channels = 3 } = {},
) {
  const model = new Model(seed);
  const input = { batch_input_shape: [null, side, side, channels], dtype: 'float32', sparse: false };
  let at = model.put('InputLayer', 'input_1', input, []);
  at = model.convolution('Conv1', model.zeros('Conv1_pad', at), {
    filters: first,
    channels,
    side: 3,
    strides: 2,
    padding: 'valid',
  });
  at = model.relu6('Conv1_relu', model.normalization('bn_Conv1', at, first));
  let width = first;
  for (const [number, block] of blocks.entries()) {
    const filters = Number(String(block).replace('s', ''));
    at = model.block(number, at, { channels: width, filters, strides: typeof block === 'string' ? 2 : 1 });
    width = filters;
  }
  at = model.convolution('Conv_1', at, { filters: last, channels: width, side: 1, padding: 'valid' });
  at = model.relu6('out_relu', model.normalization('Conv_1_bn', at, last));
  const network = {
    class_name: 'Model',
    config: { name: 'model1', layers: model.layers, input_layers: [['input_1', 0, 0]], output_layers: [[at, 0, 0]] },
  };
  const dense = (name, config) => ({
    class_name: 'Dense',
    config: { ...config, kernel_constraint: null, name, trainable: true },
  });
  const average = {
    data_format: 'channels_last',
    name: 'global_average_pooling2d_GlobalAveragePooling2D1',
    trainable: true,
  };
  model.weight('dense_Dense1/kernel', [last, hidden], (next) => bell(next) * Math.sqrt(3 / last));
  model.weight('dense_Dense1/bias', [hidden], (next) => bell(next) / 10);
  model.weight('dense_Dense2/kernel', [hidden, labels.length], (next) => bell(next) * Math.sqrt(2 / hidden));
  const head = sequential('sequential_3', [
    dense('dense_Dense1', {
      units: hidden,
      activation: 'relu',
      use_bias: true,
      batch_input_shape: [null, last],
      dtype: 'float32',
    }),
    dense('dense_Dense2', { units: labels.length, activation: 'softmax', use_bias: false }),
  ]);
  const backbone = sequential('sequential_1', [network, { class_name: 'GlobalAveragePooling2D', config: average }]);
  return {
    topology: {
      ...sequential('sequential_4', [backbone, head]),
      keras_version: 'tfjs-layers 1.7.4',
      backend: 'tensor_flow.js',
    },
    weights: model.weights,
    metadata: {
      ...{
        tfjsVersion: '1.7.4',
        tmVersion: '2.4.10',
        packageVersion: '0.8.4-alpha2',
        packageName: '@teachablemachine/image',
      },
      ...{
        timeStamp: '2026-11-29T12:00:00.000Z',
        userMetadata: {},
        modelName: 'tm-my-image-model',
        labels,
        imageSize: side,
      },
    },
  };
}

/** The bytes of a weight, as tfjs packs it. @type {Record<string, (values: Float32Array) => { bytes: Uint8Array, quantization?: any }>} */
const packings = {
  float32: (values) => ({ bytes: new Uint8Array(values.buffer) }),
  float16: (values) => ({
    bytes: new Uint8Array(Uint16Array.from(values, half).buffer),
    quantization: { dtype: 'float16', original_dtype: 'float32' },
  }),
  uint8: (values) => affine(values, 'uint8', 255),
  uint16: (values) => affine(values, 'uint16', 65535),
};

function affine(values, dtype, steps) {
  const [min, max] = [Math.min(...values.slice(0, 1e5)), Math.max(...values.slice(0, 1e5))];
  const scale = (max - min) / steps || 1;
  const whole = Array.from(values, (value) => Math.max(0, Math.min(steps, Math.round((value - min) / scale))));
  const packed = dtype === 'uint8' ? Uint8Array.from(whole) : Uint16Array.from(whole);
  return { bytes: new Uint8Array(packed.buffer), quantization: { dtype, scale, min, original_dtype: 'float32' } };
}

/** The nearest half below, of a number that is no subnormal; else zero. */
function half(value) {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  if (!(exponent >= -14)) return 0;
  const sign = value < 0 ? 0x8000 : 0;
  return sign | ((exponent + 15) << 10) | Math.floor((Math.abs(value) / 2 ** exponent - 1) * 1024);
}

/**
 * The three files.
 * @param {ReturnType<typeof teachableModel>} model
 * @param {'float32' | 'float16' | 'uint8' | 'uint16'} [packing]
 * @returns {Record<string, Uint8Array>}
 */
export function modelFiles({ topology, weights, metadata }, packing = 'float32') {
  const packed = weights.map(({ name, shape, values }) => ({
    name,
    shape,
    dtype: 'float32',
    ...packings[packing](values),
  }));
  const manifest = [{ paths: ['weights.bin'], weights: packed.map(({ bytes: _, ...rest }) => rest) }];
  const text = (value) => new TextEncoder().encode(JSON.stringify(value));
  return {
    'model.json': text({ modelTopology: topology, weightsManifest: manifest }),
    'metadata.json': text(metadata),
    'weights.bin': new Uint8Array(Buffer.concat(packed.map(({ bytes }) => bytes))),
  };
}

/** Pictures of smooth colours and noise, uint8 (N,side,side,channels). */
export function pixelsFor({ side }, count, channels = 3) {
  const next = numbers(7);
  return Uint8Array.from({ length: count * side * side * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % side, Math.floor(i / channels / side) % side];
    const wave = Math.sin((x * (c + 1) + y + Math.floor(i / (side * side * channels)) * 40) / side);
    return Math.max(0, Math.min(255, 128 + 90 * wave + 60 * bell(next)));
  });
}
