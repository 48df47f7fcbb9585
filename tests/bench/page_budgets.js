// How each budget of time is measured. Each function opens the page in a place that has stored nothing, and gives numbers by the name of
// their budget.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { defaultExperiment } from '../../web/app/sets.js';
import { photoFolder } from '../wasm/photos.js';
import { linkOf, words } from '../web/words.js';
import { ratios } from './timing.js';

/** In the page, before anything else: `stamp(name, condition)` notes the time of the first frame in which the condition holds. */
function stamps() {
  window.stamped = {};
  const waiting = [];
  window.stamp = (name, condition) => waiting.push({ name, condition });
  window.read = (id) => document.querySelector(`[data-testid="${id}"]`);
  const look = () => {
    for (const one of waiting.filter(({ condition }) => condition())) {
      waiting.splice(waiting.indexOf(one), 1);
      requestAnimationFrame(() => (window.stamped[one.name] = performance.now()));
    }
  };
  const begin = () => {
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
    look();
  };
  begin();
  // When an engine in a worker has told the end of its training: a page behind another tab shows it up to a second later.
  window.Worker = class extends Worker {
    constructor(...how) {
      super(...how);
      this.addEventListener('message', ({ data }) => {
        if (data?.result?.events?.some?.(({ event }) => event === 'end')) window.trained?.(performance.now());
      });
    }
  };
  window.stamp('ready', () => window.read('validation-accuracy')?.dataset.value);
}

/** Opens the page there, as one that has stored nothing, and hands it on once its network can be trained. */
export async function opened(browser, server, values, use) {
  const place = await browser.createBrowserContext();
  try {
    const page = await place.newPage();
    await page.evaluateOnNewDocument(stamps);
    await page.setViewport({ width: 1440, height: 900 });
    await page.goto(`${server.url}${values ? await linkOf(values) : ''}`);
    const open = words(page);
    await open.until(() => window.stamped.ready);
    return await use(open, place);
  } finally {
    await place.close();
  }
}

/** The first ten seconds: from the address to a network that can be trained, and from the click to the end. */
export function firstRun(browser, server) {
  return opened(browser, server, null, async ({ page, until, ended, number }) => {
    await page.evaluate(() => {
      window.stamp('pause', () => window.read('train').textContent.trim() === 'Pause');
      window.stamp('point', () => Number(window.read('epoch').dataset.value) >= 1);
      window.stamp('end', () => window.read('stop-reason')?.dataset.value);
      window.stamped.click = performance.now();
      window.read('train').click();
    });
    await ended(120_000);
    await until(() => window.stamped.end);
    const { ready, click, pause, point, end } = await page.evaluate(() => window.stamped);
    return {
      'page load to trainable': ready,
      'Train says Pause': pause - click,
      'first point of the curve': point - click,
      'end of the first run': end - click,
      'wrong answers after it': 100 * (1 - (await number('validation-accuracy'))),
    };
  });
}

/** Something drawn in ten moves: from each move to the frame that shows what the network says of it. */
export function strokes(browser, server) {
  return opened(browser, server, { epochs: 3 }, async ({ page, click, ended, there }) => {
    await click('train');
    await ended();
    await click('tab-try');
    await there('sketch');
    const times = await page.evaluate(async () => {
      const canvas = document.querySelector('[data-testid="sketch"] canvas');
      canvas.scrollIntoView();
      canvas.setPointerCapture = () => {};
      const box = canvas.getBoundingClientRect();
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const draw = (type, x, y) =>
        canvas.dispatchEvent(
          new PointerEvent(type, {
            pointerId: 1,
            clientX: box.left + x * box.width,
            clientY: box.top + y * box.height,
          }),
        );
      const said = () => document.querySelector('[data-testid="try-answer"]')?.innerHTML;
      const found = [];
      for (let i = 0; i < 10; i++) {
        const before = said();
        const from = performance.now();
        if (i === 0) draw('pointerdown', 0.3, 0.15);
        else draw('pointermove', 0.3 + 0.2 * (i % 2), 0.15 + 0.07 * i);
        while (said() === before && performance.now() - from < 5000) await frame();
        await frame();
        found.push(performance.now() - from);
      }
      draw('pointerup', 0.5, 0.9);
      return found;
    });
    return { 'from a stroke to the answer in Try it': times };
  });
}

const clothes = { dataset: 'fashion', epochs: 40, earlyStopping: null };
/** How often the same run is taken in turn. The first turn counts for nothing: the page keeps its files for working offline, and warms up. */
const kTurns = 5;

/**
 * While clothes are trained on: the longest that the main thread is busy with one task (where the browser does not tell, the longest that a
 * timer of 10 ms is late), and each of four tabs, from the click to the frame that shows its panel.
 */
