/**
 * A step of the page's own network in slow motion, where that is small enough to be drawn whole: dense layers on a few numbers. A copy of it
 * takes the weights that the run has now and one sample, so the run never notices. Every number is the engine's own (Trainer.slowMotion).
 */
import { html, nothing, svg } from 'lit';
import { Trainer } from 'trainground';
import { short, t } from '../app/language.js';
import { optimizerName } from '../app/settings.js';
import { setView, stampOf, state } from '../app/state.js';
import { choice } from '../parts/fields.js';
import { isPicture } from '../parts/picture.js';
import { softmax } from '../model/answers.js';
import { openOptions } from '../model/open_options.js';

/** What can be drawn whole, and its lines still be told apart. */
const kMostUnits = 32;
const kMostWeights = 2000;
const kMostInputs = 8;

/** Whether the page's network is small enough, and made of layers whose step can be told unit by unit. */
export function fitsSlow(run) {
  const { shape, parameters } = run?.start ?? {};
  if (!shape || isPicture(shape) || shape[2] > kMostInputs || parameters > kMostWeights) return false;
  const { layers, loss } = run.experiment;
  return (
    loss === 'crossEntropy' &&
    layers.at(-1).type === 'dense' &&
    !layers.at(-1).activation &&
    layers.every(({ type, units }) =>
      type === 'dense' ? units <= kMostUnits : ['activation', 'dropout', 'flatten'].includes(type),
    )
  );
}

/** @type {{ trainer: import('trainground').Trainer, of: string, stamp: string } | null} */
let copy = null;

/** The copy's next step, from the weights that the run has. */
export async function stepOfOwn() {
  const { run } = state;
  const { earlyStopping: _, learningRateSchedule: __, transfer: ___, ...plain } = run.experiment;
  const of = JSON.stringify(plain);
  if (copy?.of !== of) {
    copy?.trainer.dispose();
    copy = null;
    const experiment = { ...plain, batchSize: 1, augmentation: [], epochs: 10_000 };
    copy = {
      of,
      stamp: '',
      trainer: await Trainer.open(experiment, { ...(await openOptions(experiment)), threads: 1 }),
    };
  }
  if (run.trainer && copy.stamp !== stampOf(run)) {
    await copy.trainer.loadWeights(await run.trainer.saveWeights());
    copy.stamp = stampOf(run);
  }
  const told = await copy.trainer.slowMotion();
  return { ...told, experiment: run.experiment, names: run.start.classNames };
}

/** Whether what was told is still about the network on the page. */
export const isOfPage = (told) => told?.experiment === state.run?.experiment;

const number = (value) => short(value).replace('-', '−');

/**
 * The dense layers in order: {units, sums, slopes, values, back, weight, bias, name}. `sums` are what the unit adds up and `slopes` the
 * loss's slope there; `values` are what leaves it, and `back` the slope there.
 */
function partsOf(told) {
  const { layers } = told.experiment;
  return layers.flatMap((layer, at) => {
    if (layer.type !== 'dense') return [];
    const next = layers.findIndex(({ type }, i) => i > at && type === 'dense');
    const rows = told.layers.filter(({ index }) => index >= at && (next < 0 || index < next));
    const tensor = (kind) => told.parameters.find(({ name }) => name === `layers.${at}.${kind}`);
    const shaped = layers.slice(at, next < 0 ? undefined : next).find(({ type }) => type === 'activation');
    return [
      {
        units: layer.units,
        weight: tensor('weight'),
        bias: tensor('bias'),
        name: layer.activation ?? shaped?.function,
        sums: rows[0].values,
        slopes: rows[0].gradients,
        values: rows.at(-1).values,
        back: rows.at(-1).gradients,
      },
    ];
  });
}

/** The unit that is looked at: of the first layer the first, unless another is chosen. */
function chosenOf(parts) {
  const [layer, unit] = state.view.slowUnit ?? [0, 0];
  return layer < parts.length && unit < parts[layer].units ? [layer, unit] : [0, 0];
}

function choose(layer, unit) {
  setView({ slowUnit: [layer, unit] });
}

/** The line into the chosen unit whose gradient is largest: its number, and where it begins. */
function strongest(told, parts, layer, unit) {
  const from = layer === 0 ? told.inputs : parts[layer - 1].values;
  const { gradient } = parts[layer].weight;
  const row = Array.from(gradient.subarray(unit * from.length, (unit + 1) * from.length), Math.abs);
  const at = row.indexOf(Math.max(...row));
  return { at: unit * from.length + at, start: from[at] };
}

/** What the phase says of the chosen unit. */
export function sentenceOfOwn(told, phase) {
  const parts = partsOf(told);
  const [layer, unit] = chosenOf(parts);
  const part = parts[layer];
  const line = strongest(told, parts, layer, unit);
  const label = told.labels[0];
  const probabilities = softmax(parts.at(-1).values);
  const last = layer === parts.length - 1;
  const key = last && (phase === 'hidden' || phase === 'back') ? `slow.page.${phase}.last` : `slow.page.${phase}`;
  return t(phase === 'loss' ? 'slow.loss' : key, {
    inputs: Array.from(told.inputs, number).join(', '),
    label: told.names[label],
    layer: layer + 1,
    unit: unit + 1,
    sum: number(part.sums[unit]),
    value: number(part.values[unit]),
    name: part.name ?? 'linear',
    p: short(probabilities[label]),
    loss: short(told.loss),
    after: short(told.lossAfter),
    back: number(part.back[unit]),
    through: number(part.slopes[unit]),
    slope: number(part.slopes[unit]),
    start: number(line.start),
    gradient: number(part.weight.gradient[line.at]),
    weight: number(part.weight.before[line.at]),
    next: number(part.weight.after[line.at]),
    optimizer: t(`optimizer.${optimizerName(told.experiment.optimizer)}`),
  });
}

