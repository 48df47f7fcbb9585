// Grey 8-bit PNG, the one form that the texture photos come in (www.w3.org/TR/png). Colour, palettes, 16 bits and interlacing are
// refused: pictures of people's own go through the browser's or sharp's decoder. This one only makes the built-in set, and unlike
// those it never touches a pixel's value.
import { inflateSync } from 'node:zlib';

/** @param {Buffer} file */
export function decodeGreyPng(file) {
  const parts = [];
  let width = 0;
  let height = 0;
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const data = file.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      const [depth, color, , , interlace] = data.subarray(8);
      if (depth !== 8 || color !== 0 || interlace !== 0) throw new Error('expected a grey 8-bit PNG, not interlaced');
    }
    if (type === 'IDAT') parts.push(data);
    at += 12 + length;
  }
  const filtered = inflateSync(Buffer.concat(parts));
  const pixels = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (width + 1)];
    for (let x = 0; x < width; x++) {
      const here = y * width + x;
      const left = x > 0 ? pixels[here - 1] : 0;
      const up = y > 0 ? pixels[here - width] : 0;
      const corner = x > 0 && y > 0 ? pixels[here - width - 1] : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      pixels[here] = filtered[y * (width + 1) + 1 + x] + guess;
    }
  }
  return { width, height, pixels };
}

/** The neighbour that is nearest to left + up - corner. @param {number} left @param {number} up @param {number} corner */
function paeth(left, up, corner) {
  const [toLeft, toUp, toCorner] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
