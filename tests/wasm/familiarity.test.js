// How like the training pictures a picture is: what is told equals what its definition says, computed here anew out of `activations`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';

const layers = [{ type: 'flatten' }, { type: 'dense', units: 14, activation: 'tanh' }, { type: 'dense', units: 3 }];
const side = 4;
const size = side * side;

/** Pictures of a bright row, which is the class, in noise that a seed gives. */
function rowsOf(count, seed = 1, classes = 3) {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const inputs = Float32Array.from({ length: count * size }, (_, i) => {
    const isBright = Math.floor((i % size) / side) === labels[Math.floor(i / size)];
    return (isBright ? 0.7 : 0) + 0.3 * random();
  });
  return { inputs, shape: [side, side, 1], labels };
}

async function opened(t, data = rowsOf(61), changes = {}) {
  const experiment = { layers, validationSplit: 0.2, epochs: 3, ...changes };
  const trainer = await Trainer.open(experiment, { data, threads: 1, sameThread: true });
  t.after(() => trainer.dispose());
  return trainer;
}

/** What enters the last layer, each number to the power .7 with its sign, each row of length one. */
async function directionsOf(trainer, inputs) {
  const { values, shape } = (await trainer.activations(inputs)).at(-2);
  return Array.from({ length: values.length / shape[2] }, (_, n) => {
    const row = Array.from(values.slice(n * shape[2], (n + 1) * shape[2]), (x) => Math.sign(x) * Math.abs(x) ** 0.7);
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  });
}

const cosine = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

/** The five nearest of these, the nearest first: [cosine, place]. */
const nearestOf = (one, rows, isLeftOut = () => false) =>
  rows
    .map((row, place) => [cosine(one, row), place])
    .filter(([, place]) => !isLeftOut(place))
    .sort(([a], [b]) => b - a)
    .slice(0, 5);

/** The threshold, each training sample without those that are left out for it. */
function thresholdOf(rows, isLeftOut) {
  const scores = rows.map((row, at) =>
    mean(nearestOf(row, rows, (other) => other === at || isLeftOut(other, at)).map(([similarity]) => similarity)),
  );
  const middle = mean(scores);
  return middle - 2.5 * Math.sqrt(mean(scores.map((score) => (score - middle) ** 2)));
}

const near = (given, expected, most = 1e-5) =>
  assert.ok(Math.abs(given - expected) <= most, `${given} instead of ${expected}`);

test('scores, neighbours and threshold are those of their definition', async (t) => {
  const trainer = await opened(t);
  for await (const event of trainer.train()) assert.notEqual(event.reason, 'diverged');
  const before = await trainer.weightsSha256();
  const shares = [];
  const familiarity = await trainer.familiarity({ onProgress: (share) => shares.push(share) });
  const { training } = await trainer.split();
  const { inputs: known } = await trainer.samples(training);
  const rows = await directionsOf(trainer, known);
  assert.equal(familiarity.samples, training.length);
  near(
    familiarity.threshold,
    thresholdOf(rows, () => false),
  );
  assert.deepEqual(shares, shares.toSorted());
  assert.equal(shares.at(-1), 1);

  const { inputs } = rowsOf(11, 77);
  const told = await familiarity.judge(inputs);
  const asked = await directionsOf(trainer, inputs);
  assert.equal(told.neighbours, 5);
  asked.forEach((one, n) => {
    const expected = nearestOf(one, rows);
    const similarities = told.similarities.subarray(5 * n, 5 * n + 5);
    expected.forEach(([similarity, place], i) => {
      near(similarities[i], similarity);
      // Two that are as near as one another may change places.
      const index = told.nearest[5 * n + i];
      if (index !== training[place]) near(cosine(one, rows[training.indexOf(index)]), similarity);
    });
    near(told.scores[n], mean(expected.map(([similarity]) => similarity)));
    assert.equal(told.isUnlike[n], told.scores[n] < familiarity.threshold);
  });
  assert.deepEqual(told.probabilities, (await trainer.predict(inputs)).probabilities);
  assert.equal(await trainer.weightsSha256(), before);
});

