/**
 * The doctor: quick examinations of the settings on the page, each with an engine of its own, so that the run and its weights stay as they
 * are. A learning rate is found by raising it at every step; a network that cannot learn one batch by heart has a fault, not too few data;
 * and backward is compared with two losses per weight, in double precision.
 */
import { html, nothing } from 'lit';
import { Trainer } from 'trainground';
import { failed } from './alerts.js';
import { openOptions } from './data.js';
import { toggle } from './fields.js';
import { setting, short, t } from './language.js';
import {
  learningRate,
  withFittingLoss,
  withFreeze,
  withInitializer,
  withLearningRate,
  withTwiceTheUnits,
} from './settings.js';
import { changedNow, progressed, state } from './state.js';

/** The examination that runs, which the Stop button ends. @type {AbortController | null} */
let running = null;

/** Runs one examination on the page's settings; another one cannot begin before it has ended. Gives what was found, or null. */
async function examine(name, act) {
  if (state.examining) return null;
  const { experiment } = state;
  const { signal } = (running = new AbortController());
  const onProgress = (share) => {
    state.examining = { name, share };
    progressed();
  };
  state.examining = { name, share: 0 };
  state.view.examination = name;
  changedNow();
  let trainer;
  let found = null;
  try {
    trainer = await Trainer.open(experiment, openOptions(experiment));
    const told = await act(trainer, { signal, onProgress });
    if (!signal.aborted) found = { ...told, experiment };
    if (found) state.found = { ...state.found, [name]: found };
  } catch (error) {
    if (error.name !== 'AbortError') failed(error);
  } finally {
    trainer?.dispose();
  }
  state.examining = null;
  changedNow();
  return found;
}

const acts = {
  'find-learning-rate': (trainer, options) => trainer.findLearningRate({ from: 1e-6, ...options }),
  overfit: (trainer, options) => trainer.overfit(options),
  'check-gradients': async (trainer, options) => {
    const trained = (await trainer.tensors()).filter(({ trainable, name }) => trainable && name.endsWith('.weight'));
    const broken = state.view.breakGradient ? trained[Math.floor(trained.length / 2)]?.name : undefined;
    return { ...(await trainer.checkGradients({ breakGradient: broken, ...options })), broken };
  },
};

/** Whether what was found is about other settings than those on the page; the rate, which a click takes over, is not among them. */
const isOfOthers = ({ experiment }) =>
  JSON.stringify(withLearningRate(experiment, learningRate(state.experiment))) !== JSON.stringify(state.experiment);

/** Runs an examination from elsewhere in the page. */
export const examination = (name) => examine(name, acts[name]);

/** Looks for a learning rate, where it is seen that it does. */
export function findRate() {
  state.view.part = 'tricks';
  examination('find-learning-rate');
  document.querySelector('[data-testid="find-learning-rate"]').scrollIntoView({ block: 'center' });
}

/** The axis of rates: its ends are those of the test. */
const kFirst = -6;
const kLast = 1;

function finderModel({ rates, losses, smoothed, suggestion }) {
  const from = Math.log10(rates[0]);
  const steps = ((rates.length - 1) * (kLast - kFirst)) / (Math.log10(rates.at(-1)) - from);
  const way = (rate) => ((Math.log10(rate) - kFirst) / (kLast - kFirst)) * steps;
  const at = suggestion === null ? null : way(suggestion);
  return {
    key: 'finder',
    log: false,
    x: Array.from(rates, way),
    lines: [
      { look: 'ghost', values: Array.from(losses), name: null },
      { look: 'train', values: Array.from(smoothed), name: null },
    ],
    xMax: steps,
    xTicks: [-6, -4, -2, 0].map((power) => ({ at: way(10 ** power), text: setting(10 ** power) })),
    room: 24,
    best:
      at === null
        ? null
        : {
            epoch: at,
            value: smoothed[Math.min(smoothed.length - 1, Math.round(at))],
            text: setting(rounded(suggestion)),
            sub: t('finder.suggested'),
          },
    most: Math.min(Math.max(...smoothed) * 1.1, smoothed[0] * 2),
    axisName: '',
    axisValue: (tick) => setting(tick),
    read: (step) =>
      smoothed[step] === undefined ? [] : [setting(Number(rates[step].toPrecision(2))), short(smoothed[step])],
    summary: t('finder.summary', { suggestion: suggestion === null ? '–' : setting(rounded(suggestion)) }),
  };
}

