// Teachable Machine projects as data: classes in their order, bursts kept together, nothing of the manifest kept; each way in which one can be broken
// is one sentence.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { zipSync } from 'fflate';
import { crossValidate, readTeachableMachineProject, Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';
import { framesOf, manifest, plain, projectOf } from './projects.js';

const folder = temporaryFolder();
/** @type {Record<string, Buffer>} */
const pictures = {};
before(async () => {
  // Two recordings of one class, whose frames of both count on, as they do when one is recorded behind the other; a class with a folder's name.
  const clips = [await framesOf({ seed: 1, frames: 12 }), await framesOf({ seed: 4, frames: 12 })].flat();
  clips.forEach((frame, i) => (pictures[`Waiting-!-${i}.jpg`] = frame));
  for (const [i, frame] of (await framesOf({ seed: 2, frames: 10 })).entries()) pictures[`a/b-!-c-!-${i}.jpg`] = frame;
  for (const [i, colour] of ['red', 'lime', 'blue', 'black', 'white'].entries())
    pictures[`Äpfel-!-${i}.jpg`] = await plain(colour);
  writeFileSync(join(folder, 'project.tm'), projectOf(pictures));
});
const experiment = {
  dataset: { type: 'images', path: 'project.tm', size: 16 },
  layers: [{ type: 'flatten' }, { type: 'dense', units: 3 }],
  epochs: 2,
};

test('a project is its classes in their order, with the files as they are', async () => {
  const { classNames, pictures: read, left } = await readTeachableMachineProject(projectOf(pictures));
  assert.deepEqual(classNames, ['Waiting', 'a/b-!-c', 'Äpfel']);
  assert.deepEqual(
    read.map(({ file }) => file.name),
    Object.keys(pictures),
  );
  assert.deepEqual(
    read.map(({ label }) => label),
    [...Array(24).fill(0), ...Array(10).fill(1), ...Array(5).fill(2)],
  );
  for (const { file } of read) assert.deepEqual(Buffer.from(await file.arrayBuffer()), pictures[file.name]);
  assert.deepEqual(left, []);
  // Numbers count, not the places in the file; what is no picture of the project is named.
  const mixed = await readTeachableMachineProject(
    projectOf({
      'b-!-10.jpg': pictures['Waiting-!-0.jpg'],
      'b-!-9.jpg': pictures['Waiting-!-1.jpg'],
      'a-!-0.jpg': pictures['Äpfel-!-0.jpg'],
      'notes.txt': Buffer.from('x'),
    }),
  );
  assert.deepEqual(
    [mixed.classNames, mixed.pictures.map(({ file }) => file.name), mixed.left],
    [['b', 'a'], ['b-!-9.jpg', 'b-!-10.jpg', 'a-!-0.jpg'], ['notes.txt']],
  );
});

test('a run learns from one by its path, by the command line, the module, and from memory', async () => {
  writeExperiment(folder, 'run.json', experiment);
  const words = ['run', 'run.json', '--save', 'w.safetensors', '--checkpoint', 'c.bin', '--log', 'ndjson'];
  const { code, err, lines } = await trainground(words, { cwd: folder });
  assert.equal(code, 0, err);
  assert.deepEqual(lines[0].classNames, ['Waiting', 'a/b-!-c', 'Äpfel']);
  const project = new Blob([readFileSync(join(folder, 'project.tm'))]);
  for (const options of [{ base: folder }, { base: '/', files: { 'project.tm': project } }]) {
    const trainer = await Trainer.open(experiment, options);
    let end;
    for await (const event of trainer.train()) if (event.event === 'end') end = event;
    assert.equal(end.weightsSha256, lines.at(-1).weightsSha256);
    await trainer.dispose();
  }
  // The token that the model was published with is nowhere.
  for (const name of ['w.safetensors', 'c.bin']) assert.ok(!readFileSync(join(folder, name)).includes('secret'), name);
  assert.ok(!JSON.stringify(await readTeachableMachineProject(project)).includes('secret'));
});

test('frames in a row that look alike are one burst, and stay on one side of the split', async () => {
  const recordingOf = (/** @type {number} */ sample) => (sample < 24 ? Math.floor(sample / 12) : 2);
  for (let seed = 1; seed <= 5; seed++) {
    const trainer = await Trainer.open({ ...experiment, seed }, { base: folder });
    const { training, validation } = await trainer.split();
    const { notes, mostFolds } = trainer.start;
    await trainer.dispose();
    assert.deepEqual(notes, [
      '34 pictures of dataset are one burst or near duplicates, in 3 groups that a split keeps together, unless splitBy is "random".',
      'All that there is of a class are one group: its last part is held back, behind a gap: "a/b-!-c".',
    ]);
    assert.equal(mostFolds, 2); // as many recordings as the first class has
    const held = validation.filter((/** @type {number} */ sample) => sample < 24);
    const learned = training.filter((/** @type {number} */ sample) => sample < 24);
    assert.deepEqual([held.length, learned.length], [12, 12]);
    assert.equal(new Set(Array.from(held, recordingOf)).size, 1, `seed ${seed}`);
    assert.notEqual(recordingOf(held[0]), recordingOf(learned[0]), `seed ${seed}`);
    // A class of one recording gives its last frames, and the one before them is in neither part.
    assert.deepEqual(
      Array.from(validation).filter((sample) => sample >= 24 && sample < 34),
      [32, 33],
    );
    assert.deepEqual(
      Array.from(training).filter((sample) => sample >= 24 && sample < 34),
      [24, 25, 26, 27, 28, 29, 30],
    );
    assert.equal(Array.from(validation).filter((sample) => sample >= 34).length, 1);
  }
  const { folds, samples } = await crossValidate(experiment, { base: folder, folds: 2 });
  assert.deepEqual([folds.length, samples], [2, 39]);
});

test('what does not decode is told, and a class of nothing else ends it', async () => {
  const bad = {
    ...pictures,
    'Waiting-!-3.jpg': Buffer.from('no picture'),
    'c-!-0.jpg': pictures['Äpfel-!-1.jpg'],
    'readme.md': Buffer.from('x'),
  };
  writeFileSync(join(folder, 'bad.tm'), projectOf(bad));
  const four = {
    ...experiment,
    dataset: { ...experiment.dataset, path: 'bad.tm' },
    layers: [{ type: 'flatten' }, { type: 'dense', units: 4 }],
  };
  const trainer = await Trainer.open(four, { base: folder });
  assert.deepEqual(trainer.start.notes, [
    'Left out of dataset, as no pictures of the project, by their names: "readme.md".',
    'Left out of dataset, as unreadable: "Waiting-!-3.jpg" (it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP).',
    // The recording is two without the frame; the class of one picture is none that gives a last part.
    '33 pictures of dataset are one burst or near duplicates, in 4 groups that a split keeps together, unless splitBy is "random".',
    'All that there is of a class are one group: its last part is held back, behind a gap: "a/b-!-c".',
  ]);
  await trainer.dispose();
  writeFileSync(join(folder, 'bad.tm'), projectOf({ ...pictures, 'c-!-0.jpg': Buffer.from('no picture') }));
  await assert.rejects(Trainer.open(four, { base: folder }), {
    name: 'InputError',
    message:
      'Expected dataset.path to be a project of pictures that decode, got "c-!-0.jpg" (it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP)',
  });
});

test('a broken or a foreign project is one sentence', async () => {
  const whole = projectOf({ 'a-!-0.jpg': pictures['Äpfel-!-0.jpg'], 'b-!-0.jpg': pictures['Äpfel-!-1.jpg'] });
  const changed = whole.slice();
  changed[100] ^= 1;
  const cases = [
    [whole.slice(0, -30), /a whole zip file, got "project.tm" \(it is cut off, or no zip file\)$/],
    [whole.slice(0, 400), /\(it is cut off, or no zip file\)$/],
    [new Uint8Array(0), /\(it is cut off, or no zip file\)$/],
    [changed, /\("a-!-0\.jpg" in it is damaged\)$/],
    [
      projectOf(pictures, null),
      /a Teachable Machine project of pictures, got "project.tm" \(there is no manifest.json in it\)$/,
    ],
    [projectOf(pictures, '{"type": "image"'), /\(its manifest.json is not JSON\)$/],
    [projectOf(pictures, 'null'), /\(its manifest.json says that it is one of type nothing\)$/],
    [
      projectOf({ 'a-!-0.webm': Buffer.from('x') }, { ...manifest, type: 'audio' }),
      /\(its manifest.json says that it is one of type "audio"\)$/,
    ],
    [projectOf({ 'cats/1.jpg': pictures['Äpfel-!-0.jpg'] }), /\(no picture in it is called CLASS-!-NUMBER.jpg\)$/],
    [zipSync({}), /\(there is no manifest.json in it\)$/],
  ];
  for (const [file, message] of cases) {
    await assert.rejects(readTeachableMachineProject(file), (error) => {
      assert.equal(error.name, 'InputError', error.stack);
      assert.equal(error.problems.length, 1);
      assert.match(error.message, message);
      return true;
    });
  }
  writeFileSync(join(folder, 'cut.tm'), whole.slice(0, -30));
  writeExperiment(folder, 'cut.json', { ...experiment, dataset: { ...experiment.dataset, path: 'cut.tm' } });
  const { code, err } = await trainground(['run', 'cut.json'], { cwd: folder });
  assert.deepEqual(
    [code, err],
    [2, 'Expected dataset.path to be a whole zip file, got "cut.tm" (it is cut off, or no zip file)\n'],
  );
});

test('a deflated project opens too, and what unpacks to more than it says does not', async () => {
  const files = {
    'a-!-0.jpg': new Uint8Array(pictures['Äpfel-!-0.jpg']),
    'manifest.json': new TextEncoder().encode(JSON.stringify(manifest)),
  };
  const packed = zipSync(files, { level: 9 });
  const { pictures: read } = await readTeachableMachineProject(packed);
  assert.deepEqual(Buffer.from(await read[0].file.arrayBuffer()), pictures['Äpfel-!-0.jpg']);
  const view = new DataView(packed.buffer, packed.byteOffset);
  const at = view.getUint32(packed.length - 22 + 16, true) + 24; // the unpacked size of the first, in the directory
  view.setUint32(at, view.getUint32(at, true) - 1, true);
  await assert.rejects(readTeachableMachineProject(packed), /\("a-!-0\.jpg" in it is damaged\)$/);
  view.setUint32(at, 500e6, true);
  await assert.rejects(readTeachableMachineProject(packed), /\(it unpacks to more than 400 MB\)$/);
});
