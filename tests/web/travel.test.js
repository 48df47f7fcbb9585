// Looking back, trying, and why: the panels show another epoch's network, and the run never notices.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkOf, oneBrowser, withPage } from './browser.js';
import { tellsItsPlots } from './plots.js';

const matrix = () => document.querySelector('[data-testid="confusion"]').textContent;
const predictions = () => document.querySelector('[data-testid="predictions"]').textContent;

const past = () => document.querySelector('[data-testid="travel-epoch"]')?.dataset.value ?? null;
const isPast = (page, epoch) =>
  page.until((n) => (document.querySelector('[data-testid="travel-epoch"]')?.dataset.value ?? null) === n, epoch);

/** A photo of a phone that no browser reads is told by its name and kind, and what was answered before stays. */
async function isToldByItsKind(page) {
  const folder = mkdtempSync(join(tmpdir(), 'kinds-'));
  try {
    const file = join(folder, 'IMG_1.heic');
    writeFileSync(file, Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'));
    await (await page.page.$('[data-testid="try-file"]')).uploadFile(file);
    await page.until(() => /IMG_1\.heic.*HEIC/.test(document.querySelector('[data-code="untried"]')?.textContent));
    assert.equal(await page.value('try-answer'), '0');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks back with the mouse on the curve itself, and goes on with the arrow keys. */
async function dragOnTheCurve(page, untrained) {
  const { mouse, keyboard } = page.page;
  const chart = '[data-testid="curve-loss"]';
  const { left, width, y, epochs } = await page.page.$eval(`${chart} .u-over`, (element) => {
    element.scrollIntoView({ block: 'center' });
    const box = element.getBoundingClientRect();
    const { model } = element.closest('curve-chart');
    return { left: box.left, width: box.width, y: box.top + box.height / 2, epochs: model.xMax };
  });
  const x = (epoch) => left + (width * epoch) / epochs;
  await mouse.move(x(6), y);
  await mouse.down();
  await mouse.move(x(6) + 2, y);
  await mouse.up();
  assert.equal(await page.page.evaluate(past), null, 'two pixels are no drag');
  await mouse.move(x(10), y);
  await mouse.down();
  await mouse.move(x(5), y, { steps: 5 });
  await isPast(page, '5');
  await mouse.move(left - 40, y, { steps: 5 }); // beyond the axis the drag goes on, at its end
  await isPast(page, '0');
  assert.equal(await page.page.evaluate(matrix), untrained, 'the matrix is that of epoch 0');
  await mouse.move(x(2), y, { steps: 3 });
  await mouse.up();
  await isPast(page, '2');
  assert.equal(await page.page.$eval(chart, (element) => element.getAttribute('aria-valuenow')), '2');
  const share = await page.number('validation-accuracy');
  assert.equal(Number((await page.text('tab-mistakes')).match(/\d+/)[0]), Math.round((1 - share) * 359));
  await mouse.move(x(9), y);
  assert.equal(await page.page.evaluate(past), '2', 'let go');
  await page.page.focus(chart);
  await mouse.move(0, 0);
  await keyboard.press('ArrowLeft');
  await isPast(page, '1');
  await keyboard.press('End');
  await isPast(page, '12');
  await keyboard.press('Escape');
  await isPast(page, null);
  assert.notEqual(await page.page.evaluate(matrix), untrained);
}

/** The page's own network on four numbers, one step of it unit by unit; and texts that speak of samples. */
async function ownNetworkSlowly(page) {
  await page.page.select('[data-testid="dataset"]', 'iris');
  await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '3');
  await page.settled();
  await page.until(() => !document.querySelector('[data-testid="slow-own"]').disabled);
  const score = await page.number('validation-loss');
  await page.click('slow-own');
  await page.there('slow-own-drawing');
  assert.equal(await page.value('slow-own-drawing'), '4-16-3');
  const rows = () =>
    page.page.$$eval('[data-testid="slow-table"] tbody tr', (list) =>
      list.map((row) => [...row.querySelectorAll('[data-value]')].map((cell) => Number(cell.dataset.value))),
    );
  assert.equal((await rows()).length, 4 + 1);
  await page.page.select('[data-testid="slow-unit"]', '1,2');
  const last = await rows();
  assert.equal(last.length, 16 + 1);
  for (const [before, gradient, after] of last) {
    // Adam's first step is as long as its rate, whatever the gradient.
    const step = Math.abs(gradient) > 1e-5 ? 0.01 * Math.sign(gradient) : before - after;
    assert.ok(Math.abs(before - step - after) < 1e-4, `${before} ${gradient} ${after}`);
  }
  for (let i = 0; i < 4; i++) await page.click('slow-next');
  const slope = last.at(-1)[1]; // the bias has the slope of its unit
  assert.match(await page.text('slow-words'), new RegExp(`${Math.abs(slope).toFixed(3).slice(1)}\\.$`));
  assert.equal(await page.number('validation-loss'), score, 'the run does not move');
  const found = await page.page.evaluate(() => {
    for (const name of ['mini-batch', 'cross-entropy', 'splitting'])
      document.querySelector(`[data-testid="trick-${name}"]`).click();
    const list = [];
    for (const id of ['data', 'model', 'results']) {
      const walker = document.createTreeWalker(document.getElementById(id), NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const { textContent, parentElement } = walker.currentNode;
        if (/picture/i.test(textContent) && !parentElement.closest('.drop, .private, [aria-pressed]'))
          list.push(textContent.trim());
      }
    }
    return list;
  });
  assert.deepEqual(found, [], 'numbers are called pictures');
}

/** A red stroke on an emoji pad: a hundred moves in one frame are one question, and its pixels are red. */
async function tryInColour(page) {
  await page.click('why-close');
  await page.click('tab-try');
  await page.there('ink-red');
  await page.click('ink-red');
  const [told, red, blue] = await page.page.evaluate(async () => {
    const pad = document.querySelector('[data-testid="sketch"]');
    const canvas = pad.querySelector('canvas');
    canvas.scrollIntoView();
    canvas.setPointerCapture = () => {};
    const details = [];
    pad.addEventListener('sketch', (event) => details.push(event.detail));
    const box = canvas.getBoundingClientRect();
    const send = (type, share) =>
      canvas.dispatchEvent(
        new PointerEvent(type, {
          pointerId: 1,
          clientX: box.left + share * box.width,
          clientY: box.top + box.height / 2,
        }),
      );
    send('pointerdown', 0.1);
    for (let i = 0; i < 100; i++) send('pointermove', 0.1 + i * 0.008);
    send('pointerup', 0.9);
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
    const at = (16 * 32 + 16) * 3;
    return [details.length, details[0][at], details[0][at + 2]];
  });
  assert.equal(told, 1);
  assert.ok(red > 0.8 && blue < 0.3, `red ${red}, blue ${blue}`);
  await page.there('try-answer');
  await page.there('why');
  await page.click('try-clear');
  await page.until(() => !document.querySelector('[data-testid="try-answer"]'));
}

/** A press on the plane asks about that place. */
async function tryOnThePlane(page) {
  await page.page.select('[data-testid="dataset"]', 'moons');
  await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '2');
  await page.settled();
  const { x, y, side } = await page.page.$eval('[data-testid="boundary"] canvas', (canvas) => {
    canvas.scrollIntoView({ block: 'center' });
    const box = canvas.getBoundingClientRect();
    return { x: box.left, y: box.top, side: box.width };
  });
  await page.page.mouse.click(x + side * 0.75, y + side * 0.25);
  await page.until(() => Math.abs(document.querySelector('[data-testid="try-0"]').dataset.value - 0.75) < 0.02);
  assert.ok(Math.abs((await page.number('try-1')) - 0.75) < 0.02);
  const { place, text } = await page.page.$eval('[data-testid="boundary"]', ({ model: { mark } }) => ({
    place: Array.from(mark.place),
    text: mark.text,
  }));
  assert.ok(Math.abs(place[0] - 0.75) < 0.02);
  const said = await page.page.$eval('[data-testid="try-answer"]', (element) => element.getAttribute('aria-label'));
  assert.match(said, new RegExp(text.replace(' ', ', ')));
  const untrained = await tellsItsPlots(page, { boundary: 5 });
  await page.click('train');
  await page.ended();
  assert.notEqual((await tellsItsPlots(page, { boundary: 5 })).boundary, untrained.boundary);
}

const opacities = () =>
  new Set(
    document
      .querySelector('[data-testid="picture-why"] canvas')
      .getContext('2d')
      .getImageData(0, 0, 999, 999)
      .data.filter((_, i) => i % 4 === 3),
  ).size;

/** Opens the reasons of a guessed picture, of a mistake, and of one in colour. */
async function askWhy(page) {
  const label = () => page.page.$eval('[data-testid="picture-why"]', (element) => element.getAttribute('aria-label'));
  await page.page.click('[data-testid="predictions"] [data-testid="ask-why"]');
  await page.there('picture-why');
  assert.match(await label(), /score of 0 .*\d+ % of all\. More ink there would (raise|lower) the score/);
  assert.equal(await page.text('picture-why-words'), await label());
  assert.ok((await page.page.evaluate(opacities)) > 8, 'the map is see-through by its strength');
  const before = await label();
  await page.page.select('[data-testid="picture-why-class"]', '3');
  await page.until(() => document.querySelector('[data-testid="picture-why"]').dataset.value === '3');
  assert.notEqual(await label(), before);
  await page.page.$eval('[data-testid="picture-why-heat"]', (element) => {
    element.value = '0.25';
    element.dispatchEvent(new Event('input', { bubbles: true }));
  });
  assert.equal(await page.page.$eval('[data-testid="picture-why"]', (one) => getComputedStyle(one).opacity), '0.25');
  await page.page.keyboard.press('Escape');
  await page.until(() => !document.querySelector('[data-testid="why-box"]'));
  await page.click('tab-mistakes');
  const index = await page.page.$eval('[data-testid="mistakes"] [data-testid="ask-why"]', (element) => {
    element.click();
    return element.dataset.index;
  });
  await page.there('picture-why');
  assert.equal(await page.page.$eval('[data-testid="why-box"]', (element) => element.dataset.index), index);
  assert.match(await page.page.$eval('#why-heading', (element) => element.textContent), /says \d, but it is \d/);
  await page.click('why-close');
  await page.page.select('[data-testid="dataset"]', 'emoji');
  await page.until(() => document.querySelector('[data-testid="class-count"]').dataset.value === '8');
  await page.settled();
  await page.page.click('[data-testid="predictions"] [data-testid="ask-why"]');
  await page.there('picture-why');
  assert.match(await label(), /More light there/);
  assert.ok((await page.page.evaluate(opacities)) > 30);
}

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: dragging back shows the matrix and the guesses of that epoch, during and after a run, which ends as ever`,
    { skip },
    async () => {
      const hash = await linkOf({ epochs: 12, earlyStopping: null });
      let expected;
      await withPage(name, { hash }, async (page) => {
        await page.ready();
        await page.click('train');
        await page.ended();
        expected = await page.value('run-hash');
      });
      await withPage(name, { hash }, async (page) => {
        const travel = async (epoch) => {
          await page.page.$eval(
            '[data-testid="travel"]',
            (element, value) => {
              element.value = value;
              element.dispatchEvent(new Event('input', { bubbles: true }));
            },
            String(epoch),
          );
          await page.until(
            (n) => document.querySelector('[data-testid="travel-epoch"]')?.dataset.value === n,
            String(epoch),
          );
        };
        await page.ready();
        const untrained = await page.page.evaluate(matrix);
        const first = await page.page.evaluate(predictions);
        const score = await page.number('validation-accuracy');
        await page.click('train');
        await page.epoch(3);
        await travel(0);
        assert.equal(await page.number('validation-accuracy'), score, 'the headline is that of the epoch');
        assert.equal(await page.page.evaluate(matrix), untrained);
        assert.equal(await page.page.evaluate(predictions), first);
        await page.ended();
        assert.equal(await page.value('run-hash'), expected);
        await travel(2);
        assert.notEqual(await page.page.evaluate(matrix), untrained);
        const then = await page.number('accuracy');
        const missed = async () => (await page.text('tab-mistakes')).match(/\d+/)?.[0];
        const [thenMissed, share] = [await missed(), await page.number('validation-accuracy')];
        assert.equal(Number(thenMissed), Math.round((1 - share) * 359), 'of the 359 held back');
        assert.ok(then > 0);
        await travel(0);
        assert.equal(await page.page.evaluate(matrix), untrained);
        await page.click('tab-inside');
        await page.there('inside');
        await page.click('tab-confusion');
        await page.click('travel-back');
        await page.until(() => !document.querySelector('[data-testid="travel-epoch"]'));
        assert.notEqual(await page.page.evaluate(matrix), untrained);
        const now = await page.number('accuracy');
        assert.ok(now > then, `${now}, and ${then} at epoch 2`);
        await dragOnTheCurve(page, untrained);
        assert.equal(await page.value('run-hash'), expected);
      });
    },
  );

  test(
    `${name}: a drawn stroke and a held-back picture get an answer, and each a heat map of why`,
    { skip },
    async () => {
      await withPage(name, {}, async (page) => {
        await page.ready();
        await page.click('train');
        await page.ended();
        await page.click('tab-try');
        await page.there('sketch');
        await page.page.evaluate(() => {
          const canvas = document.querySelector('[data-testid="sketch"] canvas');
          canvas.scrollIntoView();
          canvas.setPointerCapture = () => {};
          const box = canvas.getBoundingClientRect();
          const send = (type, x, y) =>
            canvas.dispatchEvent(
              new PointerEvent(type, {
                pointerId: 1,
                clientX: box.left + x * box.width,
                clientY: box.top + y * box.height,
                bubbles: true,
              }),
            );
          send('pointerdown', 0.5, 0.1); // a 1
          for (let y = 0.1; y <= 0.9; y += 0.05) send('pointermove', 0.5, y);
          send('pointerup', 0.5, 0.9);
        });
        await page.there('try-answer');
        await page.until(() => document.querySelector('[data-testid="try-answer"]')?.dataset.value === '1');
        await page.there('why');
        assert.match(
          await page.page.$eval('[data-testid="why"]', (element) => element.getAttribute('aria-label')),
          /score of 1 /,
        );
        await page.page.select('[data-testid="why-class"]', '7');
        await page.until(() => document.querySelector('[data-testid="why"]')?.dataset.value === '7');
        await page.page.select('[data-testid="why-class"]', '');
        await page.page.evaluate(() => document.querySelectorAll('.try .pick-picture')[0].click());
        await page.until(() => document.querySelector('[data-testid="try-answer"]')?.dataset.value === '0');
        const shown = await page.page.$eval(
          '[data-testid="sketch"] canvas',
          (canvas) =>
            canvas
              .getContext('2d')
              .getImageData(0, 0, canvas.width, canvas.height)
              .data.filter((value) => value < 128).length,
        );
        assert.ok(shown > 500, 'the picture that was taken lies on the pad');
        await isToldByItsKind(page);
        await askWhy(page);
        await tryInColour(page);
        await tryOnThePlane(page);
      });
    },
  );

  test(
    `${name}: one step in slow motion goes from the point to the new loss, and another point follows`,
    { skip },
    async () => {
      await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
        await page.ready();
        await page.click('trick-slow-step');
        await page.there('slow-step');
        const seen = [];
        for (let i = 0; i < 7; ++i) {
          seen.push(await page.value('slow-step'));
          await page.click('slow-next');
        }
        seen.push(await page.value('slow-step'));
        assert.deepEqual(seen, ['sample', 'hidden', 'answer', 'loss', 'back', 'gradients', 'update', 'after']);
        const rows = await page.page.$$eval('[data-testid="slow-table"] tbody tr', (list) =>
          list.map((row) => [...row.querySelectorAll('[data-value]')].map((cell) => Number(cell.dataset.value))),
        );
        assert.equal(rows.length, 6 + 3 + 3 + 1);
        for (const [before, gradient, after] of rows) assert.ok(Math.abs(after - (before - 0.5 * gradient)) < 1e-6);
        await page.click('slow-step-more');
        await page.until(() => document.querySelector('[data-testid="slow-step"]').dataset.step === '2');
        assert.equal(await page.value('slow-step'), 'sample');
        assert.ok(await page.page.$eval('[data-testid="slow-own"]', (button) => button.disabled), 'of pictures');
        await ownNetworkSlowly(page);
      });
    },
  );

  test(`${name}: the spread of eight tanh layers stays with Xavier and dies with small weights`, { skip }, async () => {
    await withPage(name, { hash: await linkOf({ page: { level: 'all' } }) }, async (page) => {
      await page.ready();
      await page.click('trick-initialization');
      await page.click('measure-spread');
      await page.there('spread-own');
      await tellsItsPlots(page, { spread: 8 });
      const last = await page.page.$$eval('[data-testid="spread"] tbody tr:last-child [data-value]', (list) =>
        list.map((cell) => Number(cell.dataset.value)),
      );
      assert.ok(last[0] > 0.05, `Xavier ${last[0]}`);
      assert.ok(last[2] < 1e-3, `small ${last[2]}`);
      assert.equal(last[3], 0);
    });
  });
}
