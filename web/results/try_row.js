/** Trying a network that has learned from a table: a row is typed and answered at once, or all rows of a file, which comes back with answers. */
import { html, nothing } from 'lit';
import { changed, changedNow } from '../app/drawing.js';
import { figure, percent, setting, t } from '../app/language.js';
import { stampOf, state } from '../app/state.js';
import { failed, notice } from '../parts/alerts.js';
import { download } from '../parts/download.js';
import { fileButton } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { newest } from '../parts/newest.js';
import { columnOf } from '../data/own_table.js';
import { topThree } from '../model/answers.js';
import { isRegression } from '../model/score.js';
import { bars } from './guesses.js';

/** What is typed, by column; what the network says of it: of one set and of the weights that `stamp` names. */
let tried = { key: null, row: {}, answer: null, stamp: null, run: null };
/** The file that is being answered: the share that is done, and what gives it up; null: none is. */
let answeringFile = null;

const answering = newest(async (_, signal) => {
  const { run, row } = tried;
  try {
    const { probabilities, rejected } = await run.trainer.predictRows([row]);
    if (signal.aborted) return;
    tried.answer = rejected.length ? { rejected: rejected[0] } : { probabilities };
  } catch (error) {
    // A run that another one has replaced cannot answer any more.
    if (!signal.aborted && run === tried.run) failed(error);
  }
  changed();
});

/** Starts with the medians and the first categories; asks again once an epoch has passed. */
function begin(run) {
  const { data } = state;
  const { columns } = run.start.preparation;
  const key = `${data.key} ${run.start.shape}`;
  const isNew = tried.key !== key;
  if (isNew) {
    const start = ({ name, type, median, categories }) => [name, type === 'number' ? median : categories[0]];
    tried = { key, row: Object.fromEntries(columns.map(start)), answer: null, stamp: null, run };
  }
  const stamp = stampOf(run);
  const isStale = tried.stamp !== stamp;
  Object.assign(tried, { run, stamp });
  if (isNew || isStale) answering.ask();
}

function set(name, value) {
  tried.row = { ...tried.row, [name]: value };
  answering.ask();
  changedNow();
}

/** One column's field. Empty: missing. */
function field({ name, type, categories }) {
  const value = tried.row[name];
  const about = columnOf(name);
  const range =
    about && about.least !== null
      ? t('columns.range', { from: setting(about.least), to: setting(about.greatest) })
      : '';
  return html`<label class="row cell">
    <span>${name}</span><span class="space"></span>
    ${
      type === 'number'
        ? html`<input
            class="box"
            type="number"
            step="any"
            title=${range}
            placeholder=${t('tryRow.missing')}
            data-testid="cell"
            .value=${value === null ? '' : String(Number(value.toPrecision(6)))}
            @input=${({ target }) => target.validity.badInput || set(name, target.value === '' ? null : Number(target.value))}
          />`
        : html`<span class="pick plain"
            ><select data-testid="cell" @change=${({ target }) => set(name, target.value === '' ? null : target.value)}>
              ${categories.map((category) => html`<option value=${category} ?selected=${category === value}>${category}</option>`)}
              <option value="" ?selected=${value === null}>${t('tryRow.missing')}</option></select
            >${icon('down')}</span
          >`
    }
  </label>`;
}

function answer(run) {
  const { label } = run.start.preparation;
  if (!tried.answer) return nothing;
  const { rejected, probabilities } = tried.answer;
  if (rejected) return html`<p class="warning" role="status">${t('tryRow.rejected', rejected)}</p>`;
  if (isRegression(run)) {
    const mae = run.evaluation?.regression?.mae[0];
    return html`<div data-testid="row-answer" data-value=${probabilities[0]} role="status">
      <p class="muted">${label}</p>
      <p class="big-answer">${setting(probabilities[0])}</p>
      ${mae === undefined ? nothing : html`<p class="small muted">${t('tryRow.off', { mae: figure(mae) })}</p>`}
    </div>`;
  }
  const names = state.data.classNames;
  const top = topThree(probabilities, 0, run.start.outputs);
  const said = t('try.says', { name: names[top[0].k], share: percent(top[0].p, 0) });
  return html`<div
    class="guess"
    data-testid="row-answer"
    data-value=${names[top[0].k]}
    role="status"
    aria-label=${said}
  >
    <p class="muted">${label}</p>
    ${bars(top, null, names)}
  </div>`;
}

/** Answers a file, and gives it back with a column for what is said. */
async function answerFile(run, file) {
  answeringFile?.stopping.abort();
  const stopping = new AbortController();
  const mine = (answeringFile = { share: 0, stopping });
  changedNow();
  try {
    const onProgress = (share) => {
      mine.share = share;
      changed();
    };
    const { table, accepted, rejectedCount, rejected, unknown } = await run.trainer.predictRows(file, {
      table: true,
      signal: stopping.signal,
      onProgress,
    });
    const name = file.name.replace(/(\.\w+)?$/, '-predicted$1');
    download(name, [table], 'text/csv');
    const strangers = Object.keys(unknown).join(', ');
    notice('answered-file', { name, n: accepted.length }, { quiet: true });
    if (rejectedCount) notice('rejected-rows', { n: rejectedCount, ...rejected[0], row: rejected[0].row + 1 });
    if (strangers) notice('unknown-categories', { columns: strangers }, { quiet: true });
  } catch (error) {
    if (!stopping.signal.aborted) failed(error);
  } finally {
    if (answeringFile === mine) answeringFile = null;
    changedNow();
  }
}

function filePart(run) {
  return html`<div class="row section">
      ${fileButton({
        words: t('tryRow.file'),
        id: 'rows-file',
        accept: '.csv,.tsv,text/csv',
        take: ([file]) => answerFile(run, file),
      })}
      <span class="small muted">${t('tryRow.fileHow')}</span>
    </div>
    ${
      answeringFile
        ? html`<div class="row" role="status">
            <progress max="1" aria-label=${t('tryRow.file')} .value=${answeringFile.share}></progress>
            <button class="link" @click=${() => answeringFile?.stopping.abort()}>${t('columns.stop')}</button>
          </div>`
        : nothing
    }`;
}

/** The panel. */
export function rowPanel(run) {
  begin(run);
  return html`<div class="panel try" data-testid="try">
    <div class="cells">
      ${run.start.preparation.columns.map(field)}
      <p class="small muted">${t('tryRow.how')}</p>
      ${filePart(run)}
    </div>
    <div class="answer-part">${answer(run)}</div>
  </div>`;
}
