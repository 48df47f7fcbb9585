// The PyTorch script as a program: it goes on training as we do, on one process and on several, with every form of data that it takes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trainer, exportNetwork } from 'trainground';
import { temporaryFolder } from './command.js';
import { noPython, noTorch, python } from './python.js';

const folder = temporaryFolder();
const dense = (units, more) => ({ type: 'dense', units, ...more });
const conv = (filters, more) => ({ type: 'conv2d', filters, kernelSize: 3, ...more });
const [norm, flat] = [{ type: 'batchNormalization' }, { type: 'flatten' }];
const act = (name) => ({ type: 'activation', function: name });

/** Numbers from 0 to 1 that look random and are the same in every run. */
const number = (i) => Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;

/** A safetensors file. @param {Record<string, [dtype: string, shape: number[], values: ArrayBufferView]>} tensors */
function safetensors(tensors) {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, [dtype, shape, { byteLength }]]) => {
    offset += byteLength;
    return [name, { dtype, shape, data_offsets: [offset - byteLength, offset] }];
  });
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...Object.values(tensors).map(([, , values]) => Buffer.from(values.buffer))]);
}

/** Leaves NAME.py, NAME.safetensors and NAME.data.safetensors; gives our losses, before training and of each epoch, and the trainer. */
async function trained(name, experiment, data, stored) {
  const whole = { validationSplit: 0, shuffle: false, epochs: 4, ...experiment };
  const trainer = await Trainer.open(whole, { data, sameThread: true, threads: 1 });
  writeFileSync(join(folder, `${name}.safetensors`), await trainer.saveWeights());
  writeFileSync(join(folder, `${name}.py`), await trainer.export('pytorch'));
  writeFileSync(join(folder, `${name}.data.safetensors`), safetensors(stored));
  const losses = [(await trainer.evaluate(data)).loss];
  for await (const event of trainer.train()) if (event.event === 'epoch') losses.push(event.loss);
  return { trainer, losses };
}

/** Runs the script of that name for four epochs. @param {string} name @param {string[]} [more] @param {string[]} [before] */
function run(name, more = [], before = []) {
  const words = `${name}.py --weights ${name}.safetensors --data ${name}.data.safetensors --epochs 4`.split(' ');
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const { status, stdout, stderr } = python([...before, ...words, ...more], folder, { env });
  assert.equal(status, 0, stderr);
  return [...stdout.matchAll(/loss ([\d.]+)/g)].map((match) => Number(match[1]));
}

/** @param {number[]} theirs @param {number[]} ours @param {string} what @param {number} [tolerance] */
function expectClose(theirs, ours, what, tolerance = 1e-4) {
  assert.equal(theirs.length, ours.length, `${what}: told once, not by each process`);
  const gap = Math.max(...theirs.map((loss, i) => Math.abs(loss - ours[i]) / ours[i]));
  assert.ok(gap <= tolerance, `${what}: ${theirs}, ours ${ours}`);
  return `${what}: ${gap.toExponential(1)}`;
}

test('it goes on training as we do, on one process, on two and on three', { skip: noTorch }, async (context) => {
  // Neither the batches nor their last one divide by the processes.
  const samples = 51;
  const shape = [6, 5, 2];
  const inputs = Uint8Array.from({ length: samples * 60 }, (_, i) => 256 * number(i));
  const labels = Int32Array.from({ length: samples }, (_, i) => (i * 7) % 3);
  const experiment = {
    layers: [
      { type: 'residual', layers: [conv(4, { padding: 'same', useBias: false }), norm, act('relu')] },
      ...[conv(4, { activation: 'tanh', trainable: false }), { ...norm, trainable: false }, flat],
      ...[dense(6, { l2: 0.02, useBias: false }), norm, act('tanh'), dense(3)],
    ],
    loss: { type: 'crossEntropy', labelSmoothing: 0.1 },
    ...{ l1: 0.001, l2: 0.01, optimizer: { type: 'momentum', learningRate: 0.05, clipNorm: 0.8 }, batchSize: 16 },
  };
  const stored = { inputs: ['U8', [samples, ...shape], inputs], labels: ['I32', [samples], labels] };
  const { trainer, losses } = await trained('train', experiment, { inputs, shape, labels }, stored);
  const file = (name) => readFileSync(join(folder, `${name}.safetensors`));
  const ways = {
    'one process': run('train', ['--save', '1.safetensors']),
    'three processes': run('train', ['--processes', '3', '--save', '3.safetensors']),
    // The redirects are those of a ninth process that there is not: the default is lost between PyTorch 1.13 and Python 3.11.
    'two processes of torchrun': run(
      'train',
      ['--save', '2.safetensors'],
      '-m torch.distributed.run --nproc_per_node 2 --redirects 9:1 --tee 9:1'.split(' '),
    ),
  };
  for (const [what, theirs] of Object.entries(ways)) context.diagnostic(expectClose(theirs, losses, what, 1e-5));
  // What PyTorch trained comes back, and is what we trained: moving means and variances, too.
  const ours = new Map();
  for (const { name } of await trainer.tensors()) ours.set(name, await trainer.tensor(name));
  assert.ok([...ours.keys()].some((name) => name.endsWith('running_var')));
  for (const name of ['1', '2', '3']) {
    await trainer.loadWeights(new Uint8Array(file(name)));
    for (const [tensor, values] of ours) {
      const theirs = await trainer.tensor(tensor);
      const gap = Math.max(...Array.from(theirs, (value, i) => Math.abs(value - values[i])));
      assert.ok(gap <= 1e-5 * Math.max(1, ...values.map(Math.abs)), `${tensor} of ${name}.safetensors: ${gap}`);
    }
  }
  await trainer.dispose();
});

const vectors = (count, size) => Float32Array.from({ length: count * size }, (_, i) => number(i + 3));

