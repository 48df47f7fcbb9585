// The trained network as a Python script that needs PyTorch only: the same network as an nn.Module whose state_dict has the names of
// our safetensors file, a reader and a writer of such files, and training with the experiment's optimizer, loss and penalties, on
// one process or on several. What it does not go on with: augmentation and the learning rate's schedule.
import { everyOperation } from './architecture.js';
import { indented, keywords, python, recipeOf, tidy } from './export_python.js';
import { preparationWords } from './export_preparation_script.js';
import { pytorchScript } from './export_pytorch_script.js';

/** @typedef {import('./architecture.js').Operation} Operation */

const kFunctions = /** @type {Record<string, string>} */ ({
  relu: 'F.relu(x)',
  relu6: 'F.relu6(x)',
  elu: 'F.elu(x)',
  gelu: 'F.gelu(x)',
  silu: 'F.silu(x)',
  tanh: 'torch.tanh(x)',
  sigmoid: 'torch.sigmoid(x)',
  linear: 'x',
});

/**
 * Borders that PyTorch's own padding cannot make: it is the same on opposite sides, and at most half of a pool's window.
 * @param {Operation} operation
 */
const uneven = ({ op, kernel, borders: [top, bottom, left, right] }) =>
  top !== bottom || left !== right || (op !== 'convolution' && Math.max(top, left) > kernel / 2);

/** PyTorch's own padding as a keyword's value; undefined: none. @param {Operation} operation */
function ownPadding(operation) {
  const [top, , left] = operation.borders;
  if (uneven(operation) || (top === 0 && left === 0)) return undefined;
  return top === left ? top : [top, left];
}

/** @param {Operation} operation */
function moduleOf(operation) {
  const { kernel, strides, groups, bias, channels, filters, features } = operation;
  switch (operation.op) {
    case 'dense':
      return `nn.Linear(${operation.inputs}, ${operation.units}${bias ? '' : ', bias=False'})`;
    case 'convolution': {
      const more = keywords({
        stride: strides === 1 ? undefined : strides,
        padding: ownPadding(operation),
        groups: groups === 1 ? undefined : groups,
        bias: bias ? undefined : false,
      });
      return `nn.Conv2d(${channels}, ${filters}, ${kernel}${more && `, ${more}`})`;
    }
    case 'batchNorm': {
      const more = keywords({ eps: operation.epsilon, momentum: tidy(1 - operation.momentum) });
      return `BatchNorm(${features}, ${more})`;
    }
    case 'centering':
      return `Centering(${python(operation.parts)}, ${operation.last})`;
    default:
      return undefined;
  }
}

const indexOf = (/** @type {string} */ name) => python(name.slice(name.lastIndexOf('.') + 1));

/** Lines of a ModuleDict. @param {Operation[]} operations @returns {string[]} */
function modules(operations) {
  return operations.flatMap((operation) => {
    const own = moduleOf(operation);
    if (own) return [`${indexOf(operation.name)}: ${own},`];
    if (!operation.operations) return [];
    const { projection } = operation;
    return [
      `${indexOf(operation.name)}: nn.ModuleDict({`,
      `    'layers': nn.ModuleDict({`,
      ...modules(operation.operations).map((line) => `        ${line}`),
      '    }),',
      ...(projection ? [`    'projection': ${moduleOf(projection)},`] : []),
      '}),',
    ];
  });
}

/** The module of a name, as in layers['3']['layers']['0']. @param {string} name */
const access = (name) => {
  const [first, ...rest] = name.split('.');
  return first + rest.map((key) => `[${python(key)}]`).join('');
};

/** @param {Operation} operation @param {string} [value]  of the border */
function border({ borders: [top, bottom, left, right] }, value) {
  return `F.pad(x, (${left}, ${right}, ${top}, ${bottom})${value ? `, value=${value}` : ''})`;
}

/** Keywords behind other arguments. @param {Record<string, any>} values */
const more = (values) => keywords(values).replace(/^(?=.)/, ', ');

