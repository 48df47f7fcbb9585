/** Pixels to something that can be seen: a PNG of whole pixels, drawn once and kept. */
import { html } from 'lit';

const drawn = new WeakMap();
let canvas = null;

/** Whether samples of this shape are pictures: the others are lists of numbers. */
export const isPicture = ([h, w]) => h * w > 1;

/** Pixels (H,W,C) in 0..1 as a data URL. One channel is ink on white: 1 is black. */
export function pictureUrl(pixels, [h, w, c]) {
  const known = drawn.get(pixels);
  if (known) return known;
  canvas ??= document.createElement('canvas');
  canvas.width = w;
  canvas.height = h;
  const context = canvas.getContext('2d');
  context.putImageData(toImageData(pixels, h, w, c), 0, 0);
  const url = canvas.toDataURL();
  drawn.set(pixels, url);
  return url;
}

/** Pixels (H,W,C) in 0..1 as RGBA bytes. */
export function toImageData(pixels, h, w, c) {
  const image = new ImageData(w, h);
  for (let i = 0; i < h * w; i++) {
    for (let k = 0; k < 3; k++) {
      const value = c >= 3 ? pixels[i * c + k] : 1 - pixels[i * c];
      image.data[i * 4 + k] = Math.round(255 * Math.min(1, Math.max(0, value)));
    }
    image.data[i * 4 + 3] = 255;
  }
  return image;
}

/** An image of these pixels. */
export function picture(pixels, shape, alt, mark = '') {
  const fine = shape[0] > 24 ? 'smooth' : '';
  return html`<img
    class="pixels ${fine} ${mark}"
    src=${pictureUrl(pixels, shape)}
    alt=${alt}
    width="32"
    height="32"
  />`;
}
