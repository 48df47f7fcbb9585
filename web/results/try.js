/**
 * Trying the network: draw, drop or choose a picture (or give numbers) and see what it says as you go; and why: how the score of a class
 * changes with each pixel of that picture, and which training pictures it is like, if any.
 */
import { html, nothing } from 'lit';
import { prepareImages } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { percent, setting, t } from '../app/language.js';
import { setView, stampOf, state } from '../app/state.js';
import { dismiss, failed, notice } from '../parts/alerts.js';
import { fileButton, slider } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { newest } from '../parts/newest.js';
import { isPicture } from '../parts/picture.js';
import { isPlane } from '../parts/point_plane.js';
import { samplePicture } from '../data/samples.js';
import '../data/sketch_pad.js';
import { topThree } from '../model/answers.js';
import { bars } from './guesses.js';
import { isLive, liveBox, turnLive } from './live.js';
import { rowPanel } from './try_row.js';
import { canCompareNow, likenessOf, lookingLine, nearestFigure, unlikeWords } from './likeness.js';
import { reasonsOf, whyFigure } from './why.js';

/** What one draws with on colour pictures, by the names in the text file. */
const colours = {
  black: '#000000',
  red: '#e02020',
  orange: '#f59a23',
  yellow: '#ffd83d',
  green: '#3aa655',
  blue: '#2f7fd8',
  brown: '#8a5a33',
  white: '#ffffff',
};
const brushes = { thin: 1 / 16, middle: 1 / 11, thick: 1 / 5 };

/** One pad for all: what was drawn stays while another tab is looked at. */
let pad = null;

/** What is being tried: {pixels, label, top, likeness, chosen, reasons, of, seen}; `seen` are the pixels that `reasons` are of. It belongs to one set. */
let tried = null;
/** What the network says of what is tried. An answer to what has been wiped out, or of another set, is not shown. */
const answering = newest(async (_, signal) => {
  const one = tried;
  const { run, pixels, chosen } = one;
  try {
    const { probabilities } = await run.trainer.predict(pixels);
    if (signal.aborted) return;
    const top = topThree(probabilities, 0, run.start.outputs);
    const of = chosen ?? top[0].k;
    const likeness = await likenessOf(run, pixels);
    if (signal.aborted) return;
    Object.assign(one, { top, likeness });
    changed(); // the answer does not wait for its reasons
    const reasons = isPicture(run.start.shape) ? await reasonsOf(run, pixels, of) : null;
    if (signal.aborted) return;
    Object.assign(one, { of, seen: pixels, reasons });
  } catch (error) {
    // A run that another one has replaced cannot answer any more.
    if (!signal.aborted && run === tried.run) failed(error);
  }
  changed();
});

/** `label`: the true class, where it is known. */
function take(pixels, label = null) {
  Object.assign(tried, { pixels, label }, pixels ? {} : { top: null, likeness: null, reasons: null });
  if (pixels) return answering.ask();
  answering.withdraw();
  return changedNow();
}

/** A picture that was not drawn: it lies on the pad too. */
function takePicture(pixels, label = null) {
  pad?.show(pixels);
  return take(pixels, label);
}

/** Why a picture cannot be read, in words. @param {import('trainground').RejectedImage} refused */
function whyNot({ code, kind }) {
  if (code === 'pixels' || code === 'bytes') return t('untried.large');
  if (code === 'hidden') return t('untried.hidden');
  return kind ? t('untried.kind', { kind }) : t('untried.none');
}

/** A file as the network takes it. */
const decoding = newest(async (file) => {
  const one = tried;
  dismiss('untried');
  try {
    const { inputs, rejected } = await prepareImages([file], state.run.start.preparation);
    if (rejected.length) notice('untried', { name: file.name, why: whyNot(rejected[0]) });
    else if (one === tried) takePicture(Float32Array.from(inputs, (value) => value / 255));
  } catch (error) {
    failed(error);
  }
});

const takeFile = (file) => file && decoding.ask(file);

/** Starts anew where there is another set, and asks again once an epoch has passed. Numbers start as those of a sample. */
function begin(run) {
  const { data } = state;
  const key = `${data.key} ${run.start.shape}`;
  if (tried?.key !== key) {
    tried = { key, pixels: null, label: null, top: null, likeness: null, chosen: null, of: null, reasons: null, run };
    answering.withdraw();
    pad?.clear(false);
    if (!isPicture(run.start.shape)) take(data.pictures.get(data.eight[0]), data.labels[data.eight[0]]);
  }
  const stamp = `${stampOf(run)} ${canCompareNow(run)}`;
  const stale = tried.top && tried.stamp !== stamp;
  Object.assign(tried, { run, stamp });
  if (stale) answering.ask();
}

function answer() {
  const { top, label, likeness } = tried;
  const names = state.data.classNames;
  if (!top) return html`<p class="muted">${t('try.empty')}</p>`;
  const said = t(likeness?.isUnlike[0] ? 'try.saysUnlike' : 'try.says', {
    name: names[top[0].k],
    share: percent(top[0].p, 0),
  });
  return html`<div class="guess" data-testid="try-answer" data-value=${top[0].k} role="status" aria-label=${said}>
    ${unlikeWords(likeness)} ${bars(top, label, names)}
    ${label === null ? nothing : html`<p class="small ${label === top[0].k ? 'good' : 'held'}">${label === top[0].k ? '✓' : '✕'} ${t('guesses.is', { name: names[label] })}</p>`}
  </div>`;
}

