/** The size of a batch, and what follows from it. */
import { html, nothing } from 'lit';
import { kLargestBatch } from './compare_sides.js';
import { slider } from './fields.js';
import { t } from './language.js';
import { state } from './state.js';

/** How many samples a step looks at, up to all of them, and how many steps that makes. */
export function batchField(experiment, set) {
  const samples = state.data?.training.length;
  const most = Math.max(2, Math.min(kLargestBatch, samples ?? 512));
  const batch = Math.min(experiment.batchSize, samples ?? experiment.batchSize);
  const steps = samples ? Math.ceil(samples / batch) : null;
  return html`${slider({
    name: 'batch-size',
    label: t('field.batchSize'),
    value: experiment.batchSize,
    text: batch === samples ? t('data.all') : undefined,
    least: 1,
    most,
    log: true,
    whole: true,
    standard: 32,
    set: (size) => set({ ...experiment, batchSize: size }),
  })}
  ${
    steps
      ? html`<p class="note" data-testid="steps-per-epoch" data-value=${steps}>
          ${t('field.steps', { samples, batch, n: steps, epochs: experiment.epochs, total: steps * experiment.epochs })}
        </p>`
      : nothing
  }`;
}
