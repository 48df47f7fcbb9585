/** What a regression says of all that is held back: against what is true as a plot, and the rows where it is furthest off. */
import { html, nothing } from 'lit';
import { figure, setting, short, t } from '../app/language.js';
import { state } from '../app/state.js';
import './predicted_true.js';

/** Rows in the list of those that are furthest off. */
const kFurthest = 30;

/** Rows of the file are counted from 1, its header apart. */
const rowOf = (at) => state.data.validation[at] + 1;

/** The plot. */
export function predictedFigure(run) {
  const { evaluation } = run;
  if (!evaluation?.regression) return nothing;
  const { r2, mae } = evaluation.regression;
  const { label } = run.experiment.dataset;
  const model = {
    targets: evaluation.regression.targets,
    said: evaluation.probabilities,
    label: { isTrue: t('regression.true', { label }), said: t('regression.said', { label }) },
    name: t('regression.summary', { label, n: evaluation.samples, r2: short(r2[0]), mae: figure(mae[0]) }),
  };
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('regression.title')}</h3>
      <span class="small dim wide-word">${t('regression.note')}</span>
    </figcaption>
    <predicted-true data-testid="predicted-true" data-rows=${evaluation.samples} .model=${model}></predicted-true>
  </figure>`;
}

/** The places of the largest errors, the largest first: found in one pass, since there may be a hundred thousands of rows. */
function furthest(targets, said) {
  const found = [];
  const errorOf = (at) => Math.abs(said[at] - targets[at]);
  for (let at = 0; at < targets.length; at++) {
    if (found.length === kFurthest && !(errorOf(at) > errorOf(found.at(-1)))) continue;
    const place = found.findIndex((other) => errorOf(at) > errorOf(other));
    found.splice(place < 0 ? found.length : place, 0, at);
    found.length = Math.min(found.length, kFurthest);
  }
  return found;
}

/** The panel in the place of the confusion matrix. */
export function errorsPanel(run) {
  const { evaluation } = run;
  if (!evaluation?.regression) return nothing;
  const { targets } = evaluation.regression;
  const said = evaluation.probabilities;
  const off = furthest(targets, said).map((at) => ({
    at,
    target: targets[at],
    said: said[at],
    error: said[at] - targets[at],
  }));
  const heads = ['row', 'true', 'said', 'off'];
  return html`<div class="panel scroller" tabindex="0" role="region" aria-label=${t('regression.furthest')}>
    <h3>${t('regression.furthest')}</h3>
    <table class="table" data-testid="furthest">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${t(`regression.head.${head}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${off.map(
          ({ at, target, said: value, error }) =>
            html`<tr>
              <td>${rowOf(at)}</td>
              <td>${setting(target)}</td>
              <td>${setting(value)}</td>
              <td>${error > 0 ? '+' : ''}${setting(error)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
