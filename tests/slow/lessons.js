// The lessons of web/experiments: pairs of experiment files, without and with a technique, whose difference is real. Each direction is
// pinned over three seeds; the table that is printed goes into the lesson's text. Some minutes: `npm run test:slow`.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Trainer, sweep, testSweep } from 'trainground';

const kSeeds = [1, 2, 3];

/** What a run came to. */
const measures = {
  /** Share of right answers on the validation part, with the weights that the run ends with. */
  accuracy: (run) => run.end.validationAccuracy,
  /** Validation loss of those weights. */
  loss: (run) => run.end.validationLoss,
  /** How much worse the last epoch did on what it had not seen: overfitting. */
  gap: (run) => run.last.validationLoss - run.last.loss,
  /** The same in right answers; no penalty is in them, as there is in the training loss. */
  accuracyGap: (run) => run.last.accuracy - run.last.validationAccuracy,
  /** Share of the kernels' numbers that are hardly there. */
  zeros: (run) => run.zeros,
  /** Epochs until three of four answers on the validation part are right; one more than there are, if never. */
  epochs: (run) => {
    const reached = run.history.findIndex(({ validationAccuracy }) => validationAccuracy >= 0.75);
    return reached < 0 ? run.history.length + 1 : reached + 1;
  },
};

/**
 * `least`: what the measure must change by, for every seed; negative: it must fall by so much. Dropout, penalties and augmentation are
 * judged by the gap, which they close every time; that accuracy rises too is not promised, and the lesson says so. Transfer is judged by its speed on
 * clothes: after twenty epochs the network from scratch is behind by less than the seeds differ. On photos it is judged by accuracy.
 */
const lessons = [
  { a: 'optimizer-without', b: 'optimizer-with', measure: 'accuracy', least: 0.05 },
  { a: 'mini-batch-without', b: 'mini-batch-with', measure: 'accuracy', least: 0.05 },
  { a: 'initialization-without', b: 'initialization-with', measure: 'accuracy', least: 0.2 },
  { a: 'batch-normalization-without', b: 'batch-normalization-with', measure: 'accuracy', least: 0.05 },
  { a: 'learning-rate-right', b: 'learning-rate-too-big', measure: 'accuracy', least: -0.2 },
  { a: 'learning-rate-right', b: 'learning-rate-too-small', measure: 'accuracy', least: -0.2 },
  { a: 'schedule-without', b: 'schedule-with', measure: 'accuracy', least: 0.03 },
  { a: 'flip-trap-without', b: 'flip-trap-with', measure: 'accuracy', least: -0.01 },
  { a: 'augmentation-without', b: 'augmentation-with', measure: 'gap', least: -0.02 },
  { a: 'augmentation-without', b: 'augmentation-with', measure: 'loss', least: -0.005 },
  { a: 'dropout-without', b: 'dropout-with', measure: 'gap', least: -0.2 },
  { a: 'l2-without', b: 'l2-with', measure: 'accuracyGap', least: -0.005 },
  { a: 'l2-without', b: 'l2-with', measure: 'loss', least: -0.001 },
  { a: 'l2-without', b: 'l1-with', measure: 'accuracyGap', least: -0.005 },
  { a: 'l2-without', b: 'l1-with', measure: 'loss', least: -0.02 },
  { a: 'l2-without', b: 'l1-with', measure: 'zeros', least: 0.3 },
  { a: 'l2-without', b: 'elastic-net-with', measure: 'accuracyGap', least: -0.005 },
  { a: 'l2-without', b: 'elastic-net-with', measure: 'loss', least: -0.02 },
  { a: 'l2-without', b: 'elastic-net-with', measure: 'zeros', least: 0.2 },
  { a: 'early-stopping-without', b: 'early-stopping-with', measure: 'loss', least: -0.02 },
  { a: 'transfer-without', b: 'transfer-with', measure: 'epochs', least: -4 },
  { a: 'transfer-without', b: 'transfer-most', measure: 'epochs', least: -4 },
  { a: 'transfer-without', b: 'transfer-none', measure: 'epochs', least: -4 },
  { a: 'transfer-photos-without', b: 'transfer-photos-with', measure: 'accuracy', least: 0.3 },
  { a: 'split-digits-random', b: 'split-digits-file-order', measure: 'accuracy', least: -0.015 },
  { a: 'split-emoji-random', b: 'split-emoji-by-group', measure: 'accuracy', least: -0.04 },
  { a: 'split-bursts-random', b: 'split-bursts-by-group', measure: 'accuracy', least: -0.2 },
];

const readExperiment = async (name) =>
  JSON.parse(await readFile(new URL(`../../web/experiments/${name}.json`, import.meta.url), 'utf8'));

const runs = new Map();

/** Trains a file of web/experiments once for each seed. */
function run(name, seed) {
  const key = `${name} ${seed}`;
  if (!runs.has(key)) runs.set(key, train(name, seed));
  return runs.get(key);
}

