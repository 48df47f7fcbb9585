/** Many cards as a table: who reached what, and what came of checking it. */
import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { changedNow } from '../app/drawing.js';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { download } from '../parts/download.js';
import { check, forget, kMostCards, stop } from './checking.js';
import { csvOf, dataOf, nameOf, networkOf, notesOf, reached, settingsOf, stateOf } from './words.js';

/** @typedef {import('./checking.js').Row} Row */

/** Those that need a look come first. */
const order = [
  'unreadable',
  'failed',
  'different',
  'otherData',
  'noData',
  'notRepeatable',
  'checking',
  'waiting',
  'equal',
];

/** Of an accuracy more is better, of a loss less: both the better the larger. */
const worth = (result) => (result ? (result.validationAccuracy ?? -(result.validationLoss ?? Infinity)) : -Infinity);

/** By what a column is put in order. @type {Record<string, (row: Row) => any>} */
const columns = {
  name: nameOf,
  data: ({ card }) => (card ? `${dataOf(card.experiment.dataset)} ${networkOf(card.experiment)}` : ''),
  claimed: ({ card }) => worth(card?.result),
  checked: ({ check: made }) => worth(made?.result),
  state: (row) => order.indexOf(stateOf(row)),
};

const { compare } = new Intl.Collator(undefined, { numeric: true });

function inOrder(list) {
  const { by, isDown } = state.cards.sort;
  const value = columns[by];
  const between = (a, b) => (typeof a === 'number' ? a - b || 0 : compare(a, b));
  return [...list].sort((a, b) => (isDown ? -1 : 1) * between(value(a), value(b)) || a.id - b.id);
}

/** Other cards with the same weights, by their names; of the same name by their files. @param {Row} row */
export const twinsOf = (row) =>
  state.cards.list
    .filter(({ id, card }) => row.card && id !== row.id && card?.result.weightsSha256 === row.card.result.weightsSha256)
    .map((one) => (nameOf(one) === nameOf(row) ? one.file : nameOf(one)));

const look = { equal: 'fine', different: 'warns', unreadable: 'warns', failed: 'warns', otherData: 'warns' };

/** What became of a card: in words, with a colour beside them. @param {Row} row */
export function stateBadge(row) {
  const now = stateOf(row);
  return now === 'checking'
    ? html`<progress max="1" .value=${row.share} aria-label=${t('cards.state.checking')}></progress>`
    : html`<span class="badge ${look[now] ?? ''}">${t(`cards.state.${now}`)}</span>`;
}

/** A small screen shows a row as a block, which would be no row any more: the roles say that it is. @param {Row} row */
function rowOf(row) {
  const { file, card } = row;
  const number = (by, result) => html`<td role="cell" data-label=${t(`cards.column.${by}`)}>${reached(result)}</td>`;
  return html`<tr role="row" data-testid="card-row" data-file=${file} data-value=${stateOf(row)}>
    <th scope="row" role="rowheader" class="left" title=${file}>${nameOf(row)}</th>
    ${
      card
        ? html`<td role="cell" class="left trained">
              <b>${dataOf(card.experiment.dataset)}</b>
              <span class="small dim">${networkOf(card.experiment)}; ${settingsOf(card.experiment)}</span>
            </td>
            ${number('claimed', card.result)} ${number('checked', row.check?.result)}`
        : html`<td role="cell" colspan="3"></td>`
    }
    <td role="cell" class="left state">
      ${stateBadge(row)}${notesOf(row, twinsOf(row)).map((note) => html`<span class="small muted">${note}</span>`)}
    </td>
  </tr>`;
}

function head(by) {
  const { sort } = state.cards;
  const isBy = sort.by === by;
  const put = () => {
    state.cards = { ...state.cards, sort: { by, isDown: isBy ? !sort.isDown : ['claimed', 'checked'].includes(by) } };
    changedNow();
  };
  return html`<th
    scope="col"
    role="columnheader"
    class=${['claimed', 'checked'].includes(by) ? '' : 'left'}
    aria-sort=${isBy ? (sort.isDown ? 'descending' : 'ascending') : nothing}
  >
    <button class="link" data-testid="sort-${by}" @click=${put}>
      ${t(`cards.column.${by}`)}<span aria-hidden="true">${isBy ? (sort.isDown ? ' ↓' : ' ↑') : ''}</span>
    </button>
  </th>`;
}

/** How far it is, in one sentence that is read out as it changes. */
function summary() {
  const { list } = state.cards;
  const states = list.map(stateOf);
  const number = (wanted) => states.filter((one) => one === wanted).length;
  const done = list.length - number('waiting') - number('checking');
  return t('cards.summary', { n: list.length, done, equal: number('equal'), different: number('different') });
}

/** The table, and what can be done with it. */
export function cardsTable() {
  const { list, isRunning, tooMany } = state.cards;
  const isLeft = list.some((row) => stateOf(row) === 'waiting');
  return html`<div class="row cards-acts">
      <span role="status" data-testid="cards-summary">${summary()}</span>
      <span class="space"></span>
      ${
        isRunning
          ? html`<button class="button small" data-testid="cards-stop" @click=${stop}>${t('cards.stop')}</button>`
          : isLeft
            ? html`<button class="button small" data-testid="cards-go-on" @click=${check}>${t('cards.goOn')}</button>`
            : nothing
      }
      <button
        class="button small"
        data-testid="cards-csv"
        @click=${() => download('cards.csv', [csvOf(inOrder(list), twinsOf)], 'text/csv')}
      >
        ${t('cards.csv')}
      </button>
      <button class="button small" data-testid="cards-forget" @click=${() => (forget(), changedNow())}>
        ${t('cards.forget')}
      </button>
    </div>
    ${tooMany ? html`<p class="held" role="alert">${t('cards.tooMany', { n: tooMany, most: kMostCards })}</p>` : nothing}
    <div class="toolong" tabindex="0" role="region" aria-label=${t('cards.title')}>
      <table class="table cards-table" role="table" data-testid="cards-table">
        <thead role="rowgroup">
          <tr role="row">
            ${Object.keys(columns).map(head)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${repeat(inOrder(list), ({ id }) => id, rowOf)}
        </tbody>
      </table>
    </div>`;
}
