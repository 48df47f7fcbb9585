/** The two curves of a run: what each shows, in words and numbers too, and how it is looked at. */
import { html } from 'lit';
import { percent, setting, short, t } from '../app/language.js';
import { setView, showsAll, state } from '../app/state.js';
import '../parts/chart.js';
import { tableButton } from '../parts/fields.js';
import { baseline, beside } from '../train/run_list.js';
import { guessing, isRegression } from '../model/score.js';
import { bestRow } from '../train/run.js';
import { canTravel } from '../train/snapshots.js';
import { axis, axisChoice, placer, placesOf } from './axis.js';
import { backToNow, travelTo } from './travel.js';

/** Where the x axis ends: two epochs after the run would stop, so that the curve fills the plot. */
function axisEnd(run) {
  const { epochs, earlyStopping } = run.experiment;
  const last = run.history.at(-1).epoch;
  if (last === 0) return epochs;
  if (run.status === 'ended') return Math.max(2, last + (last >= epochs ? 0 : 2), longest(run));
  if (!earlyStopping) return epochs;
  return Math.max(
    Math.min(epochs, Math.max(run.bestEpoch + earlyStopping.patience, last) + 2),
    Math.min(epochs, longest(run)),
  );
}

const lastEpoch = ({ history }) => history.at(-1).epoch;

/** The epochs of the longest run that is drawn beside this one. */
const longest = (run) => Math.max(0, ...beside(run).map(({ other }) => lastEpoch(other)));

/** Exponential mean of what there is, its start corrected: each value keeps `level` of those before it. */
function smoothed(values, level) {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    [sum, weight] = [level * sum + value, level * weight + 1];
    return sum / weight;
  });
}

/** Where the accuracy's axis begins when only its top is shown. */
const topOf = (accuracy) => [0.95, 0.9, 0.8, 0.5].find((least) => accuracy > least + 0.02) ?? 0;

