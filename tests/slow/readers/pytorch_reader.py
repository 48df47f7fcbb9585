"""Runs each NUMBER.pytorch.py of a folder, and prints a line of JSON a network: its name, the largest difference of logits, relative where
they are above 1, of the network as it is and of its torch.export; and how far the script's training is from our losses, relatively: on
one process, on two by its own --processes, and on two under torchrun.

    python pytorch_reader.py FOLDER
"""
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys

import torch


def difference(logits, expected):
    return float((logits - expected).abs().max() / expected.abs().max().clamp(min=1))


def logits_of(stem, x, expected):
    spec = importlib.util.spec_from_file_location('script', f'{stem}.pytorch.py')
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    network = script.load(f'{stem}.safetensors')
    pixels = script.pixels(x)
    with torch.no_grad():
        exported = torch.export.export(network, (pixels,), dynamic_shapes=({0: torch.export.Dim('N', min=2)},))
        return max(difference(network(pixels), expected), difference(exported.module()(pixels), expected),
                   difference(exported.module()(pixels[:2]), expected[:2]))


def loss_gap(stem, network, before, after):
    words = [f'{stem}.pytorch.py', '--weights', f'{stem}.safetensors', '--data', f'{stem}.data.safetensors', '--epochs', str(network['epochs'])]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
    run = subprocess.run([sys.executable, *before, *words, *after], capture_output=True, text=True, env=environment)
    if run.returncode:
        raise ValueError(run.stderr[-300:])
    losses = [float(text) for text in re.findall(r'epoch \d+: loss ([\d.]+)', run.stdout)]
    if len(losses) != network['epochs']:
        raise ValueError(f'{len(losses)} epochs told')
    return max(abs(theirs - ours) / ours for theirs, ours in zip(losses, network['losses']))


def ways_of(network, samples):
    """How the script is started. On two processes a last batch of one sample joins the one before it: that is another run."""
    one = {'lossGap': ([], [])}
    if samples % network['batchSize'] == 1:
        return one
    return {**one, 'twoGap': ([], ['--processes', '2']), 'torchrunGap': (['-m', 'torch.distributed.run', '--nproc_per_node', '2'], [])}


if __name__ == '__main__':
    folder = pathlib.Path(sys.argv[1])
    for network in json.loads((folder / 'list.json').read_text()):
        stem = folder / str(network['number'])
        x = torch.tensor(network['inputs']).reshape(-1, *network['shape'])
        expected = torch.tensor(network['logits']).reshape(len(x), -1)
        try:
            told = {'gap': logits_of(stem, x, expected)}
            told |= {key: loss_gap(stem, network, *words) for key, words in ways_of(network, len(x)).items()}
        except Exception as error:
            told = {'error': f'{type(error).__name__}: {" ".join(str(error).split())[-300:]}'}
        print(json.dumps({'name': network['name'], **told}), flush=True)
