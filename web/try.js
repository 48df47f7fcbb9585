/**
 * Trying the network: draw, drop or choose a picture (or give numbers) and see what it says as you go; and why: how the score of a class
 * changes with each pixel of that picture.
 */
import { html, nothing } from 'lit';
import { decodeImages } from 'trainground';
import { failed } from './alerts.js';
import { samplePicture } from './data.js';
import { slider } from './fields.js';
import { percent, short, t } from './language.js';
import { stampOf, topThree } from './look.js';
import { newest } from './newest.js';
import './sketch_pad.js';
import { changed, changedNow, state } from './state.js';
import { bars } from './watch.js';
import { isPicture, whyFigure, whyOf } from './why.js';

/** What is being tried: {pixels, top, chosen, why, of, seen}; `seen` are the pixels that `why` is about. It belongs to one set. */
let tried = null;
/** Asks the network; while it answers, only the newest picture waits. */
const ask = newest(async () => {
  const one = tried; // another set may take its place while the network answers
  const { run, pixels, chosen } = one;
  try {
    const { probabilities } = await run.trainer.predict(pixels);
    const top = topThree(probabilities, 0, run.start.outputs);
    const of = chosen ?? top[0].k;
    Object.assign(one, { top });
    changed(); // the answer does not wait for its reason
    const isDrawn = isPicture(run.start.shape) && pixels.some((value) => value > 0);
    Object.assign(one, { of, seen: pixels, why: isDrawn ? await whyOf(run, pixels, of) : null });
  } catch (error) {
    // A run that another one has replaced cannot answer any more.
    if (run === tried.run) failed(error);
  }
  changed();
});

function take(pixels) {
  Object.assign(tried, { pixels });
  return ask();
}

/** A file as the network takes it. Where the set is bright ink on nothing, a picture on white paper is turned about. */
async function takeFile(file) {
  if (!file) return;
  const [h, w, c] = state.run.start.shape;
  try {
    const { inputs, rejected } = await decodeImages([file], { size: [h, w], channels: c === 1 ? 1 : 3 });
    if (rejected.length) throw new Error(t('try.bad', { name: file.name }));
    const pixels = Float32Array.from(inputs, (value) => value / 255);
    const border = pixels.filter((_, i) => {
      const [row, column] = [Math.floor(i / (w * c)), Math.floor(i / c) % w];
      return row === 0 || column === 0 || row === h - 1 || column === w - 1;
    });
    const paper = c === 1 && border.reduce((sum, value) => sum + value, 0) / border.length > 0.5;
    await take(paper ? pixels.map((value) => 1 - value) : pixels);
  } catch (error) {
    failed(error);
  }
}

/** Starts anew where there is another set, and asks again once an epoch has passed. */
function begin(run) {
  const [h, w, c] = run.start.shape;
  const key = `${state.data.key} ${run.start.shape}`;
  if (tried?.key !== key) {
    tried = { key, pixels: new Float32Array(h * w * c), top: null, chosen: null, of: null, why: null, run };
    if (!isPicture([h, w])) ask();
  }
  const stamp = stampOf(run);
  const stale = tried.top && tried.stamp !== stamp;
  Object.assign(tried, { run, stamp });
  if (stale) ask();
}

function answer() {
  const { top } = tried;
  const names = state.data.classNames;
  if (!top) return html`<p class="muted">${t('try.empty')}</p>`;
  const said = t('try.says', { name: names[top[0].k], share: percent(top[0].p, 0) });
  return html`<div class="guess" data-testid="try-answer" data-value=${top[0].k} role="status" aria-label=${said}>
    ${bars(top, top[0].k, names)}
  </div>`;
}

/** Numbers instead of a picture: one slider each. */
function numbers(run) {
  const count = run.start.shape[2];
  return html`<div class="numbers-in">
    ${Array.from({ length: count }, (_, i) => {
      const value = tried.pixels[i];
      return slider({
        name: `try-${i}`,
        label: t('try.number', { n: i + 1 }),
        value,
        text: short(value),
        least: count === 2 ? -1.5 : 0,
        most: count === 2 ? 1.5 : 8,
        by: 0.05,
        marks: false,
        set: (next) => {
          const pixels = tried.pixels.slice();
          pixels[i] = next;
          take(pixels);
          changedNow();
        },
      });
    })}
  </div>`;
}

/** The panel. */
export function tryPanel(run) {
  if (!run.trainer) return html`<p class="panel muted">${t('try.gone')}</p>`;
  begin(run);
  const { shape } = run.start;
  if (!isPicture(shape))
    return html`<div class="panel try" data-testid="try">
      ${numbers(run)}
      <div>${answer()}</div>
    </div>`;
  const drop = (event) => {
    event.preventDefault();
    takeFile(event.dataTransfer.files[0]);
  };
  return html`<div class="panel try" data-testid="try" @dragover=${(event) => event.preventDefault()} @drop=${drop}>
    <div>
      <sketch-pad
        data-testid="sketch"
        .shape=${shape}
        .label=${t('try.pad')}
        @sketch=${(event) => take(event.detail)}
      ></sketch-pad>
      <div class="row">
        <button
          class="button small"
          data-testid="try-clear"
          @click=${(event) => event.target.closest('.try').querySelector('sketch-pad').clear()}
        >
          ${t('try.clear')}
        </button>
        <label class="button small"
          >${t('try.file')}<input
            class="sr"
            type="file"
            accept="image/*"
            data-testid="try-file"
            @change=${(event) => takeFile(event.target.files[0])}
        /></label>
      </div>
      <p class="small muted">${t('try.how')}</p>
      <div class="row try-samples" role="group" aria-label=${t('try.samples')}>
        ${state.data.eight.map(
          (index) =>
            html`<button class="pick-picture" @click=${() => take(state.data.pictures.get(index))}>
              ${samplePicture(index, state.data.classNames[state.data.labels[index]])}
            </button>`,
        )}
      </div>
    </div>
    <div>${answer()}</div>
    ${
      tried.why
        ? whyFigure({
            id: 'why',
            pixels: tried.seen,
            shape,
            why: tried.why,
            of: tried.of,
            chosen: tried.chosen,
            choose: (k) => {
              tried.chosen = k;
              ask();
            },
          })
        : nothing
    }
  </div>`;
}
