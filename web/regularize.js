/** Dropout in both words that are in use, and the price of large weights in both forms: l1 and l2, or the cheat sheet's lambda and alpha. */
import { html, nothing } from 'lit';
import { slider } from './fields.js';
import { setting, t } from './language.js';
import * as settings from './settings.js';

export function dropoutFields(experiment, set) {
  const rate = settings.dropoutRate(experiment);
  return html`${slider({ name: 'dropout-rate', label: t('field.dropout'), value: rate, least: 0, most: 0.9, by: 0.05, standard: 0, set: (value) => set(settings.withDropout(experiment, value)) })}
    <p class="note" data-testid="dropout-both">
      ${t('dropout.both', { drop: setting(rate), keep: setting(1 - rate) })}
    </p>`;
}

/** λ [(1 − α) Σ|w| + α Σw²] */
const sheetFormula = html`<math
  ><mrow
    ><mi>L</mi><mo>+</mo><mi>λ</mi><mo>[</mo><mo>(</mo><mn>1</mn><mo>−</mo><mi>α</mi><mo>)</mo><mo>∑</mo><mo>|</mo
    ><mi>w</mi><mo>|</mo><mo>+</mo><mi>α</mi><mo>∑</mo><msup><mi>w</mi><mn>2</mn></msup
    ><mo>]</mo></mrow
  ></math
>`;

export function penaltyFields(experiment, set) {
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
      standard: 0,
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
