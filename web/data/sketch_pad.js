/**
 * A place to draw on, by mouse, pen or finger. While one draws it tells, once a frame, what it holds as the network takes it: pixels (H,W,C)
 * in 0..1, or null where it is empty. One channel is ink: what was drawn is cut out and fills the picture, as the digits of the set do;
 * three channels are colours on white. `show` puts a picture of the set on it, to be drawn on.
 */
import { toImageData } from '../parts/picture.js';

const kSide = 224;
const kMargin = 0.04;

class SketchPad extends HTMLElement {
  #canvas = null;
  #last = null;
  #empty = true;
  /** What is told: the whole square, where a picture lies below the strokes, instead of what was drawn. */
  #whole = false;
  #frame = 0;
  shape = [8, 8, 1];
  colour = '#000';
  /** Of the pad's side. */
  brush = 1 / 11;

  set label(text) {
    this.setAttribute('aria-label', text);
  }

  connectedCallback() {
    if (this.#canvas) return;
    this.#canvas = this.appendChild(document.createElement('canvas'));
    this.#canvas.width = this.#canvas.height = kSide;
    this.setAttribute('role', 'img');
    this.clear(false);
    const place = (event) => {
      const box = this.#canvas.getBoundingClientRect();
      return [((event.clientX - box.left) / box.width) * kSide, ((event.clientY - box.top) / box.height) * kSide];
    };
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#last = place(event);
      this.#line(this.#last);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (!this.#last) return;
      const to = place(event);
      this.#line(to);
      this.#last = to;
    });
    for (const end of ['pointerup', 'pointercancel'])
      this.#canvas.addEventListener(end, () => {
        this.#last = null;
      });
  }

  clear(tell = true) {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    context.fillStyle = '#fff';
    context.fillRect(0, 0, kSide, kSide);
    this.#empty = true;
    this.#whole = false;
    if (tell) this.#tellNow(); // what was drawn is not asked about any more
  }

  /** Puts a picture on the pad, without telling. @param {Float32Array} pixels */
  show(pixels) {
    const [h, w, c] = this.shape;
    const small = new OffscreenCanvas(w, h);
    small.getContext('2d').putImageData(toImageData(pixels, h, w, c), 0, 0);
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, kSide, kSide);
    this.#empty = false;
    this.#whole = true;
  }

  #line(to) {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    context.strokeStyle = this.colour;
    context.lineWidth = kSide * this.brush;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...this.#last);
    context.lineTo(...to);
    context.stroke();
    this.#empty = false;
    this.#tell();
  }

  #tell() {
    this.#frame ||= requestAnimationFrame(() => this.#tellNow());
  }

  #tellNow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.dispatchEvent(new CustomEvent('sketch', { detail: this.#empty ? null : this.#pixels() }));
  }

  #pixels() {
    const [h, w, c] = this.shape;
    const pixels = new Float32Array(h * w * c);
    const { data } = this.#canvas.getContext('2d', { willReadFrequently: true }).getImageData(0, 0, kSide, kSide);
    for (let k = 0; k < c; k++) {
      // 0 paper, 1 ink, row by row: how much of one of the three colours is missing.
      const ink = Float32Array.from({ length: kSide * kSide }, (_, i) => 1 - data[i * 4 + k] / 255);
      const [left, top, side] = c === 1 && !this.#whole ? boxOf(ink) : [0, 0, kSide];
      // Means over areas, computed here: browsers shrink pictures each in their own way.
      for (let row = 0; row < h; row++) {
        for (let column = 0; column < w; column++) {
          const share = meanOf(ink, left + (side * column) / w, top + (side * row) / h, side / w, side / h);
          pixels[(row * w + column) * c + k] = c === 1 ? share : 1 - share;
        }
      }
    }
    return pixels;
  }
}

/** The square around what was drawn: left, top, side. */
function boxOf(ink) {
  let [left, top, right, bottom] = [kSide, kSide, 0, 0];
  ink.forEach((share, i) => {
    if (share < 0.5) return;
    const [x, y] = [i % kSide, Math.floor(i / kSide)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  });
  const side = (1 + 2 * kMargin) * Math.max(right - left, bottom - top, kSide / 4);
  return [(left + right - side) / 2, (top + bottom - side) / 2, side];
}

/** The mean of what lies in a rectangle; beside the pad there is paper. */
function meanOf(ink, left, top, width, height) {
  let sum = 0;
  let count = 0;
  for (let y = Math.round(top); y < Math.round(top + height); y++) {
    for (let x = Math.round(left); x < Math.round(left + width); x++) {
      count += 1;
      if (x >= 0 && y >= 0 && x < kSide && y < kSide) sum += ink[y * kSide + x];
    }
  }
  return count ? sum / count : 0;
}

customElements.define('sketch-pad', SketchPad);
