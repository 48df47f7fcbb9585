// The core's own reader of JSON beside JavaScript's: what one refuses the other refuses, what both take they understand alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadTwin } from '../../wasm/engine.js';
import { numbers } from './photo_files.js';

const engine = await loadTwin();

const whole = JSON.stringify({
  seed: 7,
  dataset: 'Zürich 数字 \u{1f600} "a\\b"\n',
  layers: [
    { type: 'conv2d', filters: 16, kernelSize: 3, padding: [2, 0, 1, 1], l2: 1.5e-7 },
    { type: 'flatten' },
    { type: 'dense', units: 10, useBias: false },
  ],
  optimizer: { type: 'adam', learningRate: 0.001, epsilon: 1e-8 },
  shuffle: true,
});
const pieces = [
  '"',
  '\\',
  '\\u00e9',
  '\\ud83d',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\n',
  '\t',
  '-',
  '0',
  '.',
  'e',
  '1e5',
  'true',
  'null',
  '/',
  'é',
  '\x01',
];

test('texts changed by chance are JSON for the core exactly where they are for JavaScript', () => {
  const random = numbers(1);
  const below = (bound) => Math.floor(random() * bound) % bound;
  let taken = 0;
  let refused = 0;
  for (let i = 0; i < 20_000; ++i) {
    let text = whole;
    for (let edits = 1 + below(2); edits > 0; --edits) {
      const at = below(text.length);
      const piece = below(4) === 0 ? '' : pieces[below(pieces.length)];
      text = text.slice(0, at) + piece + text.slice(at + below(3));
    }
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    const { problems } = engine.check(text);
    // Half of a pair cannot be told apart from its neighbours in UTF-8, and JavaScript takes it escaped.
    if (/[\ud800-\udfff]/u.test(text) || /\\ud8/.test(text)) continue;
    if (problems.some(({ given }) => given.startsWith('a number that is too large'))) continue; // JavaScript has infinity for it
    const broken = problems.some(({ path, expected }) => path === '' && expected === 'JSON');
    assert.equal(broken, !parses, text);
    parses ? ++taken : ++refused;
  }
  assert.ok(taken > 1000 && refused > 1000, `${taken} taken, ${refused} refused`);
});

test('numbers and texts arrive as JavaScript has them', () => {
  const random = numbers(2);
  for (let i = 0; i < 3000; ++i) {
    const learningRate = 10 ** -(random() * 12) * 10;
    const dataset = String.fromCodePoint(...Array.from({ length: 5 }, () => 1 + Math.floor(random() * 0xd7fe)));
    const { problems, experiment } = engine.check(
      JSON.stringify({ dataset, layers: [{ type: 'dense', units: 3 }], optimizer: { type: 'sgd', learningRate } }),
    );
    assert.deepEqual(problems, []);
    assert.equal(experiment.optimizer.learningRate, learningRate);
    assert.equal(experiment.dataset, dataset);
  }
});

test('a number in a message is written as JavaScript writes it', () => {
  for (const units of [0.1, 1e-7, -1.5e300, 1e21, 123456.789, 5e-324]) {
    const { problems } = engine.check(JSON.stringify({ layers: [{ type: 'dense', units }] }));
    assert.equal(problems[0].given, String(units));
  }
});
