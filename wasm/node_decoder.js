// Pictures other than plain JPEG opened by sharp, in Node: an optional package, as no page needs it.
//
// Its decoders give what browsers give, but for CMYK, which it takes through a colour profile of its own: those samples are taken as they
// are, and mixed as browsers do.
import { takeOrientation, Undecodable } from './picture_file.js';

/**
 * @typedef {import('./browser_decoder.js').Picture} Picture
 * @typedef {import('./picture_file.js').Kind} Kind
 */

/**
 * What opens files here.
 * @param {number} most  pixels of a picture
 * @returns {Promise<(bytes: Uint8Array, kind: Kind) => Promise<Picture>>}
 */
export async function nodeDecoder(most) {
  /** @type {any} */
  let sharp;
  try {
    const name = 'sharp'; // as a value, so that no bundler of a page tries to follow it
    sharp = (await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ name)).default;
  } catch {
    throw new Error(
      'Reading other pictures than plain JPEG in Node needs the optional package sharp: npm install sharp',
    );
  }
  return async (bytes, kind) => {
    const opened = sharp(bytes, { failOn: 'error', limitInputPixels: most, ignoreIcc: true });
    const { width, height, space } = await opened.metadata().catch(fail);
    const isInk = space === 'cmyk';
    return {
      width,
      height,
      orientation: takeOrientation(bytes, kind).orientation,
      async read({ x, y, width, height }, sink) {
        const part = opened.clone().extract({ left: x, top: y, width, height });
        const samples = isInk ? part.pipelineColourspace('cmyk').toColourspace('cmyk') : part.toColourspace('srgb');
        const { data, info } = await samples.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }).catch(fail);
        if (isInk) mixInks(data);
        sink(data, isInk ? 'rgbx' : info.channels === 4 ? 'rgba' : 'rgb', 0, height);
      },
      close() {},
    };
  };
}

/** @returns {never} */
function fail() {
  throw new Undecodable();
}

/** CMYK to RGB in place, rounded down as browsers do. @param {Uint8Array} samples */
function mixInks(samples) {
  for (let at = 0; at < samples.length; at += 4) {
    const light = 255 - samples[at + 3];
    for (let i = at; i < at + 3; i++) samples[i] = ((255 - samples[i]) * light) / 255;
  }
}
