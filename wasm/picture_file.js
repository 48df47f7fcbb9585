// What a picture file says of itself, before any decoder sees it: its kind, its size, how it is to be turned, and whether it is all there.
//
// A small file can claim a huge picture, and some browsers show the half of a cut-off file that others refuse. Decoders disagree on
// EXIF's orientation (browsers leave WebP as it lies, and ignore the option that should leave every kind so): it is read here, and
// taken out of what a decoder gets. Damage is a decoder's to find: what cannot be read here is null. Each walk is linear in the file.

/**
 * @typedef {{ width: number, height: number }} Size
 * @typedef {{ name: string, type: string, taken: 'always' | 'perhaps' | 'never' }} Kind  taken: whether decoders read it
 * @typedef {[start: number, end: number]} Range  of bytes
 */

/** @param {Uint8Array} bytes */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param {Uint8Array} bytes @param {number} offset @param {number} [length] */
const textAt = (bytes, offset, length = 4) => String.fromCharCode(...bytes.subarray(offset, offset + length));

/** Four letters as the number that they are in a file, which is compared faster. */
export const tag = (/** @type {string} */ letters) =>
  viewOf(Uint8Array.from(letters, (one) => one.charCodeAt(0))).getUint32(0);

const kTags = Object.fromEntries(['IEND', 'eXIf', 'EXIF', 'meta', 'ispe'].map((letters) => [letters, tag(letters)]));

/** How each kind begins, by its first 64 bytes as text. @type {Array<[RegExp, Kind]>} */
const kKinds = [
  [/^\x89PNG\r\n\x1a\n/, { name: 'PNG', type: 'image/png', taken: 'always' }],
  [/^\xff\xd8/, { name: 'JPEG', type: 'image/jpeg', taken: 'always' }],
  [/^RIFF....WEBP/s, { name: 'WebP', type: 'image/webp', taken: 'always' }],
  [/^GIF8[79]a/, { name: 'GIF', type: 'image/gif', taken: 'always' }],
  [/^BM.{12}[\x0c-\x7c]\0\0\0/s, { name: 'BMP', type: 'image/bmp', taken: 'perhaps' }],
  [/^.{4}ftyp(.{4})*?avi[fs]/s, { name: 'AVIF', type: 'image/avif', taken: 'perhaps' }],
  [/^.{4}ftyp(hei|hev|mif1|msf1)/s, { name: 'HEIC', type: 'image/heic', taken: 'perhaps' }],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, { name: 'JPEG XL', type: 'image/jxl', taken: 'perhaps' }],
  // Never tried: some decoders would take the small preview that lies first in a camera's raw photo, or draw what has no pixels.
  [/^(II\x2a\0|MM\0\x2a|II\x2b\0|MM\0\x2b)/, { name: 'TIFF or raw', type: '', taken: 'never' }],
  [/^(\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/, { name: 'JPEG 2000', type: '', taken: 'never' }],
  [/^8BPS/, { name: 'Photoshop', type: '', taken: 'never' }],
  [/^\0\0[\x01\x02]\0/, { name: 'icon', type: '', taken: 'never' }],
  [/^%PDF/, { name: 'PDF', type: '', taken: 'never' }],
  [/^(.{4}ftyp|\x1a\x45\xdf\xa3)/s, { name: 'video', type: '', taken: 'never' }],
];
const kHead = 64;
// Of EXIF: how the picture lies, where its own directory is, when it was taken, and the digits behind the second.
const [kOrientationTag, kExifTag, kTakenTag, kFractionTag] = [0x0112, 0x8769, 0x9003, 0x9291];
const kScan = 0xda; // JPEG's start of scan: pixels follow
const kShort = 3; // TIFF's 16 bits
const kSvgHead = 1000;

/**
 * What kind of picture a file is, by its first bytes; its name says nothing.
 * @param {Uint8Array} bytes
 * @returns {Kind | null}  null: none that is known
 */
