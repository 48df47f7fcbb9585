/** The results column: messages and lessons, the one number, the curves, what to try next, the predictions, and the panels behind tabs. */
import { html, nothing } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { tell } from '../app/events.js';
import { t } from '../app/language.js';
import { setName } from '../app/sets.js';
import { setView, shownRun, stampOf, state } from '../app/state.js';
import { alertBoxes } from '../parts/alerts.js';
import { icon } from '../parts/icons.js';
import { isPlane } from '../parts/point_plane.js';
import { isRegression } from '../model/score.js';
import { keptOffer } from '../train/resume.js';
import { canTravel } from '../train/snapshots.js';
import { threadsField } from '../train/threads_field.js';
import { boundaryFigure } from './boundary.js';
import { curves } from './curves.js';
import { predictions } from './guesses.js';
import { headline } from './headline.js';
import { insidePanel } from './inside.js';
import { judgedSection } from './judged.js';
import { seeLive } from './live.js';
import { confusionPanel, mistakesPanel } from './matrix.js';
import { errorsPanel, predictedFigure } from './regression.js';
import { travelBar } from './travel.js';
import { tryPanel } from './try.js';

export { readingSection } from './reading.js';
export { whyBox } from './why.js';

/**
 * What rooms that stand later put into this column: the box of a lesson, what stands in the place of a run's results while runs are compared,
 * and the panels of the list of runs and of the sweep.
 * @typedef {{ lessonBox: () => unknown, comparisonSection: (comparison: any) => unknown, runsPanel: () => unknown,
 *   sweepPanel: () => unknown }} Later
 */

/** What the panels read of a run: as it was last looked at, and for the network that is tried, as it stands. */
const seenOf = (run) => [run.evaluation, run.inside?.activations, state.view.tab === 'try' && stampOf(run)];

/** What to try after a finished run. */
function whatNext(run) {
  if (run.status !== 'ended') return nothing;
  if (setName(run.experiment.dataset) === 'own')
    return html`<div class="next">
      <h3>${t('next.title')}</h3>
      <button class="button" data-testid="see-live" @click=${seeLive}>${icon('camera')}${t('try.live')}</button>
    </div>`;
  if (run.experiment.dataset !== 'digits') return nothing;
  const offered = { 'next-rate': 'learning-rate', 'next-few': 'fewer-pictures', 'next-norm': 'batch-normalization' };
  return html`<div class="next">
    <h3>${t('next.title')}</h3>
    ${Object.entries(offered).map(
      ([id, technique]) =>
        html`<button class="button" data-testid=${id} @click=${() => tell('compare', technique)}>
          ${t(id.replace('-', '.'))}
        </button>`,
    )}
  </div>`;
}

/** The tabs and the panel that is open. `drawing`: changes where more than the run itself may have changed. */
function tabs(run, drawing, { runsPanel, sweepPanel }) {
  const panels = {
    ...(isRegression(run) ? { errors: errorsPanel } : { confusion: confusionPanel, mistakes: mistakesPanel }),
    inside: insidePanel,
    try: tryPanel,
    runs: runsPanel,
    sweep: sweepPanel,
  };
  const names = Object.keys(panels);
  const tab = names.includes(state.view.tab) ? state.view.tab : names[0];
  const counts = { mistakes: shownRun(run).mistakes?.length, runs: state.runs.length };
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const to = names[(names.indexOf(tab) + by + names.length) % names.length];
    setView({ tab: to });
    document.getElementById(`tab-${to}`).focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t('tab.list')} @keydown=${move}>
      ${names.map(
        (name) =>
          html`<button
            role="tab"
            id="tab-${name}"
            data-testid="tab-${name}"
            aria-selected=${tab === name ? 'true' : 'false'}
            aria-controls="panel"
            tabindex=${tab === name ? 0 : -1}
            @click=${() => setView({ tab: name })}
          >
            ${t(`tab.${name}`)}${counts[name] ? html`<span class="count">${counts[name]}</span>` : nothing}
          </button>`,
      )}
    </div>
    <div id="panel" role="tabpanel" aria-labelledby="tab-${tab}">
      ${guard([drawing, ...seenOf(shownRun(run))], () => (state.data && run.start ? panels[tab](shownRun(run)) : nothing))}
    </div>`;
}

/** The results of the run on the page, above the tabs. */
function ofRun(run, drawing) {
  const shown = shownRun(run);
  if (state.blocked) return headline(run, shown);
  const { tab } = state.view;
  if (tab === 'sweep' && state.page.lesson) return headline(run, shown); // the lesson is about the runs below
  const needsRoom = ['inside', 'sweep'].includes(tab);
  return [
    headline(run, shown),
    judgedSection(run),
    curves(run),
    guard([drawing, run.evaluation, canTravel(run)], () => travelBar(run)),
    needsRoom ? nothing : whatNext(run),
    needsRoom
      ? nothing
      : isPlane(state.data?.shape ?? [0, 0, 0])
        ? boundaryFigure(shown)
        : isRegression(run)
          ? guard([drawing, shown.evaluation], () => predictedFigure(shown))
          : guard([drawing, shown.guesses], () => predictions(shown)),
  ];
}

/** What the engine is, at the foot. */
function engineLine(run) {
  if (!run.start) return nothing;
  return html`<div class="engine small dim">
    ${threadsField(run)}
    ${run.end ? html`<span data-testid="run-hash" data-value=${run.end.weightsSha256}>${t('engine.hash', { hash: run.end.weightsSha256.slice(0, 16) })}</span>` : nothing}
    <button class="link" @click=${() => setView({ menu: 'keys' })}>${t('keys.show')}</button>
  </div>`;
}

/** The column. @param {import('../app/state.js').Run} run @param {number} drawing @param {Later} later */
export function resultsColumn(run, drawing, later) {
  const { comparison } = state;
  return html`<div class="alerts">${alertBoxes()}${keptOffer()} ${later.lessonBox()}</div>
    ${comparison ? later.comparisonSection(comparison) : ofRun(run, drawing)}
    ${state.blocked ? nothing : tabs(run, drawing, later)} ${engineLine(run)} ${alertBoxes({ quietOnes: true })}`;
}
