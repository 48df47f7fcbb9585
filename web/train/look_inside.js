/**
 * Inside the network: weights, gradients and activations, read from the engine as a run goes, and how they are spread, epoch after epoch.
 * Only for networks of up to 50,000 weights.
 */
import { state } from '../app/state.js';

const bins = 40;
export const kMostInside = 50_000;

/** Counts of values in 40 bins from -reach to reach. */
function histogram(values, reach) {
  const counts = new Array(bins).fill(0);
  for (const value of values) {
    const at = Math.floor(((value + reach) / (2 * reach)) * bins);
    if (at >= 0 && at < bins) counts[at] += 1;
  }
  return counts;
}

/** A round number that holds 99 of 100 values. */
function reachOf(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  const high = sizes[Math.floor(sizes.length * 0.99)] || 1e-6;
  const power = 10 ** Math.floor(Math.log10(high));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= high) ?? high;
}

const size = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length);

/** Reads weights, gradients and activations once an epoch. */
export async function lookInside(run) {
  const { data } = state;
  if (run.start.parameters > kMostInside || !run.trainer) return;
  run.inside ??= { weights: {}, rows: [] };
  const tensors = (await run.trainer.tensors()).filter(
    ({ name, shape }) => name.endsWith('.weight') && shape.length > 1,
  );
  const epoch = run.history.at(-1)?.epoch ?? 0;
  const seen = await run.trainer.activations(data.eightPixels);
  const rows = [];
  for (const { name, shape } of tensors) {
    const index = Number(/^layers\.(\d+)/.exec(name)?.[1]);
    const values = await run.trainer.tensor(name);
    const before = run.inside.weights[name]?.values;
    const gradient = run.steps > 0 && !run.isPast ? await run.trainer.gradient(name) : null;
    const out = afterLayer(run, index, seen);
    // Without a step since the last look, or with weights that were put back, the last ratio stands.
    const steps = run.end ? 0 : run.steps - (run.inside.steps ?? 0);
    const last = run.inside.rows.find((row) => row.name === name)?.ratio ?? null;
    run.inside.weights[name] = { values, shape, index };
    rows.push({
      name,
      index,
      values: { weights: values, gradients: gradient, activations: out.values },
      zeros: out.values.reduce((sum, value) => sum + (value === 0), 0) / out.values.length,
      ratio: before && steps > 0 ? size(values.map((value, at) => value - before[at])) / steps / size(values) : last,
    });
  }
  run.inside.steps = run.steps;
  for (const row of rows) {
    row.sizes = Object.fromEntries(Object.entries(row.values).map(([what, values]) => [what, values && size(values)]));
    keepSpread(run, row, epoch);
  }
  run.inside.rows = rows;
  run.inside.activations = seen;
}

/** Adds an epoch's line to each ridge. */
function keepSpread(run, row, epoch) {
  run.inside.spreads ??= {};
  for (const [what, values] of Object.entries(row.values)) {
    if (!values) continue;
    const spread = (run.inside.spreads[`${what} ${row.name}`] ??= { reach: reachOf(values), lines: [] });
    if (spread.lines.at(-1)?.epoch === epoch) spread.lines.pop();
    spread.lines.push({ epoch, counts: histogram(values, spread.reach) });
  }
}

/** What leaves a layer with weights after its norm and activation. */
function afterLayer(run, index, seen) {
  let at = seen.findIndex((one) => one.index === index);
  while (['batchNormalization', 'activation', 'dropout'].includes(seen[at + 1]?.type)) at += 1;
  return seen[at];
}
