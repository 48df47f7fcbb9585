// ONNX Runtime Web: its training build, the last that was published (1.19.2), and for predictions its ordinary build with our own export.
import { toOnnx } from '../../../wasm/export_onnx.js';
import { adamGraph, checkpoint, trainingGraph } from './onnx_training.js';

const executionProviders = ['wasm'];

async function load(folder, build, threads) {
  const dist = new URL('onnxruntime-web/dist/', folder).href;
  // The training build does not know Node, and would fetch the file of its own threads.
  if (typeof process !== 'undefined') globalThis.location ??= /** @type {any} */ ({ origin: 'null', href: dist });
  const runtime = await import(`${dist}${build}`);
  runtime.env.logLevel = 'error';
  runtime.env.wasm.numThreads = threads;
  if (typeof process === 'undefined') runtime.env.wasm.wasmPaths = dist;
  return runtime;
}

export async function open({ task, network, samples, batches, folder, threads }) {
  const [height, width, channels] = samples.shape;
  const picture = (runtime, { channelsFirst, labels }) =>
    new runtime.Tensor('float32', channelsFirst, [labels.length, channels, height, width]);

  if (task === 'predict') {
    const build = typeof process === 'undefined' ? 'ort.wasm.min.mjs' : 'ort.node.min.mjs';
    const runtime = await load(folder, build, threads);
    const architecture = { operations: network.operations, outputs: 10 };
    const { tensors } = network;
    const file = toOnnx({ architecture, tensors, shape: samples.shape, normalization: null, classNames: [] });
    const session = await runtime.InferenceSession.create(file, { executionProviders });
    const feeds = { input: picture(runtime, batches[0]) };
    return { logits: async () => (await session.run(feeds)).logits.data };
  }

  const runtime = await load(folder, 'ort.training.wasm.min.mjs', threads);
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
