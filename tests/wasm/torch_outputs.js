// Texts as PyTorch itself runs them, and how far ours are from that.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trainer } from 'trainground';
import { python } from './python.js';

const kSamples = 3;

const kRun = `
import collections, json, struct, sys
import torch, torch.nn.functional as F
from torch import nn
torch.set_num_threads(1)
def run(name, text, height, width, channels):
    torch.manual_seed(1)
    space = dict(nn=nn, F=F, torch=torch)
    try:
        exec(text, space)
    except NameError:  # data that a tutorial loads
        pass
    made = [one for one in space.values() if isinstance(one, nn.Module) and not isinstance(one, nn.modules.loss._Loss)]
    model = made[-1] if made else [one for one in space.values() if isinstance(one, type) and issubclass(one, nn.Module)][-1]()
    for module in model.modules():
        if hasattr(module, 'running_mean'):
            module.running_mean.uniform_(-.5, .5), module.running_var.uniform_(.5, 2)
    model.eval()
    count = ${kSamples} * height * width * channels
    x = (torch.arange(count) * 37 % 101 / 50.5 - 1).reshape(${kSamples}, height, width, channels)
    x = x.reshape(${kSamples}, channels) if height * width == 1 else x.permute(0, 3, 1, 2).clone(memory_format=torch.contiguous_format)
    tensors = {key: value.float().contiguous() for key, value in model.state_dict().items() if value.dim()}
    header, data = {}, b''
    for key, value in tensors.items():
        part = value.numpy().tobytes()
        header[key] = dict(dtype='F32', shape=list(value.shape), data_offsets=[len(data), len(data) + len(part)])
        data += part
    words = json.dumps(header).encode()
    open(name + '.safetensors', 'wb').write(struct.pack('<Q', len(words)) + words + data)
    y = model(x)
    torch.onnx.export(model, x, name + '.onnx', input_names=['x'], output_names=['y'], dynamic_axes=dict(x=[0], y=[0]))
    print('outputs', json.dumps([name, y.reshape(len(y), -1).tolist()]))
for name, text, shape in json.load(open('texts.json')):
    try:
        run(name, text, *shape)
    except Exception as error:
        print('failed', name, repr(error))
`;

const logSoftmax = (/** @type {number[]} */ row) => {
  const most = Math.max(...row);
  const sum = Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0)) + most;
  return row.map((value) => value - sum);
};

/**
 * Texts of PyTorch run by PyTorch, with weights at random that are left behind as NAME.safetensors, and the network as NAME.onnx.
 * @param {Array<[name: string, text: string, shape: number[]]>} texts  shape: height, width and channels of a sample
 * @param {string} folder
 * @returns {Map<string, number[][]>} the outputs of those that run
 */
export function torchOutputs(texts, folder) {
  writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
  const run = python(['-c', kRun], folder);
  assert.equal(run.status, 0, run.stderr);
  const lines = run.stdout.split('\n').filter((line) => line.startsWith('outputs ')); // the texts print as well
  return new Map(lines.map((line) => JSON.parse(line.slice(8))));
}

/** How far a network's outputs are from theirs, relative to the largest where that is above 1; they may end in a softmax or a sigmoid. @param {import('trainground').ImportedLayers} imported @param {number[]} shape @param {number[][]} theirs */
export async function gap({ experiment: { layers }, notes, weights }, shape, theirs) {
  const count = kSamples * shape.reduce((product, side) => product * side, 1);
  const inputs = Float32Array.from({ length: count }, (_, i) => Math.fround(Math.fround(((i * 37) % 101) / 50.5) - 1));
  const data = {
    inputs,
    shape: /** @type {[number, number, number]} */ (shape),
    targets: new Float32Array(kSamples * theirs[0].length),
  };
  const experiment = { layers, loss: /** @type {const} */ ('meanSquaredError'), validationSplit: 0 };
  const trainer = await Trainer.open(experiment, { data, weights, threads: 1 });
  const { probabilities, outputs } = await trainer.predict(inputs);
  await trainer.dispose();
  const kinds = notes.map(({ kind }) => kind);
  const gaps = theirs.flatMap((row, n) => {
    const own = Array.from(probabilities.subarray(n * outputs, (n + 1) * outputs));
    const ours = kinds.includes('softmax')
      ? logSoftmax(own)
      : kinds.includes('sigmoid')
        ? own.map((value) => 1 / (1 + Math.exp(-value)))
        : own;
    return ours.map((value, k) => Math.abs(value - row[k]) / Math.max(1, ...row.map(Math.abs)));
  });
  return Math.max(...gaps);
}
