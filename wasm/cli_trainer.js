// A run for a command, as its options say, with what should be known of it on standard error; and what ends one.
import { Trainer } from 'trainground';
import { readBytes } from './cli_files.js';

const kNamed = 10; // tensors named in a line; the others are counted

/** @param {any} values */
export const threadsOf = ({ threads }) => (threads === undefined ? undefined : Number(threads));

/**
 * @param {any} experiment
 * @param {any} values
 * @param {string} base
 */
export async function openTrainer(experiment, values, base) {
  const bytes = async (/** @type {string} */ key) =>
    values[key] === undefined ? undefined : new Uint8Array(await readBytes(values[key], `--${key}`));
  const room = values['feature-cache'];
  const trainer = await Trainer.open(experiment, {
    base,
    featureCacheBytes: room === undefined ? undefined : Number(room) * 2 ** 20,
    threads: threadsOf(values),
    weights: await bytes('weights'),
    resume: await bytes('resume'),
  });
  const { notes, unusedWeights: unused } = trainer.start;
  for (const note of notes) process.stderr.write(`${note}\n`);
  if (unused) {
    const words = unused.slice(0, kNamed).map(({ name, shape }) => `${name} (${shape.join(', ')})`);
    if (unused.length > kNamed) words.push(`and ${unused.length - kNamed} more`);
    process.stderr.write(`In the file of --weights, not used: ${words.join(', ')}\n`);
  }
  return trainer;
}

/** Aborts at the first SIGINT or SIGTERM, and ends the process at the second. */
export function interruption() {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
