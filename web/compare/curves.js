/**
 * The curves of a comparison: A with open circles, B with filled squares, validation only; with several seeds, their mean and
 * the band from the least to the most.
 */
import { html, nothing } from 'lit';
import { percent, setting, short, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import '../parts/chart.js';
import { tableButton } from '../parts/fields.js';
import { guessing } from '../model/score.js';
import { axis, axisChoice, placesOf } from '../results/axis.js';

/** What the runs of a side had at each epoch, as far as any of them has come. */
function columnOf(side, field, combine) {
  const length = Math.max(0, ...side.runs.map((run) => run.history.length));
  return Array.from({ length }, (_, i) => {
    const values = side.runs
      .map((run) => run.history[i]?.[field])
      .filter((value) => value !== undefined && value !== null);
    return values.length ? combine(values) : null;
  });
}

const meanOf = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Where the epochs of a side stand on the axis: the mean over its runs. */
function placesOfSide(side) {
  const all = side.runs.filter((run) => run.start).map(placesOf);
  const length = Math.max(0, ...all.map((places) => places.length));
  return Array.from({ length }, (_, i) => meanOf(all.filter((places) => i < places.length).map((places) => places[i])));
}

/** Sides whose steps differ twentyfold leave nothing to see on an even axis: 1, 10, 100 are then equally far apart, from 0 on. */
const squeeze = (x) => Math.log10(1 + x);
const powers = [0, 1, 10, 100, 1000, 10000, 100000];

/** The axis of a comparison: {name, at: by letter, all: every place once, xMax, xTicks?}. Epochs need none. */
function axisOfSides(comparison) {
  if (axis() === 'epochs') return null;
  const { letters, running } = comparison;
  const started = letters.filter((letter) => comparison[letter].runs[0]?.start);
  const places = Object.fromEntries(started.map((letter) => [letter, placesOfSide(comparison[letter])]));
  const ends = started.map((letter) =>
    running && axis() === 'steps'
      ? comparison[letter].experiment.epochs * comparison[letter].runs[0].start.stepsPerEpoch
      : places[letter].at(-1),
  );
  const isSqueezed = axis() === 'steps' && Math.max(...ends) > 20 * Math.min(...ends);
  const way = isSqueezed ? squeeze : (x) => x;
  const all = [...new Set(started.flatMap((letter) => places[letter]))].sort((a, b) => a - b);
  const most = Math.max(0, ...ends) || 1;
  return {
    name: t(`curve.axis.${isSqueezed ? 'logSteps' : axis()}`),
    places,
    all,
    at: Object.fromEntries(started.map((letter) => [letter, places[letter].map(way)])),
    xAt: all.map(way),
    xMax: way(most),
    xTicks: isSqueezed ? powers.filter((x) => x <= most).map((x) => ({ at: way(x), text: String(x) })) : undefined,
  };
}

/** The last value of a column at or before a place. */
const until = (column, places, place) => column[places.findLastIndex((x) => x <= place)];

function model(comparison, key) {
  const isLoss = key === 'loss';
  const field = isLoss ? 'validationLoss' : 'validationAccuracy';
  const say = (value) => (isLoss ? short(value) : `${percent(value)} %`);
  const { letters } = comparison;
  const columns = Object.fromEntries(letters.map((letter) => [letter, columnOf(comparison[letter], field, meanOf)]));
  const epochs = Math.max(comparison.a.experiment.epochs, comparison.b.experiment.epochs);
  const length = Math.max(1, ...letters.map((letter) => columns[letter].length));
  const first = comparison.a.runs[0];
  const guess = (first?.start && guessing(first)?.[isLoss ? 'loss' : 'score']) ?? null;
  const ended = !comparison.running;
  const over = axisOfSides(comparison);
  const last = (column) => (column.length ? say(column.at(-1)) : '–');
  return {
    key,
    log: isLoss && state.view.scale === 'log',
    x: over ? over.all : Array.from({ length }, (_, i) => i),
    at: over?.xAt,
    epochs: Array.from({ length }, (_, i) => i),
    over,
    letters,
    bands: letters
      .filter((letter) => comparison[letter].runs.length > 1)
      .map((letter) => ({
        look: letter,
        at: over?.at[letter],
        least: columnOf(comparison[letter], field, (values) => Math.min(...values)),
        most: columnOf(comparison[letter], field, (values) => Math.max(...values)),
      })),
    lines: letters.map((letter) => ({
      look: letter,
      at: over?.at[letter],
      values: columns[letter],
      name: (value) => `${letter.toUpperCase()} ${say(value)}`,
    })),
    xMax: over ? over.xMax : ended ? Math.max(2, length - 1) : epochs,
    xTicks: over?.xTicks,
    guess: guess !== null && {
      value: guess,
      text: t(isLoss ? 'curve.guessLoss' : 'curve.guess', { value: isLoss ? short(guess) : percent(guess, 0) }),
      above: !isLoss,
    },
    axisName: over?.name ?? t('curve.axis.epochs'),
    axisValue: (tick) => (isLoss ? setting(tick) : `${Math.round(tick * 100)}${tick === 1 ? ' %' : ''}`),
    read: (at) => {
      const value = (letter) =>
        over ? over.at[letter] && until(columns[letter], over.places[letter], over.all[at]) : columns[letter][at];
      return [
        over ? t(`curve.where.${axis()}`, { at: setting(over.all[at]) }) : t('curve.at', { epoch: at }),
        ...letters
          .filter((letter) => value(letter) !== undefined)
          .map((letter) => `${letter.toUpperCase()} ${say(value(letter))}`),
      ];
    },
    summary: t(`summary.compare.${key}`, {
      epoch: length - 1,
      values: letters.map((letter) => `${letter.toUpperCase()} ${last(columns[letter])}`).join(', '),
    }),
    columns,
    say,
  };
}

function table({ epochs, columns, letters, say, over }, caption) {
  const where = (letter, epoch) => {
    const place = over.places[letter]?.[epoch];
    return place === undefined ? '–' : setting(place);
  };
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${caption}>
    <table class="table">
      <caption class="sr">
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('table.epoch')}</th>
          ${letters.map(
            (letter) =>
              html`${over ? html`<th scope="col">${letter.toUpperCase()}: ${t(`axis.${axis()}`)}</th>` : nothing}
                <th scope="col">${letter.toUpperCase()}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${epochs.map(
          (epoch) =>
            html`<tr>
              <td>${epoch}</td>
              ${letters.map(
                (letter) =>
                  html`${over ? html`<td>${where(letter, epoch)}</td>` : nothing}
                    <td>${columns[letter][epoch] === undefined ? '–' : say(columns[letter][epoch])}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Both figures. */
export function comparisonCurves(comparison) {
  const figures = ['loss', 'accuracy'].map((key) => {
    const drawn = model(comparison, key);
    const title = t(`curve.validation.${key}`);
    return html`<figure class="${key}-figure">
      <figcaption class="caption">
        <h3 class="curve-title">${title}</h3>
        <span class="segment phone-curve" role="group" aria-label=${t('curve.which')}>
          ${['loss', 'accuracy'].map((name) => html`<button aria-pressed=${state.view.curve === name ? 'true' : 'false'} @click=${() => setView({ curve: name })}>${t(`curve.${name}`)}</button>`)}
        </span>
        <span class="space"></span>
        ${
          key === 'loss'
            ? html`<span class="segment scale" role="group" aria-label=${t('curve.scale')}>
                ${['log', 'linear'].map((name) => html`<button aria-pressed=${state.view.scale === name ? 'true' : 'false'} @click=${() => setView({ scale: name })}>${t(`curve.${name}`)}</button>`)}
              </span>`
            : nothing
        }
        ${tableButton(`compare-${key}`)}
      </figcaption>
      ${state.view.tables[`compare-${key}`] ? table(drawn, title) : html`<curve-chart data-testid="compare-${key}" data-bands=${drawn.bands.length} .model=${drawn}></curve-chart>`}
    </figure>`;
  });
  return html`<div class="plots" data-curve=${state.view.curve}>${figures}</div>
    <div class="row under-plots">${axisChoice()}</div>`;
}
