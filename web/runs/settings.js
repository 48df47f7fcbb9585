/** The settings of a run in words, one by one: what is unlike the default of its data set, and in what runs differ. */
import { percent, setting, t } from '../app/language.js';
import { defaultExperiment, setName } from '../app/sets.js';
import * as settings from '../app/settings.js';

const value = (x) => (typeof x === 'number' ? setting(x) : typeof x === 'object' ? JSON.stringify(x) : String(x));

/** What else an object says beside the keys that have words. */
const others = (object, ...worded) =>
  Object.entries(object)
    .filter(([key, x]) => !worded.includes(key) && x !== undefined)
    .map(([key, x]) => `, ${key} ${value(x)}`)
    .join('');

const switched = (on) => t(on ? 'tile.on' : 'tile.off');

/** The layers without what has a row of its own. */
const plainLayers = ({ layers }) =>
  layers
    .filter(({ type }) => !['batchNormalization', 'dropout'].includes(type))
    .map(({ kernelInitializer: _, trainable: __, ...layer }) => layer);

export function layerInWords({ type, units, filters, kernelSize, function: name, activation }) {
  const word = t(`layer.${type}`).replace('3×3', kernelSize ? `${kernelSize}×${kernelSize}` : '3×3');
  return [type === 'activation' ? name : word, units ?? filters, activation].filter(Boolean).join(' ');
}

const transformInWords = ({ type, ...numbers }) =>
  `${t(`augment.${type}`)} ${Object.values(numbers).flat().map(value).join('–')}`;

/** Every setting that has words: its name, what it is in an experiment, and how that is said. */
const rows = [
  {
    name: 'bar.dataset',
    of: ({ dataset }) => dataset,
    say: (dataset) => t(`set.${setName(dataset)}`) + (dataset.shape ? others(dataset, 'type', 'shape') : ''),
  },
  { name: 'runs.heldBack', of: (e) => e.validationSplit, say: (share) => `${percent(share, 0)} %` },
  { name: 'field.splitBy', of: (e) => e.splitBy ?? null, say: (kind) => (kind ? t(`split.${kind}`) : '–') },
  { name: 'runs.perClass', of: (e) => e.samplesPerClass ?? null, say: (n) => n ?? t('data.all') },
  { name: 'runs.network', of: plainLayers, say: (layers) => layers.map(layerInWords).join(', ') },
  { name: 'trick.batch-normalization', of: settings.hasBatchNormalization, say: switched },
  { name: 'trick.dropout', of: settings.dropoutRate, say: setting },
  { name: 'trick.initialization', of: settings.initializer, say: (name) => t(`initializer.${name}`) },
  {
    name: 'trick.transfer',
    of: (e) => e.transfer ?? null,
    say: (from) =>
      from ? t('runs.transfer', { weights: from.weights, freeze: t(`freeze.${from.freeze}`) }) : t('transfer.scratch'),
  },
  {
    name: 'field.freeze',
    of: (e) => (e.transfer ? null : settings.freeze(e)),
    say: (k) => (k ? t(`freeze.${k}`) : '–'),
  },
  {
    name: 'trick.augmentation',
    of: (e) => e.augmentation,
    say: (list) => (list.length ? list.map(transformInWords).join(' + ') : t('tile.off')),
  },
  {
    name: 'trick.optimizer',
    of: ({ optimizer: { learningRate: _, ...rest } }) => rest,
    say: (o) => t(`optimizer.${settings.optimizerName(o)}`) + others(o, 'type', 'nesterov'),
  },
  { name: 'trick.learning-rate', of: settings.learningRate, say: setting },
  {
    name: 'trick.schedule',
    of: (e) => e.learningRateSchedule ?? null,
    say: (schedule) => t(`schedule.${schedule?.type ?? 'constant'}`) + others(schedule ?? {}, 'type'),
  },
  { name: 'trick.mini-batch', of: (e) => e.batchSize, say: String },
  { name: 'field.epochs', of: (e) => e.epochs, say: String },
  {
    name: 'trick.early-stopping',
    of: (e) => e.earlyStopping ?? null,
    say: (stop) =>
      stop
        ? [
            t('runs.patience', { epochs: stop.patience }),
            ...(stop.monitor === 'validationAccuracy' ? [t('table.validationAccuracy')] : []),
          ].join(', ') + (stop.minDelta ? others({ minDelta: stop.minDelta }) : '')
        : t('tile.off'),
  },
  { name: 'runs.l1', of: (e) => e.l1 ?? 0, say: setting },
  { name: 'runs.l2', of: (e) => e.l2 ?? 0, say: setting },
  { name: 'bar.seed', of: (e) => e.seed, say: String },
];

const worded = [
  ...['dataset', 'validationSplit', 'splitBy', 'samplesPerClass', 'layers', 'transfer', 'augmentation', 'optimizer'],
  ...['learningRateSchedule', 'batchSize', 'epochs', 'earlyStopping', 'l1', 'l2', 'seed'],
];

/** In which settings experiments differ: `{name, texts}`, one text for each. What has no words is told as the file tells it. */
export function differences(experiments) {
  const plain = [...new Set(experiments.flatMap(Object.keys))].filter((key) => !worded.includes(key));
  const all = [
    ...rows.map(({ name, ...row }) => ({ ...row, name: t(name) })),
    ...plain.map((key) => ({ name: key, of: (e) => e[key] ?? null, say: (x) => (x === null ? '–' : value(x)) })),
  ];
  return all
    .map(({ name, of, say }) => ({ name, say, values: experiments.map(of) }))
    .filter(({ values }) => values.some((one) => JSON.stringify(one) !== JSON.stringify(values[0])))
    .map(({ name, say, values }) => ({ name, texts: values.map(say) }));
}

/** What is unlike the default of its data set, in words; and from which run it goes on. */
export function changesOf({ experiment, start, from }) {
  const standard = defaultExperiment(experiment.dataset, start?.outputs);
  const list = differences([{ ...standard, dataset: experiment.dataset }, experiment]);
  const words = list.map(({ name, texts }) => `${name} ${texts[1]}`);
  if (from) words.unshift(t('runs.from', { run: from }));
  return words.length ? words.join(', ') : t('runs.default');
}
