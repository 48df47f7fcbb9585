// Statistics against closed forms and SciPy; the answer of a sweep against the same by hand.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { gatherSweep, planSweep, sweepTable } from 'trainground';
import { mean, meanInterval, pairsNeeded, standardDeviation, tProbability, tQuantile } from '../../wasm/statistics.js';
import { sentences } from '../../wasm/sweep_words.js';

const near = (found, wanted, within, what) =>
  assert.ok(Math.abs(found - wanted) <= within * Math.max(1, Math.abs(wanted)), `${what}: ${found}, not ${wanted}`);

test("Student's t has closed forms for one and two degrees of freedom", () => {
  for (const p of [0.001, 0.2, 0.5, 0.9, 0.975, 0.999, 0.99999]) {
    near(tQuantile(p, 1), Math.tan(Math.PI * (p - 0.5)), 1e-9, `one, ${p}`);
    near(tQuantile(p, 2), (2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 1e-9, `two, ${p}`);
  }
  for (const t of [-30, -1, 0, 0.1, 2, 1000]) {
    near(tProbability(t, 1), 0.5 + Math.atan(t) / Math.PI, 1e-13, `one, ${t}`);
    near(tProbability(t, 2), 0.5 + t / (2 * Math.sqrt(2 + t * t)), 1e-13, `two, ${t}`);
  }
});

const values = [0.912, 0.934, 0.921, 0.905, 0.93];
const others = [0.902, 0.93, 0.908, 0.902, 0.911];

const script = `
import json
from scipy import stats
from scipy.optimize import brentq
import numpy as np
a, b = np.array(${JSON.stringify(values)}), np.array(${JSON.stringify(others)})
def needed(effect, alpha):
    n = 2
    while True:
        t = stats.t.ppf(1 - alpha / 2, n - 1)
        if 1 - stats.nct.cdf(t, n - 1, effect * n ** 0.5) >= 0.8: return n
        n += 1
d = a - b
print(json.dumps({
  # Its ppf is wrong in the ninth digit (of 39 degrees of freedom, say), its cdf is not.
  "quantiles": [[p, n, brentq(lambda t: stats.t.cdf(t, n) - p, 0, 700, xtol=1e-13)] for p in (.6, .975, .995, .9995) for n in (1, 3, 4, 9, 39, 999)],
  "mean": stats.t.interval(.95, 4, a.mean(), stats.sem(a)),
  "paired": stats.t.interval(.99, 4, d.mean(), stats.sem(d)),
  "needed": [[e, alpha, needed(e, alpha)] for e in (.2, .35, .5, 1, 2) for alpha in (.05, .01)],
}))`;

test('quantiles, intervals and how many pairs are needed are those of SciPy', (context) => {
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) return context.skip('SciPy is not installed');
  const wanted = JSON.parse(stdout);
  for (const [p, degrees, quantile] of wanted.quantiles)
    near(tQuantile(p, degrees), quantile, 1e-9, `${p}, ${degrees}`);
  meanInterval(values).forEach((end, i) => near(end, wanted.mean[i], 1e-9, 'mean'));
  const differences = values.map((value, i) => value - others[i]);
  meanInterval(differences, { confidence: 0.99 }).forEach((end, i) => near(end, wanted.paired[i], 1e-9, 'paired'));
  // By quantiles of t instead of the noncentral t: one more or less where few are enough.
  for (const [effect, alpha, pairs] of wanted.needed) {
    const found = pairsNeeded(effect, 1, 1 - alpha);
    assert.ok(Math.abs(found - pairs) <= 1, `${effect}, ${alpha}: ${found}, not ${pairs}`);
  }
});

test('of one value there is no interval, of no difference no number of pairs', () => {
  assert.equal(meanInterval([1]), undefined);
  assert.equal(pairsNeeded(0, 1), Infinity);
  assert.deepEqual(meanInterval([2, 2, 2]), [2, 2]);
  const [low] = meanInterval([2, 2, 2], { leastDeviation: 0.1 });
  near(2 - low, (tQuantile(0.975, 2) * 0.1) / Math.sqrt(3), 1e-12, 'what rounding makes');
});

/** A sweep over some values of a rate whose accuracies are told. */
async function told(accuracies, more = {}) {
  const experiment = {
    ...{ dataset: 'iris', layers: [{ type: 'flatten' }, { type: 'dropout', rate: 0 }, { type: 'dense', units: 3 }] },
    sweep: { 'layers.1.rate': Object.keys(accuracies).map(Number) },
    seeds: Object.values(accuracies)[0].length,
    ...more,
  };
  const { runs, settings } = await planSweep(experiment);
  const results = runs.map(({ id, seed, setting }) => ({
    ...{ id, seed, epoch: 3, validationLoss: 1, validationSamples: 1000, reason: 'epochs', seconds: 1 },
    setting: settings[setting],
    validationAccuracy: accuracies[settings[setting]['layers.1.rate']][seed - 1],
    weightsSha256: '',
  }));
  return gatherSweep(experiment, results);
}

