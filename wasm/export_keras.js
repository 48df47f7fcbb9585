// The trained network as a Keras 3 script: the same network built with the functional API (channels last, any back end), the weights
// read from our safetensors file and turned to Keras's layouts, compiled with the experiment's loss and optimizer.
//
// Where Keras differs it is made equal: borders that are not its "same" are steps of their own; a flattened picture is put in (C,H,W)
// order first, in which our weights behind it stand. Only layers and functions of Keras itself, so that a saved file opens anywhere.
import { everyOperation } from './architecture.js';
import { kerasScript } from './export_keras_script.js';
import { preparationWords } from './export_preparation_script.js';
import { indented, keywords, python, recipeOf } from './export_python.js';

/**
 * @typedef {import('./architecture.js').Operation} Operation
 * @typedef {import('./architecture.js').Shape} Shape
 */

const kLowest = '-3.4028234663852886e38'; // the lowest float32: in no window the largest

/** A layer's name in Keras. @param {string} name */
const called = (name) => name.replace(/\./g, '_');

/** @param {Operation} operation */
const border = ({ borders: [top, bottom, left, right] }) => `((${top}, ${bottom}), (${left}, ${right}))`;

/** @param {Operation} operation */
const everySide = (operation) => `((0, 0), ${border(operation).slice(1, -1)}, (0, 0))`;

/** @param {Operation[]} operations @param {Shape} from @returns {string[]} */
function lines(operations, from) {
  return operations.flatMap((operation) => {
    const own = calls(operation, from);
    if (operation.isTap) own.push(`map_${operation.shape[2]} = x`);
    from = operation.shape;
    return own;
  });
}

