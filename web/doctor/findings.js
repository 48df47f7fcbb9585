/** What the two examinations of a network found: whether it can learn a batch by heart, and whether its gradients are right. */
import { html, nothing } from 'lit';
import { setting, short, t } from '../app/language.js';
import { withFittingLoss, withFreeze, withInitializer, withTwiceTheUnits } from '../app/settings.js';
import { state } from '../app/state.js';
import { isOfOthers } from './examinations.js';

/** What mends a cause, where one click can. */
const cures = {
  frozenLayers: (experiment) => withFreeze(experiment, 'none'),
  deadUnits: (experiment) => withInitializer(experiment, 'heUniform'),
  wrongLoss: (experiment) => withFittingLoss(experiment, state.run.start.classNames.length > 0),
  networkTooSmall: withTwiceTheUnits,
};

/** `use` takes a rate over, `take` other settings. */
export function overfitResult(found, use, take) {
  const cure = isOfOthers(found) ? null : cures[found.cause];
  const values = {
    step: found.steps,
    loss: short(found.loss),
    rate: setting(state.experiment.optimizer.learningRate),
    share: Math.round(100 * found.deadAfter),
  };
  return html`<div
    class="drawer examination"
    data-testid="overfit-result"
    data-value=${found.passed ? 'pass' : 'fail'}
    data-cause=${found.cause ?? ''}
  >
    <p>
      ${t(found.passed ? 'overfit.pass' : 'overfit.fail', values)}
      ${found.cause ? t(`overfit.cause.${found.cause}`, values) : nothing}
    </p>
    ${
      cure
        ? html`<div class="actions">
            <button class="button" data-testid="overfit-action" @click=${() => take(cure(state.experiment))}>
              ${t(`overfit.cure.${found.cause}`)}
            </button>
          </div>`
        : nothing
    }
    ${
      found.betterRate === null
        ? nothing
        : html`<div class="actions">
            <button class="button" data-testid="overfit-action" @click=${() => use(found.betterRate)}>
              ${t('finder.use', { rate: setting(found.betterRate) })}
            </button>
          </div>`
    }
  </div>`;
}

/** Tensor by tensor. */
export function gradientResult(found) {
  const { worst } = found;
  const values = worst && {
    n: worst.layer + 1,
    type: t(`layer.${worst.type}`),
    name: worst.name,
    analytic: worst.analytic.toPrecision(6),
    numeric: worst.numeric.toPrecision(6),
    error: worst.error.toExponential(1),
    tensors: found.tensors.length,
  };
  return html`<div
    class="drawer examination"
    data-testid="gradient-result"
    data-value=${found.passed ? 'pass' : 'fail'}
    data-layer=${worst?.layer ?? ''}
  >
    <p class=${found.passed ? '' : 'held'}>
      ${worst ? t(found.passed ? 'gradients.pass' : 'gradients.fail', values) : t('gradients.none')}
    </p>
    <table class="table">
      <caption class="sr">
        ${t('gradients.table')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('gradients.tensor')}</th>
          <th scope="col">${t('gradients.error')}</th>
          <th scope="col"></th>
        </tr>
      </thead>
      <tbody>
        ${found.tensors.map(
          ({ name, type, error, passed }) =>
            html`<tr>
              <td>${name} <span class="muted">${t(`layer.${type}`)}</span></td>
              <td>${error.toExponential(1)}</td>
              <td>
                ${
                  passed
                    ? html`<b class="good" role="img" aria-label=${t('gradients.passed')}>✓</b>`
                    : html`<b class="held" role="img" aria-label=${t('gradients.failed')}>✕</b>`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
