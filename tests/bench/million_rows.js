// Two epochs of a million samples, in a process of its own, in which nothing else has left its memory: what each takes, and what is held
// before and after.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { experimentOf, workloads } from './workloads.js';

const kSamples = 1_000_000;
const file = fileURLToPath(import.meta.url);

/** Rows of a table: opening, then each epoch. */
export const epochsOfAMillion = () =>
  JSON.parse(execFileSync(process.execPath, ['--expose-gc', file], { encoding: 'utf8' }));

if (process.argv[1] === file) {
  const { W1 } = workloads;
  const size = W1.shape.reduce((product, side) => product * side, 1);
  const inputs = new Uint8Array(kSamples * size);
  for (let i = 0, state = 1; i < inputs.length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    inputs[i] = state >>> 24;
  }
  const labels = Int32Array.from({ length: kSamples }, (_, i) => i % 10);
  let from = performance.now();
  const experiment = { ...experimentOf(W1), epochs: 2, shuffle: true };
  const trainer = await Trainer.open(experiment, {
    data: { inputs, shape: W1.shape, labels },
    threads: 1,
    transfer: true,
  });
  const rows = [];
  const note = (what, memoryBytes) => {
    globalThis.gc();
    const seconds = (performance.now() - from) / 1000;
    const perSample = rows.length ? ((1e6 * seconds) / kSamples).toFixed(1) : '-';
    const megabytes = [memoryBytes, process.memoryUsage.rss()].map((bytes) => (bytes ? Math.round(bytes / 1e6) : '-'));
    rows.push([what, seconds.toFixed(1), perSample, ...megabytes]);
    from = performance.now();
  };
  note('opening', trainer.start.memoryBytes);
  for await (const event of trainer.train()) if (event.event === 'epoch') note(`epoch ${event.epoch}`);
  const { memoryBytes } = await trainer.finish();
  note('at the end', memoryBytes);
  process.stdout.write(JSON.stringify(rows), () => process.exit());
}
