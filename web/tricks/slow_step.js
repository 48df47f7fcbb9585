/**
 * One training step in slow motion, on a network of two inputs, three units and one answer, or on the page's own where it is small: what
 * goes forward, what the answer costs, what comes back to each weight, and what the step makes of it. Every number is the engine's own
 * (Trainer.slowMotion).
 */
import { html, nothing, svg } from 'lit';
import { Trainer } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { short, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { drawingOfOwn, fitsSlow, isOfPage, rowsOfOwn, sentenceOfOwn, stepOfOwn, unitChoice } from './slow_own.js';

/** The small network. @type {import('trainground').Experiment} */
export const smallNetwork = {
  seed: 3,
  dataset: { type: 'points', shape: 'xor', samples: 40, noise: 0.05 },
  validationSplit: 0,
  layers: [
    { type: 'dense', units: 3, activation: 'tanh' },
    { type: 'dense', units: 1 },
  ],
  loss: 'binaryCrossEntropy',
  optimizer: { type: 'sgd', learningRate: 0.5 },
  batchSize: 1,
  epochs: 500,
};

/** What is shown, one after the other; the words of each stand in the text file. */
const phases = ['sample', 'hidden', 'answer', 'loss', 'back', 'gradients', 'update', 'after'];

let trainer = null;
/** The step that is shown, of the small network and of the page's own. @type {{ small: any, own: any }} */
const told = { small: null, own: null };
let phase = 0;
let busy = false;

/** Whether the page's own network is looked at. */
const isOwn = () => Boolean(state.view.slowOwn) && fitsSlow(state.run);

async function nextStep() {
  if (busy) return;
  busy = true;
  const { run } = state;
  try {
    if (isOwn()) told.own = await stepOfOwn();
    else {
      trainer ??= await Trainer.open(smallNetwork, { threads: 1 });
      told.small = await trainer.slowMotion();
    }
    phase = 0;
  } catch (error) {
    // A run that another one has replaced cannot be asked any more; the next one is.
    if (run === state.run) {
      setView({ slowOwn: false }); // else it would be asked again and again
      failed(error);
    }
  }
  busy = false;
  changedNow();
}

const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const number = (value) => short(value).replace('-', '−');

/** The step's numbers by their part in the network: the engine's, but for the probability that its logit stands for. */
function numbersOf({ inputs, labels, layers, parameters, loss, lossAfter, learningRate }) {
  const [sums, units, logit] = layers;
  const [w1, b1, w2, b2] = parameters;
  return {
    x: inputs,
    label: labels[0],
    sums: sums.values,
    units: units.values,
    logit: logit.values[0],
    probability: sigmoid(logit.values[0]),
    dLogit: logit.gradients[0],
    dUnits: units.gradients,
    dSums: sums.gradients,
    w1,
    b1,
    w2,
    b2,
    loss,
    lossAfter,
    rate: learningRate,
  };
}

/** Three significant letters on a line: its weight, its gradient, or its weight after the step. */
function lineText(n, tensor, i) {
  const name = phases[phase];
  if (name === 'gradients') return number(tensor.gradient[i]);
  if (name === 'update' || name === 'after') return number(tensor.after[i]);
  return number(tensor.before[i]);
}

function nodeText(n, part, j) {
  const reached = (name) => phase >= phases.indexOf(name);
  if (part === 'x') return number(n.x[j]);
  const back = phases[phase] === 'back' || phases[phase] === 'gradients';
  if (part === 'unit') {
    if (!reached('hidden')) return '';
    return back ? number(n.dSums[j]) : number(n.units[j]);
  }
  if (!reached('answer')) return '';
  return back ? number(n.dLogit) : short(n.probability);
}

function drawing(n) {
  const left = [50, 130];
  const middle = [30, 90, 150];
  const name = phases[phase];
  const lit = { hidden: 'first', answer: 'second', back: 'both', gradients: 'both', update: 'both', after: 'both' }[
    name
  ];
  const line = (x1, y1, x2, y2, text, share, on) =>
    svg`<line x1=${x1} y1=${y1} x2=${x2} y2=${y2} class=${on ? 'on' : ''}></line>
      <text class="weight" x=${x1 + (x2 - x1) * share} y=${y1 + (y2 - y1) * share - 3}>${text}</text>`;
  const node = (x, y, text, kind) =>
    svg`<circle cx=${x} cy=${y} r="19" class=${kind}></circle><text x=${x} y=${y + 4} class="node">${text}</text>`;
  return html`<svg class="little-network" viewBox="0 0 340 180" role="img" aria-label=${sentence(n)}>
    ${left.map((y, i) => middle.map((my, j) => line(49, y, 151, my, lineText(n, n.w1, 2 * j + i), 0.78, lit === 'first' || lit === 'both')))}
    ${middle.map((my, j) => line(189, my, 281, 90, lineText(n, n.w2, j), 0.45, lit === 'second' || lit === 'both'))}
    ${left.map((y, i) => node(30, y, nodeText(n, 'x', i), 'input'))}
    ${middle.map((y, j) => node(170, y, nodeText(n, 'unit', j), name === 'hidden' || lit === 'both' ? 'on' : ''))}
    ${node(300, 90, nodeText(n, 'answer', 0), name === 'answer' || lit === 'both' ? 'on' : '')}
  </svg>`;
}

function sentence(n) {
  return t(`slow.${phases[phase]}`, {
    x: number(n.x[0]),
    y: number(n.x[1]),
    label: n.label,
    sum: number(n.sums[0]),
    unit: number(n.units[0]),
    logit: number(n.logit),
    p: short(n.probability),
    loss: short(n.loss),
    after: short(n.lossAfter),
    slope: number(n.dLogit),
    weight: number(n.w2.before[0]),
    gradient: number(n.w2.gradient[0]),
    next: number(n.w2.after[0]),
    rate: short(n.rate),
    back: number(n.dUnits[0]),
    through: number(n.dSums[0]),
  });
}

function rowsOf(n) {
  return [n.w1, n.b1, n.w2, n.b2].flatMap((tensor) =>
    Array.from(tensor.before, (before, i) => ({
      name: `${tensor.name.replace('layers.', '').replace('.weight', ' w').replace('.bias', ' b')}${i + 1}`,
      before,
      gradient: tensor.gradient[i],
      after: tensor.after[i],
    })),
  );
}

function table(rows) {
  return html`<details class="small">
    <summary>${t('table.show')}</summary>
    <table class="table" data-testid="slow-table">
      <thead>
        <tr>
          ${['name', 'before', 'gradient', 'after'].map((key) => html`<th scope="col">${t(`slow.table.${key}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              <td>${row.name}</td>
              ${[row.before, row.gradient, row.after].map((value) => html`<td data-value=${value}>${number(value)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** Which network: the small one, or the page's own where it fits. */
function networkChoice() {
  const fits = fitsSlow(state.run);
  const option = (own, text) =>
    html`<button
      data-testid="slow-${own ? 'own' : 'small'}"
      aria-pressed=${isOwn() === own ? 'true' : 'false'}
      ?disabled=${own && !fits}
      aria-describedby=${own && !fits ? 'slow-why-not' : nothing}
      @click=${() => {
        phase = 0;
        setView({ slowOwn: own });
      }}
    >
      ${text}
    </button>`;
  return html`<div class="row slow-which">
      <span class="segment" role="group" aria-label=${t('slow.which')}
        >${option(false, t('slow.small'))}${option(true, t('slow.own'))}</span
      >
    </div>
    ${fits ? nothing : html`<p class="note" id="slow-why-not">${t('slow.own.not')}</p>`}`;
}

/** What stands in the drawer of this trick. */
function slowStepFields() {
  const own = isOwn();
  const seen = own ? (isOfPage(told.own) ? told.own : null) : told.small;
  if (!seen) {
    if (state.view.card === 'slow-step' && !busy) nextStep();
    return html`${networkChoice()}
      <p class="note">${t('compare.running')}</p>`;
  }
  const n = own ? null : numbersOf(seen);
  const words = own ? sentenceOfOwn(seen, phases[phase]) : sentence(n);
  const go = (to) => () => {
    phase = to;
    changedNow();
  };
  return html`${networkChoice()}
    <div class="slow-step" data-testid="slow-step" data-value=${phases[phase]} data-step=${seen.step}>
      ${own ? html`${drawingOfOwn(seen, phases[phase])}${unitChoice(seen)}` : drawing(n)}
      <p class="slow-words" role="status" data-testid="slow-words"><b>${phase + 1}/${phases.length}</b> ${words}</p>
      <div class="row">
        <button class="button small" data-testid="slow-back" ?disabled=${phase === 0} @click=${go(phase - 1)}>
          ${t('slow.goBack')}
        </button>
        <button
          class="button small"
          data-testid="slow-next"
          ?disabled=${phase === phases.length - 1}
          @click=${go(phase + 1)}
        >
          ${t('slow.goOn')}
        </button>
        <span class="space"></span>
        <button class="button small" data-testid="slow-step-more" @click=${nextStep}>
          ${t(own ? 'slow.own.more' : 'slow.more')}
        </button>
      </div>
      ${table(own ? rowsOfOwn(seen) : rowsOf(n))}
      ${phases[phase] === 'after' ? html`<p class="note">${t(`slow.${own ? 'page.' : ''}${seen.lossAfter < seen.loss ? 'better' : 'worse'}`)}</p>` : nothing}
      ${own ? html`<p class="note">${t('slow.own.note')}</p>` : nothing}
    </div>`;
}

/** @type {import('./card.js').Card} */
export const slowStepCard = {
  name: 'slow-step',
  value: () => ({ text: t('tile.look'), on: false }),
  fields: slowStepFields,
};
