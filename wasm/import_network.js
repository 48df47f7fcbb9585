// A network of another program on its way in: the layers that it was read as are judged by the engine, with the places where they were read, and its
// weights take our names.
import { architectureOf } from './architecture.js';
import { InputError, inWords, problem, toJson } from './experiment.js';
import { bytesOf } from './files.js';
import { ask } from './inquiry.js';
import { readWeights, splitFile, writeWeights } from './safetensors.js';
import { sha256 } from './sha256.js';
import { describeWeights, describedWeights, kVersion } from './weights_file.js';

/**
 * @typedef {import('./chain_layers.js').Conversion} Conversion
 * @typedef {import('./safetensors.js').Tensor} Tensor
 */

/**
 * The experiment; throws what the reader did not understand and what the engine does not take, all of it at once.
 * @param {Conversion} conversion
 * @param {string | undefined} loss
 * @returns {Promise<any>}
 */
async function judged({ layers, places, problems }, loss) {
  const experiment = { layers, ...(loss && { loss }) };
  const judgement = layers.length ? await ask('check', toJson(experiment)) : [];
  const own = judgement.map((/** @type {import('./experiment.js').Problem} */ one) => {
    const keys = one.path.replace(/\[(\d+)\]/g, '.$1').split('.');
    for (let end = keys.length; end > 0; end--) {
      const place = places.get(keys.slice(0, end).join('.'));
      if (place) return { ...one, path: `${keys.slice(end).join('.') || 'the layer'} in ${place.words}` };
    }
    return one;
  });
  if (problems.length + own.length) throw new InputError([...problems, ...own]);
  return experiment;
}

/** The last dot is before the kind: layers.3.weight. @param {string} name @returns {[layer: string, kind: string]} */
const parts = (name) => [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];

/** @param {Uint8Array} weights @param {Conversion} conversion @param {Map<string, number[]>} shapes  of our tensors, by our names @returns {Map<string, Tensor>} */
function renamed(weights, { sources }, shapes) {
  const { header } = splitFile(weights);
  /** @type {Map<string, string>} */
  const theirs = new Map();
  for (const name of shapes.keys()) {
    const [layer, kind] = parts(name);
    const source = sources.get(layer);
    if (typeof source !== 'string')
      throw problem(
        'the text',
        'one that names each layer with weights, as in self.conv1 or name="conv1"',
        `none for ${layer}`,
      );
    // Our own script for Keras writes layers_3 where the weights have layers.3.
    const dotted = `${source.replace(/_/g, '.')}.${kind}`;
    theirs.set(
      name,
      !Object.hasOwn(header, `${source}.${kind}`) && Object.hasOwn(header, dotted) ? dotted : `${source}.${kind}`,
    );
  }
  const read = readWeights(
    weights,
    new Map([...theirs].map(([own, name]) => [name, /** @type {number[]} */ (shapes.get(own))])),
  );
  return new Map([...theirs].map(([own, name]) => [own, /** @type {Tensor} */ (read.get(name))]));
}

/** @param {any} experiment @param {Map<string, Tensor>} tensors @param {any} preparation @param {string[]} [classNames] */
async function written(experiment, tensors, preparation, classNames = []) {
  const file = writeWeights(tensors);
  if (!preparation) return file;
  const described = {
    version: kVersion,
    experiment: await ask('writeOut', toJson(experiment)),
    preparation,
    classNames,
  };
  return describedWeights(file, { ...described, weightsSha256: await sha256(file) });
}

/** @param {unknown} text @param {import('./import_types.d.ts').PythonOptions} [options] */
export async function importPython(text, { shape, weights } = {}) {
  if (
    shape !== undefined &&
    !(Array.isArray(shape) && shape.length === 3 && shape.every((side) => Number.isInteger(side) && side > 0))
  )
    throw problem('shape', 'height, width and channels of a sample', inWords(shape));
  const { readPython } = await import('./python_network.js');
  const { conversion, inputShape, loss } = readPython(text, shape);
  const experiment = await judged(conversion, loss);
  const own = shape ?? inputShape;
  const imported = { experiment, ...(own && { inputShape: own }), notes: conversion.notes };
  if (weights === undefined) return imported;
  if (!own) throw problem('shape', 'given with the weights, since the text does not say it', 'nothing');
  const described = describeWeights(weights);
  const tensors = renamed(weights, conversion, architectureOf(experiment, own).tensors);
  return { ...imported, weights: await written(experiment, tensors, described?.preparation, described?.classNames) };
}

/** @param {Blob | Uint8Array} file */
export async function importOnnx(file) {
  const { readOnnxNetwork } = await import('./onnx_network.js');
  const { conversion, inputShape, loss, preparation, classNames } = readOnnxNetwork(await bytesOf(file, 'the file'));
  const experiment = await judged(conversion, loss);
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  for (const [name, shape] of architectureOf(experiment, inputShape).tensors) {
    const [layer, kind] = parts(name);
    const given = conversion.sources.get(layer)?.[kind];
    const words = conversion.places.get(layer)?.words ?? layer;
    const count = shape.reduce((product, side) => product * side, 1);
    if (given?.values.length !== count)
      throw problem(`${kind} of ${words}`, `${count} numbers`, given ? String(given.values.length) : 'none');
    const values = Float32Array.from(given.values);
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0)
      throw problem(`${kind} of ${words}`, 'finite numbers of float32', `${values[wrong]} at place ${wrong}`);
    tensors.set(name, { shape, values });
  }
  return {
    experiment,
    inputShape,
    notes: conversion.notes,
    weights: await written(experiment, tensors, preparation, classNames),
  };
}
