// Results that others can check: cards made and read, runs trained again from them, by module and by command line.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { InputError, Trainer, checkCards, makeCard, readCard } from 'trainground';
import { temporaryFolder, trainground, writeExperiment } from './command.js';

const small = {
  dataset: 'iris',
  layers: [
    { type: 'dense', units: 8, activation: 'relu' },
    { type: 'dense', units: 3 },
  ],
  optimizer: { type: 'adam', learningRate: 0.01 },
  epochs: 6,
};

/** The card of a run. */
async function cardOf(experiment, { name, act = () => {}, ...options } = {}) {
  const trainer = await Trainer.open(experiment, options);
  for await (const event of trainer.train()) if (event.event === 'epoch') await act(trainer, event);
  await trainer.finish();
  const card = await makeCard(trainer, { name });
  await trainer.dispose();
  return card;
}
const change = (card, act) => {
  const copy = structuredClone(card);
  act(copy);
  return copy;
};
const statesOf = async (cards, options) => (await checkCards(cards, options)).map(({ state }) => state);

/** @type {import('trainground').Card} */
let card;
before(async () => (card = await cardOf(small, { name: 'Mei' })));

test('a card is trained again to the same bits, as often as one likes', async () => {
  const text = JSON.stringify(card);
  assert.deepEqual(JSON.parse(text), card, 'nothing of it is lost in a file');
  for (const file of [text, new TextEncoder().encode(text), new Blob([`\uFEFF${text}`]), JSON.parse(text)])
    assert.deepEqual(await readCard(file), card);
  const shares = [];
  const [first, second] = await checkCards([card, card], { onProgress: (share, index) => shares.push([index, share]) });
  assert.deepEqual(first, { state: 'equal', differences: [], result: card.result });
  assert.deepEqual(second, first);
  assert.deepEqual(
    shares.filter(([index]) => index === 1).map(([, share]) => share),
    [1, 2, 3, 4, 5, 6].map((epoch) => epoch / 6),
  );
});

test('what does not agree is said: a number, the experiment, the weights, the data', async () => {
  const wrong = {
    number: change(card, ({ result }) => (result.validationAccuracy = 1)),
    experiment: change(card, ({ experiment }) => (experiment.epochs = 5)),
    weights: change(card, ({ result }) => (result.weightsSha256 = 'ab'.repeat(32))),
    data: change(card, (one) => (one.dataSha256 = 'cd'.repeat(32))),
    version: change(card, (one) => (one.engine = '0.0.9')),
  };
  const checks = await checkCards(Object.values(wrong));
  const [number, experiment, weights, data, version] = checks;
  const here = card.result.validationAccuracy;
  assert.deepEqual(number.differences, [{ what: 'result', path: 'validationAccuracy', card: 1, here }]);
  assert.equal(number.state, 'different');
  assert.equal(experiment.state, 'different');
  const places = new Set(experiment.differences.map(({ what, path }) => path ?? what));
  for (const place of ['experiment', 'weights', 'epoch', 'validationLoss']) assert.ok(places.has(place), place);
  assert.deepEqual(
    weights.differences.map(({ what, here: out }) => [what, out]),
    [['weights', card.result.weightsSha256]],
  );
  assert.deepEqual([data.state, data.result], ['otherData', undefined]);
  assert.deepEqual(data.differences, [{ what: 'data', card: 'cd'.repeat(32), here: card.dataSha256 }]);
  // Another version is no fault, as long as the bits are the same.
  assert.equal(version.state, 'equal');
  assert.deepEqual(version.differences, [{ what: 'engine', card: '0.0.9', here: card.engine }]);
});

test('an experiment that was changed with its id gives other weights', async () => {
  const other = await cardOf({ ...small, seed: 2 });
  const forged = { ...other, result: card.result };
  const [{ state, differences }] = await checkCards([forged]);
  assert.equal(state, 'different');
  assert.deepEqual(differences[0], {
    what: 'weights',
    card: card.result.weightsSha256,
    here: other.result.weightsSha256,
  });
});

