/** The results column: the one number with its sentence, the two curves, the eight predictions. */
import { html, nothing } from 'lit';
import './chart.js';
import { samplePicture } from './data.js';
import { icon } from './icons.js';
import { percent, setting, short, t } from './language.js';
import { changed, changedNow, setName, state } from './state.js';
import { topThree } from './look.js';

/** The row of the best epoch, or of the last. */
export const bestRow = (run) =>
  run.history.find((row) => row.epoch === run.bestEpoch && row.epoch > 0) ?? run.history.at(-1);

/** What the headline says of a run: the restored weights after the end, the last epoch before. */
export function scoreOf(run) {
  if (run.end && run.evaluation) return run.evaluation.accuracy;
  return run.history.at(-1)?.validationAccuracy ?? null;
}

function sentence(run) {
  const row = run.history.at(-1);
  if (state.blocked) return t(...state.blocked);
  if (!run.start || !row) return t('say.opening');
  if (row.epoch === 0 && run.steps === 0)
    return t(run.start.transfer ? 'say.transferred' : 'say.untrained', { one: run.start.outputs });
  const epochs = run.experiment.epochs;
  if (run.status === 'ended') {
    const values = {
      best: run.bestEpoch,
      epoch: row.epoch,
      patience: run.experiment.earlyStopping?.patience ?? 0,
      seconds: run.seconds.toFixed(1),
    };
    return t(`say.end.${run.end.reason}`, values);
  }
  const left = run.patienceLeft;
  const best = bestRow(run);
  if (row.epoch === 0) return t('say.first', { step: run.steps, steps: run.start.stepsPerEpoch });
  if (run.experiment.earlyStopping && left !== null && run.bestEpoch < row.epoch) {
    const monitor = run.experiment.earlyStopping.monitor;
    const level =
      monitor === 'validationAccuracy' ? `${percent(best.validationAccuracy)} %` : short(best.validationLoss);
    return t(`say.waiting.${monitor}`, { epoch: row.epoch, epochs, best: run.bestEpoch, n: left, level });
  }
  return t('say.running', { epoch: row.epoch, epochs });
}

/** Fits, overfits or underfits: by the distance between the two losses now and at the best epoch. */
export function fit(run) {
  const row = run.history.at(-1);
  if (!row || row.epoch < 2 || row.loss === null) return null;
  const gap = row.validationLoss - row.loss;
  const best = bestRow(run);
  const bestGap = best.validationLoss - best.loss;
  const guess = Math.log(run.start.outputs);
  const kind =
    row.loss > 0.6 * guess
      ? 'under'
      : row.validationLoss > best.validationLoss * 1.1 && gap > Math.max(0.03, bestGap * 1.3)
        ? 'over'
        : 'fits';
  return { gap, bestGap, kind };
}

function badge(run) {
  if (!run.start) return nothing;
  if (
    run.status === 'ended' &&
    run.experiment.earlyStopping?.restoreBestWeights &&
    run.end.reason !== 'interrupted' &&
    run.bestEpoch
  ) {
    return html`<span class="badge fine">${icon('good')}${t('badge.restored', { epoch: run.bestEpoch })}</span>`;
  }
  if (run.history.length <= 1)
    return html`<span class="badge">${t(run.steps ? 'badge.started' : 'badge.untrained')}</span>`;
  const state = fit(run);
  if (!state) return nothing;
  return html`<span class="small muted gap"
      >${t('badge.gap', { gap: short(state.gap), best: short(state.bestGap) })}</span
    >
    <span class="badge ${state.kind === 'fits' ? '' : 'warns'}" title=${t('badge.rule')}>
      ${state.kind === 'over' ? icon('overfit') : nothing}${t(`badge.${state.kind}`)}
    </span>`;
}

/** The one big number. */
export function headline(run) {
  const score = scoreOf(run);
  const last = run.history.at(-1);
  const value = (name, number) =>
    html`<span class="sr" data-testid=${name} data-value=${number ?? ''}
      >${t(`numbers.${name}`)} ${number === null || number === undefined ? '–' : short(number)}</span
    >`;
  if (state.blocked) {
    return html`<div class="hero"><span class="what">${t('own.title')}</span></div>
      <p class="say">${sentence(run)}</p>`;
  }
  return html`<div class="hero">
      <span class="big">${percent(score)}<small>%</small></span>
      <span class="what">${t(`hero.${setName(run.experiment.dataset)}`)}</span>
      <span class="space"></span>
      ${badge(run)}
    </div>
    <p class="say">${sentence(run)}</p>
    ${value('loss', last?.loss ?? run.stepLoss)} ${value('accuracy', last?.accuracy)}
    ${value('validation-loss', run.end && run.evaluation ? run.evaluation.loss : last?.validationLoss)}
    ${value('validation-accuracy', score)}
    <span class="sr" data-testid="best-epoch" data-value=${run.bestEpoch}
      >${t('numbers.best-epoch')} ${run.bestEpoch}</span
    >
    <span class="sr" data-testid="stop-reason" data-value=${run.end?.reason ?? ''}
      >${run.end ? t(`reason.${run.end.reason}`) : ''}</span
    >`;
}

