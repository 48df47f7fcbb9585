// jax-js on its WebAssembly device: one jit over the loss, its gradients and Adam, as its manual does it. An array is used up by what it
// is given to, unless it goes there by `ref`.
export async function open({ task, network, samples, batches, folder, threads }) {
  // It takes as many workers as there are cores.
  if (typeof navigator !== 'undefined') {
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: threads, configurable: true });
  }
  const jax = await import(new URL('@jax-js/jax/dist/index.js', folder).href);
  const { numpy: np, nn, jit, valueAndGrad, blockUntilReady } = jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');

  const [height, width, channels] = samples.shape;
  const pictures = batches.map(({ channelsFirst, labels }) =>
    np.array(channelsFirst).reshape([labels.length, channels, height, width]),
  );
  const { operations, tensors } = network;
  const weights = Object.fromEntries(
    [...tensors].map(([name, { shape, values }]) => {
      const array = np.array(values).reshape(shape);
      return [name, shape.length === 2 ? array.transpose() : array]; // (in, out), as in a JAX program
    }),
  );

  if (task === 'predict') {
    const run = jit((w, x) => forward(jax, operations, w, x, false));
    const refs = () => Object.fromEntries(Object.entries(weights).map(([name, array]) => [name, array.ref]));
    return { logits: () => run(refs(), pictures[0].ref).data() };
  }

  const names = network.trained;
  const targets = batches.map(({ labels }) => nn.oneHot(np.array(labels, { dtype: np.int32 }), 10));
  const loss = (list, x, y) => {
    const w = Object.fromEntries(names.map((name, i) => [name, list[i]]));
    const logits = forward(jax, operations, w, x, true);
    return np.sum(nn.logSoftmax(logits).mul(y)).mul(-1 / batches[0].labels.length);
  };
  const train = jit((w, m, v, ...rest) => {
    const [x, y, rate, scale] = rest;
    const [value, gradients] = valueAndGrad(loss)(
      w.map((array) => array.ref),
      x,
      y,
    );
    const next = { w: [], m: [], v: [] };
    for (const [i, gradient] of gradients.entries()) {
      const first = m[i].mul(0.9).add(gradient.ref.mul(0.1));
      const second = v[i].mul(0.999).add(np.square(gradient).mul(0.001));
      const size = np.sqrt(second.ref.mul(scale.ref)).add(1e-8);
      next.w.push(w[i].sub(first.ref.mul(rate.ref).div(size)));
      next.m.push(first);
      next.v.push(second);
    }
    rate.dispose();
    scale.dispose();
    return [value, next.w, next.m, next.v];
  });
  let state = [
    names.map((name) => weights[name]),
    ...[0, 1].map(() => names.map((name) => np.zeros(weights[name].shape))),
  ];
  return {
    async step(i) {
      const t = i + 1;
      const rate = np.array(0.001 / (1 - 0.9 ** t));
      const scale = np.array(1 / (1 - 0.999 ** t));
      const [value, ...next] = train(...state, pictures[i % 2].ref, targets[i % 2].ref, rate, scale);
      state = next;
      const [number] = await value.data();
      await blockUntilReady(state);
      return number;
    },
  };
}

function forward({ numpy: np, nn, lax }, operations, w, x, training) {
  const perChannel = (array) => array.reshape([1, -1, 1, 1]);
  for (const operation of operations) {
    const weight = w[`${operation.name}.weight`];
    const bias = w[`${operation.name}.bias`];
    switch (operation.op) {
      case 'flatten':
        x = x.reshape([x.shape[0], x.shape.slice(1).reduce((product, side) => product * side, 1)]);
        break;
      case 'dense':
        x = np.matmul(x, weight).add(bias);
        break;
      case 'convolution': {
        const { strides, borders, groups } = operation;
        const options = groups > 1 ? { featureGroupCount: groups } : {};
        const sides = [borders.slice(0, 2), borders.slice(2)];
        x = lax.convGeneralDilated(x, weight, [strides, strides], sides, options).add(perChannel(bias));
        break;
      }
      case 'batchNorm': {
        const over = [[0, 2, 3], { keepdims: true }];
        const mean = training ? np.mean(x.ref, ...over) : perChannel(w[`${operation.name}.running_mean`]);
        const centred = x.sub(mean);
        const variance = training
          ? np.mean(np.square(centred.ref), ...over)
          : perChannel(w[`${operation.name}.running_var`]);
        const scale = perChannel(weight).div(np.sqrt(variance.add(operation.epsilon)));
        x = centred.mul(scale).add(perChannel(bias));
        break;
      }
      case 'activation':
        x = operation.function === 'relu' ? nn.relu(x) : nn.relu6(x);
        break;
      case 'maxPool2d':
        x = lax.reduceWindow(x, np.max, [operation.kernel, operation.kernel], [operation.strides, operation.strides]);
        break;
      case 'globalAverage':
        x = np.mean(x, [2, 3]);
        break;
      default:
        throw new Error(`no ${operation.op} here`);
    }
  }
  return x;
}
