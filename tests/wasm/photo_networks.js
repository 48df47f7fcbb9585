// Networks that learned from photos (photos.js), each left as files for whoever is to read them, and what their trainers say of every photo in
// every form: what all others have to say.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { leaveNetwork } from './left_network.js';
import { photoFolder, writePhotos } from './photos.js';

const kTolerance = 1e-5; // of probabilities

const conv = { type: 'conv2d', filters: 6, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' };
const layers = (units) => [conv, { type: 'flatten' }, { type: 'dense', units }];
const common = { seed: 1, optimizer: { type: 'adam', learningRate: 0.01 }, validationSplit: 0 };

/** Each fit, grey and RGB, normalized or not, inverted, and each way from outputs to an answer. @param {string} two  a folder of two classes */
function experimentsOf(two) {
  const images = (more, path = photoFolder) => ({ type: 'images', path, ...more });
  return {
    'cropped, RGB, normalized, softmax': {
      ...{ dataset: images({ size: 24, fit: 'crop', normalize: true }), layers: layers(3), epochs: 4 },
    },
    'padded, grey, one output for two classes': {
      ...{ dataset: images({ size: 31, fit: 'pad', channels: 1 }, two), layers: layers(1) },
      ...{ loss: 'binaryCrossEntropy', epochs: 12 },
    },
    'stretched, RGB, sigmoid': {
      ...{ dataset: images({ size: 17, fit: 'stretch' }), layers: layers(3), loss: 'binaryCrossEntropy', epochs: 12 },
    },
    'stretched, grey, normalized, numbers': {
      dataset: images({ size: 40, fit: 'stretch', channels: 1, normalize: true }),
      ...{ layers: layers(3), loss: 'meanSquaredError', epochs: 3 },
    },
    'inverted where on paper': { dataset: 'digits', layers: layers(10), epochs: 1, batchSize: 100 },
  };
}

/**
 * @typedef {Record<string, number>} Answer  a number for each class
 * @typedef {{ name: string, number: number, stem: string, preparation: import('trainground').Preparation, answers: Answer[] }} Told
 */

/**
 * Leaves NUMBER.json, NUMBER.safetensors, NUMBER.onnx, NUMBER.pytorch.py and NUMBER.keras.py in a folder; `stem` is the path before the dot.
 * @param {string} folder
 * @returns {Promise<{ photos: string[], networks: Told[] }>}
 */
export async function photoNetworks(folder) {
  const photos = await writePhotos(join(folder, 'photos'));
  const two = join(folder, 'two');
  for (const name of ['glass', 'paper']) cpSync(join(photoFolder, name), join(two, name), { recursive: true });
  const networks = [];
  for (const [number, [name, more]] of Object.entries(experimentsOf(two)).entries()) {
    const experiment = { ...common, ...more };
    const { trainer, stem } = await leaveNetwork(folder, number, experiment);
    const { classNames, preparation } = trainer.start;
    const answers = answersOf(await trainer.predictImages(photos), classNames);
    assert.equal(answers.length, photos.length);
    await trainer.dispose();
    networks.push({ name, number, stem, preparation, answers });
  }
  return { photos, networks };
}

/** @param {{ probabilities: Float32Array, outputs: number }} told @param {string[]} classNames @returns {Answer[]} */
export function answersOf({ probabilities, outputs }, classNames) {
  return Array.from({ length: probabilities.length / outputs }, (_, row) =>
    Object.fromEntries(classNames.map((name, k) => [name, probabilities[row * outputs + k]])),
  );
}

/** What a script of Python has printed. @param {string} text @returns {Answer[]} */
export function answersIn(text) {
  /** @type {Answer[]} */
  const answers = [];
  for (const line of text.trim().split('\n')) {
    const [, number, name] = /^ {2}(\S+) {2}(.*)$/.exec(line) ?? [];
    if (name === undefined) answers.push({});
    else answers[answers.length - 1][name] = Number(number);
  }
  return answers;
}

const classOf = (/** @type {Answer} */ answer) =>
  Object.keys(answer).reduce((best, name) => (answer[name] > answer[best] ? name : best));

/**
 * The same classes with the same probabilities of every photo; tells the largest difference.
 * @param {Answer[]} answers
 * @param {Told} network
 * @param {string[]} photos
 */
export function expectSame(answers, { name, answers: expected }, photos) {
  assert.equal(answers.length, expected.length, name);
  let largest = 0;
  for (const [i, answer] of answers.entries()) {
    const what = `${name}, ${basename(photos[i])}: ${JSON.stringify([answer, expected[i]])}`;
    assert.deepEqual(Object.keys(answer).sort(), Object.keys(expected[i]).sort(), what);
    const gap = Math.max(...Object.entries(answer).map(([key, value]) => Math.abs(value - expected[i][key])));
    assert.ok(gap <= kTolerance, what);
    assert.equal(classOf(answer), classOf(expected[i]), what);
    largest = Math.max(largest, gap);
  }
  return `${name}: ${largest.toExponential(1)}`;
}
