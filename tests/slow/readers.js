// The ways out, read by the programs that they are for: ONNX files by onnx's checker, Netron's parser, ONNX Runtime, OpenVINO, OpenCV and ncnn, the Keras script
// and what it saves by three back ends, the PyTorch script by PyTorch 2, on one process and on two. `npm run test:slow` prints the table of
// the largest differences of logits, and of losses in training.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { calm, environment, here, noVenv } from './readers/environment.js';
import { networks } from './readers/networks.js';
import { writeNetworks } from './readers/write.js';

const kTolerance = 1e-5; // of logits, relative where they are above 1; of losses, relative
const folder = mkdtempSync(join(tmpdir(), 'trainground-'));
after(() => rmSync(folder, { recursive: true, force: true }));
before(() => writeNetworks(folder));

const debian = () => '/usr/bin/python3';
const noOpenCv = spawnSync('/usr/bin/python3', ['-c', 'import cv2']).status === 0 ? false : 'no python3-opencv';
const onnx = (reader, python = () => environment('onnx')) => ({ python, words: ['onnx_readers.py', reader, folder] });
const keras = (backend, work) => ({
  python: () => environment('frameworks'),
  words: ['keras_reader.py', folder, work],
  env: { KERAS_BACKEND: backend },
});

/** Reader: how it is run. What the back ends of Keras save is opened by each of them. */
const readers = {
  'onnx checker, strict shapes': onnx('onnx'),
  "Netron's parser": { python: () => process.execPath, words: ['netron_reader.js', () => environment('onnx'), folder] },
  'ONNX Runtime': onnx('onnxruntime'),
  OpenVINO: onnx('openvino'),
  'OpenCV 5': onnx('opencv'),
  'OpenCV of Debian': { ...onnx('opencv', debian), skip: noOpenCv },
  ncnn: onnx('ncnn'),
  'Keras, TensorFlow': keras('tensorflow', 'save'),
  'Keras, JAX': keras('jax', 'save'),
  'Keras, PyTorch': keras('torch', 'save'),
  '.keras in TensorFlow': keras('tensorflow', 'open'),
  '.keras in JAX': keras('jax', 'open'),
  '.keras in PyTorch': keras('torch', 'open'),
  'PyTorch 2': { python: () => environment('frameworks'), words: ['pytorch_reader.py', folder] },
};

/** What a reader is known not to take, for reasons of its own. */
const known = {
  ncnn: {
    'pools, every padding': 'pnnx keeps Pad and padded AveragePool as they are, and pads an uneven MaxPool twice',
    'uneven means': 'pnnx keeps Pad and padded AveragePool as they are',
  },
};

/** Reader: network: what was told. @type {Map<string, Map<string, any>>} */
const results = new Map();

for (const [reader, { python, words, env, skip }] of Object.entries(readers)) {
  test(`${reader} gives our logits`, { skip: skip || noVenv }, (context) => {
    const [script, ...rest] = words;
    const given = rest.map((word) => (typeof word === 'function' ? word() : word));
    const run = spawnSync(python(), [here(script), ...given], {
      encoding: 'utf8',
      env: { ...process.env, ...calm, ...env },
    });
    const told = run.stdout.split('\n').filter((line) => line.startsWith('{'));
    const rows = new Map(told.map((line) => JSON.parse(line)).map((row) => [row.name, row]));
    results.set(reader, rows);
    assert.deepEqual([...rows.keys()], Object.keys(networks), run.stderr.slice(-2000));
    for (const [name, { name: _, error, ...gaps }] of rows) {
      if (known[reader]?.[name]) {
        assert.ok(error || gaps.gap > kTolerance, `${name}: taken now, so it is no longer to be excused`);
        context.diagnostic(`${name}: not taken. ${known[reader][name]}`);
        continue;
      }
      assert.equal(error, undefined, name);
      for (const [what, gap] of Object.entries(gaps)) assert.ok(gap <= kTolerance, `${name}: ${what} ${gap}`);
    }
  });
}

test(
  'the table: largest difference of logits, and of losses where it goes on training',
  { skip: noVenv },
  (context) => {
    const shown = (row) => {
      if (!row) return '-';
      if (row.error) return 'no';
      const losses = ['lossGap', 'twoGap', 'torchrunGap'].flatMap((key) => row[key] ?? []);
      return [row.gap, ...(losses.length ? [Math.max(...losses)] : [])].map((gap) => gap.toExponential(0)).join(', ');
    };
    const names = Object.keys(networks);
    context.diagnostic(`| reader | ${names.join(' | ')} |`);
    for (const [reader, rows] of results) {
      context.diagnostic(`| ${reader} | ${names.map((name) => shown(rows.get(name))).join(' | ')} |`);
    }
    assert.ok(results.size > 0);
  },
);
