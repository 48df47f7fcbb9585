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
  'iris',
  'moons',
  'circles',
  'xor',
  'gaussians',
  'spiral',
  'own',
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

/** Whether the page can have this `dataset` of a link: a set of the list, points of any number and noise, or own pictures. */
export const isOffered = (dataset) =>
  typeof dataset === 'string'
    ? sets.includes(dataset) && dataset !== 'own'
    : isPoints(dataset)
      ? shapes.includes(dataset.shape)
      : dataset?.type === 'images';

/** The `dataset` of an experiment by the set's name. */
export function datasetOf(name) {
  if (shapes.includes(name))
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
    { type: 'dense', units: Object.hasOwn(classes, dataset) ? classes[dataset] : 10 },
  ];
  const stages = ['emoji', 'textures'].includes(dataset) ? [8, 16, 32] : [8, 16];
  return { ...common, layers: [...stages.flatMap(block), ...head] };
}
