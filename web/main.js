/** Wires the sections to the state, nothing else. */
import { html, nothing, render } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { alertBoxes, notice } from './alerts.js';
import { applyTheme, barSection } from './bar.js';
import { compare, comparedPictures, comparisonRow, verdictLine } from './compare.js';
import { comparisonCurves } from './compare_curves.js';
import { curves } from './curves.js';
import { dataSection } from './data.js';
import { doctorSection, findRate } from './doctor.js';
import { saveMenu, saveProject } from './export.js';
import { boundaryFigure, isPlane } from './boundary.js';
import { insidePanel } from './inside.js';
import { listenToKeys, shortcutList } from './keys.js';
import { chooseLanguage, language, t } from './language.js';
import { confusionPanel, mistakesPanel } from './matrix.js';
import { cardOf, lessonBox, lessonMenu, lessons } from './lessons.js';
import { networkSection } from './model.js';
import { workOffline } from './offline.js';
import { isOwn, listenToPaste, needsPictures, ownExperiment } from './own.js';
import { stampOf } from './look.js';
import { raceSection } from './race_figure.js';
import { findKept, keptOffer } from './resume.js';
import { runsPanel } from './runs.js';
import { listenToCursors, speech } from './speech.js';
import {
  changedNow,
  datasetOf,
  defaultExperiment,
  hasPictures,
  leaveComparison,
  onChange,
  readLink,
  setExperiment,
  state,
  writeLink,
} from './state.js';
import { threadsField } from './threads.js';
import { isStopping, open, settingChanged, trainOrPause } from './train.js';
import { canTravel, shownRun, travelBar } from './travel.js';
import { readingSection, tricksSection } from './tricks.js';
import { tryPanel } from './try.js';
import { headline, predictions } from './watch.js';
import { whyBox } from './why.js';

/** Starts with another data set: its own default experiment, the same seed. */
function startWith(experiment) {
  const { seed } = state.experiment;
  state.experiment = { ...experiment, seed };
  Object.assign(state.view, { cell: null, menu: null });
  leaveComparison();
  state.data = null;
  writeLink();
  return open();
}

const chooseSet = (name) => startWith(name === 'own' ? ownExperiment() : defaultExperiment(datasetOf(name)));

/** Own pictures have come or gone: as many outputs as classes, and steps enough for so few pictures. */
function reopenOwn(options) {
  if (!isOwn()) return startWith(ownExperiment());
  const { layers, epochs, dataset } = ownExperiment();
  const head = layers.at(-1);
  setExperiment({ dataset, epochs, layers: [...state.experiment.layers.slice(0, -1), head] });
  state.data = null;
  return open(options);
}

/** What to try after a finished run. */
function whatNext(run) {
  if (run.status !== 'ended' || run.experiment.dataset !== 'digits') return nothing;
  return html`<div class="next">
    <h3>${t('next.title')}</h3>
    <button class="button" data-testid="next-rate" @click=${() => compare('learning-rate')}>${t('next.rate')}</button>
    <button class="button" data-testid="next-few" @click=${() => compare('fewer-pictures')}>${t('next.few')}</button>
    <button class="button" data-testid="next-norm" @click=${() => compare('batch-normalization')}>
      ${t('next.norm')}
    </button>
  </div>`;
}

const panels = {
  confusion: confusionPanel,
  mistakes: (run) => mistakesPanel(run, { reopen: reopenOwn }),
  inside: insidePanel,
  try: tryPanel,
  runs: () => runsPanel({ settingChanged }),
};

/** How often the whole page was drawn. What changes with that alone is not built again for every step of a run. */
let drawings = 0;

/** What the panels read of a run: as it was last looked at, and for the network that is tried, as it stands. */
const seenOf = (run) => [run.evaluation, run.inside?.activations, state.view.tab === 'try' && stampOf(run)];