/** Lines of forward(). @param {Operation[]} operations @returns {string[]} */
function forward(operations) {
  return operations.flatMap((operation) => {
    if (operation.op === 'backbone') return forward(operation.operations);
    const [height, width, channels] = operation.shape;
    const comment = operation.flat ? `  # ${height * width * channels}` : `  # ${channels} x ${height} x ${width}`;
    const lines = calls(operation);
    if (operation.isTap) lines.push(`map_${operation.shape[2]} = x`);
    return lines.map((line, i) => (i === lines.length - 1 && operation.op !== 'dropout' ? line + comment : line));
  });
}

/** @param {Operation} operation @returns {string[]} */
function calls(operation) {
  const { kernel, strides } = operation;
  switch (operation.op) {
    case 'dense':
    case 'batchNorm':
    case 'centering':
      return [`x = ${access(operation.name)}(x)`];
    case 'pyramidPooling':
      return [
        `x = [F.normalize(each.mean((2, 3)) ** ${operation.power}) for each in (${taps(operation).join(', ')}, x)]`,
      ];
    case 'convolution':
      return [`x = ${access(operation.name)}(${uneven(operation) ? border(operation) : 'x'})`];
    case 'maxPool2d':
      if (uneven(operation)) return [`x = F.max_pool2d(${border(operation, '-math.inf')}, ${kernel}, ${strides})`];
      return [`x = F.max_pool2d(x, ${kernel}, ${strides}${more({ padding: ownPadding(operation) })})`];
    case 'averagePool2d': {
      if (!uneven(operation)) {
        const padding = ownPadding(operation);
        return [
          `x = F.avg_pool2d(x, ${kernel}, ${strides}${more({ padding, count_include_pad: padding && operation.same ? false : undefined })})`,
        ];
      }
      if (!operation.same) return [`x = F.avg_pool2d(${border(operation)}, ${kernel}, ${strides})`];
      const ones = border(operation).replace('(x,', '(torch.ones_like(x),');
      return [
        `inside = F.avg_pool2d(${ones}, ${kernel}, ${strides})  # share of each window that is picture`,
        `x = F.avg_pool2d(${border(operation)}, ${kernel}, ${strides}) / inside`,
      ];
    }
    case 'globalAverage':
      return ['x = x.mean((2, 3))'];
    case 'rescaling':
      return [`x = x * ${operation.scale} + ${operation.offset}`];
    case 'dropout':
      return [`x = F.dropout(x, ${operation.rate}, self.training)`];
    case 'activation':
      return [
        `x = ${operation.function === 'leakyRelu' ? `F.leaky_relu(x, ${operation.slope})` : kFunctions[operation.function]}`,
      ];
    case 'flatten':
      return ['x = x.flatten(1)'];
    case 'unflatten':
      return ['x = x[:, :, None, None]'];
    case 'channelsLast': {
      const [height, width, channels] = operation.from;
      return [`x = x.unflatten(1, (${channels}, ${height}, ${width})).permute(0, 2, 3, 1).flatten(1)`];
    }
    case 'residual': {
      const shortcut = `shortcut_${operation.name.replace(/layers\./g, '').replace(/\./g, '_')}`;
      const source = operation.projection ? `${access(operation.projection.name)}(x)` : 'x';
      return [
        `${shortcut} = ${source}${operation.flat ? '.flatten(1)' : ''}`,
        ...forward(operation.operations),
        `x = x + ${shortcut}`,
      ];
    }
    default:
      throw new Error(`no words for ${operation.op}`);
  }
}

/** Names of the maps that a pyramid looks at, besides its input. @param {Operation} operation */
const taps = ({ parts }) => parts.slice(0, -1).map((/** @type {number} */ channels) => `map_${channels}`);

