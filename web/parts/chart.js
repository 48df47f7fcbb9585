/**
 * Curves over epochs. uPlot draws axes and lines; what makes them readable is drawn on top: names at the lines' ends instead of a legend,
 * the best epoch with its diamond, the tail after it, the patience as dots on the axis, the level of guessing.
 *
 * `<curve-chart .model=${...}>`, model: {key, x, at?, lines: [{name, values, look, at?}], guess, best, tail, pips, stops, events, hint, log,
 * xMax, summary, format, axisName, travels, here}. `at`: where the values stand on the axis, for all lines or for one; without it they stand
 * at 0, 1, 2. With `travels` a drag along the curves, or an arrow key, sends `travel` with the index of a value; Escape sends it with null,
 * also while that value is still being looked at. `here`: the index that is looked back at, or null. Columns go in; it draws when the model
 * or the size or the theme changes, never by itself.
 */
import './browser_language.js';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { setting } from '../app/language.js';
import { paintBands, paintEnds, paintGuess, paintHere, paintMarks, paintTail, placeOf } from './chart_marks.js';
import { colour } from './colour.js';

const looks = {
  train: { colour: '--train', text: '--train-text', width: 1.75 },
  valid: { colour: '--valid', text: '--valid-text', width: 2.25, dash: [5, 4] },
  ghost: { colour: '--ghost', text: '--ink3', width: 1.25, dash: [5, 4] },
  a: { colour: '--run-a', text: '--run-a-text', width: 2.25, dash: [5, 4], mark: 'circle' },
  b: { colour: '--run-b', text: '--good-text', width: 2.25, dash: [5, 4], mark: 'square' },
  c: { colour: '--ink2', text: '--ink2', width: 1.75, dash: [2, 3], mark: 'triangle' },
  d: { colour: '--ink', text: '--ink', width: 1.75, dash: [8, 3], mark: 'diamond' },
  'a-train': { colour: '--run-a', text: '--run-a-text', width: 1.25 },
  'b-train': { colour: '--run-b', text: '--good-text', width: 1.25 },
  third: { colour: '--train', text: '--train-text', width: 1.75, dash: [2, 3] },
  fourth: { colour: '--valid', text: '--valid-text', width: 1.75, dash: [8, 3] },
  fifth: { colour: '--ink2', text: '--ink2', width: 1.5 },
  sixth: { colour: '--ink2', text: '--ink2', width: 1.5, dash: [1, 3] },
};

export const lookOf = (name) => looks[name];

/** A press becomes a drag after so many pixels: a trembling hand does not travel. */
const kDragPixels = 3;

const nice = [1, 2, 4, 5, 10, 20, 40, 50, 100, 200, 500, 1000];

/** Pixels between two numbers on the x axis, at least; numbers of four digits and more need half as much again. */
const kTickPixels = 40;

/** How many steps between ticks there is room for on an axis that ends at `most`. */
function roomForTicks(plot, most) {
  const width = plot.bbox.width / (devicePixelRatio || 1);
  return Math.max(2, Math.min(6.5, width / (most >= 1000 ? 1.5 * kTickPixels : kTickPixels)));
}

/** Whole ticks from 0, no more than there is room for. */
function wholeTicks(most, room) {
  const by = nice.find((n) => most / n <= room) ?? Math.ceil(most / room);
  return Array.from({ length: Math.floor(most / by + 1e-9) + 1 }, (_, i) => i * by);
}

/** 1, .3, .1 ... between the ends of a logarithmic axis. */
function logTicks(least, most) {
  const ticks = [];
  for (let power = -9; power <= 9; power++) for (const lead of [1, 3]) ticks.push(lead * 10 ** power);
  const inside = ticks.filter((tick) => tick >= least * 1.001 && tick <= most);
  return inside.length <= 7
    ? inside
    : inside.filter((tick) => /^\.?0*1|^1|e/.test(String(Number(tick.toPrecision(1))).replace(/^0/, '')));
}

function linearTicks(least, most, parts = 4) {
  const raw = (most - least) / parts;
  const power = 10 ** Math.floor(Math.log10(raw || 1));
  const by = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= raw) ?? raw;
  const ticks = [];
  for (let tick = Math.ceil(least / by) * by; tick <= most + 1e-9; tick += by) ticks.push(Number(tick.toPrecision(6)));
  return ticks;
}

/** The y axis's ends: losses with room above guessing, shares from 0 to 1. */
function range(model) {
  if (model.key === 'accuracy') return [model.least ?? 0, 1];
  const values = model.lines.flatMap((line) => line.values.filter((v) => v !== null && Number.isFinite(v)));
  if (model.guess) values.push(model.guess.value);
  const most = Math.max(...values, 1e-3);
  const least = Math.min(...values);
  if (!model.log) return [Math.min(0, least), model.most ?? most * 1.08];
  const start = values.length <= 2 ? 0.004 : Math.max(least, 1e-6) / 1.6;
  return [Math.min(start, most / 4), most * 2.4];
}

