// `import`: a network of another program as an experiment file and a weights file.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { describeWeights, importLayersModel } from 'trainground';
import { checkWritable, readBytes, writeWhole } from './cli_files.js';
import { isZip } from './zip.js';

/**
 * @param {string} model  path of a model.json, of a folder that holds one, or of a zip
 * @param {{ out: string, save: string, pictures?: string, log: string }} values
 */
export async function importModel(model, { out, save, pictures, log }) {
  await checkWritable(out, '--out');
  await checkWritable(save, '--save');
  const { experiment, weights } = await importLayersModel(await filesOf(model));
  const { preparation, classNames } = /** @type {any} */ (describeWeights(weights));
  if (pictures !== undefined) {
    const { size, channels, fit } = preparation;
    const path = relative(dirname(out), pictures);
    Object.assign(experiment, { dataset: { type: 'images', path, size: size[0], channels, fit } });
  }
  await writeWhole(out, new TextEncoder().encode(`${JSON.stringify(experiment, null, 2)}\n`), '--out');
  await writeWhole(save, weights, '--save');
  const report = { event: 'import', out, save, classNames, bytes: weights.length };
  const words = `Wrote ${out} and ${save} (${weights.length} bytes): a network of ${classNames.length} classes, ${classNames.join(', ')}\n`;
  process.stdout.write(log === 'ndjson' ? `${JSON.stringify(report)}\n` : words);
  return 0;
}

/** A zip alone, or the model with the files beside it. @param {string} model @returns {Promise<Record<string, Uint8Array>>} */
async function filesOf(model) {
  const isFolder = await stat(model).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const path = isFolder ? join(model, 'model.json') : model;
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
