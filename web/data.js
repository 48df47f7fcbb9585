/**
 * The data column: pictures of every class, how many are learned from and how many held back. What the page knows of a set:
 * {key, name, classNames, shape, labels, training, validation, take(indices)}, with indices into the whole set.
 */
import { html, nothing } from 'lit';
import { Trainer } from 'trainground';
import { isPlane, pointsPreview } from './boundary.js';
import { icon } from './icons.js';
import { count, t } from './language.js';
import { chooseEight } from './look.js';
import { dropZone, isOwn, own, ownSamples, ownSection } from './own.js';
import { picture } from './picture.js';
import { changed, setName, setPage, state } from './state.js';
import { keptSection } from './resume.js';
import { slider } from './fields.js';

/** What of the experiment decides which pictures there are and how they are split. */
const keyOf = ({ dataset, validationSplit, shuffle, seed }) =>
  JSON.stringify([dataset, validationSplit, shuffle, seed]);

/** The key of a set with fewer pictures: the same set, so its description holds. */
let full = null;

/** All pictures of the set, kept while fewer of them are asked for. */
async function wholeSet(experiment) {
  if (full?.key === keyOf(experiment)) return full;
  const trainer = await Trainer.open(experiment);
  const split = await trainer.split();
  const { inputs, labels } = await trainer.samples(Array.from(split.labels.keys()));
  full = { key: keyOf(experiment), start: trainer.start, inputs, labels, split };
  trainer.dispose();
  return full;
}

function gather(set, indices) {
  const [h, w, c] = set.start.shape;
  const size = h * w * c;
  const inputs = new Float32Array(indices.length * size);
  indices.forEach((index, at) => inputs.set(set.inputs.subarray(index * size, (index + 1) * size), at * size));
  return {
    inputs,
    shape: set.start.shape,
    labels: Int32Array.from(indices, (index) => set.labels[index]),
    classNames: set.start.classNames,
  };
}

/** The first n of each class, in the set's order. */
function firstOfEach(indices, labels, n) {
  const seen = new Map();
  return indices.filter((index) => {
    const number = (seen.get(labels[index]) ?? 0) + 1;
    seen.set(labels[index], number);
    return number <= n;
  });
}

/**
 * How the engine gets its data for this run.
 * @returns {Promise<import('trainground').OpenOptions>}
 */
export async function openOptions(run) {
  if (isOwn()) return { data: ownSamples() };
  if (run.samplesPerClass === null) return {};
  const set = await wholeSet(run.experiment);
  const training = firstOfEach(Array.from(set.split.training), set.labels, run.samplesPerClass);
  return { data: gather(set, training), validationData: gather(set, Array.from(set.split.validation)) };
}

/** Describes the run's set, unless the page already knows it. */
export async function describeData(run, known) {
  const key = keyOf(run.experiment);
  const used = run.start.samples;
  if (known?.key === key)
    return { ...known, used, take: run.samplesPerClass === null ? known.takeFrom(run) : takeFromWhole };
  const few = run.samplesPerClass !== null ? await wholeSet(run.experiment) : null;
  const { training, validation, labels } = few ? few.split : await run.trainer.split();
  const takeFrom = (open) => async (indices) => (await open.trainer.samples(indices)).inputs;
  const data = {
    key,
    used,
    name: setName(run.experiment.dataset),
    classNames: run.start.classNames,
    shape: run.start.shape,
    labels: Array.from(labels),
    training: Array.from(training),
    validation: Array.from(validation),
    takeFrom,
    take: few ? takeFromWhole : takeFrom(run),
    pictures: new Map(),
  };
  data.eight = chooseEight(data);
  data.shown = data.eight[Math.min(5, data.eight.length - 1)];
  data.thumbs = data.classNames.map((_, k) => ({
    training: data.training.filter((index) => data.labels[index] === k).slice(0, 4),
    validation: data.validation.filter((index) => data.labels[index] === k).slice(0, 1),
    count: data.labels.reduce((sum, label) => sum + (label === k), 0),
  }));
  await loadPictures(data, [...data.eight, ...data.thumbs.flatMap((row) => [...row.training, ...row.validation])]);
  if (isPlane(data.shape)) data.points = await data.take(data.labels.map((_, index) => index));
  data.eightPixels = concatenate(data.eight.map((index) => data.pictures.get(index)));
  data.shownPixels = data.pictures.get(data.shown);
  return data;
}

const takeFromWhole = async (indices) => gather(full, Array.from(indices)).inputs;

