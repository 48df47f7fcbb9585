/**
 * `<point-plane .model=${{ data, field?, mark? }}>`: samples of two numbers as points, circles and triangles, filled = learned from, outlined
 * = held back; behind them a field, one share for each of 64 x 64 places, with the line of one half. A press tells where: `place`, [x, y].
 */
import { channels, colour } from './colour.js';
import { contour } from './contour.js';

/** Places along each side of the field, and how far it reaches from 0. */
export const side = 64;
export const reach = 1.5;

/** Whether a set has two numbers a sample. */
export const isPlane = (shape) => shape[0] * shape[1] === 1 && shape[2] === 2;

/** The places that the field asks about, (N,2), row by row from the top left. */
export function fieldInputs() {
  const inputs = new Float32Array(side * side * 2);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = (row * side + column) * 2;
      inputs[at] = ((column + 0.5) / side) * 2 * reach - reach;
      inputs[at + 1] = reach - ((row + 0.5) / side) * 2 * reach;
    }
  }
  return inputs;
}

/** Blue where it says the first class, orange where it says the second, paper between. */
function paintField(context, field, size) {
  const image = new ImageData(side, side);
  const [first, second, middle] = ['--train', '--valid', '--paper'].map(channels);
  for (let i = 0; i < side * side; i++) {
    const p = field[i * 2 + 1];
    const share = Math.abs(p - 0.5) * 1.1;
    const end = p > 0.5 ? second : first;
    for (let k = 0; k < 3; k++) image.data[i * 4 + k] = middle[k] + (end[k] - middle[k]) * share;
    image.data[i * 4 + 3] = 255;
  }
  const small = new OffscreenCanvas(side, side);
  small.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, size, size);
}

/** The line of one half. */
function paintContour(context, field, size) {
  const cell = size / side;
  const second = field.filter((_, i) => i % 2 === 1);
  context.strokeStyle = colour('--ink');
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [x1, y1, x2, y2] of contour(second, side, side, 0.5)) {
    context.moveTo((x1 + 0.5) * cell, (y1 + 0.5) * cell);
    context.lineTo((x2 + 0.5) * cell, (y2 + 0.5) * cell);
  }
  context.stroke();
}

function paintPoint(context, x, y, label, held) {
  context.beginPath();
  if (label === 0) context.arc(x, y, 3.2, 0, 7);
  else {
    context.moveTo(x, y - 4);
    context.lineTo(x + 3.8, y + 3);
    context.lineTo(x - 3.8, y + 3);
    context.closePath();
  }
  context.fillStyle = held ? colour('--paper') : colour('--ink');
  context.fill();
  context.strokeStyle = colour(held ? '--ink' : '--paper');
  context.lineWidth = held ? 1.3 : 0.7;
  context.stroke();
}

/** The place that is tried, a cross in a ring, and what the network says there. */
function paintMark(context, size, { place, text }) {
  const x = ((place[0] + reach) / (2 * reach)) * size;
  const y = ((reach - place[1]) / (2 * reach)) * size;
  for (const [ink, thick] of [
    ['--paper', 5],
    ['--ink', 2],
  ]) {
    context.strokeStyle = colour(ink);
    context.lineWidth = thick;
    context.beginPath();
    context.arc(x, y, 8, 0, 7);
    for (const [dx, dy] of [
      [12, 0],
      [-12, 0],
      [0, 12],
      [0, -12],
    ]) {
      context.moveTo(x + dx / 3, y + dy / 3);
      context.lineTo(x + dx, y + dy);
    }
    context.stroke();
  }
  const isRight = x > size - 90;
  context.font = `600 13px ${colour('--font')}`;
  context.textAlign = isRight ? 'right' : 'left';
  context.textBaseline = 'middle';
  context.strokeStyle = colour('--paper');
  context.lineWidth = 4;
  context.lineJoin = 'round';
  context.fillStyle = colour('--ink');
  const at = /** @type {[number, number]} */ ([isRight ? x - 16 : x + 16, Math.min(size - 10, Math.max(10, y))]);
  context.strokeText(text, ...at);
  context.fillText(text, ...at);
}

class PointPlane extends HTMLElement {
  #model = null;
  #canvas = null;
  #observer = null;

  set model(model) {
    this.#model = model;
    if (this.isConnected) this.#draw();
  }

  get model() {
    return this.#model;
  }

  connectedCallback() {
    this.#canvas ??= this.appendChild(document.createElement('canvas'));
    this.#observer = new ResizeObserver(() => this.#draw());
    this.#observer.observe(this);
    const tell = (event) => {
      const box = this.#canvas.getBoundingClientRect();
      const share = (at, size) => Math.min(1, Math.max(0, at / size)) * 2 * reach - reach;
      const detail = [share(event.clientX - box.left, box.width), -share(event.clientY - box.top, box.height)];
      this.dispatchEvent(new CustomEvent('place', { detail }));
    };
    this.#canvas.onpointerdown = (event) => {
      if (event.button !== 0) return;
      this.#canvas.setPointerCapture(event.pointerId);
      if (event.pointerType !== 'touch') tell(event);
    };
    this.#canvas.onpointermove = (event) => event.buttons & 1 && tell(event);
    // A finger that scrolls the page has been cancelled by now.
    this.#canvas.onpointerup = (event) => event.pointerType === 'touch' && tell(event);
  }

  disconnectedCallback() {
    this.#observer.disconnect();
  }

  #draw() {
    const size = this.clientWidth;
    const { data, field, mark } = this.#model ?? {};
    if (!size || !data?.points) return;
    const r = devicePixelRatio || 1;
    this.#canvas.width = this.#canvas.height = Math.round(size * r);
    const context = this.#canvas.getContext('2d');
    context.scale(r, r);
    context.fillStyle = colour('--paper');
    context.fillRect(0, 0, size, size);
    if (field) {
      paintField(context, field, size);
      paintContour(context, field, size);
    }
    const held = new Set(data.validation);
    for (let i = 0; i < data.labels.length; i++) {
      const x = ((data.points[i * 2] + reach) / (2 * reach)) * size;
      const y = ((reach - data.points[i * 2 + 1]) / (2 * reach)) * size;
      paintPoint(context, x, y, data.labels[i], held.has(i));
    }
    if (mark) paintMark(context, size, mark);
  }
}

customElements.define('point-plane', PointPlane);
