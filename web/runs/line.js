/** A run's number, and its line as the curves have it. */
import { html, nothing, svg } from 'lit';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { lookOf } from '../parts/chart.js';
import { ghostOf } from '../train/run_list.js';

const marks = {
  circle: 'M17 2.5a3.5 3.5 0 1 1-.01 0z',
  square: 'M13.5 2.5h7v7h-7z',
  triangle: 'M17 1.5l4.5 8h-9z',
  diamond: 'M17 1l5 5-5 5-5-5z',
};

export const nameOf = (run) => t('runs.number', { run: run.number });

/** Which look a run has in the picture: its own, that of the run on the page, the ghost's, or none. */
function lookOfRun(run) {
  if (run === state.run) return 'valid';
  return run.slot ?? (state.run && run === ghostOf(state.run) ? 'ghost' : null);
}

export function lineOf(run) {
  const name = lookOfRun(run);
  if (!name) return nothing;
  const { colour, width, dash, mark } = lookOf(name);
  const ink = `var(${colour})`;
  return html`<svg class="run-line" data-look=${name} viewBox="0 0 34 12" aria-hidden="true">
    <path d="M0 6h34" stroke=${ink} stroke-width=${width} stroke-dasharray=${dash?.join(' ') ?? 'none'} />
    ${mark ? svg`<path d=${marks[mark]} stroke=${ink} stroke-width="2" fill=${mark === 'square' ? ink : 'var(--paper)'} />` : nothing}
  </svg>`;
}
