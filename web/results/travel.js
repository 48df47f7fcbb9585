/**
 * Time travel: each panel can show what the network said at an earlier epoch. Another engine takes the weights of that epoch, so the run itself
 * never notices.
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { Trainer } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { percent, short, t } from '../app/language.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { newest } from '../parts/newest.js';
import { openOptions } from '../model/open_options.js';
import { scoreOf } from '../model/score.js';
import { look } from '../train/look.js';
import { canTravel, kMostBytes, nearest } from '../train/snapshots.js';

/** The engine that looks back, and for which run. @type {{ run: any, trainer: import('trainground').Trainer } | null} */
let viewer = null;

async function viewerOf(run) {
  if (viewer?.run !== run) {
    viewer?.trainer.dispose();
    viewer = null;
    const trainer = await Trainer.open(run.experiment, { ...(await openOptions(run.experiment)), threads: 1 });
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
  const file = run.snapshots?.files.get(epoch)?.slice(); // it may be let go while the engine opens
  if (!file || state.travel?.epoch === epoch) return;
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

/** The past of a run goes, which another one has replaced. */
hear('replaced', () => {
  visit.withdraw();
  state.travel = null;
  viewer?.trainer.dispose();
  viewer = null;
});

/** Shows the kept epoch that is nearest. */
export const travelTo = (epoch) => visit.ask({ run: state.run, epoch: nearest(state.run, epoch) });

/** Back to what the network says now; an epoch that is still being looked at is not shown any more. */
export function backToNow() {
  visit.withdraw();
  state.travel = null;
  changed();
}

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
              >${t('travel.was', { share: percent(scoreOf(travel.evaluation)), loss: short(travel.evaluation.loss) })}</span
            >
            <button class="button small" data-testid="travel-back" @click=${backToNow}>${t('travel.back')}</button>`
        : html`<span class="small muted">${t('travel.now')}</span>`
    }
    ${run.snapshots.every > 1 ? html`<span class="small muted">${t('travel.every', { n: run.snapshots.every, mb: kMostBytes / 1e6 })}</span>` : nothing}
  </div>`;
}