const width = 340;
const height = 230;

/** Orange above 0, blue below, the stronger the larger; as in the maps of weights. */
const ink = (value, peak) => ({
  hue: value > 0 ? 'var(--valid)' : 'var(--train)',
  share: Math.min(1, Math.abs(value) / (peak || 1)),
});

/** What the phase shows on the lines and in the units. */
function shownIn(phase, parts, told) {
  const backward = ['back', 'gradients'].includes(phase);
  const lines = { gradients: 'gradient', update: 'after', after: 'after' }[phase] ?? 'before';
  const reached = phase === 'sample' ? 0 : phase === 'hidden' ? parts.length - 1 : parts.length;
  const units = parts.map((part, i) => {
    if (i >= reached) return null;
    if (backward) return part.slopes;
    return i === parts.length - 1 ? softmax(part.values) : part.values;
  });
  return { lines, units: [told.inputs, ...units] };
}

/** The network, whole: a line for each weight, a circle for each unit. A click on a unit chooses it. */
export function drawingOfOwn(told, phase) {
  const parts = partsOf(told);
  const chosen = chosenOf(parts);
  const { lines, units } = shownIn(phase, parts, told);
  const counts = [told.inputs.length, ...parts.map((part) => part.units)];
  const x = (column) => 22 + ((width - 44) * column) / (counts.length - 1);
  const gap = counts.map((count) => Math.min(46, (height - 12) / count));
  const y = (column, i) => height / 2 + (i - (counts[column] - 1) / 2) * gap[column];
  const radius = counts.map((_, column) => Math.max(2.5, Math.min(15, gap[column] / 2 - 1)));
  const peaks = parts.map(({ weight }) => weight[lines].reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  const drawn = parts.flatMap(({ weight }, layer) =>
    Array.from(weight[lines], (value, at) => {
      const [to, from] = [Math.floor(at / counts[layer]), at % counts[layer]];
      const { hue, share } = ink(value, peaks[layer]);
      const on = chosen[0] === layer && chosen[1] === to;
      return svg`<line class="own-line" x1=${x(layer)} y1=${y(layer, from)} x2=${x(layer + 1)} y2=${y(layer + 1, to)} .style=${`stroke:${hue};stroke-width:${on ? 0.6 + 2 * share : 1.2};stroke-opacity:${on ? 0.35 + 0.65 * share : 0.5 * share}`}></line>`;
    }),
  );
  const nodes = counts.flatMap((count, column) => {
    const values = units[column];
    const peak = values ? values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : 0;
    return Array.from({ length: count }, (_, i) => {
      const { hue, share } = ink(values?.[i] ?? 0, peak);
      const isChosen = column > 0 && chosen[0] === column - 1 && chosen[1] === i;
      const text = values ? number(values[i]) : '';
      return svg`<g @click=${() => column > 0 && choose(column - 1, i)} class=${column > 0 ? 'can-choose' : ''}>
        <circle cx=${x(column)} cy=${y(column, i)} r=${radius[column]} class=${isChosen ? 'chosen' : ''}></circle>
        <circle cx=${x(column)} cy=${y(column, i)} r=${radius[column] - 1} .style=${`fill:${hue};fill-opacity:${0.75 * share}`} class="ink"></circle>
        ${radius[column] >= 13 ? svg`<text class="node" x=${x(column)} y=${y(column, i) + 4}>${text}</text>` : nothing}
        <title>${text}</title></g>`;
    });
  });
  return html`<svg
    class="little-network"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label=${sentenceOfOwn(told, phase)}
    data-testid="slow-own-drawing"
    data-value=${counts.join('-')}
  >
    ${drawn}${nodes}
  </svg>`;
}

/** Which unit is looked at. */
export function unitChoice(told) {
  const parts = partsOf(told);
  return choice({
    name: 'slow-unit',
    label: t('slow.own.unit'),
    value: chosenOf(parts).join(),
    options: parts.flatMap(({ units }, layer) =>
      Array.from({ length: units }, (_, unit) => [
        `${layer},${unit}`,
        t('slow.own.place', { layer: layer + 1, unit: unit + 1 }),
      ]),
    ),
    set: (text) => choose(...text.split(',').map(Number)),
  });
}

/** The weights into the chosen unit, and its bias. */
export function rowsOfOwn(told) {
  const parts = partsOf(told);
  const [layer, unit] = chosenOf(parts);
  const { weight, bias } = parts[layer];
  const inputs = weight.before.length / parts[layer].units;
  const row = (tensor, at, name) => ({
    name,
    before: tensor.before[at],
    gradient: tensor.gradient[at],
    after: tensor.after[at],
  });
  return [
    ...Array.from({ length: inputs }, (_, i) => row(weight, unit * inputs + i, `${layer} w${i + 1}`)),
    ...(bias ? [row(bias, unit, `${layer} b`)] : []),
  ];
}
