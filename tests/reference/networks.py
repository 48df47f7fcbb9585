"""Writes what PyTorch computes for whole small networks: tests/reference/networks/<name>.json, with the initial weights in
<name>.safetensors (names and layouts as the engine saves them) and the data and final weights in <name>.expected.safetensors.

    python3 tests/reference/networks.py

Each runs 20 steps in float32 and in float64 from the same weights, batches in the samples' order, the last one smaller. A step's loss is
that of its batch, penalty included. `Network` is the experiment's network as a PyTorch module whose state_dict has the engine's names.
"""
import json
import pathlib
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from padding import pool, sides_of

HERE = pathlib.Path(__file__).parent / 'networks'
STEPS = 20
ACTIVATIONS = {
    'relu': F.relu, 'relu6': F.relu6, 'leakyRelu': lambda x: F.leaky_relu(x, 0.01), 'elu': F.elu, 'gelu': F.gelu, 'silu': F.silu,
    'tanh': torch.tanh, 'sigmoid': torch.sigmoid, 'linear': lambda x: x,
}


class Convolution(nn.Conv2d):
    def __init__(self, options, channels, depthwise=False):
        out = channels if depthwise else options['filters']
        super().__init__(channels, out, options['kernelSize'], options.get('strides', 1), bias=options.get('useBias', True),
                         groups=channels if depthwise else 1)
        self.around = options.get('padding', 'valid')
        self.function = ACTIVATIONS[options.get('activation', 'linear')]

    def forward(self, x):
        left, right, top, bottom = sides_of(self.around, *x.shape[2:], self.kernel_size[0], self.stride[0])
        if left == right and top == bottom:  # else padded in a copy, which takes time and memory
            y = F.conv2d(x, self.weight, self.bias, self.stride, (top, left), groups=self.groups)
        else:
            y = super().forward(F.pad(x, (left, right, top, bottom)))
        return self.function(y)


class Dense(nn.Linear):
    def __init__(self, options, inputs):
        super().__init__(inputs, options['units'], bias=options.get('useBias', True))
        self.function = ACTIVATIONS[options.get('activation', 'linear')]

    def forward(self, x):
        return self.function(super().forward(x.flatten(1)))


