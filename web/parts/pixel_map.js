/**
 * A small map of numbers: one ink with alpha, or blue - paper - orange about zero. With `clear` the paper is see-through: alpha by strength,
 * to lie over a picture. A click tells which pixel, as `[row, column]`.
 */
import { channels } from './colour.js';

class PixelMap extends HTMLElement {
  #model = null;
  #canvas = null;

  set model(model) {
    this.#model = model;
    if (this.isConnected) this.#draw();
  }

  connectedCallback() {
    if (this.#canvas) return this.#draw();
    this.#canvas = this.appendChild(document.createElement('canvas'));
    this.addEventListener('click', (event) => {
      const { h, w } = this.#model;
      const box = this.#canvas.getBoundingClientRect();
      const place = (share, n) => Math.min(n - 1, Math.max(0, Math.floor(share * n)));
      const detail = [
        place((event.clientY - box.top) / box.height, h),
        place((event.clientX - box.left) / box.width, w),
      ];
      this.dispatchEvent(new CustomEvent('pixel', { detail }));
    });
    new ResizeObserver(() => this.#draw()).observe(this); // a canvas that was hidden is empty in WebKitGTK until it is drawn on
    this.#draw();
  }

  #draw() {
    if (!this.#model) return;
    const { values, h, w, signed, peak, pixel, picked, clear } = this.#model;
    const [plus, minus, zero, ground] = ['--valid', '--train', '--zero', '--sunken'].map(channels);
    const ink = channels('--train');
    const image = new ImageData(w, h);
    for (let i = 0; i < h * w; i++) {
      const share = Math.min(1, Math.max(-1, values[i] / peak));
      const strength = signed ? Math.abs(share) : Math.max(0, share) ** 0.8;
      const [from, to] = signed ? [zero, share > 0 ? plus : minus] : [ground, ink];
      for (let k = 0; k < 3; k++) image.data[i * 4 + k] = clear ? to[k] : from[k] + (to[k] - from[k]) * strength;
      image.data[i * 4 + 3] = clear ? 255 * strength : 255;
    }
    this.#canvas.width = w;
    this.#canvas.height = h;
    this.#canvas.getContext('2d').putImageData(image, 0, 0);
    this.classList.toggle('picked', Boolean(picked || pixel));
  }
}

customElements.define('pixel-map', PixelMap);
