// A clip for Chromium's fake camera, made of real photos: uncompressed YUV4MPEG2, each photo for a while, moved a little from frame to frame
// as a hand moves a camera.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const [width, height] = [320, 240];
const kFrames = 45; // of each photo: a second and a half
const kWay = 24; // pixels that the camera moves

const photo = (path) => fileURLToPath(new URL(`../photos/trashnet/${path}`, import.meta.url));

/** Two that the mean colour tells apart: brown glass on brown ground, and a red can on white. */
export const photos = [photo('glass/glass221.jpg'), photo('metal/metal206.jpg')];

/** A frame's three planes, the colours at half the size. @param {Buffer} rgb */
function planesOf(rgb) {
  const bright = Buffer.alloc(width * height);
  const [blue, red] = [0, 1].map(() => Buffer.alloc((width / 2) * (height / 2)));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
      bright[y * width + x] = 0.299 * r + 0.587 * g + 0.114 * b;
      if (x % 2 || y % 2) continue;
      const at = ((y / 2) * width) / 2 + x / 2;
      blue[at] = 128 - 0.169 * r - 0.331 * g + 0.5 * b;
      red[at] = 128 + 0.5 * r - 0.419 * g - 0.081 * b;
    }
  }
  return [Buffer.from('FRAME\n'), bright, blue, red];
}

/** Writes the clip. @param {string} path */
export async function writeClip(path) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\n`)];
  for (const file of photos) {
    const large = await sharp(file)
      .resize(width + kWay, height + kWay)
      .png()
      .toBuffer();
    for (let frame = 0; frame < kFrames; frame++) {
      const place = { left: frame % kWay, top: (frame * 5) % kWay, width, height };
      parts.push(...planesOf(await sharp(large).extract(place).removeAlpha().raw().toBuffer()));
    }
  }
  writeFileSync(path, Buffer.concat(parts));
}
