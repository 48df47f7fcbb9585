/**
 * The data sets that the page offers, and the experiment that it opens with for each. A new built-in set is named here, with its classes and
 * with a network of its own where the usual one does not suit it; its words stand in the text files.
 */
/** In the order of the list. */
export const sets = [
  'digits',
  'fashion',
  'fashion-6',
  'fashion-4',
  'emoji',
  'textures',
  'vegetables',
  'vegetables-bursts',
  'iris',
  'moons',
  'circles',
  'xor',
  'gaussians',
  'spiral',
  'own',
  'table',
];
const shapes = ['moons', 'circles', 'xor', 'gaussians', 'spiral'];

const conv = (filters) => ({ type: 'conv2d', filters, kernelSize: 3, padding: 'same' });
const block = (filters) => [
  conv(filters),
  { type: 'batchNormalization' },
  { type: 'activation', function: 'relu' },
  { type: 'maxPool2d', poolSize: 2 },
];

/** How many classes each built-in set has. */
const classes = {
  digits: 10,
  fashion: 10,
  'fashion-6': 6,
  'fashion-4': 4,
  emoji: 8,
  textures: 3,
  vegetables: 6,
  'vegetables-bursts': 6,
  iris: 3,
};

/** What own pictures are made into for the recipe below. */
const photos = { type: 'images', path: 'pictures', size: 320, fit: 'crop', channels: 3 };

const backbone = { type: 'backbone', name: 'efficientnet-lite0' };
const transfer = { weights: backbone.name, freeze: 'all' };

/**
 * The recipe for own pictures, few of them: what a backbone sees stays as it is, and one layer learns to tell it apart. All of it was measured
 * together (findings/); experiments/photos.json is the same for the command line.
 */
const photoRecipe = (outputs) => ({
  dataset: photos,
  layers: [
    { ...backbone, output: 'embedding' },
    { type: 'dense', units: outputs, kernelInitializer: 'zeros' },
  ],
  transfer,
  loss: { type: 'crossEntropy', labelSmoothing: 0.1 },
  l2: 0.00015,
  optimizer: { type: 'momentum', learningRate: 1, momentum: 0.9, nesterov: true },
  learningRateSchedule: { type: 'cosine' },
  batchSize: 256,
  epochs: 200,
});

/** How many built-in photos there are. */
export const builtInPhotos = 84;

/** Photos of the built-in sets are larger than a small network needs. */
const thirdOfSide = { type: 'averagePool2d', poolSize: 3 };

/** A small deep network that ends in a global average: from scratch the one that works best for a few photos. */
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

/** Whether a data set is the visitor's own table. */
export const isTable = (dataset) => typeof dataset === 'object' && dataset?.type === 'csv';

/** Whether a data set is of pictures: the others are lists of numbers. */
export const hasPictures = (dataset) => !isPoints(dataset) && !isTable(dataset) && dataset !== 'iris';

/** Whether a data set is of photos that a backbone can look at: own pictures, and the built-in ones. */
export const isPhotos = (dataset) => dataset === 'vegetables' || dataset?.type === 'images';

/** Whether a built-in set's samples belong together in groups: three drawings of each emoji, six frames of each photo. */
export const isGrouped = (dataset) => ['emoji', 'vegetables-bursts'].includes(dataset);

/** How many frames of each photo stand one after the other in a built-in set. */
export const framesOfPhoto = { 'vegetables-bursts': 6 };

/** Whether an experiment learns a number, not classes: a column of an own table. */
export const learnsNumber = ({ dataset, loss }) => isTable(dataset) && loss === 'meanSquaredError';

/** What a data set is called in the page: a built-in name, the shape of a point set, `own` or `table`. */
export function setName(dataset) {
  if (typeof dataset === 'string') return dataset;
  if (isTable(dataset)) return 'table';
  return isPoints(dataset) ? dataset.shape : 'own';
}

/** Whether the page can have this `dataset` of a link: a set of the list, points of any number and noise, own pictures or a table. */
export const isOffered = (dataset) =>
  typeof dataset === 'string'
    ? sets.includes(dataset) && dataset !== 'own' && dataset !== 'table'
    : isPoints(dataset)
      ? shapes.includes(dataset.shape)
      : dataset?.type === 'images' || isTable(dataset);

