// What a Python text means here, line by line: what is taken, what is noted, what is refused; and the command line that does it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError, Trainer, importOnnx, importPython } from 'trainground';
import { temporaryFolder, trainground } from './command.js';

const folder = temporaryFolder();
const torch = (/** @type {string} */ layers) => `import torch.nn as nn\nmodel = nn.Sequential(\n${layers})`;
const keras = (/** @type {string} */ layers) =>
  `from tensorflow import keras\nfrom tensorflow.keras import layers\nmodel = keras.Sequential([\n${layers}])`;
const forward = (/** @type {string} */ lines) =>
  `class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4)\n        self.b = nn.Linear(4, 2)\n    def forward(self, x):\n${lines
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n')}`;

/** A text, and its layers. @type {Record<string, [text: string, layers: any[]]>} */
const taken = {
  'strides, borders and groups': [
    torch(
      'nn.Conv2d(3, 6, (3, 3), stride=(2, 2), padding=(1, 2), bias=False), nn.Conv2d(6, 6, 3, groups=6, padding="same"), nn.AvgPool2d(3, 2, 1), nn.MaxPool2d(3, stride=1, padding=1)',
    ),
    [
      { type: 'conv2d', filters: 6, kernelSize: 3, strides: 2, padding: [1, 1, 2, 2], useBias: false },
      { type: 'depthwiseConv2d', kernelSize: 3, padding: 'same' },
      { type: 'averagePool2d', poolSize: 3, strides: 2, padding: 1 },
      { type: 'maxPool2d', poolSize: 3, strides: 1, padding: 1 },
    ],
  ],
  'batch norm, whose momentum is the other share': [
    torch('nn.BatchNorm1d(4, eps=1e-3, momentum=0.3), nn.Linear(4, 2)'),
    [
      { type: 'batchNormalization', momentum: 0.7, epsilon: 0.001 },
      { type: 'dense', units: 2 },
    ],
  ],
  activations: [
    torch(
      'nn.Linear(4, 4), nn.LeakyReLU(0.2), nn.Linear(4, 4), nn.LeakyReLU(), nn.Linear(4, 4), nn.SiLU(), nn.ELU(), nn.Identity(), nn.Dropout(0)',
    ),
    [
      ...[
        { type: 'dense', units: 4 },
        { type: 'activation', function: 'leakyRelu', negativeSlope: 0.2 },
      ],
      ...[
        { type: 'dense', units: 4 },
        { type: 'activation', function: 'leakyRelu' },
      ]
        .slice(0, 1)
        .map((layer) => ({ ...layer, activation: 'leakyRelu' })),
      ...[
        { type: 'dense', units: 4, activation: 'silu' },
        { type: 'activation', function: 'elu' },
      ],
    ],
  ],
  'a reused layer that holds nothing, in-place functions, no branch': [
    forward(
      'if self.training and x is None:\n    pass\nx = self.a(x)\nF.relu(x, inplace=True)\nx = x.relu_() if False else F.relu(x)\nreturn self.b(x)',
    ).replace('x.relu_() if False else ', ''),
    [
      { type: 'dense', units: 4, activation: 'relu' },
      { type: 'activation', function: 'relu' },
      { type: 'dense', units: 2 },
    ],
  ],
  'a skip over two layers': [
    forward('y = torch.tanh(self.a(x))\nreturn self.b(x + y)'),
    [
      { type: 'residual', layers: [{ type: 'dense', units: 4, activation: 'tanh' }] },
      { type: 'dense', units: 2 },
    ],
  ],
  "Keras's starts and penalties": [
    keras("layers.Dense(4, activation='selu' if False else 'relu')")
      .replace("'selu' if False else ", '')
      .replace(
        '])',
        ', layers.Dense(3, kernel_initializer=keras.initializers.HeNormal(), kernel_regularizer=keras.regularizers.l1_l2(l1=0.1, l2=0.2), use_bias=False)])',
      ),
    [
      { type: 'dense', units: 4, activation: 'relu' },
      { type: 'dense', units: 3, useBias: false, kernelInitializer: 'heNormal', l1: 0.1, l2: 0.2 },
    ],
  ],
  "Keras's slopes, and a layer that is frozen": [
    `${keras("layers.Dense(4, activation='leaky_relu'), layers.LeakyReLU(negative_slope=0.1), layers.LeakyReLU()")}\nmodel.layers\nhead = layers.Dense(2)\nhead.trainable = False\nmodel.add(head)`,
    [
      { type: 'dense', units: 4 },
      ...[0.2, 0.1, 0.3].map((negativeSlope) => ({ type: 'activation', function: 'leakyRelu', negativeSlope })),
      { type: 'dense', units: 2, trainable: false },
    ],
  ],
  'text from a console, a notebook and a page': [
    '```python\n%matplotlib inline\n!pip install torch\n>>> import torch.nn as nn\n>>> net = nn.Sequential(\n...     nn.Linear(4, 3),  # first\n...     nn.Linear(3, 2))\n>>> net(x)\ntensor([[1., 2.]])\n```',
    [
      { type: 'dense', units: 3 },
      { type: 'dense', units: 2 },
    ],
  ],
  'constants, continued lines and spare brackets': [
    "import torch.nn as nn\nN, M = 28 ** 2 // 2, -(-7)\nwidths = [N * 2, 2 * M]\ncfg = {'out': 10 % 7}\nmodel = nn.Sequential(nn.Linear(widths[0], \\\n  widths[-1]), (nn.ReLU()), *[nn.Linear(14, cfg['out'])]) # done",
    [
      { type: 'dense', units: 14, activation: 'relu' },
      { type: 'dense', units: 3 },
    ],
  ],
};
for (const [name, [text, layers]] of Object.entries(taken))
  test(`taken: ${name}`, async () => assert.deepEqual((await importPython(text)).experiment.layers, layers));

