/** Going on after a reload: a run is kept as it goes, and offered again when the page is opened without a link to something else. */
import { html, nothing } from 'lit';
import { icon } from './icons.js';
import { count, t } from './language.js';
import { keepOwn, takeOwn } from './own.js';
import { standing } from './run_list.js';
import { changedNow, leaveComparison, state, writeLink } from './state.js';
import { forgetEverything, forgetValue, keepValue, keptBytes, keptValue } from './store.js';
import { open } from './train.js';

const apart = 5000;

/** Keeps the run as it stands; during training every five seconds. */
export async function keepRun(run, { now = false } = {}) {
  if (!run.trainer || (!now && performance.now() - run.keptAt < apart)) return;
  run.keptAt = performance.now();
  const { experiment } = run;
  const stands = standing(run);
  run.kept = { ...stands, checkpoint: await run.trainer.checkpoint() };
  await keepValue('run', { ...run.kept, experiment, own: keepOwn(experiment) });
}

/** Looks for a run that did not end. */
export async function findKept() {
  const kept = await keptValue('run');
  if (!kept || kept.history.length < 2) return;
  state.kept = kept;
  changedNow();
}

/** A run that has ended needs no offer. */
export const forgetRun = () => forgetValue('run');

async function goOn() {
  const { kept } = state;
  state.kept = null;
  takeOwn(kept.own);
  state.experiment = kept.experiment;
  leaveComparison();
  state.data = null;
  writeLink();
  await open({ resume: kept });
}

/** The offer. */
export function keptOffer() {
  const { kept } = state;
  if (!kept) return nothing;
  const drop = () => {
    state.kept = null;
    forgetRun();
    changedNow();
  };
  return html`<div class="alert quiet-note" role="status" data-testid="kept">
    ${icon('note')}
    <div class="text">
      ${t('kept.found', { epoch: kept.history.at(-1).epoch, epochs: kept.experiment.epochs })}
      <div class="row">
        <button class="button small" data-testid="continue" @click=${goOn}>
          ${t('kept.continue', { epoch: kept.history.at(-1).epoch + 1 })}
        </button>
        <button class="button small quiet" @click=${drop}>${t('kept.drop')}</button>
      </div>
    </div>
  </div>`;
}

/** Everything kept in this browser, with its size, and the button that deletes it. */
export function keptSection() {
  const remove = async () => {
    await forgetEverything();
    state.kept = null;
    state.bytes = 0;
    changedNow();
  };
  if (state.bytes === undefined) {
    state.bytes = 0;
    keptBytes().then((bytes) => {
      state.bytes = bytes;
      changedNow();
    });
  }
  return html`<p>
    ${t('kept.size', { kilobytes: count(Math.ceil((state.bytes ?? 0) / 1000)) })}
    <button class="link" data-testid="delete-everything" @click=${remove}>${t('kept.delete')}</button>
  </p>`;
}
