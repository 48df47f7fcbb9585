"""Writes what PyTorch computes for losses, optimizers, schedules and gradient clipping: losses.json, optimizers.json, schedules.json,
gradients.json. The tests of tests/core compare with these files, so PyTorch is needed only to make them anew:

    python3 tests/reference/optimizers.py
"""
import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
KEPT_STEPS = [1, 2, 5, 20]


def write(name, cases):
    lines = ',\n'.join(json.dumps(case) for case in cases)
    (HERE / name).write_text('[\n' + lines + '\n]\n')


def numbers(tensor):
    return tensor.detach().double().flatten().tolist()


def losses():
    torch.manual_seed(1)
    cases = []

    def add(kind, samples, outputs, smoothing=0.0, values=None, scale=3.0, logits=None):
        # float32 numbers, so that both builds start from the same.
        x = (torch.randn(samples, outputs) * scale if logits is None else torch.tensor(logits)).double().requires_grad_()
        labels = torch.randint(0, max(2, outputs), (samples,))
        targets = values.float().double() if values is not None else None
        dense = targets if targets is not None else (
            labels.double()[:, None] if outputs == 1 else F.one_hot(labels, outputs).double())
        if kind == 'crossEntropy':
            value = F.cross_entropy(x, labels if targets is None else targets, label_smoothing=smoothing)
        elif kind == 'binaryCrossEntropy':
            value = F.binary_cross_entropy_with_logits(x, dense)
        else:
            value = F.mse_loss(x, dense)
        value.backward()
        case = {'type': kind, 'samples': samples, 'outputs': outputs, 'labelSmoothing': smoothing, 'logits': numbers(x)}
        case.update({'labels': labels.tolist()} if targets is None else {'values': numbers(targets)})
        case.update({'loss': value.item(), 'gradient': numbers(x.grad)})
        if kind == 'crossEntropy':
            case['probabilities'] = numbers(torch.softmax(x, 1))
        elif kind == 'binaryCrossEntropy':
            case['probabilities'] = numbers(torch.sigmoid(x))
        else:
            case['probabilities'] = numbers(x)
        if targets is None:
            guess = (x[:, 0] > 0).long() if kind == 'binaryCrossEntropy' and outputs == 1 else x.argmax(1)
            if kind == 'meanSquaredError' and outputs == 1:
                guess = x[:, 0].round().long()
            case['correct'] = int((guess == labels).sum())
        cases.append(case)

    add('crossEntropy', 5, 3)
    add('crossEntropy', 7, 10, smoothing=0.1)
    add('crossEntropy', 1, 2, smoothing=1.0)
    add('crossEntropy', 4, 5, values=torch.softmax(torch.randn(4, 5), 1))
    add('crossEntropy', 4, 5, smoothing=0.3, values=torch.rand(4, 5))
    add('crossEntropy', 3, 4, logits=[[80.0, -80.0, 0.0, 1.0], [20.0, 0.0, 1.0, 2.0], [-60.0, -61.0, -62.0, -60.0]])
    add('binaryCrossEntropy', 6, 1)
    add('binaryCrossEntropy', 5, 3)
    add('binaryCrossEntropy', 5, 3, values=torch.rand(5, 3))
    add('binaryCrossEntropy', 3, 1, logits=[[60.0], [-60.0], [25.0]])
    add('meanSquaredError', 5, 1, scale=1.0)
    add('meanSquaredError', 5, 4)
    add('meanSquaredError', 3, 2, values=torch.randn(3, 2))
    write('losses.json', cases)


