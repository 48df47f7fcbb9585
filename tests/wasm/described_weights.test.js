// What a weights file says of itself goes where the file goes: the command line matches classes by name, the scripts refuse weights of
// something else and pictures where there are none, and what PyTorch saves says what it was made from.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Trainer, decodeImages, describeWeights, exportNetwork, openNetwork } from 'trainground';
import { joinFile, splitFile } from '../../wasm/safetensors.js';
import { describedWeights } from '../../wasm/weights_file.js';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { photoFolder } from './photos.js';
import { noPillow, noTorch, python } from './python.js';

const folder = temporaryFolder();
const alone = { threads: 1, sameThread: true };
const kinds = ['glass', 'metal', 'paper'];
const photos = ['glass/glass221.jpg', 'metal/metal206.jpg', 'paper/paper385.jpg'].map((name) =>
  join(photoFolder, name),
);
const dataset = { type: 'images', path: photoFolder, size: 12, fit: 'pad', channels: 3 };
const layers = [{ type: 'flatten' }, { type: 'dense', units: 3 }];
const experiment = { seed: 1, dataset, layers, validationSplit: 0, epochs: 60 };
writeExperiment(folder, 'photos.json', experiment);

/** Weights learned from those photos; a set in memory may have its classes in any order. @param {string[]} classNames */
async function learned(classNames) {
  const { inputs, shape } = await decodeImages(photos, dataset);
  const data = { inputs, shape, classNames, labels: kinds.map((name) => classNames.indexOf(name)) };
  const trainer = await Trainer.open(experiment, { ...alone, data });
  for await (const event of trainer.train()) assert.ok(event);
  const weights = await trainer.saveWeights();
  await trainer.dispose();
  return weights;
}

/** The same weights with another description. @param {Uint8Array} weights @param {object} changes */
function saying(weights, changes) {
  const { header, data } = splitFile(weights);
  const { __metadata__: _, ...tensors } = header;
  return describedWeights(joinFile(tensors, data), { ...describeWeights(weights), ...changes });
}

/** Leaves NAME.safetensors; the answer is its name. @param {string} name @param {Uint8Array} bytes */
function file(name, bytes) {
  writeFileSync(join(folder, `${name}.safetensors`), bytes);
  return `${name}.safetensors`;
}

/** @type {Uint8Array} */
let weights;
before(async () => {
  weights = await learned(kinds);
});

test('the command line matches classes in another order by their names, and refuses others with both lists', async () => {
  const turned = await learned(['paper', 'glass', 'metal']);
  const ask = (name) =>
    trainground(['predict', 'photos.json', '--weights', name, '--log', 'ndjson', ...photos], { cwd: folder });
  const { lines, err } = await ask(file('turned', turned));
  assert.equal(err, '');
  assert.deepEqual(
    lines.map((line) => line.class),
    kinds,
  );
  const network = await openNetwork(turned, alone);
  const { probabilities } = await network.predictImages(photos);
  for (const [row, line] of lines.entries()) {
    for (const [k, name] of network.classNames.entries()) {
      assert.ok(Math.abs(line.probabilities[name] - probabilities[3 * row + k]) < 1e-6, `${name} of photo ${row}`);
    }
  }
  await network.dispose();

  const strangers = saying(weights, { classNames: ['glass', 'metal', 'plastic'] });
  const refused = await ask(file('strangers', strangers));
  assert.equal(refused.code, 2);
  assert.equal(
    refused.err,
    'Expected weights to be those of the classes ["glass","metal","paper"], got weights of the classes ["glass","metal","plastic"]\n',
  );
  await assert.rejects(Trainer.open(experiment, { ...alone, weights: strangers }), /"paper"\].*"plastic"\]/);
});

test('pictures are prepared as the weights say, and a set whose are not is told', async () => {
  const { preparation } = describeWeights(weights);
  const stretched = saying(weights, { preparation: { ...preparation, fit: 'stretch' } });
  const note =
    'The weights were trained on inputs made with {"fit":"stretch"}; those of this set are made with {"fit":"pad"}.';
  const trainer = await Trainer.open(experiment, { ...alone, weights: stretched });
  assert.deepEqual(trainer.start.notes, [note]);
  await trainer.dispose();
  const words = ['predict', 'photos.json', '--weights', file('stretched', stretched), '--log', 'ndjson', photos[0]];
  const { lines, err } = await trainground(words, { cwd: folder });
  assert.equal(err, `${note}\n`);
  const network = await openNetwork(stretched, alone);
  const { probabilities } = await network.predictImages(photos.slice(0, 1));
  kinds.forEach((name, k) => assert.ok(Math.abs(lines[0].probabilities[name] - probabilities[k]) < 1e-6, name));
  await network.dispose();
});

