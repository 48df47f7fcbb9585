/** Line drawings, 20 x 20, in the colour of the text beside them. */
import { html, svg } from 'lit';

const drawings = {
  data: svg`<path d="M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z"/>`,
  down: svg`<path d="M6 8l4 4 4-4"/>`,
  train: svg`<path d="M6 4l10 6-10 6z" fill="currentColor"/>`,
  pause: svg`<path d="M7 4v12M13 4v12" stroke-width="3"/>`,
  step: svg`<path d="M5 4l7 6-7 6zM15 4v12"/>`,
  reset: svg`<path d="M4 10a6 6 0 1 0 2-4.5M6 2v4h4"/>`,
  renew: svg`<path d="M4 10a6 6 0 0 1 10.5-4M16 3v4h-4M16 10a6 6 0 0 1-10.5 4M4 17v-4h4"/>`,
  share: svg`<path d="M10 12V3M6.5 6L10 2.7 13.5 6M4 10v7h12v-7"/>`,
  save: svg`<path d="M10 3v9M6.5 9L10 12.3 13.5 9M4 16h12"/>`,
  theme: svg`<circle cx="10" cy="10" r="6.5"/><path d="M10 3.5v13a6.5 6.5 0 0 0 0-13z" fill="currentColor"/>`,
  camera: svg`<path d="M3 6.5h3l1.5-2h5l1.5 2h3v9H3z"/><circle cx="10" cy="10.8" r="2.7"/>`,
  plus: svg`<path d="M10 4v12M4 10h12"/>`,
  more: svg`<path d="M4 10h.1M10 10h.1M16 10h.1" stroke-width="3"/>`,
  lock: svg`<rect x="4.5" y="9" width="11" height="8" rx="1.5"/><path d="M7 9V6.5a3 3 0 0 1 6 0V9"/>`,
  warning: svg`<path d="M10 3l8 14H2zM10 8v4M10 14.5v.2"/>`,
  note: svg`<circle cx="10" cy="10" r="7"/><path d="M10 9v5M10 6v.2"/>`,
  close: svg`<path d="M5 5l10 10M15 5L5 15"/>`,
  overfit: svg`<path d="M3 4c3 8 8 11 14 12M3 4c3 6 7 7 14 5"/>`,
  good: svg`<path d="M4 10.5l4 4 8-9"/>`,
  up: svg`<path d="M6 12l4-4 4 4"/>`,
  'learning-rate': svg`<path d="M2 4c2 9 5 12 8 12s5-3 8-12"/><circle cx="6" cy="13" r="1.8" fill="currentColor"/>`,
  optimizer: svg`<path d="M2 4l5 9 3-6 3 6 2-3 3 4"/>`,
  'mini-batch': svg`<path d="M4 5h.1M10 5h.1M16 5h.1M4 15h.1M10 15h.1M16 15h.1" stroke-width="3"/><path d="M2.5 10h15"/>`,
  initialization: svg`<path d="M2 16c5 0 5-12 8-12s3 12 8 12"/>`,
  'batch-normalization': svg`<path d="M10 3v14" stroke-dasharray="1 3"/><path d="M3 15c4 0 4-9 7-9s3 9 7 9"/>`,
  'cross-entropy': svg`<path d="M3 3c1 9 5 12 14 13"/>`,
  augmentation: svg`<rect x="6" y="6" width="8" height="8" transform="rotate(20 10 10)"/><path d="M3 3h3M3 3v3M17 17h-3M17 17v-3"/>`,
  dropout: svg`<circle cx="5" cy="10" r="2.2"/><circle cx="15" cy="5" r="2.2" fill="currentColor"/><circle cx="15" cy="15" r="2.2" stroke-dasharray="1.5 2"/>`,
  l2: svg`<path d="M10 3l7 7-7 7-7-7z"/><circle cx="10" cy="10" r="4"/>`,
  'early-stopping': svg`<path d="M2 3c2 9 5 11 8 11s5-2 8-4"/><path d="M9 11.5l2.5 2.5L9 16.5 6.5 14z" fill="currentColor"/>`,
  transfer: svg`<path d="M3 7h9M3 12h5"/><rect x="10" y="11" width="7" height="5.5" rx="1"/><path d="M11.5 11V9.5a2 2 0 0 1 4 0V11"/>`,
  splitting: svg`<rect x="3" y="5" width="14" height="10" rx="1"/><path d="M13 3v14" stroke-dasharray="2 2"/>`,
  'slow-step': svg`<path d="M17 10H4M8 6l-4 4 4 4"/><circle cx="16" cy="10" r="1.6" fill="currentColor"/>`,
};

/** A drawing by name. */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${drawings[name]}</svg>`;

export const brand = html`<svg viewBox="0 0 22 22" aria-hidden="true">
  <path d="M2.5 3.5c2 9 5.5 13 17 13.5" stroke="var(--train)" stroke-width="2.2" stroke-linecap="round" />
  <path
    d="M2.5 3.5C5 10 8 12 11.5 11.6S17 10 19.5 8"
    stroke="var(--valid)"
    stroke-width="2.2"
    stroke-dasharray="3.2 2.4"
  />
  <path d="M11 8.2l3.2 3.2-3.2 3.2-3.2-3.2z" fill="var(--paper)" stroke="var(--valid)" stroke-width="1.8" />
</svg>`;
