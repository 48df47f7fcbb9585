// Where the package's files lie that are fetched, or started as workers, rather than imported. Bundlers know a file by a URL that is written
// out, and carry it along; no-inline is for Vite, which would make a data: URL of a small one, and a strict policy refuses that. Where no
// bundler did so, or another origin has the files, `configure` says where they are.
import { inWords, problem } from './experiment.js';
import { here } from './files.js';

/** Functions, since a script that was put into one file has no address of its own to start from. @type {Record<string, () => URL>} */
const bundled = {
  'dist/single.mjs': () => new URL('./dist/single.mjs', import.meta.url),
  'dist/single.wasm': () => new URL('./dist/single.wasm', import.meta.url),
  'dist/threads.mjs': () => new URL('./dist/threads.mjs', import.meta.url),
  'dist/threads.wasm': () => new URL('./dist/threads.wasm', import.meta.url),
  'dist/threads.pool.mjs': () => new URL('./dist/threads.pool.mjs?no-inline', import.meta.url),
  'dist/float64.mjs': () => new URL('./dist/float64.mjs', import.meta.url),
  'dist/float64.wasm': () => new URL('./dist/float64.wasm', import.meta.url),
  'dist/jpeg.wasm': () => new URL('./dist/jpeg.wasm', import.meta.url),
  'data/digits.json': () => new URL('./data/digits.json?no-inline', import.meta.url),
  'data/digits.bin.gz': () => new URL('./data/digits.bin.gz', import.meta.url),
  'data/fashion.json': () => new URL('./data/fashion.json?no-inline', import.meta.url),
  'data/fashion.bin.gz': () => new URL('./data/fashion.bin.gz', import.meta.url),
  'data/fashion-6.json': () => new URL('./data/fashion-6.json?no-inline', import.meta.url),
  'data/fashion-6.backbone.json': () => new URL('./data/fashion-6.backbone.json?no-inline', import.meta.url),
  'data/fashion-6.safetensors': () => new URL('./data/fashion-6.safetensors', import.meta.url),
  'data/fashion-4.json': () => new URL('./data/fashion-4.json?no-inline', import.meta.url),
  'data/emoji.json': () => new URL('./data/emoji.json?no-inline', import.meta.url),
  'data/emoji.bin.gz': () => new URL('./data/emoji.bin.gz', import.meta.url),
  'data/textures.json': () => new URL('./data/textures.json?no-inline', import.meta.url),
  'data/textures.bin.gz': () => new URL('./data/textures.bin.gz', import.meta.url),
  'data/vegetables.json': () => new URL('./data/vegetables.json?no-inline', import.meta.url),
  'data/vegetables.bin.gz': () => new URL('./data/vegetables.bin.gz', import.meta.url),
  'data/vegetables-bursts.json': () => new URL('./data/vegetables-bursts.json?no-inline', import.meta.url),
  'data/iris.json': () => new URL('./data/iris.json?no-inline', import.meta.url),
  'data/iris.bin.gz': () => new URL('./data/iris.bin.gz?no-inline', import.meta.url),
  'data/efficientnet-lite0.backbone.json': () =>
    new URL('./data/efficientnet-lite0.backbone.json?no-inline', import.meta.url),
  'data/efficientnet-lite0.safetensors': () => new URL('./data/efficientnet-lite0.safetensors', import.meta.url),
};

const kScripts = ['engine_worker.js', 'picture_worker.js']; // a bundler makes something else of these: client.js and images.js start them

/** Places that were told, as absolute addresses by path. @type {Record<string, string>} */
let places = {};

/** What every worker must know too. */
export const toldPlaces = () => places;

/** @param {Record<string, string>} told  by another thread */
export function takePlaces(told) {
  places = told;
}

/** Where a file is by what was told; undefined: nothing was. @param {string} path */
export const toldPlace = (path) => places[path];

/** @param {import('./index.d.ts').Settings} settings */
export function configure({ assets } = {}) {
  const isFolder = typeof assets === 'string' || assets instanceof URL;
  if (!(isFolder || assets === undefined || typeof assets === 'function'))
    throw problem('assets', 'a URL, or a function from a path to a URL', inWords(assets));
  const folder = isFolder ? absolute(String(assets).replace(/\/?$/, '/'), 'assets') : undefined;
  const place = typeof assets === 'function' ? assets : (/** @type {string} */ path) => folder && new URL(path, folder);
  const paths = assets === undefined ? [] : [...kScripts, ...Object.keys(bundled)];
  const told = paths.map((path) => [path, place(path)]).filter(([, url]) => url !== undefined);
  places = Object.fromEntries(told.map(([path, url]) => [path, absolute(String(url), `assets('${path}')`).href]));
}

/** @param {string} url @param {string} option */
function absolute(url, option) {
  try {
    return new URL(url, here());
  } catch {
    throw problem(option, 'a URL (a file: URL in Node)', inWords(url));
  }
}

/** Where a file is. @param {string} path @returns {URL} */
export function assetUrl(path) {
  try {
    return new URL(places[path] ?? String(bundled[path]()), here());
  } catch (cause) {
    throw new Error(`Nothing says where ${path} lies: the package was bundled, and configure({ assets }) must say it`, {
      cause,
    });
  }
}
