/** Wires the rooms to the page: each section is drawn by its room's door, in the order in which the data flows. */
import { html, nothing, render } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { changedNow, onChange } from './app/drawing.js';
import { chooseLanguage, language, t } from './app/language.js';
import { readLink, writeLink } from './app/link.js';
import { workOffline } from './app/offline.js';
import { hasPictures, learnsNumber, setName } from './app/sets.js';
import { setView, shownRun, state } from './app/state.js';
import { applyTheme } from './app/theme.js';
import { hasSharedMemory } from './app/threads.js';
import { notice, offer } from './parts/alerts.js';
import { listenToKeys, shortcutList } from './parts/keys.js';
import { dataSection, receivePictures } from './data/data.js';
import { networkSection } from './model/model.js';
import { tricksSection } from './tricks/tricks.js';
import { barSection, beginRuns, isBusy, speech } from './train/train.js';
import { readingSection, resultsColumn, whyBox } from './results/results.js';
import { compareBox, comparisonSection, raceFields } from './compare/compare.js';
import { runsPanel } from './runs/runs.js';
import { sweepPanel } from './sweep/sweep.js';
import { doctorSection } from './doctor/doctor.js';
import { lessonBox, lessonMenu, openLesson } from './lessons/lessons.js';
import { cardsBox, openLinkedCard } from './cards/cards.js';
import { saveMenu, sharedBox } from './export/export.js';

/** How often the whole page was drawn. What changes with that alone is not built again for every step of a run. */
let drawings = 0;

const at = (id) => document.getElementById(id);

/** Which column a small screen shows. */
function parts() {
  const { part } = state.view;
  return ['data', 'model', 'tricks', 'results'].map(
    (name) =>
      html`<button
        role="tab"
        class=${['tricks', 'results'].includes(name) ? 'phone-only' : ''}
        aria-selected=${part === name || (part === 'results' && name === 'model' && innerWidth >= 700) ? 'true' : 'false'}
        @click=${() => setView({ part: name })}
      >
        ${t(`part.${name}`)}${name === 'model' ? html`<span class="wide-only">${t('part.andTricks')}</span>` : nothing}
      </button>`,
  );
}

/** What the page's own elements say of themselves. */
function drawFrame() {
  const { view } = state;
  language.pictures = hasPictures(state.experiment.dataset);
  language.numbers = learnsNumber(state.experiment);
  const root = document.documentElement;
  root.dataset.part = view.part;
  root.dataset.tab = view.tab;
  root.toggleAttribute('data-own', setName(state.experiment.dataset) === 'own');
  at('results').setAttribute('aria-busy', String(isBusy()));
  const names = { data: 'data.title', model: 'part.model', results: 'part.results', parts: 'part.list' };
  for (const [id, key] of Object.entries(names)) at(id).setAttribute('aria-label', t(key));
  at('skip').textContent = t('skip');
  at('speech').textContent = speech();
}

/** The network, the techniques, the doctor, and how to read the curves. */
function modelColumn(run) {
  const { level, lesson } = state.page;
  const below = () =>
    html`${tricksSection({ compareBox, raceFields })}
      <div ?hidden=${lesson ? lesson !== 'doctor' : level !== 'all'}>${doctorSection()}</div>
      ${readingSection()}`;
  return html`${networkSection(shownRun(run))}${guard([drawings, shownRun(run).evaluation], below)}`;
}

/** @param {boolean} isWhole  whether more than the run itself has changed */
function draw(isWhole) {
  if (isWhole) drawings++;
  const { run } = state;
  drawFrame();
  render(barSection(), at('bar'));
  if (isWhole) {
    render(parts(), at('parts'));
    render(dataSection(), at('data'));
  }
  if (!run) return;
  render(modelColumn(run), at('model'));
  render(resultsColumn(run, drawings, { lessonBox, comparisonSection, runsPanel, sweepPanel }), at('results'));
  render(html`${saveMenu()}${sharedBox()}${cardsBox()}${shortcutList()}${lessonMenu()}${whyBox()}`, at('menus'));
}

/** Goes where the skip link says; the address, which holds the settings, stays. */
function toResults(event) {
  event.preventDefault();
  setView({ part: 'results' });
  at('results').focus();
}

/**
 * One thread, where the host sends no headers for more: said, and a reload offered once the service worker sends them. And one where they are
 * sent, and the browser has no memory that threads could share.
 */
function tellOfThreads() {
  const isAlone = state.run?.start?.build === 'single' && !crossOriginIsolated;
  offer('not-isolated', ({ reload }) =>
    reload ? { id: 'use-threads', words: ['alert.useThreads'], act: () => location.reload() } : null,
  );
  if (isAlone) notice('not-isolated', {}, { quiet: true });
  if (crossOriginIsolated && !hasSharedMemory) notice('no-shared-memory', {}, { quiet: true });
  workOffline({ ready: () => isAlone && notice('not-isolated', { reload: true }, { quiet: true }) });
}

async function begin() {
  await chooseLanguage();
  applyTheme();
  for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)'])
    matchMedia(query).addEventListener('change', () => (applyTheme(), changedNow()));
  addEventListener('resize', () => changedNow());
  onChange(draw);
  for (const id of ['bar', 'parts', 'data', 'model', 'results']) at(id).replaceChildren();
  at('skip').addEventListener('click', toResults);
  const ask = new URLSearchParams(location.search);
  openLinkedCard();
  // Null: there is no engine that could check the settings, and the address keeps them for another browser.
  const opening = /[#&]e=/.test(location.hash) ? readLink().catch(() => null) : Promise.resolve([]);
  changedNow();
  const problems = await opening;
  receivePictures();
  if (problems?.length) notice('bad-link', { text: problems.map((one) => t('alert.problem', one)).join(' ') });
  openLesson();
  if (problems) writeLink();
  listenToKeys();
  // A click before the engine is ready is queued by the run that this makes.
  await beginRuns({ train: ask.get('run') === '1' });
  tellOfThreads();
}

begin();
