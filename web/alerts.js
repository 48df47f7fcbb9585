/** Messages: what happened, what became of the data, what to do next. Shown in boxes with role=alert, never by colour alone. */
import { html, nothing } from 'lit';
import { icon } from './icons.js';
import { setting, short, t } from './language.js';
import { changed, setExperiment, state } from './state.js';

/** Shows the message `code`; a message that is there already is renewed. */
export function notice(code, values = {}, { quiet = false } = {}) {
  state.alerts = [...state.alerts.filter((alert) => alert.code !== code), { code, values, quiet }];
  changed();
}

/** Takes messages away: those named, or all. */
export function dismiss(...codes) {
  state.alerts = codes.length ? state.alerts.filter((alert) => !codes.includes(alert.code)) : [];
}

/** Something went wrong in the engine or with the input. */
export function failed(error) {
  console.warn(error);
  if (error?.problems?.length) notice('bad-input', { text: error.message });
  else if (/WebAssembly SIMD is missing/.test(String(error?.message))) notice('no-wasm-simd');
  else if (/memory/i.test(String(error?.message))) notice('out-of-memory', { text: error.message });
  else notice('worker-died', { text: error?.message ?? String(error) });
}

const worded = (values) => {
  const words = {};
  for (const [key, value] of Object.entries(values)) {
    words[key] = key === 'loss' ? short(value) : ['rate', 'action'].includes(key) ? setting(value) : value;
  }
  return words;
};

/**
 * The boxes. `retry` and `open` are what a message offers.
 * @param {{ retry?: () => unknown, open?: () => unknown, save?: () => unknown, quietOnes?: boolean }} how
 */
export function alertBoxes({ retry, open, save, quietOnes = false }) {
  return state.alerts
    .filter((alert) => alert.quiet === quietOnes)
    .map(({ code, values, quiet }) => {
      const words = worded(values);
      const lower = () => {
        setExperiment({ optimizer: { ...state.experiment.optimizer, learningRate: values.action } });
        retry();
      };
      return html`<div
        class="alert ${quiet ? 'quiet-note' : ''}"
        role=${quiet ? 'note' : 'alert'}
        data-testid="alert"
        data-code=${code}
      >
        ${icon(quiet ? 'note' : 'warning')}
        <div class="text">
          ${t(`alert.${code}`, words)}
          ${
            values.action !== undefined
              ? html`<div class="row">
                  <button class="button small" data-testid="alert-action" @click=${lower}>
                    ${t('alert.try', words)}
                  </button>
                </div>`
              : nothing
          }
          ${
            values.reload
              ? html`<div class="row">
                  <button class="button small" data-testid="use-threads" @click=${() => location.reload()}>
                    ${t('alert.useThreads')}
                  </button>
                </div>`
              : nothing
          }
          ${
            code === 'storage-full'
              ? html`<div class="row">
                  <button class="button small" data-testid="alert-action" @click=${save}>${t('alert.download')}</button>
                </div>`
              : nothing
          }
          ${
            code === 'worker-died'
              ? html`<div class="row">
                  <button class="button small" data-testid="alert-action" @click=${open}>${t('alert.restart')}</button>
                </div>`
              : nothing
          }
        </div>
        <button class="link" aria-label=${t('alert.close')} @click=${() => (dismiss(code), changed())}>
          ${icon('close')}
        </button>
      </div>`;
    });
}
