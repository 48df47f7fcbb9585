/**
 * From what people drop, choose or paste to a list of files with class names: of a folder or a zip the package's rule says which of its
 * folders is the class, a Teachable Machine project (.tm) says it itself; files without a folder are told apart by how their names begin (cat1.png, dog-2.jpg), or make one new class.
 */
import { classesOf, InputError, isPictureName, isSystemFile, readTeachableMachineProject } from 'trainground';
import { unpack } from './unpack.js';

const isProject = (file) => /\.tm$/i.test(file.name);
const isZip = (file) => /\.zip$/i.test(file.name) || file.type === 'application/zip';

/** What a zip may hold: a file, and all of them together, in bytes once unpacked. */
const most = { file: 20e6, all: 400e6 };

/**
 * @typedef {{ file: File } | { zip: File, path: string }} Source  where a picture lies and can be read again: a file, or a place in a zip
 * @typedef {{ file: File, folder: string, source: Source }} Found
 * @typedef {{ name: string, code: 'bytes' | 'format' | 'system' | 'beside' | 'empty' | 'project', text?: string }} Left  what is not read, and why
 * @typedef {{ found: Found[], left: Left[], order?: string[], cards?: File[] }} Collected  order: classes that keep theirs, whatever their names;
 *   cards: of runs, which are no pictures
 * @typedef {{ path: string, file?: File, source?: Source, code?: Left['code'] }} Placed  what lies at a place of a folder; without a file it is left out
 */

/** @param {Collected[]} parts @returns {Collected} */
const together = (parts) => ({
  found: parts.flatMap(({ found }) => found),
  left: parts.flatMap(({ left }) => left),
  order: parts.flatMap(({ order = [] }) => order),
  cards: parts.flatMap(({ cards = [] }) => cards),
});

/** Whether a file is the card of a run, by its name. @param {{ name: string }} file */
export const isCard = ({ name }) => /\.card\.json$/i.test(name);

/** Paths in the order in which Node reads a folder: so the same pictures are the same samples there. */
function inOrder(a, b) {
  const [one, other] = [a, b].map(({ path }) => path.split(/[\\/]/));
  const at = one.findIndex((part, i) => part !== other[i]);
  return at < 0 ? 0 : one[at] < (other[at] ?? '') ? -1 : 1;
}

/** The outermost folder on the way that a system has made for itself; undefined where there is none. @param {string} path */
function systemFolder(path) {
  const parts = path.split(/[\\/]/);
  const at = parts.findIndex(isSystemFile);
  return at >= 0 && at < parts.length - 1 ? parts.slice(0, at + 1).join('/') : undefined;
}

/**
 * What a folder or a zip holds, to classes.
 * @param {Placed[]} placed  by their paths in it
 * @param {string} name  its own
 * @returns {Promise<Collected>}
 */
async function sortIn(placed, name) {
  if (isSystemFile(name)) return { found: [], left: [{ name, code: 'system' }] };
  const system = new Set(placed.map(({ path }) => systemFolder(path)).filter(Boolean));
  const others = placed.filter(({ path }) => !isSystemFile(path));
  const zips = others.filter(({ file }) => file && isZip(file));
  const isPicture = (/** @type {Placed} */ { path, file }) => file && isPictureName(path);
  const pictures = others.filter(isPicture).sort(inOrder);
  const cards = others.flatMap(({ file }) => (file && isCard(file) ? [file] : []));
  const folders = classesOf(
    pictures.map(({ path }) => path),
    name,
  );
  /** @type {Collected} */
  const mine = { found: [], left: [...system].map((path) => ({ name: path, code: 'system' })), cards };
  pictures.forEach(({ path, file, source = { file } }, at) => {
    if (folders[at] === null) mine.left.push({ name: path, code: 'beside' });
    else mine.found.push({ file, folder: folders[at], source });
  });
  for (const one of others)
    if (!isPicture(one) && !zips.includes(one) && !cards.includes(one.file))
      mine.left.push({ name: one.path || name, code: one.code ?? 'format' });
  return together([mine, ...(await Promise.all(zips.map(({ file }) => opened(file))))]);
}

/** The files of what was found earlier, in its order; null where it is no longer there. @param {Source[]} sources */
export async function openAgain(sources) {
  /** @type {Map<File, Promise<Map<string, File>>>} */
  const zips = new Map();
  const paths = new Set(sources.map((one) => 'path' in one && one.path));
  for (const one of sources)
    if ('zip' in one && !zips.has(one.zip))
      zips.set(
        one.zip,
        unpack(one.zip, ({ name }) => paths.has(name)).catch(() => new Map()),
      );
  return Promise.all(
    sources.map(async (one) => ('file' in one ? one.file : ((await zips.get(one.zip)).get(one.path) ?? null))),
  );
}

/**
 * A zip, as a folder of its name; files without folders that are told apart by their names are so here too. What is too large, or one too
 * many, is not unpacked.
 * @param {File} file
 */
