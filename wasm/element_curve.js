// The two losses of <train-ground>, by epoch: what it learns from, and what is held back.

const [kWidth, kHeight, kEdge] = [300, 120, 6];

/**
 * @param {SVGElement} svg  300 by 120
 * @param {import('./index.d.ts').EpochEvent[]} history
 * @param {number} epochs  that there will be
 * @param {import('./element_texts.js').Texts} texts
 */
export function drawCurve(svg, history, epochs, texts) {
  const all = history.flatMap(({ loss, validationLoss }) => [loss, validationLoss]).filter((value) => value > 0);
  const [low, high] = [Math.log(Math.min(...all)), Math.log(Math.max(...all))];
  const x = (/** @type {number} */ i) => kEdge + ((kWidth - 2 * kEdge) * i) / Math.max(1, epochs - 1);
  // Logarithmic, so that the end is seen as well as the beginning.
  const y = (/** @type {number} */ value) =>
    kEdge + (kHeight - 2 * kEdge) * (high > low ? (high - Math.log(value)) / (high - low) : 0.5);
  const line = (/** @type {'loss' | 'validationLoss'} */ key) =>
    history.flatMap((row, i) => (row[key] > 0 ? [`${x(i).toFixed(1)},${y(row[key]).toFixed(1)}`] : [])).join(' ');
  const last = history.at(-1);
  svg.innerHTML = `<polyline id="held" points="${line('validationLoss')}"/><polyline id="learned" points="${line('loss')}"/>`;
  svg.setAttribute('aria-label', last ? texts.curve(last.loss, last.validationLoss) : texts.noCurve);
}