test('weights of a time when padding was another are told, and what gives what they gave', async () => {
  const window = { strides: 2, padding: 'same' };
  const strided = [
    { type: 'averagePool2d', poolSize: 3, ...window },
    { type: 'conv2d', filters: 3, kernelSize: 3, ...window },
    { type: 'residual', layers: [{ type: 'conv2d', filters: 4, kernelSize: 5, ...window }] },
    { type: 'maxPool2d', poolSize: 3, strides: 1, padding: 'same' }, // as it was, like the next
    { type: 'maxPool2d', poolSize: 2, ...window },
  ];
  const old = { ...experiment, dataset: { ...dataset, size: 16 }, layers: [...strided, ...layers], epochs: 1 };
  const trainer = await Trainer.open(old, alone);
  assert.deepEqual(trainer.start.notes, []);
  const whole = await trainer.saveWeights();
  await trainer.dispose();
  const { header, data } = splitFile(whole);
  const { __metadata__: _, ...tensors } = header;
  writeExperiment(folder, 'old.json', { ...old, validationSplit: 0.5 });
  const note =
    'Weights without a description: those of Trainground up to 0.1.0 were trained with other borders where padding "same" meets ' +
    'strides, and give what they gave with no padding of now (averagePool2d) at layers[0], with "padding": [1, 1, 1, 1] at layers[1], ' +
    'with "padding": [2, 2, 2, 2] at layers[2].layers[0].';
  for (const [name, bytes, told] of [
    ['described', whole, ''],
    ['old', joinFile(tensors, data), `${note}\n`],
  ]) {
    for (const words of [['run'], ['evaluate'], ['predict', photos[0]]]) {
      const [command, ...rest] = words;
      const { code, err } = await trainground([command, 'old.json', '--weights', file(name, bytes), ...rest], {
        cwd: folder,
      });
      assert.deepEqual([command, code, err], [command, 0, told]);
    }
  }
});

test('the PyTorch script refuses what its weights were not trained for', { skip: noTorch || noPillow }, async () => {
  const { preparation } = describeWeights(weights);
  const script = await exportNetwork({ experiment, shape: [12, 12, 3], weights, to: 'pytorch' });
  writeFileSync(join(folder, 'script.py'), script);
  const refusal = (name, picture = photos[0]) => {
    const { status, stderr } = python(['script.py', '--weights', name, '--predict', picture], folder);
    assert.equal(status, 1, stderr);
    return stderr.trim();
  };
  const { header, data } = splitFile(weights);
  const { __metadata__: _, ...tensors } = header;
  const bare = file('bare', joinFile(tensors, data));
  assert.equal(python(['script.py', '--weights', bare, '--predict', ...photos], folder).status, 0, 'those of somebody');
  assert.equal(
    refusal(file('names', saying(weights, { classNames: ['paper', 'glass', 'metal'] }))),
    "Expected names.safetensors to be weights of the classes ['glass', 'metal', 'paper'], got weights of the classes ['paper', 'glass', 'metal']",
  );
  assert.equal(
    refusal(file('fit', saying(weights, { preparation: { ...preparation, fit: 'stretch', invert: 'auto' } }))),
    "Expected fit.safetensors to be weights for inputs made with {'fit': 'pad', 'invert': False}, got weights for inputs made with {'fit': 'stretch', 'invert': 'auto'}",
  );
  const numbers = { kind: 'numbers', shape: [12, 12, 3], scale: 1, normalization: null };
  assert.match(refusal(file('numbers', saying(weights, { preparation: numbers }))), /'numbers'/);
  const whole = file('whole', weights);
  for (const [name, bytes] of [
    ['text.jpg', Buffer.from('no picture')],
    ['cut.jpg', readFileSync(photos[0]).subarray(0, 3000)],
  ]) {
    writeFileSync(join(folder, name), bytes);
    assert.match(refusal(whole, name), new RegExp(`^Expected ${name} to be a PNG, JPEG or WebP picture, got .+$`));
  }
});

test('the PyTorch script of rows says that it takes no pictures', { skip: noTorch }, async () => {
  const rows = await Trainer.open({ dataset: 'iris', layers: [{ type: 'dense', units: 3 }] }, alone);
  writeFileSync(join(folder, 'rows.py'), await rows.export('pytorch'));
  const name = file('rows', await rows.saveWeights());
  await rows.dispose();
  const { status, stderr } = python(['rows.py', '--weights', name, '--predict', photos[0]], folder);
  assert.equal(status, 1);
  assert.equal(
    stderr,
    'Expected --predict of a network that learned from pictures or a table, got one of samples of shape [1,1,4]\n',
  );
});

test('what PyTorch saves says what it was made from, and opens by itself', { skip: noTorch }, async () => {
  file('start', weights);
  writeFileSync(
    join(folder, 'again.py'),
    await exportNetwork({ experiment, shape: [12, 12, 3], weights, to: 'pytorch' }),
  );
  const program = `
import again, torch
network = again.load('start.safetensors')
again.save(network, 'same.safetensors')
with torch.no_grad():
    network.layers['1'].bias += 1
again.save(network, 'moved.safetensors')
`;
  const { status, stderr } = python(['-c', program], folder);
  assert.equal(status, 0, stderr);
  const [same, moved] = ['same', 'moved'].map(
    (name) => new Uint8Array(readFileSync(join(folder, `${name}.safetensors`))),
  );
  assert.deepEqual(describeWeights(same), describeWeights(weights));
  const [before_, after] = [describeWeights(weights), describeWeights(moved)];
  assert.notEqual(after.weightsSha256, before_.weightsSha256);
  assert.deepEqual({ ...after, weightsSha256: '' }, { ...before_, weightsSha256: '' });
  const network = await openNetwork(moved, alone);
  const trainer = await Trainer.open(experiment, { ...alone, weights: moved });
  assert.equal(after.weightsSha256, await trainer.weightsSha256(), 'the sum that we make of these weights');
  const answers = await Promise.all([network, trainer].map((one) => one.predictImages(photos)));
  assert.deepEqual(answers[0].probabilities, answers[1].probabilities);
  await Promise.all([network, trainer].map((one) => one.dispose()));
});
