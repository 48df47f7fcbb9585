// Pictures to samples, uint8 (N,H,W,C): the public door. In a page they are decoded by workers, so that the page goes on; in a worker and
// in Node in the caller's thread (sharp, which opens what is no JPEG there, has threads of its own). decoding.js and what it imports are the way of
// a file.
import { toldPlace, toldPlaces } from './assets.js';
import { bytesOf, decodeAll, sampleOf } from './decoding.js';
import { InputError, inWords, problem } from './experiment.js';
import { inNode } from './files.js';
import { besideOf, isForeign, webWorker } from './web_worker.js';

/**
 * @typedef {import('./index.d.ts').DecodeOptions} DecodeOptions
 * @typedef {import('./index.d.ts').DecodedImages} DecodedImages
 * @typedef {import('./decoding.js').Decoded} Decoded
 * @typedef {import('./decoding.js').Target} Target
 * @typedef {Array<Blob | Uint8Array | string>} Files
 */

const mostWorkers = () => Math.min(4, navigator.hardwareConcurrency || 1);
const kIdle = 10_000; // milliseconds that a worker is kept for the next list: to start and to warm up takes it as long as two large photos do
const kAwaiting = 60_000; // and for one that somebody looks for in a picker: most have found it in a minute, and who has not waits as without

/** Workers that have said that they run. @type {WeakSet<Worker>} */
const running = new WeakSet();

/** Workers that wait for a list, and when each is to end. @type {Array<{ worker: Worker, end: ReturnType<typeof setTimeout> }>} */
const idle = [];

/** Keeps a worker for the next list, for a while. @param {Worker} worker @param {number} wait  milliseconds */
function rest(worker, wait) {
  idle.push({ worker, end: setTimeout(() => leave(worker), wait) });
}

/** Ends one that waits. @param {Worker} worker */
function leave(worker) {
  const at = idle.findIndex((one) => one.worker === worker);
  for (const { end } of idle.splice(at, 1)) clearTimeout(end);
  worker.terminate();
}

/** One that waits. @returns {Worker | undefined} */
function woken() {
  const { worker, end } = idle.pop() ?? {};
  clearTimeout(end);
  return worker;
}

/** Starts as many workers as a list may take: four photos take two thirds of the time, with one worker four fifths. */
export function warmUpDecoder() {
  if (typeof document === 'undefined') return; // the caller's thread decodes
  for (const rested of Array.from({ length: mostWorkers() }, woken)) {
    const worker = rested ?? startWorker();
    if (!worker) return;
    rest(worker, kAwaiting);
    if (!rested) warmUp(worker);
  }
}

/** Has one made ready that waits. @param {Worker} worker */
function warmUp(worker) {
  worker.onmessage = () => running.add(worker);
  worker.onerror = (event) => {
    event.preventDefault();
    leave(worker); // the list starts another, and goes on without where that fails too
  };
  worker.postMessage({ places: toldPlaces() });
}

/**
 * @param {Iterable<Blob | Uint8Array | string>} files  in Node a string is a path
 * @param {DecodeOptions} options
 * @returns {Promise<DecodedImages>}
 */
export async function decodeImages(files, options) {
  const targets = checkOptions(options);
  const list = [...files];
  list.forEach(checkFile);
  const { signal } = options;
  signal?.throwIfAborted();
  const inPage = typeof document !== 'undefined' && list.length > 0;
  const { inputs, accepted, rejected } = await (inPage ? decodeInWorkers : decodeAll)(list, targets, options);
  const [target] = targets;
  const [made, larger] = inputs;
  return {
    inputs: made,
    ...(larger && { larger }),
    shape: [target.height, target.width, target.channels],
    accepted,
    rejected: rejected.map(({ index, ...why }) => ({ index, name: nameOf(list[index], index), ...why })),
  };
}

/** @param {Omit<DecodeOptions, 'onProgress' | 'signal'>} options @returns {Target[]} */
export function checkOptions({ size, larger, channels = 3, fit = 'crop' }) {
  const problems = [];
  const sides = larger === undefined ? { size } : { size, larger };
  for (const [path, given] of Object.entries(sides)) {
    if (!sidesOf(given).every((side) => Number.isInteger(side) && side >= 1 && side <= 1024))
      problems.push({ path, expected: 'an integer from 1 to 1024, or two of them', given: inWords(given) });
  }
  if (channels !== 1 && channels !== 3)
    problems.push({ path: 'channels', expected: '1 or 3', given: inWords(channels) });
  if (!['crop', 'pad', 'stretch'].includes(fit)) {
    problems.push({ path: 'fit', expected: 'crop, pad or stretch', given: inWords(fit) });
  }
  if (problems.length) throw new InputError(problems);
  return Object.values(sides).map((given) => {
    const [height, width] = sidesOf(given);
    return { height, width, channels, fit };
  });
}

/** @param {number | [height: number, width: number]} size */
const sidesOf = (size) => (Array.isArray(size) ? size : [size, size]);

/** @param {Blob | Uint8Array | string} file @param {number} index */
function checkFile(file, index) {
  if (file instanceof Blob || file instanceof Uint8Array || (inNode && typeof file === 'string')) return;
  throw problem(
    `files[${index}]`,
    inNode ? 'a path, a Blob or a Uint8Array' : 'a File, a Blob or a Uint8Array',
    inWords(file),
  );
}

