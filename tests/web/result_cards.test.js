// The card of a run in the page: made here and checked in Node, made in Node and checked here; many at once; own tables and pictures by their hash.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { Trainer, checkCards, makeCard, readCard } from 'trainground';
import { linkOf, oneBrowser, withPage } from './browser.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'cards-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const small = {
  dataset: 'digits',
  layers: [{ type: 'flatten' }, { type: 'dense', units: 16, activation: 'relu' }, { type: 'dense', units: 10 }],
  epochs: 3,
};
/** The card of a run in Node. */
async function cardOf(experiment, { name, ...options } = {}) {
  const trainer = await Trainer.open(experiment, { threads: 1, ...options });
  for await (const event of trainer.train()) void event;
  const card = await makeCard(trainer, { name });
  await trainer.dispose();
  return card;
}
const put = (name, content) => {
  writeFileSync(
    join(folder, name),
    typeof content === 'object' && !ArrayBuffer.isView(content) ? JSON.stringify(content) : content,
  );
  return join(folder, name);
};
const linkOfCard = async (card) => (await linkOf(card)).replace('#e=', '#c=');
const choose = async (page, id, ...files) => (await page.page.$(`[data-testid="${id}"]`)).uploadFile(...files);
const checked = (page, state) =>
  page.until((wanted) => document.querySelector('[data-testid="card-state"]')?.dataset.value === wanted, state);