export function longTasks(browser, server) {
  return opened(browser, server, { ...clothes, epochs: 300 }, async ({ page, click, epoch, number }) => {
    await page.evaluate(() => {
      window.long = [0];
      if (PerformanceObserver.supportedEntryTypes.includes('longtask'))
        new PerformanceObserver((list) => window.long.push(...list.getEntries().map((one) => one.duration))).observe({
          type: 'longtask',
        });
      else {
        let last = performance.now();
        setInterval(() => {
          const now = performance.now();
          window.long.push(now - last - 10);
          last = now;
        }, 10);
      }
    });
    await click('train');
    await epoch(1);
    const tabs = await page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const found = [];
      for (const name of ['mistakes', 'inside', 'try', 'confusion']) {
        const from = performance.now();
        document.querySelector(`[data-testid="tab-${name}"]`).click();
        while (!document.querySelector(`#panel [data-testid="${name}"]`)) await frame();
        await frame();
        found.push(performance.now() - from);
        await new Promise((done) => setTimeout(done, 300));
      }
      return found;
    });
    await epoch((await number('epoch')) + 2);
    return {
      'longest task while clothes are trained on': Math.max(...(await page.evaluate(() => window.long))),
      'a tab answers meanwhile': tabs,
    };
  });
}

/** Milliseconds of a run by the engine alone, in the page. */
async function alone(experiment) {
  const { Trainer } = await import(new URL('trainground/index.js', location.href).href);
  const trainer = await Trainer.open(experiment);
  const from = performance.now();
  for await (const { event } of trainer.train()) if (event === 'end') break;
  const took = performance.now() - from;
  await trainer.dispose();
  return took;
}

/**
 * The same run with the page in front and behind another tab, in turn: a page behind lays nothing out, paints nothing and builds its
 * elements once a second at most; it asks the engine the same questions. And the same run by the engine alone, in a worker of the same page
 * with nobody looking. Each from the click to the moment when the engine has told the end.
 */
export function drawing(browser, server) {
  return opened(browser, server, clothes, async ({ page, click, ended, until }, place) => {
    const other = await place.newPage();
    const times = { front: [], behind: [], alone: [] };
    const { earlyStopping: _, ...experiment } = { ...defaultExperiment('fashion'), epochs: clothes.epochs };
    for (let turn = 0; turn <= kTurns; turn++) {
      // What grows slower or faster over time harms each of the two alike.
      for (const where of turn % 2 ? ['front', 'behind'] : ['behind', 'front']) {
        await (where === 'front' ? page : other).bringToFront();
        const hidden = await page.evaluate(() => document.hidden);
        if (hidden !== (where === 'behind')) throw new Error(`the page is ${hidden ? '' : 'not '}hidden: ${where}`);
        await click('reset');
        await until(
          () => window.read('epoch').dataset.value === '0' && window.read('validation-accuracy')?.dataset.value,
        );
        const took = await page.evaluate(async () => {
          const end = new Promise((done) => (window.trained = done));
          const from = performance.now();
          window.read('train').click();
          return (await end) - from;
        });
        await ended(120_000);
        if (turn) times[where].push(took);
      }
      const took = await page.evaluate(alone, experiment);
      if (turn) times.alone.push(took);
    }
    await other.close();
    const over = (a, b) => ratios(a, b).map((ratio) => 100 * (ratio - 1));
    return {
      'drawing, of the training time': over(times.front, times.behind),
      'all that the page adds to the engine alone': over(times.front, times.alone),
    };
  });
}

/** Paths of photos as a camera gives them: 4000 x 3000 pixels with noise in them, some 3 MB each. @param {string} folder */
async function writeLargePhotos(folder) {
  const [width, height, channels] = [4000, 3000, 3];
  const names = readdirSync(photoFolder, { recursive: true }).filter((name) => name.endsWith('.jpg'));
  const noise = { create: { width, height, channels, noise: { type: 'gaussian', mean: 128, sigma: 12 } } };
  const input = await sharp(noise).blur(0.6).png({ compressionLevel: 1 }).toBuffer();
  return Promise.all(
    names.map(async (name, i) => {
      const photo = sharp(readFileSync(join(photoFolder, name))).resize(width, height, { fit: 'fill' });
      const path = join(folder, `${i}.jpg`);
      await photo
        .composite([{ input, blend: 'overlay' }])
        .jpeg({ quality: 92 })
        .toFile(path);
      return path;
    }),
  );
}

/** Photos of 12 megapixels to 320 pixels: one by itself with all that this starts, and each of 24. */
export async function largePhotos(browser, server) {
  const folder = mkdtempSync(join(tmpdir(), 'large-photos-'));
  try {
    const paths = await writeLargePhotos(folder);
    return await opened(browser, server, null, async ({ page }) => {
      const input = await page.evaluateHandle(() =>
        Object.assign(document.createElement('input'), { type: 'file', multiple: true }),
      );
      await input.uploadFile(...Array.from({ length: 24 }, (_, i) => paths[i % paths.length]));
      const { alone, each } = await input.evaluate(async ({ files }) => {
        const { decodeImages } = await import(new URL('trainground/index.js', location.href).href);
        const time = async (list) => {
          const from = performance.now();
          const { accepted } = await decodeImages(list, { size: 320 });
          if (accepted.length !== list.length) throw new Error('a photo was not read');
          return (performance.now() - from) / list.length;
        };
        const all = [...files];
        return {
          alone: [await time(all.slice(0, 1)), await time(all.slice(1, 2)), await time(all.slice(2, 3))],
          each: await time(all),
        };
      });
      return {
        'a photo of 12 megapixels decoded, one alone': alone,
        'a photo of 12 megapixels decoded, of many': each,
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
