/**
 * Why the network says what it says of a picture: where it looked (activation_map.js), and how the score of a class changes with each pixel (the
 * gradient of the score, Simonyan et al., "Deep inside convolutional networks", 2013), as heat maps over the picture and in words; and the training
 * pictures that it is nearest to. Any held-back picture opens it.
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { ref } from 'lit/directives/ref.js';
import { changed } from '../app/drawing.js';
import { language, languages, percent, t } from '../app/language.js';
import { setView, shownRun, stampOf, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { icon } from '../parts/icons.js';
import { newest } from '../parts/newest.js';
import { picture } from '../parts/picture.js';
import '../parts/pixel_map.js';
import { loadPictures } from '../data/data_set.js';
import { topThree } from '../model/answers.js';
import { activationMap } from './activation_map.js';
import { bars } from './guesses.js';
import { canCompareNow, likenessOf, lookingLine, nearestFigure, unlikeWords } from './likeness.js';

/**
 * What the score of a class comes from: where the network looked, null where it has no map of that; and one number a pixel: the sum over its
 * channels of how the score changes with them.
 */
export async function reasonsOf(run, pixels, output) {
  const looked = await activationMap(run, pixels, output);
  return { looked, why: await pixelsOf(run, pixels, output) };
}

async function pixelsOf(run, pixels, output) {
  const [h, w, c] = run.start.shape;
  const gradient = await run.trainer.inputGradient(pixels, output);
  return Float32Array.from({ length: h * w }, (_, i) =>
    gradient.subarray(i * c, i * c + c).reduce((sum, value) => sum + value, 0),
  );
}

/** Nine parts of a map: the share of each in the whole, and its sum. */
function regions(why, [h, w]) {
  const parts = Array.from({ length: 9 }, () => ({ size: 0, sum: 0 }));
  why.forEach((value, i) => {
    const [row, column] = [Math.floor(i / w), i % w];
    const part = parts[Math.min(2, Math.floor((3 * row) / h)) * 3 + Math.min(2, Math.floor((3 * column) / w))];
    part.size += Math.abs(value);
    part.sum += value;
  });
  const whole = parts.reduce((sum, { size }) => sum + size, 0) || 1;
  return parts.map(({ size, sum }) => ({ share: size / whole, sum }));
}

/** Where it looked, in words: which part speaks most for a class. */
function lookedWords({ values, h, w }, name) {
  const parts = regions(
    values.map((value) => Math.max(0, value)),
    [h, w],
  );
  const most = parts.reduce((best, { share }, i) => (share > parts[best].share ? i : best), 0);
  return parts[most].share
    ? t('why.looked.summary', { name, place: t(`why.place.${most}`), share: percent(parts[most].share, 0) })
    : t('why.looked.none', { name });
}

/** The heat map of pixels in words: which part counts most, and whether more there is for or against. */
function wordsOf(parts, name, channels) {
  const largest = parts.indexOf(parts.reduce((best, one) => (one.share > best.share ? one : best)));
  const { share, sum } = parts[largest];
  const ink = channels === 1 ? 'ink' : 'colour';
  return [
    t('why.summary', { name, place: t(`why.place.${largest}`), share: percent(share, 0) }),
    t(`why.${sum > 0 ? 'raises' : 'lowers'}.${ink}`),
  ].join(languages[language.name].space);
}

