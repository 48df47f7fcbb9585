/** The data column: pictures of every class, how many are learned from and how many held back; own pictures; what is kept in this browser. */
import { html, nothing } from 'lit';
import { count, t } from '../app/language.js';
import { defaultExperiment, isTable } from '../app/sets.js';
import { withSamplesPerClass } from '../app/settings.js';
import { changeExperiment, hasBegun, showsAll, state } from '../app/state.js';
import { notice } from '../parts/alerts.js';
import { slider } from '../parts/fields.js';
import { isLocked, lockNote, unlessLocked } from '../parts/lock.js';
import { isPlane } from '../parts/point_plane.js';
import { dropZone, expectPictures, listenToPaste } from './add_pictures.js';
import { keyOf } from './data_set.js';
import { leftOut } from './left_out.js';
import { ownSection } from './own_section.js';
import { beginClasses, isOwn, needsPictures, own } from './own.js';
import { needsTable } from './own_table.js';
import { privacyNote } from './privacy.js';
import { samplePicture } from './samples.js';
import { tableProgress, tableSection } from './table_section.js';

/** The points alone, for the data column. */
function pointsPreview(data) {
  return html`<point-plane
      class="plane"
      role="img"
      aria-label=${t('plane.points', { n: data.labels.length })}
      .model=${{ data }}
    ></point-plane>
    <p class="small muted">${t('plane.key')}</p>`;
}

function setTitle(data) {
  return t(`data.about.${data.name}`, { n: data.samples });
}

function splitBar(data) {
  const total = data.samples;
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

function perClass(data) {
  const most = Math.max(2, ...data.thumbs.map(({ count: all, held }) => all - held));
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
    set: (n) => changeExperiment(withSamplesPerClass(state.experiment, n >= most ? null : n)),
  });
}

/** In per cent; where a comparison or a link asks for another share, the slider stands at its end and the box tells. */
function heldShare() {
  const { experiment } = state;
  const standard = defaultExperiment(experiment.dataset).validationSplit;
  if (!showsAll() && experiment.validationSplit === standard) return nothing;
  return slider({
    name: 'validation-split',
    label: t('data.share'),
    value: Number((experiment.validationSplit * 100).toFixed(4)),
    least: 10,
    most: 50,
    by: 1,
    whole: true,
    percent: true,
    standard: standard * 100,
    say: (share) => `${share} %`,
    set: (share) => changeExperiment({ ...state.experiment, validationSplit: share / 100 }),
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
  return hasBegun(run) && keyOf(run.experiment) !== keyOf(experiment)
    ? html`<p class="small muted" data-testid="data-next-run">${t('field.nextRun')}</p>`
    : nothing;
}

/** Pictures can be pasted from now on; a link that was made with somebody's own asks for them. */
export function receivePictures() {
  listenToPaste();
  expectPictures();
  if (needsPictures()) {
    const { dataset, layers } = state.experiment;
    const n = layers.at(-1).units;
    // It says how many classes there are, not what they are called; and how pictures are made.
    beginClasses(Math.min(n, 20));
    // Pictures that came before the link was read are on their way in another size: the network's is made from that.
    if (own.busy === 0) ({ size: own.size = own.size, fit: own.fit = own.fit } = dataset);
    notice('needs-pictures', { n });
  }
  if (needsTable())
    notice('needs-table', { name: state.experiment.dataset.path, label: state.experiment.dataset.label });
}

/** The data column. */
export function dataSection() {
  const { data } = state;
  const mine = isOwn();
  const isOwnTable = isTable(state.experiment.dataset);
  const plane = data && isPlane(data.shape);
  return html`<div class="head">
      <h2>${t('data.title')}</h2>
      <span class="space"></span>
      <span class="small dim">${data ? setTitle(data) : ''}</span>
    </div>
    ${mine ? [ownSection(), leftOut()] : nothing} ${tableProgress()} ${isOwnTable ? tableSection() : nothing}
    ${data && !mine && !isOwnTable ? (plane ? html`<div data-testid="samples">${pointsPreview(data)}</div>` : classRows(data)) : nothing}
    <span hidden data-testid="class-count" data-value=${data?.classNames.length ?? own.classes.length}></span>
    ${data ? splitBar(data) : nothing} ${lockNote('dataset')}
    ${unlessLocked(
      'dataset',
      html`${data && !mine && !plane && data.classNames.length ? perClass(data) : nothing}
      ${data ? heldShare() : nothing} ${nextRun()}
      ${mine || isLocked('dataset') ? nothing : dropZone(isOwnTable ? 'columns.drop' : 'own.drop')}`,
    )}
    ${privacyNote()}`;
}