export function pictureKind(bytes) {
  const head = textAt(bytes, 0, kHead);
  const [, kind] = kKinds.find(([start]) => start.test(head)) ?? [];
  if (kind) return kind;
  const isSvg = /^(\xef\xbb\xbf)?\s*</.test(head) && textAt(bytes, 0, kSvgHead).includes('<svg');
  return isSvg ? { name: 'SVG', type: '', taken: 'never' } : null;
}

/**
 * PNG's chunks.
 * @param {Uint8Array} bytes
 * @returns {Generator<[tag: number, ...Range]>}
 */
export function* pngChunks(bytes) {
  const view = viewOf(bytes);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    yield [view.getUint32(at + 4), at + 8, end];
    at = end + 4;
  }
}

/**
 * JPEG's segments up to the first scan. As decoders do, whatever stands before a marker is skipped: stray bytes, FF 00, more FF.
 * @param {Uint8Array} bytes
 * @returns {Generator<[marker: number, ...Range]>}  of what follows the segment's length
 */
function* jpegSegments(bytes) {
  const view = viewOf(bytes);
  for (let at = 2; ;) {
    while (at + 3 < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && bytes[at + 1] !== 0xff)) at++;
    if (at + 3 >= bytes.length) return;
    const marker = bytes[at + 1];
    at += 2;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)) continue; // these stand alone
    const end = at + view.getUint16(at);
    yield [marker, at + 2, end];
    if (marker === kScan) return;
    at = Math.max(end, at + 2);
  }
}

/**
 * WebP's chunks.
 * @param {Uint8Array} bytes
 * @returns {Generator<[tag: number, ...Range]>}
 */
function* webpChunks(bytes) {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    yield [view.getUint32(at), at + 8, at + 8 + length];
    at += 8 + length + (length & 1);
  }
}

/**
 * The boxes of an ISO base media file (AVIF, HEIC), those at its top.
 * @param {Uint8Array} bytes
 * @returns {Generator<[tag: number, ...Range]>}
 */
function* isoBoxes(bytes) {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length;) {
    const short = view.getUint32(at);
    const isLong = short === 1 && at + 16 <= bytes.length;
    const length = isLong ? Number(view.getBigUint64(at + 8)) : short || bytes.length - at;
    if (length < 8) return;
    yield [view.getUint32(at + 4), at + 8, at + length];
    at += length;
  }
}

/**
 * Width and height out of the header, before anything is unpacked.
 * @param {Uint8Array} bytes
 * @param {Kind | null} [kind]
 * @returns {Size | null}  null: they are not told
 */
export function pictureSize(bytes, kind = pictureKind(bytes)) {
  if (bytes.length < 30) return null;
  const view = viewOf(bytes);
  switch (kind?.name) {
    case 'PNG':
      return textAt(bytes, 12) === 'IHDR' ? { width: view.getUint32(16), height: view.getUint32(20) } : null;
    case 'JPEG':
      for (const [marker, start, end] of jpegSegments(bytes)) {
        // The frame header, SOF0..SOF15 but for DHT, JPG and DAC, which share its range.
        const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
        if (isFrame && start + 5 <= Math.min(end, bytes.length))
          return { width: view.getUint16(start + 3), height: view.getUint16(start + 1) };
      }
      return null;
    case 'WebP':
      return webpSize(bytes, view);
    case 'GIF':
      return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    case 'BMP': {
      if (view.getUint32(14, true) === 12) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
      return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
    }
    case 'AVIF':
    case 'HEIC':
      return isoSize(bytes, view);
    default:
      return null;
  }
}

/** @param {Uint8Array} bytes @param {DataView} view @returns {Size | null} */
function webpSize(bytes, view) {
  switch (textAt(bytes, 12)) {
    case 'VP8X':
      return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return null;
  }
}