async function unzip(file) {
  let all = 0;
  /** @type {Placed[]} */
  const left = [];
  const fits = ({ name, originalSize }) => {
    if (originalSize === 0) return false;
    const isRead = !isSystemFile(name) && originalSize <= most.file && all + originalSize <= most.all;
    if (isRead) all += originalSize;
    else left.push({ path: name, code: 'bytes' });
    return isRead;
  };
  /** @type {Placed[]} */
  const placed = [...(await unpack(file, fits))].map(([path, content]) => ({
    path,
    file: content,
    source: { zip: file, path },
  }));
  const { found, left: others, cards } = await sortIn([...placed, ...left], file.name.replace(/\.zip$/i, ''));
  const isFlat = placed.every(({ path }) => !/[\\/]/.test(path));
  const loose = found.map((one) => ({ ...one, folder: '' }));
  return { found: isFlat && areToldApart(loose) ? loose : found, left: others, cards };
}

/** A Teachable Machine project: its classes, in its order. @param {File} file @returns {Promise<Collected>} */
async function openProject(file) {
  try {
    const { classNames, pictures, left } = await readTeachableMachineProject(file);
    const found = pictures.map(({ file: picture, label }) => ({
      file: picture,
      folder: classNames[label],
      source: { zip: file, path: picture.name },
    }));
    return { found, left: left.map((name) => ({ name, code: 'format' })), order: classNames };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { found: [], left: [{ name: file.name, code: 'project', text: error.message }] };
  }
}

/** A file that stands alone; a zip that cannot be opened stays as it is, and is then named as no picture. @param {File} file @returns {Promise<Collected>} */
async function opened(file) {
  if (isProject(file)) return openProject(file);
  const asItIs = { found: [{ file, folder: '', source: { file } }], left: [] };
  return isZip(file) ? unzip(file).catch(() => asItIs) : asItIs;
}

/** @returns {Promise<File>} */
const fileOf = (entry) => new Promise((done, fail) => entry.file(done, fail));

/** Everything in a dropped folder. @param {any} folder @param {string} [place] @returns {Promise<Placed[]>} */
async function walk(folder, place = '') {
  const reader = folder.createReader();
  /** @type {Placed[]} */
  let placed = [];
  for (;;) {
    const batch = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (batch.length === 0) return placed.length ? placed : [{ path: place, code: 'empty' }];
    for (const entry of batch) {
      const path = place + entry.name;
      const isSystem = isSystemFile(entry.name);
      if (isSystem && !entry.isFile) placed.push({ path: `${path}/` });
      else if (!entry.isFile) placed = placed.concat(await walk(entry, `${path}/`));
      else if (!isSystem) placed.push({ path, file: await fileOf(entry) });
    }
  }
}

/** Every file that was dropped, those in folders too, by their places. Entries must be asked for before the event ends. */
export async function everyFile(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = Array.from(transfer.files);
  if (entries.length === 0) return files.map((file) => ({ path: file.name, file }));
  const parts = await Promise.all(
    entries.map(async (entry) =>
      entry.isFile
        ? [{ path: entry.name, file: await fileOf(entry) }]
        : (await walk(entry, `${entry.name}/`)).flatMap(({ path, file }) => (file ? [{ path, file }] : [])),
    ),
  );
  return parts.flat();
}

/** What was dropped. Entries must be asked for before the event ends. @returns {Promise<Collected>} */
export async function fromDrop(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = Array.from(transfer.files);
  if (entries.length === 0) return fromFiles(files);
  const parts = entries.map(async (entry) =>
    entry.isFile ? fromFiles([await fileOf(entry)]) : sortIn(await walk(entry), entry.name),
  );
  return together(await Promise.all(parts));
}

/** What was chosen or pasted: files, or all that lies in a folder. @param {File[]} files @returns {Promise<Collected>} */
export async function fromFiles(files) {
  /** @type {Map<string, Placed[]>} */
  const folders = new Map();
  const loose = [];
  for (const file of files) {
    const [folder, ...path] = (file.webkitRelativePath || file.name).split('/');
    if (path.length === 0) loose.push(file);
    else folders.set(folder, [...(folders.get(folder) ?? []), { path: path.join('/'), file }]);
  }
  return together([
    ...(await Promise.all(loose.filter(({ name }) => !isSystemFile(name)).map(opened))),
    ...(await Promise.all([...folders].map(([name, placed]) => sortIn(placed, name)))),
  ]);
}

/** The letters that a name begins with: "cat" of cat_01.png; empty where it says nothing (IMG_1, photo, 001). */
function beginning(name) {
  const word = /^(\p{L}+)[\s_.()-]*\d+/u.exec(name)?.[1] ?? '';
  return /^(img|image|dsc|pxl|photo|pic|picture|p|screenshot|bild|foto)$/i.test(word) ? '' : word;
}

/** Whether the files without a folder are told apart by how their names begin. @param {Found[]} found */
function areToldApart(found) {
  const words = new Set(found.filter(({ folder }) => !folder).map(({ file }) => beginning(file.name)));
  return words.size > 1 && !words.has('') && words.size <= found.length / 2;
}

/**
 * Class names for the files.
 * @param {Found[]} found
 * @param {string} fallback  name of a new class, for files that nothing tells apart
 */
export function nameClasses(found, fallback) {
  const byWord = areToldApart(found);
  return found.map(({ folder, ...one }) => ({
    ...one,
    name: folder || (byWord ? beginning(one.file.name) : fallback),
  }));
}
