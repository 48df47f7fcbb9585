/** What the range test found: the loss over the rate, and the rate that it suggests. */
import { html } from 'lit';
import { setting, short, t } from '../app/language.js';
import '../parts/chart.js';

/** The axis of rates: its ends are those of the test. */
const kFirst = -6;
const kLast = 1;

function finderModel({ rates, losses, smoothed, suggestion }) {
  const from = Math.log10(rates[0]);
  const steps = ((rates.length - 1) * (kLast - kFirst)) / (Math.log10(rates.at(-1)) - from);
  const way = (rate) => ((Math.log10(rate) - kFirst) / (kLast - kFirst)) * steps;
  const at = suggestion === null ? null : way(suggestion);
  return {
    key: 'finder',
    log: false,
    x: Array.from(rates, way),
    lines: [
      { look: 'ghost', values: Array.from(losses), name: null },
      { look: 'train', values: Array.from(smoothed), name: null },
    ],
    xMax: steps,
    xTicks: [-6, -4, -2, 0].map((power) => ({ at: way(10 ** power), text: setting(10 ** power) })),
    room: 24,
    best:
      at === null
        ? null
        : {
            epoch: at,
            value: smoothed[Math.min(smoothed.length - 1, Math.round(at))],
            text: setting(rounded(suggestion)),
            sub: t('finder.suggested'),
          },
    most: Math.min(Math.max(...smoothed) * 1.1, smoothed[0] * 2),
    axisName: '',
    axisValue: (tick) => setting(tick),
    read: (step) =>
      smoothed[step] === undefined ? [] : [setting(Number(rates[step].toPrecision(2))), short(smoothed[step])],
    summary: t('finder.summary', { suggestion: suggestion === null ? '–' : setting(rounded(suggestion)) }),
  };
}

/** As a person would say it. */
export const rounded = (rate) => Number(rate.toPrecision(1));

/** What explodes at the end says nothing about learning: the last five points are cut off. */
function withoutEnd(found) {
  const kept = Math.max(8, found.losses.length - 5);
  const cut = (values) => values.slice(0, kept);
  return { ...found, rates: cut(found.rates), losses: cut(found.losses), smoothed: cut(found.smoothed) };
}

/** `use` takes a rate over. */
export function finderResult(whole, use) {
  const found = withoutEnd(whole);
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (found.losses.length - 1)));
  const rate = found.suggestion === null ? null : rounded(found.suggestion);
  return html`<figure class="drawer examination">
    <figcaption class="caption"><h3>${t('finder.title')}</h3></figcaption>
    <curve-chart data-testid="finder" .model=${finderModel(found)}></curve-chart>
    <details class="small">
      <summary>${t('table.show')}</summary>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">${t('trick.learning-rate')}</th>
            <th scope="col">${t('curve.loss')}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (at) =>
              html`<tr>
                <td>${setting(Number(found.rates[at].toPrecision(2)))}</td>
                <td>${short(found.smoothed[at])}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
    ${
      rate === null
        ? html`<p class="note">${t('finder.none')}</p>`
        : html`<div class="actions">
            <button class="button" data-testid="use-rate" data-value=${rate} @click=${() => use(rate)}>
              ${t('finder.use', { rate: setting(rate) })}
            </button>
          </div>`
    }
  </figure>`;
}
