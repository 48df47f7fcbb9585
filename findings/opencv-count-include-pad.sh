#!/bin/sh
# OpenCV 4.12.0 (dnn, Python): an ONNX AveragePool with count_include_pad=1 is computed as if it were 0, without a word. Over ones, with a border
# of one, the corner's mean of 3x3 is 4/9 by ONNX's definition (and in onnx's own evaluator), and 1 in OpenCV. 4.6, 4.8 and 4.10 do the same.
# PyTorch exports avg_pool2d with a padding just so, since it counts the border by default. A Pad before a pool without one is the way round.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check onnx==1.19.1 opencv-python-headless==4.12.0.88 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def model(nodes):
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in (("x", [1, 1, 4, 4]), ("y", [1, 1, 2, 2]))]
    graph = helper.make_graph(nodes, "pool", tensors[:1], tensors[1:])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 10)], ir_version=5)
    onnx.checker.check_model(made)
    return made


def by_opencv(made):
    net = cv2.dnn.readNetFromONNX(np.frombuffer(made.SerializeToString(), np.uint8))
    net.setInput(ones, "x")
    return net.forward()[0, 0]


ones = np.ones((1, 1, 4, 4), np.float32)
pool = dict(kernel_shape=[3, 3], strides=[2, 2])
counted = model([helper.make_node("AveragePool", ["x"], ["y"], pads=[1, 1, 1, 1], count_include_pad=1, **pool)])
padded = model([helper.make_node("Pad", ["x"], ["p"], pads=[0, 0, 1, 1, 0, 0, 1, 1]), helper.make_node("AveragePool", ["p"], ["y"], **pool)])
defined = ReferenceEvaluator(counted).run(None, {"x": ones})[0][0, 0]
for name, means in (("defined", defined), ("OpenCV", by_opencv(counted)), ("OpenCV behind a Pad", by_opencv(padded))):
    print(name, means.round(3).tolist())
assert np.allclose(defined, [[4 / 9, 6 / 9], [6 / 9, 1]])
assert np.allclose(by_opencv(padded), defined)
assert np.allclose(by_opencv(counted), 1), "count_include_pad is heeded now"
PYTHON
echo "as described"
