/**
 * Inside the network: the filters of a layer, what they make of a picture, one pixel written out as the sum it is, and how weights, gradients
 * and activations are spread, epoch after epoch. Read from the engine as the run goes; only for networks of up to 50,000 weights.
 */
import { html, nothing } from 'lit';
import './pixel_map.js';
import { samplePicture } from './data.js';
import { short, t } from './language.js';
import { ridgeFigures } from './ridges.js';
import { changed, changedNow, state } from './state.js';

const bins = 40;
const most = 50_000;

/** Counts of values in 40 bins from -reach to reach. */
export function histogram(values, reach) {
  const counts = new Array(bins).fill(0);
  for (const value of values) {
    const at = Math.floor(((value + reach) / (2 * reach)) * bins);
    if (at >= 0 && at < bins) counts[at] += 1;
  }
  return counts;
}

/** A round number that holds 99 of 100 values. */
function reachOf(values) {
  const sizes = Float32Array.from(values, Math.abs).sort();
  const high = sizes[Math.floor(sizes.length * 0.99)] || 1e-6;
  const power = 10 ** Math.floor(Math.log10(high));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= high) ?? high;
}

const size = (values) => values.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, values.length);

/** Reads weights, gradients and activations once an epoch. */
export async function lookInside(run) {
  const { data } = state;
  if (run.start.parameters > most || !run.trainer) return;
  run.inside ??= { weights: {}, rows: [] };
  const tensors = (await run.trainer.tensors()).filter(
    ({ name, shape }) => name.endsWith('.weight') && shape.length > 1,
  );
  const epoch = run.history.at(-1)?.epoch ?? 0;
  const seen = await run.trainer.activations(data.eightPixels);
  const rows = [];
  for (const { name, shape } of tensors) {
    const index = Number(/^layers\.(\d+)/.exec(name)?.[1]);
    const values = await run.trainer.tensor(name);
    const before = run.inside.weights[name]?.values;
    const gradient = run.steps > 0 && !run.isPast ? await run.trainer.gradient(name) : null;
    const out = afterLayer(run, index, seen);
    // Without a step since the last look, or with weights that were put back, the last ratio stands.
    const steps = run.end ? 0 : run.steps - (run.inside.steps ?? 0);
    const last = run.inside.rows.find((row) => row.name === name)?.ratio ?? null;
    run.inside.weights[name] = { values, shape, index };
    rows.push({
      name,
      index,
      values: { weights: values, gradients: gradient, activations: out.values },
      zeros: out.values.reduce((sum, value) => sum + (value === 0), 0) / out.values.length,
      ratio: before && steps > 0 ? size(values.map((value, at) => value - before[at])) / steps / size(values) : last,
    });
  }
  run.inside.steps = run.steps;
  for (const row of rows) {
    row.sizes = Object.fromEntries(Object.entries(row.values).map(([what, values]) => [what, values && size(values)]));
    keepSpread(run, row, epoch);
  }
  run.inside.rows = rows;
  run.inside.activations = seen;
}

/** Adds an epoch's line to each ridge. */
function keepSpread(run, row, epoch) {
  run.inside.spreads ??= {};
  for (const [what, values] of Object.entries(row.values)) {
    if (!values) continue;
    const spread = (run.inside.spreads[`${what} ${row.name}`] ??= { reach: reachOf(values), lines: [] });
    if (spread.lines.at(-1)?.epoch === epoch) spread.lines.pop();
    spread.lines.push({ epoch, counts: histogram(values, spread.reach) });
  }
}

/** What leaves a layer with weights after its norm and activation. */
function afterLayer(run, index, seen) {
  let at = seen.findIndex((one) => one.index === index);
  while (['batchNormalization', 'activation', 'dropout'].includes(seen[at + 1]?.type)) at += 1;
  return seen[at];
}

/** Layers whose maps can be looked at: convolutions. */
const convolutions = (run) =>
  run.start.layers.map((layer, at) => ({ ...layer, at })).filter(({ type }) => type === 'conv2d');

/** Maps of one of the eight pictures in a layer. */
function mapsOf({ values, shape }, picture) {
  const [h, w, c] = shape;
  const from = picture * h * w * c;
  return Array.from({ length: c }, (_, k) => Float32Array.from({ length: h * w }, (__, i) => values[from + i * c + k]));
}

const set = (values) => {
  state.view.inside = { ...state.view.inside, ...values };
  changedNow();
};

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
  if (run.start.parameters > most) return html`<p class="panel muted">${t('inside.tooLarge', { n: most })}</p>`;
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
