// A Keras network that TensorFlow.js has saved (model.json and its weights), as Teachable Machine exports it (with metadata.json), to an experiment of
// our layers and a weights file that says of itself all that is needed. model.json is read as data; nothing in it is run.
//
// Teachable Machine gives its network x / 127.5 - 1, x being bytes: a rescaling before all layers. The softmax at the end is the loss's, here as
// everywhere; the layers before the pictures are averaged begin frozen, which is how Teachable Machine trains.
import { architectureOf, everyOperation } from './architecture.js';
import { inWords, problem } from './experiment.js';
import { bytesOf } from './files.js';
import { convert } from './layers_model_layers.js';
import { refuseLayer, stepsOf } from './layers_model_graph.js';
import { readManifest } from './layers_model_weights.js';
import { preparationOf } from './preparation.js';
import { isZip, zipEntries } from './zip.js';

const kMostSide = 512; // as dataset.size has it
const kInputs = { type: 'rescaling', scale: 2, offset: -1 }; // pictures come as 0..1
const kPackage = '@teachablemachine/image';

/**
 * @typedef {import('./architecture.js').Operation} Operation
 * @typedef {import('./layers_model_weights.js').Tensor} Tensor
 * @typedef {Map<string, Tensor>} Tensors
 * @typedef {{ experiment: any, tensors: Tensors, preparation: import('./preparation.js').Preparation, classNames: string[] }} Imported
 */

/**
 * @param {Record<string, Blob | Uint8Array>} files  by their names, or one zip with them
 * @returns {Promise<Imported>}
 */
export async function readLayersModel(files) {
  const open = await opener(files);
  const [model, metadata] = [await jsonOf(open, 'model.json'), await jsonOf(open, 'metadata.json')];
  const { labels, imageSize, packageName = kPackage } = metadata ?? {};
  if (packageName !== kPackage)
    throw problem('metadata.json', `that of a Teachable Machine model of pictures (${kPackage})`, inWords(packageName));
  const isLabels = Array.isArray(labels) && labels.length > 1 && labels.every((name) => typeof name === 'string');
  if (!isLabels) throw problem('labels of metadata.json', 'a list of two or more class names', inWords(labels));
  const { layers, sources, softmax, inputShape } = convert(stepsOf(model?.modelTopology), [kInputs]);
  const last = layers.at(-1);
  if (!softmax || last?.type !== 'dense')
    throw problem('the last layer of model.json', 'a Dense layer with softmax', last ? inWords(last) : 'none');
  if (last.units !== labels.length)
    throw problem(
      'labels of metadata.json',
      `${last.units} class names, one an output of model.json`,
      String(labels.length),
    );
  const shape = shapeOf(inputShape, imageSize);
  const experiment = experimentOf(layers);
  const manifest = await readManifest(model.weightsManifest, open);
  const tensors = tensorsOf(experiment, shape, sources, manifest);
  const pictures = { type: 'images', fit: 'crop' };
  const preparation = preparationOf(pictures, { shape, bytes: true, normalization: null });
  return { experiment, tensors, preparation, classNames: labels };
}

/** Reads a file by its name, without folders. @param {Record<string, Blob | Uint8Array>} files */
async function opener(files) {
  /** @type {Map<string, () => Promise<Uint8Array>>} */
  const places = new Map();
  const plain = (/** @type {string} */ name) => name.split(/[\\/]/).at(-1) ?? name;
  for (const [name, file] of Object.entries(files ?? {})) {
    const bytes = await bytesOf(file, name);
    if (isZip(bytes)) for (const entry of zipEntries(bytes, name, name)) places.set(plain(entry.name), entry.read);
    else places.set(plain(name), async () => bytes);
  }
  return async (/** @type {string} */ name) => places.get(plain(name))?.();
}

