"""PyTorch's side of steps.js: one thread, a question a line as JSON, an answer a line."""
import json
import os
import pathlib
import statistics
import sys
import time

os.environ['OMP_NUM_THREADS'] = os.environ['OPENBLAS_NUM_THREADS'] = '1'
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'reference'))

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

from networks import Network, optimizer_for  # noqa: E402

torch.set_num_threads(1)
WARM = 3  # steps: the first of a large network take up to half as long again, until what they need is there


def read_safetensors(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], 'little')
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == '__metadata__':
            continue
        begin, end = entry['data_offsets']
        values = torch.frombuffer(bytearray(data[8 + length + begin:8 + length + end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry['shape'])
    return tensors


class Run:
    def __init__(self, experiment, shape, folder, channels_last=False, **_):
        folder = pathlib.Path(folder)
        self.network = Network(experiment, shape).train()
        self.network.load_state_dict(read_safetensors(folder / 'weights'), strict=False)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.network = self.network.to(memory_format=layout)
        self.optimizer = optimizer_for(experiment, self.network.parameters())
        batch = experiment['batchSize']
        inputs = torch.frombuffer(bytearray((folder / 'inputs').read_bytes()), dtype=torch.float32).reshape(2 * batch, *shape)
        self.batches = inputs.permute(0, 3, 1, 2).contiguous(memory_format=layout).split(batch)
        self.labels = (torch.arange(2 * batch) % 10).split(batch)
        self.steps = 0

    def train(self):
        at = self.steps % 2
        self.steps += 1
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.network.train()(self.batches[at]), self.labels[at])
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def predict(self):
        with torch.inference_mode():
            return torch.softmax(self.network.eval()(self.batches[0]), 1)

    def alone(self):
        with torch.inference_mode():
            return torch.softmax(self.network.eval()(self.batches[0][:1]), 1)


def measure(act, seconds):
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - begin))
    return {'ms': statistics.median(times)}


def peak():
    lines = pathlib.Path('/proc/self/status').read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith('VmHWM')).split()[1])


def forget_peak():
    """Bytes that the process holds now."""
    pathlib.Path('/proc/self/clear_refs').write_text('5')
    return peak()


def main():
    run, before = None, 0
    for line in sys.stdin:
        question = json.loads(line)
        if question['ask'] == 'version':
            answer = {'version': torch.__version__}
        elif question['ask'] == 'memory':  # the most that the run has held, beside what Python and PyTorch take themselves
            answer = {'bytes': peak() - before}
        elif question['ask'] == 'open':
            run, before = None, forget_peak()
            run = Run(**question)
            answer = {'losses': [run.train() for _ in range(question['steps'])]}
            for _ in range(WARM):
                run.train()
        else:
            answer = measure(getattr(run, question['ask']), question['seconds'])
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()
