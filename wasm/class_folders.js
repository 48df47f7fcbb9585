// Whose picture is it? One rule for the folders that Node reads and for what is dropped on a page: what is passed over, and which folder's
// name is the class.

/** @param {string} path  with slashes of either kind; it counts if any part of it does */
export const isSystemFile = (path) =>
  path.split(/[\\/]/).some((part) => /^(\..*|__MACOSX|@eaDir|Thumbs\.db|desktop\.ini)$/i.test(part));

/** @param {string} name  kinds that are not read here count too, to be refused by their kind and not passed over */
export const isPictureName = (name) => /\.(png|apng|jpe?g|jfif|webp|avif|gif|bmp|heic|heif|jxl|tiff?)$/i.test(name);

/**
 * @param {string[]} paths  of pictures, from the root
 * @param {string} [root]  its name, where the root itself may be a class
 * @returns {Array<string | null>}
 */
export function classesOf(paths, root) {
  const folders = paths.map((path) => path.split(/[\\/]/).slice(0, -1));
  let name = root;
  let top = 0;
  for (; folders[0]?.length > top && folders.every((way) => way[top] === folders[0][top]); top++)
    name = folders[0][top];
  const inside = folders.filter(({ length }) => length > top);
  if (name !== undefined && new Set(inside.map((way) => way[top])).size < 2)
    return folders.map(() => /** @type {string} */ (name));
  const depth = inside.reduce((least, { length }) => Math.min(least, length), Infinity);
  return folders.map((way) => way[depth - 1] ?? null);
}
