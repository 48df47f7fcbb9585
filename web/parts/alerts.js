/**
 * Messages: what happened, what became of the data, what to do next. Shown in boxes with role=alert, never by colour alone. What a message
 * offers to do about it is said by the rooms that can do it.
 */
import { html, nothing } from 'lit';
import { changed } from '../app/drawing.js';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { icon } from './icons.js';

/** Shows the message `alert.<code>` with these values; a message that is there already is renewed. */
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
  const text = error?.message ?? String(error);
  const isOfWeights = ({ path, given }) => path === 'transfer.weights' && /\.backbone\.json|\/data\//.test(given);
  if (error?.problems?.some(isOfWeights)) notice('no-weights');
  else if (error?.problems?.length) notice('bad-input', { text });
  else if (/WebAssembly SIMD is missing/.test(text)) notice('no-wasm-simd');
  else if (/memory/i.test(text)) notice('out-of-memory', { text });
  else notice('worker-died', { text });
}

/**
 * A button under a message: its data-testid, its words (a text's key and values), and the deed.
 * @typedef {{ id: string, words: [string, any?], act: () => unknown }} Offer
 */

/** @type {Map<string, Array<(values: any) => Offer | null>>} */
const offers = new Map();

/** What can be done about a message; null: nothing now. @param {string} code @param {(values: any) => Offer | null} make */
export function offer(code, make) {
  offers.set(code, [...(offers.get(code) ?? []), make]);
}

/** The two headers that let a page share memory among threads. */
const kHeaders = 'Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp';

/** The boxes, those with quiet words or the others. */
export function alertBoxes({ quietOnes = false } = {}) {
  return state.alerts
    .filter((alert) => alert.quiet === quietOnes)
    .map(({ code, values, quiet }) => {
      const buttons = (offers.get(code) ?? []).map((make) => make(values)).filter((one) => one !== null);
      return html`<div
        class="alert ${quiet ? 'quiet-note' : ''}"
        role=${quiet ? 'note' : 'alert'}
        data-testid="alert"
        data-code=${code}
      >
        ${icon(quiet ? 'note' : 'warning')}
        <div class="text">
          ${t(`alert.${code}`, values)}
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
                    ({ id, words, act }) =>
                      html`<button class="button small" data-testid=${id} @click=${act}>${t(...words)}</button>`,
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