function tabs(run) {
  const counts = { mistakes: shownRun(run).mistakes?.length, runs: state.runs.length };
  const names = Object.keys(panels);
  const choose = (name) => {
    state.view.tab = name;
    changedNow();
  };
  const move = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const to = names[(names.indexOf(state.view.tab) + by + names.length) % names.length];
    choose(to);
    document.getElementById(`tab-${to}`).focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${t('tab.list')} @keydown=${move}>
      ${names.map(
        (name) =>
          html`<button
            role="tab"
            id="tab-${name}"
            data-testid="tab-${name}"
            aria-selected=${state.view.tab === name ? 'true' : 'false'}
            aria-controls="panel"
            tabindex=${state.view.tab === name ? 0 : -1}
            @click=${() => choose(name)}
          >
            ${t(`tab.${name}`)}${counts[name] ? html`<span class="count">${counts[name]}</span>` : nothing}
          </button>`,
      )}
    </div>
    <div id="panel" role="tabpanel" aria-labelledby="tab-${state.view.tab}">
      ${guard([drawings, ...seenOf(shownRun(run))], () => (state.data && run.start ? panels[state.view.tab](shownRun(run)) : nothing))}
    </div>`;
}

function results(run) {
  const { comparison } = state;
  return html`<div class="alerts">
      ${alertBoxes({ retry: () => open({ train: true }), open: () => open(), save: saveProject, findRate })}${keptOffer()}
      ${lessonBox()}
    </div>
    ${
      comparison?.race
        ? raceSection(comparison)
        : comparison
          ? [
              verdictLine(comparison),
              comparisonCurves(comparison),
              comparisonRow(comparison),
              comparedPictures(comparison),
            ]
          : [
              headline(run, shownRun(run)),
              state.blocked
                ? nothing
                : [curves(run), guard([drawings, run.evaluation, canTravel(run)], () => travelBar(run))],
              state.view.tab === 'inside' ? nothing : whatNext(run),
              state.view.tab === 'inside' || state.blocked
                ? nothing
                : isPlane(state.data?.shape ?? [0, 0, 0])
                  ? boundaryFigure(shownRun(run))
                  : guard([drawings, shownRun(run).guesses], () => predictions(shownRun(run))),
            ]
    }
    ${state.blocked ? nothing : tabs(run)}
    ${
      run.start
        ? html`<div class="engine small dim">
            ${threadsField(run, { settingChanged })}
            ${run.end ? html`<span data-testid="run-hash" data-value=${run.end.weightsSha256}>${t('engine.hash', { hash: run.end.weightsSha256.slice(0, 16) })}</span>` : nothing}
            <button class="link" @click=${() => ((state.view.menu = 'keys'), changedNow())}>${t('keys.show')}</button>
          </div>`
        : nothing
    }
    ${alertBoxes({ quietOnes: true })}`;
}

function parts() {
  const part = state.view.part;
  return ['data', 'model', 'tricks', 'results'].map(
    (name) =>
      html`<button
        role="tab"
        class=${['tricks', 'results'].includes(name) ? 'phone-only' : ''}
        aria-selected=${part === name || (part === 'results' && name === 'model' && innerWidth >= 700) ? 'true' : 'false'}
        @click=${() => ((state.view.part = name), changedNow())}
      >
        ${t(`part.${name}`)}${name === 'model' ? html`<span class="wide-only">${t('part.andTricks')}</span>` : nothing}
      </button>`,
  );
}

const at = (id) => document.getElementById(id);

function draw(isWhole) {
  if (isWhole) drawings++;
  const { run } = state;
  language.pictures = hasPictures(state.experiment.dataset);
  const root = document.documentElement;
  root.dataset.part = state.view.part;
  root.dataset.tab = state.view.tab;
  at('results').setAttribute(
    'aria-busy',
    String(state.settling || run?.status === 'opening' || isStopping(run) || Boolean(run?.isClosing)),
  );
  for (const [id, key] of [
    ['data', 'data.title'],
    ['model', 'part.model'],
    ['results', 'part.results'],
    ['parts', 'part.list'],
  ])
    at(id).setAttribute('aria-label', t(key));
  at('skip').textContent = t('skip');
  render(
    barSection({
      chooseSet,
      save: () => ((state.view.menu = state.view.menu === 'save' ? null : 'save'), changedNow()),
    }),
    at('bar'),
  );
  document.documentElement.toggleAttribute('data-own', isOwn());
  if (isWhole) {
    render(parts(), at('parts'));
    render(dataSection({ settingChanged, reopen: reopenOwn }), at('data'));
  }
  if (!run) return;
  render(
    html`${networkSection(shownRun(run), { settingChanged })}${guard(
      [drawings, shownRun(run).evaluation],
      () =>
        html`${tricksSection({ settingChanged })}
          <div ?hidden=${state.page.lesson ? state.page.lesson !== 'doctor' : state.page.level !== 'all'}>
            ${doctorSection({ settingChanged, apply: setExperiment })}
          </div>
          ${readingSection()}`,
    )}`,
    at('model'),
  );
  render(results(run), at('results'));
  render(html`${saveMenu()}${shortcutList()}${lessonMenu(open)}${whyBox()}`, at('menus'));
  at('speech').textContent = speech();
}

/** Goes where the skip link says; the address, which holds the settings, stays. */
function toResults(event) {
  event.preventDefault();
  state.view.part = 'results';
  changedNow();
  at('results').focus();
}

async function begin() {
  chooseLanguage();
  applyTheme();
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
    matchMedia(query).addEventListener('change', () => (applyTheme(), changedNow()));
  addEventListener('resize', () => changedNow());
  onChange(draw);
  for (const id of ['bar', 'parts', 'data', 'model', 'results']) at(id).replaceChildren();
  at('skip').addEventListener('click', toResults);
  // A click before the engine is ready is queued by the run that `open` makes.
  const ask = new URLSearchParams(location.search);
  // Null: there is no engine that could check the settings, and the address keeps them for another browser.
  const opening = location.hash.includes('e=') ? readLink().catch(() => null) : Promise.resolve([]);
  changedNow();
  const problems = await opening;
  if (needsPictures()) notice('needs-pictures', { n: state.experiment.layers.at(-1).units });
  if (problems?.length) notice('bad-link', { text: problems.map((one) => t('alert.problem', one)).join(' ') });
  if (state.page.lesson && !lessons.includes(state.page.lesson)) state.page.lesson = null;
  if (state.page.lesson) state.view.card = cardOf(state.page.lesson);
  if (problems) writeLink();
  findKept();
  await open({ train: ask.get('run') === '1' });
  const alone = state.run?.start?.build === 'single' && !crossOriginIsolated;
  if (alone) notice('not-isolated', {}, { quiet: true });
  workOffline({ ready: () => alone && notice('not-isolated', { reload: true }, { quiet: true }) });
  listenToPaste(reopenOwn);
  listenToCursors();
  listenToKeys({ compare: () => compare(state.view.card ?? 'learning-rate'), trainOrPause });
}

begin();
