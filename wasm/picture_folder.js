// A folder with one folder of pictures per class, in Node: whose each picture is, and what is left out, which is said.
//
// Classes and pictures stand in the order of their names' code units. A link counts as what it leads to.
import { captureTimes } from './capture_time.js';
import { classesOf, isPictureName, isSystemFile } from './class_folders.js';
import { InputError, problem } from './experiment.js';
import { inNode, nodeModule, resolvePath, whyUnreadable } from './files.js';
import { decodeImages } from './images.js';
import { findBursts, groupPictures } from './picture_groups.js';

const kMostProblems = 100; // as many as are told of an experiment
const kNamed = 3; // of what is left out for one reason; the others are counted

/**
 * @typedef {import('./index.d.ts').Samples} Samples
 * @typedef {{ folders: string[], files: string[], system: string[], broken: string[] }} Content  paths from the root, in order
 * @typedef {{ path: string, reason: string, label: number }} Refused
 */

/**
 * @param {{ [option: string]: any }} description  `path`, `size`, `channels`, `fit`
 * @param {string | undefined} base
 * @param {string} option  `dataset` or `dataset.validation`
 * @returns {Promise<{ samples: Samples, notes: string[] }>}
 */
export async function loadFolder({ path: folder, size, channels, fit }, base, option) {
  if (!inNode) {
    throw problem(option, 'given as `data` in a browser (decode the pictures with decodeImages)', '{"type":"images"}');
  }
  const root = await resolvePath(folder, base);
  const refuse = (/** @type {string} */ expected, /** @type {string} */ why) =>
    problem(`${option}.path`, expected, `${JSON.stringify(folder)} (${why})`);
  const content = await contentOf(root).catch((error) => {
    const why = error.code === 'ENOENT' ? 'there is no such folder' : whyUnreadable(error);
    throw refuse('a folder with one folder per class', why);
  });

  const pictures = content.files.filter(isPictureName);
  const classes = classesOf(pictures);
  const classNames = [...new Set(classes.filter((name) => name !== null))].sort();
  if (classNames.length === 0) {
    const folders = content.folders.filter((path) => !path.includes('/')).length;
    throw refuse(
      'a folder with one folder of pictures per class',
      `${folders} folders, ${pictures.length || 'no'} pictures${pictures.length ? ' beside them' : ''}`,
    );
  }
  const labelOf = new Map(classNames.map((name, label) => [name, label]));
  const taken = pictures
    .map((path, at) => ({ path, label: labelOf.get(classes[at] ?? '') ?? -1 }))
    .filter(({ label }) => label >= 0)
    .sort((a, b) => a.label - b.label);
  const { join } = await nodeModule('node:path');
  const files = taken.map(({ path }) => join(root, path));
  const { inputs, shape, accepted, rejected } = await decodeImages(files, { size, channels, fit });
  const refused = rejected.map(({ index, reason }) => ({ ...taken[index], reason }));
  const labels = Int32Array.from(accepted, (index) => taken[index].label);
  if (new Set(labels).size < classNames.length) throw nothingLeft(refused, labels, option);
  const notes = notesOf(content, { pictures, classes, refused }, option);
  const names = accepted.map((index) => taken[index].path);
  const decoded = accepted.map((index) => files[index]);
  const grouped = await withGroups({ inputs, shape, labels, classNames }, { names, files: decoded, option });
  return { samples: grouped.samples, notes: [...notes, ...grouped.notes] };
}

/**
 * The samples with what a split must keep together, and what is said of it. What is only judged by is not split, and stays as it is.
 * @param {Samples} samples
 * @param {{ names: string[], files: Array<string | Blob>, option: string }} known  names, files: (N)
 * @returns {Promise<{ samples: Samples, notes: string[] }>}
 */
export async function withGroups(samples, { names, files, option }) {
  if (option !== 'dataset') return { samples, notes: [] };
  const times = await captureTimes(files);
  const groups = groupsOf(samples, { names, times });
  return { samples: { ...samples, ...groups }, notes: groupNotes(groups?.groups, samples) };
}

/**
 * Bursts and near duplicates; undefined where every picture stands alone.
 * @param {Samples} samples
 * @param {{ names: string[], times: Array<number | null> }} known
 */
function groupsOf({ inputs, shape, labels = [] }, known) {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  const pictures = Array.from(labels, (_, i) => /** @type {Uint8Array} */ (inputs).subarray(i * size, (i + 1) * size));
  const groups = groupPictures(pictures, { shape, bursts: findBursts(pictures, { shape, labels, ...known }) });
  return new Set(groups).size < pictures.length ? { groups, bursts: true } : undefined;
}

