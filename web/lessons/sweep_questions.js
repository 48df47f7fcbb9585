/**
 * Questions of lessons that a sweep answers (sweep/): what is varied is marked for the learner, the runs go on in the sweep's own panel, and what it says
 * there is the answer. The panel comes when it is first opened (sweep/sweep.js), and so does what is needed of it here.
 */
import { count, percent } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { setView, state } from '../app/state.js';

/**
 * @type {typeof import('../sweep/marks.js') & typeof import('../sweep/sweep_runs.js') & typeof import('../sweep/answer.js') &
 *   typeof import('../sweep/figure.js') | null}
 */
let room = null;

async function openSweep(values) {
  room ??= Object.assign(
    {},
    ...(await Promise.all([
      import('../sweep/marks.js'),
      import('../sweep/sweep_runs.js'),
      import('../sweep/answer.js'),
      import('../sweep/figure.js'),
    ])),
  );
  room.mark({ halving: undefined, testSplit: undefined, ...values });
  setView({ tab: 'sweep' });
}

/** What the sweep on the page says, once all its runs have ended. */
const whole = () => (room && state.sweep.told?.missing.length === 0 ? state.sweep.told : null);

/** Without early stopping, which would choose by what is held back as well. */
function withoutStopping(experiment) {
  const { earlyStopping: _, ...rest } = experiment;
  return rest;
}

/**
 * Two sizes of a batch between which there is no difference: over 60 seeds it is 0.0 points (-0.3 to 0.3), and yet with 25 of them, alone, one size is
 * better by a point or more (tests/slow/lessons.js).
 */
const kSizes = [16, 20];
const kSeeds = 5;

const fewDigits = () => ({
  ...withoutStopping(defaultExperiment('digits')),
  seed: 7,
  samplesPerClass: 10,
  batchSize: kSizes[0],
});

/** What one seed had said. */
let one = null;

function oneSeed() {
  const settings = state.sweep.told?.answer.settings.filter(({ values }) => values.length) ?? [];
  if (settings.length !== kSizes.length) return one;
  const [a, b] = settings.map(({ values }) => percent(values[0]));
  return (one = { a, b, seed: settings[0].seeds[0] });
}

/** So many that luck decides: 75 settings, 24 pictures to learn from, 30 to choose by, and half of the set that nothing is chosen by. */
const kManySettings = {
  'batch-size': [3, 4, 6, 8, 12],
  initializer: ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunNormal'],
  'learning-rate': [0.003, 0.01, 0.02],
};
const kUntouched = 0.5;
const kLittle = 0.02;
const kMuch = 0.05;

function fewEmoji() {
  const experiment = withoutStopping(defaultExperiment('emoji'));
  const [head, units] = [experiment.layers.findIndex(({ type }) => type === 'flatten'), experiment.layers.at(-1)];
  const layers = [...experiment.layers.slice(0, head - kBlock), experiment.layers[head], units];
  return { ...experiment, samplesPerClass: 3, validationSplit: 0.05, layers, epochs: 8 };
}
const kBlock = 4; // layers: convolution, batch norm, relu, pooling

/**
 * By lesson. `experiment`: what it begins with; `begin`: what there is to see before the question; `given`: its
 * values, where there are some; null while they are not known.
 */
export const sweepQuestions = {
  seeds: {
    answers: ['real', 'chance'],
    experiment: fewDigits,
    async begin() {
      one = null;
      await openSweep({ vary: { 'batch-size': kSizes }, seeds: 1 });
      await room.start();
    },
    given: oneSeed,
    async ask() {
      await openSweep({ seeds: kSeeds });
      await room.start();
    },
    found() {
      const told = whole();
      const [comparison] = told?.answer.comparisons ?? [];
      if (!comparison?.interval) return null;
      const made = room.wanted();
      const [sentence] = room.sentences(told.answer, made);
      const figure = room.dotsFigure(told.answer, made);
      return { answer: comparison.isReal ? 'real' : 'chance', values: { sentence }, figure };
    },
  },
  'test-set': {
    answers: ['same', 'little', 'much'],
    experiment: fewEmoji,
    begin: () => openSweep({ vary: kManySettings, seeds: 1, testSplit: kUntouched }),
    async ask() {
      await room.start();
      if (whole()) await room.look();
    },
    found() {
      const told = whole();
      const test = told && room.seenOf(told, room.wanted()).ofBest;
      if (!test) return null;
      const { settings, best } = told.answer;
      const chosen = settings[best].mean;
      const mean = settings.reduce((sum, setting) => sum + setting.mean, 0) / settings.length;
      const flattery = chosen - test.mean;
      return {
        answer: flattery >= kMuch ? 'much' : flattery >= kLittle ? 'little' : 'same',
        values: {
          n: settings.length,
          chosen: percent(chosen, 0),
          few: count(told.results[0].validationSamples),
          mean: percent(mean, 0),
          fresh: percent(test.mean, 0),
          samples: count(test.samples),
        },
      };
    },
  },
};
