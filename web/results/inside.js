/**
 * Inside the network: the filters of a layer, what they make of a picture, one pixel written out as the sum it is, and how weights, gradients
 * and activations are spread, epoch after epoch. Read from the engine as the run goes; only for networks of up to 50,000 weights.
 */
import { html, nothing } from 'lit';
import { changed } from '../app/drawing.js';
import { short, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import '../parts/pixel_map.js';
import { samplePicture } from '../data/samples.js';
import { kMostInside, lookInside } from '../train/look_inside.js';
import { ridgeFigures } from './ridges.js';

/** Layers whose maps can be looked at: convolutions. */
const convolutions = (run) =>
  run.start.layers.map((layer, at) => ({ ...layer, at })).filter(({ type }) => type === 'conv2d');

/** Maps of one of the eight pictures in a layer. */
function mapsOf({ values, shape }, picture) {
  const [h, w, c] = shape;
  const from = picture * h * w * c;
  return Array.from({ length: c }, (_, k) => Float32Array.from({ length: h * w }, (__, i) => values[from + i * c + k]));
}

const set = (values) => setView({ inside: { ...state.view.inside, ...values } });

function choices(run, view) {
  const { data } = state;
  const layers = convolutions(run);
  const segment = (label, list, value, choose) =>
    html`<span class="row"
      ><span class="muted">${label}</span
      ><span class="segment" role="group" aria-label=${label}
        >${list.map(([key, text]) => html`<button aria-pressed=${key === value ? 'true' : 'false'} @click=${() => choose(key)}>${text}</button>`)}</span
      ></span
    >`;
  return html`<div class="row inside-choices">
    <span class="row"
      ><span class="muted">${t('inside.picture')}</span>${data.eight.map(
        (index, at) =>
          html`<button
            class="pick-picture"
            aria-pressed=${at === view.picture ? 'true' : 'false'}
            @click=${() => set({ picture: at })}
          >
            ${samplePicture(index, data.classNames[data.labels[index]])}
          </button>`,
      )}</span
    >
    <span class="space"></span>
    ${segment(
      t('inside.layer'),
      layers.map(({ at }, i) => [at, t('inside.conv', { n: i + 1 })]),
      view.layer,
      (layer) => set({ layer, pixel: null, map: 0 }),
    )}
    ${segment(
      t('inside.scale'),
      [
        ['map', t('inside.perMap')],
        ['layer', t('inside.perLayer')],
      ],
      view.scale,
      (scale) => set({ scale }),
    )}
  </div>`;
}

/** Filters as pictures: the first convolution's own, later ones as the size over their inputs. */
function filtersOf(run, layer) {
  const entry = run.inside.weights[`layers.${layer.index}.weight`];
  if (!entry) return null;
  const [out, input, kh, kw] = entry.shape;
  const area = kh * kw;
  const signed = input === 1;
  const list = Array.from({ length: out }, (_, k) =>
    Float32Array.from({ length: area }, (__, i) => {
      if (signed) return entry.values[k * area + i];
      let sum = 0;
      for (let c = 0; c < input; c++) sum += entry.values[(k * input + c) * area + i] ** 2;
      return Math.sqrt(sum / input);
    }),
  );
  return { list, kh, kw, signed, peak: Math.max(...list.map((one) => Math.max(...Array.from(one, Math.abs)))) };
}

function maps(run, view, layer, filters) {
  const seen = run.inside.activations;
  const at = seen.findIndex((one) => one.index === layer.index);
  let last = at;
  while (['batchNormalization', 'activation'].includes(seen[last + 1]?.type)) last += 1;
  const list = mapsOf(seen[last], view.picture);
  const [h, w] = seen[last].shape;
  const peaks = list.map((map) => Math.max(1e-6, ...map));
  const whole = Math.max(...peaks);
  const shown = Math.min(list.length, 16);
  const choose = (map) => (event) => set({ map, pixel: event.detail });
  return html`<div class="inside-grid">
      <div>
        <h3>${t('inside.filters')}</h3>
        <p class="small muted">
          ${filters ? `${filters.signed ? short(-filters.peak) : '0'} … ${short(filters.peak)}` : ''}
        </p>
      </div>
      <div class="map-row">
        ${filters ? filters.list.slice(0, shown).map((values, k) => html`<pixel-map role="img" aria-label=${t('inside.filter', { n: k + 1 })} .model=${{ values, h: filters.kh, w: filters.kw, signed: filters.signed, peak: filters.peak, picked: k === view.map }}></pixel-map>`) : nothing}
      </div>
      <div>
        <h3>${t('inside.maps')}</h3>
        <p class="small muted">${t('inside.after')}</p>
      </div>
      <div class="map-row">
        ${list.slice(0, shown).map((values, k) => html`<pixel-map role="img" tabindex="0" aria-label=${t('inside.map', { n: k + 1, value: short(peaks[k]) })} .model=${{ values, h, w, signed: false, peak: view.scale === 'map' ? peaks[k] : whole, pixel: k === view.map ? view.pixel : null }} @pixel=${choose(k)}></pixel-map>`)}
      </div>
    </div>
    ${pixelSum(run, view, layer, { at, last, h, w })}`;
}

/** One pixel of a map as inputs times weights, plus the bias, through the norm and the activation. */
function pixelSum(run, view, layer, { at, last, h, w }) {
  const [row, column] = view.pixel ?? [Math.floor(h / 3), Math.floor(w / 2)];
  const seen = run.inside.activations;
  const value = (index) => {
    const { values, shape } = seen[index];
    return values[((view.picture * shape[0] + row) * shape[1] + column) * shape[2] + view.map];
  };
  const entry = run.inside.weights[`layers.${layer.index}.weight`];
  const [, input, kh, kw] = entry.shape;
  // The engine computes a norm and the activation behind it in one pass, so only what leaves both is shown.
  const chain = [[t('inside.sum'), short(value(at))]];
  if (last > at) chain.push([t('inside.then'), short(value(last))]);
  const from = at === 0 ? { values: state.data.eightPixels, shape: state.data.shape } : seen[at - 1];
  const [fh, fw, fc] = from.shape;
  const patch = [];
  for (let dy = 0; dy < kh; dy++) {
    for (let dx = 0; dx < kw; dx++) {
      const [y, x] = [row + dy - (kh >> 1), column + dx - (kw >> 1)];
      const inside = y >= 0 && x >= 0 && y < fh && x < fw;
      patch.push({
        x: inside ? from.values[((view.picture * fh + y) * fw + x) * fc] : 0,
        w: entry.values[view.map * input * kh * kw + dy * kw + dx],
      });
    }
  }
  const cells = (key) =>
    html`<table class="numbers">
      ${Array.from(
        { length: kh },
        (_, dy) =>
          html`<tr>
            ${patch.slice(dy * kw, (dy + 1) * kw).map((one) => html`<td>${one[key].toFixed(2).replace(/^(-?)0\./, '$1.')}</td>`)}
          </tr>`,
      )}
    </table>`;
  return html`<div class="pixel-sum" data-testid="pixel-sum">
    <div>
      <h3>${t('inside.pixel')}</h3>
      <p class="small muted">
        ${t('inside.where', { map: view.map + 1, row: row + 1, column: column + 1, n: kh * kw * input })}
      </p>
    </div>
    ${cells('x')}<span>×</span>${cells('w')}${input > 1 ? html`<span class="small muted">${t('inside.others', { n: input - 1 })}</span>` : nothing}<span
      >=</span
    >
    ${chain.map(([name, text], i) => html`${i ? html`<span>→</span>` : nothing}<span class="link-of-sum"><span class="small muted">${name}</span><b>${text}</b></span>`)}
  </div>`;
}

/** The panel. */
export function insidePanel(run) {
  if (run.start.parameters > kMostInside)
    return html`<p class="panel muted">${t('inside.tooLarge', { n: kMostInside })}</p>`;
  if (!run.inside?.activations) {
    if (run.trainer && run.status !== 'training' && !run.inside?.asked) {
      run.inside = { weights: {}, rows: [], asked: true };
      lookInside(run).then(changed, () => {});
    }
    return html`<p class="panel muted">${t('inside.wait')}</p>`;
  }
  const layers = convolutions(run);
  const view = { picture: 0, map: 0, scale: 'layer', pixel: null, what: 'weights', ...state.view.inside };
  view.layer = layers.some(({ at }) => at === view.layer) ? view.layer : (layers[0]?.at ?? null);
  const layer = layers.find(({ at }) => at === view.layer);
  return html`<div class="panel inside" data-testid="inside">
    ${layer ? html`${choices(run, view)} ${maps(run, view, layer, filtersOf(run, layer))}` : nothing}
    ${ridgeFigures(run, view, set)}
  </div>`;
}
