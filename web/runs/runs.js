/** The runs so far: what differs between them, their best numbers, their hash; and what can be done with each. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { tell } from '../app/events.js';
import { percent, short, t } from '../app/language.js';
import { setName } from '../app/sets.js';
import { setExperiment, setView, state } from '../app/state.js';
import { toggle } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { baseline, cannotShow, chooseBaseline, deleteRun, show } from '../train/run_list.js';
import { bestRow } from '../train/run.js';
import { openRun } from '../train/training.js';
import { runDifferences } from './differences.js';
import { cannotGoOn, goOn, howItGoesOn } from './go_on.js';
import { lineOf } from './line.js';
import { changesOf } from './settings.js';

/** Moves the focus after what had it has gone. */
const focus = (id) =>
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-testid="${CSS.escape(id)}"]`))?.focus();

/** What the panel has to say: a text's key and values; `undo` takes back what was done. */
function say(words, undo = null) {
  setView({ runNote: words && { words, undo } });
}

/** Takes over the settings of a run. Another data set is opened at once; else it is as if all controls had been moved. */
function load(run) {
  const experiment = JSON.parse(JSON.stringify(run.experiment));
  const isOther = JSON.stringify(experiment.dataset) !== JSON.stringify(state.experiment.dataset);
  if (isOther) tell('leave-comparison');
  setExperiment(experiment);
  setView({ runNote: { words: ['runs.loaded', { run: run.number }], undo: null }, ...(isOther && { cell: null }) });
  return isOther ? openRun() : tell('settings-changed');
}

function forget(run) {
  const putBack = deleteRun(run);
  say(['runs.deleted', { run: run.number }], () => {
    putBack();
    say(null);
    focus(`forget-${run.number}`);
  });
  focus('undo');
}

function note() {
  const { words, undo } = state.view.runNote ?? {};
  return html`<div class="row run-note" role="status" data-testid="run-note">
    ${words ? t(...words) : nothing}
    ${undo ? html`<button class="button small" data-testid="undo" @click=${undo}>${t('runs.undo')}</button>` : nothing}
  </div>`;
}

/**
 * A button that stays in reach where it cannot act, and then says why.
 * @param {{ id: string, words: string, label: string, why?: any, act: () => unknown, pressed?: boolean }} button
 */
function action({ id, words, label, why = null, act, pressed }) {
  return html`<button
    class=${pressed === undefined ? 'link' : nothing}
    data-testid=${id}
    aria-label=${why ? `${words}: ${t(...why)}` : label}
    title=${why ? t(...why) : label}
    aria-pressed=${pressed === undefined ? nothing : String(pressed)}
    aria-disabled=${why ? 'true' : nothing}
    @click=${() => (why ? say(why) : act())}
  >
    ${words}
  </button>`;
}

function actions(run) {
  const { number } = run;
  const isHere = run === state.run;
  const noCurve = cannotShow(run);
  const values = { run: number };
  return html`<div class="row run-acts">
    <span class="segment" role="group" aria-label=${t('runs.number', values)}>
      ${
        isHere
          ? nothing
          : action({
              id: `show-${number}`,
              words: t('runs.show'),
              label: t('runs.showRun', values),
              why: noCurve && [`runs.cannot.${noCurve}`, values],
              pressed: Boolean(run.slot) && !noCurve,
              act: () => (show(run, !run.slot), say(null)),
            })
      }
      ${action({
        id: `baseline-${number}`,
        words: t('runs.baseline'),
        label: t('runs.baselineRun', values),
        pressed: baseline() === run,
        act: () => (chooseBaseline(run), say(null)),
      })}
    </span>
    ${action({
      id: `load-${number}`,
      words: t('runs.load'),
      label: t('runs.loadRun', values),
      act: () => load(run),
    })}
    ${action({
      id: `go-on-${number}`,
      words: t('runs.goOn'),
      label: run.kept ? t(...howItGoesOn(run)) : '',
      why: cannotGoOn(run),
      act: () => {
        setView({ runNote: null });
        goOn(run);
        focus('train');
      },
    })}
    ${
      isHere
        ? nothing
        : html`<button
            class="link"
            data-testid="forget-${number}"
            aria-label=${t('runs.forget', values)}
            title=${t('runs.forget', values)}
            @click=${() => forget(run)}
          >
            ${icon('close')}
          </button>`
    }
  </div>`;
}

function table() {
  const heads = ['runs.accuracy', 'runs.loss', 'runs.epoch', 'runs.seconds', 'runs.hash'];
  return html`<div class="toolong" tabindex="0" role="region" aria-label=${t('tab.runs')}>
    <table class="table runs-table">
      <thead>
        <tr>
          <th scope="col">${t('runs.run')}</th>
          <th scope="col" class="left">${t('part.data')}</th>
          <th scope="col" class="left">${t('runs.differs')}</th>
          ${heads.map((head) => html`<th scope="col">${t(head)}</th>`)}
        </tr>
      </thead>
      ${repeat(
        [...state.runs].reverse(),
        (run) => run,
        (run) => {
          const best = bestRow(run);
          return html`<tbody data-run=${run.number}>
            <tr>
              <th scope="rowgroup">${run.number} ${lineOf(run)}</th>
              <td class="left">${t(`set.${setName(run.experiment.dataset)}`)}</td>
              <td class="left">${changesOf(run)}</td>
              <td>${percent(best.validationAccuracy)} %</td>
              <td>${short(best.validationLoss)}</td>
              <td>${run.bestEpoch}</td>
              <td>${run.seconds.toFixed(1)}</td>
              <td><code>${run.end?.weightsSha256?.slice(0, 8) ?? '–'}</code></td>
            </tr>
            <tr class="acts">
              <td colspan="8">${actions(run)}</td>
            </tr>
          </tbody>`;
        },
      )}
    </table>
  </div>`;
}

/** The panel. */
export function runsPanel() {
  const { view } = state;
  if (state.runs.length === 0)
    return html`<div class="panel" data-testid="runs">
      ${note()}
      <p class="muted">${t('runs.none')}</p>
    </div>`;
  return html`<div class="panel" data-testid="runs">
    <label class="row run-view"
      >${toggle({
        name: 'differences',
        label: t('runs.differences'),
        on: Boolean(view.differences),
        set: (on) => setView({ differences: on }),
      })}
      ${t('runs.differences')} <span class="small muted">${t('runs.drawn')}</span></label
    >
    ${note()} ${view.differences ? runDifferences() : table()}
  </div>`;
}
