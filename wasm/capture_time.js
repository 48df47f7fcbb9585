// When pictures were taken, as their files say. Not by the files' own dates: whoever copies or unpacks a folder gives all of them the same.
import { inNode, nodeModule } from './files.js';
import { capturedAt } from './picture_file.js';

const kHead = 1 << 17; // bytes: a JPEG's EXIF has at most half as many, and stands first

/**
 * @param {Iterable<Blob | Uint8Array | string>} files  in Node a string is a path
 * @returns {Promise<Array<number | null>>}  seconds of the camera's clock; null: not told
 */
export async function captureTimes(files) {
  /** @type {Array<number | null>} */
  const times = [];
  for (const file of files) {
    const head = await headOf(file).catch(() => null); // a file that cannot be read is named by whoever decodes it
    times.push(head && capturedAt(head));
  }
  return times;
}

/** @param {Blob | Uint8Array | string} file */
async function headOf(file) {
  if (file instanceof Uint8Array) return file;
  if (file instanceof Blob) return new Uint8Array(await file.slice(0, kHead).arrayBuffer());
  if (!inNode) return null;
  const { open } = await nodeModule('node:fs/promises');
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(kHead), 0, kHead, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