/** @param {Operation} operation @param {Shape} from @returns {string[]} */
function calls(operation, from) {
  const { op, kernel, strides, name, trainable, bias } = operation;
  const padded = Boolean(operation.borders?.some((/** @type {number} */ side) => side > 0));
  const same = padded && operation.same;
  const regularizer =
    operation.l1 || operation.l2 ? `keras.regularizers.L1L2(${operation.l1}, ${operation.l2})` : undefined;
  const frozen = trainable ? undefined : false;
  const layer = (/** @type {string} */ call) => `x = layers.${call}(x)`;
  switch (op) {
    case 'dense': {
      const more = keywords({ use_bias: bias ? undefined : false, trainable: frozen, name: called(name) });
      return [layer(`Dense(${operation.units}, ${regularizer ? `kernel_regularizer=${regularizer}, ` : ''}${more})`)];
    }
    case 'convolution': {
      const more = keywords({
        strides: strides === 1 ? undefined : strides,
        padding: same ? 'same' : undefined,
        use_bias: bias ? undefined : false,
        trainable: frozen,
        name: called(name),
      });
      const { depthwise } = operation;
      const penalty = regularizer ? `${depthwise ? 'depthwise' : 'kernel'}_regularizer=${regularizer}, ` : '';
      return [
        ...(padded && !same ? [layer(`ZeroPadding2D(${border(operation)})`)] : []),
        layer(
          depthwise
            ? `DepthwiseConv2D(${kernel}, ${penalty}${more})`
            : `Conv2D(${operation.filters}, ${kernel}, ${penalty}${more})`,
        ),
      ];
    }
    case 'maxPool2d':
      return [
        ...(padded && !same ? [`x = ops.pad(x, ${everySide(operation)}, constant_values=${kLowest})`] : []),
        layer(`MaxPooling2D(${kernel}, ${strides}${same ? ", padding='same'" : ''})`),
      ];
    case 'averagePool2d': {
      const [top, bottom, left, right] = operation.borders;
      if (!same || (top === bottom && left === right)) {
        return [
          ...(padded && !same ? [layer(`ZeroPadding2D(${border(operation)})`)] : []),
          layer(`AveragePooling2D(${kernel}, ${strides}${same ? ", padding='same'" : ''})`),
        ];
      }
      // Keras 3.15 on PyTorch fills an uneven border of its own "same" with the picture's edge.
      const mean = (/** @type {string} */ of) =>
        `ops.average_pool(ops.pad(${of}, ${everySide(operation)}), ${kernel}, ${strides})`;
      return [
        `inside = ${mean('ops.ones_like(x)')}  # share of each window that is picture`,
        `x = ${mean('x')} / inside`,
      ];
    }
    case 'globalAverage':
      return [layer('GlobalAveragePooling2D()')];
    case 'batchNorm': {
      const { momentum, epsilon } = operation;
      return [layer(`BatchNormalization(${keywords({ momentum, epsilon, trainable: frozen, name: called(name) })})`)];
    }
    case 'rescaling':
      return [layer(`Rescaling(${operation.scale}, ${operation.offset})`)];
    case 'dropout':
      return [layer(`Dropout(${operation.rate})`)];
    case 'pyramidPooling':
      return [
        `parts = [layers.UnitNormalization(axis=-1)(layers.GlobalAveragePooling2D()(each) ** ${operation.power})`,
        `         for each in (${operation.parts.map((/** @type {number} */ channels, /** @type {number} */ i) => (i + 1 < operation.parts.length ? `map_${channels}` : 'x')).join(', ')})]`,
        'x = layers.Concatenate()(parts)',
      ];
    case 'centering':
      return [
        layer(
          `BatchNormalization(center=False, scale=False, epsilon=1e-12, trainable=False, name=${python(called(name))})`,
        ),
        ...centredParts(operation),
      ];
    case 'activation':
      if (operation.function === 'leakyRelu') return [layer(`LeakyReLU(negative_slope=${operation.slope})`)];
      return operation.function === 'linear' ? [] : [layer(`Activation('${operation.function}')`)];
    case 'flatten':
      return from[0] * from[1] === 1 ? [layer('Flatten()')] : [layer('Permute((3, 1, 2))'), layer('Flatten()')];
    case 'unflatten':
      return [layer(`Reshape((1, 1, ${operation.shape[2]}))`)];
    case 'channelsLast': {
      const [height, width, channels] = operation.from;
      return [layer(`Reshape((${channels}, ${height}, ${width}))`), layer('Permute((2, 3, 1))'), layer('Flatten()')];
    }
    case 'backbone':
      return lines(operation.operations, from);
    case 'residual': {
      const shortcut = `shortcut_${name.replace(/layers\./g, '').replace(/\./g, '_')}`;
      const { projection } = operation;
      return [
        ...[`${shortcut} = x`, ...lines(operation.operations, from), `main = x`, `x = ${shortcut}`],
        ...(projection ? calls(projection, from) : []),
        ...(operation.flat ? [layer('Flatten()')] : []),
        'x = layers.Add()([main, x])',
      ];
    }
    default:
      throw new Error(`no words for ${op}`);
  }
}

/** @param {Operation} operation @returns {string[]} */
function centredParts({ parts, last }) {
  let at = 0;
  const words = parts.map((/** @type {number} */ numbers, /** @type {number} */ i) => {
    const part = `x[:, ${at}:${(at += numbers)}]`;
    return i + 1 < parts.length ? `layers.UnitNormalization(axis=-1)(${part})` : `layers.Rescaling(${last})(${part})`;
  });
  return [`x = layers.Concatenate()([${words.join(', ')}])`];
}

/** Keras refuses whole numbers for a rate. @param {number} value */
const rate = (value) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** @param {any} optimizer @returns {string} */
function optimizerOf({ type, learningRate, momentum, nesterov, rho, epsilon, weightDecay, clipNorm }) {
  const call = (/** @type {string} */ name, /** @type {Record<string, any>} */ options) =>
    `${name}(${[`learning_rate=${rate(learningRate)}`, keywords({ ...options, global_clipnorm: clipNorm || undefined })].filter(Boolean).join(', ')})`;
  if (type === 'sgd') return call('keras.optimizers.SGD', {});
  if (type === 'momentum') return call('keras.optimizers.SGD', { momentum, nesterov: nesterov || undefined });
  if (type === 'adadelta') return call('keras.optimizers.Adadelta', { rho, epsilon });
  return call('Optimizer', { weight_decay: type === 'adamw' ? weightDecay : undefined });
}

