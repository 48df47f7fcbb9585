// The trained network as a Keras 3 script: the same network built with the functional API (channels last, any back end), the weights
// read from our safetensors file and turned to Keras's layouts, compiled with the experiment's loss and optimizer.
//
// Where Keras differs it is made equal: borders that are not its "same" are steps of their own; a flattened picture is put in (C,H,W)
// order first, in which our weights behind it stand. Only layers and functions of Keras itself, so that a saved file opens anywhere.
import { everyOperation } from './architecture.js';
import { indented, keywords, python, recipeOf } from './export_python.js';

/**
 * @typedef {import('./architecture.js').Operation} Operation
 * @typedef {import('./architecture.js').Shape} Shape
 */

const kLowest = '-3.4028234663852886e38'; // the lowest float32: in no window the largest

/** A layer's name in Keras. @param {string} name */
const called = (name) => name.replace(/\./g, '_');

/** @param {Operation} operation */
const border = ({ borders: [top, bottom, left, right] }) => `((${top}, ${bottom}), (${left}, ${right}))`;

/** @param {Operation} operation */
const everySide = (operation) => `((0, 0), ${border(operation).slice(1, -1)}, (0, 0))`;

/** @param {Operation[]} operations @param {Shape} from @returns {string[]} */
function lines(operations, from) {
  return operations.flatMap((operation) => {
    const own = calls(operation, from);
    from = operation.shape;
    return own;
  });
}

/** @param {Operation} operation @param {Shape} from @returns {string[]} */
function calls(operation, from) {
  const { op, kernel, strides, name, trainable, bias } = operation;
  const padded = Boolean(operation.borders?.some((/** @type {number} */ side) => side > 0));
  const same = padded && operation.same;
  const regularizer =
    operation.l1 || operation.l2 ? `keras.regularizers.L1L2(${operation.l1}, ${operation.l2})` : undefined;
  const frozen = trainable ? undefined : false;
  const layer = (/** @type {string} */ call) => `x = layers.${call}(x)`;
  switch (op) {
    case 'dense': {
      const more = keywords({ use_bias: bias ? undefined : false, trainable: frozen, name: called(name) });
      return [layer(`Dense(${operation.units}, ${regularizer ? `kernel_regularizer=${regularizer}, ` : ''}${more})`)];
    }
    case 'convolution': {
      const more = keywords({
        strides: strides === 1 ? undefined : strides,
        padding: same ? 'same' : undefined,
        use_bias: bias ? undefined : false,
        trainable: frozen,
        name: called(name),
      });
      const { depthwise } = operation;
      const penalty = regularizer ? `${depthwise ? 'depthwise' : 'kernel'}_regularizer=${regularizer}, ` : '';
      return [
        ...(padded && !same ? [layer(`ZeroPadding2D(${border(operation)})`)] : []),
        layer(
          depthwise
            ? `DepthwiseConv2D(${kernel}, ${penalty}${more})`
            : `Conv2D(${operation.filters}, ${kernel}, ${penalty}${more})`,
        ),
      ];
    }
    case 'maxPool2d':
      return [
        ...(padded && !same ? [`x = ops.pad(x, ${everySide(operation)}, constant_values=${kLowest})`] : []),
        layer(`MaxPooling2D(${kernel}, ${strides}${same ? ", padding='same'" : ''})`),
      ];
    case 'averagePool2d': {
      const [top, bottom, left, right] = operation.borders;
      if (!same || (top === bottom && left === right)) {
        return [
          ...(padded && !same ? [layer(`ZeroPadding2D(${border(operation)})`)] : []),
          layer(`AveragePooling2D(${kernel}, ${strides}${same ? ", padding='same'" : ''})`),
        ];
      }
      // Keras 3.15 on PyTorch fills an uneven border of its own "same" with the picture's edge.
      const mean = (/** @type {string} */ of) =>
        `ops.average_pool(ops.pad(${of}, ${everySide(operation)}), ${kernel}, ${strides})`;
      return [
        `inside = ${mean('ops.ones_like(x)')}  # share of each window that is picture`,
        `x = ${mean('x')} / inside`,
      ];
    }
    case 'globalAverage':
      return [layer('GlobalAveragePooling2D()')];
    case 'batchNorm': {
      const { momentum, epsilon } = operation;
      return [layer(`BatchNormalization(${keywords({ momentum, epsilon, trainable: frozen, name: called(name) })})`)];
    }
    case 'dropout':
      return [layer(`Dropout(${operation.rate})`)];
    case 'activation':
      if (operation.function === 'leakyRelu') return [layer(`LeakyReLU(negative_slope=${operation.slope})`)];
      return operation.function === 'linear' ? [] : [layer(`Activation('${operation.function}')`)];
    case 'flatten':
      return from[0] * from[1] === 1 ? [layer('Flatten()')] : [layer('Permute((3, 1, 2))'), layer('Flatten()')];
    case 'unflatten':
      return [layer(`Reshape((1, 1, ${operation.shape[2]}))`)];
    case 'channelsLast': {
      const [height, width, channels] = operation.from;
      return [layer(`Reshape((${channels}, ${height}, ${width}))`), layer('Permute((2, 3, 1))'), layer('Flatten()')];
    }
    case 'residual': {
      const shortcut = `shortcut_${name.replace(/layers\./g, '').replace(/\./g, '_')}`;
      const { projection } = operation;
      return [
        ...[`${shortcut} = x`, ...lines(operation.operations, from), `main = x`, `x = ${shortcut}`],
        ...(projection ? calls(projection, from) : []),
        ...(operation.flat ? [layer('Flatten()')] : []),
        'x = layers.Add()([main, x])',
      ];
    }
    default:
      throw new Error(`no words for ${op}`);
  }
}