class Pool(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.kind = options['type']
        self.size = options.get('poolSize', 2)
        self.strides = options.get('strides', self.size)
        self.around = options.get('padding', 'valid')

    def forward(self, x):
        sides = sides_of(self.around, *x.shape[2:], self.size, self.strides)
        return pool(self.kind, x, self.size, self.strides, self.around, sides)


class BatchNorm(nn.BatchNorm2d):
    def __init__(self, options, channels):
        super().__init__(channels, eps=options.get('epsilon', 1e-5), momentum=1 - options.get('momentum', 0.9))
        self.frozen = not options.get('trainable', True)

    def train(self, mode=True):
        return super().train(mode and not self.frozen)

    def forward(self, x):
        return super().forward(x[:, :, None, None])[:, :, 0, 0] if x.dim() == 2 else super().forward(x)


class Activation(nn.Module):
    def __init__(self, options):
        super().__init__()
        slope = options.get('negativeSlope', 0.01)
        self.function = (lambda x: F.leaky_relu(x, slope)) if options['function'] == 'leakyRelu' else ACTIVATIONS[options['function']]

    def forward(self, x):
        return self.function(x)


def philox(key, counter):
    """Philox 4x32-10: four random words for each column of the counter (4,n). Salmon et al., SC 2011."""
    key, counter = [np.uint64(word) for word in key], [np.asarray(row, np.uint64) for row in counter]
    low = np.uint64(0xFFFFFFFF)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * counter[0], np.uint64(0xCD9E8D57) * counter[2]
        counter = [(p1 >> np.uint64(32)) ^ counter[1] ^ key[0], p1 & low, (p0 >> np.uint64(32)) ^ counter[3] ^ key[1], p0 & low]
        key = [(key[0] + np.uint64(0x9E3779B9)) & low, (key[1] + np.uint64(0xBB67AE85)) & low]
    return np.stack(counter)


class Dropout(nn.Module):
    """Inverted dropout with the engine's numbers: a function of seed, step, the layer's number and the place in the batch (N,H,W,C)."""

    STREAM = 4

    def __init__(self, options):
        super().__init__()
        self.rate, self.seed, self.number, self.step = options['rate'], 1, 0, 0

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        count = x.numel()
        blocks = np.arange(-(-count // 4))
        words = philox((self.seed, 0), (blocks, *(np.full_like(blocks, word) for word in (self.step, self.number, self.STREAM))))
        self.step += 1
        kept = torch.from_numpy((words.T.ravel()[:count] >> np.uint64(8)).astype(np.float32) * np.float32(2**-24) >= np.float32(self.rate))
        kept = kept.view(len(x), *x.shape[2:], x.shape[1]).movedim(-1, 1)
        return torch.where(kept, x * (1 / (1 - self.rate)), torch.zeros_like(x))


def number_layers(modules, layers, number=0):
    """Gives each dropout the engine's number of it: a flatten has none, nor an activation that ends the layer before it."""
    before = {}
    for module, options in zip(modules, layers):
        kind = options['type']
        if kind == 'residual':
            number = number_layers(module.layers, options['layers'], number) + (module.projection is not None)
        else:
            ends = before.get('type') in ('dense', 'conv2d', 'depthwiseConv2d', 'batchNormalization')
            counts = kind != 'flatten' and not (kind == 'activation' and ends and before.get('activation', 'linear') == 'linear')
            if kind == 'dropout':
                module.number = number
            number += counts
        before = options
    return number


class Residual(nn.Module):
    def __init__(self, options, x):
        super().__init__()
        self.layers, y = sequence(options['layers'], x)
        self.projection = None
        if x.shape != y.shape:
            strides = -(-x.shape[2] // y.shape[2])
            self.projection = nn.Conv2d(x.shape[1], y.shape[1], 1, strides, bias=False)

    def forward(self, x):
        return self.layers(x) + (self.projection(x) if self.projection is not None else x)


def module_for(options, x):
    kind = options['type']
    if kind == 'dense':
        return Dense(options, x[0].numel())
    if kind in ('conv2d', 'depthwiseConv2d'):
        return Convolution(options, x.shape[1], kind == 'depthwiseConv2d')
    if kind in ('maxPool2d', 'averagePool2d'):
        return Pool(options)
    if kind == 'globalAveragePool2d':
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if kind == 'batchNormalization':
        return BatchNorm(options, x.shape[1])
    if kind == 'activation':
        return Activation(options)
    if kind == 'flatten':
        return nn.Flatten()
    if kind == 'residual':
        return Residual(options, x)
    if kind == 'dropout':
        return Dropout(options)
    raise ValueError(kind)


def sequence(layers, x):
    modules = []
    for options in layers:
        module = module_for(options, x)
        if not options.get('trainable', True):
            module.requires_grad_(False)
        with torch.no_grad():
            x = module.eval()(x)
        modules.append(module.train())
    return nn.Sequential(*modules), x


class Network(nn.Module):
    """The experiment's network for inputs (N,C,H,W)."""

    def __init__(self, experiment, shape):
        super().__init__()
        height, width, channels = shape
        self.layers, _ = sequence(experiment['layers'], torch.zeros(2, channels, height, width))
        self.experiment = experiment
        number_layers(self.layers, experiment['layers'])

    def forward(self, x):
        return self.layers(x).flatten(1)

    def penalty(self):
        """l1 and l2 over kernels that are trained; a layer's own count before the experiment's."""
        total = 0.0

        def visit(modules, layers):
            nonlocal total
            for module, options in zip(modules, layers):
                kernels = []
                if options['type'] == 'residual':
                    visit(module.layers, options['layers'])
                    if module.projection is not None:
                        kernels = [(module.projection.weight, self.experiment)]
                elif options['type'] in ('dense', 'conv2d', 'depthwiseConv2d'):
                    kernels = [(module.weight, options)]
                for weight, owner in kernels:
                    if weight.requires_grad:
                        l1, l2 = (owner.get(key, self.experiment.get(key, 0)) for key in ('l1', 'l2'))
                        total = total + l1 * weight.abs().sum() + l2 * (weight ** 2).sum()

        visit(self.layers, self.experiment['layers'])
        return total


def loss_of(experiment, logits, targets):
    options = experiment.get('loss', 'crossEntropy')
    options = {'type': options} if isinstance(options, str) else options
    whole = targets.dtype in (torch.int64, torch.int32)
    if options['type'] == 'crossEntropy':
        return F.cross_entropy(logits, targets.long() if whole else targets, label_smoothing=options.get('labelSmoothing', 0))
    outputs = logits.shape[1]
    if whole:
        targets = targets[:, None] if outputs == 1 else F.one_hot(targets.long(), outputs)
    targets = targets.to(logits.dtype)
    if options['type'] == 'binaryCrossEntropy':
        return F.binary_cross_entropy_with_logits(logits, targets)
    return F.mse_loss(logits, targets)


def optimizer_for(experiment, parameters):
    o = experiment.get('optimizer', 'adam')
    o = {'type': o} if isinstance(o, str) else o
    kind = o['type']
    rate = o.get('learningRate', {'adadelta': 1, 'sgd': 0.01, 'momentum': 0.01, 'adagrad': 0.01}.get(kind, 0.001))
    if kind == 'sgd':
        return torch.optim.SGD(parameters, rate)
    if kind == 'momentum':
        return torch.optim.SGD(parameters, rate, momentum=o.get('momentum', 0.9), nesterov=o.get('nesterov', False))
    if kind == 'rmsprop':
        return torch.optim.RMSprop(parameters, rate, alpha=o.get('rho', 0.9), eps=o.get('epsilon', 1e-8))
    if kind in ('adam', 'adamw'):
        betas = o.get('beta1', 0.9), o.get('beta2', 0.999)
        if kind == 'adam':
            return torch.optim.Adam(parameters, rate, betas=betas, eps=o.get('epsilon', 1e-8))
        return torch.optim.AdamW(parameters, rate, betas=betas, eps=o.get('epsilon', 1e-8), weight_decay=o.get('weightDecay', 0.01))
    if kind == 'adagrad':
        return torch.optim.Adagrad(parameters, rate, eps=o.get('epsilon', 1e-10))
    return torch.optim.Adadelta(parameters, rate, rho=o.get('rho', 0.95), eps=o.get('epsilon', 1e-6))


def saved(network):
    """The state as the engine saves it: without PyTorch's batch counters."""
    return {name: value.detach().clone() for name, value in network.state_dict().items() if 'num_batches' not in name}


def train(experiment, network, inputs, targets, steps, rates=None):
    """Losses of `steps` steps, batches in the samples' order. inputs (N,H,W,C); `rates`: the learning rate of each step, where it changes."""
    x = inputs.permute(0, 3, 1, 2)
    network.train()
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = optimizer_for(experiment, parameters)
    options = experiment.get('optimizer', {})
    clip = options.get('clipNorm', 0) if isinstance(options, dict) else 0
    batches = torch.arange(len(x)).split(experiment['batchSize'])
    losses = []
    for step in range(steps):
        batch = batches[step % len(batches)]
        value = loss_of(experiment, network(x[batch]), targets[batch]) + network.penalty()
        optimizer.zero_grad()
        value.backward()
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip)
        if rates:
            optimizer.param_groups[0]['lr'] = rates[step]
        optimizer.step()
        losses.append(value.item())
    return losses


def write_safetensors(path, tensors):
    kinds = {torch.float32: 'F32', torch.float64: 'F64', torch.int32: 'I32', torch.uint8: 'U8'}
    header, chunks, offset = {}, [], 0
    for name, tensor in tensors.items():
        data = tensor.contiguous().numpy().tobytes()
        header[name] = {'dtype': kinds[tensor.dtype], 'shape': list(tensor.shape), 'data_offsets': [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + b''.join(chunks))


def conv(filters, size=3, **more):
    return {'type': 'conv2d', 'filters': filters, 'kernelSize': size, **more}


def dense(units, **more):
    return {'type': 'dense', 'units': units, **more}


def act(function, **more):
    return {'type': 'activation', 'function': function, **more}


FLAT, NORM = {'type': 'flatten'}, {'type': 'batchNormalization'}
MAX, MEAN, GLOBAL = {'type': 'maxPool2d'}, {'type': 'averagePool2d'}, {'type': 'globalAveragePool2d'}

# name: (shape, outputs, what the targets are, layers, the rest of the experiment)
NETWORKS = {
    'dense-sgd': ((1, 1, 7), 3, 'labels', [dense(5, activation='tanh'), dense(3)],
                  {'optimizer': {'type': 'sgd', 'learningRate': 0.1}}),
    'dense-momentum': ((5, 3, 2), 4, 'labels', [FLAT, dense(9, activation='relu', useBias=False), dense(4)],
                       {'optimizer': {'type': 'momentum', 'learningRate': 0.05}, 'l2': 0.01}),
    'regression': ((1, 1, 5), 2, 'numbers', [dense(11, activation='gelu'), act('silu'), dense(2)],
                   {'loss': 'meanSquaredError', 'optimizer': {'type': 'rmsprop', 'learningRate': 0.01}}),
    'binary': ((1, 1, 2), 1, 'labels', [dense(6, activation='sigmoid'), dense(3, activation='elu'), dense(1)],
               {'loss': 'binaryCrossEntropy', 'optimizer': {'type': 'momentum', 'learningRate': 0.1, 'nesterov': True}}),
    'conv-valid': ((7, 6, 1), 3, 'labels', [conv(5, activation='relu'), MAX, FLAT, dense(3)],
                   {'optimizer': {'type': 'adam', 'learningRate': 0.01}}),
    # No bias before a batch norm under Adam: its gradient is 0 but for rounding, which Adam makes as large as any other.
    'conv-batch-norm': ((8, 8, 3), 5, 'labels',
                        [conv(6, padding='same', useBias=False), NORM, act('relu'), MAX, conv(7, padding='same', useBias=False),
                         {**NORM, 'momentum': 0.7, 'epsilon': 0.001}, act('relu6'), GLOBAL, dense(5)],
                        {'loss': {'type': 'crossEntropy', 'labelSmoothing': 0.1}, 'optimizer': {'type': 'adam', 'learningRate': 0.01}}),
    'conv-strides': ((9, 7, 2), 3, 'labels', [conv(4, 5, strides=2, padding='same'), act('leakyRelu', negativeSlope=0.1),
                                              conv(3, 2, padding='same', activation='tanh'),
                                              {'type': 'averagePool2d', 'poolSize': 3, 'strides': 2, 'padding': 'same'}, FLAT, dense(3)],
                     {'optimizer': {'type': 'adamw', 'learningRate': 0.01, 'weightDecay': 0.1}, 'l1': 0.001}),
    'conv-1x1': ((5, 5, 5), 4, 'numbers', [conv(8, 1, activation='silu'), MEAN, conv(4, 2), GLOBAL],
                 {'loss': 'binaryCrossEntropy', 'optimizer': {'type': 'adagrad', 'learningRate': 0.05}}),
    'depthwise': ((6, 6, 3), 3, 'labels', [{'type': 'depthwiseConv2d', 'kernelSize': 3, 'padding': 'same'}, NORM, act('relu'),
                                           conv(5, 1), NORM, act('relu'),
                                           {'type': 'depthwiseConv2d', 'kernelSize': 3, 'strides': 2, 'padding': 'same',
                                            'activation': 'gelu'}, GLOBAL, dense(3)],
                  {'optimizer': {'type': 'adadelta', 'learningRate': 1}}),
    'residual': ((6, 5, 4), 3, 'labels', [{'type': 'residual', 'layers': [conv(4, padding='same', useBias=False), NORM, act('relu'),
                                                                          conv(4, padding='same')]}, act('relu'),
                                          {'type': 'residual', 'layers': [conv(6, strides=2, padding='same', activation='relu'),
                                                                          conv(6, padding='same')]}, GLOBAL, dense(3)],
                 {'optimizer': {'type': 'adam', 'learningRate': 0.01, 'clipNorm': 0.5}, 'l2': 0.001}),
    'frozen': ((6, 6, 1), 3, 'labels', [conv(4, trainable=False), {**NORM, 'trainable': False}, act('relu'),
                                        {'type': 'maxPool2d', 'poolSize': 3, 'strides': 1, 'padding': 'same'}, FLAT, dense(3)],
               {'optimizer': {'type': 'rmsprop', 'learningRate': 0.01, 'rho': 0.95}, 'l2': 0.1}),
    'winograd': ((12, 11, 8), 3, 'labels', [conv(9, padding='same', activation='relu'), conv(8, activation='relu', l2=0.02),
                                            GLOBAL, dense(3)],
                 {'optimizer': {'type': 'momentum', 'learningRate': 0.05, 'clipNorm': 1}}),
    'flat-batch-norm': ((5, 4, 3), 3, 'labels', [conv(4, activation='silu'), FLAT, {**NORM, 'epsilon': 0.1}, act('tanh'), dense(3)],
                        {'optimizer': {'type': 'sgd', 'learningRate': 0.05}}),
    'padding': ((13, 12, 2), 3, 'labels', [conv(5, 3, strides=2, padding=1, activation='relu'), conv(4, 4, padding=[2, 0, 1, 3]),
                                         {'type': 'averagePool2d', 'poolSize': 3, 'strides': 2, 'padding': 1}, act('elu'),
                                         {'type': 'depthwiseConv2d', 'kernelSize': 3, 'strides': 2, 'padding': [0, 1, 1, 2]},
                                         {'type': 'maxPool2d', 'poolSize': 3, 'strides': 1, 'padding': [1, 2, 2, 1]}, FLAT, dense(3)],
                {'optimizer': {'type': 'momentum', 'learningRate': 0.05}}),
}


def main():
    HERE.mkdir(exist_ok=True)
    for number, (name, (shape, outputs, kind, layers, rest)) in enumerate(NETWORKS.items()):
        torch.manual_seed(number)
        samples = 13
        experiment = {'validationSplit': 0, 'shuffle': False, 'layers': layers, **rest, 'batchSize': 5, 'epochs': 7}
        inputs = torch.randint(0, 256, (samples, *shape), dtype=torch.uint8)
        if kind == 'labels':
            targets = (torch.arange(samples) * 7 % max(2, outputs)).to(torch.int32)
        else:
            targets = torch.rand(samples, outputs)
        network = Network(experiment, shape)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):  # away from 1 and 0, where mistakes hide
                for tensor, low, high in ((module.weight, 0.5, 1.5), (module.bias, -0.5, 0.5), (module.running_mean, -0.3, 0.3),
                                          (module.running_var, 0.5, 2)):
                    nn.init.uniform_(tensor, low, high)
        initial = saved(network)
        expected = {'inputs': inputs, 'labels' if kind == 'labels' else 'targets': targets}
        result = {'experiment': experiment, 'shape': shape, 'outputs': outputs}
        for precision, dtype in (('float32', torch.float32), ('float64', torch.float64)):
            run = Network(experiment, shape)
            run.load_state_dict(initial, strict=False)
            run.to(dtype)
            pixels = inputs.to(dtype) / 255
            result[precision] = train(experiment, run, pixels, targets if kind == 'labels' else targets.to(dtype), STEPS)
            expected.update({f'{precision}.{key}': value for key, value in saved(run).items()})
        (HERE / f'{name}.json').write_text(json.dumps(result) + '\n')
        write_safetensors(HERE / f'{name}.safetensors', initial)
        write_safetensors(HERE / f'{name}.expected.safetensors', expected)
        gap = max(abs(a - b) / abs(b) for a, b in zip(result['float32'], result['float64']))
        print(f'{name:16} loss {result["float64"][0]:.4f} -> {result["float64"][-1]:.4f}, float32 against float64 {gap:.1e}')


if __name__ == '__main__':
    main()