async function train(name, seed) {
  const trainer = await Trainer.open({ ...(await readExperiment(name)), seed }, { threads: 1, sameThread: true });
  const history = [];
  let end;
  for await (const event of trainer.train()) {
    if (event.event === 'epoch') history.push(event);
    if (event.event === 'end') end = event;
  }
  const kernels = (await trainer.tensors()).filter(({ name }) => name.endsWith('.weight'));
  const values = (await Promise.all(kernels.map(({ name }) => trainer.tensor(name)))).flatMap((tensor) => [...tensor]);
  const zeros = values.filter((value) => Math.abs(value) < 1e-3).length / values.length;
  const { labels, probabilities, samples } = await trainer.evaluate();
  const prices = Array.from(
    labels,
    (label, i) => -Math.log(probabilities[(i * probabilities.length) / samples + label]),
  );
  await trainer.dispose();
  return { history, last: history.at(-1), end, zeros, prices: prices.sort((a, b) => b - a) };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spread = (values) => Math.max(...values) - Math.min(...values);
const inWords = (values) => `${mean(values).toFixed(3)} (spread ${spread(values).toFixed(3)})`;

for (const { a, b, measure, least } of lessons) {
  test(`${b} against ${a}: ${measure} ${least > 0 ? 'rises' : 'falls'}`, async (context) => {
    const without = [];
    const withIt = [];
    for (const seed of kSeeds) {
      without.push(measures[measure](await run(a, seed)));
      withIt.push(measures[measure](await run(b, seed)));
    }
    context.diagnostic(`${measure}: ${inWords(without)} -> ${inWords(withIt)}`);
    for (const [i, seed] of kSeeds.entries()) {
      const change = withIt[i] - without[i];
      assert.ok(least > 0 ? change >= least : change <= least, `seed ${seed}: ${measure} changes by ${change}`);
    }
  });
}

test('the five dearest held-back pictures pay more than a third of the loss', async () => {
  const sum = (list) => list.reduce((total, price) => total + price, 0);
  for (const seed of kSeeds) {
    const { prices } = await run('digits', seed);
    assert.ok(sum(prices.slice(0, 5)) > sum(prices) / 3, `seed ${seed}`);
  }
});

const points = (share) => (100 * share).toFixed(1);

// The lesson on seeds: what one seed shows of two sizes of a batch, and what five seeds say, from whichever seed they begin.
test('a difference that one seed shows is gone with five seeds', async (context) => {
  const kMany = 60;
  const experiment = await readExperiment('sweeps/seeds');
  const { seed, seeds } = experiment;
  const many = await sweep({ ...experiment, seed: 1, seeds: kMany });
  const [a, b] = many.answer.settings.map(({ values }) => values);
  const differences = b.map((value, i) => value - a[i]);
  const alone = differences.filter((difference) => Math.abs(difference) >= 0.01).length;
  const [comparison] = many.answer.comparisons;
  context.diagnostic(
    `one seed shows a point or more in ${alone} of ${kMany}, up to ${points(Math.max(...differences))}`,
  );
  context.diagnostic(
    `${kMany} seeds: ${points(comparison.difference)} (${comparison.interval.map(points).join(' to ')})`,
  );
  assert.ok(alone >= kMany / 3);
  assert.equal(comparison.isReal, false);

  const answers = [];
  for (let from = 1; from + seeds <= kMany + 1; from++) {
    const { answer } = await sweep({ ...experiment, seed: from }, { finished: many.results });
    answers.push({ from, ...answer.comparisons[0] });
  }
  const vanished = answers.filter(({ isReal }) => !isReal).length;
  context.diagnostic(`${seeds} seeds show no difference in ${vanished} of ${answers.length} beginnings`);
  assert.ok(vanished >= 0.9 * answers.length);
  assert.ok(differences[seed - 1] >= 0.015, 'the seed that the lesson begins with');
  assert.equal(answers.find(({ from }) => from === seed).isReal, false);
});

test('what was chosen from many settings on few pictures is worse on those that nothing was chosen by', async (context) => {
  const experiment = await readExperiment('sweeps/test-set');
  const flatteries = [];
  for (let seed = 1; seed <= 8; seed++) {
    const one = { ...experiment, seed };
    const { answer, results } = await sweep(one);
    const chosen = answer.settings[answer.best].mean;
    const fresh = (await testSweep(one, answer.best, { finished: results })).mean;
    flatteries.push(chosen - fresh);
    context.diagnostic(`seed ${seed}: ${points(chosen)} % where it was chosen, ${points(fresh)} % elsewhere`);
  }
  context.diagnostic(`flattered by ${flatteries.map(points).join(', ')}; mean ${points(mean(flatteries))} points`);
  assert.ok(flatteries[experiment.seed - 1] >= 0.05, 'the seed that the lesson begins with');
  assert.ok(flatteries.every((flattery) => flattery >= 0.02));
  assert.ok(mean(flatteries) >= 0.08);
});
