// Real photos (tests/photos) as files of every kind that is decoded.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { photoFolder } from './photos.js';

/** Numbers from 0 to 1 that are the same in every run. */
export function numbers(seed = 1) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** A photo, landscape unless asked for otherwise. @returns {Promise<import('sharp').Sharp>} */
export async function photo({ width = 320, height = 213, seed = 1 } = {}) {
  const files = readdirSync(photoFolder, { recursive: true })
    .filter((name) => /\.jpg$/.test(name))
    .sort();
  const file = readFileSync(join(photoFolder, files[seed % files.length]));
  return sharp(await sharp(file).resize(width, height, { fit: 'cover' }).removeAlpha().png().toBuffer());
}

/** The same with every opacity from none to all. */
export async function transparent(picture) {
  const { data, info } = await picture.clone().ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let i = 0; i < info.width * info.height; i++) data[4 * i + 3] = (i * 7) % 256;
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 4 } });
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  return byte;
});
const checksum = (bytes) => {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = table[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
};
const big = (number) => Buffer.from([number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255]);
const chunk = (type, content) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(content)]);
  return Buffer.concat([big(content.length), body, big(checksum(body))]);
};
const channelsOf = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** A PNG of any colour type and depth, with noise in it, each row filtered in another way; `chunks`: more of them, before the pixels. */
export function pngOf({ width = 61, height = 43, depth = 8, type = 2, seed = 1, chunks = {} }) {
  const next = numbers(seed);
  const bytes = Math.ceil((width * depth * channelsOf[type]) / 8);
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([y % 5, ...Array.from({ length: bytes }, () => next() * 256)]),
  );
  const header = [...big(width), ...big(height), depth, type, 0, 0, 0];
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...Object.entries(chunks).map(([name, content]) => chunk(name, content)),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', []),
  ]);
}

/** A BMP of 24 bits, upside down as most are. */
export function bmpOf(width, height, colourAt) {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) file.set(colourAt(x, y).reverse(), 54 + (height - 1 - y) * stride + 3 * x);
  return file;
}

/** A JPEG with bytes that belong to nothing before one of its markers, as some cameras and editors leave them. */
export function withStrayBytes(jpeg, marker) {
  const at = jpeg.indexOf(Buffer.from([0xff, marker]));
  return Buffer.concat([jpeg.subarray(0, at), Buffer.from([0x00, 0x17, 0xff, 0x00, 0x2a]), jpeg.subarray(at)]);
}

/** Every form of file whose samples are promised to be the same everywhere. @returns {Promise<Record<string, Buffer>>} */
export async function everyForm() {
  const [landscape, portrait] = [await photo(), await photo({ width: 181, height: 240, seed: 5 })];
  const small = await photo({ width: 90, height: 62, seed: 3 });
  const clear = await transparent(small);
  const turned = (orientation, picture = small) => picture.clone().withMetadata({ orientation });
  /** @type {Record<string, Promise<Buffer> | Buffer>} */
  const files = {
    'landscape.jpg': landscape.clone().jpeg({ quality: 92 }).toBuffer(),
    'portrait.jpg': portrait.clone().jpeg({ quality: 70 }).toBuffer(),
    'progressive.jpg': landscape.clone().jpeg({ progressive: true }).toBuffer(),
    'large.jpg': (await photo({ width: 1203, height: 802, seed: 2 })).jpeg({ quality: 85 }).toBuffer(),
    '444.jpg': landscape.clone().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    'grey.jpg': landscape.clone().greyscale().jpeg().toBuffer(),
    'display-p3.jpg': portrait.clone().withIccProfile('p3').jpeg().toBuffer(),
    'cmyk.jpg': landscape.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'rgb.png': portrait.clone().png().toBuffer(),
    'palette.png': portrait.clone().png({ palette: true }).toBuffer(),
    'interlaced.png': portrait.clone().png({ progressive: true }).toBuffer(),
    'transparent.png': clear.clone().png().toBuffer(),
    'lossy.webp': landscape.clone().webp({ quality: 80 }).toBuffer(),
    'lossless.webp': landscape.clone().webp({ lossless: true }).toBuffer(),
    'transparent.webp': clear.clone().webp({ quality: 85 }).toBuffer(),
    'transparent-lossless.webp': clear.clone().webp({ lossless: true, exact: true }).toBuffer(),
    'picture.gif': small.clone().gif().toBuffer(),
    'turned-6.png': turned(6).png().toBuffer(),
    'turned-3.webp': turned(3).webp({ lossless: true }).toBuffer(),
    'turned-8.webp': turned(8, clear).webp().toBuffer(),
    'gamma.png': pngOf({ chunks: { gAMA: big(30000) } }),
    'one-colour-clear.png': pngOf({ depth: 2, type: 0, chunks: { tRNS: [0, 2] } }),
  };
  for (let o = 1; o <= 8; o++) files[`turned-${o}.jpg`] = turned(o).jpeg().toBuffer();
  for (const type of [0, 2, 4, 6]) files[`16-bit-${type}.png`] = pngOf({ depth: 16, type });
  for (const marker of [0xdb, 0xc0, 0xda]) {
    files[`stray-${marker}.jpg`] = small
      .clone()
      .withMetadata({ density: 96 })
      .jpeg()
      .toBuffer()
      .then((jpeg) => withStrayBytes(jpeg, marker));
  }
  return Object.fromEntries(await Promise.all(Object.entries(files).map(async ([name, file]) => [name, await file])));
}