function concatenate(parts) {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Puts the pixels of these pictures into `data.pictures`. */
export async function loadPictures(data, indices) {
  const missing = [...new Set(indices)].filter((index) => !data.pictures.has(index));
  if (missing.length === 0) return;
  const pixels = await data.take(missing);
  const size = pixels.length / missing.length;
  missing.forEach((index, at) => data.pictures.set(index, pixels.slice(at * size, (at + 1) * size)));
}

/** A picture of the set by its index; asked for where the page does not have it yet. */
export function samplePicture(index, alt, mark = '') {
  const { data } = state;
  const pixels = data.pictures.get(index);
  if (isPlane(data.shape))
    return html`<span class="pixels place ${mark}"
      >${pixels ? Array.from(pixels, (x) => x.toFixed(1)).join(' ') : ''}</span
    >`;
  if (!pixels) {
    loadPictures(data, [index]).then(changed, () => {});
    return html`<span class="pixels ${mark}"></span>`;
  }
  return picture(pixels, data.shape, alt, mark);
}

function setTitle(data) {
  return t(`data.about.${data.name}`, { n: data.labels.length });
}

function splitBar(data) {
  const total = data.training.length + data.validation.length;
  const unused = data.training.length - data.used;
  const part = (n) => `flex:${n} 0 0`;
  return html`<div class="section">
    <div class="row">
      <span
        ><b class="learns" data-testid="sample-count" data-value=${data.used}>${count(data.used)}</b>
        ${t('data.learn')}</span
      >
      <span class="space"></span>
      <span><b class="held">${count(data.validation.length)}</b> ${t('data.held')}</span>
    </div>
    <div
      class="split"
      role="img"
      aria-label=${t('data.split', { train: data.used, validation: data.validation.length, total })}
    >
      <i .style=${`${part(data.used)};background:var(--train)`}></i>
      ${unused > 0 ? html`<i class="unused" .style=${part(unused)}></i>` : nothing}
      <i .style=${`${part(data.validation.length)};background:var(--valid)`}></i>
    </div>
  </div>`;
}

function perClass(data, settingChanged) {
  const most = Math.max(
    ...data.classNames.map((_, k) => data.training.filter((index) => data.labels[index] === k).length),
  );
  const value = state.page.samplesPerClass ?? most;
  return slider({
    name: 'samples-per-class',
    label: t('data.perClass'),
    value,
    text: value >= most ? t('data.all') : String(value),
    least: 2,
    most,
    log: true,
    whole: true,
    set: (n) => {
      setPage({ samplesPerClass: n >= most ? null : n });
      settingChanged();
    },
  });
}

/** Five pictures of each class: four to learn from, one held back. */
function classRows(data) {
  const named = data.classNames.some((name) => name.length > 2);
  return html`<div class="classes ${named ? 'named' : ''}" data-testid="samples">
    ${data.thumbs.map((row, k) => {
      const words = { name: data.classNames[k] };
      const amount = html`<span class="count">${count(row.count)}</span>`;
      return html`<div class="class">
        <b>${data.classNames[k]}</b>
        ${named ? amount : nothing}
        <span class="thumbs">
          ${row.training.map((index) => samplePicture(index, t('data.picture', words)))}
          ${row.validation.map((index) => samplePicture(index, t('data.pictureHeld', words), 'held-back'))}
        </span>
        ${named ? nothing : amount}
      </div>`;
    })}
  </div>`;
}

/** The data column. `reopen` builds the network anew for other pictures. */
export function dataSection({ settingChanged, reopen }) {
  const { data } = state;
  const mine = isOwn();
  const plane = data && isPlane(data.shape);
  return html`<div class="head">
      <h2>${t('data.title')}</h2>
      <span class="space"></span>
      <span class="small dim">${data ? setTitle(data) : ''}</span>
    </div>
    ${mine ? ownSection({ reopen }) : nothing}
    ${data && !mine ? (plane ? html`<div data-testid="samples">${pointsPreview(data)}</div>` : classRows(data)) : nothing}
    <span hidden data-testid="class-count" data-value=${data?.classNames.length ?? own.classes.length}></span>
    ${data ? splitBar(data) : nothing} ${data && !mine && !plane ? perClass(data, settingChanged) : nothing}
    ${mine ? nothing : dropZone({ reopen, words: 'own.drop' })}
    <div class="private">
      ${icon('lock')}
      <details>
        <summary>${t('private.short')} <span class="learns">${t('private.more')}</span></summary>
        ${t('private.long')} ${keptSection()}
      </details>
    </div>`;
}
