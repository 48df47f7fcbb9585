/** The one number with its sentence: how good the network is now, and whether it fits. */
import { html, nothing } from 'lit';
import { figure, percent, short, t } from '../app/language.js';
import { isTable, setName } from '../app/sets.js';
import { state } from '../app/state.js';
import { icon } from '../parts/icons.js';
import { guessing, isRegression, scoreOf } from '../model/score.js';
import { bestRow } from '../train/run.js';
import { intervalLine } from './judged.js';

/** What the headline says of a run: the restored weights after the end, the last epoch before. */
function shownScore(run) {
  if (run.end && run.evaluation) return scoreOf(run.evaluation);
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

/** Fits, overfits or underfits: by the distance between the two losses now and at the best epoch. Who answers all rightly does not overfit. */
function fit(run) {
  const row = run.history.at(-1);
  if (!row || row.epoch < 2 || row.loss === null) return null;
  const gap = row.validationLoss - row.loss;
  const best = bestRow(run);
  const bestGap = best.validationLoss - best.loss;
  const guess = guessing(run)?.loss ?? Infinity;
  const kind =
    row.loss > 0.6 * guess
      ? 'under'
      : row.validationLoss > best.validationLoss * 1.1 &&
          gap > Math.max(0.03, bestGap * 1.3) &&
          row.validationAccuracy !== 1
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

/** What the number is of. */
function what(run) {
  const { label } = run.experiment.dataset;
  if (run.start && isRegression(run)) return t('hero.regression', { label });
  return t(`hero.${setName(run.experiment.dataset)}`);
}

/** How far off a regression is, in the label's own unit. */
function errors({ evaluation, evaluatedAt, steps, status }) {
  // A run that has just stopped is about to be looked at.
  if (!evaluation?.regression || (status !== 'training' && evaluatedAt !== steps)) return nothing;
  const { mae, rmse } = evaluation.regression;
  return html`<p class="small muted" data-testid="errors" data-mae=${mae[0]} data-rmse=${rmse[0]}>
    ${t('say.errors', { mae: figure(mae[0]), rmse: figure(rmse[0]) })}
  </p>`;
}

/** The one big number: of the run, or of its epoch that is looked back at. How the run ended is told all the same. */
export function headline(run, seen) {
  const score = shownScore(seen);
  const last = seen.history.at(-1);
  const value = (name, number) =>
    html`<span class="sr" data-testid=${name} data-value=${number ?? ''}
      >${t(`numbers.${name}`)} ${number === null || number === undefined ? '–' : short(number)}</span
    >`;
  if (state.blocked) {
    return html`<div class="hero">
        <span class="what">${t(isTable(state.experiment.dataset) ? 'columns.own' : 'own.title')}</span>
      </div>
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
      <span class="what">${what(run)}</span>
      <span class="space"></span>
      ${seen.isPast ? html`<span class="badge">${t('badge.past', { epoch: seen.epoch })}</span>` : badge(run)}
    </div>
    ${errors(seen)} ${intervalLine(run, score)}
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
