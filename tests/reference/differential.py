"""Draws networks and recipes at random and trains each with PyTorch, in float32 and in float64:

    python3 tests/reference/differential.py FOLDER FIRST COUNT

For each seed FOLDER gets <seed>.json (the experiment, with paths relative to FOLDER; the losses in float64, one a step), <seed>.data.safetensors,
<seed>.weights.safetensors (the start) and <seed>.expected.safetensors (the end). tests/reference/differential.js trains the same.

Two numbers can only be compared where the sums behind them are well-conditioned. By construction, then: no bias and no penalty-free scale before
a batch norm (its gradient is rounding alone, which an adaptive optimizer makes as large as any other), an epsilon of at least 1e-5 for those
optimizers, batches of four or more, rates that do not leap. `gap` and `weightGap` are how far PyTorch's own float32 is from its float64: what a
draw is worth.
"""
import json
import math
import pathlib
import random
import sys

import torch

from networks import FLAT, GLOBAL, Network, act, conv, dense, saved, sequence, train, write_safetensors

FUNCTIONS = ['relu', 'relu6', 'leakyRelu', 'elu', 'gelu', 'silu', 'tanh', 'sigmoid']
INITIALIZERS = ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunNormal']
LEAST_STEPS = 20
HARDLY_MOVED = 1e-2  # a difference of weights is taken relative to the tensor's largest, or to this where that is smaller


def some(r, options, chance=0.3):
    """A part of the options, as often as `chance`."""
    return {key: value() if callable(value) else value for key, value in options.items() if r.random() < chance}


def norm(r):
    return {'type': 'batchNormalization', **some(r, {'momentum': lambda: r.choice([0.5, 0.8, 0.99]),
                                                     'epsilon': lambda: r.choice([1e-3, 1e-2]),
                                                     'trainable': False}, 0.25)}


def weighted(r):
    """What any layer with weights may carry."""
    return some(r, {'kernelInitializer': lambda: r.choice(INITIALIZERS), 'l1': lambda: r.choice([0, 1e-4, 1e-3]),
                    'l2': lambda: r.choice([0, 1e-3, 1e-2]), 'trainable': lambda: r.random() < 0.6}, 0.2)


def activation(r):
    return act(r.choice(FUNCTIONS))


def convolution(r, filters, **more):
    kernel = r.choice([1, 2, 3, 3, 3, 5])
    return conv(filters, kernel, padding='same', **weighted(r), **more)


def block(r, channels):
    """A few layers that keep the picture's sides, or halve them."""
    kind = r.choice(['conv', 'conv', 'norm', 'depthwise', 'residual', 'separable'])
    filters = r.choice([1, 3, 4, 5, 6, 7, 8, 9, 12])
    if kind == 'conv':
        own = some(r, {'activation': lambda: r.choice(FUNCTIONS), 'useBias': lambda: r.random() < 0.5}, 0.6)
        return [convolution(r, filters, **own)] + ([] if 'activation' in own else [activation(r)])
    if kind == 'norm':
        return [convolution(r, filters, useBias=False), norm(r), activation(r)]
    if kind == 'depthwise':
        kernel, padding = r.choice([(2, 'same'), (3, 'same'), (3, 1), (3, [0, 2, 1, 1]), (5, 'same')])
        return [{'type': 'depthwiseConv2d', 'kernelSize': kernel, 'padding': padding, **weighted(r),
                 **some(r, {'strides': 2, 'useBias': False}, 0.3)}, activation(r)]
    if kind == 'separable':
        return [{'type': 'depthwiseConv2d', 'kernelSize': 3, 'padding': 'same', 'useBias': False}, norm(r), activation(r),
                conv(filters, 1, useBias=False, **weighted(r)), norm(r), activation(r)]
    out = r.choice([channels, filters])
    strides = {'strides': 2} if r.random() < 0.3 else {}
    inner = [convolution(r, out, useBias=False, **strides), norm(r), activation(r), convolution(r, out)]
    return [{'type': 'residual', 'layers': inner, **some(r, {'trainable': False}, 0.15)}, activation(r)]


def dropout(r):
    return {'type': 'dropout', 'rate': r.choice([0.1, 0.3, 0.5])}


def pool(r):
    kind = r.choice(['maxPool2d', 'averagePool2d'])
    return {'type': kind, **some(r, {'poolSize': 3, 'strides': lambda: r.choice([1, 2]), 'padding': lambda: r.choice(['same', 1])}, 0.4)}


