// The networks that tests/slow/readers.js hands to other programs: each kind of layer, and what its neighbours make of it.

const conv = (filters, kernelSize, more) => ({ type: 'conv2d', filters, kernelSize, ...more });
const depthwise = (kernelSize, more) => ({ type: 'depthwiseConv2d', kernelSize, ...more });
const dense = (units, more) => ({ type: 'dense', units, ...more });
const act = (name) => ({ type: 'activation', function: name });
const pool = (type, poolSize, strides, padding) => ({ type, poolSize, strides, padding });
const [norm, flat, mean, same] = [
  { type: 'batchNormalization' },
  { type: 'flatten' },
  { type: 'globalAveragePool2d' },
  { padding: 'same' },
];

/** Name: [shape of a sample, layers, the rest of the experiment]; each optimizer and loss has its turn. */
export const networks = {
  'conv, norm, pools': [
    [16, 15, 3],
    [
      ...[conv(8, 3, { ...same, useBias: false }), norm, act('relu'), pool('maxPool2d', 2, 2, 'valid')],
      ...[conv(12, 3, same), norm, act('leakyRelu'), pool('averagePool2d', 2, 2, 'valid'), flat, dense(4)],
    ],
    { l2: 0.001, optimizer: { type: 'adam', learningRate: 0.01, epsilon: 0.001 } },
  ],
  depthwise: [
    [14, 14, 3],
    [
      ...[conv(8, 3, { ...same, strides: 2, useBias: false }), norm, act('relu6')],
      ...[depthwise(3, { ...same, useBias: false }), norm, act('relu6'), conv(16, 1, { useBias: false }), norm],
      ...[act('relu6'), mean, dense(4)],
    ],
    { optimizer: { type: 'rmsprop', learningRate: 0.01, epsilon: 0.001 } },
  ],
  residual: [
    [10, 12, 4],
    [
      { type: 'residual', layers: [conv(4, 3, same), norm, act('relu'), conv(4, 3, same)] },
      { type: 'residual', layers: [conv(8, 3, { ...same, strides: 2 }), norm, act('relu'), conv(8, 3, same)] },
      ...[act('relu'), mean, dense(4)],
    ],
    { optimizer: { type: 'momentum', learningRate: 1, nesterov: true, clipNorm: 0.1 } },
  ],
  'dense only': [
    [6, 5, 1],
    [flat, dense(16, { activation: 'tanh' }), dense(9, { useBias: false }), norm, dense(4)],
    { loss: 'binaryCrossEntropy' },
  ],
  'blocks of rows': [
    [1, 1, 12],
    [
      dense(10, { activation: 'relu' }),
      { type: 'residual', layers: [dense(10, { activation: 'silu' }), norm, dense(10)] },
      { type: 'residual', layers: [dense(7)] },
      dense(4),
    ],
    { optimizer: { type: 'adamw', learningRate: 0.01, weightDecay: 0.1 } },
  ],
  regression: [[1, 1, 5], [dense(11, { activation: 'sigmoid' }), dense(2)], { loss: 'meanSquaredError' }],
  'one output': [[8, 8, 1], [conv(6, 3, { activation: 'elu' }), flat, dense(1)], { loss: 'binaryCrossEntropy' }],
  'gelu, silu': [
    [9, 8, 2],
    [
      ...[conv(6, 3, { ...same, activation: 'gelu' }), norm, conv(6, 3, { ...same, useBias: false }), norm],
      ...[act('silu'), flat, dense(8, { activation: 'gelu' }), norm, dense(8), act('silu'), norm, dense(4)],
    ],
    { loss: { type: 'crossEntropy', labelSmoothing: 0.2 }, optimizer: { type: 'adagrad', learningRate: 0.01 } },
  ],
  'strides, every padding': [
    [15, 14, 3],
    [
      ...[
        conv(6, 3, { strides: 2, ...same }),
        conv(6, 5, { strides: 2, padding: 2 }),
        conv(5, 2, { padding: [0, 1, 2, 1] }),
      ],
      ...[depthwise(3, { strides: 2, ...same }), depthwise(3, { padding: [1, 2, 0, 3] }), flat, dense(4)],
    ],
    { optimizer: { type: 'adadelta', learningRate: 1 } },
  ],
  'pools, every padding': [
    [13, 12, 3],
    [
      ...[pool('maxPool2d', 3, 2, 'same'), conv(5, 1), pool('maxPool2d', 3, 1, 1), pool('averagePool2d', 3, 1, 'same')],
      ...[pool('averagePool2d', 3, 1, 1), pool('maxPool2d', 2, 1, [0, 1, 1, 0]), flat, dense(4)],
    ],
    { optimizer: { type: 'sgd', learningRate: 1 } },
  ],
  'uneven means': [
    [12, 11, 3],
    [
      pool('averagePool2d', 3, 2, 'same'),
      pool('averagePool2d', 2, 1, [0, 1, 1, 0]),
      pool('averagePool2d', 2, 2, 'same'),
      flat,
      dense(4),
    ],
    { l1: 0.001, optimizer: 'rmsprop' },
  ],
  normalized: [
    [6, 6, 3],
    [conv(5, 3, { activation: 'relu' }), flat, dense(4)],
    { dataset: { type: 'csv', path: 'none', label: 'none', normalize: true } },
  ],
};
