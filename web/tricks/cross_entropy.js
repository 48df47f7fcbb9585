/**
 * Cross-entropy as a price list: the curve −log p with a mark for each held-back picture, put there by the engine's own probabilities, and
 * the five pictures that cost most. Their mean is the validation loss.
 */
import { html, nothing, svg } from 'lit';
import { percent, setting, short, t } from '../app/language.js';
import { lossName } from '../app/settings.js';
import { setView, shownRun, state } from '../app/state.js';
import { slider } from '../parts/fields.js';
import { askable } from '../data/samples.js';

/** Losses above this are drawn at the edge. */
const kTop = 5;
const kLeast = Math.exp(-kTop);
/** Below this a float32 probability is 0, and its loss is told as "more than" this one's. */
const kSmallest = 2 ** -126;

/**
 * What each held-back sample costs, the dearest first: {index, label, p, loss}. `validation`: their indices in the set.
 * @param {{ labels: ArrayLike<number>, probabilities: Float32Array, samples: number }} evaluation
 * @param {ArrayLike<number>} validation
 */
export function costs({ labels, probabilities, samples }, validation) {
  const classes = probabilities.length / samples;
  const list = Array.from({ length: samples }, (_, at) => {
    const p = probabilities[at * classes + labels[at]];
    return { index: validation[at], label: labels[at], p, loss: -Math.log(Math.max(p, kSmallest)) };
  });
  return list.sort((a, b) => b.loss - a.loss);
}

const sum = (list) => list.reduce((total, { loss }) => total + loss, 0);
const priceOf = ({ p, loss }) => `${p < kSmallest ? '> ' : ''}${short(loss)}`;
const shareOf = (p) => (p > 0 && p < 0.001 ? '< .1' : percent(p));

/** Where the plot's paper lies in its picture. */
const frame = { width: 320, height: 170, left: 26, right: 312, top: 8, bottom: 138 };
const across = (p) => frame.left + p * (frame.right - frame.left);
const down = (loss) => frame.bottom - (Math.min(loss, kTop) / kTop) * (frame.bottom - frame.top);
const point = (p) => `${across(p).toFixed(1)} ${down(-Math.log(Math.max(p, kLeast))).toFixed(1)}`;

const curve = `M${Array.from({ length: 81 }, (_, i) => Math.exp((-kTop * (80 - i)) / 80))
  .map(point)
  .join('L')}`;

/** A dot is a line of no length with round ends: one path for all of them. */
const dots = (list) => list.map(({ p }) => `M${point(p)}h.01`).join('');

function plot(list, chosen) {
  const [x, y] = point(chosen).split(' ').map(Number);
  const beyond = list.filter(({ p }) => p < kLeast).length;
  const mean = list.length ? sum(list) / list.length : null;
  const outputs = state.run.start.outputs;
  const words = list.length
    ? t('entropy.summary', {
        n: list.length,
        mean: short(mean),
        few: list.filter(({ loss }) => loss > Math.log(outputs)).length,
        guess: short(Math.log(outputs)),
      })
    : t('entropy.cost', { p: setting(chosen), loss: short(-Math.log(chosen)) });
  return html`<svg
    class="price-curve"
    viewBox="0 0 ${frame.width} ${frame.height}"
    role="img"
    data-testid="entropy-curve"
    data-value=${list.length}
    aria-label=${words}
  >
    ${[1, 2, 3, 4, 5].map((loss) => svg`<path class="grid" d="M${frame.left} ${down(loss)}H${frame.right}" /><text x=${frame.left - 6} y=${down(loss) + 4} text-anchor="end">${loss}</text>`)}
    <path class="edge" d="M${frame.left} ${frame.bottom}H${frame.right}" />
    ${[0, 0.25, 0.5, 0.75, 1].map((p) => svg`<text x=${across(p)} y=${frame.bottom + 14} text-anchor="middle">${setting(p)}</text>`)}
    <text x=${(frame.left + frame.right) / 2} y=${frame.height - 4} text-anchor="middle">${t('entropy.axis')}</text>
    <path class="curve" d=${curve} />
    <path class="marks" d=${dots(list.slice(5))} />
    <path class="worst" d=${dots(list.slice(0, 5))} />
    <path class="you" d="M${x} ${frame.bottom}V${y}" />
    <circle class="you" cx=${x} cy=${y} r="5" data-testid="entropy-point" data-value=${-Math.log(chosen)} />
    <text
      class="you"
      x=${x > frame.right - 60 ? x - 9 : x + 9}
      y=${y - 6}
      text-anchor=${x > frame.right - 60 ? 'end' : 'start'}
    >
      ${t('entropy.you')} ${short(-Math.log(chosen))}
    </text>
    ${beyond ? svg`<text class="beyond" x=${frame.left + 10} y=${frame.top + 4}>${t('entropy.beyond', { n: beyond })}</text>` : nothing}
  </svg>`;
}

