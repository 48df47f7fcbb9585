/**
 * The trained network for other programs: ONNX, a PyTorch and a Keras script, and a small page of its own that needs nothing but a static
 * server.
 */
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { copied, download } from '../parts/download.js';
import { savedPage } from './saved_page.js';

const files = { onnx: 'network.onnx', pytorch: 'network_torch.py', keras: 'network_keras.py' };

/** @param {'onnx' | 'pytorch' | 'keras'} to */
export async function exportAs(to) {
  try {
    const type = to === 'onnx' ? 'application/octet-stream' : 'text/x-python';
    download(files[to], [await state.run.trainer.export(to)], type);
  } catch (error) {
    failed(error);
  }
}

/**
 * To the clipboard: the settings, or the PyTorch script.
 * @param {'json' | 'pytorch'} what
 */
export async function copyAs(what) {
  try {
    const { trainer, experiment } = state.run;
    const text =
      what === 'json' ? JSON.stringify(experiment, null, 2) : new TextDecoder().decode(await trainer.export('pytorch'));
    await copyText(what, text);
  } catch (error) {
    failed(error);
  }
}

/** Without leave for the clipboard the text is shown, marked, to be copied by hand. */
export async function copyText(what, text) {
  setView({ copied: { what, text: (await copied(text)) ? null : text } });
}

/** What of the package such a page loads: the modules and the build with one thread. */
const isNeeded = (path) => /^trainground\/[^/]+\.js$/.test(path) || /^trainground\/dist\/single\./.test(path);

/** A folder with a page of twenty lines that runs the trained network. */
export async function pageZip() {
  const { run } = state;
  try {
    const { zipSync, strToU8 } = await import('fflate');
    const { list } = await (await fetch('files.json')).json();
    const zip = {
      'index.html': strToU8(savedPage(run.start.preparation.kind)),
      'weights.safetensors': await run.trainer.saveWeights(),
    };
    for (const path of list.filter(isNeeded)) zip[path] = new Uint8Array(await (await fetch(path)).arrayBuffer());
    download('network-page.zip', [zipSync(zip, { level: 6 })], 'application/zip');
  } catch (error) {
    failed(error);
  }
}
