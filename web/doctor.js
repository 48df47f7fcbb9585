/**
 * The doctor: three quick examinations of the settings on the page, each with an engine of its own, so that the run and its weights stay
 * as they are. A learning rate is found by raising it at every step; a network that cannot learn one batch by heart has a fault, not too
 * few data.
 */
import { html, nothing } from 'lit';
import { Trainer } from 'trainground';
import { failed } from './alerts.js';
import { openOptions } from './data.js';
import { setting, short, t } from './language.js';
import { withDropout, withEarlyStopping, withLearningRate } from './settings.js';
import { changed, changedNow, state } from './state.js';

const rates = { from: 1e-6, to: 10, steps: 100 };
const rateAt = (step) => rates.from * (rates.to / rates.from) ** (step / (rates.steps - 1));

/** Without what makes a loss noisy on purpose. */
function bare(experiment) {
  const plain = withDropout(withEarlyStopping(experiment, null), 0);
  return { ...JSON.parse(JSON.stringify(plain)), augmentation: [], l1: 0, l2: 0 };
}

/** Exponential mean with its start corrected, as in fastai's finder. */
export function smooth(losses, keep = 0.9) {
  let mean = 0;
  return losses.map((loss, at) => {
    mean = keep * mean + (1 - keep) * loss;
    return mean / (1 - keep ** (at + 1));
  });
}

/** A tenth of the rate at which the smoothed loss was lowest: near enough to learn fast, far enough from where it explodes. */
export function suggest(smoothed) {
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  return Number((rateAt(lowest) / 10).toPrecision(1));
}

/** Runs one examination; another one cannot begin before it has ended. */
async function examine(name, act) {
  if (state.examining) return;
  state.examining = name;
  state.view.examination = name;
  changedNow();
  try {
    await act();
  } catch (error) {
    failed(error);
  }
  state.examining = null;
  changedNow();
}

/** Loss against the rate: 100 steps from 1e-6 to 10, until it explodes. */
const findRate = () =>
  examine('find-learning-rate', async () => {
    const experiment = { ...bare(state.experiment), epochs: 500 };
    const trainer = await Trainer.open(experiment, openOptions(experiment));
    const losses = [];
    try {
      for (let at = 0; at < rates.steps; at++) {
        await trainer.setLearningRate(rateAt(at));
        const event = (await trainer.step()).find((one) => one.event === 'step');
        if (!event || !Number.isFinite(event.loss)) break;
        losses.push(event.loss);
        const smoothed = smooth(losses);
        state.finder = { losses, smoothed, suggestion: null };
        if (smoothed.at(-1) > 4 * Math.min(...smoothed)) break;
        changed();
      }
    } finally {
      trainer.dispose();
    }
    const kept = losses.slice(0, Math.max(8, losses.length - 5));
    const smoothed = smooth(kept);
    state.finder = { losses: kept, smoothed, suggestion: suggest(smoothed) };
  });

/** What is most likely wrong with a network that does not learn one batch. */
function causeOf(first, last, experiment) {
  if (!Number.isFinite(last)) return 'large';
  if (first - last < 0.05 * first) {
    const zeros = experiment.layers.some((layer) => layer.kernelInitializer === 'zeros');
    return zeros ? 'zeros' : experiment.optimizer.learningRate > 0.05 ? 'large' : 'rate';
  }
  return experiment.optimizer.learningRate < 1e-3 ? 'rate' : 'network';
}

/** One fixed batch, learned by heart: 300 steps at most. */
const overfit = () =>
  examine('overfit', async () => {
    const { run, data } = state;
    const indices = data.training
      .slice(0, 4000)
      .filter((_, at, all) => at % Math.max(1, Math.floor(all.length / 32)) === 0)
      .slice(0, 32);
    const { inputs, labels } = await run.trainer.samples(indices);
    const experiment = { ...bare(state.experiment), batchSize: indices.length, epochs: 300, validationSplit: 0 };
    const samples = { inputs, labels, shape: data.shape, classNames: data.classNames };
    const trainer = await Trainer.open(experiment, { data: samples });
    const losses = [];
    try {
      for await (const event of trainer.train()) {
        if (event.event !== 'epoch') continue;
        losses.push(event.loss);
        state.overfit = { steps: losses.length, loss: event.loss, verdict: null };
        changed();
        if (!(event.loss >= 0.01)) break;
      }
    } finally {
      trainer.dispose();
    }
    const loss = losses.at(-1);
    const passed = loss < 0.01;
    state.overfit = {
      steps: losses.length,
      loss,
      verdict: passed ? 'pass' : 'fail',
      cause: passed ? null : causeOf(losses[0], loss, experiment),
    };
  });

