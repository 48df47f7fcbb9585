/** How numbers are spread, one line an epoch, the newest in front and in blue; below, the update ratio and the share of units at zero. */
import { html, nothing, svg } from 'lit';
import { count, percent, setting, short, t } from '../app/language.js';
import { state } from '../app/state.js';
import { tableButton } from '../parts/fields.js';

const width = 150;
const lines = 14;

/** At most 14 epochs, evenly chosen, the last always among them. */
function chosen(list) {
  if (list.length <= lines) return list;
  return Array.from({ length: lines }, (_, i) => list[Math.round((i * (list.length - 1)) / (lines - 1))]);
}

function ridge({ reach, lines: all }) {
  const list = chosen(all);
  const peak = Math.max(1, ...list.flatMap(({ counts }) => counts));
  const step = 6;
  const top = 26;
  const height = top + step * list.length + 4;
  return html`<svg class="ridge" viewBox="0 0 ${width} ${height + 14}" aria-hidden="true">
    ${list.map(({ counts }, i) => {
      const base = top + i * step;
      const points = counts
        .map((n, at) => `${((at + 0.5) / counts.length) * width},${(base - (n / peak) * 24).toFixed(1)}`)
        .join(' L');
      const newest = i === list.length - 1;
      return svg`<path d="M0,${base} L${points} L${width},${base}" class=${newest ? 'newest' : ''} />`;
    })}
    <text x="0" y=${height + 10}>${setting(-reach)}</text>
    <text x=${width / 2} y=${height + 10} text-anchor="middle">0</text>
    <text x=${width} y=${height + 10} text-anchor="end">${setting(reach)}</text>
  </svg>`;
}

function table(run, view) {
  return html`<table class="table">
    <caption class="sr">
      ${t('ridge.title')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('ridge.layer')}</th>
        <th scope="col">${t('ridge.ratio')}</th>
        <th scope="col">${t('ridge.zeros')}</th>
        <th scope="col">${t('ridge.reach')}</th>
      </tr>
    </thead>
    <tbody>
      ${run.inside.rows.map(
        ({ name, ratio, zeros }) =>
          html`<tr>
            <td>${name}</td>
            <td>${ratio === null ? '–' : setting(Number(ratio.toPrecision(2)))}</td>
            <td>${percent(zeros, 0)} %</td>
            <td>±${setting(run.inside.spreads[`${view.what} ${name}`]?.reach ?? 0)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** One figure a layer. */
export function ridgeFigures(run, view, set) {
  const whats = ['weights', 'gradients', 'activations'];
  const newest = run.history.at(-1)?.epoch ?? 0;
  const first = Object.values(run.inside.spreads ?? {})[0]?.lines[0]?.epoch ?? 0;
  const open = state.view.tables.ridges;
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('ridge.heading', { what: t(`ridge.${view.what}`), first: count(first), last: count(newest) })}</h3>
      <span class="segment" role="group" aria-label=${t('ridge.which')}
        >${whats.map((what) => html`<button aria-pressed=${what === view.what ? 'true' : 'false'} @click=${() => set({ what })}>${t(`ridge.${what}`)}</button>`)}</span
      >
      <span class="space"></span>
      ${tableButton('ridges')}
    </figcaption>
    ${
      open
        ? table(run, view)
        : html`<div class="ridges">
            ${run.inside.rows.map((row) => {
              const spread = run.inside.spreads[`${view.what} ${row.name}`];
              const words = spread
                ? t('ridge.summary', {
                    name: row.name,
                    epoch: newest,
                    size: short(row.sizes[view.what]),
                    reach: setting(spread.reach),
                  })
                : `${row.name}: ${t('ridge.none')}`;
              return html`<div role="img" data-testid="ridge" aria-label=${words}>
                ${spread ? ridge(spread) : html`<p class="small dim">${t('ridge.none')}</p>`}
                <p><b>${row.name}</b></p>
                <p class="small muted">
                  ${t('ridge.ratio')} ${row.ratio === null ? '–' : setting(Number(row.ratio.toPrecision(1)))}
                </p>
                <p class="small muted">
                  ${row.zeros > 0.001 ? `${t('ridge.zeros')} ${percent(row.zeros, 0)} %` : nothing}
                </p>
              </div>`;
            })}
          </div>`
    }
  </figure>`;
}