def optimizers():
    torch.manual_seed(2)
    start = torch.randn(6)
    gradients = torch.randn(20, 6)
    gradients[:, 4] *= 1e-3
    gradients[:, 5] = 0
    o = torch.optim
    rules = [
        ({'type': 'sgd', 'learningRate': 0.1}, lambda p: o.SGD(p, 0.1)),
        ({'type': 'momentum', 'learningRate': 0.02}, lambda p: o.SGD(p, 0.02, momentum=0.9)),
        ({'type': 'momentum', 'learningRate': 0.02, 'momentum': 0.5, 'nesterov': True},
         lambda p: o.SGD(p, 0.02, momentum=0.5, nesterov=True)),
        ({'type': 'rmsprop', 'learningRate': 0.01}, lambda p: o.RMSprop(p, 0.01, alpha=0.9, eps=1e-8)),
        ({'type': 'rmsprop', 'learningRate': 0.01, 'rho': 0.99, 'epsilon': 0.01},
         lambda p: o.RMSprop(p, 0.01, alpha=0.99, eps=0.01)),
        ({'type': 'adam', 'learningRate': 0.01}, lambda p: o.Adam(p, 0.01)),
        ({'type': 'adam', 'learningRate': 0.05, 'beta1': 0.5, 'beta2': 0.9, 'epsilon': 0.001},
         lambda p: o.Adam(p, 0.05, betas=(0.5, 0.9), eps=0.001)),
        ({'type': 'adamw', 'learningRate': 0.01}, lambda p: o.AdamW(p, 0.01)),
        ({'type': 'adamw', 'learningRate': 0.05, 'weightDecay': 0.5}, lambda p: o.AdamW(p, 0.05, weight_decay=0.5)),
        ({'type': 'adagrad', 'learningRate': 0.05}, lambda p: o.Adagrad(p, 0.05)),
        ({'type': 'adadelta', 'learningRate': 1}, lambda p: o.Adadelta(p, 1.0, rho=0.95)),
        ({'type': 'adadelta', 'learningRate': 0.5, 'rho': 0.5, 'epsilon': 0.001},
         lambda p: o.Adadelta(p, 0.5, rho=0.5, eps=0.001)),
    ]
    cases = []
    for options, make in rules:
        case = {'optimizer': options, 'start': numbers(start), 'gradients': numbers(gradients), 'steps': KEPT_STEPS}
        for name, dtype in (('float32', torch.float32), ('float64', torch.float64)):
            w = start.to(dtype).clone().requires_grad_()
            rule = make([w])
            kept = []
            for t in range(20):
                w.grad = gradients[t].to(dtype).clone()
                rule.step()
                if t + 1 in KEPT_STEPS:
                    kept.append(numbers(w))
            case[name] = kept
        cases.append(case)
    write('optimizers.json', cases)


def schedules():
    s = torch.optim.lr_scheduler
    rules = [
        ({'type': 'step', 'stepEpochs': 3, 'factor': 0.5}, lambda o: s.StepLR(o, 3, 0.5), 10),
        ({'type': 'exponential', 'factor': 0.9}, lambda o: s.ExponentialLR(o, 0.9), 12),
        ({'type': 'cosine', 'minimum': 0.01}, lambda o: s.CosineAnnealingLR(o, 20, 0.01), 20),
    ]
    cases = []
    for options, make, epochs in rules:
        rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.3)
        scheduler = make(rule)
        rates = []
        for _ in range(epochs):
            rates.append(rule.param_groups[0]['lr'])
            rule.step()
            scheduler.step()
        cases.append({'schedule': options, 'learningRate': 0.3, 'epochs': epochs, 'rates': rates})
    write('schedules.json', cases)


def gradients():
    torch.manual_seed(3)
    cases = []
    for l1, l2, clip in ((0, 0.1, 0), (0.05, 0, 0), (0.02, 0.3, 1.5), (0, 0, 0.5), (0, 0, 100)):
        weights = [torch.randn(3, 4), torch.randn(4), torch.randn(4, 5)]
        weights[0][0, 0] = 0
        start = [torch.randn_like(w).double() for w in weights]
        w = [x.double().requires_grad_() for x in weights]
        kernels = [w[0], w[2]]
        penalty = sum(l1 * k.abs().sum() + l2 * (k ** 2).sum() for k in kernels)
        grads = torch.autograd.grad(penalty, kernels) if l1 or l2 else [0, 0]
        w[0].grad, w[1].grad, w[2].grad = start[0] + grads[0], start[1].clone(), start[2] + grads[1]
        before = torch.sqrt(sum((x.grad ** 2).sum() for x in w)).item()
        if clip:
            torch.nn.utils.clip_grad_norm_(w, clip)
        cases.append({'l1': l1, 'l2': l2, 'clipNorm': clip, 'weights': [numbers(x) for x in w],
                      'start': [numbers(x) for x in start], 'penalty': float(penalty), 'norm': before,
                      'gradients': [numbers(x.grad) for x in w]})
    write('gradients.json', cases)


if __name__ == '__main__':
    losses()
    optimizers()
    schedules()
    gradients()