/**
 * Adam, RMSprop and Adagrad are others in Keras: its epsilon stands elsewhere. As PyTorch has them: the averages of each weight's
 * gradient, and the lines of a step.
 * @param {any} optimizer
 */
function ownOptimizer({ type, rho, beta1, beta2, epsilon }) {
  const moves = (/** @type {string} */ name, /** @type {number} */ keep, /** @type {string} */ value) =>
    `self.assign(${name}, ${keep} * ${name} + (1 - ${keep}) * ${value})`;
  const steps = (/** @type {string} */ direction, /** @type {string} */ root) =>
    `self.assign_sub(variable, rate * ${direction} / (${root} + ${epsilon}))`;
  const square = 'ops.square(gradient)';
  switch (type) {
    case 'adam':
    case 'adamw':
      return {
        averages: ['mean', 'square'],
        lines: [
          'step = ops.cast(self.iterations + 1, variable.dtype)',
          moves('mean', beta1, 'gradient'),
          moves('square', beta2, square),
          `root = ops.sqrt(square / (1 - ops.power(${beta2}, step)))`,
          steps(`mean / (1 - ops.power(${beta1}, step))`, 'root'),
        ],
      };
    case 'rmsprop':
      return { averages: ['square'], lines: [moves('square', rho, square), steps('gradient', 'ops.sqrt(square)')] };
    case 'adagrad':
      return {
        averages: ['square'],
        lines: [`self.assign_add(square, ${square})`, steps('gradient', 'ops.sqrt(square)')],
      };
    default:
      return undefined;
  }
}

/** @param {any} loss @returns {string} */
function lossOf({ type, labelSmoothing = 0 }) {
  if (type === 'binaryCrossEntropy') return 'keras.losses.binary_crossentropy(targets, logits, from_logits=True)';
  if (type === 'meanSquaredError') return 'keras.losses.mean_squared_error(targets, logits)';
  const smoothing = labelSmoothing ? `, label_smoothing=${labelSmoothing}` : '';
  return `keras.losses.categorical_crossentropy(targets, logits, from_logits=True${smoothing})`;
}

/**
 * @param {import('./export.js').Trained} trained
 * @returns {string}
 */
export function toKeras({ architecture, experiment, shape, preparation, classNames }) {
  const { normalization } = preparation;
  const { loss, optimizer } = recipeOf(experiment);
  const named = everyOperation(architecture.operations).filter(({ op }) =>
    ['dense', 'convolution', 'batchNorm', 'centering'].includes(op),
  );
  const kinds = named.map(({ op, name, depthwise }) => {
    return `${python(called(name))}: ${python([name, op === 'convolution' && depthwise ? 'depthwise' : op])},`;
  });
  const variance = normalization?.deviation.map((one) => one * one);
  const first = normalization
    ? [`x = layers.Normalization(mean=${python(normalization.mean)}, variance=${python(variance)})(x)`]
    : [];
  return kerasScript({
    shape: shape.join(', '),
    ...preparationWords(preparation, classNames, loss.type, architecture.outputs),
    kinds: indented(kinds, 4),
    body: indented([...first, ...lines(architecture.operations, shape)], 4),
    loss: lossOf(loss),
    optimizer: optimizerOf(optimizer),
    own: ownOptimizer(optimizer),
    type: optimizer.type,
    batchSize: experiment.batchSize ?? 32,
    epochs: experiment.epochs ?? 20,
    hasBatchNorm: named.some(({ op }) => op === 'batchNorm'),
  });
}
