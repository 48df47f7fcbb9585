"""Reads each NUMBER.onnx of a folder with one reader, and prints a line of JSON a network: its name and the largest difference of logits,
relative where they are above 1, or what the reader said.

    python onnx_readers.py READER FOLDER
"""
import json
import pathlib
import subprocess
import sys

import numpy as np


def checker(path, x):
    """onnx's own: the file is valid, and every shape is inferred strictly, that of the batch by its name."""
    import onnx
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    for value in [*inferred.graph.value_info, *inferred.graph.output]:
        sides = [side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim]
        if sides[:1] != ['N'] or not all(sides) or any(isinstance(side, str) for side in sides[1:]):
            raise ValueError(f'{value.name} has the shape {sides}')


def onnxruntime(path, x):
    import onnxruntime
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    return session.run(['logits'], {'input': x})[0]


def opencv(path, x):
    import cv2
    return np.concatenate([forward(cv2.dnn.readNetFromONNX(path), one) for one in (x[:1], x[1:])])


def forward(network, x):
    network.setInput(x, 'input')
    return network.forward('logits').reshape(len(x), -1)


def openvino(path, x):
    import openvino
    model = openvino.Core().compile_model(path, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})
    return model({'input': x})['logits']


def ncnn(path, x):
    """By pnnx, which ncnn's makers tell to use; for one sample at a time."""
    import ncnn as library
    import pnnx
    stem = path.removesuffix('.onnx')
    shape = ','.join(str(side) for side in (1, *x.shape[1:]))
    run = subprocess.run([pnnx.EXEC_PATH, path, f'inputshape=[{shape}]', 'fp16=0', 'optlevel=2'], capture_output=True, text=True, cwd=pathlib.Path(path).parent)
    if run.returncode:
        raise ValueError(f'pnnx: {(run.stderr or run.stdout).strip().splitlines()[-1]}')
    network = library.Net()
    network.opt.use_fp16_packed = network.opt.use_fp16_storage = network.opt.use_fp16_arithmetic = False
    if network.load_param(f'{stem}.ncnn.param') or network.load_model(f'{stem}.ncnn.bin'):
        raise ValueError('ncnn does not load what pnnx wrote')
    rows = []
    for one in x:
        extractor = network.create_extractor()
        extractor.input('in0', library.Mat(np.ascontiguousarray(one)).clone())
        status, out = extractor.extract('out0')
        if status:
            raise ValueError(f'ncnn: {status}')
        rows.append(np.array(out).ravel())
    return np.array(rows)


READERS = {'onnx': checker, 'onnxruntime': onnxruntime, 'opencv': opencv, 'openvino': openvino, 'ncnn': ncnn}

if __name__ == '__main__':
    read, folder = READERS[sys.argv[1]], pathlib.Path(sys.argv[2])
    for network in json.loads((folder / 'list.json').read_text()):
        x = np.array(network['inputs'], np.float32).reshape(-1, *network['shape']).transpose(0, 3, 1, 2)
        expected = np.array(network['logits']).reshape(len(x), -1)
        try:
            logits = read(str(folder / f'{network["number"]}.onnx'), np.ascontiguousarray(x))
            gap = 0.0 if logits is None else float(np.abs(logits - expected).max() / max(1, np.abs(expected).max()))
            print(json.dumps({'name': network['name'], 'gap': gap}), flush=True)
        except Exception as error:
            text = ' '.join(str(error).split())
            print(json.dumps({'name': network['name'], 'error': f'{type(error).__name__}: {text[:300]}'}), flush=True)
