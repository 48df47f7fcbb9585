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
    const small = document.createElement('canvas');
    small.width = w;
    small.height = h;
    const context = small.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, w, h);
    context.imageSmoothingQuality = 'high';
    const [x, y, side] = c === 1 ? this.#box() : [0, 0, kSide];
    context.drawImage(this.#canvas, x, y, side, side, 0, 0, w, h);
    const { data } = context.getImageData(0, 0, w, h);
    for (let i = 0; i < h * w; i++) {
      for (let k = 0; k < c; k++) pixels[i * c + k] = c === 1 ? 1 - data[i * 4] / 255 : data[i * 4 + (k % 3)] / 255;
    }
    return pixels;
  }

  /** The square around what was drawn: left, top, side. */
  #box() {
    const { data } = this.#canvas.getContext('2d', { willReadFrequently: true }).getImageData(0, 0, kSide, kSide);
    let [left, top, right, bottom] = [kSide, kSide, 0, 0];
    for (let y = 0; y < kSide; y++) {
      for (let x = 0; x < kSide; x++) {
        if (data[(y * kSide + x) * 4] > 128) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    const side = (1 + 2 * kMargin) * Math.max(right - left, bottom - top, kSide / 4);
    return [(left + right - side) / 2, (top + bottom - side) / 2, side];
  }
}

customElements.define('sketch-pad', SketchPad);
