// The frame of the PyTorch script (export_pytorch.js): reading and writing safetensors, evaluation, training, processes. Everything of
// the experiment comes in by name.
//
// On several processes it does what one does: a batch is shared out, gradients are added up, and batch norm measures the whole batch, so
// that nothing depends on their number but rounding. PyTorch's own SyncBatchNorm wants a GPU.
import { imports } from './export_python.js';

const kModules = ['argparse', 'collections', 'hashlib', 'json', 'math', 'os', 'struct', 'sys', 'tempfile'];

/** By the kind of what the network learned from. @type {Record<string, { needs: string, use: string, code: string }>} */
const kPredict = {
  picture: {
    needs: 'torch and numpy, and Pillow for pictures',
    use: `    python THIS.py --weights W.safetensors --predict PHOTO...               # classes and probabilities
`,
    code: `@torch.no_grad()
def predict(network, paths):
    for path in paths:
        tell(path, network(pixels(torch.from_numpy(prepared(path)[None])))[0])


`,
  },
  table: {
    needs: 'torch and numpy',
    use: `    python THIS.py --weights W.safetensors --predict ROWS.csv > ANSWERS.csv # its rows, with the prediction behind each
`,
    code: `@torch.no_grad()
def predict(network, path):
    predict_rows(path, lambda x: torch.cat([network(part[..., None, None]) for part in torch.from_numpy(x).split(1024)]))


`,
  },
  numbers: { needs: 'torch only', use: '', code: '' },
};

/** Only where the network has some. */
const kBatchNorm = `class Total(torch.autograd.Function):
    """The sum over all processes; so is its gradient."""

    @staticmethod
    def forward(context, x):
        return summed(x.clone())

    @staticmethod
    def backward(context, dy):
        return summed(dy.clone())


class BatchNorm(nn.BatchNorm2d):
    """Of pictures and of rows; measures a batch over all processes, and takes one of a single row as well (its variance is 0)."""

    def _check_input_dim(self, x):
        pass

    def forward(self, x):
        shared = distributed.is_initialized()
        if not self.training or (not shared and x.numel() > x.shape[1]):
            return super().forward(x)
        total = Total.apply if shared else lambda x: x
        axes = [axis for axis in range(x.dim()) if axis != 1]
        channel = (-1, *[1] * (x.dim() - 2))
        count = total(x.new_tensor(x.numel() / x.shape[1]))
        mean = total(x.sum(axes)) / count
        centred = x - mean.view(channel)
        variance = total(centred.square().sum(axes)) / count
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1).clamp(min=1), self.momentum)
        return centred * (self.weight / (variance + self.eps).sqrt()).view(channel) + self.bias.view(channel)


`;

const kCentering = `class Centering(nn.Module):
    """Takes the mean that was found in training from each part of a vector; all but the last to length one, the last times a number."""

    def __init__(self, parts, last):
        super().__init__()
        self.parts, self.last = parts, last
        self.register_buffer('running_mean', torch.zeros(sum(parts)))

    def forward(self, x):
        *others, last = [part - mean for part, mean in zip(x, self.running_mean.split(self.parts))]
        return torch.cat([*(F.normalize(part) for part in others), self.last * last], 1)


`;

/**
 * @param {Record<string, any>} $  Python text and numbers, by the place where they go
 * @returns {string}
 */