/** @param {Int32Array | undefined} groups @param {Samples} samples */
function groupNotes(groups, { labels = [], classNames = [] }) {
  if (!groups) return [];
  /** @type {Map<number, number>} */
  const sizes = new Map();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const several = [...sizes.values()].filter((size) => size > 1);
  const pictures = several.reduce((sum, size) => sum + size, 0);
  const alone = classNames.filter((_, label) => {
    const mine = groups.filter((_group, i) => labels[i] === label);
    return mine.length > 1 && mine.every((group) => group === mine[0]); // of one picture nothing is held back
  });
  const times = several.length === 1 ? 'a group' : `${several.length} groups`;
  return [
    `${pictures} pictures of dataset are one burst or near duplicates, in ${times} that a split keeps together, unless splitBy is "random".`,
    ...(alone.length
      ? [`All that there is of a class are one group: its last part is held back, behind a gap: ${inWords(alone, [])}.`]
      : []),
  ];
}

/** Of a class no picture decodes: its pictures' problems. @param {Refused[]} refused @param {Int32Array} labels @param {string} option @param {string} [place]  they lay in */
export function nothingLeft(refused, labels, option, place = 'folder') {
  const left = new Set(labels);
  const all = refused.filter(({ label }) => !left.has(label));
  const problems = all.slice(0, kMostProblems).map(({ path, reason }) => ({
    path: `${option}.path`,
    expected: `a ${place} of pictures that decode`,
    given: `${JSON.stringify(path)} (${reason})`,
  }));
  const more = all.length - problems.length;
  if (more > 0) problems[problems.length - 1].given += ` and ${more} more`;
  return new InputError(problems);
}

/**
 * @param {Content} content
 * @param {{ pictures: string[], classes: Array<string | null>, refused: Refused[] }} found
 * @param {string} option
 */
function notesOf({ folders, files, system, broken }, { pictures, classes, refused }, option) {
  /** @type {Set<string>} */
  const holders = new Set();
  for (const path of pictures)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) holders.add(path.slice(0, at));
  const parent = (/** @type {string} */ path) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const depthOf = (/** @type {string} */ path) => path.split('/').length;
  const depths = pictures.map((path, at) => (classes[at] === null ? Infinity : depthOf(path) - 1));
  const depth = depths.reduce((least, each) => Math.min(least, each));
  const atDepth = (/** @type {number} */ wanted) => [...holders].filter((path) => depthOf(path) === wanted).sort();
  const left = {
    'folders without pictures': folders.filter(
      (path) => !holders.has(path) && (holders.has(parent(path)) || !parent(path)),
    ),
    "pictures beside the classes' folders": pictures.filter((_, at) => classes[at] === null),
    'no pictures, by their names': files.filter((path) => !isPictureName(path)),
    "hidden or a system's own folders": system,
    'links that lead nowhere, or back': broken,
  };
  return [
    ...say(`The classes of ${option} lie in folders of it`, depth > 1 ? atDepth(depth) : []),
    ...say(`Taken into the classes of ${option} from folders inside theirs`, atDepth(depth + 1)),
    ...Object.entries(left).flatMap(([what, paths]) => leftOut(option, what, paths)),
    ...unreadable(option, refused),
  ];
}

/** @param {string} what @param {string[]} paths @param {string[]} [reasons] */
const say = (what, paths, reasons = []) => (paths.length ? [`${what}: ${inWords(paths, reasons)}.`] : []);

/** A note of what is left out, if anything. @param {string} option @param {string} what @param {string[]} paths @param {string[]} [reasons] */
export const leftOut = (option, what, paths, reasons) => say(`Left out of ${option}, as ${what}`, paths, reasons);

/** @param {string} option @param {Array<{ path: string, reason: string }>} refused */
export const unreadable = (option, refused) =>
  leftOut(
    option,
    'unreadable',
    refused.map(({ path }) => path),
    refused.map(({ reason }) => ` (${reason})`),
  );

/**
 * What lies in a folder and in those inside it.
 * @param {string} root
 * @param {string} [place]  from the root, with a slash behind it
 * @param {string[]} [above]  the folders on the way here, as they are called without links
 * @param {Content} [content]  what was found before
 */
async function contentOf(root, place = '', above = [], content = { folders: [], files: [], system: [], broken: [] }) {
  const { readdir, realpath, stat } = await nodeModule('node:fs/promises');
  const { join } = await nodeModule('node:path');
  const way = [await realpath(join(root, place)), ...above];
  const names = (await readdir(way[0])).sort();
  const found = await Promise.all(
    names.map((/** @type {string} */ name) => stat(join(way[0], name)).catch(() => null)),
  );
  for (const [at, name] of names.entries()) {
    const isFolder = found[at]?.isDirectory();
    const path = place + name;
    if (isSystemFile(name)) {
      if (isFolder) content.system.push(path);
    } else if (!found[at] || (isFolder && way.includes(await realpath(join(way[0], name))))) {
      content.broken.push(path);
    } else if (isFolder) {
      content.folders.push(path);
      await contentOf(root, `${path}/`, way, content);
    } else content.files.push(path);
  }
  return content;
}

/** @param {string[]} paths @param {string[]} reasons  behind each path */
function inWords(paths, reasons) {
  const words = paths.slice(0, kNamed).map((path, at) => JSON.stringify(path) + (reasons[at] ?? ''));
  if (paths.length > kNamed) words.push(`${paths.length - kNamed} more`);
  return words.join(', ');
}
