// The controls: every optimizer with its formula, the penalty in both forms, when to stop, what is held back, the threads; each goes back to
// its default, explains itself, and what is part of the experiment is in the link. In one browser: nothing of it depends on which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elasticNet, optimizerNames, penaltyKind, withElasticNet, withOnePenalty } from '../../web/app/settings.js';
import { doublesOf, learnedToo } from '../../web/data/doubles.js';
import { browsers, linkOf, withPage } from './browser.js';

test('lambda and alpha are l1 and l2 in other letters, there and back', () => {
  const made = withElasticNet({ l1: 0, l2: 0 }, { lambda: 0.01, alpha: 0.3 });
  assert.deepEqual(made, { l1: 0.007, l2: 0.003 });
  assert.deepEqual(elasticNet(made), { lambda: 0.01, alpha: 0.3 });
  assert.deepEqual(withOnePenalty({ l1: 0, l2: 0, elasticNet: { lambda: 0.01, alpha: 0.3 } }), made);
  const kinds = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([l1, l2]) => penaltyKind({ l1, l2 }));
  assert.deepEqual(kinds, [null, 'lasso', 'ridge', 'elastic']);
});

test('pictures that are there twice are found within a class, across classes and on both sides of the split', () => {
  const of = (...bytes) => ({ pixels: Uint8Array.from(bytes) });
  const [a, b] = [
    { name: 'a', pictures: [of(1, 2), of(1, 2), of(3, 4)] },
    { name: 'b', pictures: [of(3, 4), of(4, 3)] },
  ];
  const { within, across } = doublesOf([a, b]);
  assert.deepEqual([...within], [[a, 1]]);
  assert.deepEqual([...across.get(a)], [['b', 1]]);
  assert.deepEqual([...across.get(b)], [['a', 1]]);
  const pixels = [a, b].flatMap(({ pictures }) => pictures.map((one) => one.pixels));
  assert.equal(learnedToo(pixels, { training: [0, 2, 4], validation: [1, 3] }), 2);
  assert.equal(learnedToo(pixels, { training: [0, 1, 4], validation: [2, 3] }), 0);
});

