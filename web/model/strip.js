/**
 * `<network-strip .run=${{ run }}>`: the network, drawn with one picture on its way through it: every map at 3 pixels per cell where there is
 * room, so that pooling is seen to shrink. Below each column: what it is, its shape, its weights (blue).
 */
import { count, language } from '../app/language.js';
import { state } from '../app/state.js';
import { channels, colour } from '../parts/colour.js';
import { isPicture, pictureUrl } from '../parts/picture.js';
import { isPlane } from '../parts/point_plane.js';
import { softmax } from './answers.js';
import { isRegression } from './score.js';
import { columnsOf, nameOf } from './columns.js';

/** How many maps of a column are drawn, in which grid, and how large a cell is. */
function grid(column, room) {
  const [h, w, c] = column.shape;
  const isMap = h * w > 1;
  if (!isMap)
    return {
      rows: Math.min(c, 16),
      columns: Math.min(2, Math.ceil(c / 16)),
      cell: 5,
      gap: 1,
      shown: Math.min(c, 32),
      width: c > 16 ? 12 : 6,
      flat: true,
    };
  const cell = h <= 8 ? 3 : Math.max(0.75, Math.min(2, 24 / h));
  const size = h * cell;
  const rows = Math.max(1, Math.min(4, Math.floor(room / (size + 2))));
  const shown = Math.min(c, 16, column.most ?? 16);
  const across = Math.ceil(shown / rows);
  return {
    rows: Math.ceil(shown / across),
    columns: across,
    cell,
    gap: 2,
    shown,
    size,
    wide: w * cell,
    width: across * (w * cell + 2) - 2,
  };
}

/** Places the columns; where there is no room, fewer maps are drawn and the rest is said as "+48". */
function layout(columns, width, height) {
  for (const most of [16, 12, 8, 4, 2, 1]) {
    const grids = columns.map((column) => {
      if (column.kind === 'picture') return { width: 48, size: 48 };
      if (column.last) return { width: 58 };
      return grid({ ...column, most }, height);
    });
    const used = grids.reduce((sum, place) => sum + Math.max(place.width, 18), 0);
    const gap = (width - used) / (columns.length - 1);
    if (gap >= (columns.length > 8 ? 6 : 14) || most === 1) {
      let x = 0;
      return grids.map((place, i) => {
        const at = { ...place, x, most, column: columns[i] };
        x += Math.max(place.width, 18) + Math.max(3, gap);
        return at;
      });
    }
  }
  return [];
}

function heightOf(place) {
  if (place.column.kind === 'picture') return 48;
  if (place.column.last) return 112;
  if (place.flat) return place.rows * (place.cell + place.gap);
  return place.rows * (place.size + 2);
}

/** One for every map: a canvas costs more than what is put on it. */
const small = typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1);

function paintMap(context, values, offset, [h, w, c], channel, most, x, y, cell, ink) {
  const [red, green, blue] = ink;
  const image = new ImageData(w, h);
  for (let i = 0; i < h * w; i++) {
    const value = Math.max(0, values[offset + i * c + channel]) / most;
    image.data[4 * i] = red;
    image.data[4 * i + 1] = green;
    image.data[4 * i + 2] = blue;
    image.data[4 * i + 3] = Math.round(255 * Math.min(1, value) ** 0.8);
  }
  if (small.width !== w || small.height !== h) Object.assign(small, { width: w, height: h });
  small.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = cell < 1;
  context.drawImage(small, x, y, w * cell, h * cell);
}

class NetworkStrip extends HTMLElement {
  #run = null;
  #picture = new Image();
  #canvas = null;
  #seen = [];

