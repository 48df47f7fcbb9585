/** The price of large weights in both forms: l1 and l2, or the cheat sheet's lambda and alpha. */
import { html, nothing } from 'lit';
import { setting, t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import * as settings from '../app/settings.js';
import { slider } from '../parts/fields.js';
import { onOff } from './card.js';

/** λ [(1 − α) Σ|w| + α Σw²] */
const sheetFormula = html`<math
  ><mrow
    ><mi>L</mi><mo>+</mo><mi>λ</mi><mo>[</mo><mo>(</mo><mn>1</mn><mo>−</mo><mi>α</mi><mo>)</mo><mo>∑</mo><mo>|</mo
    ><mi>w</mi><mo>|</mo><mo>+</mo><mi>α</mi><mo>∑</mo><msup><mi>w</mi><mn>2</mn></msup
    ><mo>]</mo></mrow
  ></math
>`;

function penaltyFields(experiment, set) {
  const { l1, l2 } = experiment;
  const penalty = (key) =>
    slider({
      name: key,
      label: t(`field.${key}`),
      value: experiment[key],
      least: 1e-6,
      most: 1,
      log: true,
      zero: true,
      standard: defaultExperiment(experiment.dataset)[key],
      set: (value) => set({ ...experiment, [key]: value }),
    });
  const { lambda, alpha } = settings.elasticNet(experiment);
  const kind = settings.penaltyKind(experiment);
  return html`${penalty('l1')}${penalty('l2')}
  ${
    kind
      ? html`<div
          class="converter"
          role="group"
          aria-label=${t('l2.sheet')}
          data-testid="elastic-net"
          data-kind=${kind}
        >
          <p class="note"><b>${t(`l2.kind.${kind}`)}</b> ${t('l2.sheet')}</p>
          <div class="formula">${sheetFormula}</div>
          ${slider({ name: 'elastic-lambda', label: t('field.lambda'), value: lambda, least: 1e-6, most: 2, log: true, marks: false, set: (value) => set(settings.withElasticNet(experiment, { lambda: value, alpha })) })}
          ${slider({ name: 'elastic-alpha', label: t('field.alpha'), value: alpha, least: 0, most: 1, by: 0.01, marks: false, set: (value) => set(settings.withElasticNet(experiment, { lambda, alpha: value })) })}
          <p class="note">${t('l2.same', { l1: setting(l1), l2: setting(l2) })}</p>
        </div>`
      : nothing
  }`;
}

/** @type {import('./card.js').Card} */
export const penaltyCard = {
  name: 'l2',
  value: (experiment) => onOff(settings.penaltyKind(experiment) && setting(settings.elasticNet(experiment).lambda)),
  fields: penaltyFields,
  isOn: (experiment) => experiment.l1 > 0 || experiment.l2 > 0,
  turn: (experiment, on) => ({ ...experiment, l1: 0, l2: on ? 0.001 : 0 }),
  standard(experiment) {
    const { l1, l2 } = defaultExperiment(experiment.dataset);
    return { ...experiment, l1, l2 };
  },
  formula: {
    math: html`<math
      ><mrow
        ><mi>L</mi><mo>+</mo><msub><mi>λ</mi><mn>1</mn></msub
        ><mo>∑</mo><mo>|</mo><mi>w</mi><mo>|</mo><mo>+</mo><msub><mi>λ</mi><mn>2</mn></msub
        ><mo>∑</mo><msup><mi>w</mi><mn>2</mn></msup></mrow
      ></math
    >`,
    letters: ['λ'],
  },
};
