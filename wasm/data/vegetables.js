// The photo set: six green vegetables, none of which its colour tells, as a phone took them in shops. Seven photos of each come from the
// source's own training part and seven from its test part, spread over the files of each; to the eye the two are of different shelves.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { decodeImages } from '../images.js';

const kSource = 'https://github.com/marcusklasson/GroceryStoreDataset';
const kCommit = 'fc80ba90f803d79d0383df52c5a4ac5de99ff6fc';
const kSide = 96; // the least that the backbone does with
const kEach = 7;
const kLevels = 64; // of each colour: gzip then takes a third off, and nobody sees it
/** @type {Array<[string, string]>} */
const kClasses = [
  ['Asparagus', 'Asparagus'],
  ['Cabbage', 'Cabbage'],
  ['Cucumber', 'Cucumber'],
  ['Bell pepper', 'Pepper/Green-Bell-Pepper'],
  ['Leek', 'Leek'],
  ['Courgette', 'Zucchini'],
];

/** @param {string} folder @param {string[]} words */
const git = (folder, ...words) => execFileSync('git', ['-C', folder, ...words], { maxBuffer: 1e8 });

/**
 * A clone of the source: the folder that GROCERY_STORE_DATASET names, or one that is begun here and fetches only what is read.
 * @param {() => string} scratch
 */
function clone(scratch) {
  const given = process.env.GROCERY_STORE_DATASET;
  if (given) return given;
  console.log(`make: fetching ${kSource}`);
  const folder = join(scratch(), 'GroceryStoreDataset');
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  git(folder, 'config', 'maintenance.auto', 'false');
  git(folder, 'remote', 'add', 'origin', kSource);
  git(folder, 'fetch', '--quiet', '--depth', '1', '--filter=blob:none', 'origin', kCommit);
  return folder;
}

/** @param {() => string} scratch  a folder for what is fetched @returns {Promise<import('./make.js').Made>} */
export async function vegetables(scratch) {
  const folder = clone(scratch);
  /** Some of a class, evenly spread. @param {string} part @param {string} name */
  const some = (part, name) => {
    const listed = git(folder, 'ls-tree', '--name-only', kCommit, `dataset/${part}/Vegetables/${name}/`);
    const paths = listed.toString().trim().split('\n');
    return Array.from({ length: kEach }, (_, i) => paths[Math.floor((i * paths.length) / kEach)]);
  };
  const samples = ['train', 'test'].flatMap((part) =>
    kClasses.flatMap(([, name], label) => some(part, name).map((path) => ({ path, label }))),
  );
  const files = samples.map(({ path }) => new Uint8Array(git(folder, 'cat-file', 'blob', `${kCommit}:${path}`)));
  const { inputs, rejected } = await decodeImages(files, { size: kSide });
  if (rejected.length) throw new Error(`${samples[rejected[0].index].path}: ${rejected[0].reason}`);
  const step = 255 / (kLevels - 1);
  return {
    title: 'Green vegetables',
    classes: kClasses.map(([title]) => title),
    shape: [kSide, kSide, 3],
    inputs: Uint8Array.from(inputs, (value) => Math.round(Math.round(value / step) * step)),
    labels: samples.map(({ label }) => label),
    training: samples.length / 2,
    licence: 'MIT',
    source: 'M. Klasson: Grocery Store Dataset (2019)',
  };
}
