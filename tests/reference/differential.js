// Networks and recipes that tests/reference/differential.py has drawn, trained by the engine from the same weights on the same batches:
// how far each step's loss and the final weights are from PyTorch's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { readWeights } from '../../wasm/safetensors.js';

const script = fileURLToPath(new URL('differential.py', import.meta.url));
const kPython = '/usr/bin/python3'; // Debian's, for which python3-torch is
const kLongest = 30 * 60_000;

const python = (...words) => spawnSync(kPython, words, { encoding: 'utf8', timeout: kLongest });

/** Why it cannot be done here; false where it can. @returns {string | false} */
export const without = () => (python('-c', 'import torch').status === 0 ? false : 'python3-torch is not installed');

/** Relative difference of a step's loss that is allowed: Winograd's convolutions round more. */
const tolerance = (/** @type {any} */ experiment) => (experiment.exact ? 1e-5 : 1e-4);
/** A draw in which PyTorch's own float32 is farther than this from its float64 is judged by that distance. */
const kWellConditioned = 2e-6;
/** Of a final weight, over the largest of its tensor, or this many times PyTorch's own gap between its precisions. */
const kWeights = 1e-3;
const kTimesGap = 10;
const kHardlyMoved = 1e-2; // as in differential.py

/**
 * @param {number} first
 * @param {number} count
 * @param {(experiment: any) => void} [change]  what ours is to do otherwise, to see the comparison fail
 * @returns {Promise<Array<{ seed: number, experiment: any, gap: number, loss: number, weights: number, allowed: number, allowedWeights: number, step: number }>>}
 *   loss: the largest relative difference over the steps, which stands at `step`; weights: the largest difference over a tensor's largest value
 */
export async function compare(first, count, change = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trainground-'));
  try {
    const { status, stderr } = python(script, folder, String(first), String(count));
    if (status !== 0) throw new Error(stderr);
    const results = [];
    for (let seed = first; seed < first + count; ++seed) results.push(await compareOne(folder, seed, change));
    return results;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} folder @param {number} seed @param {(experiment: any) => void} change */
async function compareOne(folder, seed, change) {
  const { experiment, losses, gap, weightGap } = JSON.parse(readFileSync(join(folder, `${seed}.json`), 'utf8'));
  change(experiment);
  const file = (/** @type {string} */ name) => new Uint8Array(readFileSync(join(folder, `${seed}.${name}.safetensors`)));
  const trainer = await Trainer.open(experiment, {
    base: folder,
    threads: 1,
    sameThread: true,
    weights: experiment.transfer ? undefined : file('weights'),
  });
  try {
    const found = [];
    for await (const event of trainer.train({ steps: true })) if (event.event === 'step') found.push(event.loss);
    if (found.length !== losses.length) throw new Error(`seed ${seed}: ${found.length} steps, not ${losses.length}`);
    const differences = found.map((loss, i) => Math.abs(loss - losses[i]) / Math.abs(losses[i]));
    const loss = Math.max(...differences);
    const tensors = await trainer.tensors();
    const expected = readWeights(file('expected'), new Map(tensors.map(({ name, shape }) => [name, shape])));
    let weights = 0;
    for (const { name } of tensors) {
      const { values } = /** @type {any} */ (expected.get(name));
      const ours = await trainer.tensor(name);
      const largest = values.reduce((/** @type {number} */ a, /** @type {number} */ b) => Math.max(a, Math.abs(b)), kHardlyMoved);
      for (let i = 0; i < ours.length; ++i) weights = Math.max(weights, Math.abs(ours[i] - values[i]) / largest);
    }
    const allowed = Math.max(tolerance(experiment), (gap / kWellConditioned) * tolerance(experiment));
    const allowedWeights = Math.max(kWeights, kTimesGap * weightGap);
    return { seed, experiment, gap, loss, weights, allowed, allowedWeights, step: differences.indexOf(loss) + 1 };
  } finally {
    await trainer.dispose();
  }
}

/**
 * Fails where a draw differs by more than it may, or where too many are ill-conditioned to say anything; tells the worst of each.
 * @param {Awaited<ReturnType<typeof compare>>} results
 * @param {import('node:test').TestContext} context
 */
export function judge(results, context) {
  const worst = (/** @type {'loss' | 'weights' | 'gap'} */ key, exact = undefined) =>
    Math.max(...results.filter(({ experiment }) => exact === undefined || experiment.exact === exact).map((each) => each[key])).toExponential(1);
  context.diagnostic(
    `${results.length} draws; largest relative difference of a step's loss: ${worst('loss', true)} with exact, ${worst('loss', false)} without; ` +
      `of a final weight: ${worst('weights')}; of PyTorch's own float32: ${worst('gap')}`,
  );
  const failed = results.filter(({ loss, weights, allowed, allowedWeights }) => !(loss <= allowed && weights <= allowedWeights));
  assert.deepEqual(
    failed.map(({ seed, step, loss, weights }) => ({ seed, step, loss, weights })),
    [],
  );
  const vague = results.filter(({ gap }) => gap > kWellConditioned).length;
  assert.ok(vague <= results.length / 10, `${vague} of ${results.length} draws are ill-conditioned`);
}
