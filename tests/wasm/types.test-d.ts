// Compiled, never run: what a program may write, what it may not, and that no `any` leaks out of the manual.
import digits from '../../web/experiments/digits.json' with { type: 'json' };
import photos from '../../web/experiments/photos.json' with { type: 'json' };
import {
  InputError,
  Trainer,
  backbones,
  captureTimes,
  check,
  checkCards,
  configure,
  crossValidate,
  datasets,
  classesOf,
  decodeImages,
  isPictureName,
  isSystemFile,
  exportNetwork,
  findBursts,
  groupPictures,
  importLayersModel,
  importOnnx,
  importPython,
  makeCard,
  options,
  planSweep,
  readCard,
  readTeachableMachineProject,
  sweep,
  warmUpDecoder,
  wilson,
  type Bytes,
  type Card,
  type CardDifference,
  type CrossValidation,
  type Experiment,
  type Integers,
  type Problem,
  type Sweep,
  type TensorPlace,
  type TrainingEvent,
} from 'trainground';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type IsAny<T> = 0 extends 1 & T ? true : false;
type AnyWithin<T> = true extends { [K in keyof T]: IsAny<T[K]> }[keyof T] ? true : false;
function expect<_T extends true>() {}

const experiment: Experiment = {
  dataset: { type: 'images', path: 'cats', size: 32, validation: { type: 'images', path: 'more' } },
  augmentation: [{ type: 'flip', horizontal: 0.5 }],
  layers: [
    { type: 'residual', layers: [{ type: 'conv2d', filters: 8, kernelSize: 3, padding: 'same' }] },
    { type: 'flatten' },
    { type: 'dense', units: 10, activation: 'relu' },
  ],
  loss: { type: 'crossEntropy', labelSmoothing: 0.1 },
  optimizer: { type: 'adamw', weightDecay: 0.01 },
  earlyStopping: { patience: 3, restoreBestWeights: true },
};
const trainer = await Trainer.open(experiment, { threads: 2, sameThread: false, weights: new Uint8Array() });

const crossed = await crossValidate(experiment, { folds: 3, threads: 1, onProgress: (share) => share.toFixed() });
expect<Equal<typeof crossed, CrossValidation>>();
const varied = { ...experiment, sweep: { 'optimizer.learningRate': { minValue: 0.001, maxValue: 0.1 } }, trials: 9 };
const swept = await sweep(varied, { workers: 2, onResult: async ({ id }) => void id.slice(8) });
expect<Equal<typeof swept, Sweep>>();
expect<Equal<AnyWithin<Sweep['results'][number]>, false>>();
// @ts-expect-error  how many seeds is a number
planSweep({ ...experiment, seeds: [1, 2] });
expect<Equal<AnyWithin<CrossValidation>, false>>();
expect<Equal<CrossValidation['interval'], [low: number, high: number] | undefined>>();
// @ts-expect-error a validation set of its own is passed over
crossValidate(experiment, { validationData: { inputs: new Uint8Array(1), shape: [1, 1, 1], labels: [0] } });
const [low] = wilson(1, 2);
expect<Equal<typeof low, number>>();
const pictures = [new Uint8Array(12)];
const bursts = findBursts(pictures, { shape: [2, 2, 3], labels: ['cat'], times: await captureTimes([new Blob()]) });
expect<Equal<ReturnType<typeof groupPictures>, Integers>>();
groupPictures(pictures, { shape: [2, 2, 3], bursts });

for await (const event of trainer.train({ steps: true, signal: new AbortController().signal })) {
  expect<Equal<typeof event, TrainingEvent>>();
  if (event.event === 'end')
    expect<Equal<typeof event.reason, 'epochs' | 'earlyStopping' | 'diverged' | 'interrupted'>>();
  if (event.event === 'epoch') expect<Equal<typeof event.patienceLeft, number | null>>();
  // @ts-expect-error a step has no accuracy
  if (event.event === 'step') event.accuracy;
}