function table(parts, words) {
  return html`<details class="small">
    <summary>${t('table.show')}</summary>
    <table class="table">
      <caption class="sr">
        ${words}
      </caption>
      <tbody>
        ${[0, 1, 2].map(
          (row) =>
            html`<tr>
              ${parts.slice(3 * row, 3 * row + 3).map(({ share }) => html`<td>${percent(share, 0)} %</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** A map over its picture. */
function heatOver({ id, pixels, shape, of, words, isSmooth }, { values, h, w }) {
  const heat = state.view.heat ?? 0.8;
  const peak = Math.max(
    1e-9,
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  );
  return html`<div class="heat">
    <span .style=${`filter:grayscale(${heat})`}>${picture(pixels, shape, '')}</span>
    <pixel-map
      class=${isSmooth ? 'smooth' : ''}
      role="img"
      data-testid=${id}
      data-value=${of}
      aria-label=${words}
      .style=${`opacity:${heat}`}
      .model=${{ values, h, w, signed: true, peak, clear: true }}
    ></pixel-map>
  </div>`;
}

/**
 * The heat maps over their picture, with all that belongs to them. `looked`, `why`: what `reasonsOf` gave; `of`: the class whose score they are
 * about; `chosen`: that class where it was chosen, else null; `choose`: gets another choice.
 * @param {{ id: string, pixels: Float32Array, shape: number[], looked: any, why: Float32Array, of: number, chosen: number | null,
 *   choose: (k: number | null) => unknown }} what
 */
export function whyFigure({ id, pixels, shape, looked, why, of, chosen, choose }) {
  const [h, w, c] = shape;
  const names = state.data.classNames;
  const parts = regions(why, [h, w]);
  const words = wordsOf(parts, names[of], c);
  const heat = state.view.heat ?? 0.8;
  const over = { pixels, shape, of };
  const wordsOfLook = looked && lookedWords(looked, names[of]);
  return html`<figure class="why ${looked ? 'two' : ''}" data-testid="${id}-figure">
    <figcaption class="caption">
      <h3>${t('why.title')}</h3>
      <label class="row small"
        ><span class="muted">${t('why.of')}</span
        ><span class="pick plain"
          ><select
            data-testid="${id}-class"
            @change=${(event) => choose(event.target.value === '' ? null : Number(event.target.value))}
          >
            <option value="" ?selected=${chosen === null}>${t('why.first')}</option>
            ${names.map((name, k) => html`<option value=${k} ?selected=${chosen === k}>${name}</option>`)}</select
          >${icon('down')}</span
        ></label
      >
    </figcaption>
    <div>
      <div class="heats">
        ${
          looked
            ? html`<div>
                <h4>${t('why.looked')}</h4>
                ${heatOver({ ...over, id: `${id}-looked`, words: wordsOfLook, isSmooth: true }, looked)}
              </div>`
            : nothing
        }
        <div>
          ${looked ? html`<h4>${t('why.pixels')}</h4>` : nothing}
          ${heatOver({ ...over, id, words, isSmooth: false }, { values: why, h, w })}
        </div>
      </div>
      <label class="row small heat-strength"
        ><span>${t('why.picture')}</span
        ><input
          type="range"
          min="0"
          max="1"
          step="0.05"
          data-testid="${id}-heat"
          aria-label=${t('why.heat')}
          aria-valuetext="${percent(heat, 0)} %"
          .value=${live(String(heat))}
          @input=${(event) => setView({ heat: Number(event.target.value) })}
        /><span>${t('why.map')}</span></label
      >
    </div>
    <div class="why-words">
      ${
        looked
          ? html`<p data-testid="${id}-looked-words">${wordsOfLook}</p>
              <p class="small muted">${t('why.looked.note', { name: names[of], h: looked.h, w: looked.w })}</p>`
          : nothing
      }
      <p data-testid="${id}-words">${words}</p>
      <p class="small muted">${t(c === 1 ? 'why.note.ink' : 'why.note.colour', { name: names[of] })}</p>
      ${table(parts, words)}
    </div>
  </figure>`;
}

/** The question that is asked of a run, and the answer with the state of the weights it came from. */
let asked = null;

const answering = newest(async (_, signal) => {
  const one = asked;
  const { run, index, chosen, data, wanted } = one;
  try {
    await loadPictures(data, [index]);
    const pixels = data.pictures.get(index);
    const { probabilities } = await run.trainer.predict(pixels);
    const top = topThree(probabilities, 0, run.start.outputs);
    const of = chosen ?? top[0].k;
    const likeness = await likenessOf(run, pixels);
    one.answer = { pixels, top, of, likeness, ...(await reasonsOf(run, pixels, of)), stamp: wanted };
  } catch (error) {
    // A run that another one has replaced, or an epoch that is no longer looked at, cannot answer any more.
    if (!signal.aborted && run === shownRun(state.run)) failed(error);
  }
  changed();
});

function close() {
  answering.withdraw();
  asked = null;
  setView({ asked: null });
}

/** The box that a picture has opened (data/samples.js): `state.view.asked` is the picture, the set it is of, and the class if one was chosen. */
export function whyBox() {
  const { data, view } = state;
  if (!view.asked || !state.run?.start || data?.key !== view.asked.key) return nothing;
  const run = shownRun(state.run);
  const { index, chosen } = view.asked;
  const wanted = `${stampOf(run)} ${index} ${chosen} ${canCompareNow(run)}`;
  if (asked?.wanted !== wanted) {
    const answer = asked?.index === index ? asked.answer : null; // until the new one is there
    asked = { run, index, chosen, data, wanted, answer };
    if (run.trainer) answering.ask();
  }
  const names = data.classNames;
  const label = data.labels[index];
  const choose = (k) => setView({ asked: { ...view.asked, chosen: k } });
  const { answer: told } = asked;
  const right = told?.top[0].k === label;
  return html`<dialog
    class="why-box"
    data-testid="why-box"
    data-index=${index}
    data-stamp=${asked.answer?.stamp ?? ''}
    aria-labelledby="why-heading"
    ${ref((box) => box && !(/** @type {HTMLDialogElement} */ (box).open) && queueMicrotask(() => box.isConnected && /** @type {HTMLDialogElement} */ (box).showModal()))}
    @close=${close}
    @click=${(event) => event.target === event.currentTarget && event.currentTarget.close()}
  >
    <div class="inner">
      <div class="row">
        <h2 id="why-heading">
          ${told ? t(right ? 'why.right' : 'why.wrong', { is: names[label], said: names[told.top[0].k] }) : t('why.title')}
        </h2>
        <span class="space"></span>
        <button class="link" data-testid="why-close" @click=${(event) => event.target.closest('dialog').close()}>
          ${t('alert.close')}
        </button>
      </div>
      ${
        told
          ? html`${unlikeWords(told.likeness)}
              <div class="guess">${bars(told.top, label, names)}</div>
              ${whyFigure({ id: 'picture-why', shape: run.start.shape, chosen, choose, ...told })} ${lookingLine(run)}
              ${nearestFigure(told.likeness)}`
          : html`<p class="muted">${t(run.trainer ? 'inside.wait' : 'try.gone')}</p>`
      }
    </div>
  </dialog>`;
}
