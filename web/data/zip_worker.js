/** Unpacks a zip off the page's thread (unpack.js starts one for each): says what it holds, and gives, as files, what is wanted of that. */
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

/** @type {any} */
const page = globalThis;

/** @type {Uint8Array | null} */
let bytes = null;

/** @returns {[path: string, file: File]} */
function placed([path, content]) {
  const name = path.split(/[\\/]/).at(-1);
  const type = kinds[name.split('.').at(-1).toLowerCase()] ?? '';
  return [path, new File([content], name, { type })];
}

page.onmessage = async ({ data: { zip, wanted } }) => {
  try {
    bytes ??= new Uint8Array(await zip.arrayBuffer());
    const entries = [];
    const places = new Set(wanted);
    const filter = ({ name, originalSize }) => places.has(entries.push({ name, originalSize }) - 1);
    const files = Object.entries(unzipSync(bytes, { filter })).map(placed);
    page.postMessage({ entries, files });
  } catch (error) {
    page.postMessage({ error });
  }
};