export const pytorchScript = (
  $,
) => `"""A network trained with Trainground, for PyTorch. Needs ${kPredict[$.kind].needs}.

${kPredict[$.kind].use}    python THIS.py --weights W.safetensors --data D.safetensors             # loss and accuracy
    python THIS.py --weights W.safetensors --data D.safetensors --epochs ${$.epochs} --save OUT.safetensors
    python THIS.py ...the same... --processes 2                             # each with half of every batch

D.safetensors holds "inputs", uint8 or float (N,${$.height},${$.width},${$.channels}), and "labels", integers (N), or numbers (N) or (N,K). In a program:
network = load(W), then logits = network(pixels(inputs)). It goes on with the experiment's optimizer, loss and penalties, from the optimizer's
start; not with its augmentation and learning rate schedule. Weights go back into Trainground as they are saved here.

On several machines: torchrun THIS.py ...the same... (the torchrun of Debian 12's PyTorch 1.13 needs --redirects 9:1 --tee 9:1, that of
one built without libuv USE_LIBUV=0 in the environment).
"""
${imports([...kModules, ...$.imported])}

${$.kind === 'numbers' ? '' : 'import numpy as np\n'}import torch
import torch.nn.functional as F
from torch import distributed, nn

FROZEN = ${$.frozen}  # do not learn; batch normalization among them keeps its statistics
PENALTIES = {  # added to the loss: l1 sum |w| + l2 sum w^2
${$.penalties}
}
${$.preparation}

# A tensor that Python lets go first is freed by Gloo's thread, which waits for Python's lock, while at its end the process that holds
# the lock waits for that thread (seen in PyTorch 1.13): so what was reduced last is kept to the end.
reduced = collections.deque(maxlen=100)


def summed(x):
    """x with the sums over all processes in its place."""
    distributed.all_reduce(x)
    reduced.append(x)
    return x


${$.hasBatchNorm ? kBatchNorm : ''}${$.hasCentering ? kCentering : ''}class Network(nn.Module):
    """Logits (N,${$.outputs}) of inputs (N,${$.channels},${$.height},${$.width}). The keys of the modules are the layers' places in the experiment."""

    def __init__(self):
        super().__init__()
        self.description = {}  # what its weights file says of itself
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
    """What the network takes, (N,C,H,W), from inputs (N,H,W,C)${$.rows ? ' or rows (N,D)' : ''}; bytes become 0..1."""
    if tuple(inputs.shape[1:]) not in ${$.layouts}:
        raise ValueError(f'Expected inputs of shape (N,${$.height},${$.width},${$.channels})${$.rows ? ` or (N,${$.channels})` : ''}, got {tuple(inputs.shape)}')
    x = inputs / 255 if inputs.dtype == torch.uint8 else inputs
    x = x.float().reshape(-1, ${$.height}, ${$.width}, ${$.channels}).permute(0, 3, 1, 2)${$.normalize}
    return x.contiguous()


DTYPES = {'BOOL': torch.bool, 'U8': torch.uint8, 'I8': torch.int8, 'I16': torch.int16, 'I32': torch.int32, 'I64': torch.int64,
          'F16': torch.float16, 'BF16': torch.bfloat16, 'F32': torch.float32, 'F64': torch.float64}


def read_safetensors(path):
    """Tensors of these types by name: eight bytes for the header's length, the header as JSON, the values."""
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != '__metadata__' and entry['dtype'] in DTYPES:
            begin, end = entry['data_offsets']
            tensors[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=DTYPES[entry['dtype']]).reshape(entry['shape'])
    return tensors


def read_samples(path):
    """What the network takes, (N,C,H,W), and the targets: classes (N), or numbers."""
    data = read_safetensors(path)
    for name in ('inputs', 'labels'):
        if name not in data:
            raise ValueError(f'Expected {path} to hold a tensor "{name}" of a type among {", ".join(DTYPES)}; it has {sorted(data)}')
    targets = data['labels']
    return pixels(data['inputs']), targets.float() if targets.is_floating_point() else targets.long()


def save(network, path):
    """Writes the weights as Trainground does: without PyTorch's counter of batches, with what their file said of itself."""
    header, chunks, offset = {}, [], 0
    for name, tensor in network.state_dict().items():
        if not name.endswith('num_batches_tracked'):
            data = tensor.cpu().contiguous().numpy().tobytes()
            header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [offset, offset + len(data)]}
            chunks.append(data)
            offset += len(data)

    def whole(header):
        text = json.dumps(header, separators=(',', ':')).encode()
        text += b' ' * (-len(text) % 8)
        return struct.pack('<Q', len(text)) + text + b''.join(chunks)

    if network.description:
        own = {'trainground.weightsSha256': hashlib.sha256(whole(header)).hexdigest()}
        header = {'__metadata__': {**network.description, **own}, **header}
    with open(path, 'wb') as file:
        file.write(whole(header))


def load(path):
    check_description(path)
    network = Network()
    network.load_state_dict(read_safetensors(path))  # strict: every name, and no other
    network.description = description(path)
    return network.eval()


def batches(samples, size, least=1, seed=None):
    """The places of each batch's samples, in a new order for each seed; a last one of fewer than \`least\` joins the one before."""
    order = torch.arange(samples) if seed is None else torch.randperm(samples, generator=torch.Generator().manual_seed(seed))
    parts = list(order.split(size))
    if len(parts) > 1 and len(parts[-1]) < least:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts


def run_epoch(network, x, targets, parts, optimizer=None, processes=1, rank=0):
    """Mean loss and share of right answers over all batches; trains where there is an optimizer."""
    network.train(optimizer is not None)
    device = next(network.parameters()).device
    parameters = learned(network)
    total, correct = 0.0, 0
    for part in parts:
        mine = part[rank::processes]
        if len(mine) == 0:
            continue
        answers = targets[mine].to(device)
        logits = network(x[mine].to(device))
        mean = loss_of(logits, answers)
        loss = mean * (len(mine) / len(part))
        if optimizer is not None:
            term = penalty(network)
            optimizer.zero_grad()
            (loss + term / processes).backward()
            if processes > 1:
                sums = summed(torch.cat([parameter.grad.flatten() for parameter in parameters]))
                for parameter, piece in zip(parameters, sums.split([parameter.numel() for parameter in parameters])):
                    parameter.grad.copy_(piece.view_as(parameter))${$.clip}
            optimizer.step()
            mean = mean + term
        total += mean.item() * len(mine)
        if not answers.is_floating_point():
            correct += ${$.correct}.sum().item()
    sums = torch.tensor([total, correct], dtype=torch.float64, device=device)
    if processes > 1:
        summed(sums)
    count = sum(len(part) for part in parts)
    return sums[0].item() / count, sums[1].item() / count


def work(rank, processes, arguments, meeting=None):
    """One of several processes; \`meeting\` is a file where they find each other, None under torchrun."""
    cuda = torch.cuda.is_available()
    device = torch.device('cuda', int(os.environ.get('LOCAL_RANK', rank))) if cuda else torch.device('cpu')
    if processes > 1:
        backend = 'nccl' if cuda else 'gloo'
        distributed.init_process_group(backend, init_method=meeting, rank=rank, world_size=processes)
        torch.set_num_threads(max(1, torch.get_num_threads() // processes))
    torch.manual_seed(${$.seed} + rank)

    x, targets = read_samples(arguments.data)
    if len(x) < processes:
        raise ValueError(f'Expected at least one sample for each of {processes} processes, got {len(x)}')
    network = load(arguments.weights).to(device)
    optimizer = optimizer_of(learned(network))

    def tell(what, loss, accuracy):
        if rank == 0:
            print(f'{what}: loss {loss:.7f}' + ('' if targets.is_floating_point() else f', accuracy {accuracy:.4f}'), flush=True)

    with torch.no_grad():
        parts = batches(len(x), arguments.batch_size)
        tell('before', *run_epoch(network, x, targets, parts, None, processes, rank))
    for epoch in range(1, arguments.epochs + 1):
        parts = batches(len(x), arguments.batch_size, processes, ${$.shuffle ? `${$.seed} + epoch` : 'None'})
        tell(f'epoch {epoch}', *run_epoch(network, x, targets, parts, optimizer, processes, rank))
    if arguments.save and rank == 0:
        save(network, arguments.save)
    if processes > 1:
        distributed.destroy_process_group()


${kPredict[$.kind].code}def main():
    parser = argparse.ArgumentParser(description='Evaluates and goes on training a network from Trainground.')
    parser.add_argument('--weights', required=True)
    inputs = parser.add_mutually_exclusive_group(required=True)
    inputs.add_argument('--data')
    inputs.add_argument('--predict', ${$.argument})
    parser.add_argument('--epochs', type=int, default=0)
    parser.add_argument('--batch-size', type=int, default=${$.batchSize}, help='over all processes')
    parser.add_argument('--save')
    parser.add_argument('--processes', type=int, default=1, help='on this machine')
    arguments = parser.parse_args()
    try:
        if arguments.predict:
            ${$.kind === 'numbers' ? `raise ValueError(${$.refusal})` : 'predict(load(arguments.weights), arguments.predict)'}
        elif arguments.processes > 1:
            with tempfile.TemporaryDirectory() as folder:
                words = (arguments.processes, arguments, f'file://{folder}/meeting')
                torch.multiprocessing.spawn(work, words, arguments.processes)
        else:
            work(int(os.environ.get('RANK', 0)), int(os.environ.get('WORLD_SIZE', 1)), arguments)
    except ValueError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
`;
