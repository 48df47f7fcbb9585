// Bursts as a hand makes them: of one photo, frames that are cut out a little further on each time, in changing light, as JPEG files.
import sharp from 'sharp';

/** @returns {() => number} from 0 to 1, the same ones for a seed */
export function numbers(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/**
 * @param {string} photo  a path
 * @param {{ frames: number, seed?: number, step?: number, taken?: (frame: number) => string }} options  step: how far the hand moves between
 *   two frames at most, as a share of the picture; taken: EXIF's time of each
 * @returns {Promise<Buffer[]>}
 */
export async function burstOf(photo, { frames, seed = 1, step = 0.004, taken }) {
  const next = numbers(seed);
  const { width, height } = await sharp(photo).metadata();
  const size = { width: Math.floor(width * 0.8), height: Math.floor(height * 0.8) };
  const move = (at) => Math.min(0.2, Math.max(0, at + (2 * next() - 1) * step));
  let [x, y] = [0.1, 0.1];
  const files = [];
  for (let frame = 0; frame < frames; frame++) {
    [x, y] = [move(x), move(y)];
    const picture = sharp(photo)
      .extract({ left: Math.floor(x * width), top: Math.floor(y * height), ...size })
      .modulate({ brightness: 1 + (next() - 0.5) * 0.06 });
    const timed = taken ? picture.withExif({ IFD2: { DateTimeOriginal: taken(frame) } }) : picture;
    files.push(await timed.jpeg({ quality: 70 + Math.floor(20 * next()) }).toBuffer());
  }
  return files;
}
