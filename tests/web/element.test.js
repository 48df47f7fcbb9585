// <train-ground>: two lines in a page without a build. It trains to the bits that Node has, speaks by events, is tried, and says what is wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trainer } from 'trainground';
import { webkitLater, fresh, serve } from './browser.js';

const layers = [{ type: 'flatten' }, { type: 'dense', units: 10 }];
const experiments = {
  digits: { dataset: 'digits', layers, epochs: 3 },
  iris: { dataset: 'iris', layers: [{ type: 'dense', units: 3 }], epochs: 2 },
};

/** A page of somebody else with the element's script, in which `use` works. */
async function withHost(name, use) {
  const server = await serve();
  server.withheld.add('files.json'); // an empty page stands there
  const browser = await fresh(name);
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}files.json`);
    await page.evaluate(async () => {
      globalThis.heard = [];
      for (const kind of ['start', 'epoch', 'end', 'failure'])
        document.addEventListener(kind, ({ detail }) => globalThis.heard.push([kind, detail]));
      await import(new URL('trainground/element.js', location.href).href);
    });
    await use(page, {
      put: (experiment) =>
        page.evaluate((said) => {
          document.body.innerHTML = '<train-ground></train-ground>';
          document.querySelector('train-ground').setAttribute('experiment', said);
        }, experiment),
      becomes: (state) =>
        page.waitForFunction((wanted) => document.querySelector('train-ground').dataset.state === wanted, {}, state),
      inside: async (selector, read) => {
        const find = (css) => document.querySelector('train-ground').shadowRoot.querySelector(css);
        return (await page.evaluateHandle(find, selector)).evaluate(read);
      },
    });
  } finally {
    await browser.close();
    server.stop();
  }
}

async function hashOf(experiment) {
  const trainer = await Trainer.open(experiment, { threads: 1 });
  for await (const event of trainer.train())
    if (event.event === 'end') return trainer.dispose().then(() => event.weightsSha256);
  return null;
}

for (const { name, skip } of webkitLater) {
  test(`${name}: an element trains in a page of somebody else, and what is drawn is answered`, { skip }, async () => {
    const expected = await hashOf(experiments.digits);
    await withHost(name, async (page, { put, becomes, inside }) => {
      await put(JSON.stringify(experiments.digits));
      await becomes('ready');
      await inside('button', (element) => element.click());
      await becomes('ended');
      const heard = await page.evaluate(() =>
        globalThis.heard.map(([kind, { weightsSha256 }]) => [kind, weightsSha256]),
      );
      assert.deepEqual(
        heard.map(([kind]) => kind),
        ['start', 'epoch', 'epoch', 'epoch', 'end'],
      );
      assert.equal(heard.at(-1)[1], expected);
      assert.equal((await inside('#learned', (element) => element.getAttribute('points'))).split(' ').length, 3);
      assert.match(await inside('#number', (element) => element.textContent), /^\d+\.\d %$/);

      await inside('canvas', (element) => {
        element.setPointerCapture = () => {};
        const box = element.getBoundingClientRect();
        const at = (type, y) =>
          element.dispatchEvent(
            new PointerEvent(type, {
              pointerId: 1,
              clientX: box.left + box.width / 2,
              clientY: box.top + y * box.height,
            }),
          );
        at('pointerdown', 0.2);
        at('pointermove', 0.5);
        at('pointermove', 0.8);
        at('pointerup', 0.8);
      });
      await page.waitForFunction(() => document.querySelector('train-ground').shadowRoot.querySelector('li'));
      const says = await inside('ol', (element) => [...element.querySelectorAll('li')].map((one) => one.textContent));
      assert.equal(says.length, 4);
      assert.match(says[0], /^\d\d+ %$/);
      await inside('button.quiet', (element) => element.click());
      await page.waitForFunction(() => !document.querySelector('train-ground').shadowRoot.querySelector('li'));

      // It is let go with the element, and begins anew behind its button.
      await inside('button', (element) => element.click());
      await page.waitForFunction(() => globalThis.heard.length === 10);
      assert.equal(await page.evaluate(() => globalThis.heard.at(-1)[1].weightsSha256), expected);
      const dead = await page.evaluate(async () => {
        const element = document.querySelector('train-ground');
        const { trainer } = element;
        element.remove();
        await new Promise((done) => setTimeout(done));
        return [element.trainer, await trainer.saveWeights().catch(({ message }) => message)];
      });
      assert.equal(dead[0], null);
      assert.match(dead[1], /disposed/);
    });
  });

  test(
    `${name}: an element takes numbers, the page's words and colours, and says what is wrong with an experiment`,
    { skip },
    async () => {
      await withHost(name, async (page, { put, becomes, inside }) => {
        await page.evaluate(() => {
          document.documentElement.lang = 'zh-CN';
          document.documentElement.style.setProperty('--trainground-accent', 'rgb(1, 2, 3)');
        });
        await put(JSON.stringify(experiments.iris));
        await becomes('ready');
        assert.equal(await inside('button', (element) => element.textContent), '训练');
        assert.equal(await inside('button', (element) => getComputedStyle(element).backgroundColor), 'rgb(1, 2, 3)');
        await page.evaluate(() => document.querySelector('train-ground').train());
        await becomes('ended');
        await inside('#try', (element) => {
          const inputs = [...element.querySelectorAll('input')];
          [5.1, 3.5, '1,4', 0.2].forEach((value, i) => (inputs[i].value = value));
          inputs[0].dispatchEvent(new Event('input'));
        });
        await page.waitForFunction(
          () => document.querySelector('train-ground').shadowRoot.querySelectorAll('li').length === 3,
        );

        for (const [said, problem] of [
          ['{"dataset":"digits","layers":[{"type":"dance"}]}', /layers/],
          ['{"dataset"', /experiment/],
          ['nowhere.json', /nowhere\.json/],
        ]) {
          await put(said);
          await becomes('failed');
          assert.match(await inside('#problem', (element) => (element.hidden ? '' : element.textContent)), problem);
        }
        await put(JSON.stringify(experiments.iris));
        await becomes('ready');
        assert.equal(await inside('#problem', (element) => element.hidden), true);
      });
    },
  );
}
