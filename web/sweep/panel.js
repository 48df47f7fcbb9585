/** The sweep's panel: what is varied, how many runs and how long, the bar, and the answer: sentences, plot, table, the test part. */
import { html, nothing } from 'lit';
import { sweepTable } from 'trainground';
import { count, percent, t } from '../app/language.js';
import { tell } from '../app/events.js';
import { setView, state } from '../app/state.js';
import { canVary } from '../app/varied.js';
import { download } from '../parts/download.js';
import { choice, titledToggle } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { controls } from './controls.js';
import { nameOf, numbersOf, sentences, titleOf } from './answer.js';
import { coordinatesFigure } from './coordinates.js';
import { dotsFigure, mapFigure } from './figure.js';
import { mark, marked, plan, vary, wanted } from './marks.js';
import { forget, gather, look, pause, seenOf, start } from './sweep_runs.js';

const kTestSplit = 0.2;

/** About so long, in words. @param {number} seconds */
function inTime(seconds) {
  if (seconds < 90) return t('sweep.seconds', { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return t('sweep.minutes', { n: Math.round(seconds / 60) });
  return t('sweep.hours', { n: Math.round(seconds / 3600) });
}

/** Values of a control: numbers as text, names to tick. */
function valuesField(name, values) {
  const { choices } = controls[name];
  const words = titleOf(name);
  const typed = ({ target }) => {
    const numbers = target.value
      .split(/[;\s]+|,(?=\s)|,(?!\d)/)
      .map((text) => text.trim().replace(',', '.'))
      .filter(Boolean)
      .map(Number);
    if (numbers.length && numbers.every(Number.isFinite)) vary(name, [...new Set(numbers)]);
    else target.value = values.join(', ');
  };
  const ticked = (value, isOn) =>
    vary(
      name,
      choices.map(([each]) => each).filter((each) => (each === value ? isOn : values.includes(each))),
    );
  return html`<div class="sweep-values" role="group" aria-label=${words}>
    <span class="what">${words}</span>
    ${
      choices
        ? html`<span class="row choices"
            >${choices.map(
              ([value, key]) =>
                html`<label class="row"
                  ><input
                    type="checkbox"
                    .checked=${values.includes(value)}
                    @change=${({ target }) => ticked(value, target.checked)}
                  />${t(key)}</label
                >`,
            )}</span
          >`
        : html`<input
            class="box wide"
            data-testid="values-${name}"
            aria-label=${t('sweep.values', { name: words })}
            .value=${values.join(', ')}
            @change=${typed}
          />`
    }
    <button class="link" aria-label=${t('sweep.notVary', { name: words })} @click=${() => vary(name, undefined)}>
      ${icon('close')}
    </button>
  </div>`;
}

/** What is varied, and by how many seeds. */
function plannedFields() {
  const { vary: varied, seeds, halving = false, testSplit } = marked();
  const others = Object.keys(controls).filter((name) => !varied[name] && canVary(name, state.experiment));
  const number = ({ target }) => {
    const value = Math.round(Number(target.value));
    if (value >= 1 && value <= 1000) mark({ seeds: value });
    else target.value = seeds;
  };
  return html`<fieldset class="bare sweep-plan" ?disabled=${state.sweep.isRunning}>
    ${Object.entries(varied).map(([name, values]) => valuesField(name, values))}
    ${choice({
      name: 'sweep-add',
      label: t(Object.keys(varied).length ? 'sweep.addMore' : 'sweep.add'),
      value: '',
      options: [['', t('sweep.choose')], ...others.map((name) => [name, titleOf(name)])],
      set: (name) => name && tell('vary', name),
    })}
    <div class="field">
      <label for="sweep-seeds">${t('sweep.seeds')}</label>
      <input
        class="box"
        id="sweep-seeds"
        data-testid="sweep-seeds"
        inputmode="numeric"
        .value=${String(seeds)}
        @change=${number}
      />
    </div>
    ${titledToggle({ name: 'sweep-halving', label: t('sweep.halving'), on: halving, set: (on) => mark({ halving: on || undefined }), standard: false })}
    ${titledToggle({ name: 'sweep-test', label: t('sweep.testSplit', { share: percent(testSplit ?? kTestSplit, 0) }), on: testSplit !== undefined, set: (on) => mark({ testSplit: on ? kTestSplit : undefined }), standard: false })}
  </fieldset>`;
}

/** How many runs it is, and the button. */
function runsLine() {
  const { plan: planned, problem, seconds, isRunning, progress, told } = state.sweep;
  if (problem) return html`<p class="held" role="alert" data-testid="sweep-problem">${problem}</p>`;
  if (!planned) return nothing;
  const known = told ? told.plan.runs.length - told.missing.length : 0;
  const left = planned.runs.length - known;
  const sizes = { settings: count(planned.settings.length), seeds: count(planned.seeds), n: planned.runs.length };
  const time =
    seconds === null || left === 0 ? '' : t('sweep.about', { time: inTime((seconds * left) / planned.runs.length) });
  const share = progress?.share ?? known / planned.runs.length;
  return html`<div class="row sweep-size">
      <span data-testid="sweep-size" data-value=${planned.runs.length}>${t('sweep.size', sizes)}</span>
      <span class="muted" data-testid="sweep-time" data-value=${seconds ?? ''}>${isRunning ? nothing : time}</span>
    </div>
    ${
      isRunning
        ? html`<div class="row">
            <progress max="1" .value=${share} aria-label=${t('sweep.progress')}></progress>
            <span class="small" data-testid="sweep-done" data-value=${progress?.finished ?? 0}
              >${t('sweep.done', { done: count(progress?.finished ?? 0), n: progress?.runs ?? planned.runs.length })}
              ${progress?.secondsLeft > 0 ? t('sweep.left', { time: inTime(progress.secondsLeft) }) : nothing}</span
            >
            <button class="button small" data-testid="sweep-pause" @click=${pause}>${t('bar.pause')}</button>
          </div>`
        : html`<div class="row sweep-acts">
            ${
              left > 0
                ? html`<button
                    class="button go small"
                    data-testid="sweep-start"
                    ?disabled=${Boolean(state.blocked)}
                    @click=${start}
                  >
                    ${t(known ? 'sweep.goOn' : 'sweep.start', { n: left })}
                  </button>`
                : nothing
            }
            ${known ? html`<button class="link" data-testid="sweep-forget" @click=${forget}>${t('sweep.forget')}</button>` : nothing}
            <button class="link" data-testid="sweep-share" @click=${() => tell('share')}>${t('sweep.share')}</button>
            <button
              class="link"
              data-testid="sweep-file"
              @click=${() => download('sweep.json', [JSON.stringify(wanted().whole, null, 2)], 'application/json')}
            >
              ${t('sweep.file')}
            </button>
          </div>`
    }`;
}

function settingsTable(answer, made) {
  const { value } = numbersOf(answer);
  const range = (interval) =>
    interval ? t('sweep.range', { low: value(interval[0]), high: value(interval[1]) }) : '–';
  return html`<div class="toolong" tabindex="0" role="region" aria-label=${t('sweep.table')}>
    <table class="table sweep-table" data-testid="sweep-table">
      <thead>
        <tr>
          <th scope="col">${t('sweep.setting')}</th>
          <th scope="col">${t('sweep.mean')}</th>
          <th scope="col">${t('sweep.interval')}</th>
          <th scope="col">${t('sweep.seedsHead')}</th>
        </tr>
      </thead>
      <tbody>
        ${answer.settings.map(
          ({ setting, mean, interval, values, stoppedAfter, diverged }, index) =>
            html`<tr class=${index === answer.best ? 'best' : ''}>
              <td>
                ${nameOf(setting, made)}
                ${stoppedAfter ? html`<span class="small dim">${t('sweep.stopped', { epoch: stoppedAfter })}</span>` : nothing}
                ${diverged ? html`<span class="small held">${t('sweep.diverged', { n: diverged })}</span>` : nothing}
              </td>
              <td>${values.length ? value(mean) : '–'}</td>
              <td>${range(interval)}</td>
              <td>${values.length}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The test part, looked at by a click. */
function testPart(told, made) {
  if (told.plan.held === undefined || told.missing.length || told.answer.best === null) return nothing;
  const { tests, ofBest } = seenOf(told, made);
  const { value } = numbersOf(told.answer);
  const line = ({ setting, samples, mean, interval }) => {
    const values = { name: nameOf(setting, made), samples: count(samples), value: value(mean) };
    return html`<p data-testid="sweep-tested" data-value=${mean}>
      ${t('sweep.tested', values)}
      ${interval ? t('sweep.range', { low: value(interval[0]), high: value(interval[1]) }) : nothing}
    </p>`;
  };
  return html`${tests.map(line)}
  ${tests.length > 1 ? html`<p class="held" data-testid="sweep-looked">${t('sweep.looked', { n: tests.length })}</p>` : nothing}
  ${
    ofBest
      ? nothing
      : html`<button class="button small" data-testid="sweep-look" @click=${look}>
          ${t(tests.length ? 'sweep.lookAgain' : 'sweep.look')}
        </button>`
  }`;
}

function answerPart(told) {
  const made = wanted();
  const { answer } = told;
  if (!answer.settings.some(({ values }) => values.length)) return nothing;
  const file = (form, type) => async () => download(`sweep-results.${form}`, [await sweepTable(told, form)], type);
  return html`<div class="sweep-answer">
    ${sentences(answer, made).map((sentence, i) => html`<p class=${i ? 'muted' : 'say'} data-testid=${i ? nothing : 'sweep-sentence'}>${sentence}</p>`)}
    ${answer.comparisons.length > 1 ? html`<p class="small dim">${t('sweep.together', { n: answer.comparisons.length })}</p>` : nothing}
    ${dotsFigure(answer, made)} ${mapFigure(answer, made)} ${coordinatesFigure(answer, made)}
    ${settingsTable(answer, made)} ${state.sweep.isRunning ? nothing : testPart(told, made)}
    <p class="small dim">${t('sweep.means')}</p>
    <div class="row">
      <button class="link" data-testid="sweep-csv" @click=${file('csv', 'text/csv')}>${t('sweep.csv')}</button>
      <button class="link" data-testid="sweep-json" @click=${file('json', 'application/json')}>
        ${t('sweep.json')}
      </button>
    </div>
  </div>`;
}

/** Plans anew where the settings on the page are others than those that were planned. */
function follow() {
  const { isRunning, of } = state.sweep;
  if (isRunning || of === JSON.stringify(wanted().whole)) return;
  state.sweep = { ...state.sweep, of: JSON.stringify(wanted().whole) };
  plan().then(gather);
}

/** The panel. */
export function sweepPanel() {
  queueMicrotask(follow);
  const { told } = state.sweep;
  return html`<div class="panel sweep" data-testid="sweep">
    <p class="muted">
      ${t('sweep.about.panel')}
      ${Object.keys(marked().vary).length ? nothing : html`<button class="link phone-only" @click=${() => setView({ part: 'tricks' })}>${t('sweep.toControls')}</button>`}
    </p>
    ${plannedFields()} ${runsLine()} ${told ? answerPart(told) : nothing}
  </div>`;
}
