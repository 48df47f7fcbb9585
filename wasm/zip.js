// What lies in a zip archive, by the directory at its end (PKWARE's APPNOTE 6.3): entries that are stored or deflated, each unpacked when it is
// asked for and held to its size and checksum. Archives over 4 GB, in parts, or with a password are refused.
import { problem } from './experiment.js';

const kEnd = 0x06054b50;
const kEndBytes = 22;
const kMostComment = 65535;
const kDirectoryEntry = 0x02014b50;
const kDirectoryBytes = 46;
const kLocalEntry = 0x04034b50;
const kLocalBytes = 30;
const kStored = 0;
const kDeflated = 8;
const kMostUnpacked = 400e6; // bytes, of all entries together

const kCrcs = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});

/** @typedef {{ name: string, size: number, read(): Promise<Uint8Array> }} ZipEntry  name: with its folders, as it stands in the archive */

/** Whether these are the bytes of an archive that has something in it. @param {Uint8Array} bytes */
export const isZip = (bytes) => bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * The files of an archive, in the directory's order.
 * @param {Uint8Array} bytes
 * @param {string} option  that named it
 * @param {string} name  the archive's, for the sentence
 * @returns {ZipEntry[]}
 */
export function zipEntries(bytes, option, name) {
  const refuse = (/** @type {string} */ why) => problem(option, 'a whole zip file', `${JSON.stringify(name)} (${why})`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endOf(view);
  if (end < 0) throw refuse('it is cut off, or no zip file');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) throw refuse('it is larger than 4 GB');
  /** @type {ZipEntry[]} */
  const entries = [];
  let unpacked = 0;
  for (let n = 0; n < count; n++) {
    if (at + kDirectoryBytes > end || view.getUint32(at, true) !== kDirectoryEntry)
      throw refuse(`it is damaged: its directory lists ${count} entries and has ${n}`);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true));
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const entry = new TextDecoder().decode(bytes.subarray(at + kDirectoryBytes, at + kDirectoryBytes + nameBytes));
    at += kDirectoryBytes + nameBytes + extraBytes + commentBytes;
    if (entry.endsWith('/')) continue;
    unpacked += size;
    if (flags & 1) throw refuse('it has a password');
    if (unpacked > kMostUnpacked) throw refuse('it unpacks to more than 400 MB');
    const read = async () => {
      const damaged = (/** @type {string} */ why) => refuse(`${JSON.stringify(entry)} in it ${why}`);
      if (local + kLocalBytes > bytes.length || view.getUint32(local, true) !== kLocalEntry)
        throw damaged('is not where its directory says');
      const from = local + kLocalBytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (from + packed > bytes.length) throw damaged('is cut off');
      const content = bytes.subarray(from, from + packed);
      if (method !== kStored && method !== kDeflated) throw damaged(`is packed in a way (${method}) that is not read`);
      const whole = method === kStored ? content : await inflate(content, size);
      if (whole?.length !== size || checksum(whole) !== crc) throw damaged('is damaged');
      return whole;
    };
    entries.push({ name: entry, size, read });
  }
  return entries;
}

/** Where the directory's end is written: behind it there may be a comment. @param {DataView} view */
function endOf(view) {
  const last = view.byteLength - kEndBytes;
  for (let at = last; at >= Math.max(0, last - kMostComment); at--) if (view.getUint32(at, true) === kEnd) return at;
  return -1;
}

/** Unpacked, as far as it goes up to one byte more than it may be; null where it is no deflated stream. @param {Uint8Array} packed @param {number} size */
async function inflate(packed, size) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)]).stream();
  const reader = stream.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const whole = new Uint8Array(size);
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return whole.subarray(0, length);
      if (length + value.length > size) {
        await reader.cancel();
        return null;
      }
      whole.set(value, length);
      length += value.length;
    }
  } catch {
    return null;
  }
}

/** CRC-32. @param {Uint8Array} bytes */
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = kCrcs[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
