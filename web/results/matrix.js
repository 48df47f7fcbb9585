/** The confusion matrix with the pictures behind each cell, and the mistakes, the surest first. */
import { html, nothing } from 'lit';
import { percent, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { leaveOutButton, wrongLabel } from '../data/left_out.js';
import { askable } from '../data/samples.js';

function miss({ index, label, said, p }, names) {
  return html`<div class="miss">
    ${askable(index, t('data.pictureHeld', { name: names[label] }))}
    <span
      ><b>${names[said]}</b> ${said === label ? html`<b class="good">✓</b>` : html`<b class="held">✕</b>`}<br /><span
        class="muted"
        >${t('guesses.is', { name: names[label] })}<br />${percent(p, 0)} %</span
      ></span
    >
  </div>`;
}

/** In steps of 3 %, which nobody sees: a cell whose picture has not moved by one is not painted again. */
const mix = (hue, share) => `background:color-mix(in oklab, var(${hue}) ${3 * Math.round(share / 3)}%, var(--paper))`;

/** Blue on the diagonal, orange beside it, by the root of the row's share; zeros are blank. */
function shade(value, total, right) {
  if (value === 0) return '';
  const share = Math.sqrt(value / total);
  return right ? mix('--train', 10 + 34 * share) : mix('--valid', 24 + 30 * share);
}

function cellPictures(run, names) {
  const [row, column] = state.view.cell;
  const { evaluation } = run;
  const list = [];
  for (let at = 0; at < evaluation.samples && list.length < 24; at++) {
    const label = evaluation.labels[at];
    if (label !== row) continue;
    const line = evaluation.probabilities.subarray(at * names.length, (at + 1) * names.length);
    const said = line.indexOf(Math.max(...line));
    if (said === column) list.push({ index: state.data.validation[at], label, said, p: line[said] });
  }
  const total = evaluation.confusion[row].reduce((a, b) => a + b, 0);
  return html`<h3>
      ${t(row === column ? 'confusion.right' : 'confusion.taken', { is: names[row], said: names[column] })}
    </h3>
    <p class="small muted">${t('confusion.share', { n: evaluation.confusion[row][column], total })}</p>
    <div class="misses">${list.map((one) => miss(one, names))}</div>`;
}

function beside(run, names) {
  if (run.history.length <= 1 && run.steps === 0 && !state.view.cell) {
    return html`<h3>${t('confusion.beforeTitle')}</h3>
      <p class="muted">${t('confusion.before')}</p>`;
  }
  const surest = (run.mistakes ?? []).slice(0, 4);
  return html`${state.view.cell ? cellPictures(run, names) : nothing}
    <div class=${state.view.cell ? 'section' : ''}>
      <div class="row">
        <h3>${t('mistakes.surest')}</h3>
        <span class="space"></span
        >${run.mistakes?.length > 4 ? html`<button class="link" @click=${() => setView({ tab: 'mistakes' })}>${t('mistakes.all', { n: run.mistakes.length })}</button>` : nothing}
      </div>
      ${surest.length ? html`<div class="misses">${surest.map((one) => miss(one, names))}</div>` : html`<p class="muted">${t('mistakes.none')}</p>`}
    </div>`;
}

/**
 * Rows: what it is; columns: what the network says.
 * @param {number[][]} confusion
 * @param {string[]} names
 * @param {{ name: string, picked?: number[] | null, pick?: (row: number, column: number) => () => void }} options  name: the test's; pick:
 *   what a click on a cell does
 */
export function confusionTable(confusion, names, { name: testid, picked = null, pick }) {
  const short = (name) => (name.length > 9 ? `${name.slice(0, 8)}…` : name);
  const isCrowded = names.length > 6 && names.some((name) => name.length > 3); // heads stand upright then
  const cell = (value, i, j) => {
    if (!value || !pick) return value || nothing;
    const words = t('confusion.cell', { n: value, is: names[i], said: names[j] });
    return html`<button aria-label=${words} @click=${pick(i, j)}>${value}</button>`;
  };
  return html`<table class="matrix ${isCrowded ? 'crowded' : ''}" data-testid=${testid}>
    <caption class="sr">
      ${t('confusion.title')}
    </caption>
    <thead>
      <tr>
        <td class="corner"></td>
        ${names.map((name) => html`<th scope="col">${short(name)}</th>`)}
        <th scope="col" class="found">${t('confusion.found')}</th>
      </tr>
    </thead>
    <tbody>
      ${confusion.map((row, i) => {
        const total = row.reduce((a, b) => a + b, 0);
        return html`<tr>
          <th scope="row">${short(names[i])}</th>
          ${row.map(
            (value, j) =>
              html`<td
                data-value=${value}
                class="${i !== j && value ? 'wrong' : ''} ${picked?.[0] === i && picked?.[1] === j ? 'picked' : ''}"
                .style=${shade(value, total, i === j)}
              >
                ${cell(value, i, j)}
              </td>`,
          )}
          <td class="found">${total ? `${percent(row[i] / total, 0)} %` : '–'}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** The matrix with the pictures behind each cell. */
export function confusionPanel(run) {
  const { evaluation } = run;
  const names = state.data.classNames;
  if (!evaluation) return nothing;
  const picked = state.view.cell;
  const pick = (row, column) => () =>
    setView({ cell: picked?.[0] === row && picked?.[1] === column ? null : [row, column] });
  return html`<div class="panel confusion">
    <div class="toolong" tabindex="0" role="region" aria-label=${t('confusion.title')}>
      <p class="small dim">${t('confusion.axes')}</p>
      ${confusionTable(evaluation.confusion, names, { name: 'confusion', picked, pick })}
    </div>
    <div class="beside">${beside(run, names)}</div>
  </div>`;
}

/** All mistakes; of own pictures, those with a wrong label can be left out. */
export function mistakesPanel(run) {
  const names = state.data.classNames;
  const list = run.mistakes ?? [];
  return html`<div class="panel" data-testid="mistakes">
    <p class="muted">
      ${list.length ? t('mistakes.note', { n: list.length, total: run.evaluation?.samples ?? 0 }) : t('mistakes.none')}
    </p>
    ${leaveOutButton()}
    <div class="misses">
      ${list.slice(0, 60).map((one) => html`<div>${miss(one, names)} ${wrongLabel(one.index, names[one.label])}</div>`)}
    </div>
  </div>`;
}
