/**
 * From what people drop, choose or paste to a list of files with class names: the folder that holds a file is its class; files without a
 * folder are told apart by how their names begin (cat1.png, dog-2.jpg), or make one new class.
 */
/** What systems leave beside pictures: hidden files and folders, previews, indexes. A path counts if any part of it does. */
const isJunk = (path) =>
  path.split(/[\\/]/).some((part) => /^(\..*|__MACOSX|@eaDir|Thumbs\.db|desktop\.ini)$/i.test(part));
const isZip = (file) => /\.zip$/i.test(file.name) || file.type === 'application/zip';
const kinds = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
};

/** What a zip may hold: a file, and all of them together, in bytes once unpacked. */
const most = { file: 20e6, all: 400e6 };

/** @typedef {{ file: File, folder: string, tooLarge?: number }} Found  `tooLarge`: the bytes of a file that was not unpacked */

/**
 * Files of a zip, with their folders; of a zip without folders its own name is the class, unless its files are told apart by theirs. What is too large, or one too many, is a file
 * without content, which is named later as any other that is too large.
 */
async function unzip(file) {
  const { unzip: unpack } = await import('fflate');
  const bytes = new Uint8Array(await file.arrayBuffer());
  let all = 0;
  /** @type {Array<{ name: string, originalSize: number }>} */
  const left = [];
  const fits = ({ name, originalSize }) => {
    if (isJunk(name) || originalSize === 0) return false;
    const hasRoom = originalSize <= most.file && all + originalSize <= most.all;
    if (hasRoom) all += originalSize;
    else left.push({ name, originalSize });
    return hasRoom;
  };
  const entries = await new Promise((done, fail) => {
    unpack(bytes, { filter: fits }, (error, list) => (error ? fail(error) : done(list)));
  });
  const found = Object.entries(entries).map(([name, content]) => {
    const parts = name.split(/[\\/]/);
    const type = kinds[name.split('.').at(-1).toLowerCase()] ?? '';
    return { file: new File([content], parts.at(-1), { type }), folder: parts.at(-2) ?? '' };
  });
  const isClass = found.every(({ folder }) => !folder) && !areToldApart(found);
  const own = file.name.replace(/\.zip$/i, '');
  return [
    ...found.map((one) => ({ ...one, folder: isClass ? own : one.folder })),
    ...left.map(({ name, originalSize }) => ({ file: new File([], name), folder: '', tooLarge: originalSize })),
  ];
}

/** Everything under a dropped entry. */
async function walk(entry, folder) {
  if (isJunk(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return [{ file, folder }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const batch = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (batch.length === 0) return found;
    for (const one of batch) found.push(...(await walk(one, entry.name)));
  }
}

/** Opens the zips among them. A zip that cannot be opened stays as it is, and is then named as no picture. */
async function opened(found) {
  const lists = await Promise.all(found.map((one) => (isZip(one.file) ? unzip(one.file).catch(() => [one]) : [one])));
  return lists.flat();
}

/** What was dropped. Entries must be asked for before the event ends. @returns {Promise<Found[]>} */
export async function fromDrop(transfer) {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = Array.from(transfer.files);
  if (entries.length === 0) return fromFiles(files);
  const lists = await Promise.all(entries.map((entry) => walk(entry, '')));
  return opened(lists.flat());
}

/** What was chosen or pasted. @returns {Promise<Found[]>} */
export function fromFiles(files) {
  const found = Array.from(files, (file) => ({ file, folder: file.webkitRelativePath?.split('/').at(-2) ?? '' }));
  return opened(found.filter(({ file }) => !isJunk(file.webkitRelativePath || file.name)));
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
