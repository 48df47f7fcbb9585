/** A zip in this thread: what it holds, by place, and, as files, what is wanted of that. */
import { unzipSync } from 'fflate';

const kinds = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
};

/** @returns {[path: string, file: File]} */
function placed([path, content]) {
  const name = path.split(/[\\/]/).at(-1);
  const type = kinds[name.split('.').at(-1).toLowerCase()] ?? '';
  return [path, new File([content], name, { type })];
}

/**
 * Throws where it is no zip.
 * @param {Uint8Array} bytes
 * @param {number[]} wanted  places of entries
 */
export function unzip(bytes, wanted) {
  const entries = [];
  const places = new Set(wanted);
  const filter = ({ name, originalSize }) => places.has(entries.push({ name, originalSize }) - 1);
  const files = Object.entries(unzipSync(bytes, { filter })).map(placed);
  return { entries, files };
}
