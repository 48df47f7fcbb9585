/** Going on after a reload: the offer of the run that was kept, when the page is opened without a link to something else. */
import { html, nothing } from 'lit';
import { tell } from '../app/events.js';
import { t } from '../app/language.js';
import { setExperiment, state } from '../app/state.js';
import { icon } from '../parts/icons.js';
import { takeBrought } from '../data/brought.js';
import { forgetKept, takeKept } from './keep.js';
import { openRun } from './training.js';

async function goOn() {
  const { kept, brought } = await takeKept();
  takeBrought(brought);
  tell('leave-comparison');
  setExperiment(kept.experiment);
  await openRun({ resume: kept });
}

/** The offer. */
export function keptOffer() {
  const { kept } = state;
  if (!kept) return nothing;
  return html`<div class="alert quiet-note" role="status" data-testid="kept">
    ${icon('note')}
    <div class="text">
      ${t('kept.found', { epoch: kept.history.at(-1).epoch, epochs: kept.experiment.epochs })}
      <div class="row">
        <button class="button small" data-testid="continue" @click=${goOn}>
          ${t('kept.continue', { epoch: kept.history.at(-1).epoch + 1 })}
        </button>
        <button class="button small quiet" @click=${forgetKept}>${t('kept.drop')}</button>
      </div>
    </div>
  </div>`;
}
