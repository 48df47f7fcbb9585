// LiteRT.js: what was TensorFlow Lite, with XNNPACK, in a browser. It only predicts. Its build of its own choice multiplies and adds by
// relaxed SIMD, which rounds once where the processor has FMA and twice elsewhere: other bits on other machines, for a speed that we
// renounce. Its build for browsers without that (litert_compat.js) is the peer that keeps to what we keep to.
import { tfliteModel } from './tflite_model.js';

export const open = (question) => openBuild(question.threads > 1 ? 'threaded_internal' : 'internal', question);

/** Its files are scripts of a page or a worker; under Node they take its functions, where they find them, and threads nowhere. */
async function actAsWorker() {
  const [{ readFileSync }, { createRequire }, { dirname }, { fileURLToPath }, { runInThisContext }] = await Promise.all(
    ['fs', 'module', 'path', 'url', 'vm'].map((name) => import(`node:${name}`)),
  );
  Object.assign(globalThis, {
    self: globalThis,
    importScripts(url) {
      const filename = fileURLToPath(url);
      Object.assign(globalThis, { require: createRequire(filename), __dirname: dirname(filename) });
      runInThisContext(readFileSync(filename, 'utf8'), { filename });
    },
  });
}

export async function openBuild(build, { task, network, batches, samples, folder, threads }) {
  if (task !== 'predict') throw new Error('it only predicts');
  if (typeof process !== 'undefined') await actAsWorker();
  const { flatbuffers } = await import(new URL('flatbuffers/js/flatbuffers.mjs', folder).href);
  const { loadLiteRt, loadAndCompile, Tensor } = await import(new URL('@litertjs/core/dist/index.js', folder).href);
  await loadLiteRt(new URL(`@litertjs/core/wasm/litert_wasm_${build}.js`, folder).href, { threads: threads > 1 });
  const [{ inputs, labels }] = batches;
  const file = tfliteModel(flatbuffers, network, labels.length, samples.shape);
  const model = await loadAndCompile(file, { accelerator: 'wasm', cpuOptions: { numThreads: threads } });
  const pictures = new Tensor(inputs, [labels.length, ...samples.shape]);
  return {
    async logits() {
      const [output] = await model.run(pictures);
      const values = await output.data();
      output.delete();
      return values;
    },
  };
}
