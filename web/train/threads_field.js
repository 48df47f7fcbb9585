/** On how many threads the engine computes, and the choice of another number. */
import { html, nothing } from 'lit';
import { tell } from '../app/events.js';
import { remember, t } from '../app/language.js';
import { showsAll } from '../app/state.js';
import { chosenThreads, mostThreads, whyNoThreads } from '../app/threads.js';
import { explained, explainer } from '../parts/fields.js';
import { icon } from '../parts/icons.js';

/** The number in use, and where all settings are shown the choice. An untouched run is opened anew. */
export function threadsField(run) {
  const used = html`<span data-testid="threads" data-value=${run.start.threads}
    >${t('engine.threads', { n: run.start.threads })}</span
  >`;
  if (!showsAll()) return used;
  const reason = whyNoThreads();
  const chosen = reason ? null : chosenThreads();
  const choose = (event) => {
    remember('threads', event.target.value);
    tell('settings-changed');
  };
  const label = t('threads.title');
  const isLater = !reason && run.status !== 'opening' && run.start.threads !== (chosen ?? mostThreads);
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
          ${reason ? nothing : Array.from({ length: mostThreads }, (_, i) => html`<option value=${i + 1} ?selected=${chosen === i + 1}>${i + 1}</option>`)}</select
        >${icon('down')}</span
      >
      ${reason ? html`<span id="threads-reason" data-testid="threads-reason">${t(reason)}</span>` : nothing}
      ${isLater ? html`<span data-testid="threads-later">${t('field.nextRun')}</span>` : nothing}
    </span>
    ${explained('threads')}`;
}
