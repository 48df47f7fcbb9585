/** A formula with what its letters mean. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';

/**
 * @param {unknown} math  MathML
 * @param {string[][]} letters  each as [sign, text key]
 * @param {string} [of]  the optimizer that it is about
 */
export const formulaBox = (math, letters, of = '') =>
  html`<div
    class="formula ${of ? 'of-optimizer' : ''}"
    data-testid=${of ? 'optimizer-formula' : nothing}
    data-of=${of || nothing}
  >
    ${math}
    <dl>
      ${letters.map(
        ([letter, key]) =>
          html`<dt>${letter}</dt>
            <dd>${t(key)}</dd>`,
      )}
    </dl>
  </div>`;
