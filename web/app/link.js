/**
 * What the link holds: the experiment and the settings of the page, as `#e=` + base64url(deflate(JSON)), in which whatever equals the default
 * is left out. The fragment is never sent to any server. Pictures and weights are never in it.
 */
import { backbones, check } from 'trainground';
import { hear } from './events.js';
import { defaultExperiment, isOffered, photosFromScratch, sets } from './sets.js';
import { completed, hasBackbone, withOnePenalty } from './settings.js';
import { isMarked } from './varied.js';
import { defaultPage, setExperiment, setPage, state } from './state.js';

/** What an experiment may be without, where the default of its set has it. */
const optional = ['earlyStopping', 'transfer', 'learningRateSchedule'];

const kLeast = 96; // pixels that a backbone can do with

/** What a link's settings differ from: those of its set, or of own pictures without a backbone. */
const defaultsOf = (experiment) =>
  experiment.dataset?.type === 'images' && experiment.layers && !hasBackbone(experiment)
    ? photosFromScratch()
    : defaultExperiment(experiment.dataset ?? 'digits');

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function differences(values, defaults) {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => !same(value, defaults[key])));
}

async function pass(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** What a fragment can hold, as base64url(deflate(JSON)). */
export const packed = async (values) =>
  toBase64url(await pass(new TextEncoder().encode(JSON.stringify(values)), new CompressionStream('deflate-raw')));

const kMostUnpacked = 1e6; // bytes: a link of that is made by nobody

/** Its text; throws where it is no such thing. @param {string} text */
export async function unpacked(text) {
  const stream = new Blob([fromBase64url(text)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const parts = [];
  let length = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).text();
    length += value.length;
    if (length > kMostUnpacked) throw new RangeError('too long');
    parts.push(value);
  }
}

function toBase64url(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64url(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

/** What a link must say: all that differs from the default of this data set. */
function shared() {
  const { experiment, page } = state;
  const defaults = defaultsOf(experiment);
  const own = differences(experiment, defaults);
  if (experiment.dataset !== 'digits') own.dataset = experiment.dataset;
  for (const key of Object.keys(defaults)) if (!(key in experiment)) own[key] = null;
  const look = differences(page, defaultPage());
  return Object.keys(look).length ? { ...own, page: look } : own;
}

/** The page's address with everything that this state holds. */
export async function link() {
  const url = new URL(location.href);
  url.searchParams.delete('run');
  const values = shared();
  url.hash = Object.keys(values).length ? `e=${await packed(values)}` : '';
  return url.href.replace(/#$/, '');
}

let writing = Promise.resolve();

/** A link to a card, in whatever settings it is opened. @param {string} text  the card, packed */
export function cardLink(text) {
  const url = new URL(location.href);
  url.searchParams.delete('run');
  url.hash = `c=${text}`;
  return url.href;
}

/** The card that the address holds, packed. */
export const linkedCard = () => new URLSearchParams(location.hash.slice(1)).get('c');

/** Puts what the link holds into the address bar, and the card that was opened by it as long as it is shown. */
export function writeLink() {
  writing = writing
    .then(async () => {
      const url = new URL(await link());
      const { address } = state.cards;
      if (address) url.hash = [url.hash.slice(1), `c=${address}`].filter(Boolean).join('&');
      history.replaceState(null, '', url.href);
    })
    .catch(() => {});
  return writing;
}
hear('link-changed', writeLink);

/**
 * Reads the address. Returns what could not be read, as problems; defaults stand in their place.
 * @returns {Promise<Array<{path: string, expected: string, given: string}>>}
 */
export async function readLink() {
  const text = new URLSearchParams(location.hash.slice(1)).get('e');
  if (!text) return [];
  let values;
  try {
    values = JSON.parse(await unpacked(text));
    if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new TypeError('not an object');
  } catch {
    return [
      { path: '#e', expected: 'a link made by this page', given: text.length > 24 ? `${text.slice(0, 24)}…` : text },
    ];
  }
  const { page = {}, ...experiment } = values;
  const problems = [];
  if (experiment.dataset !== undefined && !isOffered(experiment.dataset)) {
    const given = JSON.stringify(experiment.dataset);
    problems.push({ path: 'dataset', expected: `a set of this page (${sets.join(', ')})`, given });
    delete experiment.dataset;
    delete experiment.layers; // they were made for it
  }
  if (typeof page !== 'object') problems.push({ path: 'page', expected: 'an object', given: JSON.stringify(page) });
  const defaults = defaultsOf(experiment);
  // Links of a time when own pictures were small name no layers.
  if (hasBackbone(defaults) && experiment.dataset?.size < kLeast)
    experiment.dataset = { ...experiment.dataset, size: defaults.dataset.size };
  const merged = withOnePenalty({ ...defaults, ...experiment });
  for (const key of optional) if (merged[key] === null) delete merged[key];
  for (const problem of await check(merged)) {
    const key = problem.path.split(/[.[]/)[0];
    problems.push(problem);
    if (key in defaults) merged[key] = defaults[key];
    else delete merged[key];
  }
  // Weights are never in a link: only a backbone that comes with the page is there for whoever opens it.
  if (merged.transfer && !(await backbones()).some(({ name }) => name === merged.transfer.weights)) {
    const expected = 'a backbone that comes with the page: weights are never in a link';
    problems.push({ path: 'transfer.weights', expected, given: JSON.stringify(merged.transfer.weights) });
    delete merged.transfer;
  }
  const shown = {};
  for (const [key, value] of Object.entries(Object(page))) {
    const fits = {
      level: ['basics', 'all'].includes(value),
      show: Array.isArray(value),
      lock: Array.isArray(value),
      lesson: typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
      sweep: isMarked(value),
    }[key];
    if (fits) shown[key] = value;
    else problems.push({ path: `page.${key}`, expected: 'a setting of the page', given: JSON.stringify(value) });
  }
  setExperiment(completed(merged));
  setPage(shown);
  return problems;
}
