/**
 * The data column: pictures of every class, how many are learned from and how many held back. What the page knows of a set:
 * {key, name, classNames, shape, labels, training, validation, take(indices)}, with indices into the whole set.
 */
import { html, nothing } from 'lit';
import { isPlane, pointsPreview } from './boundary.js';
import { icon } from './icons.js';
import { count, t } from './language.js';
import { isLocked, lockNote } from './classroom.js';
import { chooseEight } from './look.js';
import { leftOut } from './left_out.js';
import { dropZone, isOwn, own, ownSamples, ownSection } from './own.js';
import { isPicture, picture } from './picture.js';
import { withSamplesPerClass } from './settings.js';
import { defaultExperiment, progressed, setExperiment, setName, state } from './state.js';
import { keptSection } from './resume.js';
import { slider } from './fields.js';
import { threadOptions } from './threads.js';
import { donated } from './transfer.js';

/** What of the experiment decides which pictures there are and how they are split. */
const keyOf = ({ dataset, validationSplit, splitBy, samplesPerClass, shuffle, seed }) =>
  JSON.stringify([
    dataset,
    validationSplit,
    splitBy,
    samplesPerClass,
    shuffle,
    seed,
    dataset?.type === 'images' && own.version,
  ]);

/**
 * What the engine needs beside the experiment: own pictures, trained weights that the page holds, and the threads that were chosen.
 * @returns {import('trainground').OpenOptions}
 */
export function openOptions(experiment) {
  const transferWeights = donated(experiment);
  const mine = experiment.dataset?.type === 'images';
  return { ...(mine && { data: ownSamples() }), ...(transferWeights && { transferWeights }), ...threadOptions() };
}

/** Describes the run's set, unless the page already knows it. */
export async function describeData(run, known) {
  const key = keyOf(run.experiment);
  const take = async (indices) => (await run.trainer.samples(indices)).inputs;
  if (known?.key === key) return { ...known, take };
  const { training, validation, labels } = await run.trainer.split();
  const data = {
    key,
    name: setName(run.experiment.dataset),
    classNames: run.start.classNames,
    shape: run.start.shape,
    labels: Array.from(labels),
    training: Array.from(training),
    validation: Array.from(validation),
    take,
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
  const isNumbers = !isPicture(data.shape);
  if (!pixels) {
    loadPictures(data, [index]).then(
      () => progressed(),
      () => {},
    );
    return html`<span class="pixels ${isNumbers ? 'place' : ''} ${mark}"></span>`;
  }
  if (isNumbers)
    return html`<span class="pixels place ${mark}">${Array.from(pixels, (x) => x.toFixed(1)).join(' ')}</span>`;
  return picture(pixels, data.shape, alt, mark);
}

function setTitle(data) {
  return t(`data.about.${data.name}`, { n: data.labels.length });
}

function splitBar(data) {
  const total = data.labels.length;
  const used = data.training.length;
  const unused = total - used - data.validation.length;
  const part = (n) => `flex:${n} 0 0`;
  return html`<div class="section">
    <div class="row parted">
      <span><b class="learns" data-testid="sample-count" data-value=${used}>${count(used)}</b> ${t('data.learn')}</span>
      <span><b class="held">${count(data.validation.length)}</b> ${t('data.held')}</span>
    </div>
    <div
      class="split"
      role="img"
      aria-label=${t('data.split', { train: used, validation: data.validation.length, total })}
    >
      <i .style=${`${part(used)};background:var(--train)`}></i>
      ${unused > 0 ? html`<i class="unused" .style=${part(unused)}></i>` : nothing}
      <i .style=${`${part(data.validation.length)};background:var(--valid)`}></i>
    </div>
  </div>`;
}

function perClass(data, settingChanged) {
  const of = (indices, k) => indices.filter((index) => data.labels[index] === k).length;
  const most = Math.max(2, ...data.classNames.map((_, k) => data.thumbs[k].count - of(data.validation, k)));
  const value = state.experiment.samplesPerClass ?? most;
  return slider({
    name: 'samples-per-class',
    label: t('data.perClass'),
    value,
    say: (n) => (n >= most ? t('data.all') : String(n)),
    standard: most,
    least: 2,
    most,
    log: true,
    whole: true,
    set: (n) => {
      state.experiment = withSamplesPerClass(state.experiment, n >= most ? null : n);
      setExperiment({});
      settingChanged();
    },
  });
}

/** In per cent; where a comparison or a link asks for another share, the slider stands at its end and the box tells. */
function heldShare(settingChanged) {
  const { experiment, page } = state;
  const standard = defaultExperiment(experiment.dataset).validationSplit;
  const isShown = page.level === 'all' && !page.lesson;
  if (!isShown && experiment.validationSplit === standard) return nothing;
  return slider({
    name: 'validation-split',
    label: t('data.share'),
    value: Number((experiment.validationSplit * 100).toFixed(4)),
    least: 10,
    most: 50,
    by: 1,
    whole: true,
    standard: standard * 100,
    say: (share) => `${share} %`,
    set: (share) => {
      setExperiment({ validationSplit: share / 100 });
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

/** A run that has begun keeps its pictures. */
function nextRun() {
  const { run, experiment } = state;
  const isBegun = run?.start && !['ready', 'opening', 'failed', 'blocked'].includes(run.status);
  return isBegun && keyOf(run.experiment) !== keyOf(experiment)
    ? html`<p class="small muted" data-testid="data-next-run">${t('field.nextRun')}</p>`
    : nothing;
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
    ${mine ? [ownSection({ reopen }), leftOut(reopen)] : nothing}
    ${data && !mine ? (plane ? html`<div data-testid="samples">${pointsPreview(data)}</div>` : classRows(data)) : nothing}
    <span hidden data-testid="class-count" data-value=${data?.classNames.length ?? own.classes.length}></span>
    ${data ? splitBar(data) : nothing} ${lockNote('dataset')}
    <fieldset class="bare" ?disabled=${isLocked('dataset')}>
      ${data && !mine && !plane ? perClass(data, settingChanged) : nothing}
      ${data ? heldShare(settingChanged) : nothing} ${nextRun()}
      ${mine || isLocked('dataset') ? nothing : dropZone({ reopen, words: 'own.drop' })}
    </fieldset>
    <div class="private">
      ${icon('lock')}
      <details>
        <summary>${t('private.short')} <span class="learns">${t('private.more')}</span></summary>
        ${t('private.long')} ${keptSection()}
      </details>
    </div>`;
}
