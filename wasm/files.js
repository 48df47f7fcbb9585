// Bytes of a file, by path in Node and by URL in the browser, gunzipped where the magic 1f 8b says so.
//
// Every failure is a problem with the path of the option that named the file, so that a missing, truncated or swapped
// file is one clear sentence. Nothing is kept: a file that failed once is read anew the next time.
import { inWords, problem } from './experiment.js';

const kMaximumUnpacked = 2 ** 31; // what one wasm memory could take at most

/** True in Node, Bun and Deno; false in a browser or its worker, also in those of Electron, which have Node's `process` too. */
export const inNode =
  Boolean(globalThis.process?.versions?.node) &&
  !['renderer', 'worker'].includes(/** @type {any} */ (globalThis.process).type);

const { userAgent = '' } = globalThis.navigator ?? {};
/** Safari, every browser of iOS, and WebKitGTK: what differs there and cannot be asked for. */
export const inWebKit = !inNode && /AppleWebKit/.test(userAgent) && !/Chrom(e|ium)/.test(userAgent);

/**
 * A module of Node. Asked for by its name, so that no bundler of a page tries to follow an import.
 * @param {string} name
 * @returns {any}
 */
export const nodeModule = (name) => globalThis.process.getBuiltinModule(name);

/**
 * Where relative addresses start: the page's own, and in a worker its script's, or (of one made of a Blob) that of its origin. Undefined where
 * a place has none, as in Node.
 */
export function here() {
  if (inNode) return undefined;
  const { href, origin } = globalThis.location;
  const own = globalThis.document?.baseURI ?? (/^(blob|data):/.test(href) ? origin : href);
  return own === 'null' ? undefined : own;
}

/**
 * The whole file, unpacked.
 * @param {string} name  as the user wrote it
 * @param {string | undefined} base  folder (Node) or URL (browser) that relative names start from
 * @param {string} option  the path of the option that named it
 * @param {(bytes: number) => void} [onProgress]  hears how much of it has come, as it comes over the network
 * @returns {Promise<Uint8Array>}
 */
export async function readFile(name, base, option, onProgress) {
  return unpack(await readRaw(name, base, option, onProgress), name, option);
}

/**
 * @param {string} name
 * @param {string | undefined} base
 * @param {string} option
 * @param {(bytes: number) => void} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
async function readRaw(name, base, option, onProgress) {
  if (!inNode) return fetchBytes(addressOf(name, base, option), name, option, onProgress);
  const { readFile } = await nodeModule('node:fs/promises');
  try {
    return await readFile(await resolvePath(name, base));
  } catch (error) {
    throw problem(option, 'a file that can be read', `${JSON.stringify(name)} (${whyUnreadable(error)})`);
  }
}

/** @param {string} name @param {string | undefined} base @param {string} option */
function addressOf(name, base, option) {
  try {
    return new URL(name, base ?? here());
  } catch {
    throw problem(option, 'the address of a file', `${JSON.stringify(name)}, which starts nowhere`);
  }
}

/**
 * Bytes that a program gives.
 * @param {unknown} file
 * @param {string} option
 * @returns {Promise<Uint8Array>}
 */
export async function bytesOf(file, option) {
  if (file instanceof Uint8Array) return file;
  if (!(file instanceof Blob)) throw problem(option, 'a Uint8Array or a Blob', inWords(file));
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw problem(option, 'a file that can be read', /** @type {Error} */ (error).message);
  }
}

/** @param {unknown} bytes @param {string} option @returns {Uint8Array} */
export function checkBytes(bytes, option) {
  if (bytes instanceof Uint8Array) return bytes;
  throw problem(option, 'the bytes of a file, as a Uint8Array', inWords(bytes));
}

/**
 * A path of Node: relative ones start at `base` (a folder or a file: URL), or at the working directory.
 * @param {string} name
 * @param {string} [base]
 * @returns {Promise<string>}
 */
export async function resolvePath(name, base = '.') {
  const path = await nodeModule('node:path');
  const { fileURLToPath } = await nodeModule('node:url');
  const plain = (/** @type {string} */ place) => (place.startsWith('file:') ? fileURLToPath(place) : place);
  return path.resolve(plain(base), plain(name));
}

/** Whether Node has a file there, and no folder. @param {string} name @param {string} [base] @returns {Promise<boolean>} */
export async function isFile(name, base) {
  if (!inNode) return false;
  const { stat } = await nodeModule('node:fs/promises');
  return stat(await resolvePath(name, base)).then(
    (/** @type {any} */ found) => found.isFile(),
    () => false,
  );
}

/**
 * @param {any} error
 * @returns {string}
 */
export function whyUnreadable(error) {
  /** @type {Record<string, string>} */
  const words = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'access is denied',
    EPERM: 'access is denied',
    ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GB',
  };
  return words[error.code] ?? error.message;
}

/**
 * @param {URL} url
 * @param {string} name
 * @param {string} option
 * @param {(bytes: number) => void} [onProgress]
 * @returns {Promise<Uint8Array>}
 */
async function fetchBytes(url, name, option, onProgress) {
  const refuse = (/** @type {string} */ why) =>
    problem(option, 'a file that can be read', `${JSON.stringify(name)} (${why})`);
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw refuse(`nothing answers at ${url}`);
  }
  if (!response.ok) throw refuse(`${url} answers ${response.status}`);
  if (response.headers.get('content-type')?.startsWith('text/html')) throw refuse(`${url} is an HTML page, not data`);
  try {
    return await read(response, onProgress);
  } catch {
    throw refuse(`${url} broke off`);
  }
}

/** @param {Response} response @param {(bytes: number) => void} [onProgress] */
async function read(response, onProgress) {
  if (!onProgress || !response.body) return new Uint8Array(await response.arrayBuffer());
  /** @type {BlobPart[]} */
  const chunks = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    chunks.push(value);
    onProgress((bytes += value.length));
  }
}

/**
 * Gunzips what starts with gzip's magic, and returns anything else as it is.
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {string} option
 * @returns {Promise<Uint8Array>}
 */
export async function unpack(bytes, name, option) {
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  const damaged = (/** @type {string} */ why) =>
    problem(option, 'a whole gzip file', `${JSON.stringify(name)} (${why})`);
  const reader = new Blob([/** @type {BlobPart} */ (bytes)])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (length > kMaximumUnpacked) break;
    }
  } catch {
    throw damaged('it is cut off or damaged');
  }
  if (length > kMaximumUnpacked) {
    await reader.cancel();
    throw damaged('it unpacks to more than 2 GB');
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
