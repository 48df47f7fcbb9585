/** How to read the curves: instead of a legend. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { state } from '../app/state.js';

const sample = (kind) => {
  const line = {
    train: html`<svg viewBox="0 0 44 12"><path d="M2 6h40" stroke="var(--train)" stroke-width="1.75" /></svg>`,
    valid: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--valid)" stroke-width="2.25" stroke-dasharray="5 4" />
    </svg>`,
    best: html`<svg viewBox="0 0 44 12">
      <path d="M22 1l5 5-5 5-5-5z" fill="var(--side)" stroke="var(--valid)" stroke-width="2" />
    </svg>`,
    guess: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--ink3)" stroke-linecap="round" stroke-dasharray="1.5 3.5" />
    </svg>`,
    last: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--ghost)" stroke-width="1.25" stroke-dasharray="5 4" />
    </svg>`,
  };
  return line[kind];
};

/** Where all settings are shown there is no room for it. */
export function readingSection() {
  if (state.page.level === 'all' || state.blocked) return nothing;
  const held = state.data?.validation.length ?? 0;
  const best = state.experiment.earlyStopping?.restoreBestWeights ? 'best' : 'best.only';
  return html`<div class="tricks-part">
    <div class="head section"><h2>${t('reading.title')}</h2></div>
    <dl class="reading">
      ${['train', 'valid', 'best', 'guess', 'last'].map(
        (kind) =>
          html`<dt aria-hidden="true">${sample(kind)}</dt>
            <dd>${t(`reading.${kind === 'best' ? best : kind}`, { n: held })}</dd>`,
      )}
    </dl>
  </div>`;
}
