/** Saving: the weights as safetensors, the experiment as JSON, the curves as CSV, and the command that repeats the run elsewhere. */
import { html, nothing } from 'lit';
import { failed } from './alerts.js';
import { t } from './language.js';
import { changedNow, state } from './state.js';

function download(name, parts, type) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** One row an epoch, as it was reported. */
export function historyCsv(run) {
  const columns = ['epoch', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'learningRate', 'seconds'];
  const rows = run.history.filter((row) => row.epoch > 0).map((row) => columns.map((column) => row[column]).join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

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
  const repeats = run?.samplesPerClass === null && run.experiment.dataset?.type !== 'images';
  const close = () => ((state.view.menu = null), changedNow());
  const item = (name, act) =>
    html`<button class="button quiet" data-testid="save-${name}" @click=${act}>${t(`save.${name}`)}</button>`;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.save')}>
    ${item('weights', weights)}
    ${item('experiment', () => download('experiment.json', [`${JSON.stringify(run?.experiment ?? state.experiment, null, 2)}\n`], 'application/json'))}
    ${item('history', () => download('history.csv', [historyCsv(run)], 'text/csv'))}
    ${
      repeats
        ? html`<p class="small muted">${t('save.command')}</p>
            <code class="code">${nodeCommand()}</code>`
        : nothing
    }
    <button class="button small" @click=${close}>${t('alert.close')}</button>
  </div>`;
}