  /** Draws only what has changed since: the page is drawn far more often than the network is asked what it sees. */
  set run({ run }) {
    this.#run = run;
    const { theme } = document.documentElement.dataset;
    const { data, blocked } = state;
    const seen = [run, run.start, run.activations, run.guesses, data, data?.shown, blocked, theme, language.name];
    if (seen.every((one, i) => one === this.#seen[i])) return;
    this.#seen = seen;
    if (this.isConnected) this.#draw();
  }

  connectedCallback() {
    this.#canvas = document.createElement('canvas');
    this.#canvas.className = 'network';
    this.append(this.#canvas);
    this.#picture.addEventListener('load', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this);
  }

  #draw() {
    const run = this.#run;
    const { data } = state;
    const width = this.#canvas?.clientWidth;
    if (!run?.start || !data?.shownPixels || !width) {
      if (state.blocked && this.#canvas) this.#canvas.width = 1;
      return;
    }
    const url = isPicture(data.shape) ? pictureUrl(data.shownPixels, data.shape) : '';
    if (url && this.#picture.src !== url) this.#picture.src = url;
    const r = devicePixelRatio || 1;
    const mid = 62;
    this.#canvas.width = Math.round(width * r);
    this.#canvas.height = Math.round(172 * r);
    const context = this.#canvas.getContext('2d');
    context.scale(r, r);
    const columns = columnsOf(run);
    const places = layout(columns, width - 2, 112);
    context.fillStyle = colour('--ink3');
    context.globalAlpha = 0.09;
    places.slice(1).forEach((to, i) => {
      const from = places[i];
      const [a, b] = [heightOf(from) / 2 + 2, heightOf(to) / 2 + 2];
      context.beginPath();
      context.moveTo(from.x + from.width, mid - a);
      context.lineTo(to.x, mid - b);
      context.lineTo(to.x, mid + b);
      context.lineTo(from.x + from.width, mid + a);
      context.fill();
    });
    context.globalAlpha = 1;
    places.forEach((place, i) => this.#column(context, place, i, run, mid));
    this.#words(context, places, width);
  }

  #column(context, place, at, run, mid) {
    const { column, x } = place;
    const { data } = state;
    if (column.kind === 'picture') {
      if (isPlane(data.shape)) return void this.#point(context, data, x, mid);
      if (!isPicture(data.shape)) return void this.#numbers(context, data, x, mid);
      context.imageSmoothingEnabled = data.shape[0] > 24;
      context.fillStyle = '#fff';
      context.fillRect(x, mid - 24, 48, 48);
      if (this.#picture.complete && this.#picture.naturalWidth) context.drawImage(this.#picture, x, mid - 24, 48, 48);
      context.strokeStyle = colour('--line');
      context.strokeRect(x + 0.5, mid - 23.5, 47, 47);
      return;
    }
    const seen = run.activations?.[column.layer];
    if (column.last) return void this.#answers(context, place, run, mid);
    const top = mid - heightOf(place) / 2;
    if (!seen) return;
    const values = seen.values;
    const [h, w, c] = column.shape;
    const most = Math.max(
      1e-6,
      values.reduce((a, b) => Math.max(a, b), 0),
    );
    const ink = channels('--train');
    for (let k = 0; k < place.shown; k++) {
      if (place.flat) {
        const [fx, fy] = [x + Math.floor(k / 16) * 6, top + (k % 16) * 6];
        context.fillStyle = colour('--sunken');
        context.fillRect(fx, fy, 5, 5);
        context.globalAlpha = Math.min(1, Math.max(0, values[k]) / most) ** 0.8;
        context.fillStyle = colour('--train');
        context.fillRect(fx, fy, 5, 5);
        context.globalAlpha = 1;
      } else {
        const [fx, fy] = [
          x + (k % place.columns) * (place.wide + 2),
          top + Math.floor(k / place.columns) * (place.size + 2),
        ];
        context.fillStyle = colour('--sunken');
        context.fillRect(fx, fy, place.wide, place.size);
        paintMap(context, values, 0, [h, w, c], k, most, fx, fy, place.cell, ink);
      }
    }
    if (c > place.shown) {
      context.fillStyle = colour('--ink3');
      context.font = `11px ${colour('--font')}`;
      context.textAlign = 'center';
      context.fillText(`+${c - place.shown}`, x + place.width / 2, top + heightOf(place) + 11);
    }
  }

  /** Two numbers as a dot in a square. */
  #point(context, data, x, mid) {
    context.strokeStyle = colour('--edge');
    context.strokeRect(x + 0.5, mid - 23.5, 47, 47);
    context.beginPath();
    context.arc(x + 24 + data.shownPixels[0] * 16, mid - data.shownPixels[1] * 16, 3, 0, 7);
    context.fillStyle = colour('--ink');
    context.fill();
  }

  /** The numbers of a sample, one below the other. */
  #numbers(context, data, x, mid) {
    const shown = Array.from(data.shownPixels).slice(0, 6);
    context.font = `11px ${colour('--font')}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = colour('--ink');
    shown.forEach((value, i) => context.fillText(value.toFixed(1), x + 24, mid + (i - (shown.length - 1) / 2) * 14));
    context.textBaseline = 'alphabetic';
    const half = (shown.length * 14) / 2 + 4;
    context.strokeStyle = colour('--edge');
    context.strokeRect(x + 0.5, mid - half, 47, 2 * half);
  }

  #answers(context, place, run, mid) {
    const { data } = state;
    const guess = run.guesses?.find((one) => one.index === data.shown);
    const names = data.classNames;
    const rows = Math.min(names.length, 10);
    const step = Math.min(20, 112 / rows);
    const values = run.activations?.at(-1)?.values;
    if (!values) return;
    if (isRegression(run)) {
      context.font = `600 11px ${colour('--font')}`;
      context.fillStyle = colour('--ink');
      context.textAlign = 'left';
      context.fillText(run.experiment.dataset.label, place.x + 2, mid + 4, 60);
      return;
    }
    const probabilities = softmax(values);
    const label = data.labels[data.shown];
    for (let k = 0; k < rows; k++) {
      const y = mid - (rows * step) / 2 + k * step + step / 2;
      const p = probabilities[k];
      const first = guess ? guess.top[0].k === k : false;
      const long = names[k].length > 2;
      context.font = `${first ? 600 : 400} ${long ? 9 : 11}px ${colour('--font')}`;
      context.fillStyle = colour(first ? '--ink' : '--ink3');
      context.textAlign = 'left';
      context.textBaseline = 'middle';
      const [barX, barWidth] = long ? [place.x + 2, 54] : [place.x + 14, 42];
      if (long) context.fillText(names[k], place.x + 2, y - 3, 56);
      else context.fillText(names[k], place.x + 2, y);
      const barY = long ? y + 3 : y - 3;
      const thick = long ? 3 : 6;
      context.fillStyle = colour('--sunken');
      context.fillRect(barX, barY, barWidth, thick);
      context.fillStyle = colour(first ? (k === label ? '--run-b' : '--valid') : '--ghost');
      context.fillRect(barX, barY, Math.max(1, p * barWidth), thick);
    }
    context.textBaseline = 'alphabetic';
  }

  #words(context, places, width) {
    const step = width / places.length;
    const few = places.length <= 7 && step > 50;
    const isCrowded = places.length > 8; // a pool then has one word, where its neighbours have their weights
    places.forEach((place) => {
      const { column } = place;
      const middle = Math.min(width - 24, Math.max(24, place.x + Math.max(place.width, 18) / 2));
      const [h, w, c] = column.shape;
      const name = nameOf(column);
      const put = (text, y, ink, weight = 400) => {
        context.font = `${weight} ${few ? 11 : 9}px ${colour('--font')}`;
        context.textAlign = 'center';
        context.fillStyle = colour(ink);
        context.fillText(text, middle, y, step - 3);
      };
      if (isCrowded && column.kind === 'pool') return put(name, 166, '--ink3');
      put(name, 138, '--ink', 500);
      context.font = `400 11px ${colour('--font')}`;
      const fits = few && context.measureText(`${h}×${w}×${c}`).width < Math.min(step - 8, 2 * middle);
      const long = h === w && !fits ? `${h}²×${c}` : `${h}×${w}×${c}`;
      put(h * w > 1 ? long : String(c), 152, '--ink3');
      if (column.weights) put(count(column.weights), 166, '--train-text');
      return undefined;
    });
  }
}

customElements.define('network-strip', NetworkStrip);
