#!/bin/sh
# Keras 3.15.1 on its PyTorch back end (torch 2.15.0): AveragePooling2D with padding "same" counts the border where that is uneven or wider than
# one. Keras's means are of what lies inside, and so they are on JAX and TensorFlow; on PyTorch a pool of 3 by strides of 3 over 5x5, or of 4 by
# 2, gives smaller or other means at the edges (up to 1.5 off on 1..25), while 2 by 2, 3 by 2 and 2 by 1 are right. A model that is trained on
# one back end and run on another answers otherwise, without a word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 torch==2.15.0 numpy
cd "$folder"
KERAS_BACKEND=torch venv/bin/python - <<'PYTHON'
import keras
import numpy as np

picture = np.arange(1, 26, dtype=np.float32).reshape(1, 5, 5, 1)


def inside(pool, strides):
    """The mean of what lies inside, the surplus of the border behind: what JAX and TensorFlow give."""
    side = picture.shape[1]
    outputs = -(-side // strides)
    before = max((outputs - 1) * strides + pool - side, 0) // 2
    taken = [slice(max(i * strides - before, 0), i * strides - before + pool) for i in range(outputs)]
    return np.array([[picture[0, rows, columns, 0].mean() for columns in taken] for rows in taken])


def apart(pool, strides):
    said = keras.layers.AveragePooling2D(pool, strides, padding="same")(picture)
    return float(np.abs(keras.ops.convert_to_numpy(said)[0, :, :, 0] - inside(pool, strides)).max())


for pool, strides in ((2, 2), (3, 2), (2, 1), (3, 3), (4, 2)):
    print(f"pool {pool}, strides {strides}: {apart(pool, strides):.3f} apart")
assert max(apart(2, 2), apart(3, 2), apart(2, 1)) < 1e-5
assert apart(3, 3) > 0.5 and apart(4, 2) > 0.5, "means are of what lies inside now"
PYTHON
echo "as described"
