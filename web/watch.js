/** The results column: the one number with its sentence, and the eight predictions. */
import { html, nothing } from 'lit';
import { icon } from './icons.js';
import { percent, short, t } from './language.js';
import { setName, state } from './state.js';
import { topThree } from './look.js';
import { askable } from './why.js';

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
  if (!run.start || !row) return t(run.status === 'failed' ? 'say.failed' : 'say.opening');
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

/** The one big number: of the run, or of its epoch that is looked back at. How the run ended is told all the same. */
export function headline(run, seen) {
  const score = scoreOf(seen);
  const last = seen.history.at(-1);
  const value = (name, number) =>
    html`<span class="sr" data-testid=${name} data-value=${number ?? ''}
      >${t(`numbers.${name}`)} ${number === null || number === undefined ? '–' : short(number)}</span
    >`;
  if (state.blocked) {
    return html`<div class="hero"><span class="what">${t('own.title')}</span></div>
      <p class="say">${sentence(run)}</p>
      ${
        state.blocked[0] === 'own.none'
          ? html`<ol class="own-steps">
              ${[1, 2, 3].map((n) => html`<li>${t(`own.step.${n}`)}</li>`)}
            </ol>`
          : nothing
      }`;
  }
  return html`<div class="hero">
      <span class="big">${percent(score)}<small>%</small></span>
      <span class="what">${t(`hero.${setName(run.experiment.dataset)}`)}</span>
      <span class="space"></span>
      ${seen.isPast ? html`<span class="badge">${t('badge.past', { epoch: seen.epoch })}</span>` : badge(run)}
    </div>
    <p class="say">${seen.isPast ? t('say.past', { epoch: seen.epoch, last: run.epoch }) : sentence(run)}</p>
    ${value('loss', last?.loss ?? run.stepLoss)} ${value('accuracy', last?.accuracy)}
    ${value('validation-loss', run.end && seen.evaluation ? seen.evaluation.loss : last?.validationLoss)}
    ${value('validation-accuracy', score)}
    <span class="sr" data-testid="best-epoch" data-value=${run.bestEpoch}
      >${t('numbers.best-epoch')} ${run.bestEpoch}</span
    >
    <span class="sr" data-testid="stop-reason" data-value=${run.end?.reason ?? ''}
      >${run.end ? t(`reason.${run.end.reason}`) : ''}</span
    >`;
}

/** Three bars, or named bars where the classes have names. `label`: what it is; null: nobody knows. */
export function bars(top, label, names) {
  const named = names.some((name) => name.length > 2);
  const number = (p) => percent(Math.min(p, 0.994), 0);
  const kind = (i, k) => (i > 0 ? '' : label === null ? 'said' : k === label ? 'right' : 'wrong');
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
            ${askable(index, t('data.pictureHeld', { name: names[label] }))}
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