/** Where the x axis ends: two epochs after the run would stop, so that the curve fills the plot. */
function axisEnd(run) {
  const { epochs, earlyStopping } = run.experiment;
  const last = run.history.at(-1).epoch;
  if (last === 0) return epochs;
  if (run.status === 'ended') return Math.max(2, last + (last >= epochs ? 0 : 2), ghostLength());
  if (!earlyStopping) return epochs;
  return Math.max(
    Math.min(epochs, Math.max(run.bestEpoch + earlyStopping.patience, last) + 2),
    Math.min(epochs, ghostLength()),
  );
}

const ghostLength = () => (state.ghost && state.ghost !== state.run ? state.ghost.history.at(-1).epoch : 0);

function curveModel(run, key) {
  const isLoss = key === 'loss';
  const rows = run.history;
  const field = isLoss ? 'loss' : 'accuracy';
  const held = isLoss ? 'validationLoss' : 'validationAccuracy';
  const say = (value) => (isLoss ? short(value) : percent(value));
  const ghost =
    state.ghost && state.ghost !== run && run.start && state.ghost.start.outputs === run.start.outputs
      ? state.ghost
      : null;
  const lines = [
    ...(ghost ? [{ look: 'ghost', values: ghost.history.map((row) => row[held]), name: () => t('curve.last') }] : []),
    { look: 'train', values: rows.map((row) => row[field]), name: (v) => t('curve.train', { value: say(v) }) },
    { look: 'valid', values: rows.map((row) => row[held]), name: (v) => t('curve.validation', { value: say(v) }) },
  ];
  const last = rows.at(-1).epoch;
  const best = bestRow(run);
  const stop = run.experiment.earlyStopping;
  const watched = stop && (stop.monitor === 'validationAccuracy') !== isLoss;
  const outputs = run.start.outputs;
  const guessing = isLoss ? Math.log(outputs) : 1 / outputs;
  const model = {
    key,
    log: isLoss && state.view.scale === 'log',
    x: rows.map((row) => row.epoch),
    lines,
    xMax: axisEnd(run),
    guess: {
      value: guessing,
      text: t(isLoss ? 'curve.guessLoss' : 'curve.guess', { value: isLoss ? short(guessing) : percent(guessing, 0) }),
      above: !isLoss,
    },
    axisName: t('curve.epoch'),
    axisValue: (tick) => (isLoss ? setting(tick) : `${Math.round(tick * 100)}${tick === 1 ? ' %' : ''}`),
    hint: last === 0 && run.steps === 0 ? t(isLoss ? 'curve.lower' : 'curve.higher') : null,
    events: run.events
      .filter(({ kind, at }) => at > 0 && (kind === 'rate' || (kind === 'paused' && run.status !== 'paused')))
      .slice(-3)
      .map(({ at, kind, rate }) => ({ at, text: kind === 'rate' ? `α ${setting(rate)}` : t('curve.paused') }))
      .concat(state.travel ? [{ at: state.travel.epoch, text: t('travel.here') }] : []),
    read: (epoch) => {
      const row = rows[epoch];
      return row
        ? [
            t('curve.at', { epoch }),
            ...(row[field] === null ? [] : [t('curve.train', { value: say(row[field]) })]),
            t('curve.validation', { value: say(row[held]) }),
          ]
        : [];
    },
    summary: summary(run, key),
  };
  if (last > 0 && best && run.bestEpoch > 0) {
    model.best = {
      epoch: run.bestEpoch,
      value: best[held],
      text: t('curve.best', { value: isLoss ? short(best[held]) : `${percent(best[held])} %` }),
      sub: t('curve.at', { epoch: run.bestEpoch }),
    };
    model.tail = [run.bestEpoch, last];
    if (watched) {
      const left = run.patienceLeft ?? 0;
      model.pips = {
        from: run.bestEpoch,
        total: stop.patience,
        left,
        text: run.status === 'ended' ? '' : t('curve.left', { n: left }),
      };
    } else if (stop && run.status !== 'ended' && run.bestEpoch < last) {
      const at = run.bestEpoch + stop.patience;
      if (at <= run.experiment.epochs)
        model.stops = { at, text: [t('curve.stops', { epoch: at }), t('curve.ifNoBetter')] };
    }
  }
  return model;
}