test('a picture of the training part is nearest to itself, and one that is nothing of the kind is unlike', async (t) => {
  const trainer = await opened(t);
  const familiarity = await trainer.familiarity();
  const { training } = await trainer.split();
  const { inputs } = await trainer.samples(training);
  const { nearest, similarities } = await familiarity.judge(inputs);
  training.forEach((index, n) => {
    assert.equal(nearest[5 * n], index);
    near(similarities[5 * n], 1);
  });
  const columns = Float32Array.from({ length: size }, (_, i) => (i % side === 1 ? -1 : 0));
  assert.deepEqual((await familiarity.judge(columns)).isUnlike, [true]);
});

test('of a burst the other frames are left out with a frame, where its class has another burst', async (t) => {
  const once = rowsOf(24);
  // Each picture three times: a burst. The third class is one burst alone.
  const inputs = Float32Array.from({ length: 3 * once.inputs.length }, (_, i) => once.inputs[i % once.inputs.length]);
  const labels = [...once.labels, ...once.labels, ...once.labels];
  const groups = labels.map((label, i) => (label === 2 ? 2 : i % 24));
  const trainer = await opened(t, { ...once, inputs, labels }, { validationSplit: 0 });
  const { training } = await trainer.split();
  const rows = await directionsOf(trainer, (await trainer.samples(training)).inputs);
  const isFrame = (a, b) => labels[training[a]] !== 2 && groups[training[a]] === groups[training[b]];
  near(
    (await trainer.familiarity()).threshold,
    thresholdOf(rows, () => false),
  );
  near((await trainer.familiarity({ groups })).threshold, thresholdOf(rows, isFrame));
  // Those that the samples have are known.
  const grouped = await opened(t, { ...once, inputs, labels, groups }, { validationSplit: 0 });
  near((await grouped.familiarity()).threshold, thresholdOf(rows, isFrame));
});

test('of many samples some of each class are looked at, from the first to the last', async (t) => {
  const labels = Array.from({ length: 300 }, (_, i) => (i < 200 ? 0 : i < 290 ? 1 : 2));
  const trainer = await opened(t, { ...rowsOf(300), labels }, { validationSplit: 0 });
  const familiarity = await trainer.familiarity({ samples: 90 });
  assert.equal(familiarity.samples, 90);
  const { nearest } = await familiarity.judge(rowsOf(300).inputs);
  const seen = [...new Set(nearest)];
  assert.deepEqual(
    [0, 1, 2].map((k) => seen.filter((index) => labels[index] === k).length <= [40, 40, 10][k]),
    [true, true, true],
  );
  assert.ok(seen.some((index) => index > 160 && index < 200) && seen.some((index) => index < 40), seen.join());
});

test('few training pictures: as many neighbours as there are, and nothing is called unlike', async (t) => {
  const trainer = await opened(t, rowsOf(3), { validationSplit: 0 });
  const familiarity = await trainer.familiarity();
  assert.equal(familiarity.threshold, -1);
  const told = await familiarity.judge(new Float32Array(2 * size).fill(-1));
  assert.equal(told.neighbours, 3);
  assert.equal(told.nearest.length, 6);
  assert.deepEqual(told.isUnlike, [false, false]);
});

test('it is given up when its signal says so, and what it cannot be given is one sentence', async (t) => {
  const trainer = await opened(t);
  const giving = new AbortController();
  const shares = [];
  const onProgress = (share) => {
    shares.push(share);
    giving.abort(new Error('enough'));
  };
  await assert.rejects(trainer.familiarity({ signal: giving.signal, onProgress }), /^Error: enough$/);
  assert.equal(shares.length, 1);
  await assert.rejects(trainer.familiarity({ samples: 1 }), {
    message: 'Expected samples to be an integer from 2 to 1000000, got 1',
  });
  await assert.rejects(trainer.familiarity({ groups: [1, 2] }), {
    message: 'Expected groups to be 61 integers, one a sample, got 2',
  });
  const familiarity = await trainer.familiarity();
  await assert.rejects(familiarity.judge(new Float32Array(3)), /Expected inputs to be a Uint8Array/);
  const dataset = { type: 'points', shape: 'moons', samples: 20, noise: 0.1 };
  const single = await Trainer.open({ dataset, layers: [{ type: 'dense', units: 2 }] }, { threads: 1 });
  t.after(() => single.dispose());
  await assert.rejects(single.familiarity(), {
    message: 'Expected layers to be at least two, the last of them dense, whose inputs are compared, got ["dense"]',
  });
});