/** @param {(name: string) => Promise<Uint8Array | undefined>} open @param {string} name @returns {Promise<any>} */
async function jsonOf(open, name) {
  const bytes = await open(name);
  if (!bytes)
    throw problem(name, 'among the files of the model: model.json, metadata.json and weights.bin', 'no such file');
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes).replace(/^\uFEFF/, ''));
    JSON.stringify(value); // nested too deeply for any walk, it throws here
    return value;
  } catch (error) {
    throw problem(name, 'JSON', `text that does not parse (${/** @type {Error} */ (error).message})`);
  }
}

/** @param {any[] | undefined} inputShape  [null, height, width, channels] @param {unknown} imageSize  where the shape leaves it open @returns {[number, number, number]} */
function shapeOf(inputShape, imageSize) {
  const [, height, width, channels] = Array.isArray(inputShape) && inputShape.length === 4 ? inputShape : [];
  const [rows, columns] = [height ?? imageSize, width ?? imageSize];
  const isSide = Number.isInteger(rows) && rows >= 1 && rows <= kMostSide;
  if (!isSide || rows !== columns || ![1, 3].includes(channels)) {
    const expected = `[null, side, side, 1 or 3], squares of 1 to ${kMostSide} pixels`;
    throw problem('the input of model.json', expected, inWords(inputShape));
  }
  return [rows, columns, channels];
}

/** With the settings that Teachable Machine begins with. @param {any[]} layers */
function experimentOf(layers) {
  const seen = layers.findLastIndex(({ type }) => ['globalAveragePool2d', 'flatten'].includes(type));
  const kept = ['rescaling', 'activation', 'maxPool2d', 'averagePool2d', 'globalAveragePool2d', 'flatten', 'dropout'];
  return {
    layers: layers.map((layer, i) => (i < seen && !kept.includes(layer.type) ? { ...layer, trainable: false } : layer)),
    loss: 'crossEntropy',
    optimizer: { type: 'adam', learningRate: 0.001 },
    batchSize: 16,
    epochs: 50,
  };
}

/**
 * Our tensors, in PyTorch's layouts and in the order of the network.
 * @param {any} experiment
 * @param {[number, number, number]} shape
 * @param {import('./layers_model_layers.js').Converted['sources']} sources
 * @param {Tensors} manifest
 * @returns {Tensors}
 */
function tensorsOf(experiment, shape, sources, manifest) {
  const { operations, tensors } = architectureOf(experiment, shape);
  /** @type {Map<string, Operation>} */
  const named = new Map(
    everyOperation(operations).flatMap((operation) => (operation.name ? [[operation.name, operation]] : [])),
  );
  const behind = flattened(operations);
  /** @type {Tensors} */
  const taken = new Map();
  for (const [name, sides] of tensors) {
    const [, layer, kind] = /** @type {RegExpExecArray} */ (/^(.*)\.(\w+)$/.exec(name));
    const source = sources.get(layer);
    // The projection of a residual block: Keras's Add takes no input of another shape.
    if (!source) throw problem('model.json', 'a network whose residual blocks keep their shape', layer);
    const operation = /** @type {Operation} */ (named.get(layer));
    if (kind === 'running_var') checkAxis(source, operation);
    const place = { operation, from: behind.get(layer), sides };
    taken.set(name, { shape: sides, values: valuesOf(kind, source, place, manifest) });
  }
  return taken;
}

/** Batch statistics are of channels, the last axis. @param {import('./layers_model_graph.js').LayerStep} source @param {Operation} operation */
function checkAxis({ name, config: { axis = -1 } }, { flat }) {
  const [given, ...more] = [axis].flat();
  const last = flat ? 1 : 3;
  if (more.length || (given !== -1 && given !== last)) refuseLayer(name, `one with axis -1 or ${last}`, inWords(axis));
}