def layers_for(r, shape, outputs):
    layers = []
    height, width, channels = shape
    x = torch.zeros(1, channels, height, width)
    if height > 1:
        for _ in range(r.randint(1, 3)):
            more = block(r, x.shape[1])
            if r.random() < 0.4 and min(x.shape[2:]) > 5:
                more.append(pool(r))
            if r.random() < 0.15:
                more.append(dropout(r))
            layers += more
            _, x = sequence(more, x)
        if r.random() < 0.2 and min(x.shape[2:]) > 1:
            layers.append(conv(r.choice([3, 5]), r.choice([1, 2]), padding='valid', activation=r.choice(FUNCTIONS)))
        layers.append(r.choice([FLAT, GLOBAL]))
    for _ in range(r.choice([0, 1, 1, 2])):
        if r.random() < 0.3:
            layers += [dense(r.choice([7, 8, 13]), useBias=False, **weighted(r)), norm(r), activation(r)]
        else:
            layers += [dense(r.choice([1, 6, 9, 16]), **{'activation': r.choice(FUNCTIONS), **weighted(r)}, useBias=r.random() < 0.8)]
        if r.random() < 0.2:
            layers.append(dropout(r))
    return layers + [dense(outputs, useBias=r.random() < 0.8)]


def optimizer_for(r):
    kind = r.choice(['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw', 'adagrad', 'adadelta'])
    rates = {'sgd': (0.01, 0.1), 'momentum': (0.003, 0.02), 'nesterov': (0.003, 0.02), 'adagrad': (0.003, 0.02), 'adadelta': (0.3, 1)}
    low, high = rates.get(kind, (0.001, 0.006))
    options = {'type': kind, 'learningRate': round(math.exp(r.uniform(math.log(low), math.log(high))), 5)}
    if kind in ('momentum', 'nesterov'):
        options.update(type='momentum', nesterov=kind == 'nesterov', **some(r, {'momentum': lambda: r.choice([0.5, 0.8, 0.95])}))
    if kind in ('rmsprop', 'adadelta'):
        options.update(some(r, {'rho': lambda: r.choice([0.5, 0.85, 0.99])}, 0.5))
    if kind in ('adam', 'adamw'):
        options.update(some(r, {'beta1': lambda: r.choice([0.5, 0.8, 0.95]), 'beta2': lambda: r.choice([0.9, 0.99])}, 0.4))
    if kind == 'adamw':
        options.update(some(r, {'weightDecay': lambda: r.choice([0.001, 0.1])}, 0.5))
    if kind in ('rmsprop', 'adam', 'adamw', 'adagrad', 'adadelta'):
        options['epsilon'] = r.choice([1e-5, 1e-4, 1e-3])
    options.update(some(r, {'clipNorm': lambda: r.choice([0.05, 0.5, 5])}))
    return options


def schedule_for(r):
    kind = r.choice(['constant', 'step', 'exponential', 'cosine', 'reduceOnPlateau'])
    options = {'type': kind}
    if kind == 'step':
        options.update(stepEpochs=r.choice([1, 2]), factor=r.choice([0.3, 0.5]))
    if kind == 'exponential':
        options.update(factor=r.choice([0.7, 0.9]))
    if kind == 'cosine':
        options.update(some(r, {'minimum': 1e-4}, 0.5))
    if kind != 'reduceOnPlateau':
        options.update(some(r, {'warmupEpochs': lambda: r.choice([1, 2])}, 0.4))
    else:
        options.update(patience=1, factor=0.5, minDelta=10)  # no epoch is that much better: every second one lowers the rate
    return options


