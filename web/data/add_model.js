/** A network of another program among dropped or chosen files: Teachable Machine's model.json, metadata.json and weights.bin, or the zip of them. */
import { importLayersModel, InputError } from 'trainground';
import { tell } from '../app/events.js';
import { dismiss, failed, notice } from '../parts/alerts.js';

const kDirectory = 65_536; // bytes at a zip's end that its directory lies in, where it lists few files

const isModel = ({ name }) => /^model.*\.json$/i.test(name);

/** Whether a zip holds a model, by the names at its end. @param {File} file */
async function holdsModel(file) {
  if (!/\.zip$/i.test(file.name)) return false;
  const end = await file.slice(Math.max(0, file.size - kDirectory)).arrayBuffer();
  return /(^|[^\w])model\.json/.test(new TextDecoder('latin1').decode(end));
}

/** As their names are in a model, where a browser has numbered a second download: `metadata (1).json`. @param {File} file @returns {[string, File]} */
const named = (file) => [file.name.replace(/ ?\(\d+\)(?=\.\w+$)/, ''), file];

/** Begins with the network among these files; false: there is none. @param {File[]} files */
export async function tookModel(files) {
  const model = files.find(isModel) ?? (files.length === 1 && (await holdsModel(files[0])) ? files[0] : undefined);
  if (!model) return false;
  dismiss('not-opened');
  try {
    await tell('network', { name: model.name, ...(await importLayersModel(Object.fromEntries(files.map(named)))) });
  } catch (error) {
    if (error instanceof InputError) notice('not-opened', { name: model.name, text: error.message });
    else failed(error);
  }
  return true;
}
