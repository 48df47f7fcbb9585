/**
 * The page's whole state: the experiment (the public JSON), and how the page looks at it.
 * Its text is the URL: `#e=` + base64url(deflate(JSON)), in which whatever equals the default is left out. The fragment is never
 * sent to any server. Pictures and weights are never in it.
 */
import { backbones, check } from 'trainground';
import { completed, withOnePenalty } from './settings.js';

const conv = (filters) => ({ type: 'conv2d', filters, kernelSize: 3, padding: 'same' });
const block = (filters) => [
  conv(filters),
  { type: 'batchNormalization' },
  { type: 'activation', function: 'relu' },
  { type: 'maxPool2d', poolSize: 2 },
];

const classes = { digits: 10, fashion: 10, 'fashion-6': 6, 'fashion-4': 4, emoji: 8, textures: 3, iris: 3 };

/** A small deep network that ends in a global average: the recipe that works best for a few photos. */
function photoLayers(outputs) {
  const stages = [24, 48, 96, 192].flatMap((filters, at) => (at < 3 ? block(filters) : block(filters).slice(0, 3)));
  return [...stages, { type: 'globalAveragePool2d' }, { type: 'dense', units: outputs }];
}

const photoAugmentation = [
  { type: 'flip', horizontal: 0.5 },
  { type: 'rotation', degrees: 25 },
  { type: 'shift', pixels: 3 },
  { type: 'randomCrop', scale: [0.7, 1] },
  { type: 'colorShift', brightness: 0.1, saturation: 0.2 },
];

const isPoints = (dataset) => typeof dataset === 'object' && dataset?.type === 'points';

/** Whether a data set is of pictures: the others are lists of numbers. */
export const hasPictures = (dataset) => !isPoints(dataset) && dataset !== 'iris';

/** What a data set is called in the page: a built-in name, the shape of a point set, or `own`. */
export function setName(dataset) {
  if (typeof dataset === 'string') return dataset;
  return isPoints(dataset) ? dataset.shape : 'own';
}

/** The `dataset` of an experiment by the set's name. */
export function datasetOf(name) {
  if (['moons', 'circles', 'xor', 'spiral'].includes(name))
    return { type: 'points', shape: name, samples: 300, noise: name === 'spiral' ? 0.05 : 0.12 };
  return name === 'own' ? { type: 'images', path: 'pictures', size: 32, fit: 'crop', channels: 3 } : name;
}

/**
 * The experiment that the page opens with, by data set. `outputs`: how many classes own pictures have.
 * @param {any} [dataset]
 * @returns {any}
 */
export function defaultExperiment(dataset = 'digits', outputs = 2) {
  const common = {
    seed: 1,
    dataset,
    validationSplit: 0.2,
    shuffle: true,
    augmentation: [],
    loss: 'crossEntropy',
    l1: 0,
    l2: 0,
    optimizer: { type: 'adam', learningRate: 0.003 },
    batchSize: 32,
    epochs: 30,
    earlyStopping: { monitor: 'validationLoss', patience: 5, minDelta: 0, restoreBestWeights: true },
  };
  if (dataset === 'own' || dataset?.type === 'images') {
    return {
      ...common,
      dataset: datasetOf('own'),
      augmentation: photoAugmentation,
      layers: photoLayers(outputs),
    };
  }
  if (isPoints(dataset)) {
    // Two small tanh layers never find the spiral.
    const hidden = {
      type: 'dense',
      ...(dataset.shape === 'spiral' ? { units: 32, activation: 'relu' } : { units: 16, activation: 'tanh' }),
    };
    const { earlyStopping: _, ...rest } = common;
    return {
      ...rest,
      validationSplit: 0.3,
      layers: [hidden, { ...hidden }, { type: 'dense', units: 2 }],
      optimizer: { type: 'adam', learningRate: 0.01 },
      epochs: 100,
    };
  }
  if (dataset === 'iris') {
    const hidden = { type: 'dense', units: 16, activation: 'relu' };
    return {
      ...common,
      layers: [hidden, { type: 'dense', units: classes.iris }],
      optimizer: { type: 'adam', learningRate: 0.01 },
      epochs: 60,
    };
  }
  const head = [
    { type: 'flatten' },
    // Between frozen filters and the answer stands nothing narrow, which would carry the old classes only.
    ...(['fashion-6', 'fashion-4'].includes(dataset) ? [] : [{ type: 'dense', units: 32, activation: 'relu' }]),
    { type: 'dense', units: classes[dataset] ?? 10 },
  ];
  const stages = ['emoji', 'textures'].includes(dataset) ? [8, 16, 32] : [8, 16];
  return { ...common, layers: [...stages.flatMap(block), ...head] };
}

const defaultPage = () => ({ level: 'basics', show: [], lock: [], lesson: null });

export const state = {
  experiment: defaultExperiment(),
  /** What belongs to the link beside the experiment. */
  page: defaultPage(),
  /** How this visitor looks at it: not in the link. */
  view: {
    tab: 'confusion',
    card: 'learning-rate',
    part: 'results',
    curve: 'loss',
    scale: 'log',
    tables: {},
    cell: null,
    menu: null,
    dragging: false,
  },
  run: null,
  runs: [],
  /** The run that the others are compared with, where one is chosen. */
  baseline: null,
  comparison: null,
  alerts: [],
  data: null,
  /** A setting has changed, and what it means is not there yet. */
  settling: false,
};