function curveModel(run, key) {
  const isLoss = key === 'loss';
  const rows = run.history;
  const field = isLoss ? 'loss' : 'accuracy';
  const held = isLoss ? 'validationLoss' : 'validationAccuracy';
  const say = (value) => (isLoss ? short(value) : percent(value));
  const others = beside(run);
  const level = state.view.smooth ?? 0;
  const place = placer(run);
  const own = (look, key, name) => {
    const values = rows.map((row) => row[key]);
    return level === 0
      ? [{ look, values, name }]
      : [
          { look: 'ghost', values, name: null },
          { look, values: smoothed(values, level), name },
        ];
  };
  const lines = [
    ...others.map(({ other, look }) => ({
      look,
      values: other.history.map((row) => row[held]),
      at: placesOf(other),
      name: (value) =>
        look !== 'ghost'
          ? t('curve.run', { run: other.number, value: say(value) })
          : other === baseline()
            ? t('curve.baseline', { run: other.number })
            : t('curve.last'),
    })),
    ...(!isLoss && isRegression(run) ? [] : own('train', field, (v) => t('curve.train', { value: say(v) }))),
    ...own('valid', held, (v) => t('curve.validation', { value: say(v) })),
  ];
  const last = rows.at(-1).epoch;
  const best = bestRow(run);
  const stop = run.experiment.earlyStopping;
  const watched = stop && (stop.monitor === 'validationAccuracy') !== isLoss;
  const guess = guessing(run)?.[isLoss ? 'loss' : 'score'];
  const model = {
    key,
    log: isLoss && state.view.scale === 'log',
    least: !isLoss && state.view.top ? topOf(best[held]) : undefined,
    x: rows.map((row) => row.epoch),
    at: axis() === 'epochs' ? undefined : placesOf(run),
    lines,
    xMax: Math.max(
      place(axisEnd(run)),
      ...(axis() === 'epochs' ? [] : others.map(({ other }) => placesOf(other).at(-1))),
    ),
    guess:
      guess === undefined || (!isLoss && state.view.top)
        ? null
        : {
            value: guess,
            text: t(isLoss ? 'curve.guessLoss' : 'curve.guess', {
              value: isLoss ? short(guess) : percent(guess, 0),
            }),
            above: !isLoss,
          },
    axisName: t(`curve.axis.${axis()}`),
    axisValue: (tick) => (isLoss ? setting(tick) : `${Math.round(tick * 100)}${tick === 1 ? ' %' : ''}`),
    hint: last === 0 && run.steps === 0 ? t(isLoss ? 'curve.lower' : 'curve.higher') : null,
    events: run.events
      .filter(
        ({ kind, at }) => at > 0 && (['rate', 'from'].includes(kind) || (kind === 'paused' && run.status !== 'paused')),
      )
      .slice(-3)
      .map(({ at, kind, rate, run }) => ({
        at: place(at),
        text: kind === 'rate' ? `α ${setting(rate)}` : kind === 'from' ? t('runs.from', { run }) : t('curve.paused'),
      })),
    travels: canTravel(run),
    here: state.travel ? rows.findIndex(({ epoch }) => epoch === state.travel.epoch) : null,
    read: (epoch) => {
      const row = rows[epoch];
      return row
        ? [
            t('curve.at', { epoch }),
            ...(axis() === 'epochs' ? [] : [t(`curve.where.${axis()}`, { at: setting(place(epoch)) })]),
            ...(Number.isNaN(row[field] ?? NaN) ? [] : [t('curve.train', { value: say(row[field]) })]),
            t('curve.validation', { value: say(row[held]) }),
            ...(axis() === 'epochs' ? shownAt(others, row.epoch, (other) => say(other[held])) : []),
          ]
        : [];
    },
    summary: summary(run, key),
  };
  if (last > 0 && best && run.bestEpoch > 0) {
    model.best = {
      epoch: place(run.bestEpoch),
      value: best[held],
      text: t('curve.best', { value: isLoss ? short(best[held]) : `${percent(best[held])} %` }),
      sub: t('curve.at', { epoch: run.bestEpoch }),
    };
    model.tail = [place(run.bestEpoch), place(last)];
    if (watched) {
      const left = run.patienceLeft ?? 0;
      model.pips = {
        at: Array.from({ length: stop.patience }, (_, i) => place(run.bestEpoch + i + 1)),
        left,
        text: run.status === 'ended' ? '' : t('curve.left', { n: left }),
      };
    } else if (stop && run.status !== 'ended' && run.bestEpoch < last) {
      const at = run.bestEpoch + stop.patience;
      if (at <= run.experiment.epochs)
        model.stops = { at: place(at), text: [t('curve.stops', { epoch: at }), t('curve.ifNoBetter')] };
    }
  }
  return model;
}

/** What the shown runs had at an epoch, as far as they came. */
const shownAt = (others, epoch, say) =>
  others
    .filter(({ look, other }) => look !== 'ghost' && other.history[epoch])
    .map(({ other }) => t('curve.run', { run: other.number, value: say(other.history[epoch]) }));

/** One sentence that says what the picture shows, rewritten every epoch, and what the best was of each run beside it. */
function summary(run, key) {
  const held = key === 'loss' ? 'validationLoss' : 'validationAccuracy';
  const say = key === 'loss' ? short : percent;
  const runs = beside(run)
    .filter(({ look }) => look !== 'ghost')
    .map(({ other }) => t('curve.run', { run: other.number, value: say(bestRow(other)[held]) }));
  const own = summaryOf(run, key);
  return runs.length ? t('summary.beside', { summary: own, runs: runs.join(', ') }) : own;
}

function summaryOf(run, key) {
  const last = run.history.at(-1);
  if (last.epoch === 0)
    return t(`summary.${key}.before`, {
      value: key === 'loss' ? short(last.validationLoss) : percent(last.validationAccuracy),
    });
  const best = bestRow(run);
  const say = key === 'loss' ? short : percent;
  const [field, held] = key === 'loss' ? ['loss', 'validationLoss'] : ['accuracy', 'validationAccuracy'];
  return t(`summary.${key}`, {
    epoch: last.epoch,
    train: say(last[field]),
    validation: say(last[held]),
    best: run.bestEpoch,
    bestValue: say(best[held]),
  });
}

