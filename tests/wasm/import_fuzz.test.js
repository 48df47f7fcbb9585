// Damaged texts and ONNX files: each is read, or refused in clear sentences; nothing else is thrown, nothing is run, and the time is linear in the
// length.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, Trainer } from 'trainground';
import { readOnnxNetwork } from '../../wasm/onnx_network.js';
import { readPython } from '../../wasm/python_network.js';
import { kerasTexts } from './keras_texts.js';
import { numbers } from './photo_files.js';
import { torchTexts } from './torch_texts.js';

const texts = Object.values({ ...torchTexts, ...kerasTexts }).map(({ text }) => text);

/** Pieces that are put in the place of others. */
const pieces = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  '=',
  '*',
  '**',
  ':',
  '\n',
  '\n    ',
  '\t',
  '\\',
  '"',
  "'",
  '"""',
  '#',
  '.',
  '->',
  'lambda x: ',
  'for i in x: ',
  'if x:',
  'else:',
  'class A(A): pass\n',
  'def f(x): return f(x)\n',
  'x = x + x\n',
  'self',
  'super()',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'nn.__proto__(1)',
  'layers.constructor(2)',
  '*args',
  '-1',
  '1e999',
  '0x',
  '9'.repeat(400),
  'None',
  'True',
  'nn.Sequential(',
  'Dense(',
  '\u2028',
  '\ud800',
  '\0',
  'é',
  '@',
  '`',
  '$',
  '!',
  '?',
  'process.exit(3)',
  'globalThis.touched = 1',
];

const drawing = (round) => {
  const next = numbers(round + 1);
  for (let i = 0; i < 3; i++) next();
  return (below) => Math.floor(next() * below * 0.999999);
};

/** @param {string} whole @param {(below: number) => number} draw */
function damaged(whole, draw) {
  let text = whole;
  for (let edits = 1 + draw(3); edits > 0; edits--) {
    const at = draw(text.length + 1);
    const kind = draw(8);
    const piece = pieces[draw(pieces.length)];
    const lines = text.split('\n');
    const line = draw(lines.length);
    if (kind === 5) text = lines.toSpliced(line, 1).join('\n');
    else if (kind === 6) text = lines.toSpliced(line, 0, lines[draw(lines.length)]).join('\n');
    else if (kind === 7) text = text.replace(/\d+/g, (digits) => (draw(9) ? digits : String(draw(300))));
    else if (kind === 0) text = text.slice(0, at) + text.slice(at + 1 + draw(9));
    else if (kind === 1) text = text.slice(0, at) + text.slice(draw(text.length)).slice(0, 60) + text.slice(at);
    else if (kind === 2) text = text.slice(0, at);
    else if (kind === 3) text = text.slice(0, at) + piece + text.slice(at);
    else text = text.slice(0, at) + piece + text.slice(at + piece.length);
  }
  return text;
}

/** Null where it is refused. */
function answered(read, given, round) {
  try {
    const { conversion } = read(given);
    if (conversion.problems.length === 0) return conversion;
    throw new InputError(conversion.problems);
  } catch (error) {
    assert.ok(error instanceof InputError, `round ${round}: ${error.stack}\n${String(given).slice(0, 2000)}`);
    for (const { path, expected, given: own } of error.problems)
      assert.ok(path && expected && own && `${path}${expected}${own}`.length < 700, error.message);
    return null;
  }
}

test('1,500 damaged texts are read or refused, and none is run', () => {
  let read = 0;
  for (let round = 0; round < 1500; round++) {
    const draw = drawing(round);
    const conversion = answered(readPython, damaged(texts[round % texts.length], draw), round);
    if (!conversion) continue;
    read++;
    assert.ok(conversion.layers.length > 0 && conversion.layers.every(({ type }) => typeof type === 'string'));
  }
  assert.ok(read > 150 && read < 1350, String(read));
  assert.equal(/** @type {any} */ (globalThis).touched, undefined);
  assert.equal(/** @type {any} */ ({}).touched, undefined);
});

