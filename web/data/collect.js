/**
 * From what people drop, choose or paste to a list of files with class names: the folder that holds a file is its class; files without a
 * folder are told apart by how their names begin (cat1.png, dog-2.jpg), or make one new class.
 */
const isJunk = (name) => /(^|\/)(\.|__MACOSX|Thumbs\.db$|desktop\.ini$)/.test(name);
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

/** @typedef {{file: File, folder: string}} Found */

/** Files of a zip, with their folders. */
async function unzip(file) {
  const { unzip: unpack } = await import('fflate');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const entries = await new Promise((done, fail) => {
    unpack(bytes, { filter: ({ originalSize }) => originalSize <= 20e6 }, (error, list) =>
      error ? fail(error) : done(list),
    );
  });
  return Object.entries(entries)
    .filter(([name, content]) => content.length > 0 && !isJunk(name))
    .map(([name, content]) => {
      const parts = name.split('/');
      const type = kinds[name.split('.').at(-1).toLowerCase()] ?? '';
      return { file: new File([content], parts.at(-1), { type }), folder: parts.at(-2) ?? '' };
    });
}

/** Everything under a dropped entry. */
async function walk(entry, folder) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return isJunk(entry.name) ? [] : [{ file, folder }];
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
  return opened(found.filter(({ file }) => !isJunk(file.name)));
}

/** The letters that a name begins with: "cat" of cat_01.png; empty where it says nothing (IMG_1, photo, 001). */
function beginning(name) {
  const word = /^(\p{L}+)[\s_.()-]*\d+/u.exec(name)?.[1] ?? '';
  return /^(img|image|dsc|pxl|photo|pic|picture|p|screenshot|bild|foto)$/i.test(word) ? '' : word;
}

/**
 * Class names for the files.
 * @param {Found[]} found
 * @param {string} fallback  name of a new class, for files that nothing tells apart
 */
export function nameClasses(found, fallback) {
  const words = new Set(found.filter(({ folder }) => !folder).map(({ file }) => beginning(file.name)));
  const byWord = words.size > 1 && !words.has('') && words.size <= found.length / 2;
  return found.map(({ file, folder }) => ({ file, name: folder || (byWord ? beginning(file.name) : fallback) }));
}