const openCards = async (page) => {
  await page.ready();
  await page.click('export');
  await page.find('open-cards');
  await page.there('cards-input');
};
/** What axe finds in the box. */
async function graveFaults(page) {
  await page.page.evaluate(axe);
  const { violations } = await page.page.evaluate(() => window.axe.run('[data-testid="cards"]'));
  const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
/** By file: the state, and all that the row says. */
const rowsOf = async (page) =>
  Object.fromEntries(
    await page.page.$$eval('[data-testid="card-row"]', (rows) =>
      rows.map((row) => [
        row.dataset.file.replace('class/', ''),
        { state: row.dataset.value, text: row.textContent.replace(/\s+/g, ' ') },
      ]),
    ),
  );
const allChecked = (page, count) =>
  page.until(
    (wanted) =>
      document.querySelectorAll('[data-testid="card-row"]').length === wanted &&
      !document.querySelector('[data-testid="cards-stop"]'),
    count,
  );

for (const { name, skip } of oneBrowser) {
  test(`${name}: a card made here is checked in Node, and one made in Node here, by its link`, { skip }, async () => {
    const experiment = { ...small, earlyStopping: null };
    await withPage(name, { hash: await linkOf(experiment) }, async (page) => {
      await page.ready();
      await page.click('export');
      await page.there('save-card');
      assert.equal(await page.page.$eval('[data-testid="save-card"]', (button) => button.disabled), true);
      await page.click('train');
      await page.ended();
      await page.click('save-card');
      await page.there('card-facts');
      assert.deepEqual(await graveFaults(page), []);
      await page.page.focus('[data-testid="card-name"]');
      await page.page.keyboard.type('Mei r'); // r is a shortcut elsewhere
      await page.page.evaluate(() => (navigator.clipboard.writeText = async (text) => void (window.copied = text)));
      await page.click('card-link');
      await page.until(() => window.copied);
      const link = new URL(await page.page.evaluate(() => window.copied));
      assert.ok(link.href.length < 2000, `${link.href.length}`);
      const card = await readCard(await page.download('card-file'));
      assert.equal(card.name, 'Mei r');
      assert.equal(card.deviations, undefined);
      const [check] = await checkCards([card]);
      assert.deepEqual([check.state, check.differences], ['equal', []]);

      await page.page.keyboard.press('Escape');
      await page.until(() => !document.querySelector('[data-testid="cards"]'));
      await page.page.goto('about:blank');
      await page.page.goto(link.href);
      await page.there('card-check');
      assert.equal(await page.text('card-title'), 'Mei r');
      assert.match(new URL(await page.page.evaluate(() => location.href)).hash, /c=/);
      await page.click('card-check');
      await checked(page, 'equal');
      await page.click('cards-close');
      await page.until(() => !location.hash.includes('c='));
    });
    const made = await cardOf({ ...small, seed: 3 }, { name: 'Ada' });
    await withPage(name, { hash: await linkOfCard(made), isolated: false }, async (page) => {
      await page.find('card-check');
      await checked(page, 'equal');
    });
  });
}

for (const { name, skip } of oneBrowser) {
  test(
    `${name}: thirty cards are a table, each checked; what differs, twins and what is no card are said`,
    { skip },
    async () => {
      const base = await cardOf({ ...small, epochs: 2 });
      const files = {};
      const pupils = Array.from({ length: 26 }, (_, i) => i);
      const iris = { dataset: 'iris', layers: [{ type: 'dense', units: 3 }], epochs: 2 };
      for (const i of pupils)
        files[`pupil-${i}.card.json`] = await cardOf({ ...iris, seed: i + 1 }, { name: `Pupil ${i}` });
      const twin = files['pupil-3.card.json'];
      files['twin.card.json'] = { ...twin, name: '=1+1' };
      files['result.json'] = { ...base, name: 'Ada', result: { ...base.result, validationAccuracy: 1 } };
      files['settings.json'] = { ...base, name: 'Ada', experiment: { ...base.experiment, batchSize: 16 } };
      files['rate.json'] = { ...base, deviations: ['learningRate'] };
      files['broken.json'] = { format: 'nothing' };
      const bytes = (value) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
      const inZip = Object.fromEntries(
        Object.entries(files)
          .slice(3)
          .map(([path, card]) => [`class/${path}`, bytes(card)]),
      );
      const zip = put('class.zip', zipSync({ ...inZip, 'class/notes.txt': bytes('a') }));
      const loose = Object.entries(files)
        .slice(0, 3)
        .map(([path, card]) => put(path, card));
      await withPage(name, {}, async (page) => {
        await openCards(page);
        await choose(page, 'cards-input', ...loose, zip);
        await allChecked(page, 31);
        const rows = await rowsOf(page);
        for (let i = 0; i < 26; i++)
          assert.equal(rows[`pupil-${i}.card.json`].state, 'equal', rows[`pupil-${i}.card.json`].text);
        assert.match(rows['pupil-3.card.json'].text, /Same bits as =1\+1\./);
        assert.match(rows['twin.card.json'].text, /Same bits as Pupil 3\./);
        assert.equal(rows['result.json'].state, 'different');
        assert.match(rows['result.json'].text, /Accuracy: 100\.00 % on the card, \d\d\.\d\d % here\./);
        assert.match(
          rows['result.json'].text,
          /Same bits as class\/settings\.json, class\/rate\./,
          'not as Ada, which it is called itself',
        );
        assert.equal(rows['settings.json'].state, 'different');
        assert.match(
          rows['settings.json'].text,
          /not those that it was made with.*Weights: \w{8} on the card, \w{8} here\./,
        );
        assert.equal(rows['rate.json'].state, 'notRepeatable');
        assert.equal(rows['broken.json'].state, 'unreadable');
        assert.match(rows['broken.json'].text, /class\/broken .*Expected format to be/);
        assert.equal(await page.text('cards-summary'), '31 of 31 checked: 27 with equal bits, 2 different.');

        await page.click('sort-claimed');
        const order = async () => Object.keys(await rowsOf(page));
        await page.until(() => document.querySelector('[data-testid="card-row"]').dataset.file === 'class/result.json');
        assert.equal((await order()).at(-1), 'broken.json');
        await page.click('sort-state');
        await page.until(() => document.querySelector('[data-testid="card-row"]').dataset.file === 'class/broken.json');
        assert.equal(
          await page.page.$eval('[data-testid="sort-state"]', (button) => button.closest('th').ariaSort),
          'ascending',
        );
        const csv = String(await page.download('cards-csv'))
          .trim()
          .split('\n');
        assert.equal(csv.length, 32);
        assert.match(
          csv.find((line) => line.startsWith('class/twin')),
          /^class\/twin\.card\.json,'=1\+1,Iris/,
        );

        for (const width of [1440, 390]) {
          await page.page.setViewport({ width, height: 900 });
          assert.deepEqual(await graveFaults(page), [], `${width} pixels wide`);
          const wider = await page.page.$eval('[data-testid="cards"]', (box) => box.scrollWidth - box.clientWidth);
          assert.ok(wider <= 0, `${wider} pixels too wide in ${width}`);
        }
        await page.click('cards-forget');
        await page.until(() => !document.querySelector('[data-testid="cards-table"]'));
        // A stop leaves what was told; the others can be checked later.
        const endless = put('endless.card.json', { ...base, experiment: { ...base.experiment, epochs: 100_000 } });
        await choose(page, 'cards-input', endless, loose[0], loose[1]);
        await page.until(() => document.querySelectorAll('[data-testid="card-row"][data-value="equal"]').length === 2);
        await page.click('cards-stop');
        await page.there('cards-go-on');
        assert.equal((await rowsOf(page))['endless.card.json'].state, 'waiting');
      });
    },
  );

  test(
    `${name}: of own data cards have the hash: without it, with other data, with the same in whatever file`,
    { skip },
    async () => {
      const rows = (price) =>
        `size,kind,price\n${Array.from({ length: 60 }, (_, i) => `${(i * 37) % 50},${'abc'[i % 3]},${price + ((i * 31) % 50)}`).join('\n')}\n`;
      const [table, other] = [put('houses.csv', rows(100)), put('other.csv', rows(101))];
      const ofTable = {
        dataset: { type: 'csv', path: 'houses.csv', label: 'price', normalize: true },
        loss: 'meanSquaredError',
        layers: [{ type: 'dense', units: 1 }],
        epochs: 2,
      };
      const files = {};
      for (const [kind, red] of [
        ['red', 200],
        ['blue', 30],
      ])
        for (let i = 0; i < 12; i++) {
          const background = { r: red, g: 15 * i, b: 230 - red };
          const picture = sharp({ create: { width: 20 + i, height: 20, channels: 3, background } });
          const path = `${kind}/${i}.png`; // in the zip 2 stands before 10, in a folder behind it
          files[path] = new Uint8Array(await picture.png().toBuffer());
          mkdirSync(join(folder, 'pictures', kind), { recursive: true });
          writeFileSync(join(folder, 'pictures', path), files[path]);
        }
      const zip = put('pictures.zip', zipSync(files));
      const ofPictures = {
        dataset: { type: 'images', path: 'pictures', size: 32 },
        layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }],
        epochs: 2,
      };
      const made = await cardOf(ofTable, { base: folder, name: 'Table' });
      const cards = [
        put('table.card.json', made),
        put('photos.card.json', await cardOf(ofPictures, { base: folder, name: 'Photos' })),
      ];
      await withPage(name, {}, async (page) => {
        await page.ready();
        await choose(page, 'file-input', ...cards); // where pictures are dropped, cards are taken too
        const states = (...wanted) =>
          page.until(
            ([ofFirst, ofSecond]) =>
              !document.querySelector('[data-testid="cards-stop"]') &&
              document.querySelector('[data-file="table.card.json"]')?.dataset.value === ofFirst &&
              document.querySelector('[data-file="photos.card.json"]')?.dataset.value === ofSecond,
            wanted,
          );
        await states('noData', 'noData');
        assert.match(
          (await rowsOf(page))['table.card.json'].text,
          /^ ?Table houses\.csv .*hash \w{8}, which is not in this page/,
        );
        await page.there('cards-need-table');
        await page.there('cards-need-pictures');
        await choose(page, 'cards-input', other);
        await states('otherData', 'noData');
        const { text } = (await rowsOf(page))['table.card.json'];
        assert.match(text, new RegExp(`Data: ${made.dataSha256.slice(0, 8)} on the card, \\w{8} here\\.`));
        await choose(page, 'cards-input', table);
        await states('equal', 'noData');
        await choose(page, 'cards-input', zip);
        await states('equal', 'equal');
        // Closed and opened again, it is still there.
        await page.click('cards-close');
        await page.until(() => !document.querySelector('[data-testid="cards"]'));
        await page.click('export');
        await page.find('open-cards');
        await states('equal', 'equal');
      });
    },
  );
}
