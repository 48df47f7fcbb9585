// What people bring: folders and zips as systems make them, links of other versions, what is typed, and browsers that name no language.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { Zip, zipSync } from 'fflate';
import { fromDrop, fromFiles, nameClasses } from '../../web/data/collect.js';
import { linkOf, oneOfThree, withPage } from './browser.js';

const content = new Uint8Array(10).fill(1);
const zip = (name, paths) => new File([zipSync(Object.fromEntries(paths.map((path) => [path, content])))], name);
const classes = ({ found }) => nameClasses(found, 'new').map(({ file, name }) => `${name}/${file.name}`);

/** The parts of a zip of files that are all zeros, by their sizes: what is large is packed by Node, which takes a fifth of the time. */
function zipOfZeros(sizes) {
  const parts = [];
  const zip = new Zip((error, part) => parts.push(part));
  for (const [filename, size] of Object.entries(sizes)) {
    const zeros = new Uint8Array(size);
    const file = { filename, size, crc: crc32(zeros), compression: 8 };
    zip.add(file);
    file.ondata(null, deflateRawSync(zeros, { level: 1 }), true);
  }
  zip.end();
  return parts;
}

/** Files as they are chosen with a folder. */
const inFolder = (paths) =>
  paths.map((path) =>
    Object.defineProperty(new File([content], path.split('/').at(-1)), 'webkitRelativePath', { value: path }),
  );

test('folders of a zip are classes, whichever way its slashes lean, and its own name where it has none', async () => {
  const backslashes = zip('both.zip', ['cats\\1.png', 'cats\\2.png', 'dogs\\1.png']);
  assert.deepEqual(classes(await fromFiles([backslashes])), ['cats/1.png', 'cats/2.png', 'dogs/1.png']);
  const flat = [zip('cats.zip', ['1.png', '2.png']), zip('dogs.zip', ['1.png'])];
  assert.deepEqual(classes(await fromFiles(flat)), ['cats/1.png', 'cats/2.png', 'dogs/1.png']);
  const mixed = zip('all.zip', ['cat1.png', 'cat2.png', 'dog1.png', 'dog2.png']);
  assert.deepEqual(classes(await fromFiles([mixed])), ['cat/cat1.png', 'cat/cat2.png', 'dog/dog1.png', 'dog/dog2.png']);
});

test('what systems leave beside pictures is no class, in a zip, a folder or a drop', async () => {
  const junk = [
    '.ipynb_checkpoints/1.png',
    '.thumbnails/1.png',
    '@eaDir/1.png',
    '__MACOSX/cats/._1.png',
    'cats/Thumbs.db',
  ];
  assert.deepEqual(classes(await fromFiles([zip('a.zip', ['cats/1.png', ...junk])])), ['cats/1.png']);
  const chosen = inFolder(['d/cats/1.png', ...junk.map((path) => `d/${path}`)]);
  assert.deepEqual(classes(await fromFiles(chosen)), ['cats/1.png']);
  const entry = (name, inside) =>
    inside
      ? { name, createReader: () => ({ readEntries: (done) => done(inside.splice(0)) }) }
      : { name, isFile: true, file: (done) => done(new File([content], name)) };
  const folders = ['cats', '.ipynb_checkpoints', '@eaDir'].map((name) => entry(name, [entry('1.png')]));
  const items = [{ webkitGetAsEntry: () => entry('d', folders) }];
  assert.deepEqual(classes(await fromDrop({ items, files: [] })), ['cats/1.png']);
});

test('the class is the folder that Node takes for it, and what is left out is told', async () => {
  const deeper = await fromFiles(
    inFolder(['d/cats/1.png', 'd/cats/indoor/2.png', 'd/dogs/1.png', 'd/one.png', 'd/a.txt']),
  );
  assert.deepEqual(classes(deeper), ['cats/1.png', 'cats/2.png', 'dogs/1.png']);
  assert.deepEqual(deeper.left, [
    { name: 'one.png', code: 'beside' },
    { name: 'a.txt', code: 'format' },
  ]);
  const split = await fromFiles(inFolder(['d/train/cats/1.png', 'd/train/dogs/1.png', 'd/test/cats/2.png']));
  assert.deepEqual(classes(split), ['cats/2.png', 'cats/1.png', 'dogs/1.png'], 'test before train, as Node reads them');
  const one = await fromFiles(inFolder(['cats/1.png', 'cats/indoor/2.png', 'cats/.cache/3.png']));
  assert.deepEqual(classes(one), ['cats/1.png', 'cats/2.png']);
  assert.deepEqual(one.left, [{ name: '.cache', code: 'system' }]);
  const zips = await fromFiles([zip('all.zip', ['cats/1.png', 'dogs/1.png']), ...inFolder(['birds/1.png'])]);
  assert.deepEqual(classes(zips).sort(), ['birds/1.png', 'cats/1.png', 'dogs/1.png']);
  const entry = (name, inside) => ({ name, createReader: () => ({ readEntries: (done) => done(inside.splice(0)) }) });
  const file = { name: '1.png', isFile: true, file: (done) => done(new File([content], '1.png')) };
  const mac = { name: '.DS_Store', isFile: true };
  const dropped = entry('d', [entry('cats', [file]), entry('birds', [mac]), entry('__MACOSX', [])]);
  const { found, left } = await fromDrop({ items: [{ webkitGetAsEntry: () => dropped }], files: [] });
  assert.deepEqual(classes({ found }), ['cats/1.png']);
  assert.deepEqual(left, [
    { name: '__MACOSX', code: 'system' },
    { name: 'birds/', code: 'empty' },
  ]);
});

test('what is too large in a zip is not unpacked, and is named', async () => {
  const parts = Object.fromEntries(Array.from({ length: 22 }, (_, i) => [`cats/${i}.png`, 19e6]));
  const { found, left } = await fromFiles([new File(zipOfZeros({ 'cats/large.png': 21e6, ...parts }), 'a.zip')]);
  // 21 files of 19 MB are 399
  assert.deepEqual(left, [
    { name: 'cats/large.png', code: 'bytes' },
    { name: 'cats/21.png', code: 'bytes' },
  ]);
  assert.equal(found.length, 21);
});

for (const { name, skip } of oneOfThree) {
  test(
    `${name}: a link to a set that the page does not have is told, one to any of its points opens`,
    { skip },
    async () => {
      const dataset = { type: 'idx', images: 'a.gz', labels: 'b.gz' };
      for (const unknown of ['nothing', dataset, { type: 'points', shape: 'star' }]) {
        const hash = await linkOf({ dataset: unknown, layers: [{ type: 'dense', units: 3 }] });
        await withPage(name, { hash }, async (page) => {
          await page.ready();
          assert.match(await page.text('alert'), /'dataset' should be a set of this page \(digits, .*gaussians/);
          assert.equal(await page.number('class-count'), 10);
        });
      }
      const points = { type: 'points', shape: 'gaussians', samples: 200, noise: 0.1 };
      await withPage(name, { hash: await linkOf({ dataset: points, epochs: 3 }) }, async (page) => {
        await page.ready();
        assert.equal(await page.has('alert'), false);
        await page.click('train');
        await page.ended();
      });
    },
  );

  test(`${name}: per cent that are typed are per cent, and a browser may name any language`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { level: 'all' } }), language: 'C' }, async (page) => {
      await page.ready();
      await page.type('dropout-rate', '20 %');
      assert.equal(await page.number('dropout-rate'), 0.2);
      await page.type('validation-split', '30 %');
      assert.equal(await page.number('validation-split'), 30);
      await page.settled();
      await page.click('train');
      await page.ended();
    });
  });
}