/** Numbers instead of a picture: one slider each. */
function numbers(run) {
  const count = run.start.shape[2];
  const plane = isPlane(run.start.shape);
  const name = (i) => {
    if (plane) return 'xy'[i];
    return state.data.name === 'iris' ? t(`try.iris.${i}`) : t('try.number', { n: i + 1 });
  };
  return html`<div class="numbers-in">
    ${Array.from({ length: count }, (_, i) =>
      slider({
        name: `try-${i}`,
        label: name(i),
        value: tried.pixels[i],
        text: setting(Number(tried.pixels[i].toFixed(3))),
        least: plane ? -1.5 : 0,
        most: plane ? 1.5 : 8,
        by: 0.05,
        marks: false,
        set: (next) => {
          const pixels = tried.pixels.slice();
          pixels[i] = next;
          take(pixels);
          changedNow();
        },
      }),
    )}
    <p class="small muted">${t(plane ? 'try.plane' : 'try.how')}</p>
    ${samples(take)}
  </div>`;
}

/** The point that is tried and the answer, for the plane; null: another panel is looked at. */
export function triedPoint() {
  if (state.view.tab !== 'try' || tried?.pixels?.length !== 2) return null;
  const [first] = tried.top ?? [];
  const text = first ? `${state.data.classNames[first.k]} ${percent(first.p, 0)} %` : '';
  return { place: tried.pixels, text };
}

/** Tries a place of the plane; the panel opens for it. */
export function tryPoint(x, y) {
  if (state.view.tab !== 'try') setView({ tab: 'try' });
  take(Float32Array.of(x, y));
  changed();
}

/** Samples that were held back, to be taken. */
function samples(choose) {
  const { data } = state;
  return html`<div class="row try-samples" role="group" aria-label=${t('try.samples')}>
    ${data.eight.map(
      (index) =>
        html`<button
          class="pick-picture"
          @click=${() => {
            choose(data.pictures.get(index), data.labels[index]);
            changedNow();
          }}
        >
          ${samplePicture(index, data.classNames[data.labels[index]])}
        </button>`,
    )}
  </div>`;
}

/** The pad, made once. */
function padOf(shape) {
  if (!pad) {
    pad = /** @type {any} */ (document.createElement('sketch-pad'));
    pad.dataset.testid = 'sketch';
    pad.addEventListener('sketch', (event) => take(event.detail));
  }
  Object.assign(pad, { shape, label: t('try.pad') });
  return pad;
}

/** Colours, where there are some, and brushes. */
function tools(channels) {
  const set = (key, value) => () => {
    pad[key] = value;
    changedNow();
  };
  return html`${
      channels === 1
        ? nothing
        : html`<div class="row inks" role="group" aria-label=${t('try.colours')}>
            ${Object.entries(colours).map(([name, value]) => html`<button class="ink" .style=${`background:${value}`} aria-label=${t(`try.colour.${name}`)} title=${t(`try.colour.${name}`)} data-testid="ink-${name}" aria-pressed=${pad.colour === value ? 'true' : 'false'} @click=${set('colour', value)}></button>`)}
          </div>`
    }
    <span class="segment" role="group" aria-label=${t('try.brush')}
      >${Object.entries(brushes).map(([name, value]) => html`<button aria-pressed=${pad.brush === value ? 'true' : 'false'} data-testid="brush-${name}" @click=${set('brush', value)}>${t(`try.brush.${name}`)}</button>`)}</span
    >`;
}

/** The panel. */
export function tryPanel(run) {
  if (!run.trainer) return html`<p class="panel muted">${t('try.gone')}</p>`;
  if (run.start.preparation.kind === 'table') return rowPanel(run);
  begin(run);
  const { shape } = run.start;
  if (!isPicture(shape))
    return html`<div class="panel try" data-testid="try">
      ${numbers(run)}
      <div class="answer-part">${answer()}</div>
    </div>`;
  if (isLive()) {
    const { camera, bars } = liveBox(run);
    return html`<div class="panel try live" data-testid="try">${camera}${bars}</div>`;
  }
  const drop = (event) => {
    event.preventDefault();
    takeFile(event.dataTransfer.files[0]);
  };
  return html`<div class="panel try" data-testid="try" @dragover=${(event) => event.preventDefault()} @drop=${drop}>
    <div>
      ${padOf(shape)} ${tools(shape[2])}
      <div class="row ways-to-try">
        <button class="button small" data-testid="try-clear" @click=${() => pad.clear()}>${t('try.clear')}</button>
        <button class="button small" data-testid="try-camera" @click=${() => turnLive()}>
          ${icon('camera')}${t('try.camera')}
        </button>
        ${fileButton({ words: t('try.file'), id: 'try-file', accept: 'image/*', take: ([file]) => takeFile(file) })}
      </div>
      <p class="small muted">${t('try.how')}</p>
      ${samples(takePicture)}
    </div>
    <div class="answer-part">${answer()} ${lookingLine(run)} ${nearestFigure(tried.likeness)}</div>
    ${
      tried.reasons
        ? whyFigure({
            id: 'why',
            pixels: tried.seen,
            shape,
            ...tried.reasons,
            of: tried.of,
            chosen: tried.chosen,
            choose: (k) => {
              tried.chosen = k;
              answering.ask();
            },
          })
        : nothing
    }
  </div>`;
}
