// Nothing is left of a hundred trainers with threads in one page: the threads of Chromium's process and its memory are where they were.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from '../web/browser_path.js';
import { serveFolder } from '../web/server.js';

const kTrainers = 100;
const kPatience = 20_000; // milliseconds
const root = fileURLToPath(new URL('../..', import.meta.url));

const read = (/** @type {string} */ path) => readFileSync(path, 'utf8');
const parentOf = (/** @type {string} */ process) => read(`/proc/${process}/stat`).split(') ')[1].split(' ')[1];

/** The workers' threads and the memory of the pages of a browser. @param {number | undefined} browser */
function held(browser) {
  const pages = readdirSync('/proc').filter((process) => {
    try {
      if (!/^\d+$/.test(process) || !read(`/proc/${process}/cmdline`).includes('--type=renderer')) return false;
      let parent = process;
      while (Number(parent) > 1 && parent !== String(browser)) parent = parentOf(parent);
      return parent === String(browser);
    } catch {
      return false; // it has ended meanwhile
    }
  });
  const names = pages.flatMap((page) =>
    readdirSync(`/proc/${page}/task`).map((thread) => read(`/proc/${page}/task/${thread}/comm`)),
  );
  const kilobytes = pages.map((page) => Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${page}/status`))?.[1]));
  return {
    workers: names.filter((name) => name.startsWith('DedicatedWorker')).length,
    megabytes: Math.round(Math.max(...kilobytes) / 1024),
  };
}

test('a hundred times open, train, dispose', { skip: !existsSync('/proc/self/task') }, async (context) => {
  const server = await serveFolder(root);
  const browser = await launch('chromium', { flags: ['--js-flags=--expose-gc'] });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const trained = () =>
      page.evaluate(async () => {
        const { Trainer } = await import('/wasm/index.js');
        const experiment = { dataset: 'iris', layers: [{ type: 'dense', units: 3 }], epochs: 1 };
        const trainer = await Trainer.open(experiment, { threads: 4 });
        for await (const event of trainer.train()) if (event.event === 'end') break;
        await trainer.dispose();
        return trainer.start.build;
      });
    /** What is held once what ends has ended. */
    const settled = async () => {
      const until = Date.now() + kPatience;
      while (held(browser.process()?.pid).workers > 0 && Date.now() < until)
        await page.evaluate(() => new Promise((next) => setTimeout(next, 100)));
      await page.evaluate(() => globalThis.gc());
      return held(browser.process()?.pid);
    };
    assert.equal(await trained(), 'threads');
    const before = await settled();
    for (let i = 0; i < kTrainers; i++) await trained();
    const later = await settled();
    context.diagnostic(`before: ${JSON.stringify(before)}, after ${kTrainers}: ${JSON.stringify(later)}`);
    assert.deepEqual([before.workers, later.workers], [0, 0]);
    assert.ok(later.megabytes < before.megabytes + 30, JSON.stringify([before, later]));
  } finally {
    await browser.close();
    server.close();
  }
});
