/** The plot: for each setting a row with every run as a dot, the mean and its interval; and for two things that are varied a map of means. */
import { html, nothing, svg } from 'lit';
import { t } from '../app/language.js';
import { tidy } from '../app/settings.js';
import { nameOf, numbersOf, shortName, titleOf, valueOf, valuesOf, variedNames } from './answer.js';

const kRow = 30;
const kMost = 30; // rows that are drawn; the table has all

/** Round numbers at which lines stand. */
function ticksOf(low, high) {
  const raw = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * size).find((one) => one >= raw) ?? raw;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => tidy((first + i) * step));
}

/** Settings that have values, in the plan's order. */
const drawn = (answer) =>
  answer.settings
    .map((one, index) => ({ ...one, index }))
    .filter(({ values }) => values.length)
    .slice(0, kMost);

export function dotsFigure(answer, made) {
  const rows = drawn(answer);
  if (!rows.length) return nothing;
  const { value } = numbersOf(answer);
  const all = rows.flatMap(({ values, interval }) => [...values, ...(interval ?? [])]).filter(Number.isFinite);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max((most - least) * 0.05, Math.abs(most) * 1e-4, 1e-9);
  const [low, high] = [least - room, most + room];
  const x = (number) => `${(((number - low) / (high - low)) * 100).toFixed(2)}%`;
  const height = rows.length * kRow;
  const row = ({ values, mean, interval, index }, at) => {
    const y = at * kRow + kRow / 2;
    return svg`<g class=${index === answer.best ? 'best' : ''}>
      ${interval ? svg`<line class="interval" x1=${x(interval[0])} x2=${x(interval[1])} y1=${y} y2=${y}></line>` : nothing}
      ${values.map((each) => svg`<circle class="dot" cx=${x(each)} cy=${y} r="3.5"></circle>`)}
      <line class="mean" x1=${x(mean)} x2=${x(mean)} y1=${y - 9} y2=${y + 9}></line>
    </g>`;
  };
  const ticks = ticksOf(low, high);
  const best = answer.settings[answer.best];
  const summary = best
    ? t('sweep.summary', { n: rows.length, best: nameOf(best.setting, made), value: value(best.mean) })
    : '';
  return html`<figure class="sweep-dots">
    <figcaption class="caption">
      <h3>${t('sweep.plot')}</h3>
      <span class="small dim">${t('sweep.plotNote')}</span>
    </figcaption>
    <div class="sweep-plot" role="img" aria-label=${summary} data-testid="sweep-plot">
      <span class="head small dim" aria-hidden="true">${variedNames(made)}</span>
      <ol class="names" aria-hidden="true">
        ${rows.map(({ setting, index }) => html`<li class=${index === answer.best ? 'best' : ''}>${shortName(setting, made)}</li>`)}
      </ol>
      <svg height=${height} aria-hidden="true">
        ${ticks.map((tick) => svg`<line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${height}></line>`)}
        ${rows.map(row)}
      </svg>
      <div class="ticks" aria-hidden="true">
        ${ticks.map((tick) => html`<span .style=${`left:${x(tick)}`}>${value(tick)}</span>`)}
      </div>
    </div>
  </figure>`;
}

/** Two things that are varied: a table of means, the better the darker. */
export function mapFigure(answer, made) {
  const varied = Object.values(made.paths);
  if (varied.length !== 2) return nothing;
  const { value, isAccuracy } = numbersOf(answer);
  const means = new Map(
    answer.settings.map(({ setting, mean }, index) => {
      const key = valuesOf(setting, made.paths, made.whole.sweep).map((one) => JSON.stringify(one.value));
      return [key.join(), { mean, index }];
    }),
  );
  const known = answer.settings.map(({ mean }) => mean).filter(Number.isFinite);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const shade = (mean) => {
    const share = most > least ? (mean - least) / (most - least) : 1;
    return Math.round(8 + 52 * (isAccuracy ? share : 1 - share));
  };
  const [rows, columns] = varied;
  const cell = (a, b) => {
    const { mean, index } = means.get([a, b].map((each) => JSON.stringify(each)).join()) ?? {};
    if (!Number.isFinite(mean)) return html`<td>–</td>`;
    return html`<td class=${index === answer.best ? 'best' : ''} .style=${`--shade:${shade(mean)}%`}>
      ${value(mean)}
    </td>`;
  };
  const words = t('sweep.map', { rows: titleOf(rows.name), columns: titleOf(columns.name) });
  return html`<figure class="toolong">
    <figcaption class="small dim">${words}</figcaption>
    <table class="table sweep-map" data-testid="sweep-map">
      <thead>
        <tr>
          <td></td>
          ${columns.values.map((each) => html`<th scope="col">${valueOf(columns.name, each)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.values.map(
          (row) =>
            html`<tr>
              <th scope="row">${valueOf(rows.name, row)}</th>
              ${columns.values.map((column) => cell(row, column))}
            </tr>`,
        )}
      </tbody>
    </table>
  </figure>`;
}
