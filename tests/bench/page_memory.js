// How each budget of room is measured: memory of the processes that hold the page, memory of the engine, and bytes that are loaded.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { defaultExperiment } from '../../web/app/sets.js';
import { root } from '../web/server.js';
import { opened } from './page_budgets.js';

const kRuns = 20;

/** All processes below one, from Linux's own list. */
function below(parent) {
  const children = new Map();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const above = Number(
        readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) \S+ /s, '')
          .split(' ')[0],
      );
      children.set(above, [...(children.get(above) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const all = [];
  for (const list = [parent]; list.length;) {
    const next = children.get(list.pop()) ?? [];
    all.push(...next);
    list.push(...next);
  }
  return all;
}

/** The share of the machine's memory that belongs to the pages' processes, in MB: what two processes share counts half for each. */
function pagesMegabytes(pid) {
  let kilobytes = 0;
  for (const one of below(pid)) {
    try {
      const command = readFileSync(`/proc/${one}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const isPage = /--type=renderer/.test(command) || /-contentproc .*\btab\b/.test(command);
      if (isPage) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))[1]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return kilobytes / 1000;
}

/**
 * The most that is held after any of 20 runs in one page: the sum over every process that can hold a page (the browser keeps one or two
 * empty ones, which are counted too). Only where Linux tells it.
 */
export async function residentMemory(browser, server) {
  if (!existsSync('/proc/self/smaps_rollup')) return {};
  return opened(browser, server, null, async ({ page, click, until }) => {
    const held = [];
    for (let run = 0; run < kRuns; run++) {
      const last = run ? await page.evaluate(() => window.read('run-hash').dataset.value) : null;
      await click('train');
      await until(() => window.read('train').textContent.trim() === 'Pause');
      await until(() => window.read('stop-reason')?.dataset.value, null, 120_000);
      await until(() => window.read('run-hash')?.dataset.value);
      if (last && last !== (await page.evaluate(() => window.read('run-hash').dataset.value)))
        throw new Error('a run gave other weights than the one before');
      held.push(pagesMegabytes(browser.process().pid));
    }
    return { 'most memory in 20 runs': Math.max(...held) };
  });
}

/** What 1,000 steps of the first network take from the engine's memory. */
export function stepMemory(browser, server) {
  return opened(browser, server, null, async ({ page }) => {
    const taken = await page.evaluate(async (experiment) => {
      const { Trainer } = await import(new URL('trainground/index.js', location.href).href);
      const trainer = await Trainer.open(experiment);
      const before = trainer.start.memoryBytes;
      for (let i = 0; i < 1000; i++) await trainer.step();
      const { memoryBytes } = await trainer.finish();
      await trainer.dispose();
      return memoryBytes - before;
    }, defaultExperiment());
    return { 'wasm memory that 1,000 steps take': taken };
  });
}

const compressed = (path, body) => (path.endsWith('.gz') ? body.length : brotliCompressSync(body).length);

/** Kilobytes that a server which compresses sends until the network can be trained, and of everything else that the page can ask for. */
export function weight(browser, server) {
  server.served.clear();
  return opened(browser, server, null, async () => {
    const first = new Set(server.served);
    const files = readdirSync(root, { recursive: true }).map(String);
    const kilobytes = (isMeant) =>
      files
        .filter((path) => statSync(join(root, path)).isFile() && isMeant(path))
        .reduce((sum, path) => sum + compressed(path, readFileSync(join(root, path))), 0) / 1000;
    return {
      'first load, compressed': kilobytes((path) => first.has(path)),
      'all that is loaded later, compressed': kilobytes((path) => !first.has(path)),
    };
  });
}
