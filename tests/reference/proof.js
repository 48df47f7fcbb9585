// The proof of each technique as a table: how far 200 random runs that use it are from PyTorch, step by step, and how far backward is from
// two losses per weight in double precision. Everything is computed here and now: `npm run proof`, some minutes.
import { Trainer } from 'trainground';
import { compare, without } from './differential.js';

const kDraws = 200;

/** Every technique by its option: whether an experiment uses it. @type {Array<[string, string, (experiment: any) => boolean]>} */
const techniques = [];
const add = (/** @type {[string, string, (experiment: any) => boolean]} */ ...row) => void techniques.push(row);

/** @param {any[]} layers @returns {any[]} */
const flat = (layers) => layers.flatMap((layer) => [layer, ...flat(layer.layers ?? [])]);
const some = (/** @type {any} */ { layers }, /** @type {(layer: any) => boolean} */ test) => flat(layers).some(test);
const typeOf = (/** @type {any} */ option, /** @type {string} */ usual) =>
  option === undefined ? usual : typeof option === 'string' ? option : option.type;

for (const type of ['dense', 'conv2d', 'depthwiseConv2d', 'residual', 'batchNormalization', 'maxPool2d', 'averagePool2d', 'globalAveragePool2d', 'dropout']) {
  add('layer', type, (experiment) => some(experiment, (layer) => layer.type === type));
}
for (const name of ['relu', 'relu6', 'leakyRelu', 'elu', 'gelu', 'silu', 'tanh', 'sigmoid']) {
  add('activation', name, (experiment) => some(experiment, (layer) => (layer.function ?? layer.activation) === name));
}
add('layer', 'trainable: false', (experiment) => some(experiment, (layer) => layer.trainable === false));
add('layer', 'its own l1 or l2', (experiment) => some(experiment, ({ l1, l2 }) => l1 > 0 || l2 > 0));
for (const type of ['crossEntropy', 'binaryCrossEntropy', 'meanSquaredError']) {
  add('loss', type, ({ loss }) => typeOf(loss, 'crossEntropy') === type);
}
add('loss', 'labelSmoothing', ({ loss }) => loss?.labelSmoothing > 0);
add('regularisation', 'l1', ({ l1 }) => l1 > 0);
add('regularisation', 'l2', ({ l2 }) => l2 > 0);
add('regularisation', 'elasticNet', ({ elasticNet }) => elasticNet !== undefined);
for (const type of ['sgd', 'momentum', 'rmsprop', 'adam', 'adamw', 'adagrad', 'adadelta']) {
  add('optimizer', type, ({ optimizer }) => typeOf(optimizer, 'adam') === type);
}
add('optimizer', 'nesterov', ({ optimizer }) => optimizer?.nesterov === true);
add('optimizer', 'clipNorm', ({ optimizer }) => optimizer?.clipNorm > 0);
for (const type of ['constant', 'step', 'exponential', 'cosine', 'reduceOnPlateau']) {
  add('schedule', type, ({ learningRateSchedule }) => typeOf(learningRateSchedule, 'constant') === type);
}
add('schedule', 'warmupEpochs', ({ learningRateSchedule }) => learningRateSchedule?.warmupEpochs > 0);
for (const freeze of ['none', 'most', 'all']) add('transfer', `freeze: ${freeze}`, ({ transfer }) => transfer?.freeze === freeze);

/** The worst relative error of a gradient of this draw, in double precision. @param {any} experiment */
async function gradientError({ transfer, dataset, ...experiment }) {
  void [transfer, dataset]; // random weights and numbers of our own serve as well
  const outputs = experiment.layers.at(-1).units;
  const inputs = Float32Array.from({ length: 12 * 11 * 11 * 3 }, (_, i) => Math.abs(Math.sin(i * i)));
  const targets = Float32Array.from({ length: 12 * outputs }, (_, i) => (Math.sin(3 * i) + 1) / 2);
  const labels = Int32Array.from({ length: 12 }, (_, i) => i % Math.max(2, outputs));
  const picture = experiment.layers.some((/** @type {any} */ { type }) => /flatten|global/i.test(type));
  const shape = picture ? [11, 11, 3] : [1, 1, 11 * 11 * 3];
  const regression = typeOf(experiment.loss, 'crossEntropy') === 'meanSquaredError';
  const data = { inputs, shape, ...(regression ? { targets } : { labels }) };
  const trainer = await Trainer.open({ ...experiment, shuffle: true }, { data: /** @type {any} */ (data), threads: 1, sameThread: true });
  try {
    const { worst } = await trainer.checkGradients({ perTensor: 5 });
    return worst?.error ?? 0;
  } finally {
    await trainer.dispose();
  }
}

const missing = without();
if (missing) throw new Error(`proof: ${missing}`);
const draws = await compare(1001, kDraws);
const errors = [];
for (const [i, { experiment }] of draws.entries()) {
  process.stderr.write(`\rgradients ${i + 1}/${kDraws}`);
  errors.push(await gradientError(experiment));
}
process.stderr.write('\n');

const worst = (/** @type {number[]} */ numbers) => (numbers.length ? Math.max(...numbers).toExponential(1) : '-');
console.log('| | option | draws | loss, exact | loss, Winograd | weights | gradient in float64 |\n|---|---|---|---|---|---|---|');
for (const [kind, option, uses] of [.../** @type {typeof techniques} */ (techniques), ['all', '', () => true]]) {
  const chosen = draws.map((draw, i) => ({ ...draw, error: errors[i] })).filter(({ experiment }) => /** @type {any} */ (uses)(experiment));
  const losses = (/** @type {boolean} */ exact) => worst(chosen.filter((draw) => draw.experiment.exact === exact).map(({ loss }) => loss));
  console.log(
    `| ${kind} | ${option} | ${chosen.length} | ${losses(true)} | ${losses(false)} | ${worst(chosen.map(({ weights }) => weights))} | ` +
      `${worst(chosen.map(({ error }) => error))} |`,
  );
}