/** One sentence that says what the picture shows; it is rewritten every epoch. */
function summary(run, key) {
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
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t('table.title')}>
    <table class="table">
      <caption class="sr">
        ${t('table.title')}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${t(`table.${head}`)}</th>`)}
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
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const flip = (key) => () => {
  state.view.tables = { ...state.view.tables, [key]: !state.view.tables[key] };
  changedNow();
};

/** The button of every plot. */
export const tableButton = (key) =>
  html`<button
    class="link"
    data-testid="table-${key}"
    aria-pressed=${state.view.tables[key] ? 'true' : 'false'}
    @click=${flip(key)}
  >
    ${t(state.view.tables[key] ? 'table.hide' : 'table.show')}
  </button>`;

function figure(run, key) {
  return html`<figure class="${key}-figure">
    <figcaption class="caption">
      <h3 class="curve-title">${t(`curve.${key}`)}</h3>
      <span class="segment phone-curve" role="group" aria-label=${t('curve.which')}>
        ${['loss', 'accuracy'].map(
          (name) =>
            html`<button
              aria-pressed=${state.view.curve === name ? 'true' : 'false'}
              @click=${() => ((state.view.curve = name), changed())}
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
                    @click=${() => ((state.view.scale = name), changedNow())}
                  >
                    ${t(`curve.${name}`)}
                  </button>`,
              )}
            </span>`
          : nothing
      }
      ${tableButton(key)}
    </figcaption>
    ${
      state.view.tables[key]
        ? html`${historyTable(run)}<span class="sr" role="img" aria-label=${summary(run, key)}></span>`
        : html`<curve-chart data-testid="curve-${key}" .model=${curveModel(run, key)}></curve-chart>`
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
  return html`<div class="plots" data-curve=${state.view.curve}>${figure(run, 'loss')}${figure(run, 'accuracy')}</div>`;
}

/** Three bars, or named bars where the classes have names. */
export function bars(top, label, names) {
  const named = names.some((name) => name.length > 2);
  const number = (p) => percent(Math.min(p, 0.994), 0);
  const kind = (i, k) => (i > 0 ? '' : k === label ? 'right' : 'wrong');
  if (named) {
    return top.map(
      ({ k, p }, i) =>
        html`<div class="named-bar ${i ? '' : 'top'} ${kind(i, k)}">
          <i .style=${`width:${p * 100}%`}></i><span>${names[k]}</span><em>${number(p)}</em>
        </div>`,
    );
  }
  return html`<div class="bars">
    ${top.map(
      ({ k, p }, i) =>
        html`<span class=${i ? '' : 'top'}>${names[k]}</span
          ><span class="share ${kind(i, k)}"><i .style=${`width:${p * 100}%`}></i></span
          ><em class=${i ? '' : 'top'}>${number(p)}</em>`,
    )}
  </div>`;
}

/** The eight held-back pictures and what the network takes them for. */
export function predictions(run) {
  const names = state.data?.classNames ?? [];
  const named = names.some((name) => name.length > 2);
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('guesses.title')}</h3>
      <span class="small dim wide-word">${t('guesses.note')}</span>
    </figcaption>
    <div class="guesses" data-testid="predictions">
      ${(run.guesses ?? []).map(({ index, label, top }) => {
        const right = top[0].k === label;
        return html`<div class="guess">
          <div class="picture">
            ${samplePicture(index, t('data.pictureHeld', { name: names[label] }))}
            <span class="mark">
              ${right ? html`<b class="good" role="img" aria-label=${t('guesses.right')}>✓</b>` : html`<b class="held" role="img" aria-label=${t('guesses.wrong')}>✕</b>`}
              ${right || named ? nothing : html`<span>${t('guesses.is', { name: names[label] })}</span>`}
            </span>
          </div>
          ${named ? html`<span class="truth">${right ? '' : t('guesses.is', { name: names[label] })}</span>` : nothing}
          ${bars(top, label, names)}
        </div>`;
      })}
    </div>
  </figure>`;
}

export { topThree };
