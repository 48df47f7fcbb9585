/**
 * On how many threads the engine computes: a choice of the visitor for this browser, not part of the experiment, since the results do not
 * depend on it.
 */
import { html, nothing } from 'lit';
import { explained, explainer } from './fields.js';
import { icon } from './icons.js';
import { remember, t } from './language.js';
import { changedNow, state } from './state.js';

/** What the engine takes where nothing is chosen. */
const kMostByItself = 4;
const most = Math.max(1, Math.min(kMostByItself, navigator.hardwareConcurrency || 1));

/** The number that was chosen, or null: the engine decides. */
export function chosenThreads() {
  const number = Number(remember('threads'));
  return Number.isInteger(number) && number >= 1 && number <= most ? number : null;
}

/** What of this belongs to the options of an opened run. */
export const threadOptions = () => (crossOriginIsolated && chosenThreads() ? { threads: chosenThreads() } : {});

/** Why there is nothing to choose, as a text key; null where there is. */
const whyNot = () => (!crossOriginIsolated ? 'threads.notIsolated' : most < 2 ? 'threads.oneCore' : null);

/** The number in use, and where all settings are shown the choice. `settingChanged` opens an untouched run anew. */
export function threadsField(run, { settingChanged }) {
  const used = html`<span data-testid="threads" data-value=${run.start.threads}
    >${t('engine.threads', { n: run.start.threads })}</span
  >`;
  if (state.page.level !== 'all' || state.page.lesson) return used;
  const reason = whyNot();
  const chosen = reason ? null : chosenThreads();
  const choose = (event) => {
    remember('threads', event.target.value);
    settingChanged();
    changedNow();
  };
  const label = t('threads.title');
  const isLater = !reason && run.status !== 'opening' && run.start.threads !== (chosen ?? most);
  return html`${used}
    <span class="row threads">
      <label for="choose-threads">${label}</label>${explainer('threads', label)}
      <span class="pick plain"
        ><select
          id="choose-threads"
          data-testid="choose-threads"
          ?disabled=${Boolean(reason)}
          aria-describedby=${reason ? 'threads-reason' : nothing}
          @change=${choose}
        >
          <option value="auto" ?selected=${chosen === null}>${t('threads.auto')}</option>
          ${reason ? nothing : Array.from({ length: most }, (_, i) => html`<option value=${i + 1} ?selected=${chosen === i + 1}>${i + 1}</option>`)}</select
        >${icon('down')}</span
      >
      ${reason ? html`<span id="threads-reason" data-testid="threads-reason">${t(reason)}</span>` : nothing}
      ${isLater ? html`<span data-testid="threads-later">${t('field.nextRun')}</span>` : nothing}
    </span>
    ${explained('threads')}`;
}
