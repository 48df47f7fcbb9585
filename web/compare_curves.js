/**
 * The curves of a comparison: A with open circles, B with filled squares, validation only; with several seeds, their mean and
 * the band from the least to the most.
 */
import { html, nothing } from 'lit';
import { percent, setting, short, t } from './language.js';
import { changedNow, state } from './state.js';
import { tableButton } from './curves.js';

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

function model(comparison, key) {
  const isLoss = key === 'loss';
  const field = isLoss ? 'validationLoss' : 'validationAccuracy';
  const say = (value) => (isLoss ? short(value) : `${percent(value)} %`);
  const { letters } = comparison;
  const columns = Object.fromEntries(letters.map((letter) => [letter, columnOf(comparison[letter], field, meanOf)]));
  const epochs = Math.max(comparison.a.experiment.epochs, comparison.b.experiment.epochs);
  const length = Math.max(1, ...letters.map((letter) => columns[letter].length));
  const outputs = comparison.a.runs[0]?.start?.outputs ?? 10;
  const guess = isLoss ? Math.log(outputs) : 1 / outputs;
  const ended = !comparison.running;
  const last = (column) => (column.length ? say(column.at(-1)) : '–');
  return {
    key,
    log: isLoss && state.view.scale === 'log',
    x: Array.from({ length }, (_, i) => i),
    letters,
    bands: letters
      .filter((letter) => comparison[letter].runs.length > 1)
      .map((letter) => ({
        look: letter,
        least: columnOf(comparison[letter], field, (values) => Math.min(...values)),
        most: columnOf(comparison[letter], field, (values) => Math.max(...values)),
      })),
    lines: letters.map((letter) => ({
      look: letter,
      values: columns[letter],
      name: (value) => `${letter.toUpperCase()} ${say(value)}`,
    })),
    xMax: ended ? Math.max(2, length - 1) : epochs,
    guess: {
      value: guess,
      text: t(isLoss ? 'curve.guessLoss' : 'curve.guess', { value: isLoss ? short(guess) : percent(guess, 0) }),
      above: !isLoss,
    },
    axisName: t('curve.epoch'),
    axisValue: (tick) => (isLoss ? setting(tick) : `${Math.round(tick * 100)}${tick === 1 ? ' %' : ''}`),
    read: (epoch) => [
      t('curve.at', { epoch }),
      ...letters
        .filter((letter) => columns[letter][epoch] !== undefined)
        .map((letter) => `${letter.toUpperCase()} ${say(columns[letter][epoch])}`),
    ],
    summary: t(`summary.compare.${key}`, {
      epoch: length - 1,
      values: letters.map((letter) => `${letter.toUpperCase()} ${last(columns[letter])}`).join(', '),
    }),
    columns,
    say,
  };
}

function table({ x, columns, letters, say }, caption) {
  return html`<div class="scroller" tabindex="0" role="region" aria-label=${caption}>
    <table class="table">
      <caption class="sr">
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('table.epoch')}</th>
          ${letters.map((letter) => html`<th scope="col">${letter.toUpperCase()}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${x.map(
          (epoch) =>
            html`<tr>
              <td>${epoch}</td>
              ${letters.map((letter) => html`<td>${columns[letter][epoch] === undefined ? '–' : say(columns[letter][epoch])}</td>`)}
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
          ${['loss', 'accuracy'].map((name) => html`<button aria-pressed=${state.view.curve === name ? 'true' : 'false'} @click=${() => ((state.view.curve = name), changedNow())}>${t(`curve.${name}`)}</button>`)}
        </span>
        <span class="space"></span>
        ${
          key === 'loss'
            ? html`<span class="segment scale" role="group" aria-label=${t('curve.scale')}>
                ${['log', 'linear'].map((name) => html`<button aria-pressed=${state.view.scale === name ? 'true' : 'false'} @click=${() => ((state.view.scale = name), changedNow())}>${t(`curve.${name}`)}</button>`)}
              </span>`
            : nothing
        }
        ${tableButton(`compare-${key}`)}
      </figcaption>
      ${state.view.tables[`compare-${key}`] ? table(drawn, title) : html`<curve-chart data-testid="compare-${key}" data-bands=${drawn.bands.length} .model=${drawn}></curve-chart>`}
    </figure>`;
  });
  return html`<div class="plots" data-curve=${state.view.curve}>${figures}</div>`;
}