class CurveChart extends HTMLElement {
  #model = null;
  #plot = null;
  #signature = '';
  /** Of what was drawn last; and of the texts that the room on the right was measured for. */
  #drawn = '';
  #measured = { texts: '', room: 0 };
  /** Pixels, as the observer tells them: to ask the page would have it lay everything out in the middle of a drawing. */
  #size = { width: 0, height: 0 };
  #observer = null;
  /** Where the pointer was pressed, in pixels; null: it is not. */
  #pressed = null;
  #dragging = false;
  #measure = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
  /** Epoch under the cursor, or null. */
  cursor = null;

  set model(model) {
    this.#model = model;
    this.#describe();
    if (this.isConnected) this.#draw();
  }

  /** A picture; where it can be travelled on, a slider over its epochs, which tells the values at each. */
  #describe() {
    const { travels, x, here, read, summary } = this.#model;
    const at = here ?? x.length - 1;
    const values = {
      tabindex: 0,
      'aria-label': summary,
      role: travels ? 'slider' : 'img',
      'aria-valuemin': travels ? x[0] : null,
      'aria-valuemax': travels ? x.at(-1) : null,
      'aria-valuenow': travels ? x[at] : null,
      'aria-valuetext': travels ? read(at).join(', ') : null,
    };
    this.classList.toggle('travels', Boolean(travels));
    for (const [name, value] of Object.entries(values)) {
      if (value === null) this.removeAttribute(name);
      else if (this.getAttribute(name) !== String(value)) this.setAttribute(name, String(value));
    }
  }

  get model() {
    return this.#model;
  }

  connectedCallback() {
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      if (!this.#size.width) this.#drawn = ''; // a canvas that was hidden is empty in WebKitGTK until it is drawn on
      this.#size = { width: Math.round(contentRect.width), height: Math.round(contentRect.height) };
      this.#draw();
    });
    this.#observer.observe(this);
    this.addEventListener('keydown', this.#key);
    this.addEventListener('pointerdown', this.#press);
    this.addEventListener('pointermove', this.#point);
    this.addEventListener('pointerup', this.#release);
    this.addEventListener('pointercancel', this.#release);
    this.addEventListener('pointerleave', this.#leave);
    this.addEventListener('blur', this.#leave);
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
    this.#signature = '';
    this.#drawn = '';
  }

  #key = (event) => {
    if (!this.#model) return;
    const { here, travels, x } = this.#model;
    const isAway = this.cursor !== null || (here !== null && here !== undefined);
    if (event.key === 'Escape' && travels && isAway) {
      event.preventDefault();
      this.#moveTo(null);
      return this.#travel(null);
    }
    const last = x.length - 1;
    const from = this.cursor ?? here ?? last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#moveTo(Math.min(last, Math.max(0, to)));
    if (travels) this.#travel(this.cursor);
  };

  #press = (event) => {
    if (this.#model?.travels && event.button === 0) this.#pressed = event.clientX;
  };

  #release = () => {
    this.#pressed = null;
    this.#dragging = false;
    this.classList.remove('dragging');
  };

  #point = (event) => {
    if (!this.#plot) return;
    if (this.#pressed !== null && !this.#dragging && Math.abs(event.clientX - this.#pressed) >= kDragPixels) {
      this.#dragging = true;
      this.classList.add('dragging');
      this.setPointerCapture(event.pointerId);
    }
    const box = this.#plot.over.getBoundingClientRect();
    const before = this.cursor;
    this.#moveTo(this.#nearest(this.#plot.posToVal(event.clientX - box.left, 'x')));
    if (this.#dragging && (this.cursor !== before || this.cursor !== this.#model.here)) this.#travel(this.cursor);
  };

  #travel(index) {
    this.dispatchEvent(new CustomEvent('travel', { detail: { index } }));
  }

  /** Which value stands nearest to a place on the axis; null: the place is more than half a step outside, and nothing is dragged. */
  #nearest(place) {
    const places = this.#model.x.map((_, i) => placeOf(this.#model, i));
    const last = places.length - 1;
    const half = last > 0 ? (places[last] - places[0]) / last / 2 : 0.5;
    if (!this.#dragging && (place < places[0] - half || place > places[last] + half)) return null;
    const away = places.map((x) => Math.abs(x - place));
    return away.indexOf(Math.min(...away));
  }

  #leave = () => this.#dragging || this.#moveTo(null);

  #moveTo(epoch) {
    if (epoch === this.cursor) return;
    this.cursor = epoch;
    this.#plot?.redraw(false);
  }

  #columns() {
    const { lines, log } = this.#model;
    const fit = (v) => (v === null || v === undefined || Number.isNaN(v) ? null : log && v <= 0 ? 1e-9 : v);
    const placed = lines.map((line) => new Map(line.values.map((v, i) => [placeOf(this.#model, i, line), fit(v)])));
    const at = [...new Set(placed.flatMap((line) => [...line.keys()]))].sort((a, b) => a - b);
    return [at, ...placed.map((line) => at.map((x) => line.get(x) ?? null))];
  }

  /** What the names at the curves' ends need, whichever font the system has. */
  #room() {
    if (this.#model.room) return this.#model.room;
    const names = this.#model.lines.flatMap(({ name }) =>
      name ? [1, 0.888, 0.000888].map((value) => name(value)) : [],
    );
    const texts = names.join('\n');
    if (texts !== this.#measured.texts) {
      const ctx = this.#measure;
      ctx.font = `600 11px ${colour('--font')}`;
      const room = Math.max(64, ...names.map((text) => Math.ceil(ctx.measureText(text).width) + 14));
      this.#measured = { texts, room };
    }
    return this.#measured.room;
  }

  /** All that decides the picture; of a function, what it says. */
  #picture() {
    const model = this.#model;
    const names = model.lines.map(({ name, values }) =>
      name?.(values.findLast((value) => Number.isFinite(value)) ?? 0),
    );
    return JSON.stringify([model, names, model.axisValue?.(1), this.#size, this.#signature, devicePixelRatio]);
  }

  #draw() {
    const { width, height } = this.#size;
    if (!this.#model || width < 80 || height < 60) return;
    const theme = document.documentElement.dataset.theme;
    const signature = JSON.stringify([
      this.#model.lines.map((line) => line.look),
      this.#model.log,
      theme,
      this.#room(),
    ]);
    if (signature !== this.#signature || !this.#plot) {
      this.#plot?.destroy();
      this.#signature = signature;
      this.#plot = new UPlot(this.#options(width, height), this.#columns(), this);
      this.#drawn = this.#picture();
      return;
    }
    const picture = this.#picture();
    if (picture === this.#drawn) return;
    this.#drawn = picture;
    if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
    this.#plot.setData(this.#columns());
  }

  /** @returns {any} uPlot's own type of options wants pairs where plain arrays do */
  #options(width, height) {
    const now = () => this.#model;
    const font = `11px ${colour('--font')}`;
    const axis = { font, stroke: () => colour('--ink3'), ticks: { show: false } };
    return {
      width,
      height,
      padding: [10, this.#room(), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [0, now().xMax] },
        y: { distr: this.#model.log ? 3 : 1, range: () => range(now()) },
      },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 4,
          grid: { show: false },
          border: { show: true, stroke: () => colour('--edge'), width: 1 },
          splits: (plot) => {
            const { at, xMax, xTicks } = now();
            const room = roomForTicks(plot, xMax);
            return (
              xTicks?.map((tick) => tick.at) ?? (at ? linearTicks(0, xMax, Math.min(4, room)) : wholeTicks(xMax, room))
            );
          },
          values: (_, ticks) => ticks.map((tick) => now().xTicks?.find(({ at }) => at === tick)?.text ?? setting(tick)),
          filter: (_, ticks) => ticks,
        },
        {
          ...axis,
          size: 44,
          gap: 8,
          grid: { stroke: () => colour('--line'), width: 1 },
          splits: () => {
            const [least, most] = range(now());
            if (now().key === 'accuracy') return linearTicks(least, most);
            return now().log ? logTicks(least, most) : linearTicks(least, most);
          },
          values: (_, ticks) => ticks.map((tick) => now().axisValue(tick)),
          filter: (_, ticks) => ticks,
        },
      ],
      series: [
        {},
        ...this.#model.lines.map(({ look }) => {
          const { colour: name, width: thick, dash } = looks[look];
          return {
            stroke: () => colour(name),
            width: thick,
            dash,
            cap: dash ? 'butt' : 'round',
            points: { show: false },
            spanGaps: true,
            pxAlign: 0,
          };
        }),
      ],
      hooks: {
        drawClear: [(plot) => paintTail(plot, now(), colour), (plot) => paintBands(plot, now(), colour, lookOf)],
        drawAxes: [(plot) => paintGuess(plot, now(), colour)],
        draw: [
          (plot) => {
            paintHere(plot, now(), colour);
            paintMarks(plot, now(), colour, lookOf, this.cursor);
            paintEnds(plot, now(), colour, lookOf);
          },
        ],
      },
    };
  }
}

customElements.define('curve-chart', CurveChart);
