"""Runs each NUMBER.keras.py of a folder on the back end of KERAS_BACKEND, and prints a line of JSON a network: its name, the largest
difference of logits, relative where they are above 1; the same of each NUMBER.BACKEND.keras that a run before has saved (no script is
imported for these), and how far fit() is from our losses, relatively.

    KERAS_BACKEND=jax python keras_reader.py FOLDER save|open
"""
import importlib.util
import json
import pathlib
import sys

import keras
import numpy as np

BACKENDS = 'tensorflow', 'jax', 'torch'


def difference(logits, expected):
    return float(np.abs(np.asarray(logits) - expected).max() / max(1, np.abs(expected).max()))


def script_of(path):
    spec = importlib.util.spec_from_file_location('script', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_script(folder, network, x, expected):
    stem = folder / str(network['number'])
    script = script_of(f'{stem}.keras.py')
    built = script.load(f'{stem}.safetensors')
    told = {'gap': difference(built.predict(x, verbose=0), expected)}
    labels = np.array(network['labels'], np.float32 if network['regresses'] else np.int32)
    labels = labels.reshape(len(x), -1) if network['regresses'] else labels
    history = built.fit(x, labels, batch_size=network['batchSize'], epochs=network['epochs'], shuffle=False, verbose=0)
    told['lossGap'] = max(abs(theirs - ours) / abs(ours) for theirs, ours in zip(history.history['loss'], network['losses']))
    script.load(f'{stem}.safetensors', compiled=False).save(f'{stem}.{keras.backend.backend()}.keras')
    return told


def open_saved(folder, network, x, expected):
    saved = (folder / f'{network["number"]}.{backend}.keras' for backend in BACKENDS)
    return {'gap': max(difference(keras.saving.load_model(path).predict(x, verbose=0), expected) for path in saved)}


if __name__ == '__main__':
    folder, work = pathlib.Path(sys.argv[1]), {'save': run_script, 'open': open_saved}[sys.argv[2]]
    for network in json.loads((folder / 'list.json').read_text()):
        x = np.array(network['inputs'], np.float32).reshape(-1, *network['shape'])
        expected = np.array(network['logits']).reshape(len(x), -1)
        try:
            told = work(folder, network, x, expected)
        except Exception as error:
            told = {'error': f'{type(error).__name__}: {" ".join(str(error).split())[:300]}'}
        print(json.dumps({'name': network['name'], **told}), flush=True)