test('a run that its experiment does not tell says so, and is not trained; one that was resumed is', async () => {
  const changed = await cardOf(small, { act: (trainer, { epoch }) => epoch === 2 && trainer.setLearningRate(0.02) });
  const trainer = await Trainer.open(small);
  const weights = await trainer.saveWeights();
  await trainer.step();
  const resume = await trainer.checkpoint();
  const { reason } = await trainer.finish();
  assert.equal(reason, 'interrupted');
  const interrupted = await makeCard(trainer);
  await trainer.dispose();
  const begun = await cardOf(small, { weights });
  const resumed = await cardOf(small, { resume });
  const longer = await cardOf({ ...small, epochs: 7, learningRateSchedule: 'cosine' }, { resume: await cosine(small) });
  assert.deepEqual(
    [changed, interrupted, begun, resumed, longer, card].map(({ deviations }) => deviations),
    [['learningRate'], ['interrupted'], ['weights'], ['resumed'], ['resumed'], undefined],
  );
  const never = 'notRepeatable';
  assert.deepEqual(await statesOf([changed, interrupted, begun, resumed, longer]), [
    never,
    never,
    never,
    'equal',
    'different',
  ]);
  const [{ state }] = await checkCards([
    change(card, ({ experiment }) => (experiment.transfer = { weights: 'mine.safetensors' })),
  ]);
  assert.equal(state, never, 'no file is looked for');
});

/** The checkpoint of a run whose schedule has come to its end. */
async function cosine(experiment) {
  const trainer = await Trainer.open({ ...experiment, learningRateSchedule: 'cosine' });
  for await (const event of trainer.train()) void event;
  const checkpoint = await trainer.checkpoint();
  await trainer.dispose();
  return checkpoint;
}

test('a run that diverged is repeated too', async () => {
  const diverged = await cardOf({ ...small, loss: 'meanSquaredError', optimizer: { type: 'sgd', learningRate: 1000 } });
  assert.equal(diverged.result.reason, 'diverged');
  assert.deepEqual(await statesOf([JSON.parse(JSON.stringify(diverged))]), ['equal']);
});

test('a card is made of a run that has ended, and of no other', async () => {
  const trainer = await Trainer.open(small);
  await assert.rejects(makeCard(trainer), /Expected trainer to be one whose run has ended/);
  for await (const event of trainer.train()) void event;
  await assert.rejects(makeCard(trainer, { name: 'a\nb' }), /Expected name to be a text of 1 to 80 characters/);
  await trainer.dispose();
});

test('every field that is not as it must be is named with its place', async () => {
  const wrong = {
    format: 'trainground card 2',
    name: 'x'.repeat(81),
    engine: 1,
    id: 'zz',
    dataSha256: 'AB'.repeat(32),
    deviations: ['weights', 'weights'],
    more: true,
  };
  const result = { ...card.result, reason: 'luck', epoch: -1, loss: 'small', validationAccuracy: 1.1, extra: 1 };
  const dataset = {
    type: 'csv',
    path: '../houses.csv',
    label: 'price',
    validation: { type: 'idx', images: 'https://example.org/a', labels: '/b' },
  };
  const experiment = { ...card.experiment, epochs: 0, dataset };
  await assert.rejects(
    readCard({ ...card, ...wrong, result, experiment }),
    (/** @type {InputError} */ { problems }) => {
      const places = [
        ...Object.keys(wrong),
        'result.reason',
        'result.epoch',
        'result.loss',
        'result.validationAccuracy',
      ];
      places.push('result.extra', 'experiment.epochs', 'experiment.dataset.path');
      places.push('experiment.dataset.validation.images', 'experiment.dataset.validation.labels');
      assert.deepEqual(problems.map(({ path }) => path).sort(), places.sort());
      assert.ok(problems.every(({ expected, given }) => expected && given));
      return true;
    },
  );
  for (const path of ['..', 'file:passwd', 'C:x', 'a\\b', ''])
    await assert.rejects(
      readCard({ ...card, experiment: { ...card.experiment, dataset: { type: 'csv', path, label: 'a' } } }),
      /experiment\.dataset\.path/,
      path,
    );
  for (const file of ['', 'null', '[]', '{', '"x"', '[1]', undefined, 7, new Uint8Array(9)])
    await assert.rejects(readCard(/** @type {any} */ (file)), InputError);
});

test('a card that is too large, too deep or too full is refused soon', async () => {
  const began = performance.now();
  const deep = `{"experiment":${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}}`;
  const full = JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`key${i}`, i])));
  for (const file of [deep, '['.repeat(2 ** 18), full]) await assert.rejects(readCard(file), InputError);
  for (const file of ['x'.repeat(2 ** 18 + 1), new Uint8Array(2 ** 18 + 1), new Blob([new Uint8Array(2 ** 20)])])
    await assert.rejects(readCard(file), /Expected the card to be at most 262144 bytes/);
  await assert.rejects(readCard(full), ({ problems }) => problems.length <= 20);
  const layers = Array.from({ length: 3000 }, () => ({ type: 'nothing' }));
  await assert.rejects(readCard({ ...card, experiment: { layers } }), InputError);
  assert.ok(performance.now() - began < 5000, `${performance.now() - began} ms`);
});

