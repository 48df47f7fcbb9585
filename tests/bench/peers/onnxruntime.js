// ONNX Runtime Web: its training build, the last that was published (1.19.2), and for predictions its newest one with our own export.
import { exportNetwork } from '../../../wasm/index.js';
import { adamGraph, checkpoint, trainingGraph } from './onnx_training.js';

const executionProviders = ['wasm'];

async function load(folder, [name, build], threads) {
  const dist = new URL(`${name}/dist/`, folder).href;
  // The training build does not know Node, and would fetch the file of its own threads.
  if (typeof process !== 'undefined') globalThis.location ??= /** @type {any} */ ({ origin: 'null', href: dist });
  const runtime = await import(`${dist}${build}`);
  runtime.env.logLevel = 'error';
  runtime.env.wasm.numThreads = threads;
  if (typeof process === 'undefined') runtime.env.wasm.wasmPaths = dist;
  return runtime;
}

export async function open({ task, experiment, weights, network, samples, batches, folder, threads }) {
  const [height, width, channels] = samples.shape;
  const picture = (runtime, { channelsFirst, labels }) =>
    new runtime.Tensor('float32', channelsFirst, [labels.length, channels, height, width]);

  if (task === 'predict') {
    const build = typeof process === 'undefined' ? 'ort.wasm.min.mjs' : 'ort.node.min.mjs';
    const runtime = await load(folder, ['onnxruntime-web-newest', build], threads);
    const file = await exportNetwork({ experiment, shape: samples.shape, weights, to: 'onnx' });
    const session = await runtime.InferenceSession.create(file, { executionProviders });
    const feeds = { input: picture(runtime, batches[0]) };
    return { logits: async () => (await session.run(feeds)).logits.data };
  }

  const runtime = await load(folder, ['onnxruntime-web', 'ort.training.wasm.min.mjs'], threads);
  const { flatbuffers } = await import(new URL('flatbuffers/js/flatbuffers.mjs', folder).href);
  const artifacts = {
    checkpointState: checkpoint(flatbuffers, network),
    trainModel: trainingGraph(network, batches[0].labels.length, samples.shape),
    optimizerModel: adamGraph(),
  };
  const session = await runtime.TrainingSession.create(artifacts, { executionProviders });
  const feeds = batches.map((batch) => ({
    input: picture(runtime, batch),
    labels: new runtime.Tensor('int64', BigInt64Array.from(batch.labels, BigInt), [batch.labels.length]),
  }));
  return {
    async step(i) {
      const { loss } = await session.runTrainStep(feeds[i % 2]);
      await session.runOptimizerStep();
      await session.lazyResetGrad();
      return loss.data[0];
    },
  };
}
