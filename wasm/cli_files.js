// Files of the command line: read whole, and written whole or not at all.
import { access, constants, open, readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { problem } from './experiment.js';

/** @returns {Promise<string>} */
export async function readStandardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** @param {string} file @param {string} [option] */
export async function readBytes(file, option = 'FILE') {
  try {
    return await readFile(file);
  } catch (error) {
    throw problem(option, 'a file that can be read', `${JSON.stringify(file)} (${reasonOf(error)})`);
  }
}

/** @param {string} file */
export const readText = async (file) => (await readBytes(file)).toString('utf8');

/** @param {any} error */
function reasonOf({ code, message }) {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'access is denied';
  return message;
}

/**
 * Refuses a place that cannot be written, before hours of training rather than after.
 * @param {string | undefined} file
 * @param {string} option
 */
export async function checkWritable(file, option) {
  if (file === undefined) return;
  try {
    await access(dirname(file), constants.W_OK);
    if ((await stat(file).catch(() => undefined))?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  } catch (error) {
    const why = /** @type {any} */ (error).code === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
    throw problem(option, 'a file that can be written', `${JSON.stringify(file)} (${why})`);
  }
}

/**
 * Writes a file whole or not at all: beside its place, and renamed. A link leads to the file that is written, and what is no file (/dev/null, a
 * pipe) takes the bytes, instead of a file in its place.
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {string} option
 */
export async function writeWhole(file, bytes, option) {
  const place = await realpath(file).catch(() => file);
  const beside = `${place}.${process.pid}.part`;
  try {
    const found = await stat(place).catch(() => undefined);
    if (found && !found.isFile() && !found.isDirectory()) return await writeFile(place, bytes);
    const handle = await open(beside, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, place);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw problem(option, 'a file that can be written', `${JSON.stringify(file)} (${reasonOf(error)})`);
  }
  return undefined;
}