/** A text, the shape of a sample, and the kinds and lines of what is noted. @type {Record<string, [text: string, shape: [number, number, number] | undefined, notes: any[]]>} */
const noted = {
  'inputs that do not fit the data': [
    torch('nn.Flatten(),\nnn.Linear(784, 10)'),
    [8, 8, 1],
    [
      ['size', 4],
      ['initialization', undefined],
    ],
  ],
  'inputs that do not fit each other': [
    torch('nn.Linear(9, 4),\nnn.Linear(5, 2)'),
    undefined,
    [
      ['size', 4],
      ['initialization', undefined],
    ],
  ],
  'inputs that no picture makes': [
    torch('nn.Conv2d(1, 3, 3), nn.Flatten(),\nnn.Linear(1000, 2)'),
    undefined,
    [
      ['square', 4],
      ['initialization', undefined],
    ],
  ],
  'rows in front of pictures': [
    torch('nn.Linear(64, 10)'),
    [8, 8, 1],
    [
      ['flatten', 3],
      ['initialization', undefined],
    ],
  ],
  'what scales bytes, other starts, other penalties': [
    keras(
      "layers.Rescaling(1 / 255), layers.Flatten(),\nlayers.Dense(3, kernel_initializer='random_normal', bias_regularizer='l2')",
    ),
    undefined,
    [
      ['bytes', 4],
      ['initializer', 5],
      ['option', 5],
    ],
  ],
  'another shape than the data': [
    keras('layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(3)'),
    [8, 8, 1],
    [['shape', undefined]],
  ],
  'a layer of its own, and another network': [
    `class Norm(nn.BatchNorm1d):\n    def forward(self, x):\n        return super().forward(x)\nG = nn.Sequential(nn.Linear(2, 2))\nD = nn.Sequential(Norm(4), nn.Linear(4, 1))`,
    undefined,
    [
      ['networks', undefined],
      ['derived', 5],
      ['initialization', undefined],
    ],
  ],
};
for (const [name, [text, shape, notes]] of Object.entries(noted))
  test(`noted: ${name}`, async () => {
    const imported = await importPython(text, { shape });
    assert.deepEqual(
      imported.notes.map(({ kind, line }) => [kind, line]),
      notes,
      JSON.stringify(imported.notes),
    );
  });

