"""Writes what PyTorch computes for padded windows in float64, padding.json: convolutions and pools of kernels 1 to 7, strides 1 to 3, odd
and even sides, with each form of the option `padding`.

    python3 tests/reference/padding.py

A row is [layer, height, width, channels, filters, kernel, strides, padding, output height, output width, Σ y a, Σ dx b, Σ dw c]: y is the
layer's output, dx and dw are the gradients of Σ y a; x, the weights, a, b, c are `number` of their places in the engine's layouts.
"""
import itertools
import json
import pathlib

import torch
import torch.nn.functional as F

SAMPLES = 2


def number(place, which):
    """A number between -1 and 1 that has no pattern, the same in every language."""
    word = (place * 2654435761 + which * 2246822519 + 374761393) % 2**32
    word = (word ^ (word >> 15)) * 2246822519 % 2**32
    word = (word ^ (word >> 13)) * 3266489917 % 2**32
    return (word >> 8) / 2**23 - 1


def numbers(shape, which):
    """A tensor of `number`s by their place, the last axis fastest."""
    count = torch.Size(shape).numel()
    return torch.tensor([number(i, which) for i in range(count)], dtype=torch.float64).reshape(shape)


def same(side, kernel, strides):
    """Keras's and ONNX's: ceil(side / strides) windows; what they lack is put around, the surplus behind."""
    lacking = max(0, (-(-side // strides) - 1) * strides + kernel - side)
    return lacking // 2, lacking - lacking // 2


def sides_of(padding, height, width, kernel, strides):
    """(left, right, top, bottom), as F.pad takes them."""
    if padding == 'same':
        return (*same(width, kernel, strides), *same(height, kernel, strides))
    if padding == 'valid':
        return 0, 0, 0, 0
    top, bottom, left, right = padding if isinstance(padding, list) else [padding] * 4
    return left, right, top, bottom


def pool(kind, x, kernel, strides, padding, sides):
    own = isinstance(padding, int) and padding <= kernel // 2  # PyTorch's own padding goes as far
    if kind == 'maxPool2d':
        if own:
            return F.max_pool2d(x, kernel, strides, padding)
        return F.max_pool2d(F.pad(x, sides, value=-torch.inf), kernel, strides)
    if own:
        return F.avg_pool2d(x, kernel, strides, padding)
    y = F.avg_pool2d(F.pad(x, sides), kernel, strides)
    return y / F.avg_pool2d(F.pad(torch.ones_like(x), sides), kernel, strides) if padding == 'same' else y


def row(kind, height, width, channels, filters, kernel, strides, padding):
    sides = sides_of(padding, height, width, kernel, strides)
    x = numbers((SAMPLES, height, width, channels), 1).requires_grad_()
    picture = x.permute(0, 3, 1, 2)
    w = None
    if kind == 'conv2d':
        w = numbers((kernel, kernel, channels, filters), 2).requires_grad_()
        weight = w.permute(3, 2, 0, 1)
        y = F.conv2d(picture, weight, stride=strides, padding=padding) if isinstance(padding, int) else F.conv2d(F.pad(picture, sides), weight, stride=strides)
    elif kind == 'depthwiseConv2d':
        w = numbers((kernel, kernel, channels), 2).requires_grad_()
        y = F.conv2d(F.pad(picture, sides), w.permute(2, 0, 1)[:, None], stride=strides, groups=channels)
    else:
        y = pool(kind, picture, kernel, strides, padding, sides)
    y = y.permute(0, 2, 3, 1)
    value = (y * numbers(y.shape, 3)).sum()
    value.backward()
    sums = [value, (x.grad * numbers(x.shape, 4)).sum(), (w.grad * numbers(w.shape, 5)).sum() if w is not None else torch.zeros(())]
    return [kind, height, width, channels, filters, kernel, strides, padding, *y.shape[1:3], *(round(one.item(), 12) for one in sums)]


def rows():
    for kernel, strides, (height, width) in itertools.product(range(1, 8), (1, 2, 3), ((8, 7), (5, 10))):
        paddings = ['same', 1, [0, 2, 3, 1], [kernel - 1, 0, kernel, kernel + 1]]
        if kernel <= min(height, width):
            paddings.append('valid')
        for padding in paddings:
            sides = sides_of(padding, height, width, kernel, strides)
            if min(height + sides[2] + sides[3], width + sides[0] + sides[1]) < kernel:
                continue
            for channels, filters in ((3, 2), (8, 9)):
                yield 'conv2d', height, width, channels, filters, kernel, strides, padding
            yield 'depthwiseConv2d', height, width, 5, 5, kernel, strides, padding
            if max(sides) < kernel:  # a window of nothing but padding has no largest number
                for kind in ('maxPool2d', 'averagePool2d'):
                    yield kind, height, width, 5, 5, kernel, strides, padding


if __name__ == '__main__':
    lines = ',\n'.join(json.dumps(row(*case)) for case in rows())
    (pathlib.Path(__file__).parent / 'padding.json').write_text('[\n' + lines + '\n]\n')
