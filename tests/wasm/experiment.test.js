// --set and the wording of problems: what the command line does to an experiment before the core sees it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, applySetting, fromJson, inWords, toJson, wordProblem } from '../../wasm/experiment.js';

const experiment = () => ({ seed: 1, dataset: 'digits', layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] });

for (const [assignment, change] of [
  ['seed=7', (e) => (e.seed = 7)],
  ['layers[1].units=64', (e) => (e.layers[1].units = 64)],
  ['layers.1.units=64', (e) => (e.layers[1].units = 64)],
  ['layers.2={"type":"dropout","rate":0.5}', (e) => e.layers.push({ type: 'dropout', rate: 0.5 })],
  ['optimizer.learningRate=0.01', (e) => (e.optimizer = { learningRate: 0.01 })],
  ['dataset=fashion', (e) => (e.dataset = 'fashion')],
  ['dataset={"type":"points"}', (e) => (e.dataset = { type: 'points' })],
  ['dataset=a=b', (e) => (e.dataset = 'a=b')],
  ['seed=null', (e) => delete e.seed],
  ['layers[0]=null', (e) => e.layers.shift()],
  ['shuffle=false', (e) => (e.shuffle = false)],
]) {
  test(`--set ${assignment}`, () => {
    const [changed, expected] = [experiment(), experiment()];
    applySetting(changed, assignment);
    change(expected);
    assert.deepEqual(changed, expected);
  });
}

for (const [assignment, sentence] of [
  ['seed', 'Expected --set to be key.path=value, got "seed"'],
  ['=3', 'Expected --set to be key.path=value, got "=3"'],
  ['dataset.size=3', 'Expected --set dataset.size to be a path through objects and lists, got "digits" at dataset'],
  ['layers[5].units=3', 'Expected --set layers[5].units to be an index from 0 to 2 of layers, got 5'],
  ['layers.first=3', 'Expected --set layers.first to be an index from 0 to 2 of layers, got first'],
  [
    'a..b=3',
    'Expected --set to be key.path=value, as in optimizer.learningRate=0.01 or layers[0].units=64, got "a..b"',
  ],
  ['__proto__.x=3', /^Expected --set to be key\.path=value, as in .* got "__proto__\.x"$/],
]) {
  test(`--set ${assignment} is refused`, () => {
    assert.throws(() => applySetting(experiment(), assignment), { name: 'InputError', message: sentence });
  });
}

test('problems in words, all at once', () => {
  const problems = [
    { path: 'layers[2].rate', expected: 'a number from 0 to 0.95', given: '1.5' },
    { path: '', expected: 'an object', given: '[]' },
  ];
  assert.equal(wordProblem(problems[0]), 'Expected layers[2].rate to be a number from 0 to 0.95, got 1.5');
  const error = new InputError(problems);
  assert.equal(error.message.split('\n')[1], 'Expected the experiment to be an object, got []');
  assert.ok(error instanceof TypeError);
  assert.equal(error.problems, problems);
});

test('what was given, in words', () => {
  assert.equal(inWords('x'.repeat(200)).length, 80);
  assert.equal(inWords(new Float32Array(3)), 'a Float32Array of length 3');
  assert.equal(inWords(NaN), 'NaN');
  assert.equal(inWords(undefined), 'nothing');
  assert.equal(
    inWords(() => 1),
    'a function',
  );
});

test('experiments that JSON cannot hold', () => {
  assert.equal(toJson({ l1: NaN, l2: -Infinity }), '{"l1":"NaN","l2":"-Infinity"}');
  const samples = { inputs: new Float32Array(3), labels: Buffer.from([1, 2]) };
  assert.equal(toJson(samples), '{"inputs":"a Float32Array of length 3","labels":"a Buffer of length 2"}');
  const circle = {};
  circle.circle = circle;
  assert.throws(() => toJson(circle), /^InputError: Expected the experiment to be plain JSON data, got /);
  assert.throws(() => toJson(undefined), /^InputError: Expected the experiment to be an object, got nothing$/);
  assert.throws(
    () => fromJson('{"a":', 'x.json'),
    /^InputError: Expected x\.json to be JSON, got text that does not parse/,
  );
  assert.deepEqual(fromJson('\uFEFF{"a":1}', 'x.json'), { a: 1 });
});
