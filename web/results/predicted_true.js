/**
 * `<predicted-true .model=${{ targets, said, label, name }}>`: what a regression says of each held-back row against what is true, both in the
 * label's unit. On the diagonal it is right. Drawn when the model, the size or the theme changes.
 */
import { figure } from '../app/language.js';
import { colour } from '../parts/colour.js';

/** Rows that are drawn: more would be one blot. */
const kMost = 5000;
const kEdge = { right: 12, top: 10, bottom: 40 };
const kLabel = 22; // for the words of the upright axis, in pixels

/** Round numbers between the ends, about four of them. */
function ticks(least, most) {
  const rough = (most - least) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const by = [1, 2, 5, 10].map((lead) => lead * power).find((step) => step >= rough);
  const first = Math.ceil(least / by);
  return Array.from({ length: Math.floor(most / by) - first + 1 }, (_, i) =>
    Number(((first + i) * by).toPrecision(12)),
  );
}

class PredictedTrue extends HTMLElement {
  #model;
  #watch = new ResizeObserver(() => this.#draw());

  set model(model) {
    this.#model = model;
    this.#draw();
  }

  connectedCallback() {
    this.setAttribute('role', 'img');
    this.replaceChildren(document.createElement('canvas'));
    this.#watch.observe(this);
    this.#draw();
  }

  disconnectedCallback() {
    this.#watch.disconnect();
  }

  #draw() {
    const canvas = this.querySelector('canvas');
    const { clientWidth: width, clientHeight: height } = this;
    if (!canvas || !this.#model || !width || !height) return;
    const { targets, said, label, name } = this.#model;
    this.setAttribute('aria-label', name);
    const dense = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [width * dense, height * dense];
    const context = canvas.getContext('2d');
    context.scale(dense, dense);
    const every = Math.max(1, Math.ceil(targets.length / kMost));
    const rows = Array.from({ length: Math.ceil(targets.length / every) }, (_, i) => i * every);
    const values = rows.flatMap((row) => [targets[row], said[row]]).filter(Number.isFinite);
    let [least, most] = values.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
    if (!(most > least)) [least, most] = [least - 1, least + 1];
    const margin = 0.04 * (most - least);
    [least, most] = [least - margin, most + margin];
    const marks = ticks(least, most);
    context.font = `11px ${getComputedStyle(this).fontFamily}`;
    const left = kLabel + 6 + Math.max(...marks.map((mark) => context.measureText(figure(mark)).width));
    const x = (value) => left + ((value - least) / (most - least)) * (width - left - kEdge.right);
    const y = (value) =>
      height - kEdge.bottom - ((value - least) / (most - least)) * (height - kEdge.top - kEdge.bottom);
    this.#axes(context, marks, { x, y, left, width, height, label });
    context.strokeStyle = colour('--ink3');
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(x(least), y(least));
    context.lineTo(x(most), y(most));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour('--valid');
    context.globalAlpha = Math.max(0.15, Math.min(0.8, 200 / rows.length));
    for (const row of rows) {
      context.beginPath();
      context.arc(x(targets[row]), y(said[row]), rows.length > 1000 ? 1.5 : 2.5, 0, 7);
      context.fill();
    }
  }

  #axes(context, marks, { x, y, left, width, height, label }) {
    context.fillStyle = colour('--ink3');
    context.strokeStyle = colour('--line');
    context.lineWidth = 1;
    for (const mark of marks) {
      context.beginPath();
      context.moveTo(x(mark), kEdge.top);
      context.lineTo(x(mark), height - kEdge.bottom);
      context.moveTo(left, y(mark));
      context.lineTo(width - kEdge.right, y(mark));
      context.stroke();
      context.textAlign = 'center';
      context.fillText(figure(mark), x(mark), height - kEdge.bottom + 16);
      context.textAlign = 'right';
      context.fillText(figure(mark), left - 6, y(mark) + 4);
    }
    context.textAlign = 'center';
    context.fillText(label.isTrue, (left + width - kEdge.right) / 2, height - 6);
    context.save();
    context.translate(11, (kEdge.top + height - kEdge.bottom) / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(label.said, 0, 0);
    context.restore();
  }
}

customElements.define('predicted-true', PredictedTrue);