/** @param {any} optimizer @returns {string} */
function optimizerOf({ type, learningRate, momentum, nesterov, rho, beta1, beta2, epsilon, weightDecay }) {
  const betas = `betas=(${beta1}, ${beta2}), eps=${epsilon}`;
  const rate = `lr=${learningRate}`;
  switch (type) {
    case 'sgd':
      return `SGD(parameters, ${rate})`;
    case 'momentum':
      return `SGD(parameters, ${rate}, ${keywords({ momentum, nesterov })})`;
    case 'rmsprop':
      return `RMSprop(parameters, ${rate}, alpha=${rho}, eps=${epsilon})`;
    case 'adam':
      return `Adam(parameters, ${rate}, ${betas})`;
    case 'adamw':
      return `AdamW(parameters, ${rate}, ${betas}, weight_decay=${weightDecay})`;
    case 'adagrad':
      return `Adagrad(parameters, ${rate}, eps=${epsilon})`;
    default:
      return `Adadelta(parameters, ${rate}, rho=${rho}, eps=${epsilon})`;
  }
}

/** @param {any} loss @param {number} outputs @returns {string[]} */
function lossOf({ type, labelSmoothing = 0 }, outputs) {
  if (type === 'crossEntropy') {
    return [`return F.cross_entropy(logits, targets${labelSmoothing ? `, label_smoothing=${labelSmoothing}` : ''})`];
  }
  const ofLabels = outputs === 1 ? 'targets[:, None]' : `F.one_hot(targets, ${outputs})`;
  return [
    'if not targets.is_floating_point():  # classes',
    `    targets = ${ofLabels}.to(logits.dtype)`,
    'targets = targets.reshape(logits.shape)  # (N) for one output as well',
    type === 'binaryCrossEntropy'
      ? 'return F.binary_cross_entropy_with_logits(logits, targets)'
      : 'return F.mse_loss(logits, targets)',
  ];
}

/** Which answers are right, as core/loss.cpp counts them. @param {string} type @param {number} outputs */
function correctOf(type, outputs) {
  if (outputs > 1) return '(logits.argmax(1) == answers)';
  if (type === 'meanSquaredError') return '((logits[:, 0] - answers).abs() < 0.5)';
  return '((logits[:, 0] > 0) == (answers > 0.5))';
}

/**
 * @param {import('./export.js').Trained} trained
 * @returns {string}
 */
export function toPytorch({ architecture, experiment, shape, preparation, classNames }) {
  const { normalization } = preparation;
  const { operations, outputs } = architecture;
  const { loss, optimizer } = recipeOf(experiment);
  const all = everyOperation(operations).filter(({ trainable }) => trainable !== undefined);
  const frozen = all.filter(({ trainable }) => !trainable).map(({ name }) => name);
  const penalised = all.filter(({ trainable, l1, l2 }) => trainable && (l1 || l2));
  const [height, width, channels] = shape;
  const perChannel = (/** @type {number[]} */ values) => `torch.tensor(${python(values)}).view(-1, 1, 1)`;
  return pytorchScript({
    height,
    width,
    channels,
    outputs,
    ...preparationWords(preparation, classNames, loss.type, outputs),
    epochs: experiment.epochs ?? 20,
    batchSize: experiment.batchSize ?? 32,
    seed: experiment.seed ?? 1,
    shuffle: experiment.shuffle ?? true,
    frozen: python(frozen),
    penalties: indented(
      penalised.map(({ name, l1, l2 }) => `${python(`${name}.weight`)}: (${l1}, ${l2}),`),
      4,
    ),
    modules: indented(modules(operations), 12),
    forward: indented(forward(operations), 8),
    loss: indented(lossOf(loss, outputs), 4),
    correct: correctOf(loss.type, outputs),
    optimizer: `torch.optim.${optimizerOf(optimizer)}`,
    clip: optimizer.clipNorm ? `\n            nn.utils.clip_grad_norm_(parameters, ${optimizer.clipNorm})` : '',
    hasCentering: everyOperation(operations).some(({ op }) => op === 'centering'),
    hasBatchNorm: all.some(({ op }) => op === 'batchNorm'),
    rows: height * width === 1,
    layouts: height * width === 1 ? `((${shape.join(', ')}), (${channels},))` : `((${shape.join(', ')}),)`,
    normalize: normalization
      ? `\n    x = (x - ${perChannel(normalization.mean)}) / ${perChannel(normalization.deviation)}`
      : '',
  });
}