/** Milliseconds between two drawings of work that goes on: never less, never more. */
const kLeast = 100;
const kMost = 700;
/** The first ones after something was done come sooner: then most moves, and many a run is over in a second. */
const kSoon = 250;
/**
 * Work goes on for so many times as long as the page's thread needs for a drawing. That is a sixtieth of the time; the threads that put
 * the drawing on the screen need up to twice as much again where no graphics processor helps.
 */
const kRest = 60;

/** @type {(isWhole: boolean) => void} */
let draw = () => {};
let waiting = null;
let due = Infinity;
let drawn = 0;
let done = 0;
let cost = 0;
/** Whether more than the run itself has changed since the last drawing. */
let isWhole = true;
/** Told when the browser is through with a drawing. */
const after = new MessageChannel();

/** Says how the state is drawn: `render(true)` draws all of it, `render(false)` what a run in training changes by itself. */
export function onChange(render) {
  draw = render;
}

function drawNow() {
  clearTimeout(waiting);
  due = Infinity;
  const began = performance.now();
  const whole = isWhole;
  isWhole = false;
  draw(whole);
  // Charts draw themselves at the end of the task; style, layout and paint follow in the next frame, and a message after it.
  queueMicrotask(() => {
    drawn = performance.now();
    const script = drawn - began;
    requestAnimationFrame(() => {
      const framed = performance.now();
      after.port1.onmessage = () => (cost = script + performance.now() - framed);
      after.port2.postMessage(null);
    });
  });
}

function drawIn(milliseconds) {
  const at = performance.now() + milliseconds;
  if (at >= due) return;
  clearTimeout(waiting);
  due = at;
  waiting = setTimeout(drawNow, milliseconds);
}

/** Draws soon: something that is waited for. */
export function changed() {
  isWhole = true;
  done = performance.now();
  drawIn(0);
}

/**
 * Draws in its turn: work goes on, and a drawing takes time from it. The dearer one is, the rarer they are. `ofRun`: nothing but the run
 * has moved on.
 */
export function progressed({ ofRun = false } = {}) {
  isWhole ||= !ofRun;
  const now = performance.now();
  const apart = Math.max(kLeast, Math.min(kMost, kRest * cost, Math.max(kSoon, now - done)));
  drawIn(Math.max(0, apart - (now - drawn)));
}

/** Draws now, whatever was drawn last. */
export function changedNow() {
  isWhole = true;
  done = performance.now();
  drawNow();
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function differences(values, defaults) {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => !same(value, defaults[key])));
}

async function pass(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
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
  const own = differences(experiment, defaultExperiment(experiment.dataset));
  if (experiment.dataset !== 'digits') own.dataset = experiment.dataset;
  if (defaultExperiment(experiment.dataset).earlyStopping && !experiment.earlyStopping) own.earlyStopping = null;
  const look = differences(page, defaultPage());
  return Object.keys(look).length ? { ...own, page: look } : own;
}

/** The page's address with everything that this state holds. */
export async function link() {
  const url = new URL(location.href);
  url.searchParams.delete('run');
  const values = shared();
  url.hash = Object.keys(values).length
    ? `e=${toBase64url(await pass(new TextEncoder().encode(JSON.stringify(values)), new CompressionStream('deflate-raw')))}`
    : '';
  return url.href.replace(/#$/, '');
}

let writing = Promise.resolve();

/** Puts the state into the address bar. */
export function writeLink() {
  writing = writing.then(async () => history.replaceState(null, '', await link())).catch(() => {});
  return writing;
}

/**
 * Reads the address. Returns what could not be read, as problems; defaults stand in their place.
 * @returns {Promise<Array<{path: string, expected: string, given: string}>>}
 */
export async function readLink() {
  const text = new URLSearchParams(location.hash.slice(1)).get('e');
  if (!text) return [];
  let values;
  try {
    values = JSON.parse(
      new TextDecoder().decode(await pass(fromBase64url(text), new DecompressionStream('deflate-raw'))),
    );
    if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new TypeError('not an object');
  } catch {
    return [
      { path: '#e', expected: 'a link made by this page', given: text.length > 24 ? `${text.slice(0, 24)}…` : text },
    ];
  }
  const { page = {}, ...experiment } = values;
  const problems = [];
  if (typeof page !== 'object') problems.push({ path: 'page', expected: 'an object', given: JSON.stringify(page) });
  const defaults = defaultExperiment(experiment.dataset ?? 'digits');
  const merged = withOnePenalty({ ...defaults, ...experiment });
  if (merged.earlyStopping === null) delete merged.earlyStopping;
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
  state.experiment = completed(merged);
  for (const [key, value] of Object.entries(Object(page))) {
    const fits = {
      level: ['basics', 'all'].includes(value),
      show: Array.isArray(value),
      lock: Array.isArray(value),
      lesson: typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
    }[key];
    if (fits) state.page[key] = value;
    else problems.push({ path: `page.${key}`, expected: 'a setting of the page', given: JSON.stringify(value) });
  }
  return problems;
}

/** Changes the experiment; the address follows. `settings.js` decides what has to be opened again. */
export function setExperiment(values) {
  state.experiment = { ...state.experiment, ...values };
  writeLink();
}

/** Puts the comparison away. One that still runs is ended: nobody waits for its answer any more. */
export function leaveComparison() {
  state.comparison?.stopping.abort();
  state.comparison = null;
}

export function setPage(values) {
  state.page = { ...state.page, ...values };
  writeLink();
}