/** The largest of the extents (`ispe`) of what the file holds: the picture, its tiles, its thumbnail. @param {Uint8Array} bytes @param {DataView} view */
function isoSize(bytes, view) {
  /** @type {Size | null} */
  let largest = null;
  for (const [type, start, end] of isoBoxes(bytes)) {
    if (type !== kTags.meta) continue;
    const last = Math.min(end, bytes.length) - 16;
    for (let at = bytes.indexOf(0x69, start); at >= 0 && at <= last; at = bytes.indexOf(0x69, at + 1)) {
      if (view.getUint32(at) !== kTags.ispe) continue;
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      if (!largest || width * height > largest.width * largest.height) largest = { width, height };
    }
  }
  return largest;
}

/**
 * Whether the file reaches its own end, as far as its kind tells one.
 * @param {Uint8Array} bytes
 * @param {Kind | null} [kind]
 */
export function isWhole(bytes, kind = pictureKind(bytes)) {
  const view = viewOf(bytes);
  switch (kind?.name) {
    case 'PNG':
      for (const [type] of pngChunks(bytes)) if (type === kTags.IEND) return true;
      return false;
    case 'JPEG': {
      // An end marker behind the first scan: one before it is that of a thumbnail.
      let scan = bytes.length;
      for (const [marker, start] of jpegSegments(bytes)) if (marker === kScan) scan = start;
      for (let at = bytes.length - 2; at >= scan; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
      return false;
    }
    case 'WebP':
      return view.getUint32(4, true) + 8 <= bytes.length;
    case 'GIF':
      return gifFrameEnds(bytes);
    case 'BMP':
      return view.getUint32(10, true) + bmpBytes(bytes, view) <= bytes.length;
    case 'AVIF':
    case 'HEIC':
      for (const [, , end] of isoBoxes(bytes)) if (end > bytes.length) return false;
      return true;
    default:
      return true;
  }
}

/** The bytes of a BMP's pixels; 1 where they are packed. @param {Uint8Array} bytes @param {DataView} view */
function bmpBytes(bytes, view) {
  const isOld = view.getUint32(14, true) === 12;
  const packing = isOld || bytes.length < 34 ? 0 : view.getUint32(30, true);
  const size = pictureSize(bytes);
  if (!size || (packing !== 0 && packing !== 3)) return 1;
  return Math.ceil((size.width * view.getUint16(isOld ? 24 : 28, true)) / 32) * 4 * size.height;
}

/** Whether a GIF's first frame, the one that is taken, has its last block. @param {Uint8Array} bytes */
function gifFrameEnds(bytes) {
  const tableBytes = (/** @type {number} */ flags) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  const behindBlocks = (/** @type {number} */ at) => {
    while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at];
    return at + 1;
  };
  let at = 13 + tableBytes(bytes[10]);
  while (bytes[at] === 0x21) at = behindBlocks(at + 2); // extensions
  if (bytes[at] !== 0x2c) return false;
  return behindBlocks(at + 11 + tableBytes(bytes[at + 9])) <= bytes.length;
}

/** Where the file keeps its EXIF: a TIFF file of its own. @param {Uint8Array} bytes @param {Kind} kind @returns {Range | null} */
function exifOf(bytes, kind) {
  if (kind.name === 'PNG') {
    for (const [type, start, end] of pngChunks(bytes)) if (type === kTags.eXIf) return [start, end];
  } else if (kind.name === 'JPEG') {
    for (const [marker, start, end] of jpegSegments(bytes))
      if (marker === 0xe1 && textAt(bytes, start, 6) === 'Exif\0\0') return [start + 6, end];
  } else if (kind.name === 'WebP') {
    for (const [type, start, end] of webpChunks(bytes))
      if (type === kTags.EXIF) return [textAt(bytes, start, 6) === 'Exif\0\0' ? start + 6 : start, end];
  }
  return null;
}

/**
 * The entries of one directory of a TIFF file; none where it lies behind the file's end.
 * @param {DataView} tiff
 * @param {number} start
 * @param {boolean} little
 * @returns {Generator<{ tag: number, type: number, count: number, value: number }>}  value: where its value stands
 */
