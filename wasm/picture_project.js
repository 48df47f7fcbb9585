// A Teachable Machine project (`.tm`): a zip without folders, of pictures called CLASS-!-N.jpg and, last, manifest.json. Seen in versions 2.4.5 to
// 2.4.10: the manifest tells the kind of project and how it was trained and published, and nothing of classes or recordings, so classes
// stand in the order of their first pictures, which is that of the page it was made on. Of the manifest nothing but the kind is taken: it may
// hold the token with which its model was published.
import { isPictureName, isSystemFile } from './class_folders.js';
import { inWords, problem } from './experiment.js';
import { bytesOf } from './files.js';
import { decodeImages } from './images.js';
import { leftOut, nothingLeft, unreadable, withGroups } from './picture_folder.js';
import { zipEntries } from './zip.js';

const kManifest = 'manifest.json';
const kKinds = ['image', 'pose']; // the other, audio, has no pictures
const kPlace = /^(.+)-!-(\d+)\.\w+$/su;

/**
 * @typedef {import('./index.d.ts').PictureProject} PictureProject
 * @typedef {{ place: number, entry: import('./zip.js').ZipEntry }} Placed
 */

/**
 * @param {Blob | Uint8Array} file
 * @returns {Promise<PictureProject>}
 */
export async function readProject(file) {
  return openProject(await bytesOf(file, 'project'), 'project', /** @type {any} */ (file).name ?? 'project.tm');
}

/**
 * @param {Uint8Array} bytes
 * @param {string} option
 * @param {string} name
 * @returns {Promise<PictureProject>}
 */
async function openProject(bytes, option, name) {
  const refuse = (/** @type {string} */ why) =>
    problem(option, 'a Teachable Machine project of pictures', `${JSON.stringify(name)} (${why})`);
  const entries = zipEntries(bytes, option, name);
  const kind = await kindOf(entries, refuse);
  if (!kKinds.includes(/** @type {string} */ (kind)))
    throw refuse(`its manifest.json says that it is one of type ${inWords(kind)}`);
  /** @type {Map<string, Placed[]>} */
  const classes = new Map();
  const left = [];
  for (const entry of entries) {
    const isPicture = isPictureName(entry.name) && !entry.name.startsWith('__MACOSX/'); // of whoever zips it anew
    const [, label, place] = (isPicture && kPlace.exec(entry.name)) || [];
    if (label === undefined) {
      if (entry.name !== kManifest && !isSystemFile(entry.name)) left.push(entry.name);
    } else {
      if (!classes.has(label)) classes.set(label, []);
      classes.get(label)?.push({ place: Number(place), entry });
    }
  }
  if (classes.size === 0) throw refuse('no picture in it is called CLASS-!-NUMBER.jpg');
  const classNames = [...classes.keys()];
  const pictures = [];
  for (const [label, list] of [...classes.values()].entries()) {
    for (const { entry } of list.sort((a, b) => a.place - b.place)) {
      const content = /** @type {BlobPart} */ (await entry.read());
      pictures.push({ file: new File([content], entry.name, { type: 'image/jpeg' }), label });
    }
  }
  return { classNames, pictures, left };
}

/** @param {import('./zip.js').ZipEntry[]} entries @param {(why: string) => Error} refuse @returns {Promise<unknown>} */
async function kindOf(entries, refuse) {
  const entry = entries.find(({ name }) => name === kManifest);
  if (!entry) throw refuse('there is no manifest.json in it');
  try {
    return JSON.parse(new TextDecoder().decode(await entry.read()))?.type;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refuse('its manifest.json is not JSON');
  }
}

/**
 * Samples for `dataset` of type images whose `path` is a project.
 * @param {Uint8Array} bytes
 * @param {{ [option: string]: any }} description  `path`, `size`, `channels`, `fit`
 * @param {string} option  `dataset` or `dataset.validation`
 * @returns {Promise<{ samples: import('./index.d.ts').Samples, notes: string[] }>}
 */
export async function loadProject(bytes, { path, size, channels, fit }, option) {
  const { classNames, pictures, left } = await openProject(bytes, `${option}.path`, path);
  const files = pictures.map(({ file }) => file);
  const { inputs, shape, accepted, rejected } = await decodeImages(files, { size, channels, fit });
  const refused = rejected.map(({ index, name, reason }) => ({ path: name, reason, label: pictures[index].label }));
  const labels = Int32Array.from(accepted, (index) => pictures[index].label);
  if (new Set(labels).size < classNames.length) throw nothingLeft(refused, labels, option, 'project');
  const decoded = accepted.map((index) => files[index]);
  const known = { names: decoded.map(({ name }) => name), files: decoded, option };
  const { samples, notes } = await withGroups({ inputs, shape, labels, classNames }, known);
  return {
    samples,
    notes: [
      ...leftOut(option, 'no pictures of the project, by their names', left),
      ...unreadable(option, refused),
      ...notes,
    ],
  };
}
