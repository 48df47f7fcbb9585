// Texts of PyTorch that are changed at random, where what is read and what is run could part: whatever both take gives the same outputs. A line that
// is left out in silence, or an order that is another one, shows here.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, importPython } from 'trainground';
import { temporaryFolder } from '../wasm/command.js';
import { numbers } from '../wasm/photo_files.js';
import { noTorch } from '../wasm/python.js';
import { gap, torchOutputs } from '../wasm/torch_outputs.js';
import { torchTexts } from '../wasm/torch_texts.js';

const kTexts = 700;
/** What stands there, and what is put in its place. */
const swaps = [
  ['F.relu(', 'F.gelu('],
  ['F.relu(', 'torch.tanh('],
  ['nn.ReLU()', 'nn.SiLU()'],
  ['x = F.relu(x)', 'F.relu(x)'],
  ['x = F.relu(x)', 'F.relu_(x)'],
  ['x = F.relu(x)', 'x.relu_()'],
  ['x = F.relu(x)', 'F.relu(x, inplace=True)'],
  ['return x', 'return x * 2 + 1'],
  ['x = ', 'y = '],
  ['padding=1', 'padding=0'],
  ['padding=1', "padding='same'"],
  ['nn.Flatten()', 'nn.Flatten(1, -1)'],
  ['nn.MaxPool2d(2)', 'nn.MaxPool2d(3, 2, padding=1)'],
  ['nn.MaxPool2d(2)', 'nn.AvgPool2d(2, ceil_mode=True)'],
  ['F.max_pool2d(x, 2)', 'F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)'],
  ['torch.flatten(x, 1)', 'x.reshape(x.shape[0], -1)'],
  ['torch.flatten(x, 1)', 'x.permute(0, 2, 3, 1).flatten(1)'],
  ['x = self.fc', 'x = x + self.fc'],
  ['    return x', '    if x.shape[0] > 1: x = x * 3\n    return x'],
  ['    return x', '    for _ in range(2): x = x * 3\n    return x'],
  ['x = self.pool(', 'x = self.pool(self.pool('],
  ['out += identity', 'out = identity + out'],
  ['out += identity', 'out -= identity'],
  ['out += identity', 'out *= identity'],
];

test(
  'texts that are changed at random: PyTorch and we agree on all that both take',
  { skip: noTorch },
  async (context) => {
    const next = numbers(5);
    for (let i = 0; i < 3; i++) next();
    const draw = (below) => Math.floor(next() * below * 0.999999);
    const opening = Object.values(torchTexts).filter(({ shape }) => shape);
    /** @type {Array<[name: string, text: string, shape: [number, number, number]]>} */
    const taken = [];
    for (let i = 0; i < kTexts; i++) {
      const { text: whole, shape } = opening[i % opening.length];
      let text = whole;
      for (let edits = 1 + draw(2); edits > 0; edits--) {
        const lines = text.split('\n');
        const [kind, line] = [draw(4), draw(lines.length)];
        const [from, to] = swaps[draw(swaps.length)];
        if (kind === 0) text = lines.toSpliced(line, 1).join('\n');
        else if (kind === 1) text = lines.toSpliced(line, 0, lines[line]).join('\n');
        else text = draw(2) ? text.replace(from, to) : text.replaceAll(from, to);
      }
      const given = /** @type {[number, number, number]} */ (shape);
      const read = await importPython(text, { shape: given }).catch((error) => {
        assert.ok(error instanceof InputError, error.stack);
        return null;
      });
      // Inputs that do not fit are noted here, and refused there.
      const fits = read && !read.notes.some(({ kind }) => ['size', 'flatten'].includes(kind));
      if (text !== whole && fits) taken.push([`text ${i}`, text, given]);
    }
    const folder = temporaryFolder();
    const outputs = torchOutputs(taken, folder);
    let worst = 0;
    for (const [name, text, shape] of taken.filter(([name]) => outputs.has(name))) {
      const weights = new Uint8Array(readFileSync(join(folder, `${name}.safetensors`)));
      const imported = await importPython(text, { shape, weights });
      const own = await gap(imported, shape, /** @type {number[][]} */ (outputs.get(name)));
      assert.ok(own < 2e-5, `${own}: ${JSON.stringify(imported.experiment.layers)}\n${text}`);
      worst = Math.max(worst, own);
    }
    const count = `${taken.length} of ${kTexts} are taken here, ${outputs.size} of them by PyTorch`;
    context.diagnostic(`${count}; the largest difference is ${worst}`);
    assert.ok(outputs.size > 150, String(outputs.size));
  },
);
