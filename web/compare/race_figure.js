/** What the race of the optimizers shows: the losses, the ways on the slice, the ranking; and in the drawer the rates and the button. */
import { html, nothing, svg } from 'lit';
import { live } from 'lit/directives/live.js';
import { changedNow } from '../app/drawing.js';
import { percent, setting, short, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { lookOf } from '../parts/chart.js';
import { contour } from '../parts/contour.js';
import { tableButton } from '../parts/fields.js';
import { leaveComparison } from './comparison.js';
import {
  chooseRacer,
  chosenRacers,
  lookOfRacer,
  racers,
  ranking,
  rates,
  scaleRates,
  setRate,
  startRace,
} from './race.js';

const name = ({ type }) => t(`optimizer.${type}`);

function parsed(event) {
  const number = Number(event.target.value.trim().replace(',', '.'));
  const type = event.target.dataset.racer;
  if (number > 0 && number <= 10) setRate(type, number);
  else event.target.value = setting(rates()[type]);
}

/** Below the choice of an optimizer. */
export function raceFields() {
  const busy = Boolean(state.comparison?.running);
  const chosen = chosenRacers();
  return html`<fieldset class="race-rates">
    <legend>${t('race.rates')}</legend>
    ${racers.map((type) => {
      const runs = chosen.includes(type);
      return html`<div class="racer">
        <label
          ><input
            type="checkbox"
            data-testid="race-pick-${type}"
            .checked=${live(runs)}
            ?disabled=${runs && chosen.length <= 2}
            @change=${(event) => chooseRacer(type, event.target.checked)}
          />${t(`optimizer.${type}`)}</label
        ><input
          class="box"
          inputmode="decimal"
          autocomplete="off"
          data-testid="race-rate-${type}"
          data-racer=${type}
          aria-label=${t('race.rate', { name: t(`optimizer.${type}`) })}
          ?disabled=${!runs}
          .value=${live(setting(rates()[type]))}
          @change=${parsed}
        />
      </div>`;
    })}
    <div class="actions">
      <button class="button" data-testid="race" ?disabled=${busy} @click=${startRace}>
        ${t('race.start', { n: chosen.length })}
      </button>
      <button class="button quiet" data-testid="race-slower" @click=${() => scaleRates(0.1)}>
        ${t('race.slower')}
      </button>
      <button class="button quiet" data-testid="race-faster" @click=${() => scaleRates(10)}>${t('race.faster')}</button>
    </div>
  </fieldset>`;
}

function curveModel(race) {
  const shown = race.racers.map((racer) => ({ ...racer, losses: racer.losses.filter(Number.isFinite) }));
  const length = Math.max(1, ...shown.map(({ losses }) => losses.length));
  const first = ranking(race)[0];
  const epochs = Math.round(race.marks / race.perEpoch);
  return {
    key: 'race',
    log: state.view.scale === 'log',
    x: Array.from({ length }, (_, i) => i),
    lines: shown.map((racer) => ({
      look: lookOfRacer(racer.type),
      values: racer.losses,
      name: (value) => `${name(racer)} ${short(value)}`,
    })),
    xMax: race.marks,
    xTicks: Array.from({ length: epochs + 1 }, (_, epoch) => ({ at: epoch * race.perEpoch, text: String(epoch) })),
    axisName: t('curve.axis.epochs'),
    axisValue: (tick) => setting(tick),
    read: (at) => [
      t('curve.at', { epoch: (at / race.perEpoch).toFixed(2) }),
      ...shown.filter(({ losses }) => losses[at] !== undefined).map((one) => `${name(one)} ${short(one.losses[at])}`),
    ],
    summary: first
      ? t('race.summary', { n: race.racers.length, name: name(first), loss: short(first.losses.at(-1)) })
      : t('race.title', { n: race.racers.length }),
  };
}

const kSide = 300;

/** Bands and lines of equal loss, on a logarithmic scale, and the ways. */
function slice(race) {
  const { losses, ends, grid } = race.surface;
  const logs = losses.map((loss) => (Number.isFinite(loss) ? Math.log(Math.max(loss, 1e-6)) : NaN));
  const finite = logs.filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  const cell = kSide / (grid - 1);
  const to = (place) => place.map((value, k) => ((value - ends[k][0]) / (ends[k][1] - ends[k][0])) * kSide);
  const levels = Array.from({ length: 9 }, (_, i) => least + ((most - least) * (i + 1)) / 10);
  const running = race.racers.filter(({ places }) => places);
  const start = to(running[0].places[0]);
  // Names that would stand on each other move apart.
  const labels = [];
  for (const racer of [...running].sort((a, b) => to(a.places.at(-1))[1] - to(b.places.at(-1))[1])) {
    const [x, y] = to(racer.places.at(-1));
    const above = labels.at(-1);
    labels.push({ racer, x, y, at: Math.max(y, above ? above.at + 13 : 6) });
  }
  for (let i = labels.length - 1; i >= 0; i--)
    labels[i].at = Math.min(labels[i].at, (labels[i + 1]?.at ?? kSide + 10) - 13);
  const summary = t('race.slice.summary', { least: short(Math.exp(least)), most: short(Math.exp(most)) });
  return html`<svg
    class="race-slice"
    data-testid="race-slice"
    viewBox="0 0 ${kSide + 84} ${kSide}"
    role="img"
    aria-label=${summary}
  >
    ${logs.map((value, i) =>
      Number.isFinite(value)
        ? svg`<rect x=${Math.max(0, (i % grid) * cell - cell / 2)} y=${Math.max(0, Math.floor(i / grid) * cell - cell / 2)} width=${i % grid && (i + 1) % grid ? cell : cell / 2} height=${i >= grid && i < grid * (grid - 1) ? cell : cell / 2} fill="var(--ink)" fill-opacity=${(0.3 * (value - least)) / (most - least || 1)}></rect>`
        : nothing,
    )}
    ${levels.flatMap((level) => contour(logs, grid, grid, level).map(([x1, y1, x2, y2]) => svg`<line class="level" x1=${x1 * cell} y1=${y1 * cell} x2=${x2 * cell} y2=${y2 * cell}></line>`))}
    ${running.map((racer) => {
      const { colour, dash } = lookOf(lookOfRacer(racer.type));
      const points = racer.places.map((place) =>
        to(place)
          .map((x) => x.toFixed(1))
          .join(),
      );
      return svg`<polyline class="halo" points=${points.join(' ')}></polyline><polyline points=${points.join(' ')} fill="none" stroke="var(${colour})" stroke-width="2" stroke-dasharray=${dash?.join(' ') ?? 'none'}></polyline>`;
    })}
    ${labels.map(({ racer, x, y, at }) => {
      const { colour, text } = lookOf(lookOfRacer(racer.type));
      return svg`<circle cx=${x} cy=${y} r="3.5" fill="var(${colour})"></circle><line class="lead" x1=${x + 4} y1=${y} x2=${kSide + 2} y2=${at}></line><text x=${kSide + 5} y=${at + 4} fill="var(${text})">${name(racer)}</text>`;
    })}
    <circle class="start" cx=${start[0]} cy=${start[1]} r="5"></circle>
    <text
      class="start-name"
      x=${start[0] > kSide - 60 ? start[0] - 9 : start[0] + 9}
      y=${start[1] + 4}
      text-anchor=${start[0] > kSide - 60 ? 'end' : 'start'}
    >
      ${t('race.origin')}
    </text>
  </svg>`;
}

/** One row an epoch. */
function curveTable(race) {
  const epochs = Math.round(race.marks / race.perEpoch);
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${t('race.losses')}>
    <table class="table">
      <caption class="sr">
        ${t('race.losses')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('table.epoch')}</th>
          ${race.racers.map((racer) => html`<th scope="col">${name(racer)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${Array.from(
          { length: epochs + 1 },
          (_, epoch) =>
            html`<tr>
              <td>${epoch}</td>
              ${race.racers.map(({ losses }) => html`<td>${short(losses[Math.round(epoch * race.perEpoch)])}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function sliceTable(race) {
  const running = race.racers.filter(({ places }) => places);
  return html`<table class="table">
    <caption class="sr">
      ${t('race.slice')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('field.optimizer')}</th>
        ${[1, 2].map((n) => html`<th scope="col">${t('race.direction', { n })}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${running.map(
        (racer) =>
          html`<tr>
            <td>${name(racer)}</td>
            ${racer.places.at(-1).map((value) => html`<td>${value.toFixed(2)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function rankingTable(race) {
  return html`<div class="toolong" tabindex="0" role="region" aria-label=${t('race.ranking')}>
    <table class="table" data-testid="race-table">
      <caption class="sr">
        ${t('race.ranking')}
      </caption>
      <thead>
        <tr>
          ${['field.optimizer', 'field.learningRate', 'race.training', 'race.held', 'table.validationAccuracy'].map((key) => html`<th scope="col">${t(key)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${ranking(race).map(
          (racer) =>
            html`<tr
              data-racer=${racer.type}
              data-start=${racer.startHash}
              data-loss=${racer.losses.at(-1)}
              data-diverged=${String(racer.diverged)}
            >
              <td>${name(racer)}</td>
              <td>${setting(racer.rate)}</td>
              <td>${short(racer.trainingLoss)}</td>
              <td>${racer.diverged ? t('race.diverged') : short(racer.losses.at(-1))}</td>
              <td>${racer.accuracy === undefined ? '–' : `${percent(racer.accuracy)} %`}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** In the place of the curves of a run. */
export function raceSection(race) {
  const first = ranking(race)[0];
  const said = race.running
    ? race.surveyed === null
      ? t('race.running')
      : t('race.surveying', { share: Math.round(100 * race.surveyed) })
    : race.stopped
      ? t('race.stopped')
      : t('race.won', { name: name(first), rate: setting(first.rate), loss: short(first.losses.at(-1)) });
  const titles = { curves: t('race.losses'), slice: t('race.slice') };
  return html`<div
      class="hero"
      data-testid="race-state"
      data-value=${race.running ? 'running' : race.stopped ? 'stopped' : 'done'}
    >
      <span class="what">${t('race.title', { n: race.racers.length })}</span><span class="space"></span>
      ${
        race.running
          ? html`<button class="button small" data-testid="stop-race" @click=${() => race.stopping.abort()}>
              ${t('compare.stop')}
            </button>`
          : html`<button
              class="button small"
              data-testid="close-comparison"
              @click=${() => (leaveComparison(), changedNow())}
            >
              ${t('compare.close')}
            </button>`
      }
    </div>
    <p class="say">${said} <b data-testid="race-depends">${t('race.depends')}</b></p>
    ${
      race.marks
        ? html`<div class="race-plots">
              <figure>
                <figcaption class="caption">
                  <h3>${titles.curves}</h3>
                  <span class="space"></span>
                  <span class="segment scale" role="group" aria-label=${t('curve.scale')}>
                    ${['log', 'linear'].map((scale) => html`<button aria-pressed=${state.view.scale === scale ? 'true' : 'false'} @click=${() => setView({ scale })}>${t(`curve.${scale}`)}</button>`)} </span
                  >${tableButton('race-curves')}
                </figcaption>
                ${state.view.tables['race-curves'] ? curveTable(race) : html`<curve-chart data-testid="race-curves" .model=${curveModel(race)}></curve-chart>`}
              </figure>
              ${
                race.surface
                  ? html`<figure>
                      <figcaption class="caption">
                        <h3>${titles.slice}</h3>
                        <span class="space"></span>${tableButton('race-slice')}
                      </figcaption>
                      ${state.view.tables['race-slice'] ? sliceTable(race) : slice(race)}
                      <p class="note">
                        ${t('race.slice.note', { n: race.surface.grid, least: percent(race.surface.least, 0), most: percent(race.surface.most, 0) })}
                      </p>
                    </figure>`
                  : race.slices === false
                    ? html`<p class="note">${t('race.tooLarge')}</p>`
                    : nothing
              }
            </div>
            ${rankingTable(race)}`
        : nothing
    }`;
}
