// Real photos (tests/photos) in every form that people bring them in: upright and lying, each way that EXIF turns them, with transparency,
// grey, of few colours, in 16 bits, dark, tiny.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Folders glass, metal and paper, two photos each. */
export const photoFolder = fileURLToPath(new URL('../photos/trashnet', import.meta.url));
const photo = (name) => readFileSync(join(photoFolder, name));

/** A JPEG with an APP1 segment that holds EXIF's orientation, 1 to 8. @param {Buffer} jpeg @param {number} orientation */
export function turned(jpeg, orientation) {
  const directory = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const exif = [...Buffer.from('Exif\0\0MM'), 0, 42, 0, 0, 0, 8, ...directory];
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xe1, 0, exif.length + 2, ...exif]), jpeg.subarray(2)]);
}

/** Opaque in the middle, clear at the edges. @param {sharp.Sharp} picture */
async function fading(picture) {
  const { data, info } = await picture.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [(i % width) / width - 0.5, Math.floor(i / width) / height - 0.5];
    data[4 * i + 3] = Math.max(0, Math.min(255, 400 * (0.75 - 1.5 * Math.hypot(x, y))));
  }
  return sharp(data, { raw: { width, height, channels: 4 } });
}

/**
 * Writes them.
 * @param {string} folder  made here
 * @returns {Promise<string[]>} paths
 */
export async function writePhotos(folder) {
  mkdirSync(folder, { recursive: true });
  const [glass, metal, paper] = ['glass/glass74.jpg', 'metal/metal206.jpg', 'paper/paper385.jpg'].map(photo);
  const lying = (/** @type {Buffer} */ file) =>
    sharp(file).rotate(90).extract({ left: 21, top: 30, width: 299, height: 151 });
  /** @type {Record<string, Buffer | sharp.Sharp>} */
  const forms = {
    'upright.png': sharp(paper).png(),
    'lying.png': lying(metal).png(),
    'dark.png': sharp(glass).negate({ alpha: false }).png(),
    'fading.png': (await fading(sharp(glass))).png(),
    'fading lying.webp': (await fading(lying(metal))).webp({ lossless: true }),
    'few colours.png': (await fading(sharp(paper))).png({ palette: true, colours: 20 }),
    'grey.png': sharp(glass).toColourspace('b-w').png(),
    'grey in 16 bits.png': sharp(glass).toColourspace('grey16').png(),
    'colours in 16 bits.png': sharp(paper).toColourspace('rgb16').png(),
    'tiny.png': sharp(metal).resize(5, 3, { fit: 'fill' }).png(),
    'strip.png': sharp(paper).extract({ left: 40, top: 60, width: 2, height: 200 }).png(),
    'upright.jpg': paper,
    'lying.jpg': lying(glass).jpeg({ quality: 80, chromaSubsampling: '4:2:0' }),
    'grey.jpg': sharp(metal).toColourspace('b-w').jpeg(),
    'progressive.jpg': sharp(paper).jpeg({ progressive: true, quality: 60 }),
    'lossy.webp': sharp(metal).webp({ quality: 60 }),
  };
  for (let way = 1; way <= 8; way++) {
    forms[`turned ${way}.jpg`] = turned(metal, way);
    forms[`turned ${way}.png`] = lying(metal).withMetadata({ orientation: way }).png();
  }
  for (const [name, picture] of Object.entries(forms)) {
    writeFileSync(join(folder, name), Buffer.isBuffer(picture) ? picture : await picture.toBuffer());
  }
  return Object.keys(forms).map((name) => join(folder, name));
}