/** The pictures that lie flat before an operation, until a dense one has read them: their numbers stand in another order in Keras. @param {Operation[]} operations */
function flattened(operations) {
  /** @type {Map<string, [number, number, number]>} */
  const behind = new Map();
  let from;
  for (const operation of operations) {
    if (operation.op === 'flatten') from = operation.from;
    if (from && operation.name) behind.set(operation.name, from);
    if (operation.op === 'dense') from = undefined;
  }
  return behind;
}

/** Keras's names, and what they are where a layer is without. @type {Record<string, Record<string, [string, number?]>>} */
const kNames = {
  batchNorm: {
    weight: ['gamma', 1],
    bias: ['beta', 0],
    running_mean: ['moving_mean'],
    running_var: ['moving_variance'],
  },
  convolution: { weight: ['kernel'], bias: ['bias'] },
  dense: { weight: ['kernel'], bias: ['bias'] },
};

/**
 * @param {string} kind  as in `running_mean`
 * @param {import('./layers_model_graph.js').LayerStep} source
 * @param {{ operation: Operation, from: [number, number, number] | undefined, sides: number[] }} place
 * @param {Tensors} manifest
 * @returns {Float32Array}
 */
function valuesOf(kind, { name, config }, { operation, from, sides }, manifest) {
  const [word, absent] = kNames[operation.op][kind];
  const isLeftOut = (word === 'gamma' && config.scale === false) || (word === 'beta' && config.center === false);
  if (isLeftOut) return new Float32Array(sides[0]).fill(/** @type {number} */ (absent));
  const key = `${name}/${operation.depthwise && word === 'kernel' ? 'depthwise_kernel' : word}`;
  const tensor = manifest.get(key);
  const expected = kerasShape(sides, operation, kind);
  if (String(tensor?.shape) !== String(expected)) {
    const given = tensor ? `one of shape (${tensor.shape.join(', ')})` : 'no such weight';
    throw problem(`the weight ${inWords(key)} of model.json`, `numbers of shape (${expected.join(', ')})`, given);
  }
  const { values } = /** @type {Tensor} */ (tensor);
  if (kind !== 'weight' || operation.op === 'batchNorm')
    return from && operation.op === 'batchNorm' ? channelsFirst(values, 1, from) : values;
  if (operation.op === 'dense')
    return transposed(from ? channelsFirst(values, sides[0], from) : values, sides[1], sides[0]);
  // (kh kw, in, out) to (out, in, kh kw); of a depthwise one `in` and `out` have changed places already.
  const [outputs, inputs, rows, columns] = operation.depthwise ? [1, sides[0], sides[2], sides[3]] : sides;
  const pixels = rows * columns;
  const moved = new Float32Array(values.length);
  for (let p = 0; p < pixels; p++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++) moved[(o * inputs + i) * pixels + p] = values[(p * inputs + i) * outputs + o];
  return moved;
}

/** @param {number[]} sides  PyTorch's @param {Operation} operation @param {string} kind */
function kerasShape(sides, operation, kind) {
  if (kind !== 'weight' || operation.op === 'batchNorm') return sides;
  if (operation.op === 'dense') return [sides[1], sides[0]];
  const [outputs, inputs, rows, columns] = sides;
  return operation.depthwise ? [rows, columns, outputs, 1] : [rows, columns, inputs, outputs];
}

/** Rows in (H,W,C) order to (C,H,W). @param {Float32Array} values  (H W C, width) @param {number} width @param {[number, number, number]} shape */
function channelsFirst(values, width, [height, columns, channels]) {
  const moved = new Float32Array(values.length);
  const pixels = height * columns;
  for (let p = 0; p < pixels; p++)
    for (let c = 0; c < channels; c++)
      moved.set(values.subarray((p * channels + c) * width, (p * channels + c + 1) * width), (c * pixels + p) * width);
  return moved;
}

/** @param {Float32Array} values  (rows, columns) @param {number} rows @param {number} columns */
function transposed(values, rows, columns) {
  const moved = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) moved[c * rows + r] = values[r * columns + c];
  return moved;
}
