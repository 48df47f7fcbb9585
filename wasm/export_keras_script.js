// The frame of the Keras script (export_keras.js): the weights' file, the loss, the optimizer, saving. Everything of the experiment comes in
// by name.
import { imports, indented } from './export_python.js';

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

/** By the kind of what the network learned from. @type {Record<string, { needs: string, use: string, can: string, code: string }>} */
const kPredict = {
  picture: {
    needs: ', and Pillow for pictures',
    use: `    python THIS.py --weights W.safetensors --predict PHOTO...       # classes and probabilities
`,
    can: ', or says what it sees in pictures',
    code: `def predict(network, paths):
    for path in paths:
        tell(path, network.predict(np.float32(prepared(path)[None] * PREPARATION['scale']), verbose=0)[0])


`,
  },
  table: {
    needs: '',
    use: `    python THIS.py --weights W.safetensors --predict ROWS.csv       # its rows, with the prediction behind each
`,
    can: ', or writes its predictions behind the rows of a table',
    code: `def predict(network, path):
    if PREPARATION['normalization']:  # done in double precision by predict_rows
        network = keras.Model(network.layers[1].output, network.output)
    predict_rows(path, lambda x: network.predict(x[:, None, None], batch_size=1024, verbose=0))


`,
  },
  numbers: { needs: '', use: '', can: '', code: '' },
};

/**
 * @param {Record<string, any>} $  Python text and numbers, by the place where they go
 * @returns {string}
 */
export const kerasScript = (
  $,
) => `"""A network trained with Trainground, for Keras 3 with any back end. Needs keras and numpy${kPredict[$.kind].needs}.

${kPredict[$.kind].use}    python THIS.py --weights W.safetensors --save network.keras

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
${imports(['argparse', 'json', 'struct', 'sys', ...$.imported])}

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
        if kind == 'centering':
            layer.set_weights([arrays[f'{name}.running_mean'], np.ones_like(arrays[f'{name}.running_mean'])])
            continue
        keys = ['weight', 'bias', 'running_mean', 'running_var'] if kind == 'batchNorm' else ['weight', 'bias'][:1 + layer.use_bias]
        first, *others = (arrays[f'{name}.{key}'] for key in keys)
        layer.set_weights([first.transpose(AXES[kind]), *others])
    if compiled:
        network.compile(optimizer=${$.optimizer}, loss=loss_of)
    return network


${kPredict[$.kind].code}def main():
    parser = argparse.ArgumentParser(description='Makes a Keras file of a network from Trainground${kPredict[$.kind].can}.')
    parser.add_argument('--weights', required=True)
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument('--save')
    wanted.add_argument('--predict', ${$.argument})
    arguments = parser.parse_args()
    try:
        network = load(arguments.weights, compiled=False)
        if arguments.predict:
            ${$.kind === 'numbers' ? `raise ValueError(${$.refusal})` : 'predict(network, arguments.predict)'}
        if arguments.save:
            network.summary()
            network.save(arguments.save)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
`;