/** The `dataset` of an experiment by the set's name. */
export function datasetOf(name) {
  if (shapes.includes(name))
    return { type: 'points', shape: name, samples: 300, noise: name === 'spiral' ? 0.05 : 0.12 };
  if (name === 'table') return { type: 'csv', path: 'table.csv', label: 'label', normalize: true };
  return name === 'own' ? photos : name;
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
  if (dataset === 'own' || isPhotos(dataset)) {
    const { earlyStopping: _, ...rest } = common;
    if (typeof dataset === 'object' || dataset === 'own') return { ...rest, ...photoRecipe(outputs) };
    // The second half of the file is the source's own test part: a fairer exam than more photos of the same shelves.
    return { ...rest, ...photoRecipe(classes.vegetables), dataset, validationSplit: 0.5, splitBy: 'fileOrder' };
  }
  if (isTable(dataset)) {
    const hidden = { type: 'dense', units: 32, activation: 'relu' };
    return { ...common, layers: [hidden, { ...hidden }, { type: 'dense', units: outputs }] };
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
    { type: 'dense', units: Object.hasOwn(classes, dataset) ? classes[dataset] : 10 },
  ];
  const stages = ['emoji', 'textures', 'vegetables-bursts'].includes(dataset) ? [8, 16, 32] : [8, 16];
  const layers = [...stages.flatMap(block), ...head];
  if (dataset === 'vegetables-bursts') return { ...common, validationSplit: 0.5, layers: [thirdOfSide, ...layers] };
  return { ...common, layers };
}

/** Own pictures without the backbone: what links are read against that have a network of their own for them. */
export const photosFromScratch = (outputs = 2) => ({
  ...defaultExperiment('digits'),
  dataset: { ...photos, size: 32 },
  augmentation: photoAugmentation,
  layers: photoLayers(outputs),
});

/** In which way photos are learned from: by what is frozen of the backbone, or from scratch. */
export const photoWayOf = ({ transfer: from }) => from?.freeze ?? 'scratch';

/**
 * Photos, learned from in another way. `all`: the recipe, in which nothing of the backbone learns; `most` and `none`: its last block, or
 * all of it, learns too, on smaller pictures; `scratch`: a small network without it, which sees small pictures in every variation.
 * @param {'scratch' | 'all' | 'most' | 'none'} way
 * @param {any} now  the experiment whose pictures, split and seed are kept
 * @param {{ samples: number, largest: number }} pictures  how many there are to learn from, and the size in which own ones are kept
 */
export function photoWay(way, now, { samples, largest }) {
  const outputs = now.layers.at(-1).units;
  const { seed, validationSplit, splitBy, samplesPerClass } = now;
  const isBuiltIn = typeof now.dataset === 'string';
  const own = (size) => (isBuiltIn ? now.dataset : { ...now.dataset, size: Math.min(size, largest) });
  const kept = { seed, validationSplit, ...(splitBy && { splitBy }), ...(samplesPerClass && { samplesPerClass }) };
  if (way === 'all') return { ...defaultExperiment(now.dataset, outputs), ...kept, dataset: own(photos.size) };
  const { earlyStopping: _, ...common } = photosFromScratch(outputs);
  if (way === 'scratch') {
    return {
      ...{ ...common, ...kept, dataset: own(32) },
      ...(isBuiltIn && { layers: [thirdOfSide, ...common.layers] }),
      // At least 450 steps: few pictures have to be seen often.
      epochs: Math.min(300, Math.max(15, Math.ceil(450 / Math.ceil(samples / common.batchSize)))),
    };
  }
  return {
    ...{ ...common, ...kept, dataset: own(128), augmentation: [], epochs: 8, batchSize: 16 },
    optimizer: { type: 'adam', learningRate: 1e-4 },
    layers: [backbone, { type: 'globalAveragePool2d' }, { type: 'dense', units: outputs }],
    transfer: { ...transfer, freeze: way },
  };
}