/** The five dearest, as a table. */
function dearest(list, names) {
  return html`<h3>${t('entropy.worst')}</h3>
    <table class="table dear" data-testid="entropy-worst">
      <thead>
        <tr>
          ${['picture', 'label', 'probability', 'loss'].map((head) => html`<th scope="col">${t(`entropy.${head}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${list.slice(0, 5).map(
          (one) =>
            html`<tr data-index=${one.index} data-p=${one.p} data-value=${one.loss}>
              <td>${askable(one.index, t('data.pictureHeld', { name: names[one.label] }))}</td>
              <td>${names[one.label]}</td>
              <td>${shareOf(one.p)} %</td>
              <td>${priceOf(one)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
}

/** The plot in numbers: how many pictures have which probability, and what they add to the loss. */
function bins(list) {
  const edges = [0, 0.1, 0.25, 0.5, 0.9, 1];
  const total = sum(list) || 1;
  return html`<details class="small">
    <summary>${t('table.show')}</summary>
    <table class="table" data-testid="entropy-bins">
      <caption class="sr">
        ${t('entropy.bins')}
      </caption>
      <thead>
        <tr>
          ${['axis', 'count', 'share'].map((head) => html`<th scope="col">${t(`entropy.${head}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${edges.slice(1).map((to, i) => {
          const inside = list.filter(({ p }) => p >= edges[i] && (p < to || to === 1));
          return html`<tr>
            <td>${t('entropy.bin', { from: setting(edges[i]), to: setting(to) })}</td>
            <td data-value=${inside.length}>${inside.length}</td>
            <td>${percent(sum(inside) / total, 0)} %</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </details>`;
}

/** The card. Its marks are drawn only while it is open: they change with every look at the network. */
function crossEntropyFields() {
  const chosen = state.view.certainty ?? 0.5;
  const set = (certainty) => setView({ certainty });
  const field = html`${slider({ name: 'certainty', label: t('entropy.certainty'), value: chosen, least: 0.01, most: 1, by: 0.01, marks: false, set })}
    <p class="note">${t('entropy.cost', { p: setting(chosen), loss: short(-Math.log(chosen)) })}</p>`;
  const { run, data } = state;
  if (state.view.card !== 'cross-entropy' || !run?.start || !data) return field;
  const seen = shownRun(run);
  const isClassifier = seen.evaluation?.probabilities && lossName(run.experiment) === 'crossEntropy';
  const list = isClassifier ? costs(seen.evaluation, data.validation) : [];
  const total = sum(list);
  return html`${field}
    <figure class="prices">
      <figcaption class="sr">${t('entropy.plot')}</figcaption>
      ${plot(list, chosen)}
      ${
        list.length
          ? html`<p class="note" data-testid="entropy-mean" data-value=${total / list.length}>
                ${t('entropy.mean', { mean: short(total / list.length), share: percent(sum(list.slice(0, 5)) / (total || 1), 0) })}
              </p>
              ${bins(list)} ${dearest(list, data.classNames)}`
          : nothing
      }
    </figure>`;
}

/** @type {import('./card.js').Card} */
export const crossEntropyCard = {
  name: 'cross-entropy',
  value: () => ({ text: short(shownRun(state.run)?.evaluation?.loss), on: false }),
  fields: crossEntropyFields,
  formula: {
    math: html`<math
      ><mrow
        ><mi>L</mi><mo>=</mo><mo>−</mo><mi>log</mi><mo>&#x2061;</mo><msub><mi>p</mi><mi>y</mi></msub></mrow
      ></math
    >`,
    letters: ['p'],
  },
};