test('whatever is done to a card, it is read as it stands or refused by name, and the next one is read', async () => {
  const text = JSON.stringify(card);
  let seed = 7;
  const random = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n;
  const strange = [null, true, -1, 1e308, '', 'x', [], {}, [[]], { a: {} }, '\ud800', 1.5, 'constructor', '__proto__'];
  const placesOf = (/** @type {any} */ value) =>
    Object.keys(value).flatMap((key) => [
      [value, key],
      ...(typeof value[key] === 'object' && value[key] ? placesOf(value[key]) : []),
    ]);
  let read = 0;
  for (let round = 0; round < 400; round++) {
    let given;
    if (round % 2) {
      const at = random(text.length);
      given = text.slice(0, at) + ['', '"', '9', '{', ']', '\\u0000', ','][random(7)] + text.slice(at + random(3));
    } else {
      given = structuredClone(card);
      const places = placesOf(given);
      const [object, key] = places[random(places.length)];
      if (random(4)) object[key] = structuredClone(strange[random(strange.length)]);
      else delete object[key];
    }
    await readCard(given).then(
      () => read++,
      (error) => assert.ok(error instanceof InputError && error.problems.every(({ path }) => path), String(error)),
    );
  }
  assert.ok(read > 20 && read < 300, `${read} of 400 were read`);
  assert.deepEqual(await readCard(text), card);
});

const table = (factor) =>
  `size,kind,price\n${Array.from({ length: 60 }, (_, i) => `${i % 7 ? (i * factor) % 50 : ''},${'abc'[i % 3]},${100 + ((i * 31) % 50)}`).join('\n')}\n`;
const houses = {
  dataset: { type: 'csv', path: 'data/houses.csv', label: 'price', normalize: true },
  loss: 'meanSquaredError',
  layers: [{ type: 'dense', units: 1 }],
  epochs: 3,
};

test('of an own table the card holds the hash of its content: the file may have another name, and be packed', async () => {
  const bytes = Buffer.from(table(37));
  const learned = await cardOf(houses, { files: { 'data/houses.csv': bytes } });
  assert.equal(learned.experiment.dataset.path, 'houses.csv');
  assert.equal(learned.result.validationAccuracy, null);
  assert.ok(!JSON.stringify(learned).includes('133'), 'no number of the table');
  // Whatever is drawn or set otherwise, the data is the same; gaps are filled by the training part's median, which another split may have otherwise.
  const whole = Buffer.from(table(37).replaceAll('\n,', '\n0,'));
  const hashes = new Set();
  for (const other of [
    {},
    { seed: 5 },
    { validationSplit: 0.4 },
    { dataset: { ...houses.dataset, normalizeLabel: true } },
  ])
    hashes.add((await cardOf({ ...houses, ...other }, { files: { 'data/houses.csv': whole } })).dataSha256);
  assert.equal(hashes.size, 1);
  const withFile = (file) => ({ dataFor: () => ({ files: { 'houses.csv': file } }) });
  assert.deepEqual(await statesOf([learned], withFile(new Blob([bytes]))), ['equal']);
  assert.deepEqual(await statesOf([learned], withFile(gzipSync(bytes))), ['equal']);
  const semicolons = Buffer.from(table(37).replaceAll(',', ';'));
  assert.deepEqual(await statesOf([learned], withFile(semicolons)), ['equal'], 'content, not bytes');
  assert.deepEqual(await statesOf([learned]), ['noData']);
  assert.deepEqual(await statesOf([learned], { dataFor: () => ({ files: { 'other.csv': bytes } }) }), ['noData']);
  const [other] = await checkCards([learned], withFile(Buffer.from(table(38))));
  assert.equal(other.state, 'otherData');
  assert.deepEqual([other.differences[0].what, other.differences[0].card], ['data', learned.dataSha256]);
  const [strange] = await checkCards([learned], withFile(Buffer.from('a,b\n1,2\n3,4\n')));
  assert.equal(strange.state, 'otherData');
  assert.match(strange.problem, /dataset\.label/);
});