const evaluation = await trainer.evaluate({ inputs: new Uint8Array(16), shape: [4, 4, 1], labels: [0] });
const prediction = await trainer.predict(new Float32Array(16));
await trainer.predict(new Float64Array(16));
// @ts-expect-error a plain list says nothing of its scale
await trainer.predict([1, 2, 3]);
const loaded = await trainer.loadWeights(new Uint8Array());
expect<Equal<typeof loaded.unused, TensorPlace[]>>();
expect<Equal<typeof trainer.start.notes, string[]>>();
expect<Equal<typeof trainer.start.unusedWeights, TensorPlace[] | undefined>>();
const [tensor] = await trainer.tensors();
const [layer] = await trainer.activations(new Uint8Array(16));
const [row] = await options();
const [set] = await datasets();
const [backbone] = await backbones();
const report = trainer.start.transfer;
const folders: Array<string | null> = classesOf(['cats/1.png'], 'pets');
const project = await readTeachableMachineProject(new Blob([]));
expect<Equal<(typeof project.pictures)[number], { file: File; label: number }>>();
const imported = await importLayersModel({ 'model.json': new Blob([]), 'weights.bin': new Uint8Array() });
expect<Equal<typeof imported, { experiment: Experiment; weights: Bytes }>>();
const brought = await importPython('model = nn.Sequential()', { shape: [28, 28, 1], weights: new Uint8Array() });
const [brief] = brought.notes;
expect<Equal<typeof brief.line, number | undefined>>();
expect<Equal<typeof brought.weights, Bytes | undefined>>();
await Trainer.open(brought.experiment, { weights: (await importOnnx(new Blob([]))).weights });
const isTaken: boolean = isPictureName('1.png') && !isSystemFile('cats/.DS_Store');
warmUpDecoder() satisfies void;
const decoded = await decodeImages(['a.png', new Uint8Array(), new Blob()], { size: 32, channels: 1, fit: 'pad' });
const split = await trainer.split();
const familiarity = await trainer.familiarity({ samples: 100, signal: new AbortController().signal });
const likeness = await familiarity.judge(new Uint8Array(16));
expect<Equal<AnyWithin<typeof evaluation>, false>>();
expect<Equal<AnyWithin<typeof prediction>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof tensor>>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof layer>>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof row>>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof set>>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof backbone>>, false>>();
expect<Equal<AnyWithin<NonNullable<typeof report>>, false>>();
expect<Equal<AnyWithin<typeof decoded>, false>>();
expect<Equal<AnyWithin<typeof split>, false>>();
expect<Equal<AnyWithin<typeof familiarity>, false>>();
expect<Equal<AnyWithin<typeof likeness>, false>>();
expect<Equal<AnyWithin<typeof trainer.start>, false>>();
expect<Equal<AnyWithin<Experiment>, false>>();
expect<Equal<AnyWithin<Trainer>, false>>();
expect<Equal<Awaited<ReturnType<typeof check>>, Problem[]>>();
expect<Equal<typeof trainer.experiment, Experiment>>();

const error = new InputError([{ path: 'a', expected: 'b', given: 'c' }]);
const asTypeError: TypeError = error;
expect<Equal<(typeof error.problems)[number], Problem>>();

const file = await exportNetwork({ experiment, shape: [32, 32, 3], weights: await trainer.saveWeights(), to: 'onnx' });
expect<Equal<typeof file, Bytes>>();
expect<Equal<Awaited<ReturnType<typeof trainer.export>>, Bytes>>();
// What is handed out goes into a Blob, a request and a digest as it is.
new Blob([file, await trainer.saveWeights(), await trainer.checkpoint(), decoded.inputs, prediction.probabilities]);
await crypto.subtle.digest('SHA-256', await trainer.saveWeights());
const card = await makeCard(trainer, { name: 'Mei' });
const [{ state, differences }] = await checkCards([await readCard(JSON.stringify(card))], { dataFor: () => undefined });
expect<Equal<typeof card, Card>>();
expect<Equal<(typeof differences)[number], CardDifference>>();
// @ts-expect-error no such state
if (state === 'cheated') throw new Error();
// A JSON module is an experiment.
await Trainer.open(digits);
await Trainer.open({ ...digits, epochs: 2 }, { threads: 1 });
await crossValidate(photos);
await exportNetwork({ experiment: digits, shape: [8, 8, 1], weights: file, to: 'keras' });
configure({ assets: new URL('https://example.org/trainground/') });
configure({ assets: (path) => (path.endsWith('.wasm') ? `/engine/${path}` : undefined) });
// @ts-expect-error not a place
configure({ assets: 7 });
// @ts-expect-error no such target
await trainer.export('tensorflow');

// @ts-expect-error only open() makes trainers
new Trainer();
// @ts-expect-error layers must be given
await Trainer.open({ dataset: 'digits' });
// @ts-expect-error no such split
await Trainer.open({ ...experiment, splitBy: 'class' });
// @ts-expect-error no such layer
await Trainer.open({ layers: [{ type: 'dence' }] });
// @ts-expect-error no such option
await Trainer.open(experiment, { thread: 2 });
// @ts-expect-error no such key
await Trainer.open({ ...experiment, epoch: 2 });
// @ts-expect-error pictures are typed arrays
await trainer.predict([1, 2, 3]);
// @ts-expect-error three sides
await trainer.evaluate({ inputs: new Uint8Array(16), shape: [4, 4] });
// @ts-expect-error grey or colour
await decodeImages([], { size: 32, channels: 2 });

export { asTypeError };
