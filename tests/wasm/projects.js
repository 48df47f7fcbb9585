// Teachable Machine projects (.tm) as their page writes them (2.4.10): a stored zip without folders, manifest.json last.
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { photo } from './photo_files.js';

export const manifest = {
  type: 'image',
  version: '2.4.10',
  appdata: {
    publishResults: { token: 'secret-of-the-publisher', url: 'https://example.org/models/abc/' },
    trainEpochs: 50,
    trainBatchSize: 16,
    trainLearningRate: 0.001,
  },
};

/** @param {Record<string, Uint8Array | Buffer>} pictures  by their names, in order @param {any} [told]  the manifest; null: none */
export function projectOf(pictures, told = manifest) {
  const files = Object.entries(pictures).map(([name, bytes]) => [name, new Uint8Array(bytes)]);
  const last =
    told === null
      ? []
      : [['manifest.json', new TextEncoder().encode(typeof told === 'string' ? told : JSON.stringify(told))]];
  return zipSync(Object.fromEntries([...files, ...last]), { level: 0 });
}

/**
 * Frames as a webcam gives them: parts of one photo, each a little further on and a little noisy.
 * @param {{ seed: number, frames: number, side?: number }} clip
 */
export async function framesOf({ seed, frames, side = 64 }) {
  const whole = await photo({ width: 2 * side, height: 2 * side, seed });
  return Promise.all(
    Array.from({ length: frames }, (_, i) =>
      whole
        .clone()
        .extract({ left: i, top: Math.floor(i / 2), width: side, height: side })
        .jpeg({ quality: 90 - (i % 3) })
        .toBuffer(),
    ),
  );
}

/** Uniform pictures that are nothing like each other. @param {string} colour */
export const plain = (colour) =>
  sharp({ create: { width: 20, height: 30, channels: 3, background: colour } })
    .jpeg()
    .toBuffer();
