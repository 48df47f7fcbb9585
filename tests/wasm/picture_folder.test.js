// A folder of pictures as people have it: links, hidden and system's folders, empty ones, folders in folders, and more than one bad file.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { classesOf, isSystemFile, Trainer } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const folder = temporaryFolder();
const put = async (path, colour = '#a03020', format = 'png') => {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  const picture = sharp({ create: { width: 6, height: 6, channels: 3, background: colour } });
  writeFileSync(file, await picture[format]().toBuffer());
};
const open = (path, units = 2, more = {}) =>
  Trainer.open(
    {
      dataset: { type: 'images', path, size: 4, ...more },
      layers: [{ type: 'flatten' }, { type: 'dense', units }],
      epochs: 1,
    },
    { base: folder },
  );

test('links are what they lead to; what is left out is said', async () => {
  for (const name of ['1.png', '2.PNG', '3.jpg'])
    await put(`pets/cats/${name}`, '#a03020', name.endsWith('jpg') ? 'jpeg' : 'png');
  for (const name of ['1.webp', '2.gif', '3.avif']) await put(`elsewhere/${name}`, '#2030a0', name.split('.')[1]);
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'pets/dogs'));
  symlinkSync(join(folder, 'elsewhere/1.webp'), join(folder, 'pets/cats/4.webp'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'pets/lost'));
  symlinkSync(join(folder, 'pets'), join(folder, 'pets/cats/again'));
  mkdirSync(join(folder, 'pets/birds'));
  for (const path of ['__MACOSX/cats/._1.png', '.thumbnails/1.png', '@eaDir/1.png', 'cats/.ipynb_checkpoints/1.png'])
    await put(`pets/${path}`);
  await put('pets/cats/indoor/5.png');
  await put('pets/one.png');
  for (const name of ['notes.txt', 'a.csv', 'b.csv', 'c.csv', 'Thumbs.db', '.DS_Store'])
    writeFileSync(join(folder, 'pets/cats', name), 'text');

  const trainer = await open('pets');
  const { classNames, notes, samples, validationSamples } = trainer.start;
  const { labels } = await trainer.split();
  await trainer.dispose();
  assert.deepEqual(classNames, ['cats', 'dogs']);
  assert.equal(samples + validationSamples, 8);
  assert.deepEqual([...labels], [0, 0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual(notes, [
    'Taken into the classes of dataset from folders inside theirs: "cats/indoor".',
    'Left out of dataset, as folders without pictures: "birds".',
    'Left out of dataset, as pictures beside the classes\' folders: "one.png".',
    'Left out of dataset, as no pictures, by their names: "cats/a.csv", "cats/b.csv", "cats/c.csv", 1 more.',
    'Left out of dataset, as hidden or a system\'s own folders: ".thumbnails", "@eaDir", "__MACOSX", 1 more.',
    'Left out of dataset, as links that lead nowhere, or back: "cats/again", "lost".',
  ]);
  writeExperiment(folder, 'pets.json', {
    dataset: { type: 'images', path: 'pets', size: 4 },
    layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }],
    epochs: 1,
  });
  const { err } = await trainground(['run', 'pets.json'], { cwd: folder });
  for (const note of notes) assert.ok(err.includes(note), err);
});

test('classes one folder deeper are found, and said; of one name they are one class', async () => {
  for (const path of ['train/cats', 'train/dogs', 'test/cats', 'test/dogs']) await put(`split/${path}/1.png`);
  const whole = await open('split');
  assert.deepEqual(whole.start.classNames, ['cats', 'dogs']);
  assert.equal(whole.start.samples + whole.start.validationSamples, 4);
  assert.deepEqual(whole.start.notes, [
    'The classes of dataset lie in folders of it: "test/cats", "test/dogs", "train/cats", 1 more.',
  ]);
  await whole.dispose();
  const parts = await open('split/train', 2, { validation: { type: 'images', path: 'split/test', size: 4 } });
  assert.deepEqual([parts.start.samples, parts.start.validationSamples, parts.start.notes], [2, 2, []]);
  await parts.dispose();
});

test('a picture that does not decode is named and left out, in a validation folder too', async () => {
  for (let i = 0; i < 4; i++) await put(`bad/a/${10 + i}.png`);
  for (let i = 0; i < 12; i++) writeFileSync(join(folder, `bad/a/no${10 + i}.png`), 'this is no picture');
  await put('bad/b/1.png');
  await put('bad/b/2.tiff', '#123456', 'tiff');
  const trainer = await open('bad', 2, { validation: { type: 'images', path: 'bad', size: 4 } });
  assert.deepEqual([trainer.start.samples, trainer.start.validationSamples], [5, 5]);
  const no = (name) => `"a/${name}.png" (it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP)`;
  assert.deepEqual(
    trainer.start.notes,
    ['dataset', 'dataset.validation'].map(
      (option) => `Left out of ${option}, as unreadable: ${no('no10')}, ${no('no11')}, ${no('no12')}, 10 more.`,
    ),
  );
  await trainer.dispose();
});

test('a class of which nothing decodes ends it, with the reason of each picture', async () => {
  await put('none/a/1.png');
  writeFileSync(join(folder, 'none/a/2.png'), 'this is no picture');
  await put('none/b/1.tiff', '#123456', 'tiff');
  await assert.rejects(open('none'), {
    name: 'InputError',
    message:
      'Expected dataset.path to be a folder of pictures that decode, got "b/1.tiff" (it is a TIFF or raw file, which is not read here: ' +
      'save it as PNG or JPEG)',
  });
  for (let i = 0; i < 103; i++) writeFileSync(join(folder, `none/b/${100 + i}.png`), 'this is no picture');
  await assert.rejects(open('none'), ({ problems }) => {
    assert.equal(problems.length, 100);
    assert.match(problems[99].given, /^"b\/198\.png" \(it is no picture.*\) and 4 more$/);
    return true;
  });
});

test('which folder is the class, where Node knows the root and where a page does not', () => {
  const cases = [
    // paths, their classes in Node, and in a page where the root is called "r", if these are others
    [
      ['a/1', 'b/1'],
      ['a', 'b'],
    ],
    [
      ['a/1', 'b\\c\\1'],
      ['a', 'b'],
    ],
    [
      ['1', 'a/1', 'b/1'],
      [null, 'a', 'b'],
    ],
    [
      ['x/a/1', 'y/a/1', 'y/b/1'],
      ['a', 'a', 'b'],
    ],
    [
      ['w/v/a/1', 'w/v/b/1'],
      ['a', 'b'],
    ],
    [
      ['1', 'a/1'],
      [null, 'a'],
      ['r', 'r'],
    ],
    [
      ['1', '2'],
      [null, null],
      ['r', 'r'],
    ],
    [[], []],
  ];
  for (const [paths, inNode, inPage = inNode] of cases) {
    assert.deepEqual([classesOf(paths), classesOf(paths, 'r')], [inNode, inPage], `${paths}`);
  }
});

test('what page and Node pass over, by one rule', () => {
  const system = ['.DS_Store', 'a/.git/b.png', '__MACOSX/a.png', 'x\\@eaDir\\a.png', 'a/Thumbs.db', 'DESKTOP.INI'];
  const others = ['a.png', 'cats/1.png', 'macosx/1.png', 'a.b/c.d', 'thumbs.png'];
  assert.deepEqual([...system, ...others].filter(isSystemFile), system);
});
