// Networks of Teachable Machine at their real size, MobileNetV2 0.35 at 224 pixels, by TensorFlow.js 4.22 itself: saved by it, and asked by it of the
// same pixels. Installed in a folder of its own, pinned; skipped where the registry cannot be reached.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { importLayersModel, openNetwork } from 'trainground';
import { temporaryFolder } from '../wasm/command.js';
import { modelFiles, pixelsFor, small, teachableMachine, teachableModel } from '../wasm/layers_models.js';

const kPackages = ['@tensorflow/tfjs@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'];
const folder = temporaryFolder();
const installed = join(process.env.TFJS_FOLDER ?? join(tmpdir(), 'trainground-tfjs'));

/** Why it cannot run; false: it can. */
function noTensorFlow() {
  if (existsSync(join(installed, 'node_modules/@tensorflow/tfjs-backend-wasm'))) return false;
  try {
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...kPackages], { cwd: installed });
    return false;
  } catch (error) {
    return `TensorFlow.js cannot be installed: ${error.message}`;
  }
}
const skip = noTensorFlow();

/**
 * What TensorFlow.js says: of the files as they are, or of those that it writes itself once it has read them.
 * @param {Record<string, Uint8Array>} files
 * @param {Uint8Array} pixels
 */
function tensorFlow(files, pixels) {
  for (const [name, bytes] of Object.entries({ ...files, 'pixels.bin': pixels }))
    writeFileSync(join(folder, name), bytes);
  const script = join(installed, 'reader.mjs');
  writeFileSync(script, readFileSync(fileURLToPath(new URL('./readers/tfjs_reader.js', import.meta.url))));
  execFileSync(process.execPath, [script, folder]);
  const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
  return {
    probabilities: JSON.parse(readFileSync(join(folder, 'said.json'), 'utf8')),
    saved: {
      'model.json': read('saved.json'),
      'weights.bin': read('saved.bin'),
      'metadata.json': files['metadata.json'],
    },
  };
}

for (const [size, form] of Object.entries({ 'real size': teachableMachine, small })) {
  for (const packing of /** @type {const} */ (['float32', 'float16', 'uint16', 'uint8'])) {
    test(
      `${size}, ${packing}: the same probabilities, of the files and of those that TensorFlow.js saves`,
      { skip },
      async (context) => {
        const files = modelFiles(teachableModel(form), packing);
        const pixels = pixelsFor(form, 4);
        const { probabilities, saved } = tensorFlow(files, pixels);
        for (const given of [files, saved]) {
          const from = performance.now();
          const { weights } = await importLayersModel(given);
          const network = await openNetwork(weights);
          const said = await network.predict(pixels);
          await network.dispose();
          const apart = Math.max(...probabilities.map((value, i) => Math.abs(value - said.probabilities[i])));
          context.diagnostic(
            `${apart.toExponential(1)} apart, imported and asked in ${Math.round(performance.now() - from)} ms`,
          );
          assert.ok(apart < 1e-4, String(apart));
        }
        const numbers = probabilities.map((value) => Number(value.toFixed(6)));
        if (form === small) context.diagnostic(`${packing}: [${numbers.join(', ')}]`);
      },
    );
  }
}