/** All epochs as a table. */
export function historyTable(run) {
  const heads = ['epoch', 'loss', 'validationLoss', 'accuracy', 'validationAccuracy'];
  const shown = beside(run).filter(({ look }) => look !== 'ghost');
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t('table.title')}>
    <table class="table">
      <caption class="sr">
        ${t('table.title')}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${t(`table.${head}`)}</th>`)}
          ${shown.map(({ other }) => ['validationLoss', 'validationAccuracy'].map((head) => html`<th scope="col">${t('runs.number', { run: other.number })}: ${t(`table.${head}`)}</th>`))}
        </tr>
      </thead>
      <tbody>
        ${run.history.map(
          (row) =>
            html`<tr class=${row.epoch === run.bestEpoch && row.epoch > 0 ? 'best' : ''}>
              <td>${row.epoch}</td>
              <td>${short(row.loss)}</td>
              <td>${short(row.validationLoss)}</td>
              <td>${row.accuracy === null ? '–' : `${percent(row.accuracy)} %`}</td>
              <td>${percent(row.validationAccuracy)} %</td>
              ${shown.map(({ other }) => {
                const theirs = other.history[row.epoch];
                return html`<td>${short(theirs?.validationLoss)}</td>
                  <td>${theirs ? `${percent(theirs.validationAccuracy)} %` : '–'}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function figure(run, key) {
  return html`<figure class="${key}-figure">
    <figcaption class="caption">
      <h3 class="curve-title">${t(`curve.${key}`)}</h3>
      <span class="segment phone-curve" role="group" aria-label=${t('curve.which')}>
        ${['loss', 'accuracy'].map(
          (name) =>
            html`<button
              aria-pressed=${state.view.curve === name ? 'true' : 'false'}
              @click=${() => setView({ curve: name })}
            >
              ${t(`curve.${name}`)}
            </button>`,
        )}
      </span>
      <span class="space"></span>
      ${
        key === 'loss'
          ? html`<span class="segment scale" role="group" aria-label=${t('curve.scale')}>
              ${['log', 'linear'].map(
                (name) =>
                  html`<button
                    aria-pressed=${state.view.scale === name ? 'true' : 'false'}
                    @click=${() => setView({ scale: name })}
                  >
                    ${t(`curve.${name}`)}
                  </button>`,
              )}
            </span>`
          : html`<button
              class="link"
              data-testid="zoom-accuracy"
              aria-pressed=${state.view.top ? 'true' : 'false'}
              @click=${() => setView({ top: !state.view.top })}
            >
              ${t(state.view.top ? 'curve.whole' : 'curve.top')}
            </button>`
      }
      ${tableButton(key)}
    </figcaption>
    ${
      state.view.tables[key]
        ? html`${historyTable(run)}<span class="sr" role="img" aria-label=${summary(run, key)}></span>`
        : html`<curve-chart
            data-testid="curve-${key}"
            .model=${curveModel(run, key)}
            @travel=${({ detail: { index } }) => (index === null ? backToNow() : travelTo(run.history[index].epoch))}
          ></curve-chart>`
    }
  </figure>`;
}

/** Loss and accuracy. */
export function curves(run) {
  if (!run.start || run.history.length === 0)
    return html`<div class="plots">
      <figure><curve-chart></curve-chart></figure>
      <figure></figure>
    </div>`;
  return html`<div class="plots" data-curve=${state.view.curve}>${figure(run, 'loss')}${figure(run, 'accuracy')}</div>
    <div class="row under-plots" ?hidden=${!showsAll()}>
      ${axisChoice()}
      <label class="row small smoothing"
        ><span class="muted">${t('curve.smooth')}</span
        ><input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          data-testid="smooth"
          .value=${String(state.view.smooth ?? 0)}
          @input=${(event) => setView({ smooth: Number(event.target.value) })}
        />${setting(state.view.smooth ?? 0)}</label
      >
    </div>`;
}
