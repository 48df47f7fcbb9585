// A list of picture files to samples, a few at a time: opened (JPEG by one decoder everywhere, what else there is by the decoder at hand),
// resized, and listed with a reason where one cannot be used. The same file works in the page's thread, in a worker and in Node.
import { browserDecoder } from './browser_decoder.js';
import { inNode, nodeModule, whyUnreadable } from './files.js';
import { jpegDecoder } from './jpeg.js';
import { nodeDecoder } from './node_decoder.js';
import { isWhole, pictureKind, pictureSize, Refusal, Undecodable } from './picture_file.js';
import { Resampling } from './resample.js';

const kMaximumBytes = 20e6;
const kMaximumPixels = 50e6;
const kAtOnce = inNode ? 4 : 2; // in a page there are several workers

/**
 * @typedef {import('./picture_file.js').Kind} Kind
 * @typedef {import('./browser_decoder.js').Picture} Picture
 * @typedef {import('./resample.js').Target} Target
 * @typedef {(bytes: Uint8Array, kind: Kind) => Promise<Picture>} Open
 * @typedef {{ index: number, code: import('./index.d.ts').RejectedImage['code'], reason: string, kind?: string }} Rejection
 * @typedef {{ inputs: import('./array_types.js').Bytes[], accepted: number[], rejected: Rejection[] }} Decoded  `inputs`: for each target
 */

/** How many bytes a picture has, made to a target. @param {Target} target */
export const bytesOf = ({ height, width, channels }) => height * width * channels;

/** One of the pictures that are made to a target. @param {Uint8Array} list @param {number} at @param {Target} target */
export const sampleOf = (list, at, target) => list.subarray(at * bytesOf(target), (at + 1) * bytesOf(target));

/**
 * @param {Array<Blob | Uint8Array | string>} files
 * @param {Target[]} targets  what each picture is made to
 * @param {{ signal?: AbortSignal, onProgress?: (done: number, total: number) => void }} [watch]
 * @returns {Promise<Decoded>}
 */
export async function decodeAll(files, targets, { signal, onProgress } = {}) {
  const openJpeg = whenNeeded(jpegDecoder);
  const openAny = whenNeeded(() => (inNode ? nodeDecoder(kMaximumPixels) : browserDecoder()));
  const inputs = targets.map((target) => new Uint8Array(files.length * bytesOf(target)));
  /** @type {Array<Rejection | undefined>} */
  const refused = new Array(files.length);
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < files.length && !signal?.aborted) {
      const index = next++;
      try {
        const outputs = inputs.map((list, i) => sampleOf(list, index, targets[i]));
        await decodeOne(await contentOf(files[index]), { openJpeg, openAny }, targets, outputs);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { code, message, kind } = error;
        refused[index] = { index, code, reason: message, ...(kind && { kind }) };
      }
      onProgress?.(++done, files.length);
    }
  };
  await Promise.all(Array.from({ length: kAtOnce }, work));
  signal?.throwIfAborted();

  const accepted = files.map((_file, index) => index).filter((index) => !refused[index]);
  return {
    inputs: inputs.map((list, i) => {
      accepted.forEach(
        (index, place) => index !== place && sampleOf(list, place, targets[i]).set(sampleOf(list, index, targets[i])),
      );
      return accepted.length < files.length ? list.slice(0, accepted.length * bytesOf(targets[i])) : list;
    }),
    accepted,
    rejected: refused.filter((entry) => entry !== undefined),
  };
}

/** A decoder that is loaded for the first picture that is opened by it. @param {() => Promise<(...file: Parameters<Open>) => Promise<Picture> | Picture>} load @returns {Open} */
function whenNeeded(load) {
  /** @type {ReturnType<typeof load> | undefined} */
  let loading;
  return async (bytes, kind) => (await (loading ??= load()))(bytes, kind);
}

/**
 * @param {Uint8Array} bytes
 * @param {{ openJpeg: Open, openAny: Open }} decoders
 * @param {Target[]} targets
 * @param {Uint8Array[]} outputs  for each target
 */
async function decodeOne(bytes, { openJpeg, openAny }, targets, outputs) {
  const kind = pictureKind(bytes);
  if (!kind) throw new Refusal('format', 'it is no picture: neither PNG, JPEG, WebP, AVIF, GIF nor BMP');
  const size = pictureSize(bytes, kind);
  if (kind.taken === 'never') throw notTaken(kind);
  if (size && size.width * size.height > kMaximumPixels) throw tooManyPixels(size);
  if (size && !isWhole(bytes, kind)) throw new Refusal('damaged', 'it is cut off');
  for (const open of kind.name === 'JPEG' ? [openJpeg, openAny] : [openAny]) {
    try {
      return await resize(await open(bytes, kind), targets, outputs);
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
    }
  }
  throw kind.taken === 'always' ? new Refusal('damaged', 'it does not decode') : notTaken(kind);
}

/** @param {Picture} picture @param {Target[]} targets @param {Uint8Array[]} outputs */
async function resize(picture, targets, outputs) {
  try {
    if (picture.width * picture.height > kMaximumPixels) throw tooManyPixels(picture);
    const { orientation, reductions } = picture;
    const resamplings = targets.map((target) => new Resampling(picture, orientation, target, reductions));
    picture.readAll?.(resamplings);
    for (const [i, resampling] of resamplings.entries()) {
      await picture.read?.(resampling.rectangle, (...rows) => resampling.add(...rows));
      resampling.finish(outputs[i]);
    }
  } finally {
    picture.close();
  }
}

/** @param {{ width: number, height: number }} size */
const tooManyPixels = ({ width, height }) =>
  new Refusal('pixels', `it has ${width} x ${height} pixels; the limit is 50 million`);

/** @param {Kind} kind */
const notTaken = ({ name }) =>
  new Refusal(
    'format',
    `it is ${/^([aeio]|SVG)/i.test(name) ? 'an' : 'a'} ${name} file, which is not read here: save it as PNG or JPEG`,
    name,
  );

/**
 * @param {Blob | Uint8Array | string} file  in Node a string is a path
 * @returns {Promise<Uint8Array>}
 */
async function contentOf(file) {
  if (typeof file === 'string') return contentOfPath(file);
  const size = file instanceof Blob ? file.size : file.byteLength;
  if (size > kMaximumBytes) throw tooLarge(size);
  if (!(file instanceof Blob)) return file;
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Refusal('missing', 'it can no longer be read');
  }
}

/** @param {string} path @returns {Promise<Uint8Array>} */
async function contentOfPath(path) {
  const { readFile, stat } = await nodeModule('node:fs/promises');
  try {
    const { size } = await stat(path);
    if (size > kMaximumBytes) throw tooLarge(size);
    return await readFile(path);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('missing', whyUnreadable(error));
  }
}

/** @param {number} bytes */
const tooLarge = (bytes) => new Refusal('bytes', `it is ${Math.ceil(bytes / 1e6)} MB large; the limit is 20 MB`);