function* tiffEntries(tiff, start, little) {
  const entries = start + 2 <= tiff.byteLength ? tiff.getUint16(start, little) : 0;
  for (let at = start + 2; at < start + 2 + 12 * entries && at + 12 <= tiff.byteLength; at += 12) {
    yield {
      tag: tiff.getUint16(at, little),
      type: tiff.getUint16(at + 2, little),
      count: tiff.getUint32(at + 4, little),
      value: at + 8,
    };
  }
}

/** A file's EXIF as its TIFF file, with the place in the file; null where there is none. @param {Uint8Array} bytes @param {Kind} kind */
function exifTiff(bytes, kind) {
  const [start, end] = exifOf(bytes, kind) ?? [0, 0];
  const tiff = viewOf(bytes.subarray(start, end));
  const order = tiff.byteLength < 14 ? '' : textAt(bytes, start, 2);
  return order === 'II' || order === 'MM' ? { start, tiff, little: order === 'II' } : null;
}

/**
 * When the shutter was released, by EXIF's DateTimeOriginal: the beginning of a JPEG file is enough.
 * @param {Uint8Array} bytes
 * @returns {number | null}  seconds of the camera's own clock, whatever its zone; null: not told
 */
export function capturedAt(bytes) {
  const kind = pictureKind(bytes);
  const exif = kind && exifTiff(bytes, kind);
  if (!exif) return null;
  const { start, tiff, little } = exif;
  for (const { tag: name, value } of tiffEntries(tiff, tiff.getUint32(4, little), little)) {
    if (name !== kExifTag) continue;
    let [seconds, fraction] = [/** @type {number | null} */ (null), 0];
    for (const entry of tiffEntries(tiff, tiff.getUint32(value, little), little)) {
      const isLong = entry.count > 4;
      const text = () => textAt(bytes, start + (isLong ? tiff.getUint32(entry.value, little) : entry.value), 20);
      if (entry.tag === kTakenTag && isLong) seconds = secondsOf(text());
      else if (entry.tag === kFractionTag) fraction = Number(`.${/^\d*/.exec(text().slice(0, entry.count))}0`);
    }
    return seconds === null ? null : seconds + fraction;
  }
  return null;
}

/** Of "2026:11:29 15:04:05". @param {string} text @returns {number | null} */
function secondsOf(text) {
  const numbers = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text)?.slice(1).map(Number);
  if (!numbers || numbers[0] === 0) return null;
  const [year, month, ...rest] = numbers;
  return Date.UTC(year, month - 1, ...rest) / 1000;
}

/**
 * How the picture is to be turned, and the file without that.
 * @param {Uint8Array} bytes
 * @param {Kind} kind
 * @returns {{ orientation: number, upright: Uint8Array }}  orientation: EXIF's, 1 (as it lies) to 8; upright: the file as it is, or a
 *   copy whose orientation is 1
 */
export function takeOrientation(bytes, kind) {
  const asItLies = { orientation: 1, upright: bytes };
  const exif = exifTiff(bytes, kind);
  if (!exif) return asItLies;
  const { start, tiff, little } = exif;
  for (const { tag: name, type, value } of tiffEntries(tiff, tiff.getUint32(4, little), little)) {
    if (name !== kOrientationTag || type !== kShort) continue;
    const orientation = tiff.getUint16(value, little);
    if (!(orientation >= 2 && orientation <= 8)) return asItLies;
    const upright = new Uint8Array(bytes);
    // PNG's checksum is wrong then, for which a decoder drops this chunk or lets it be.
    viewOf(upright).setUint16(start + value, 1, little);
    return { orientation, upright };
  }
  return asItLies;
}

/** Why a picture is left out. */
export class Refusal extends Error {
  /**
   * @param {import('./picture_types.js').RejectedImage['code']} code
   * @param {string} message
   * @param {string} [kind]  where its kind is known and not read here
   */
  constructor(code, message, kind) {
    super(message);
    this.code = code;
    this.kind = kind;
  }
}

/** What a decoder throws that cannot read a file: it is damaged, or of a kind that this decoder does not know. */
export class Undecodable extends Error {}
