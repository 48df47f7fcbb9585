/** Runs in columns: only the settings in which they differ, and their numbers against those of the first, the baseline. */
import { html, nothing } from 'lit';
import { percent, short, t } from '../app/language.js';
import { state } from '../app/state.js';
import { baseline, comparedRuns } from '../train/run_list.js';
import { bestRow } from '../train/run.js';
import { lineOf, nameOf } from './line.js';
import { differences } from './settings.js';

/** How much a number is more or less than the baseline's, and whether that is for the better. */
function against(x, base, say, isGood) {
  if (!Number.isFinite(x - base)) return nothing;
  const text = say(Math.abs(x - base));
  const sign = /[1-9]/.test(text) ? (x > base ? '+' : '−') : '±';
  const kind = sign === '±' ? 'muted' : isGood(x - base) ? 'good' : 'held';
  return html` <span class=${kind}>${sign}${text}</span>`;
}

const numbers = [
  {
    name: 'runs.accuracy',
    of: (run) => bestRow(run).validationAccuracy,
    say: (x) => `${percent(x)} %`,
    delta: (x, base) => against(x, base, percent, (more) => more > 0),
  },
  {
    name: 'runs.loss',
    of: (run) => bestRow(run).validationLoss,
    say: short,
    delta: (x, base) => against(x, base, short, (more) => more < 0),
  },
  { name: 'runs.epoch', of: (run) => run.bestEpoch, say: String },
  { name: 'runs.seconds', of: (run) => run.seconds, say: (x) => x.toFixed(1) },
];

/** The table of the runs whose curves are drawn. */
export function runDifferences() {
  const runs = comparedRuns(state.run);
  if (runs.length < 2) return html`<p class="muted" data-testid="need-two">${t('runs.needTwo')}</p>`;
  const rows = differences(runs.map(({ experiment }) => experiment));
  const role = (run, at) =>
    at === 0 && baseline() === run
      ? t('runs.baseline')
      : run === state.run
        ? t('runs.here')
        : at === 0
          ? t('curve.last')
          : '';
  return html`<div class="toolong" tabindex="0" role="region" aria-label=${t('runs.differences')}>
    <table class="table differences" data-testid="differences-table">
      <thead>
        <tr>
          <td></td>
          ${runs.map(
            (run, at) =>
              html`<th scope="col" class="left">
                ${nameOf(run)} ${lineOf(run)} <span class="small">${role(run, at)}</span>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, texts }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${texts.map((text) => html`<td class="left">${text}</td>`)}
            </tr>`,
        )}
        ${
          rows.length
            ? nothing
            : html`<tr>
                <td class="left" colspan=${runs.length + 1}>${t('runs.same')}</td>
              </tr>`
        }
      </tbody>
      <tbody>
        ${numbers.map(
          ({ name, of, say, delta }) =>
            html`<tr>
              <th scope="row">${t(name)}</th>
              ${runs.map((run, at) => html`<td class="left">${say(of(run))}${at && delta ? delta(of(run), of(runs[0])) : nothing}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