/** @param {any} optimizer @returns {string} */
function optimizerOf({ type, learningRate, momentum, nesterov, rho, beta1, beta2, epsilon, weightDecay, clipNorm }) {
  /** @type {Record<string, string>} */
  const names = { sgd: 'SGD', momentum: 'SGD', rmsprop: 'RMSprop', adam: 'Adam', adamw: 'AdamW', adagrad: 'Adagrad' };
  const call = keywords({
    ...{ learning_rate: learningRate, momentum, nesterov: nesterov || undefined, rho },
    ...{ beta_1: beta1, beta_2: beta2, epsilon, weight_decay: type === 'adamw' ? weightDecay : undefined },
    initial_accumulator_value: type === 'adagrad' ? 0 : undefined,
    global_clipnorm: clipNorm || undefined,
  });
  return `keras.optimizers.${names[type] ?? 'Adadelta'}(${call})`;
}

/** @param {any} loss @returns {string} */
function lossOf({ type, labelSmoothing = 0 }) {
  if (type === 'binaryCrossEntropy') return 'keras.losses.BinaryCrossentropy(from_logits=True)';
  if (type === 'meanSquaredError') return 'keras.losses.MeanSquaredError()';
  if (labelSmoothing === 0) return 'keras.losses.SparseCategoricalCrossentropy(from_logits=True)';
  return `keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=${labelSmoothing})  # labels as one-hot rows`;
}

/**
 * @param {import('./export.js').Trained} trained
 * @returns {string}
 */
export function toKeras({ architecture, experiment, shape, normalization, classNames }) {
  const { loss, optimizer } = recipeOf(experiment);
  const named = everyOperation(architecture.operations).filter(({ op }) =>
    ['dense', 'convolution', 'batchNorm'].includes(op),
  );
  const kinds = named.map(({ op, name, depthwise }) => {
    return `${python(called(name))}: ${python([name, op === 'convolution' && depthwise ? 'depthwise' : op])},`;
  });
  const body = lines(architecture.operations, shape);
  const variance = normalization?.deviation.map((one) => one * one);
  const first = normalization
    ? [`x = layers.Normalization(mean=${python(normalization.mean)}, variance=${python(variance)})(x)`]
    : [];
  return `"""A network trained with Trainground, for Keras 3 with any back end. Needs keras and numpy.

    python THIS.py --weights W.safetensors --save network.keras

In a program: network = load(W); logits = network.predict(inputs), inputs (N,${shape.join(',')}), pixels in 0..1 (uint8 / 255).
network.fit(inputs, labels) goes on with the experiment's loss, optimizer and penalties, from the optimizer's start.
"""
import argparse
import json
import struct

import keras
import numpy as np
from keras import layers, ops

CLASS_NAMES = ${python(classNames)}
WEIGHTS = {  # layer: its name in the safetensors file, and its kind
${indented(kinds, 4)}
}
KEYS = {'batchNorm': ('weight', 'bias', 'running_mean', 'running_var')}
AXES = {'dense': (1, 0), 'convolution': (2, 3, 1, 0), 'depthwise': (2, 3, 0, 1), 'batchNorm': (0,)}  # from PyTorch's layout


def build():
    x = inputs = keras.Input((${shape.join(', ')}))
${indented([...first, ...body], 4)}
    network = keras.Model(inputs, x)
    network.compile(
        optimizer=${optimizerOf(optimizer)},
        loss=${lossOf(loss)}
    )
    return network


def read_safetensors(path):
    """float32 arrays by name: eight bytes for the header's length, the header as JSON, the values."""
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    arrays = {}
    for name, entry in header.items():
        if name != '__metadata__':
            begin, end = entry['data_offsets']
            arrays[name] = np.frombuffer(data[begin:end], '<f4').reshape(entry['shape'])
    return arrays


def load(path):
    network, arrays = build(), read_safetensors(path)
    for layer, (name, kind) in WEIGHTS.items():
        keys = [key for key in KEYS.get(kind, ('weight', 'bias')) if f'{name}.{key}' in arrays]
        values = [arrays.pop(f'{name}.{key}') for key in keys]
        network.get_layer(layer).set_weights([values[0].transpose(AXES[kind]), *values[1:]])
    if arrays:
        raise ValueError(f'Tensors that this network does not have: {sorted(arrays)}')
    return network


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description='Makes a Keras file of a network from Trainground.')
    parser.add_argument('--weights', required=True)
    parser.add_argument('--save', required=True)
    arguments = parser.parse_args()
    network = load(arguments.weights)
    network.summary()
    network.save(arguments.save)
`;
}
