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
import { newest } from './newest.js';
import { changed, changedNow, state } from './state.js';

const kMostBytes = 64e6;

/** The engine that looks back, and for which run. @type {{ run: any, trainer: import('trainground').Trainer } | null} */
let viewer = null;

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
  visit.withdraw();
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
    if (state.run !== run) return void trainer.dispose();
    viewer = { run, trainer };
  }
  return viewer.trainer;
}

/** The spreads of the epochs up to this one; what is read from weights is read anew. */
function insideOf(run, epoch) {
  const until = ([key, spread]) => [key, { ...spread, lines: spread.lines.filter((line) => line.epoch <= epoch) }];
  return { weights: {}, rows: [], spreads: Object.fromEntries(Object.entries(run.inside?.spreads ?? {}).map(until)) };
}

const visit = newest(async ({ run, epoch }, signal) => {
  if (state.travel?.epoch === epoch) return;
  const file = run.snapshots.files.get(epoch).slice(); // it may be let go while the engine opens
  try {
    const trainer = await viewerOf(run);
    if (signal.aborted) return;
    await trainer.loadWeights(file);
    const history = run.history.filter((row) => row.epoch <= epoch);
    const steps = epoch * run.start.stepsPerEpoch;
    const seen = { ...run, trainer, history, epoch, steps, isPast: true, inside: insideOf(run, epoch) };
    await look(seen, { all: true });
    if (signal.aborted) return;
    state.travel = seen;
    changedNow();
  } catch (error) {
    if (!signal.aborted) failed(error);
  }
});

/** Shows the kept epoch that is nearest. */
export const travelTo = (epoch) => visit.ask({ run: state.run, epoch: nearest(state.run, epoch) });

/** Back to what the network says now; an epoch that is still being looked at is not shown any more. */
export function backToNow() {
  visit.withdraw();
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
