/**
 * The weights of every epoch of a run, to look back at. Those of a run may take up to 64 MB; beyond that every second epoch is let go, again
 * and again.
 */
export const kMostBytes = 64e6;
const kSmall = 1e6; // bytes of weights that are read at once

/** Every how manieth epoch of a large network can be kept in the end: the others are not even asked for, as that takes longer than they do. */
function spacing({ start, experiment }) {
  const bytes = 4 * start.parameters;
  if (bytes < kSmall) return 1;
  return 2 ** Math.ceil(Math.log2(Math.max(1, (experiment.epochs * bytes) / kMostBytes)));
}

/** Keeps the weights of the epoch that has just ended. `now`: whichever it is. */
export async function rememberEpoch(run, { now = false } = {}) {
  const epoch = run.history.at(-1).epoch;
  run.snapshots ??= { every: spacing(run), files: new Map() };
  if ((!now && epoch % spacing(run) !== 0) || run.snapshots.files.has(epoch)) return;
  const { snapshots } = run;
  const { files } = snapshots;
  const file = await run.trainer.saveWeights();
  const thin = () => {
    for (const kept of files.keys()) if (kept % snapshots.every !== 0) files.delete(kept);
  };
  thin(); // the newest is kept whatever its number, until the next one comes
  files.set(epoch, file);
  while (files.size * file.length > kMostBytes && files.size > 2) {
    snapshots.every *= 2;
    thin();
    files.set(epoch, file);
  }
}

/** The kept epoch that is nearest. */
export function nearest(run, epoch) {
  const kept = [...run.snapshots.files.keys()];
  return kept.reduce((best, one) => (Math.abs(one - epoch) < Math.abs(best - epoch) ? one : best), kept[0]);
}

/** Whether there is a past to go to: the weights of two epochs. */
export const canTravel = (run) => (run.snapshots?.files.size ?? 0) > 1;