/**
 * @param {Blob | Uint8Array | string} file
 * @param {number} index
 */
function nameOf(file, index) {
  if (typeof file === 'string') return file;
  const { name, webkitRelativePath } = /** @type {File} */ (file);
  return webkitRelativePath || name || `picture ${index + 1}`;
}

/** A worker that decodes; null where none can be had, by a policy or for want of the file's own origin. */
function startWorker() {
  const name = 'trainground-pictures';
  const beside = besideOf(import.meta.url, 'images.js', 'picture_worker.js');
  const elsewhere = toldPlace('picture_worker.js') ?? (beside && isForeign(beside) ? beside : undefined);
  try {
    if (elsewhere) return webWorker(elsewhere, { name });
    // Bundlers know a worker by this very form.
    return new Worker(new URL('./picture_worker.js', import.meta.url), {
      type: 'module',
      name: 'trainground-pictures',
    });
  } catch {
    return null;
  }
}

/**
 * The same by several workers, each of which takes every so-manieth file.
 * @param {Files} files
 * @param {Target[]} targets
 * @param {DecodeOptions} options
 * @returns {Promise<Decoded>}
 */
async function decodeInWorkers(files, targets, { signal, onProgress }) {
  const count = Math.min(files.length, mostWorkers());
  const done = new Array(count).fill(0);
  const giveUp = new AbortController(); // also where one worker fails: the others need not go on
  const giveAllUp = () => giveUp.abort(signal?.reason);
  signal?.addEventListener('abort', giveAllUp);
  const shares = Array.from({ length: count }, (_, worker) =>
    decodeInWorker(
      files.filter((_file, index) => index % count === worker),
      targets,
      {
        signal: giveUp.signal,
        onProgress: (/** @type {number} */ part) => {
          done[worker] = part;
          onProgress?.(
            done.reduce((sum, each) => sum + each, 0),
            files.length,
          );
        },
      },
    ),
  );
  try {
    return joined(await Promise.all(shares), files.length, targets);
  } catch (error) {
    giveUp.abort(error);
    throw error;
  } finally {
    signal?.removeEventListener('abort', giveAllUp);
  }
}

/**
 * What the workers have decoded, in the order of the files.
 * @param {Decoded[]} shares
 * @param {number} length
 * @param {Target[]} targets
 * @returns {Decoded}
 */
function joined(shares, length, targets) {
  const placeOf = (/** @type {number} */ worker) => (/** @type {number} */ index) => index * shares.length + worker;
  /** @type {Array<{ share: Decoded, at: number } | undefined>} */
  const pictures = new Array(length);
  const rejected = shares.flatMap((share, worker) => {
    const place = placeOf(worker);
    share.accepted.forEach((index, at) => (pictures[place(index)] = { share, at }));
    return share.rejected.map((one) => ({ ...one, index: place(one.index) }));
  });
  const accepted = pictures.flatMap((picture, index) => (picture ? [index] : []));
  const inputs = targets.map((target, i) => {
    const all = new Uint8Array(accepted.length * bytesOf(target));
    accepted.forEach((index, to) => {
      const { share, at } = /** @type {{ share: Decoded, at: number }} */ (pictures[index]);
      sampleOf(all, to, target).set(sampleOf(share.inputs[i], at, target));
    });
    return all;
  });
  return { inputs, accepted, rejected: rejected.sort((a, b) => a.index - b.index) };
}

/**
 * Those of a list in a worker, which ends with a list that fails or is given up, and rests after any other. Where it does not start, this thread
 * decodes.
 * @param {Files} files
 * @param {Target[]} targets
 * @param {Pick<DecodeOptions, 'signal' | 'onProgress'>} options
 * @returns {Promise<Decoded>}
 */
async function decodeInWorker(files, targets, options) {
  const { signal, onProgress } = options;
  const worker = woken() ?? startWorker();
  if (!worker) return decodeAll(files, targets, options);
  /** @type {() => void} */
  let giveUp = () => {};
  let isDone = false;
  try {
    return await new Promise((resolve, reject) => {
      giveUp = () => reject(signal?.reason);
      signal?.addEventListener('abort', giveUp);
      worker.onerror = (event) => {
        event.preventDefault();
        if (running.has(worker)) reject(new Error(`The worker that decodes pictures has stopped: ${event.message}`));
        else resolve(decodeAll(files, targets, options));
      };
      worker.onmessage = ({ data: { done, decoded, error } }) => {
        running.add(worker);
        if (decoded) {
          isDone = true;
          resolve(decoded);
        } else if (error) reject(error);
        else if (done) report(done);
      };
      const report = (/** @type {number} */ done) => {
        try {
          onProgress?.(done, files.length);
        } catch (thrown) {
          reject(thrown);
        }
      };
      // As Blobs: of a view, a message would copy all that lies behind it.
      const list = files.map((file) =>
        file instanceof Uint8Array ? new Blob([/** @type {BlobPart} */ (file)]) : file,
      );
      worker.postMessage({ files: list, targets, places: toldPlaces() });
    });
  } finally {
    signal?.removeEventListener('abort', giveUp);
    if (isDone && !signal?.aborted) rest(worker, kIdle);
    else worker.terminate();
  }
}
