#!/bin/sh
# safetensors 0.8.0 (Python, numpy 2.3.5): a transposed array is saved with its shape and without its order. save_file writes the buffer as
# it lies in memory under the transposed shape, and says nothing, so load_file gives other numbers in every place but the corners. numpy's own
# save keeps the values. Whoever carries weights from Keras (in, out) to PyTorch (out, in) by `kernel.T` meets it; numpy.ascontiguousarray before
# saving is the way round.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check safetensors==0.8.0 numpy==2.3.5
cd "$folder"
venv/bin/python - <<'PYTHON'
import numpy as np
from safetensors.numpy import load_file, save_file

kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
save_file({"view": kernel.T, "copy": np.ascontiguousarray(kernel.T)}, "kernel.safetensors")
read = load_file("kernel.safetensors")
print("saved", kernel.T.tolist(), "read", read["view"].tolist(), "read after ascontiguousarray", read["copy"].tolist())
assert read["copy"].tolist() == kernel.T.tolist()
assert read["view"].shape == (3, 2)
assert read["view"].tolist() == [[0, 1], [2, 3], [4, 5]], "a transposed array is saved rightly now"
np.save("kernel.npy", kernel.T)
assert np.load("kernel.npy").tolist() == kernel.T.tolist()
PYTHON
echo "as described"
