// The frame of the Keras script (export_keras.js): the weights' file, the loss, the optimizer, saving. Everything of the experiment comes in
// by name.
import { indented } from './export_python.js';

/** @param {{ averages: string[], lines: string[] }} own @param {string} type */
const optimizer = ({ averages, lines }, type) => `class Optimizer(keras.optimizers.Optimizer):
    """${type} as PyTorch and Trainground have it: epsilon is added to the root itself. Keras's own is another."""

    def build(self, variables):
        if not self.built:
            super().build(variables)
            names = [${averages.map((name) => `'${name}'`).join(', ')}]
            self.averages = [[self.add_variable_from_reference(one, name) for name in names] for one in variables]

    def update_step(self, gradient, variable, learning_rate):
        rate, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        ${averages.join(', ')}${averages.length === 1 ? ',' : ''} = self.averages[self._get_variable_index(variable)]
${indented(lines, 8)}


`;

/** Only where the network learned from pictures, like the next. */
const kPredictUse = `    python THIS.py --weights W.safetensors --predict PHOTO...       # classes and probabilities
`;
const kPredict = `def predict(network, paths):
    for path in paths:
        tell(path, network.predict(np.float32(prepared(path)[None] * PREPARATION['scale']), verbose=0)[0])


`;

/**
 * @param {Record<string, any>} $  Python text and numbers, by the place where they go
 * @returns {string}
 */
export const kerasScript = (
  $,
) => `"""A network trained with Trainground, for Keras 3 with any back end. Needs keras and numpy${$.pictures ? ', and Pillow for pictures' : ''}.

${$.pictures ? kPredictUse : ''}    python THIS.py --weights W.safetensors --save network.keras

The file holds the network alone, not its optimizer, so that every back end opens it. In a program: network = load(W); then
logits = network.predict(inputs), inputs (N, ${$.shape}), ${$.numbers}. network.fit(inputs, labels,
batch_size=${$.batchSize}, epochs=${$.epochs}) goes on with the experiment's loss, optimizer and penalties, from the optimizer's start; labels are classes (N),
or numbers (N,K).${
  $.hasBatchNorm
    ? ` Batch normalization's moving variance takes the variance of the n values of each batch here, in Trainground and PyTorch
n/(n-1) times that.`
    : ''
}
"""
import argparse
import json
${$.pictures ? 'import math\n' : ''}import struct
import sys

import keras
import numpy as np
from keras import layers, ops

WEIGHTS = {  # layer: its name in the safetensors file, and its kind
${$.kinds}
}
AXES = {'dense': (1, 0), 'convolution': (2, 3, 1, 0), 'depthwise': (2, 3, 0, 1), 'batchNorm': (0,)}  # from PyTorch's layout
DTYPES = {'F16': '<f2', 'F32': '<f4', 'F64': '<f8'}
${$.preparation}

def build():
    x = inputs = keras.Input((${$.shape}))
${$.body}
    return keras.Model(inputs, x)


def loss_of(labels, logits):
    """Of each sample; labels are classes (N) or (N,1), or numbers of the logits' shape (N,K)."""
    outputs = logits.shape[-1]
    if outputs == 1:
        targets = ops.reshape(labels, (-1, 1))
    elif labels.shape[-1] == outputs and len(labels.shape) == 2:
        targets = labels
    else:
        targets = ops.one_hot(ops.cast(ops.reshape(labels, (-1,)), 'int32'), outputs)
    return ${$.loss}


${$.own ? optimizer($.own, $.type) : ''}def read_safetensors(path):
    """Arrays of floats by name: eight bytes for the header's length, the header as JSON, the values."""
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    arrays = {}
    for name, entry in header.items():
        if name != '__metadata__' and entry['dtype'] in DTYPES:
            begin, end = entry['data_offsets']
            arrays[name] = np.frombuffer(data[begin:end], DTYPES[entry['dtype']]).reshape(entry['shape'])
    return arrays


def load(path, compiled=True):
    check_description(path)
    network, arrays = build(), read_safetensors(path)
    for called, (name, kind) in WEIGHTS.items():
        layer = network.get_layer(called)
        keys = ['weight', 'bias', 'running_mean', 'running_var'] if kind == 'batchNorm' else ['weight', 'bias'][:1 + layer.use_bias]
        first, *others = (arrays[f'{name}.{key}'] for key in keys)
        layer.set_weights([first.transpose(AXES[kind]), *others])
    if compiled:
        network.compile(optimizer=${$.optimizer}, loss=loss_of)
    return network


${$.pictures ? kPredict : ''}def main():
    parser = argparse.ArgumentParser(description='Makes a Keras file of a network from Trainground, or says what it sees in pictures.')
    parser.add_argument('--weights', required=True)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument('--save')
    wanted.add_argument('--predict', metavar='PHOTO', nargs='+')
    arguments = parser.parse_args()
    try:
        network = load(arguments.weights, compiled=False)
        if arguments.predict:
            ${$.pictures ? 'predict(network, arguments.predict)' : `raise ValueError(${$.refusal})`}
        if arguments.save:
            network.summary()
            network.save(arguments.save)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
`;
