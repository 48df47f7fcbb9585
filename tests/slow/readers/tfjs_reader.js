// Reads a layers model from a folder with TensorFlow.js, says what it says of pixels.bin (bytes / 127.5 - 1), and saves it as TensorFlow.js does. It is
// copied to where TensorFlow.js is installed.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

await tf.setBackend('wasm');
const folder = process.argv[2];
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const weightData = new Uint8Array(readFileSync(join(folder, 'weights.bin'))).buffer;
const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
const model = await tf.loadLayersModel({ load: async () => ({ modelTopology, weightSpecs, weightData }) });
const pixels = Float32Array.from(readFileSync(join(folder, 'pixels.bin')));
const [, ...shape] = /** @type {number[]} */ (model.inputs[0].shape);
const inputs = tf.tensor(pixels, [pixels.length / shape.reduce((a, b) => a * b), ...shape]);
const said = /** @type {tf.Tensor} */ (model.predict(inputs.div(127.5).sub(1)));
writeFileSync(join(folder, 'said.json'), JSON.stringify([...(await said.data())]));
await model.save({
  async save({ modelTopology, weightSpecs, weightData }) {
    const manifest = [{ paths: ['./weights.bin'], weights: weightSpecs }];
    writeFileSync(
      join(folder, 'saved.json'),
      JSON.stringify({ modelTopology, weightsManifest: manifest, format: 'layers-model' }),
    );
    writeFileSync(
      join(folder, 'saved.bin'),
      new Uint8Array(tf.io.CompositeArrayBuffer?.join?.(weightData) ?? weightData),
    );
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  },
});
