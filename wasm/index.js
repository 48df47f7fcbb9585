// The package's public door; index.d.ts is its manual. Plain ES modules that run as they stand, in pages and in Node.
import { toJson } from './experiment.js';
import { writeNetwork } from './export.js';
import { ask, inquiry } from './inquiry.js';
import { read } from './reading.js';
import { writeWeights } from './safetensors.js';
import { sha256 } from './sha256.js';
import { describedWeights, kVersion } from './weights_file.js';

export { configure } from './assets.js';
export { listBuiltIns as datasets } from './builtin.js';
export { captureTimes } from './capture_time.js';
export { classesOf, isPictureName, isSystemFile } from './class_folders.js';
export { crossValidate } from './cross_validation.js';
export { InputError } from './experiment.js';
export { resizeImage } from './frames.js';
export { decodeImages, warmUpDecoder } from './images.js';
export { kFew as fewSamples, wilson } from './interval.js';
export { Network, openNetwork } from './network.js';
export { findBursts, groupPictures } from './picture_groups.js';
export { prepareImage, prepareImages } from './preparation.js';
export { Trainer } from './trainer.js';
export { listBackbones as backbones } from './transfer.js';
export { describeWeights } from './weights_file.js';

/** @param {Uint8Array | Blob} file @param {import('./reading.js').ReadingOptions} [options] */
export const describeTable = async (file, options) => read(await inquiry(), { what: 'describe', rows: file }, options);

/** @param {unknown} experiment */
export const check = async (experiment) => ask('check', toJson(experiment));

export const options = () => ask('options');

/** @param {import('./index.d.ts').ExportRequest} request */
export const exportNetwork = async (request) =>
  writeNetwork(await ask('writeOut', toJson(request?.experiment)), request);

/** @param {unknown} experiment */
export const planSweep = async (experiment) => (await import('./sweep.js')).planSweep(experiment);

/** @param {unknown} experiment @param {import('./sweep_types.d.ts').SweepOptions} [options] */
export const sweep = async (experiment, options) => (await import('./sweep.js')).sweep(experiment, options);

/** @param {unknown} experiment @param {number} setting @param {import('./sweep_types.d.ts').SweepOptions} [options] */
export const testSweep = async (experiment, setting, options) =>
  (await import('./sweep.js')).testSweep(experiment, setting, options);

/** @param {unknown} experiment @param {Iterable<import('./sweep_types.d.ts').SweepResult>} results */
export const gatherSweep = async (experiment, results) => (await import('./sweep.js')).gatherSweep(experiment, results);

/** @param {import('./sweep_types.d.ts').Sweep} told @param {'csv' | 'json'} form */
export const sweepTable = async (told, form) => (await import('./sweep_words.js')).tableOf(told, form);

/** @param {Trainer} trainer @param {Parameters<typeof import('./card.js').makeCard>[1]} [options] */
export const makeCard = async (trainer, options) => (await import('./card.js')).makeCard(trainer, options);

/** @param {unknown} file */
export const readCard = async (file) => (await import('./card.js')).readCard(file);

/** @param {import('./card_types.d.ts').Card[]} cards @param {import('./card_types.d.ts').CardCheckOptions} [options] */
export const checkCards = async (cards, options) => (await import('./card_check.js')).checkCards(cards, options);

/** @param {Blob | Uint8Array} file */
export const readTeachableMachineProject = async (file) => (await import('./picture_project.js')).readProject(file);

/** @param {string} text @param {import('./import_types.d.ts').PythonOptions} [options] */
export const importPython = async (text, options) => (await import('./import_network.js')).importPython(text, options);

/** @param {Blob | Uint8Array} file */
export const importOnnx = async (file) => (await import('./import_network.js')).importOnnx(file);

/** @param {Record<string, Blob | Uint8Array>} files */
export async function importLayersModel(files) {
  const { readLayersModel } = await import('./layers_model.js');
  const { experiment, tensors, preparation, classNames } = await readLayersModel(files);
  const file = writeWeights(tensors);
  const described = {
    version: kVersion,
    experiment: await ask('writeOut', toJson(experiment)),
    preparation,
    classNames,
  };
  const weights = describedWeights(file, { ...described, weightsSha256: await sha256(file) });
  return { experiment, weights };
}
