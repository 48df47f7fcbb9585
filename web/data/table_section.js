/** The data column's part for an own table: which column is to be learned, as what, and what the others hold and are used for. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { count, setting, t } from '../app/language.js';
import { learnsNumber } from '../app/sets.js';
import { state } from '../app/state.js';
import { explained, explainer } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { stopReading } from './add_table.js';
import { startWith } from './choose.js';
import { canBeClasses, canBeNumber, columnOf, table, tableExperiment } from './own_table.js';

/** A column of whole numbers with more values than this is not offered as a category. */
const kMostCategories = 200;
/** Categories that are named. */
const kNamed = 4;

/** Starts anew with other columns, or another label. */
function startWithColumns(changes) {
  const { dataset } = state.experiment;
  const { label, leaveOut, categories, isClasses } = {
    label: dataset.label,
    leaveOut: dataset.leaveOut ?? [],
    categories: dataset.categories ?? [],
    isClasses: !learnsNumber(state.experiment),
    ...changes,
  };
  table.label = label;
  startWith(tableExperiment(label, { isClasses, leaveOut, categories }));
}

const without = (list, name) => list.filter((other) => other !== name);

/** What a column holds, in few words: a range, or its categories. */
function holdsOf({ type, least, greatest, categories, distinct }, isCategory) {
  if (type === 'number' && !isCategory) return t('columns.range', { from: setting(least), to: setting(greatest) });
  if (type === 'number') return t('columns.values', { n: distinct });
  const named = categories.slice(0, kNamed).join(', ');
  return distinct > kNamed ? t('columns.more', { named, n: distinct - kNamed }) : named;
}

/** What becomes of its missing cells. */
function missingOf({ missing }, isCategory) {
  if (missing === 0) return nothing;
  return html`<span class="held" data-testid="missing"
    >${t(isCategory ? 'columns.ownCategory' : 'columns.median', { n: missing })}</span
  >`;
}

function columnRow(column, { leaveOut = [], categories = [] }) {
  const { name, type, whole, distinct, strange, leftOut } = column;
  const asked = categories.includes(name);
  const isCategory = type === 'category' || asked;
  const isUsed = !leaveOut.includes(name) && (!leftOut || asked);
  const use = (event) =>
    startWithColumns({
      leaveOut: event.target.checked ? without(leaveOut, name) : [...leaveOut, name],
      // What is left out by itself is used as a category, once it is asked for.
      categories:
        event.target.checked && leftOut ? [...categories, name] : without(categories, event.target.checked ? '' : name),
    });
  const turn = (event) =>
    startWithColumns({
      categories: event.target.value === 'category' ? [...categories, name] : without(categories, name),
    });
  return html`<li class="table-column ${isUsed ? '' : 'unused'}" data-testid="column">
    <label class="row">
      <input type="checkbox" .checked=${live(isUsed)} @change=${use} data-testid="use-column" />
      <b>${name}</b><span class="space"></span>
      ${
        type === 'number' && whole && distinct <= kMostCategories
          ? html`<span class="pick plain"
              ><select
                aria-label=${t('columns.as', { name })}
                .value=${live(isCategory ? 'category' : 'number')}
                @change=${turn}
              >
                ${['number', 'category'].map((kind) => html`<option value=${kind} ?selected=${(kind === 'category') === isCategory}>${t(`columns.${kind}`)}</option>`)}</select
              >${icon('down')}</span
            >`
          : html`<span class="small dim">${t(`columns.${isCategory ? 'category' : 'number'}`)}</span>`
      }
    </label>
    <p class="small muted">${holdsOf(column, isCategory)} ${missingOf(column, isCategory)}</p>
    ${
      (strange && !isCategory && isUsed) || (leftOut && !isUsed)
        ? html`<p class="warning">
            ${icon('warning')}<span>${leftOut ? t('columns.leftOut') : t('columns.strange', { cell: strange })}</span>
          </p>`
        : nothing
    }
  </li>`;
}

/** Which column is the label, and whether it is one of some classes or a number. */
function labelFields() {
  const { dataset } = state.experiment;
  const { label } = dataset;
  const column = columnOf(label);
  const isClasses = !learnsNumber(state.experiment);
  const kinds = { classes: column && canBeClasses(column), number: column && canBeNumber(column) };
  return html`<label class="row section"
      ><span>${t('columns.label')}</span><span class="space"></span>
      <span class="pick plain"
        ><select
          data-testid="label-column"
          .value=${live(label)}
          @change=${(event) => startWithColumns({ label: event.target.value, isClasses: undefined })}
        >
          ${column ? nothing : html`<option value=${label} selected>${label}</option>`}
          ${table.holds.columns.map(({ name }) => html`<option value=${name} ?selected=${name === label}>${name}</option>`)}</select
        >${icon('down')}</span
      >
    </label>
    <div class="row section">
      <span>${t('columns.learnedAs')}</span>${explainer('columns-task', t('columns.learnedAs'))}<span
        class="space"
      ></span>
      <span class="segment" role="group" aria-label=${t('columns.learnedAs')}>
        ${Object.entries(kinds).map(
          ([kind, can]) =>
            html`<button
              data-testid="task-${kind}"
              aria-pressed=${isClasses === (kind === 'classes') ? 'true' : 'false'}
              ?disabled=${!can}
              @click=${() => startWithColumns({ isClasses: kind === 'classes' })}
            >
              ${t(`columns.task.${kind}`)}
            </button>`,
        )}
      </span>
    </div>
    ${explained('columns-task')}`;
}

/** How far the reading of a table is. */
export function tableProgress() {
  if (table.share === null) return nothing;
  return html`<div class="note" role="status" data-testid="table-reading">
    <div class="row">
      <label for="table-share">${t('columns.reading')}</label><span class="space"></span>
      <button class="link" data-testid="stop-reading" @click=${stopReading}>${t('columns.stop')}</button>
    </div>
    <progress id="table-share" max="1" .value=${table.share}></progress>
  </div>`;
}

/** The part of the data column. */
export function tableSection() {
  if (!table.holds) return nothing;
  const { rows, columns, separator, decimal } = table.holds;
  const { dataset } = state.experiment;
  const others = columns.filter(({ name }) => name !== dataset.label);
  const sign = { ',': 'comma', ';': 'semicolon', '\t': 'tab' }[separator];
  return html`<p class="section"><b>${table.name}</b></p>
    <p class="small muted" data-testid="table-holds" data-rows=${rows}>
      ${t('columns.holds', { n: rows, columns: count(columns.length) })} ${t(`columns.dialect.${sign}`)}
      ${decimal === ',' ? t('columns.dialect.decimal') : ''}
    </p>
    ${labelFields()}
    <h3 class="section">${t('columns.title')}</h3>
    <ul class="table-columns" tabindex="0" role="list" aria-label=${t('columns.title')}>
      ${others.map((column) => columnRow(column, dataset))}
    </ul>`;
}
