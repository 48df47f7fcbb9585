/**
 * How signals spread through the layers before any training: four ways to start the same deep network, and the network of the page. With
 * weights that are too small the spread dies away from layer to layer; well scaled, it stays.
 */
import { html, nothing, svg } from 'lit';
import { Trainer } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { short, t } from '../app/language.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { openOptions } from '../model/open_options.js';

const kDepth = 8;
const kinds = ['glorotUniform', 'heUniform', 'smallUniform', 'zeros'];
const kLowest = 1e-6; // where the picture ends below

const deep = (kernelInitializer) => ({
  seed: 1,
  dataset: 'digits',
  layers: [
    { type: 'flatten' },
    ...Array.from({ length: kDepth }, () => ({ type: 'dense', units: 64, activation: 'tanh', kernelInitializer })),
    { type: 'dense', units: 10 },
  ],
});

/** Deviations by initializer, of the eight tanh layers; and of the page's own network, by its experiment. */
let compared = null;
let own = null;
let busy = false;

async function measure(experiment, options) {
  const trainer = await Trainer.open(experiment, options);
  try {
    return await trainer.activationSpread();
  } finally {
    trainer.dispose();
  }
}

async function compareAll() {
  busy = true;
  changedNow();
  try {
    const found = {};
    for (const kind of kinds) {
      const rows = await measure(deep(kind), { threads: 1 });
      found[kind] = rows.filter(({ index, sum }) => index > 0 && index <= kDepth && !sum).map((row) => row.deviation);
    }
    compared = found;
    const { experiment } = state;
    own = { experiment, rows: await measure(experiment, { ...(await openOptions(experiment)), threads: 1 }) };
  } catch (error) {
    failed(error);
  }
  busy = false;
  changedNow();
}

const width = 300;
const height = 142;
const top = 1;
const x = (layer) => 26 + ((width - 96) * layer) / (kDepth - 1);
const y = (deviation) =>
  8 +
  ((height - 38) * (Math.log10(top) - Math.log10(Math.max(kLowest, deviation)))) /
    (Math.log10(top) - Math.log10(kLowest));

function figure() {
  // Names that would stand on each other move apart, upwards from the lowest.
  const places = kinds.map((kind) => y(compared[kind].at(-1)));
  const order = kinds.map((_, i) => i).sort((a, b) => places[b] - places[a]);
  for (let i = 1; i < order.length; i++) places[order[i]] = Math.min(places[order[i]], places[order[i - 1]] - 11);
  const summary = t('spread.summary', {
    xavier: short(compared.glorotUniform.at(-1)),
    small: short(compared.smallUniform.at(-1)),
  });
  return html`<figure class="spread" data-testid="spread">
    <figcaption class="caption"><h3>${t('spread.title', { n: kDepth })}</h3></figcaption>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label=${summary}>
      ${[1, 1e-2, 1e-4, 1e-6].map((tick) => svg`<line class="grid" x1="26" x2=${width - 70} y1=${y(tick)} y2=${y(tick)}></line><text class="tick" x="22" y=${y(tick) + 3} text-anchor="end">${tick === 1 ? 1 : `10${{ 2: '⁻²', 4: '⁻⁴', 6: '⁻⁶' }[-Math.log10(tick)]}`}</text>`)}
      ${[1, kDepth].map((layer) => svg`<text class="tick" x=${x(layer - 1)} y=${height - 6} text-anchor="middle">${t('spread.layer', { n: layer })}</text>`)}
      ${kinds.map((kind, i) => svg`<polyline class="line-${i}" points=${compared[kind].map((value, layer) => `${x(layer)},${y(value)}`).join(' ')}></polyline><text class="end-${i}" x=${width - 66} y=${places[i] + 3}>${t(`initializer.${kind}`)}</text>`)}
    </svg>
    <details class="small">
      <summary>${t('table.show')}</summary>
      <table class="table">
        <caption class="sr">
          ${summary}
        </caption>
        <thead>
          <tr>
            <th scope="col">${t('spread.layers')}</th>
            ${kinds.map((kind) => html`<th scope="col">${t(`initializer.${kind}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${Array.from(
            { length: kDepth },
            (_, layer) =>
              html`<tr>
                <td>${layer + 1}</td>
                ${kinds.map((kind) => html`<td data-value=${compared[kind][layer]}>${compared[kind][layer].toPrecision(2)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`;
}

/** The page's own network, layer by layer, as bars. */
function ownRows() {
  const rows = own.rows.filter(({ sum }) => !sum);
  const largest = Math.max(...rows.map(({ deviation }) => deviation)) || 1;
  return html`<h3>${t('spread.own')}</h3>
    <table class="table" data-testid="spread-own">
      <thead>
        <tr>
          <th scope="col">${t('spread.layers')}</th>
          <th scope="col" colspan="2">${t('spread.deviation')}</th>
          <th scope="col">${t('spread.dead')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ index, type, deviation, dead }) =>
            html`<tr>
              <td>${index < 0 ? t('spread.input') : `${index + 1} ${t(`layer.${type}`)}`}</td>
              <td>${short(deviation)}</td>
              <td class="spread-bar"><i .style=${`width:${(100 * deviation) / largest}%`}></i></td>
              <td>${Math.round(100 * dead)} %</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** What stands below the choice of initial weights. */
export function spreadFields() {
  return html`<button class="button small" data-testid="measure-spread" ?disabled=${busy} @click=${compareAll}>
      ${t(busy ? 'compare.running' : 'spread.measure')}
    </button>
    ${compared ? figure() : nothing} ${own && own.experiment === state.experiment ? ownRows() : nothing}`;
}
