/**
 * Transfer: a network that has learned six kinds of clothes meets the other four, ten pictures of each. A starts from random weights; B starts
 * from what was learned, its filters frozen (the cheat sheet's "freeze all"), and trains the last layer alone. No hidden dense layer stands
 * between the frozen filters and the answer: a narrow one would carry the old kinds only.
 */
import { Trainer } from 'trainground';
import { defaultExperiment } from './state.js';

const known = 6;
const perClass = 10;
const judged = 100;

/** Filters and pooling, then the answer at once. */
function network(outputs) {
  const filters = defaultExperiment('fashion').layers.filter(({ type }) => type !== 'dense');
  return [...filters, { type: 'dense', units: outputs }];
}

/** The parts of a safetensors file. */
function read(file) {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { header: JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))), from: 8 + length };
}

/** The weights of `file` with every tensor but the last layer's taken from `donor`. */
export function withFilters(file, donor, lastLayer) {
  const merged = file.slice();
  const [own, other] = [read(merged), read(donor)];
  for (const [name, { data_offsets: offsets }] of Object.entries(own.header)) {
    if (!offsets || name.startsWith(`layers.${lastLayer}.`)) continue;
    const [begin, end] = other.header[name].data_offsets;
    merged.set(donor.subarray(other.from + begin, other.from + end), own.from + offsets[0]);
  }
  return merged;
}

const frozen = (layers) =>
  layers.map((layer) =>
    ['conv2d', 'batchNormalization'].includes(layer.type) ? { ...layer, trainable: false } : layer,
  );

/** Pictures of these classes, from..to of each in the set's order. */
function choose(labels, classes, from, to) {
  const seen = new Map();
  return Array.from(labels.keys()).filter((index) => {
    const label = labels[index];
    if (!classes.includes(label)) return false;
    const number = seen.get(label) ?? 0;
    seen.set(label, number + 1);
    return number >= from && number < to;
  });
}

/** The two sides, after the first network has learned its six kinds. */
export async function transferSides(now, signal) {
  const base = { ...defaultExperiment('fashion'), seed: now.seed, layers: network(known), validationSplit: 0.2 };
  delete base.earlyStopping;
  const whole = await Trainer.open({ ...defaultExperiment('fashion'), epochs: 1 });
  const { shape, classNames } = whole.start;
  const { labels } = await whole.split();
  const take = async (classes, from, to) => {
    const { inputs, labels: chosen } = await whole.samples(choose(labels, classes, from, to));
    return {
      inputs,
      labels: chosen.map((label) => label - classes[0]),
      shape,
      classNames: classes.map((k) => classNames[k]),
    };
  };
  const old = Array.from({ length: known }, (_, k) => k);
  const fresh = Array.from({ length: classNames.length - known }, (_, k) => k + known);
  const first = await take(old, 0, 200);
  const data = await take(fresh, 0, perClass);
  const validationData = await take(fresh, perClass, perClass + judged);
  whole.dispose();

  const small = { ...base, layers: network(fresh.length), batchSize: 20, epochs: 5 };
  const learned = await weightsOf({ ...base, epochs: 5 }, { data: first }, signal);
  const random = await weightsOf(small, { data, validationData }, null);
  const weights = withFilters(random, learned, small.layers.length - 1);
  return {
    a: small,
    b: { ...small, layers: frozen(small.layers) },
    optionsA: { data, validationData },
    optionsB: { data, validationData, weights },
    preset: perClass,
  };
}

/** The weights of a network: after training, or as it begins where `signal` is null. */
async function weightsOf(experiment, options, signal) {
  const trainer = await Trainer.open(experiment, options);
  try {
    if (signal) for await (const event of trainer.train({ signal })) if (event.event === 'end') break;
    return await trainer.saveWeights();
  } finally {
    trainer.dispose();
  }
}