/** A text, and each of its problems. @type {Record<string, [text: string, sentences: RegExp[]]>} */
const refused = {
  'several layers at once, with options out of range': [
    torch(
      'nn.Conv2d(1, 2, 3, dilation=2),\nnn.GroupNorm(2, 2),\nnn.Softplus(), nn.Dropout(1.5),\nnn.Flatten(), nn.Linear(4, 70000)',
    ),
    [
      /^Expected line 3 \(nn\.Conv2d\) to be one with dilation 1 or \[1,1\], got 2$/,
      /^Expected line 4 \(nn\.GroupNorm\) to be a batch normalization, the one that is known here, got "nn\.GroupNorm\(2, 2\)"$/,
      /^Expected line 5 \(nn\.Softplus\) to be a layer that is known here, got "nn\.Softplus\(\)"$/,
      /^Expected rate in line 5 \(nn\.Dropout\) to be a number from 0 to 0\.95, got 1\.5$/,
      /^Expected units in line 6 \(nn\.Linear\) to be an integer from 1 to 65536, got 70000$/,
    ],
  ],
  'an oblong kernel, groups, uneven windows': [
    torch('nn.Conv2d(4, 4, (3, 1)),\nnn.Conv2d(4, 4, 3, groups=2),\nnn.MaxPool2d(3, ceil_mode=True)'),
    [
      /^Expected line 3 .*kernel_size of two equal whole numbers, got \[3,1\]$/,
      /^Expected line 4 .*groups 1, or 4 with as many/,
      /^Expected line 5 .*ceil_mode False/,
    ],
  ],
  'a softmax in the middle': [
    torch('nn.Linear(2, 2), nn.Softmax(dim=1),\nnn.Linear(2, 2)'),
    [/^Expected line 4 \(nn\.Linear\) to be before the softmax, which is the last, got one behind it$/],
  ],
  'a layer used twice': [
    forward('return self.a(self.a(x))'),
    [/^Expected line 4 \(nn\.Linear\) to be used once, since its weights are its own, got used twice$/],
  ],
  'a choice that only running it would make': [
    forward('x = self.a(x) if self.training else x\nreturn self.b(x)'),
    [/^Expected line 7 to be a step that can be followed.*got "self\.a\(x\) if self\.training else x"$/],
  ],
  'a list that only running it would tell': [
    'n = int(input())\nmodel = nn.Sequential(*[nn.Linear(2, 2) for _ in range(n)])',
    [/^Expected line 2 to be without a list that only running it would tell|^Expected line 2 to be a step/],
  ],
  'layers in a loop': [
    'model = Sequential()\nfor n in (3, 2):\n    model.add(Dense(n))\nmodel.add(Dense(1))',
    [
      /^Expected line 2 to be without loops and conditions: each layer in a line of its own, got "a block under \\"for\\""$/,
    ],
  ],
  'a layer that is taken out again': [
    'model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())\ndel model[-1]',
    [/^Expected line 2 to be without layers that are taken out again, got "model\[-1\]"$/],
  ],
  'an unknown size': [
    'model = nn.Sequential(nn.Linear(2, hidden))',
    [/^Expected line 1 \(nn\.Linear\) to be one with out_features that is a number, got "hidden"$/],
  ],
  'several lines that are not Python': [
    'model = nn.Sequential(nn.Linear(2 2))\nx = = 3\ny = "open\nz = [1, 2',
    [
      /^Expected line 1 to be a comma or \) here, got 2$/,
      /^Expected line 2 to be a value here, got =$/,
      /^Expected line 3 to be a value here, got a string that does not end$/,
      /^Expected line 4 to be closed by \], got the end of the line$/,
    ],
  ],
  'a window larger than its picture': [
    torch('nn.Conv2d(1, 2, 3), nn.Flatten(),\nnn.Linear(18, 2),\nnn.MaxPool2d(9)'),
    [/^Expected line 5 \(nn\.MaxPool2d\) to be given at least 9 pixels a side, got 1$/],
  ],
  'a map as the last': [
    keras('layers.Input((8, 8, 1)),\nlayers.Conv2D(2, 3)'),
    [/^Expected line 5 \(Conv2D\) to be the last layer, which gives numbers, got pictures of 6 x 6 x 2$/],
  ],
  'a row of pictures as the last': [
    keras('layers.Input((8, 8, 1)), layers.Conv2D(2, 3),\nlayers.Flatten()'),
    [/^Expected line 5 \(Flatten\) to be before a dense layer, which reads the row, got the last$/],
  ],
  'a sum of rows of pictures': [
    `class N(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.c, self.a = nn.Conv2d(1, 2, 3), nn.Linear(8, 8)\n    def forward(self, x):\n        x = self.c(x).flatten(1)\n        return self.a(x + self.a(x))`,
    [
      /^Expected line 7 to be behind a dense layer, where pictures have become rows, got a sum of pictures that are rows$/,
    ],
  ],
  'no network': [
    'print("hello")',
    [
      /^Expected the text to be one that builds a network: an nn\.Sequential, a class with forward, or a Keras model, got none of them$/,
    ],
  ],
  'a network as it is printed': [
    'Net(\n  (fc): Linear(in_features=6, out_features=2, bias=True)\n)',
    [/^Expected the text to be the Python that builds a network, got what print\(model\) shows/],
  ],
  "Keras's summary": ['Model: "a"\n_____\n Layer (type)       Output Shape\n=====', [/, got a summary of one/]],
  'a notebook': ['{\n "cells": [{"source": ["x = 1"]}]}', [/, got a notebook: paste its cells$/]],
  'a picture': ['\ufffdPNG\r\n\x1a\n\0\0\0\rIHDR', [/^Expected the text .*, got what is no text$/]],
  'an empty text': ['', [/^Expected the text to be one that builds a network/]],
  'what is no shape': ['', [/^Expected shape to be height, width and channels of a sample, got \[3\]$/]],
};
for (const [name, [text, sentences]] of Object.entries(refused))
  test(`refused: ${name}`, async () => {
    const shape = /** @type {any} */ (name === 'what is no shape' ? [3] : undefined);
    await assert.rejects(importPython(text, { shape }), (error) => {
      assert.ok(error instanceof InputError, error.stack);
      const lines = error.message.split('\n');
      assert.equal(lines.length, sentences.length, error.message);
      sentences.forEach((sentence, i) => assert.match(lines[i], sentence));
      return true;
    });
  });