test('a difference between runs of the same seed is seen where the seeds themselves differ more', async () => {
  const seeds = [0.8, 0.9, 0.85, 0.95, 0.7];
  const by = [0.013, 0.012, 0.02, 0.006, 0.014];
  const { answer } = await told({ 0: seeds, 0.2: seeds.map((value, i) => value + by[i]) });
  assert.equal(answer.best, 1);
  const [low, high] = meanInterval(by);
  assert.deepEqual([answer.comparisons.length, answer.comparisons[0].isReal], [1, true]);
  near(answer.comparisons[0].interval[0], low, 1e-9, 'low');
  near(answer.comparisons[0].interval[1], high, 1e-9, 'high');
  assert.deepEqual(sentences(answer), ['0.2 is better than 0 by 1.3 points (0.7 to 1.9, 5 seeds).']);
  answer.settings[0].interval.forEach((end, i) => near(end, meanInterval(seeds)[i], 1e-12, 'a setting'));
});

test('no difference: it is said how many seeds would be needed', async () => {
  const first = [0.9, 0.91, 0.92, 0.93, 0.94];
  const by = [0.02, -0.01, 0.005, 0.015, -0.005];
  const { answer } = await told({ 0: first, 0.2: first.map((value, i) => value + by[i]) });
  const needed = pairsNeeded(mean(by), standardDeviation(by));
  assert.ok(needed > 30 && needed < 60, `${needed}`);
  const [low, high] = meanInterval(by).map((end) => (100 * end).toFixed(1));
  assert.deepEqual(sentences(answer), [
    `0.2 against 0: no difference that 5 seeds can show (${low} to ${high}); about ${needed} would be needed for 0.5 points.`,
  ]);
  const { answer: same } = await told({ 0: first, 0.2: first });
  assert.match(sentences(same)[0], /^0 against 0.2: no difference that 5 seeds can show \(-0.1 to 0.1\)\.$/);
  const { answer: one } = await told({ 0: [0.9], 0.2: [0.95] });
  assert.deepEqual(sentences(one), ['0.2 against 0: one seed cannot tell whether a difference is more than chance.']);
});

test('more comparisons have wider intervals, so that one of them is not found by chance', async () => {
  const seeds = [0.8, 0.9, 0.85, 0.95, 0.7];
  const less = (by) => seeds.map((value, i) => value - by[i]);
  const by = [0.01, 0.03, 0.02, 0.01, 0.02];
  const two = await told({ 0: seeds, 0.1: less(by) });
  const four = await told({
    0: seeds,
    0.1: less(by),
    0.2: less(by.map((one) => 2 * one)),
    0.3: less(by.map((one) => 3 * one)),
  });
  assert.deepEqual(
    four.answer.comparisons.map(({ other }) => other),
    [1, 2, 3],
  );
  const [alone] = two.answer.comparisons;
  const [among] = four.answer.comparisons;
  near(among.interval[0], meanInterval(by, { confidence: 1 - 0.05 / 3 })[0], 1e-9, 'one of three');
  assert.ok(among.interval[0] < alone.interval[0]);
});

test('by chance alone, few sweeps of equal settings find a difference', async () => {
  // The mean of twelve uniform numbers is nearly normal. Of 40 sweeps 5 % are 2.
  let state = 1;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const value = () => 0.9 + 0.01 * Array.from({ length: 12 }, next).reduce((a, b) => a + b, -6);
  let found = 0;
  for (let i = 0; i < 40; i++) {
    const values = Object.fromEntries([0, 0.1, 0.2, 0.3].map((rate) => [rate, Array.from({ length: 5 }, value)]));
    const { answer } = await told(values);
    if (answer.comparisons.some(({ isReal }) => isReal)) found++;
  }
  assert.ok(found <= 6, `${found} of 40`);
});

test('CSV has a row for each run, JSON the answer too', async () => {
  const swept = await told({ 0: [0.9, 0.91], 0.2: [0.92, NaN] });
  assert.equal(swept.answer.best, 0, 'one lucky seed is worth less than two');
  assert.equal((await sweepTable(swept, 'csv')).split('\n')[4], '0.2,2,3,epochs,,1,,1,');
  const { answer, runs } = JSON.parse(await sweepTable(swept, 'json'));
  assert.deepEqual([answer.settings.length, runs.length, answer.metric], [2, 4, 'validationAccuracy']);
});
