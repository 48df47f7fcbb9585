/** Saving: the weights as safetensors, the experiment as JSON, the curves as CSV, and the command that repeats the run elsewhere. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { download } from '../parts/download.js';
import { fileButton } from '../parts/fields.js';
import { donated } from '../model/open_options.js';
import { openCards, openOwnCard } from '../cards/cards.js';
import { historyCsv, openProject, saveProject } from './project.js';
import { copyAs, copyText, exportAs, pageZip } from './ways_out.js';

export { sharedBox } from './share.js';
const nodeCommand = () => 'npx trainground run experiment.json --save weights.safetensors';

async function weights() {
  try {
    download('weights.safetensors', [await state.run.trainer.saveWeights()], 'application/octet-stream');
  } catch (error) {
    failed(error);
  }
}

/** The list behind "Save". */
export function saveMenu() {
  if (state.view.menu !== 'save') return nothing;
  const { run } = state;
  const repeats = run && run.experiment.dataset?.type !== 'images' && !donated(run.experiment) && !run.isBorrowed;
  const item = (name, act) =>
    html`<button class="button quiet" data-testid="save-${name}" @click=${act}>${t(`save.${name}`)}</button>`;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.save')}>
    ${item('project', saveProject)} ${item('weights', weights)}
    ${item('experiment', () => download('experiment.json', [`${JSON.stringify(run?.experiment ?? state.experiment, null, 2)}\n`], 'application/json'))}
    ${item('history', () => download('history.csv', [historyCsv(run)], 'text/csv'))}
    <div class="row" role="group" aria-label=${t('cards.menu')}>
      <span class="small muted">${t('cards.menu')}</span>
      <button class="button small" data-testid="save-card" ?disabled=${!run?.trainer?.end} @click=${openOwnCard}>
        ${t('cards.ofRun')}
      </button>
      <button class="button small" data-testid="open-cards" @click=${openCards}>${t('cards.others')}</button>
    </div>
    <div class="row" role="group" aria-label=${t('ways.title')}>
      <span class="small muted">${t('ways.title')}</span>
      ${/** @type {const} */ (['onnx', 'pytorch', 'keras']).map((to) => html`<button class="button small" data-testid="export-${to}" ?disabled=${!run?.trainer} @click=${() => exportAs(to)}>${t(`ways.${to}`)}</button>`)}
      ${['picture', 'table'].includes(run?.start?.preparation.kind) ? html`<button class="button small" data-testid="export-page" ?disabled=${!run.trainer} @click=${pageZip}>${t('ways.page')}</button>` : nothing}
    </div>
    <p class="small muted">${t('ways.note')}</p>
    <div class="row" role="group" aria-label=${t('ways.copy')}>
      <span class="small muted">${t('ways.copy')}</span>
      ${['json', 'pytorch', ...(repeats ? ['node'] : [])].map((what) => html`<button class="button small" data-testid="copy-${what}" ?disabled=${!run?.trainer} @click=${() => (what === 'node' ? copyText(what, nodeCommand()) : copyAs(/** @type {'json' | 'pytorch'} */ (what)))}>${t(state.view.copied?.what === what && state.view.copied.text === null ? 'ways.copied' : `ways.copy.${what}`)}</button>`)}
    </div>
    ${state.view.copied?.text ? html`<textarea class="code" rows="6" readonly aria-label=${t('ways.copy')} .value=${state.view.copied.text}></textarea>` : nothing}
    ${fileButton({ words: t('save.open'), id: 'open-project', look: 'quiet', accept: '.zip', take: ([file]) => openProject(file) })}
    ${
      repeats
        ? html`<p class="small muted">${t('save.command')}</p>
            <code class="code">${nodeCommand()}</code>`
        : nothing
    }
    <button class="button small" @click=${() => setView({ menu: null })}>${t('alert.close')}</button>
  </div>`;
}
