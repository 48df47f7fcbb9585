/**
 * Settings as people think of them (dropout on or off, batch norm on or off), read from and written into an experiment. Pure functions:
 * each returns a new experiment.
 */
/** Without the noise of the last binary digits. */
export const tidy = (x) => Number(x.toPrecision(12));
const copy = (value) => JSON.parse(JSON.stringify(value));
const isWeighted = (layer) => ['conv2d', 'depthwiseConv2d', 'dense'].includes(layer.type);

export const learningRate = (experiment) => experiment.optimizer.learningRate;
export const withLearningRate = (experiment, rate) => ({
  ...experiment,
  optimizer: { ...experiment.optimizer, learningRate: rate },
});

/** The usual rate of an optimizer. */
export const usualRate = (type) => ({ sgd: 0.03, momentum: 0.03, adagrad: 0.03, adadelta: 1 })[type] ?? 0.003;

/** Every optimizer by the name that people give it. Nesterov's is momentum that looks ahead. */
export const optimizerNames = ['sgd', 'momentum', 'nesterov', 'rmsprop', 'adam', 'adamw', 'adagrad', 'adadelta'];
export const optimizerName = ({ type, nesterov }) => (type === 'momentum' && nesterov ? 'nesterov' : type);
export const optimizerOf = (name) => (name === 'nesterov' ? { type: 'momentum', nesterov: true } : { type: name });

/** The numbers that an optimizer has beside its rate. @type {Record<string, string[]>} */
export const optimizerNumbers = {
  sgd: [],
  momentum: ['momentum'],
  rmsprop: ['rho', 'epsilon'],
  adam: ['beta1', 'beta2', 'epsilon'],
  adamw: ['beta1', 'beta2', 'weightDecay', 'epsilon'],
  adagrad: ['epsilon'],
  adadelta: ['rho', 'epsilon'],
};

export const withOptimizer = (experiment, name) => {
  const optimizer = optimizerOf(name);
  return { ...experiment, optimizer: { ...optimizer, learningRate: usualRate(optimizer.type) } };
};

/** The share dropped before the last dense layer; 0 where nothing is dropped. */
export const dropoutRate = (experiment) =>
  Math.max(0, ...experiment.layers.filter((layer) => layer.type === 'dropout').map((layer) => layer.rate));

/** Drops before the last layer; every other dropout layer goes away with rate 0. */
export function withDropout(experiment, rate) {
  const layers = copy(experiment.layers);
  const at = layers.filter((layer) => layer.type === 'dropout');
  if (rate === 0) return { ...experiment, layers: layers.filter((layer) => layer.type !== 'dropout') };
  if (at.length) at.forEach((layer) => (layer.rate = rate));
  else layers.splice(layers.length - 1, 0, { type: 'dropout', rate });
  return { ...experiment, layers };
}

export const hasBatchNormalization = (experiment) =>
  experiment.layers.some((layer) => layer.type === 'batchNormalization');

/** Batch norm behind every convolution, before its activation. */
export function withBatchNormalization(experiment, on) {
  const layers = copy(experiment.layers).filter((layer) => layer.type !== 'batchNormalization');
  if (!on) return { ...experiment, layers };
  return {
    ...experiment,
    layers: layers.flatMap((layer) => (layer.type === 'conv2d' ? [layer, { type: 'batchNormalization' }] : [layer])),
  };
}

export const hasBackbone = (experiment) => experiment.layers.some((layer) => layer.type === 'backbone');

/** What an experiment's loss is called: it may be a name alone, or have options. */
export const lossName = ({ loss }) => loss.type ?? loss;

export const initializer = (experiment) => experiment.layers.find(isWeighted)?.kernelInitializer ?? 'glorotUniform';

export function withInitializer(experiment, name) {
  const layers = copy(experiment.layers);
  for (const layer of layers.filter(isWeighted)) {
    if (name === 'glorotUniform') delete layer.kernelInitializer;
    else layer.kernelInitializer = name;
  }
  return { ...experiment, layers };
}

/** The loss that can reach 0: of classes or of numbers, on outputs that no function bends. */
export function withFittingLoss(experiment, classifies) {
  const layers = copy(experiment.layers);
  while (layers.at(-1).type === 'activation') layers.pop();
  delete layers.at(-1).activation;
  return { ...experiment, layers, loss: classifies ? 'crossEntropy' : 'meanSquaredError' };
}

/** Every hidden layer twice as wide; where there is none, one of 32 units. */
export function withTwiceTheUnits(experiment) {
  const layers = copy(experiment.layers);
  const hidden = layers.slice(0, -1).filter((layer) => layer.units || layer.filters);
  for (const layer of hidden) layer[layer.units ? 'units' : 'filters'] *= 2;
  if (!hidden.length) layers.splice(-1, 0, { type: 'dense', units: 32, activation: 'relu' });
  return { ...experiment, layers };
}

/** The augmentations that have a switch, with what they start with. */
export const augmentations = {
  flip: { type: 'flip', horizontal: 0.5 },
  rotation: { type: 'rotation', degrees: 15 },
  shift: { type: 'shift', pixels: 1 },
  randomCrop: { type: 'randomCrop', scale: [0.8, 1] },
  colorShift: { type: 'colorShift', brightness: 0.1 },
  noise: { type: 'noise', stddev: 0.1 },
  cutout: { type: 'cutout', size: 0.25 },
  contrast: { type: 'contrast', range: [0.7, 1.3] },
};