test('the command line: a text, its weights, an ONNX file, and what does not go together', async () => {
  const run = (/** @type {string[]} */ words, input = '') => trainground(['import', ...words], { cwd: folder, input });
  writeFileSync(
    join(folder, 'net.py'),
    torch('nn.Flatten(),\nnn.Linear(64, 12), nn.Tanh(),\nnn.Linear(12, 10), nn.Softmax(dim=1)'),
  );
  const told = await run(['net.py', '--out', 'net.json', '--shape', '8x8x1']);
  assert.equal(told.code, 0, told.err);
  assert.match(
    told.out,
    /^Wrote net\.json: 3 layers, for samples of 8 x 8 x 1\n {2}line 5: its softmax at the end is left out/,
  );
  const trained = await trainground(
    [
      'run',
      'net.json',
      '--set',
      'dataset=digits',
      '--set',
      'epochs=1',
      '--save',
      'ours.safetensors',
      '--log',
      'ndjson',
    ],
    { cwd: folder },
  );
  assert.equal(trained.code, 0, trained.err);
  const piped = await run(
    ['-', '--out', 'piped.json', '--log', 'ndjson'],
    readFileSync(join(folder, 'net.py'), 'utf8'),
  );
  assert.deepEqual(
    [piped.lines[0].event, piped.lines[0].layers, piped.lines[0].notes[0].kind],
    ['import', 3, 'softmax'],
  );
  assert.deepEqual(
    JSON.parse(readFileSync(join(folder, 'piped.json'), 'utf8')),
    JSON.parse(readFileSync(join(folder, 'net.json'), 'utf8')),
  );

  const files = ['net.json', '--weights', 'ours.safetensors', '--set', 'dataset=digits'];
  for (const [to, name] of [
    ['onnx', 'net.onnx'],
    ['keras', 'keras.py'],
  ]) {
    assert.equal((await trainground(['export', ...files, '--to', to, '--out', name], { cwd: folder })).code, 0);
    const words = to === 'onnx' ? [name] : [name, '--weights', 'ours.safetensors'];
    const back = await run([...words, '--out', `${to}.json`, '--save', `${to}.safetensors`]);
    assert.equal(back.code, 0, back.err);
    const sums = [];
    for (const [experiment, weights] of [
      ['net.json', 'ours.safetensors'],
      [`${to}.json`, `${to}.safetensors`],
    ])
      sums.push(
        (
          await trainground(
            ['evaluate', experiment, '--weights', weights, '--set', 'dataset=digits', '--log', 'ndjson'],
            { cwd: folder },
          )
        ).out,
      );
    assert.equal(sums[0], sums[1], to);
  }

  writeFileSync(join(folder, 'bad.py'), 'model = nn.Sequential(nn.LSTM(2, 3),\n nn.GRU(3, 3))');
  const bad = await run(['bad.py', '--out', 'bad.json']);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /^Expected line 1 \(nn\.LSTM\).*\nExpected line 2 \(nn\.GRU\).*\n$/);
  assert.ok(!existsSync(join(folder, 'bad.json')));
  const foreign = await run(['model.h5', '--out', 'x.json', '--save', 'x']);
  assert.match(foreign.err, /^Expected MODEL to be a Python text .*, got "model\.h5"$/m);
  const mixed = await run(['net.onnx', '--out', 'x.json', '--shape', '8', '--pictures', 'p']);
  assert.equal(mixed.code, 2);
  assert.match(mixed.err, /--save to be a file to write.*--pictures to be left out.*--shape to be left out/s);
});

test('an ONNX file with what has no place here names every node', async () => {
  await assert.rejects(
    importOnnx(new Uint8Array(9)),
    /^InputError: Expected the file to be (a whole Protocol Buffers message|an ONNX file)/,
  );
  const trainer = await Trainer.open(
    {
      dataset: 'digits',
      layers: [
        { type: 'conv2d', filters: 2, kernelSize: 3, activation: 'tanh' },
        { type: 'flatten' },
        { type: 'dense', units: 10 },
      ],
    },
    { threads: 1 },
  );
  const file = Buffer.from(await trainer.export('onnx'));
  await trainer.dispose();
  // Names of the same length: Tanh as Sinh, Flatten as Dropins.
  const changed = Buffer.from(
    file.toString('latin1').replaceAll('"\x04Tanh', '"\x04Sinh').replaceAll('"\x07Flatten', '"\x07Dropins'),
    'latin1',
  );
  await assert.rejects(importOnnx(new Uint8Array(changed)), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /\(Sinh\).*\n.*\(Dropins\)/);
    return true;
  });
});
