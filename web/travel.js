/**
 * Time travel: the weights of every epoch are kept, and each panel can show what the network said then. Another engine takes the weights of
 * that epoch, so the run itself never notices.
 *
 * The weights of a run may take up to 64 MB; beyond that every second epoch is let go, again and again.
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { Trainer } from 'trainground';
import { failed } from './alerts.js';
import { openOptions } from './data.js';
import { percent, short, t } from './language.js';
import { look } from './look.js';
import { changed, changedNow, state } from './state.js';

const kMostBytes = 64e6;

/** The engine that looks back, and for which run. @type {{ run: any, trainer: import('trainground').Trainer } | null} */
let viewer = null;
let wanted = null;
let going = false;

/** Keeps the weights of the epoch that has just ended. */
export async function rememberEpoch(run) {
  const epoch = run.history.at(-1).epoch;
  run.snapshots ??= { every: 1, files: new Map() };
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

/** Lets the past of a run go, which another one has replaced. */
export function forgetPast(run) {
  run.snapshots = null;
  wanted = null;
  state.travel = null;
  viewer?.trainer.dispose();
  viewer = null;
}

/** The kept epoch that is nearest. */
function nearest(run, epoch) {
  const kept = [...run.snapshots.files.keys()];
  return kept.reduce((best, one) => (Math.abs(one - epoch) < Math.abs(best - epoch) ? one : best), kept[0]);
}

async function viewerOf(run) {
  if (viewer?.run !== run) {
    viewer?.trainer.dispose();
    viewer = null;
    const trainer = await Trainer.open(run.experiment, { ...openOptions(run.experiment), threads: 1 });
    viewer = { run, trainer };
    if (state.run !== run) forgetPast(run);
    return trainer;
  }
  return viewer.trainer;
}

/** The spreads of the epochs up to this one; what is read from weights is read anew. */
function insideOf(run, epoch) {
  const until = ([key, spread]) => [key, { ...spread, lines: spread.lines.filter((line) => line.epoch <= epoch) }];
  return { weights: {}, rows: [], spreads: Object.fromEntries(Object.entries(run.inside?.spreads ?? {}).map(until)) };
}

/** Shows an epoch; while one is being looked at, only the newest wish waits. */
export async function travelTo(epoch) {
  const { run } = state;
  wanted = nearest(run, epoch);
  if (going) return;
  going = true;
  try {
    while (wanted !== null && state.travel?.epoch !== wanted) {
      const to = wanted;
      const file = run.snapshots.files.get(to).slice(); // it may be let go while the engine opens
      const trainer = await viewerOf(run);
      await trainer.loadWeights(file);
      const history = run.history.filter((row) => row.epoch <= to);
      const steps = to * run.start.stepsPerEpoch;
      const seen = { ...run, trainer, history, epoch: to, steps, isPast: true, inside: insideOf(run, to) };
      await look(seen, { all: true });
      if (wanted === null || state.run !== run) break;
      state.travel = seen;
      changedNow();
    }
  } catch (error) {
    if (state.run === run) failed(error);
  }
  going = false;
}

/** Back to what the network says now. */
export function backToNow() {
  wanted = null;
  state.travel = null;
  changed();
}

/** What the panels show: the run as it is, or as it was. */
export function shownRun(run) {
  return state.travel?.number === run.number ? state.travel : run;
}

/** Whether there is a past to go to: the weights of two epochs. */
export const canTravel = (run) => (run.snapshots?.files.size ?? 0) > 1;

/** The slider below the curves. */
export function travelBar(run) {
  if (!canTravel(run)) return nothing;
  const kept = [...run.snapshots.files.keys()];
  const last = kept.at(-1);
  const { travel } = state;
  const at = travel?.epoch ?? last;
  return html`<div class="travel row ${travel ? 'past' : ''}" data-testid="travel-bar">
    <label for="travel" class="small muted">${t('travel.title')}</label>
    <input
      id="travel"
      data-testid="travel"
      type="range"
      min=${kept[0]}
      max=${last}
      step=${run.snapshots.every}
      .value=${live(String(at))}
      aria-valuetext=${t('curve.at', { epoch: at })}
      @input=${(event) => travelTo(Number(event.target.value))}
    />
    ${
      travel
        ? html`<b data-testid="travel-epoch" data-value=${travel.epoch}>${t('curve.at', { epoch: travel.epoch })}</b>
            <span class="small"
              >${t('travel.was', { share: percent(travel.evaluation.accuracy), loss: short(travel.evaluation.loss) })}</span
            >
            <button class="button small" data-testid="travel-back" @click=${backToNow}>${t('travel.back')}</button>`
        : html`<span class="small muted">${t('travel.now')}</span>`
    }
    ${run.snapshots.every > 1 ? html`<span class="small muted">${t('travel.every', { n: run.snapshots.every, mb: kMostBytes / 1e6 })}</span>` : nothing}
  </div>`;
}