/** What of each is one number. A crop's scale and a contrast's range are two. @type {Record<string, string[]>} */
export const augmentationNumbers = {
  flip: ['horizontal', 'vertical'],
  rotation: ['degrees'],
  shift: ['pixels'],
  colorShift: ['brightness', 'saturation', 'hue'],
  noise: ['stddev'],
  cutout: ['size'],
};

export const augmentation = (experiment, type) => experiment.augmentation.find((one) => one.type === type) ?? null;

/** Puts one transform in, changes it, or takes it out (null); the order is always the list's above. */
export function withAugmentation(experiment, type, options) {
  const others = experiment.augmentation.filter((one) => one.type !== type);
  const list = options ? [...others, { ...options, type }] : others;
  const order = Object.keys(augmentations);
  return { ...experiment, augmentation: list.sort((a, b) => order.indexOf(a.type) - order.indexOf(b.type)) };
}

/** What most sets gain by: pictures a little turned and shifted, numbers with a little noise. */
export const withGentleAugmentation = (experiment, isPictures) =>
  (isPictures ? ['rotation', 'shift'] : ['noise']).reduce(
    (made, type) => withAugmentation(made, type, augmentations[type]),
    experiment,
  );

/** The order of the keys is that of the page's default: equal settings are equal texts. */
export const withEarlyStopping = (experiment, options) => {
  const { earlyStopping, ...rest } = experiment;
  return options
    ? {
        ...rest,
        earlyStopping: {
          monitor: 'validationLoss',
          patience: 5,
          minDelta: 0,
          restoreBestWeights: true,
          ...earlyStopping,
          ...options,
        },
      }
    : rest;
};

/** With all that the page reads of the optimizer and of early stopping, where a link tells a part of it. */
export function completed(experiment) {
  const { optimizer } = experiment;
  const given = typeof optimizer === 'string' ? { type: optimizer } : { type: 'adam', ...optimizer };
  const whole = { ...experiment, optimizer: { learningRate: usualRate(given.type), ...given } };
  return whole.earlyStopping ? withEarlyStopping(whole, {}) : whole;
}

/** The cheat sheet's lambda and alpha: lambda [(1 - alpha) sum |w| + alpha sum of w squared]. Without a penalty alpha is that of L2. */
export function elasticNet({ l1, l2 }) {
  const lambda = tidy(l1 + l2);
  return { lambda, alpha: lambda ? tidy(l2 / lambda) : 1 };
}

export const withElasticNet = (experiment, { lambda, alpha }) => ({
  ...experiment,
  l1: tidy(lambda * (1 - alpha)),
  l2: tidy(lambda * alpha),
});

/** With the penalty as l1 and l2, where an experiment file has the cheat sheet's form. */
export function withOnePenalty({ elasticNet: net, ...experiment }) {
  if (net === undefined) return experiment;
  const isSound = net?.lambda >= 0 && net.alpha >= 0 && net.alpha <= 1;
  return isSound ? withElasticNet(experiment, net) : { ...experiment, elasticNet: net };
}

/** What the penalty is called: lasso, ridge or elastic; null: there is none. */
export const penaltyKind = ({ l1, l2 }) => (l1 && l2 ? 'elastic' : l1 ? 'lasso' : l2 ? 'ridge' : null);

/** At most so many pictures of each class to learn from; null: all. */
export function withSamplesPerClass(experiment, count) {
  const { samplesPerClass: _, ...rest } = experiment;
  return count === null ? rest : { ...rest, samplesPerClass: count };
}

/** By what the pictures are parted; null: as the data asks for. */
export function withSplitBy(experiment, kind) {
  const { splitBy: _, ...rest } = experiment;
  return kind === null ? rest : { ...rest, splitBy: kind };
}

/** What is frozen: nothing, all but the last convolution block and the head, or all but the head. */
export function freeze(experiment) {
  const weighted = experiment.layers.filter(isWeighted);
  const count = weighted.filter((layer) => layer.trainable === false).length;
  return count === 0 ? 'none' : count >= weighted.length - 1 ? 'all' : 'most';
}

export function withFreeze(experiment, kind) {
  const layers = copy(experiment.layers);
  const weighted = layers.flatMap((layer, at) => (isWeighted(layer) ? [at] : []));
  const convolutions = layers.flatMap((layer, at) => (layer.type === 'conv2d' ? [at] : []));
  const until = kind === 'all' ? weighted.at(-1) : kind === 'most' ? (convolutions.at(-1) ?? weighted.at(-2) ?? 0) : 0;
  layers.forEach((layer, at) => {
    delete layer.trainable;
    if (at < until && (isWeighted(layer) || layer.type === 'batchNormalization')) layer.trainable = false;
  });
  return { ...experiment, layers };
}

/** Transfer: the experiment that begins with these weights; null: with random ones. */
export function withTransfer(experiment, weights, kind = experiment.transfer?.freeze ?? 'all') {
  const { transfer: _, ...rest } = withFreeze(experiment, 'none');
  return weights === null ? rest : { ...rest, transfer: { weights, freeze: kind } };
}

/** How the learning rate changes during a run; null: not at all. @param {string | null} type */
export function withSchedule(experiment, type) {
  const { learningRateSchedule: now, ...rest } = experiment;
  if (now?.type === type) return experiment; // the order of its keys too
  return type === null || type === 'constant' ? rest : { ...rest, learningRateSchedule: { type } };
}