/** What lies on one another in the open card of a phone, and what is lower than a finger needs; a slider and its marks may touch. */
const crowded = ({ page }, card) =>
  page.$eval(`#drawer-${card}`, (drawer) => {
    const all = [...drawer.querySelectorAll('button, select, summary, input:not([type="checkbox"])')];
    const parts = all
      .map((element) => ({
        element,
        name: element.dataset.testid ?? element.className,
        box: element.getBoundingClientRect(),
      }))
      .filter(({ box }) => box.height > 0);
    const small = parts.filter(({ element, box }) => element.matches('.info, .marks .link') && box.height < 43.5);
    const pairs = parts.flatMap((a, i) =>
      parts
        .slice(i + 1)
        .filter(({ box: b }) => {
          const across = Math.min(a.box.right, b.right) - Math.max(a.box.left, b.left);
          const down = Math.min(a.box.bottom, b.bottom) - Math.max(a.box.top, b.top);
          return across > 1 && down > 1;
        })
        .map((b) => `${a.name} on ${b.name}`),
    );
    const wide =
      document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} wide`] : [];
    return [...pairs, ...small.map(({ name }) => `${name} is small`), ...wide];
  });

/** What each optimizer does at a step, line by line, as the text of its formula: a fraction's halves and a root's inside follow each other. */
const moments = ['v←β1v+(1−β1)dw', 's←β2s+(1−β2)dw2', 'v^=v1−β1ts^=s1−β2t'];
const rules = {
  sgd: ['w←w−αdw'],
  momentum: ['v←μv+dw', 'w←w−αv'],
  nesterov: ['v←μv+dw', 'w←w−α(dw+μv)'],
  rmsprop: ['s←ρs+(1−ρ)dw2', 'w←w−αdws+ε'],
  adam: [...moments, 'w←w−αv^s^+ε'],
  adamw: [...moments, 'w←(1−αλ)w−αv^s^+ε'],
  adagrad: ['s←s+dw2', 'w←w−αdws+ε'],
  adadelta: ['s←ρs+(1−ρ)dw2', 'd←u+εs+εdw', 'u←ρu+(1−ρ)d2', 'w←w−αd'],
};

/** Chooses an option of a select as a hand does. */
const pick = ({ page }, id, value) => page.select(`[data-testid="${id}"]`, value);

/** The settings that the address holds. */
const inAddress = ({ page }) =>
  page.evaluate(async () => {
    const text = new URLSearchParams(location.hash.slice(1)).get('e');
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return JSON.parse(await new Response(stream).text());
  });

/** The numbers of augmentation, as they come into the address; of two that are both 0 the transform would do nothing. */
async function takesEveryNumber(page) {
  const augmentation = async () => {
    await page.settled();
    return (await inAddress(page)).augmentation;
  };
  await page.click('trick-augmentation');
  for (const type of ['flip', 'randomCrop', 'contrast']) await page.click(`augment-${type}`);
  await page.type('augment-flip-vertical', '.5');
  await page.type('augment-flip-horizontal', '0');
  await page.type('augment-randomCrop-scale', '.6');
  await page.type('augment-contrast-range', '.4');
  assert.deepEqual(await augmentation(), [
    { type: 'flip', horizontal: 0, vertical: 0.5 },
    { type: 'randomCrop', scale: [0.6, 1] },
    { type: 'contrast', range: [0.6, 1.4] },
  ]);
  await page.type('augment-flip-vertical', '0');
  await page.click('default-augment-contrast-range');
  assert.equal(await page.number('augment-flip-vertical'), 0.05);
  assert.equal(await page.number('augment-contrast-range'), 0.3);
  assert.equal(await page.has('alert'), false);
  for (const type of ['flip', 'randomCrop', 'contrast']) await page.click(`augment-${type}`);
  assert.equal(await augmentation(), undefined);
}

/** On a phone all of it has room, with every mark a button and a note open. */
async function hasRoomOnAPhone(page) {
  await page.page.setViewport({ width: 360, height: 740 });
  await page.page.$eval('#parts button:nth-child(3)', (tab) => tab.click());
  for (const type of ['rotation', 'noise']) await page.click(`augment-${type}`);
  await page.type('learning-rate', '0.01');
  const notes = { augmentation: 'augment-noise', l2: 'l1', 'learning-rate': 'schedule', 'early-stopping': 'patience' };
  for (const [card, note] of Object.entries(notes)) {
    if (card !== 'augmentation') await page.click(`trick-${card}`);
    await page.click(`info-${note}`);
    assert.deepEqual(await crowded(page, card), [], card);
  }
  await page.page.setViewport({ width: 1440, height: 900 });
  for (const type of ['rotation', 'noise']) await page.click(`augment-${type}`);
}

for (const { name, skip } of browsers.slice(0, 1)) {
  test(
    `${name}: each optimizer shows its own formula; penalty, stopping, held-back share and threads can be set and go back`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ epochs: 2, page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        const bare = await page.page.$$eval('.field, .kind', (fields) =>
          fields
            .filter((field) => !field.closest('.kind')?.querySelector('.info') && !field.querySelector('.info'))
            .map((field) => field.querySelector('[data-testid]').dataset.testid),
        );
        assert.deepEqual(bare, [], 'controls that do not explain themselves');
        await page.click('info-seed');
        assert.match(await page.page.$eval('#about-seed', (note) => note.textContent), /bit for bit/);
        await page.page.keyboard.press('Escape');
        assert.equal(await page.page.$('#about-seed'), null);
        await page.click('info-seed');
        await page.click('info-seed');
        assert.equal(await page.page.$('#about-seed'), null);

        await page.click('trick-optimizer');
        const differences = new Set();
        for (const optimizer of optimizerNames) {
          await pick(page, 'optimizer', optimizer);
          await page.until(
            (of) => document.querySelector('[data-testid="optimizer-formula"]')?.dataset.of === of,
            optimizer,
          );
          const { lines, space, height } = await page.page.$eval('[data-testid="optimizer-formula"]', (box) => ({
            lines: Array.from(box.querySelectorAll('math'), (line) => line.textContent.replace(/\s+/g, '')),
            space: box.querySelector('math msub, math mi').namespaceURI,
            height: box.getBoundingClientRect().height,
          }));
          assert.deepEqual(lines, rules[optimizer], optimizer);
          assert.equal(space, 'http://www.w3.org/1998/Math/MathML');
          assert.ok(height > 40);
          differences.add(await page.text('sheet-difference'));
        }
        assert.equal(differences.size, optimizerNames.length);
        await pick(page, 'optimizer', 'rmsprop');
        await page.find('info-optimizer-rho');
        assert.match(await page.page.$eval('#about-optimizer-rho', (one) => one.textContent), /s ← ρ s/);
        await page.type('optimizer-rho', '0.8');
        await page.find('default-optimizer-rho');
        assert.equal(await page.number('optimizer-rho'), 0.9);
        await page.find('default-optimizer');
        assert.equal(await page.page.$eval('[data-testid="optimizer"]', (select) => select.value), 'adam');

        await page.click('trick-l2');
        await page.type('l1', '0.007');
        await page.type('l2', '0.003');
        assert.equal(await page.page.$eval('[data-testid="elastic-net"]', (box) => box.dataset.kind), 'elastic');
        assert.match(await page.text('elastic-net'), /elastic net/);
        assert.deepEqual([await page.number('elastic-lambda'), await page.number('elastic-alpha')], [0.01, 0.3]);
        await page.type('elastic-alpha', '0.4');
        assert.deepEqual([await page.number('l1'), await page.number('l2')], [0.006, 0.004]);

        await page.click('trick-early-stopping');
        await page.type('min-delta', '0.02');
        await pick(page, 'monitor', 'validationAccuracy');
        await page.click('restore-best');
        await page.type('validation-split', '30');
        await page.settled();
        assert.ok(Math.abs((await page.number('sample-count')) / 1797 - 0.7) < 0.01);
        const { l1, l2, validationSplit, earlyStopping } = await inAddress(page);
        assert.deepEqual(
          { l1, l2, validationSplit, ...earlyStopping },
          {
            l1: 0.006,
            l2: 0.004,
            validationSplit: 0.3,
            monitor: 'validationAccuracy',
            patience: 5,
            minDelta: 0.02,
            restoreBestWeights: false,
          },
        );

        if (name === 'chromium') {
          await takesEveryNumber(page);
          await hasRoomOnAPhone(page);
        }

        await page.click('default-min-delta');
        await page.click('default-monitor');
        await page.click('default-restore-best');
        await page.click('default-validation-split');
        await page.settled();
        const back = await inAddress(page);
        assert.deepEqual([back.validationSplit, back.earlyStopping], [undefined, undefined]);

        // The same bits on one thread as on as many as there are, and nothing of it in the link.
        await page.click('train');
        await page.button('Pause');
        await page.ended();
        const [hash, address] = [await page.value('run-hash'), page.page.url()];
        await pick(page, 'choose-threads', '1');
        await page.there('threads-later');
        await page.click('train');
        await page.button('Pause');
        await page.ended();
        assert.equal(await page.number('threads'), 1);
        assert.equal(await page.value('run-hash'), hash);
        assert.equal(page.page.url(), address);
      });
    },
  );
}
