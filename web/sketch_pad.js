/**
 * A place to draw on, by mouse, pen or finger. After each stroke's move it tells what it holds as the network takes it: pixels (H,W,C) in
 * 0..1. One channel is ink: what was drawn is cut out and fills the picture, as the digits of the set do; three channels are black on white.
 */
const kSide = 224;
const kMargin = 0.04;

class SketchPad extends HTMLElement {
  #canvas = null;
  #last = null;
  #empty = true;
  shape = [8, 8, 1];

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
    if (tell) this.#tell();
  }

  #line(to) {
    const context = this.#canvas.getContext('2d', { willReadFrequently: true });
    context.strokeStyle = '#000';
    context.lineWidth = kSide / 11;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...this.#last);
    context.lineTo(...to);
    context.stroke();
    this.#empty = false;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent('sketch', { detail: this.#pixels() }));
  }

  #pixels() {
    const [h, w, c] = this.shape;
    const pixels = new Float32Array(h * w * c);
    if (this.#empty) return c === 1 ? pixels : pixels.fill(1);
    const [left, top, side] = c === 1 ? this.#box() : [0, 0, kSide];
    const ink = this.#ink();
    // Means over areas, computed here: browsers shrink pictures each in their own way.
    for (let row = 0; row < h; row++) {
      for (let column = 0; column < w; column++) {
        const share = meanOf(ink, left + (side * column) / w, top + (side * row) / h, side / w, side / h);
        for (let k = 0; k < c; k++) pixels[(row * w + column) * c + k] = c === 1 ? share : 1 - share;
      }
    }
    return pixels;
  }

  /** 0 paper, 1 ink, row by row. */
  #ink() {
    const { data } = this.#canvas.getContext('2d', { willReadFrequently: true }).getImageData(0, 0, kSide, kSide);
    return Float32Array.from({ length: kSide * kSide }, (_, i) => 1 - data[i * 4] / 255);
  }

  /** The square around what was drawn: left, top, side. */
  #box() {
    const ink = this.#ink();
    let [left, top, right, bottom] = [kSide, kSide, 0, 0];
    ink.forEach((share, i) => {
      if (share < 0.5) return;
      const [x, y] = [i % kSide, Math.floor(i / kSide)];
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    });
    const side = (1 + 2 * kMargin) * Math.max(right - left, bottom - top, kSide / 4);
    return [(left + right - side) / 2, (top + bottom - side) / 2, side];
  }
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