test('side by side, data is loaded once; a stop ends at once, and what was told stays', async () => {
  const bytes = Buffer.from(table(37));
  const cards = [];
  for (const seed of [1, 2, 3]) cards.push(await cardOf({ ...houses, seed }, { files: { 'data/houses.csv': bytes } }));
  let asked = 0;
  const place = { files: { 'houses.csv': bytes } };
  const dataFor = () => (asked++, place);
  assert.deepEqual(await statesOf(cards, { dataFor, workers: 2 }), ['equal', 'equal', 'equal']);
  assert.equal(asked, 3);
  const controller = new AbortController();
  const told = [];
  const onResult = ({ state }, index) => {
    told.push([index, state]);
    controller.abort();
  };
  const endless = change(card, ({ experiment }) => (experiment.epochs = 100_000));
  await assert.rejects(checkCards([card, endless], { workers: 1, onResult, signal: controller.signal }), {
    name: 'AbortError',
  });
  assert.deepEqual(told, [[0, 'equal']]);
  await assert.rejects(checkCards([card], { workers: 0 }), /Expected workers/);
});

test('the command line writes cards and checks them; the exit code says whether all are equal', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'pictures/red'), { recursive: true });
  mkdirSync(join(folder, 'pictures/blue'));
  for (const [kind, background] of [
    ['red', { r: 200, g: 20, b: 20 }],
    ['blue', { r: 20, g: 20, b: 200 }],
  ])
    for (let i = 0; i < 6; i++) {
      const colour = { ...background, g: 20 + 25 * i };
      const picture = sharp({ create: { width: 9 + i, height: 9, channels: 3, background: colour } });
      writeFileSync(join(folder, 'pictures', kind, `${i}.png`), await picture.png().toBuffer());
    }
  const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
  const photos = { dataset: { type: 'images', path: join(folder, 'pictures'), size: 4 }, layers, epochs: 2 };
  const run = (name, ...more) => trainground(['run', name, '--log', 'ndjson', ...more], { cwd: folder });
  const ran = await run(writeExperiment(folder, 'small.json', small), '--card', 'mei.json', '--name', 'Mei');
  assert.equal(ran.code, 0, ran.err);
  assert.deepEqual(await readCard(readFileSync(join(folder, 'mei.json'))), card);
  assert.equal((await run(writeExperiment(folder, 'photos.json', photos), '--card', 'photos.card.json')).code, 0);

  const check = (...words) => trainground(['check', ...words], { cwd: folder });
  const good = await check('mei.json', 'photos.card.json', './mei.json', '--log', 'ndjson');
  assert.equal(good.code, 0, good.out + good.err);
  assert.deepEqual(
    good.lines.map(({ file, state }) => [file, state]),
    [
      ['./mei.json', 'equal'],
      ['photos.card.json', 'equal'],
      [undefined, undefined],
    ],
  );
  assert.deepEqual(good.lines.at(-1), { event: 'end', cards: 2, equal: 2 });

  renameSync(join(folder, 'pictures'), join(folder, 'moved'));
  const away = await check('photos.card.json');
  assert.deepEqual([away.code, /the data is not here: not trained/.test(away.out)], [1, true], away.out);
  assert.equal((await check('photos.card.json', '--data', 'moved')).code, 0);
  assert.equal((await check('photos.card.json', '--data', 'nowhere')).code, 2);

  writeFileSync(
    join(folder, 'jo.json'),
    JSON.stringify({ ...card, name: 'Jo' }).replace(/"validationAccuracy":[\d.]+/, '"validationAccuracy":1'),
  );
  writeFileSync(join(folder, 'bad.json'), '{"format": 1}');
  const mixed = await check('mei.json', './jo.json', 'bad.json');
  assert.equal(mixed.code, 2);
  assert.match(mixed.out, /^mei\.json \(Mei\) {2}[\d.]+ % {2}equal bits\n {2}same bits as \.\/jo\.json$/m);
  assert.match(
    mixed.out,
    /^\.\/jo\.json \(Jo\) {2}100\.0 % {2}different\n {2}validationAccuracy: 1 on the card, 0\.\d+ here$/m,
  );
  assert.match(mixed.out, /^bad\.json {2}no card\n {2}Expected format to be "trainground card 1", got 1$/m);
  assert.match(mixed.out, /^1 of 3 equal$/m);
  assert.equal((await run('small.json', '--name', 'Mei')).code, 2);
});
