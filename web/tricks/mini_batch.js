/** The size of a batch, and what follows from it; how many epochs there are. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { state } from '../app/state.js';
import { slider } from '../parts/fields.js';

/** All that is learned from in one batch, as far as memory goes. */
export const kLargestBatch = 4096;

/** How many samples a step looks at, up to all of them, and how many steps that makes. */
function batchField(experiment, set) {
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
    standard: defaultExperiment(experiment.dataset).batchSize,
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

/** @type {import('./card.js').Card} */
export const miniBatchCard = {
  name: 'mini-batch',
  value: (experiment) => ({ text: String(experiment.batchSize), on: true }),
  fields: (experiment, set) =>
    html`${batchField(experiment, set)}
    ${slider({
      name: 'epochs',
      label: t('field.epochs'),
      value: experiment.epochs,
      least: 1,
      most: 500,
      log: true,
      whole: true,
      standard: defaultExperiment(experiment.dataset).epochs,
      set: (epochs) => set({ ...experiment, epochs }),
    })}`,
  standard(experiment) {
    const { batchSize, epochs } = defaultExperiment(experiment.dataset);
    return { ...experiment, batchSize, epochs };
  },
  formula: {
    math: html`<math
      ><mstyle displaystyle="true"
        ><mrow
          ><mi>L</mi><mo>=</mo><mfrac><mn>1</mn><mi>m</mi></mfrac
          ><munderover
            ><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow
            ><mi>m</mi></munderover
          ><msub><mi>L</mi><mi>i</mi></msub></mrow
        ></mstyle
      ></math
    >`,
    letters: ['m', 'Lᵢ'],
  },
};