const rounded = (rate) => Number(rate.toPrecision(1));

/** What explodes at the end says nothing about learning: the last five points are cut off. */
function withoutEnd(found) {
  const kept = Math.max(8, found.losses.length - 5);
  const cut = (values) => values.slice(0, kept);
  return { ...found, rates: cut(found.rates), losses: cut(found.losses), smoothed: cut(found.smoothed) };
}

function finderResult(whole, use) {
  const found = withoutEnd(whole);
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (found.losses.length - 1)));
  const rate = found.suggestion === null ? null : rounded(found.suggestion);
  return html`<figure class="drawer examination">
    <figcaption class="caption"><h3>${t('finder.title')}</h3></figcaption>
    <curve-chart data-testid="finder" .model=${finderModel(found)}></curve-chart>
    <details class="small">
      <summary>${t('table.show')}</summary>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${t('trick.learning-rate')}</th>
            <th scope="col">${t('curve.loss')}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (at) =>
              html`<tr>
                <td>${setting(Number(found.rates[at].toPrecision(2)))}</td>
                <td>${short(found.smoothed[at])}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
    ${
      rate === null
        ? html`<p class="note">${t('finder.none')}</p>`
        : html`<div class="actions">
            <button class="button" data-testid="use-rate" data-value=${rate} @click=${() => use(rate)}>
              ${t('finder.use', { rate: setting(rate) })}
            </button>
          </div>`
    }
  </figure>`;
}

/** What mends a cause, where one click can. */
const cures = {
  frozenLayers: (experiment) => withFreeze(experiment, 'none'),
  deadUnits: (experiment) => withInitializer(experiment, 'heUniform'),
  wrongLoss: (experiment) => withFittingLoss(experiment, state.run.start.classNames.length > 0),
  networkTooSmall: withTwiceTheUnits,
};

function overfitResult(found, use, take) {
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

function gradientResult(found) {
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

/** What an examination found, in a few words under its button. */
function word(name) {
  const found = state.found?.[name];
  if (!found) return t('doctor.notYet');
  if (name === 'find-learning-rate') {
    return found.suggestion === null
      ? t('finder.none')
      : t('doctor.suggests', { rate: setting(rounded(found.suggestion)) });
  }
  if (name === 'overfit') return t(found.passed ? 'doctor.pass' : 'doctor.fail', { step: found.steps });
  return t(found.passed ? 'doctor.gradients.pass' : 'doctor.gradients.fail', { n: (found.worst?.layer ?? 0) + 1 });
}

/** The buttons, each with its last result, and what the last one found. */
export function doctorSection({ settingChanged, apply }) {
  const ready = Boolean(state.run?.trainer && state.data);
  const { examining } = state;
  const take = (experiment) => {
    apply(experiment);
    settingChanged();
  };
  const use = (rate) => take(withLearningRate(state.experiment, rate));
  const button = (name) =>
    html`<button data-testid=${name} ?disabled=${!ready || Boolean(examining)} @click=${() => examination(name)}>
      <b>${t(`doctor.${name}`)}</b
      ><span class="small ${state.found?.[name]?.passed === false ? 'held' : 'muted'}"
        >${examining?.name === name ? t('compare.running') : word(name)}</span
      >
    </button>`;
  const shown = state.view.examination;
  const found = state.found?.[shown];
  const results = { 'find-learning-rate': finderResult, overfit: overfitResult, 'check-gradients': gradientResult };
  const breaks = (on) => {
    state.view.breakGradient = on;
    changedNow();
  };
  return html`<div class="tricks-part">
    <div class="head section"><h2>${t('doctor.title')}</h2></div>
    <div class="doctor">${Object.keys(acts).map(button)}</div>
    <label class="row note"
      >${toggle({ name: 'break-gradient', label: t('gradients.break'), on: Boolean(state.view.breakGradient), set: breaks })}
      ${t('gradients.break')}</label
    >
    ${
      examining
        ? html`<div class="row">
            <progress max="1" .value=${examining.share} aria-label=${t(`doctor.${examining.name}`)}></progress>
            <button class="button small" data-testid="stop-examination" @click=${() => running.abort()}>
              ${t('doctor.stop')}
            </button>
          </div>`
        : found
          ? html`${isOfOthers(found) ? html`<p class="note" data-testid="earlier-settings">${t('doctor.earlier')}</p>` : nothing}${results[shown](found, use, take)}`
          : nothing
    }
  </div>`;
}
