// `import`: a network of another program as an experiment file, and a weights file where it has weights.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { describeWeights, importLayersModel, importOnnx, importPython } from 'trainground';
import { checkWritable, readBytes, readStandardInput, readText, writeWhole } from './cli_files.js';
import { InputError, inWords, problem } from './experiment.js';
import { isZip } from './zip.js';

/** @typedef {{ out: string, save?: string, pictures?: string, weights?: string, shape?: string, log: string }} Values */

const isText = (/** @type {string} */ model) => model === '-' || /\.(py|txt|ipynb)$/i.test(model);
const isOnnx = (/** @type {string} */ model) => /\.onnx$/i.test(model);

const isFolder = (/** @type {string} */ model) =>
  stat(model).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Which options go with what is imported.
 * @param {string} model
 * @param {Values} values
 */
function checkOptions(model, values) {
  const isNeeded = !isText(model) || values.weights !== undefined;
  const isOfTeachable = !isText(model) && !isOnnx(model);
  /** @type {import('./experiment.js').Problem[]} */
  const problems = [];
  const refuse = (/** @type {string} */ path, /** @type {string} */ expected, /** @type {unknown} */ given) =>
    problems.push({ path, expected, given: inWords(given) });
  if (values.out === undefined) problems.push({ path: '--out', expected: 'a file to write', given: 'nothing' });
  if (isNeeded && values.save === undefined)
    problems.push({ path: '--save', expected: 'a file to write', given: 'nothing' });
  if (!isNeeded && values.save !== undefined)
    refuse('--save', 'left out, since a text has no weights (--weights adds them)', values.save);
  if (!isOfTeachable && values.pictures !== undefined)
    refuse('--pictures', 'left out, but of a network of Teachable Machine', values.pictures);
  for (const option of /** @type {const} */ (['weights', 'shape']))
    if (!isText(model) && values[option] !== undefined)
      refuse(`--${option}`, 'left out, but of a Python text', values[option]);
  if (values.shape !== undefined && !/^\d+[x,]\d+[x,]\d+$/.test(values.shape))
    refuse('--shape', 'height, width and channels, as in 28x28x1', values.shape);
  if (problems.length) throw new InputError(problems);
}

/**
 * @param {string} model  a Python text (- is standard input), an ONNX file, or the path of a model.json, of a folder that holds one, or of a zip
 * @param {Values} values
 */
export async function importModel(model, values) {
  if (!isText(model) && !isOnnx(model) && !/\.(json|zip)$/i.test(model) && !(await isFolder(model))) {
    const expected =
      'a Python text (.py), an ONNX file (.onnx), or a network of Teachable Machine (model.json, a zip, a folder)';
    throw problem('MODEL', expected, inWords(model));
  }
  checkOptions(model, values);
  const { out, save, log } = values;
  await checkWritable(out, '--out');
  await checkWritable(save, '--save');
  if (!isText(model) && !isOnnx(model)) return importTeachable(model, values);
  const { experiment, inputShape, notes, weights } = await (isOnnx(model)
    ? importOnnx(new Uint8Array(await readBytes(model, 'MODEL')))
    : importText(model, values));
  await writeJson(out, experiment);
  if (save && weights) await writeWhole(save, weights, '--save');
  if (log === 'ndjson') {
    process.stdout.write(
      `${JSON.stringify({ event: 'import', out, save, layers: experiment.layers.length, inputShape, notes })}\n`,
    );
    return 0;
  }
  const files = save ? `${out} and ${save}` : out;
  const shape = inputShape ? `, for samples of ${inputShape.join(' x ')}` : '';
  process.stdout.write(`Wrote ${files}: ${experiment.layers.length} layers${shape}\n`);
  for (const { line, text } of notes) process.stdout.write(`  ${line === undefined ? '' : `line ${line}: `}${text}\n`);
  return 0;
}

/** @param {string} model @param {Values} values */
async function importText(model, { weights, shape }) {
  const text = model === '-' ? await readStandardInput() : await readText(model);
  return importPython(text, {
    ...(shape && { shape: /** @type {[number, number, number]} */ (shape.split(/[x,]/).map(Number)) }),
    ...(weights && { weights: new Uint8Array(await readBytes(weights, '--weights')) }),
  });
}

/** @param {string} out @param {unknown} experiment */
const writeJson = (out, experiment) =>
  writeWhole(out, new TextEncoder().encode(`${JSON.stringify(experiment, null, 2)}\n`), '--out');

/** @param {string} model @param {Values} values */
async function importTeachable(model, { out, save: given, pictures, log }) {
  const save = /** @type {string} */ (given);
  const { experiment, weights } = await importLayersModel(await filesOf(model));
  const { preparation, classNames } = /** @type {any} */ (describeWeights(weights));
  if (pictures !== undefined) {
    const { size, channels, fit } = preparation;
    const path = relative(dirname(out), pictures);
    Object.assign(experiment, { dataset: { type: 'images', path, size: size[0], channels, fit } });
  }
  await writeJson(out, experiment);
  await writeWhole(save, weights, '--save');
  const report = { event: 'import', out, save, classNames, bytes: weights.length };
  const words = `Wrote ${out} and ${save} (${weights.length} bytes): a network of ${classNames.length} classes, ${classNames.join(', ')}\n`;
  process.stdout.write(log === 'ndjson' ? `${JSON.stringify(report)}\n` : words);
  return 0;
}

/** A zip alone, or the model with the files beside it. @param {string} model @returns {Promise<Record<string, Uint8Array>>} */
async function filesOf(model) {
  const path = (await isFolder(model)) ? join(model, 'model.json') : model;
  const file = new Uint8Array(await readBytes(path, 'MODEL'));
  if (isZip(file)) return { [basename(path)]: file };
  const beside = async (/** @type {string} */ name) => {
    const bytes = await readFile(join(dirname(path), name)).catch(() => undefined);
    return bytes ? { [name]: new Uint8Array(bytes) } : {};
  };
  return {
    'model.json': file,
    ...(await beside('metadata.json')),
    ...Object.assign({}, ...(await Promise.all(weightsOf(file).map(beside)))),
  };
}

/** The files that a model names for its weights, as far as it can be read. @param {Uint8Array} file @returns {string[]} */
function weightsOf(file) {
  try {
    const groups = JSON.parse(new TextDecoder().decode(file)).weightsManifest;
    return groups
      .flatMap((/** @type {any} */ group) => group.paths)
      .map((/** @type {unknown} */ path) => basename(String(path)));
  } catch {
    return [];
  }
}
