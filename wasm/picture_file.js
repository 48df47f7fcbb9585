// What a picture file says of itself, before any decoder sees it: its size, and whether it is all there.
//
// A small file can claim a huge picture, and some browsers show the half of a cut-off file that others refuse.

/** @param {Uint8Array} bytes */
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** @param {Uint8Array} bytes @param {number} offset */
const tagAt = (bytes, offset) => String.fromCharCode(...bytes.subarray(offset, offset + 4));

/**
 * Width and height out of the header, before anything is unpacked: a small file can claim a huge picture.
 * @param {Uint8Array} bytes
 * @returns {{ width: number, height: number } | null}  null: neither PNG, JPEG nor WebP
 */
export function pictureSize(bytes) {
  const view = viewOf(bytes);
  const tag = (/** @type {number} */ offset) => tagAt(bytes, offset);
  if (bytes.length < 30) return null;
  if (view.getUint32(0) === 0x89504e47 && tag(12) === 'IHDR') {
    return { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (tag(0) === 'RIFF' && tag(8) === 'WEBP') {
    if (tag(12) === 'VP8X') {
      return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
    }
    if (tag(12) === 'VP8L') {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    if (tag(12) === 'VP8 ')
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    return null;
  }
  if (view.getUint16(0) !== 0xffd8) return null;
  // JPEG: walk the segments to the frame header, SOF0..SOF15 but for DHT, JPG and DAC which share its range.
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    const bare = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += bare ? (marker === 0xff ? 1 : 2) : 2 + view.getUint16(at + 2);
  }
  return null;
}

/**
 * Whether the file reaches its own end: PNG's last chunk, JPEG's end marker, the length that WebP states.
 * @param {Uint8Array} bytes  of a picture whose size is known
 */
export function isWhole(bytes) {
  const view = viewOf(bytes);
  if (bytes[0] === 0x89) {
    let at = 8;
    while (at + 12 <= bytes.length && tagAt(bytes, at + 4) !== 'IEND') at += 12 + view.getUint32(at);
    return at + 12 <= bytes.length;
  }
  if (bytes[0] === 0x52) return view.getUint32(4, true) + 8 <= bytes.length;
  for (let at = bytes.length - 2; at > 0; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}
