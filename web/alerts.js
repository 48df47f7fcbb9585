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
  else if (/memory/i.test(String(error?.message))) notice('out-of-memory', { text: error.message, batch: smaller() });
  else notice('worker-died', { text: error?.message ?? String(error) });
}

/** A batch that needs less memory: half, and at most 32; 0 where there is none. */
const smaller = () => Math.min(32, Math.floor(state.experiment.batchSize / 2));

const worded = (values) => {
  const words = {};
  for (const [key, value] of Object.entries(values)) {
    words[key] = key === 'loss' ? short(value) : ['rate', 'action'].includes(key) ? setting(value) : value;
  }
  return words;
};

/**
 * What a message offers to do about it: the button's name, its words, and the deed.
 * @param {{ code: string, values: any }} alert
 * @param {{ retry?: () => unknown, open?: () => unknown, save?: () => unknown, findRate?: () => unknown }} how
 * @returns {Array<[string, string, () => unknown]>}
 */
function offers({ code, values: { action, batch, reload } }, { retry, open, save, findRate }) {
  const withSettings = (changes) => () => {
    setExperiment(changes);
    dismiss(code);
    retry();
  };
  if (action !== undefined)
    return [
      [
        'alert-action',
        t('alert.try', { action: setting(action) }),
        withSettings({ optimizer: { ...state.experiment.optimizer, learningRate: action } }),
      ],
      ['alert-find-rate', t('alert.findRate'), findRate],
    ];
  if (batch) return [['alert-action', t('alert.useBatch', { n: batch }), withSettings({ batchSize: batch })]];
  if (reload) return [['use-threads', t('alert.useThreads'), () => location.reload()]];
  if (code === 'needs-pictures') return [['alert-action', t('own.choose'), choosePictures]];
  if (code === 'storage-full') return [['alert-action', t('alert.download'), save]];
  if (code === 'worker-died') return [['alert-action', t('alert.restart'), open]];
  return [];
}

const choosePictures = () => /** @type {HTMLElement} */ (document.querySelector('[data-testid="file-input"]')).click();

/** The two headers that let a page share memory among threads. */
const kHeaders = 'Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp';

/**
 * The boxes, those with quiet words or the others.
 * @param {Parameters<typeof offers>[1] & { quietOnes?: boolean }} how
 */
export function alertBoxes({ quietOnes = false, ...how }) {
  return state.alerts
    .filter((alert) => alert.quiet === quietOnes)
    .map((alert) => {
      const { code, values, quiet } = alert;
      const buttons = offers(alert, how);
      return html`<div
        class="alert ${quiet ? 'quiet-note' : ''}"
        role=${quiet ? 'note' : 'alert'}
        data-testid="alert"
        data-code=${code}
      >
        ${icon(quiet ? 'note' : 'warning')}
        <div class="text">
          ${t(`alert.${code}`, worded(values))}
          ${
            code === 'not-isolated'
              ? html`<details data-testid="alert-how">
                  <summary>${t('alert.how')}</summary>
                  ${t('alert.headers')}
                  <pre class="code">${kHeaders}</pre>
                </details>`
              : nothing
          }
          ${
            buttons.length
              ? html`<div class="row">
                  ${buttons.map(
                    ([name, words, act]) =>
                      html`<button class="button small" data-testid=${name} @click=${act}>${words}</button>`,
                  )}
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
