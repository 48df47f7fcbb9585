// The frame of the PyTorch script (export_pytorch.js): reading and writing safetensors, evaluation, training, processes. Everything of
// the experiment comes in by name.

/**
 * @param {Record<string, any>} $  Python text and numbers, by the place where they go
 * @returns {string}
 */
export const pytorchScript = ($) => `"""A network trained with Trainground, for PyTorch. Needs torch only.

    python THIS.py --weights W.safetensors --data D.safetensors             # loss and accuracy
    python THIS.py --weights W.safetensors --data D.safetensors --epochs ${$.epochs} --save OUT.safetensors
    torchrun --nproc_per_node 2 THIS.py ...the same...                      # on two processes, each with half of every batch

D.safetensors holds "inputs", uint8 or float32 (N,${$.height},${$.width},${$.channels}), and "labels", integers (N), or numbers (N,K). In a program: network = load(W), then
logits = network(pixels(inputs)). It goes on with the experiment's optimizer, loss and penalties, from the optimizer's start; not with
its augmentation and learning rate schedule. Weights go back into Trainground as they are saved here.
"""
import argparse
import json
import math
import os
import struct

import torch
import torch.nn.functional as F
from torch import distributed, nn
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

CLASS_NAMES = ${$.classNames}
FROZEN = ${$.frozen}  # do not learn; batch normalization among them keeps its statistics
PENALTIES = {  # added to the loss: l1 sum |w| + l2 sum w^2
${$.penalties}
}


class Network(nn.Module):
    """Logits (N,${$.outputs}) of inputs (N,${$.channels},${$.height},${$.width}). The keys of the modules are the layers' places in the experiment."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({
${$.modules}
        })
        for name in FROZEN:
            self.get_submodule(name).requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        for name in FROZEN:
            self.get_submodule(name).eval()
        return self

    def forward(self, x):
        layers = self.layers
${$.forward}
        return x


def penalty(network):
    weights = dict(network.named_parameters())
    return sum(l1 * weights[name].abs().sum() + l2 * weights[name].square().sum() for name, (l1, l2) in PENALTIES.items())


def loss_of(logits, targets):
${$.loss}


def learned(network):
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def optimizer_of(parameters):
    return ${$.optimizer}


def pixels(inputs):
    """What the network takes, (N,C,H,W), from inputs (N,H,W,C); bytes become 0..1."""
    x = inputs / 255 if inputs.dtype == torch.uint8 else inputs
    x = x.float().reshape(-1, ${$.height}, ${$.width}, ${$.channels}).permute(0, 3, 1, 2)${$.normalize}
    return x.contiguous()


DTYPES = {'F32': torch.float32, 'F64': torch.float64, 'U8': torch.uint8, 'I8': torch.int8, 'I16': torch.int16, 'I32': torch.int32,
          'I64': torch.int64}


def read_safetensors(path):
    """Tensors by name: eight bytes for the header's length, the header as JSON, the values."""
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != '__metadata__':
            begin, end = entry['data_offsets']
            tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=DTYPES[entry['dtype']]).reshape(entry['shape'])
    return tensors


def save(network, path):
    """Writes the weights as Trainground does: without PyTorch's counter of batches."""
    header, chunks, offset = {}, [], 0
    for name, tensor in network.state_dict().items():
        if not name.endswith('num_batches_tracked'):
            data = tensor.cpu().contiguous().numpy().tobytes()
            header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [offset, offset + len(data)]}
            chunks.append(data)
            offset += len(data)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + b''.join(chunks))


def load(path):
    network = Network()
    network.load_state_dict(read_safetensors(path))  # strict: every name, and no other
    return network.eval()


# A tensor that Python lets go first is freed by Gloo's thread, which waits for Python's lock, while at its end the process that holds
# the lock waits for that thread (seen in PyTorch 1.13): so what was reduced is kept to the end, a few numbers for each epoch.
reduced = []


def run_epoch(network, module, batches, device, optimizer=None):
    """Mean loss and share of right answers over this process's batches; trains where there is an optimizer."""
    network.train(optimizer is not None)
    parameters = learned(module)
    total, correct, samples = 0.0, 0, 0
    for x, targets in batches:
        x, targets = x.to(device), targets.to(device)
        logits = network(x)
        loss = loss_of(logits, targets)
        if optimizer is not None:
            loss = loss + penalty(module)
            optimizer.zero_grad()
            loss.backward()  # under torchrun the processes' gradients become their mean here${$.clip}
            optimizer.step()
        total += loss.item() * len(x)
        samples += len(x)
        if not targets.is_floating_point():
            correct += ${$.correct}.sum().item()
    sums = torch.tensor([total, correct, samples], dtype=torch.float64, device=device)
    if distributed.is_initialized():
        distributed.all_reduce(sums)
        reduced.append(sums)
    return sums[0].item() / sums[2].item(), sums[1].item() / sums[2].item()


def main():
    parser = argparse.ArgumentParser(description='Evaluates and goes on training a network from Trainground.')
    parser.add_argument('--weights', required=True)
    parser.add_argument('--data', required=True)
    parser.add_argument('--epochs', type=int, default=0)
    parser.add_argument('--batch-size', type=int, default=${$.batchSize}, help='over all processes')
    parser.add_argument('--save')
    arguments = parser.parse_args()

    processes, rank = int(os.environ.get('WORLD_SIZE', 1)), int(os.environ.get('RANK', 0))
    cuda = torch.cuda.is_available()
    device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', 0))) if cuda else torch.device('cpu')
    if processes > 1:
        distributed.init_process_group('nccl' if cuda else 'gloo')
    torch.manual_seed(${$.seed} + rank)

    data = read_safetensors(arguments.data)
    targets = data['labels']
    dataset = TensorDataset(pixels(data['inputs']), targets if targets.is_floating_point() else targets.long())
    sampler = DistributedSampler(dataset, processes, rank, shuffle=${$.shuffle}, seed=${$.seed})
    batches = DataLoader(dataset, max(1, arguments.batch_size // processes), sampler=sampler)

    module = load(arguments.weights).to(device)
    network = nn.parallel.DistributedDataParallel(module) if processes > 1 else module
    optimizer = optimizer_of(learned(module))

    def tell(what, loss, accuracy):
        if rank == 0:
            print(f'{what}: loss {loss:.7f}, accuracy {accuracy:.4f}', flush=True)

    with torch.no_grad():
        tell('before', *run_epoch(network, module, batches, device))
    for epoch in range(1, arguments.epochs + 1):
        sampler.set_epoch(epoch)
        tell(f'epoch {epoch}', *run_epoch(network, module, batches, device, optimizer))
    if arguments.save and rank == 0:
        save(module, arguments.save)
    if processes > 1:
        distributed.destroy_process_group()


if __name__ == '__main__':
    main()
`;