test('what calls itself, or grows by doubling, comes to an end', () => {
  const start = process.hrtime.bigint();
  const doubling = Array.from({ length: 40 }, (_, i) => `s${i + 1} = nn.Sequential(s${i}, s${i})`).join('\n');
  for (const text of [
    'def f(x): return f(x)\nm = nn.Sequential(f(1))',
    'class A(A): pass\nm = A()',
    'class N(nn.Module):\n    def __init__(self): self.n = N()\n    def forward(self, x): return self.forward(x)\nm = N()',
    'm = nn.Sequential()\nm.add(m)\nm.append(m)',
    `s0 = nn.Sequential(nn.ReLU())\n${doubling}`,
    `def f(x):\n${'    x = x + x\n'.repeat(3000)}    return x\nm = nn.Sequential(f)`,
    `class N(nn.Module):\n    def forward(self, x):\n${'        x = x + F.relu(x)\n'.repeat(2000)}        return x\nm = N()`,
    `m = nn.Sequential(${'nn.ReLU(), nn.Linear(3, 3), '.repeat(3000)})`,
    `m = nn.Sequential(${'nn.Sequential('.repeat(5000)}`,
    `x = ${'('.repeat(50_000)}`,
    `x = ${'-'.repeat(50_000)}1`,
    `x = ${'a.b('.repeat(20_000)}`,
    Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}if x:`).join('\n'),
    'x = [1] + [1]\n'.repeat(2000) + 'x = x + x\n'.repeat(100),
    'x = [1]\n' + 'x.extend(x)\n'.repeat(100),
    'm = nn.Sequential(nn.ReLU())\n' + 'm.extend([*m, *m])\n'.repeat(100),
    `x = "a"\n${'x = x + x\n'.repeat(200)}`,
    `x = 2\n${'x = x ** x\n'.repeat(50)}m = nn.Sequential(nn.Linear(x, x))`,
  ]) {
    answered(readPython, text, text.slice(0, 40));
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  assert.ok(seconds < 20, `${seconds} s`);
});

test('a text of more than 200,000 characters is refused by its length', () => {
  assert.throws(
    () => readPython(`x = 1\n${' '.repeat(200_000)}`),
    /^InputError: Expected the text to be at most 200000 characters, got 200006: paste the network alone$/,
  );
  assert.throws(
    () => readPython(new Uint8Array(3)),
    /^InputError: Expected the text to be a text, got a Uint8Array of length 3$/,
  );
});

test('time is linear in the length', () => {
  /** Of the processor, the least of three: others work here too. */
  const seconds = (given) => {
    const once = () => {
      const from = process.cpuUsage().user;
      answered(readPython, given, 'long');
      return (process.cpuUsage().user - from) / 1e6;
    };
    return Math.min(once(), once(), once());
  };
  const forms = {
    lines: (n) => 'loss = criterion(net(inputs), labels)\n'.repeat(n),
    layers: (n) => `m = nn.Sequential(${'nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), '.repeat(n)})`,
    strings: (n) => `'''${'it is "x" '.repeat(4 * n)}''' + "${'\\\\'.repeat(n)}`,
    faults: (n) => 'x = = 3 ) (\n'.repeat(3 * n),
    blocks: (n) => 'for x in y:\n    model.add(x)\n    if x: z = x\n'.repeat(n),
    brackets: (n) => `f(${'[1, (2, {3: 4})], '.repeat(2 * n)}`,
    names: (n) => Array.from({ length: n }, (_, i) => `v${i} = nn.ReLU()`).join('\n'),
  };
  for (const [name, make] of Object.entries(forms)) {
    const [some, many] = [make(400), make(3200)];
    const [little, much] = [seconds(some), seconds(many)];
    assert.ok(much < 30 * little + 0.1, `${name}: ${little} s, eight times as long: ${much} s`);
  }
});

test('3,000 damaged ONNX files are read or refused', async () => {
  const layers = [
    { type: 'conv2d', filters: 2, kernelSize: 3, activation: 'gelu' },
    { type: 'batchNormalization' },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 2, kernelSize: 3, padding: 'same', activation: 'silu' }] },
    ...[{ type: 'maxPool2d' }, { type: 'flatten' }, { type: 'batchNormalization' }, { type: 'dense', units: 3 }],
  ];
  const data = {
    inputs: new Float32Array(4 * 36).map((_, i) => i % 7),
    shape: /** @type {[number, number, number]} */ ([6, 6, 1]),
    targets: new Float32Array(12),
  };
  const trainer = await Trainer.open(
    { layers: /** @type {any} */ (layers), loss: 'meanSquaredError', validationSplit: 0 },
    { data, threads: 1 },
  );
  const whole = await trainer.export('onnx');
  await trainer.dispose();
  assert.ok(answered(readOnnxNetwork, whole, 'whole'));
  let read = 0;
  for (let round = 0; round < 3000; round++) {
    const draw = drawing(round);
    let file = Array.from(whole);
    for (let edits = 1 + draw(3); edits > 0; edits--) {
      const at = draw(file.length + 1);
      const kind = draw(5);
      if (kind === 0) file.splice(at, 1 + draw(8));
      else if (kind === 1) file.splice(at, 0, ...file.slice(draw(file.length)).slice(0, 40));
      else if (kind === 2) file = file.slice(0, at);
      else file[at] = draw(256);
    }
    const conversion = answered(readOnnxNetwork, Uint8Array.from(file), round);
    if (!conversion) continue;
    read++;
    for (const source of conversion.sources.values())
      for (const { values } of Object.values(source).filter((one) => one?.values)) assert.ok(values.length < 10_000);
  }
  assert.ok(read > 150 && read < 2850, String(read));
});