function finderModel({ losses, smoothed, suggestion }) {
  const ticks = [-6, -4, -2, 0].map((power) => ({
    at: ((power + 6) / 7) * (rates.steps - 1),
    text: setting(10 ** power),
  }));
  const at = suggestion ? (Math.log10(suggestion / rates.from) / 7) * (rates.steps - 1) : null;
  return {
    key: 'finder',
    log: false,
    x: losses.map((_, step) => step),
    lines: [
      { look: 'ghost', values: losses, name: null },
      { look: 'train', values: smoothed, name: null },
    ],
    xMax: rates.steps - 1,
    xTicks: ticks,
    room: 24,
    best:
      at === null
        ? null
        : {
            epoch: at,
            value: smoothed[Math.round(at)] ?? smoothed.at(-1),
            text: setting(suggestion),
            sub: t('finder.suggested'),
          },
    most: Math.min(Math.max(...smoothed) * 1.1, smoothed[0] * 2),
    axisName: '',
    axisValue: (tick) => setting(tick),
    read: (step) =>
      smoothed[step] === undefined ? [] : [setting(Number(rateAt(step).toPrecision(2))), short(smoothed[step])],
    summary: t('finder.summary', { suggestion: suggestion ? setting(suggestion) : '–' }),
  };
}

function finderResult(use) {
  const { finder } = state;
  if (!finder || finder.losses.length < 3) return nothing;
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (finder.losses.length - 1)));
  return html`<figure class="drawer examination">
    <figcaption class="caption"><h3>${t('finder.title')}</h3></figcaption>
    <curve-chart data-testid="finder" .model=${finderModel(finder)}></curve-chart>
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
                <td>${setting(Number(rateAt(at).toPrecision(2)))}</td>
                <td>${short(finder.smoothed[at])}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
    ${
      finder.suggestion
        ? html`<div class="actions">
            <button
              class="button"
              data-testid="use-rate"
              data-value=${finder.suggestion}
              @click=${() => use(finder.suggestion)}
            >
              ${t('finder.use', { rate: setting(finder.suggestion) })}
            </button>
          </div>`
        : nothing
    }
  </figure>`;
}

function overfitResult() {
  const { overfit: result } = state;
  if (!result) return nothing;
  const values = {
    step: result.steps,
    loss: short(result.loss),
    rate: setting(state.experiment.optimizer.learningRate),
  };
  return html`<div
    class="drawer examination"
    data-testid="overfit-result"
    data-value=${result.verdict ?? ''}
    data-cause=${result.cause ?? ''}
  >
    <p>
      ${t(result.verdict ? `overfit.${result.verdict}` : 'overfit.running', values)}
      ${result.cause ? t(`overfit.cause.${result.cause}`, values) : nothing}
    </p>
  </div>`;
}

/** The three buttons, each with its last result, and what the last one found. */
export function doctorSection({ settingChanged, apply }) {
  const ready = Boolean(state.run?.trainer && state.data);
  const use = (rate) => {
    apply(withLearningRate(state.experiment, rate));
    settingChanged();
  };
  const word = {
    'find-learning-rate': state.finder?.suggestion
      ? t('doctor.suggests', { rate: setting(state.finder.suggestion) })
      : t('doctor.notYet'),
    overfit: state.overfit?.verdict
      ? t(`doctor.${state.overfit.verdict}`, { step: state.overfit.steps })
      : t('doctor.notYet'),
  };
  const button = (name, act) =>
    html`<button data-testid=${name} ?disabled=${!ready || Boolean(state.examining)} @click=${act}>
      <b>${t(`doctor.${name}`)}</b
      ><span class="small ${state.overfit?.verdict === 'fail' && name === 'overfit' ? 'held' : 'muted'}"
        >${state.examining === name ? t('compare.running') : word[name]}</span
      >
    </button>`;
  return html`<div class="tricks-part">
    <div class="head section"><h2>${t('doctor.title')}</h2></div>
    <div class="doctor">${button('find-learning-rate', findRate)}${button('overfit', overfit)}</div>
    ${state.view.examination === 'find-learning-rate' ? finderResult(use) : state.view.examination === 'overfit' ? overfitResult() : nothing}
  </div>`;
}