def rates_of(experiment, steps_per_epoch):
    """The learning rate of each step, by the formulas that core/schedule.h states."""
    options, rate, epochs = experiment['learningRateSchedule'], experiment['optimizer']['learningRate'], experiment['epochs']
    warmup, rates = options.get('warmupEpochs', 0), []
    for step in range(epochs * steps_per_epoch):
        epoch = step // steps_per_epoch
        after = epoch - warmup
        if after < 0:
            rates.append(rate * (step + 1) / (warmup * steps_per_epoch))
        elif options['type'] == 'step':
            rates.append(rate * options['factor'] ** (after // options['stepEpochs']))
        elif options['type'] == 'exponential':
            rates.append(rate * options['factor'] ** after)
        elif options['type'] == 'cosine':
            low = min(options.get('minimum', 0), rate)
            share = (step - warmup * steps_per_epoch) / (max(1, epochs - warmup) * steps_per_epoch)
            rates.append(low + (rate - low) * (1 + math.cos(math.pi * min(1, share))) / 2)
        elif options['type'] == 'reduceOnPlateau':
            rates.append(rate * options['factor'] ** max(0, epoch - 1))
        else:
            rates.append(rate)
    return rates


def frozen(layers, freeze):
    """Transfer's regimes: `all` trains the last layer with weights, `most` also the last convolution's block."""
    convolutions = ('conv2d', 'depthwiseConv2d', 'residual')
    kinds = convolutions if freeze == 'most' else (*convolutions, 'dense')
    last = max((i for i, layer in enumerate(layers) if layer['type'] in kinds), default=0)
    return layers if freeze == 'none' else [{**layer, 'trainable': False} if i < last else layer for i, layer in enumerate(layers)]


def inherited(layer):
    """A frozen block has frozen layers."""
    if layer['type'] != 'residual' or layer.get('trainable', True):
        return layer
    return {**layer, 'layers': [{**inner, 'trainable': False} for inner in layer['layers']]}


def draw(seed):
    r = random.Random(seed)
    flat = r.random() < 0.2
    shape = (1, 1, r.randint(2, 11)) if flat else (r.randint(5, 11), r.randint(5, 11), r.choice([1, 2, 3, 3, 5, 8]))
    loss = r.choice(['crossEntropy', 'smoothed', 'binaryCrossEntropy', 'binary', 'meanSquaredError', 'numbers'])
    outputs = 1 if loss == 'binary' else r.randint(2, 7)
    samples, batch = r.randint(14, 29), r.randint(5, 9)
    while 0 < samples % batch < 4:
        samples += 1
    per_epoch = -(-samples // batch)
    experiment = {
        'dataset': {'type': 'safetensors', 'path': f'{seed}.data.safetensors', 'inputs': 'inputs', 'labels': 'labels'},
        'validationSplit': 0, 'shuffle': False, 'layers': layers_for(r, shape, outputs),
        'loss': {'smoothed': {'type': 'crossEntropy', 'labelSmoothing': r.choice([0.05, 0.2])}, 'binary': 'binaryCrossEntropy',
                 'numbers': 'meanSquaredError'}.get(loss, loss),
        **r.choice([{}, {}, {'l2': 0.001}, {'l1': 0.0005, 'l2': 0.001}, {'elasticNet': {'lambda': 0.002, 'alpha': 0.3}}]),
        'optimizer': optimizer_for(r), 'learningRateSchedule': schedule_for(r), 'batchSize': batch,
        'epochs': -(-LEAST_STEPS // per_epoch), 'exact': r.random() < 0.5,
    }
    if r.random() < 0.25:
        experiment['transfer'] = {'weights': f'{seed}.weights.safetensors', 'freeze': r.choice(['none', 'most', 'all'])}
    torch.manual_seed(seed)
    inputs = torch.rand(samples, *shape) if flat else torch.randint(0, 256, (samples, *shape), dtype=torch.uint8)
    numbers = torch.rand(samples, outputs)
    labels = numbers if loss == 'numbers' else (torch.arange(samples) * 11 % max(2, outputs)).to(torch.int32)
    return experiment, shape, inputs, labels, per_epoch


def twin_of(experiment):
    """The experiment in the words that networks.py knows."""
    freeze = experiment.get('transfer', {}).get('freeze', 'none')
    net = experiment.get('elasticNet')
    penalties = {'l1': net['lambda'] * (1 - net['alpha']), 'l2': net['lambda'] * net['alpha']} if net else {}
    return {**experiment, **penalties, 'layers': [inherited(layer) for layer in frozen(experiment['layers'], freeze)]}


def main(folder, first, count):
    folder = pathlib.Path(folder)
    torch.set_num_threads(1)
    for seed in range(first, first + count):
        experiment, shape, inputs, labels, per_epoch = draw(seed)
        twin = twin_of(experiment)
        start = Network(twin, shape)
        initial, losses, ends = saved(start), {}, {}
        for dtype in (torch.float32, torch.float64):
            run = Network(twin, shape)
            run.load_state_dict(initial, strict=False)
            run.to(dtype)
            pixels = inputs.to(dtype) / (255 if inputs.dtype == torch.uint8 else 1)
            targets = labels.to(dtype) if labels.is_floating_point() else labels
            rates = rates_of(experiment, per_epoch)
            losses[dtype] = train(twin, run, pixels, targets, len(rates), rates)
            ends[dtype] = saved(run)
        gap = max(abs(a - b) / abs(b) for a, b in zip(losses[torch.float32], losses[torch.float64]))
        weight_gap = max(((ends[torch.float32][name].double() - value).abs().max() / value.abs().max().clamp(min=HARDLY_MOVED)).item()
                         for name, value in ends[torch.float64].items())
        flat = inputs.flatten(1) if shape[0] == 1 else inputs
        write_safetensors(folder / f'{seed}.data.safetensors', {'inputs': flat, 'labels': labels})
        write_safetensors(folder / f'{seed}.weights.safetensors', initial)
        write_safetensors(folder / f'{seed}.expected.safetensors', {name: value.float() for name, value in ends[torch.float64].items()})
        case = {'seed': seed, 'experiment': experiment, 'losses': losses[torch.float64], 'gap': gap, 'weightGap': weight_gap}
        (folder / f'{seed}.json').write_text(json.dumps(case))


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