test('a last batch of one row goes through batch norm as it does here', { skip: noTorch }, async (context) => {
  const [samples, shape] = [21, [1, 1, 5]];
  const inputs = vectors(samples, 5);
  const labels = Int32Array.from({ length: samples }, (_, i) => i % 3);
  const layers = [dense(7, { useBias: false }), norm, act('relu'), dense(3)];
  const experiment = { layers, batchSize: 10, optimizer: { type: 'sgd', learningRate: 0.1 } };
  const stored = { inputs: ['F32', [samples, 5], inputs], labels: ['I32', [samples], labels] };
  const { trainer, losses } = await trained('single', experiment, { inputs, shape, labels }, stored);
  context.diagnostic(expectClose(run('single'), losses, 'one row', 1e-5));
  await trainer.dispose();
});

test('a regression learns from numbers (N) and (N,1) as we do', { skip: noTorch }, async (context) => {
  const [samples, shape] = [24, [1, 1, 5]];
  const inputs = vectors(samples, 5);
  const targets = Float32Array.from({ length: samples }, (_, i) => 3 * inputs[5 * i] - inputs[5 * i + 2]);
  const experiment = {
    layers: [dense(8, { activation: 'relu' }), dense(1)],
    ...{ loss: 'meanSquaredError', batchSize: 8, optimizer: { type: 'adam', learningRate: 0.03 } },
  };
  for (const sides of [[samples], [samples, 1]]) {
    const stored = { inputs: ['F32', [samples, 5], inputs], labels: ['F32', sides, targets] };
    const { trainer, losses } = await trained('line', experiment, { inputs, shape, targets }, stored);
    assert.ok(losses.at(-1) < losses[0] / 2, 'it learns');
    context.diagnostic(expectClose(run('line'), losses, `${sides}`, 1e-5));
    await trainer.dispose();
  }
});

test(
  'every type of inputs that it reads gives the same, and what is no such thing is named',
  { skip: noTorch },
  async () => {
    const [samples, shape] = [6, [2, 3, 3]];
    const inputs = vectors(samples, 18).map((value) => Math.round(value * 128) / 128); // exact in 16 bits
    const labels = Int32Array.from({ length: samples }, (_, i) => i % 2);
    const stored = { inputs: ['F32', [samples, ...shape], inputs], labels: ['I32', [samples], labels] };
    const { trainer } = await trained('made', { layers: [flat, dense(2)] }, { inputs, shape, labels }, stored);
    await trainer.dispose();
    const program = `
import made, torch
def file(inputs, labels, **more):
    header, chunks, offset = {}, [], 0
    names = {value: key for key, value in made.DTYPES.items()}
    for name, tensor in {**more, 'inputs': inputs, 'labels': labels}.items():
        data = tensor.view(torch.uint8).numpy().tobytes() if tensor.numel() else b''
        header[name] = {'dtype': names.get(tensor.dtype, 'C64'), 'shape': list(tensor.shape), 'data_offsets': [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = made.json.dumps(header).encode()
    open('typed.safetensors', 'wb').write(made.struct.pack('<Q', len(text)) + text + b''.join(chunks))
    return made.read_samples('typed.safetensors')
data = made.read_safetensors('made.data.safetensors')
x, y = file(data['inputs'], data['labels'])
for kind in (torch.float16, torch.bfloat16, torch.float64):
    again, answers = file(data['inputs'].to(kind), data['labels'].to(torch.int64), other=torch.zeros(2, dtype=torch.complex64))
    assert torch.equal(again, x) and torch.equal(answers, y) and again.dtype == torch.float32, kind
def refusal(work):
    try:
        work()
    except ValueError as error:
        print(error)
refusal(lambda: made.pixels(data['inputs'].permute(0, 3, 1, 2)))
refusal(lambda: made.pixels(data['inputs'].flatten(1)))
refusal(lambda: file(torch.zeros(6, 2, 3, 3, dtype=torch.complex64), data['labels']))
`;
    const { status, stdout, stderr } = python(['-c', program], folder);
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.trim().split('\n'), [
      'Expected inputs of shape (N,2,3,3), got (6, 3, 2, 3)',
      'Expected inputs of shape (N,2,3,3), got (6, 18)',
      'Expected typed.safetensors to hold a tensor "inputs" of a type among BOOL, U8, I8, I16, I32, I64, F16, BF16, F32, F64; it has [\'labels\']',
    ]);
  },
);

test('any class name is a text of Python', { skip: noPython }, async () => {
  const names = [
    'a\rb',
    'nul\0',
    'it\'s \\ "so"',
    'line\u2028\u2029\u0085',
    '\u{1f600}',
    'tab\t\n',
    '\x7f\x1b[31m',
    '\ud800',
  ];
  const shape = [1, 1, 2];
  const data = {
    inputs: new Float32Array(16),
    shape,
    labels: names.map((_, i) => i),
    classNames: names.map(() => 'x'),
  };
  const experiment = { layers: [dense(names.length)], validationSplit: 0 };
  const trainer = await Trainer.open(experiment, { data, sameThread: true, threads: 1 });
  const weights = await trainer.saveWeights();
  await trainer.dispose();
  for (const to of ['pytorch', 'keras']) {
    const script = Buffer.from(await exportNetwork({ experiment, shape, weights, to, classNames: names })).toString();
    writeFileSync(join(folder, 'classes.py'), script);
    const program = `
import ast, json
names = [node for node in ast.parse(open('classes.py', newline='').read()).body if getattr(node, 'targets', None) and node.targets[0].id == 'CLASS_NAMES']
print(json.dumps(ast.literal_eval(names[0].value)))`;
    const { status, stdout, stderr } = python(['-c', program], folder);
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), names, to);
  }
});
