// TensorFlow.js on its WebAssembly backend, which has the gradients of dense layers but not those of convolutions.

export async function open({ task, network, samples, batches, folder, threads }) {
  const tf = await load(folder, threads);
  const model = build(tf, network.operations, samples.shape);
  for (const layer of model.layers) {
    const tensors = valuesOf(layer, network, samples.shape);
    layer.setWeights(tensors.map(({ shape, values }) => tf.tensor(values, shape)));
  }
  const [height, width, channels] = samples.shape;
  const pictures = batches.map(({ inputs, labels }) => tf.tensor(inputs, [labels.length, height, width, channels]));

  if (task === 'predict') {
    return {
      async logits() {
        const outputs = tf.tidy(() => model.apply(pictures[0], { training: false }));
        const values = await outputs.data();
        outputs.dispose();
        return values;
      },
    };
  }

  const adam = tf.train.adam(0.001, 0.9, 0.999, 1e-8);
  const targets = batches.map(({ labels }) => tf.oneHot(tf.tensor1d(labels, 'int32'), 10).toFloat());
  return {
    async step(i) {
      const at = i % 2;
      const loss = adam.minimize(
        () => tf.losses.softmaxCrossEntropy(targets[at], model.apply(pictures[at], { training: true })),
        true,
      );
      const [value] = await loss.data();
      loss.dispose();
      return value;
    },
  };
}

async function load(folder, threads) {
  const at = (file) => new URL(`@tensorflow/${file}`, folder);
  if (typeof process === 'undefined') {
    for (const file of ['tfjs/dist/tf.min.js', 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js']) {
      await new Promise((loaded, failed) => {
        const script = globalThis.document.createElement('script');
        Object.assign(script, { src: at(file).href, onload: loaded, onerror: () => failed(new Error(file)) });
        globalThis.document.head.append(script);
      });
    }
    globalThis.tf.wasm.setWasmPaths(at('tfjs-backend-wasm/dist/').href);
    globalThis.tf.wasm.setThreadsCount(threads);
  } else {
    const { createRequire } = await import('node:module');
    const { fileURLToPath } = await import('node:url');
    const require = createRequire(folder);
    globalThis.tf = require('@tensorflow/tfjs');
    require('@tensorflow/tfjs-backend-wasm').setWasmPaths(fileURLToPath(at('tfjs-backend-wasm/dist/')));
  }
  const { tf } = globalThis;
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend did not start');
  await tf.ready();
  return tf;
}

function build({ layers: make, sequential }, operations, shape) {
  const model = sequential();
  for (const [i, operation] of operations.entries()) {
    const { op, name, kernel, strides, same } = operation;
    const start = i === 0 ? { inputShape: shape } : {};
    switch (op) {
      case 'flatten':
        model.add(make.flatten(start));
        break;
      case 'dense':
        model.add(make.dense({ ...start, name, units: operation.units }));
        break;
      case 'convolution': {
        const options = { ...start, name, kernelSize: kernel, strides, padding: same ? 'same' : 'valid' };
        const { groups, filters } = operation;
        model.add(groups > 1 ? make.depthwiseConv2d(options) : make.conv2d({ ...options, filters }));
        break;
      }
      case 'batchNorm':
        model.add(make.batchNormalization({ name, momentum: operation.momentum, epsilon: operation.epsilon }));
        break;
      case 'activation':
        model.add(make.reLU(operation.function === 'relu6' ? { maxValue: 6 } : {}));
        break;
      case 'maxPool2d':
        model.add(make.maxPooling2d({ poolSize: kernel, strides }));
        break;
      case 'globalAverage':
        model.add(make.globalAveragePooling2d({}));
        break;
      default:
        throw new Error(`no ${op} here`);
    }
  }
  return model;
}

/** A layer's weights in its own layouts: kernels with the outputs last, flattened pictures in (H,W,C) order. */
function valuesOf({ name }, { operations, tensors }, picture) {
  const place = operations.findIndex((operation) => operation.name === name);
  if (place < 0) return [];
  const { shape, values } = tensors.get(`${name}.weight`);
  const others = ['bias', 'running_mean', 'running_var'].filter((key) => tensors.has(`${name}.${key}`));
  const rest = others.map((key) => tensors.get(`${name}.${key}`));
  if (shape.length === 1) return [{ shape, values }, ...rest];
  if (shape.length === 4) {
    const [outputs, inputs, rows, columns] = shape;
    const depthwise = operations[place].groups > 1;
    const kernel = new Float32Array(values.length);
    let from = 0;
    for (let o = 0; o < outputs; ++o) {
      for (let i = 0; i < inputs; ++i) {
        for (let at = 0; at < rows * columns; ++at) kernel[(at * inputs + i) * outputs + o] = values[from++];
      }
    }
    return [{ shape: [rows, columns, ...(depthwise ? [outputs, 1] : [inputs, outputs])], values: kernel }, ...rest];
  }
  const [outputs, inputs] = shape;
  const before = operations[place - 1];
  const [height, width, channels] = before?.op === 'flatten' ? (before.from ?? picture) : [1, 1, inputs];
  const matrix = new Float32Array(values.length);
  for (let o = 0; o < outputs; ++o) {
    for (let i = 0; i < inputs; ++i) {
      const pixel = i % (height * width);
      const channel = Math.floor(i / (height * width));
      matrix[(pixel * channels + channel) * outputs + o] = values[o * inputs + i];
    }
  }
  return [{ shape: [inputs, outputs], values: matrix }, ...rest];
}
