/**
 * Own pictures: classes of files, decoded to small squares by the package, kept in this page only. Limits: 20 MB and 50 megapixels a file,
 * 5,000 pictures, 64 MB of pixels; what does not fit is named, what fits is kept.
 */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { decodeImages } from 'trainground';
import { dismiss, failed, notice } from './alerts.js';
import { fromDrop, fromFiles, nameClasses } from './collect.js';
import { doublesOf, learnedToo } from './doubles.js';
import { explained, explainer } from './fields.js';
import { icon } from './icons.js';
import { count, t } from './language.js';
import { picture } from './picture.js';
import { changed, changedNow, defaultExperiment, state } from './state.js';

const most = { pictures: 5000, bytes: 64e6 };
const sizes = [16, 28, 32, 48, 64];
const fits = ['crop', 'pad'];

/** {classes: [{name, pictures: [{file, pixels, floats}]}], size, fit, busy, left: [{name, picture}] out of training} */
export const own = {
  classes: [],
  size: 32,
  fit: /** @type {'crop' | 'pad' | 'stretch'} */ ('crop'),
  busy: 0,
  version: 0,
  left: [],
};

export const isOwn = () => typeof state.experiment.dataset === 'object' && state.experiment.dataset.type === 'images';

/** Whether there are none yet, as behind a link that was made with somebody's own pictures. */
export const needsPictures = () => isOwn() && own.classes.length === 0;

const total = () => own.classes.reduce((sum, one) => sum + one.pictures.length, 0);

/**
 * All pictures as samples for the engine.
 * @returns {import('trainground').Samples}
 */
export function ownSamples() {
  const size = own.size * own.size * 3;
  const inputs = new Uint8Array(total() * size);
  const labels = new Int32Array(total());
  let at = 0;
  own.classes.forEach((one, label) => {
    for (const { pixels } of one.pictures) {
      inputs.set(pixels, at * size);
      labels[at++] = label;
    }
  });
  return { inputs, shape: [own.size, own.size, 3], labels, classNames: own.classes.map((one) => one.name) };
}

/** A picture as the page holds it; without its file it cannot be made again in another size. */
const pictureOf = (pixels, file = null) => ({
  file,
  pixels,
  floats: Float32Array.from(pixels, (value) => value / 255),
});

/** The pictures as they are kept over a reload: pixels and names, not the files. */
export function keepOwn(experiment) {
  if (experiment.dataset?.type !== 'images') return null;
  const classes = own.classes.map(({ name, pictures }) => ({ name, pictures: pictures.map(({ pixels }) => pixels) }));
  const left = own.left.map(({ name, picture: { pixels } }) => ({ name, pixels }));
  return { size: own.size, fit: own.fit, classes, left, bytes: (total() + left.length) * own.size * own.size * 3 };
}

/** Takes kept pictures back. */
export function takeOwn(kept) {
  if (!kept) return;
  dismiss('needs-pictures');
  own.size = kept.size;
  own.fit = kept.fit ?? 'crop';
  own.left = (kept.left ?? []).map(({ name, pixels }) => ({ name, picture: pictureOf(pixels) }));
  own.classes = kept.classes.map(({ name, pictures }) => ({ name, pictures: pictures.map((one) => pictureOf(one)) }));
  own.version += 1;
}

/** Why training cannot begin, as a text key with its places; null where it can. */
export function whyNot() {
  const { classes } = own;
  if (classes.length === 0) return ['own.none', {}];
  const few = classes.find((one) => one.pictures.length < 2);
  if (classes.length === 1) return ['alert.one-class', {}];
  return few ? ['alert.few-images', { name: few.name, n: few.pictures.length }] : null;
}

let known = { of: null, version: -1, amount: 0, found: null };

/** Equal pictures, pixel for pixel: looked for when the pictures have changed. */
function findDoubles() {
  const amount = total();
  if (known.of !== own.classes || known.version !== own.version || known.amount !== amount)
    known = { of: own.classes, version: own.version, amount, found: doublesOf(own.classes) };
  return known.found;
}

let leak = { data: null, n: 0 };

/** Held-back pictures that are learned from too, once the set is split. */
function leakWarning() {
  const { data } = state;
  if (!data || data.labels.length !== total()) return nothing;
  if (leak.data !== data) {
    const pictures = own.classes.flatMap((one) => one.pictures.map(({ pixels }) => pixels));
    leak = { data, n: learnedToo(pictures, data) };
  }
  return leak.n
    ? html`<p class="warning" data-testid="learned-too" data-value=${leak.n}>
        ${icon('warning')}<span>${t('own.learnedToo', { n: leak.n })}</span>
      </p>`
    : nothing;
}

/** What is worth knowing before a run. */
function warningsOf(one) {
  const largest = Math.max(...own.classes.map((other) => other.pictures.length));
  const list = [];
  if (one.pictures.length < 10) list.push(t('own.few', { n: one.pictures.length }));
  else if (largest > 5 * one.pictures.length) list.push(t('own.unbalanced'));
  const { within, across } = findDoubles();
  const doubles = within.get(one) ?? 0;
  if (doubles) list.push(t('own.doubles', { n: doubles }));
  for (const [name, n] of across.get(one) ?? []) list.push(t('own.across', { n, name }));
  return list;
}

const freeName = () => {
  for (let n = own.classes.length + 1; ; n++) {
    const name = t('own.class', { n });
    if (!own.classes.some((one) => one.name === name)) return name;
  }
};

/** Names what was left out, and what became of the others. */
function report(rejected, added) {
  dismiss('bad-image', 'too-large', 'too-many', 'needs-pictures');
  const words = (list) =>
    list
      .slice(0, 3)
      .map((one) => `“${one.name}”`)
      .join(', ') + (list.length > 3 ? ` + ${list.length - 3}` : '');
  const large = rejected.filter(({ code }) => code === 'pixels' || code === 'bytes');
  const bad = rejected.filter((one) => !large.includes(one));
  if (bad.length) notice('bad-image', { names: words(bad), n: added });
  if (large.length) notice('too-large', { names: words(large), n: added });
}

async function decode(files, { size, fit }) {
  const decoded = await decodeImages(files, { size, channels: 3, fit });
  const length = size * size * 3;
  return {
    rejected: decoded.rejected,
    pictures: decoded.accepted.map((index, at) =>
      pictureOf(decoded.inputs.slice(at * length, (at + 1) * length), files[index]),
    ),
  };
}

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/** One after the other: all pictures are of one size at any time. */
function inTurn(act) {
  own.busy += 1;
  changedNow();
  const done = last.then(act).catch(failed);
  last = done;
  return done.finally(() => (own.busy -= 1));
}

/** Adds files; each goes to the class that its folder or name says, or to `target`. */
async function add(finding, target, reopen) {
  const { dataset } = state.experiment;
  await inTurn(async () => {
    // A link says how the pictures that it needs are made.
    if (needsPictures()) ({ size: own.size = 32, fit: own.fit = 'crop' } = state.experiment.dataset);
    const named = nameClasses(await finding, target ?? freeName());
    const room = Math.max(0, Math.min(most.pictures, Math.floor(most.bytes / (own.size * own.size * 3))) - total());
    const kept = named.slice(0, room);
    const rejected = [];
    let added = 0;
    for (const name of new Set(kept.map((one) => one.name))) {
      const files = kept.filter((one) => one.name === name).map(({ file }) => file);
      const { pictures, rejected: refused } = await decode(files, own);
      rejected.push(...refused);
      added += pictures.length;
      if (pictures.length === 0) continue;
      let into = own.classes.find((one) => one.name === name);
      if (!into) own.classes.push((into = { name, pictures: [] }));
      into.pictures.push(...pictures);
      changed();
    }
    report(rejected, added);
    if (named.length > kept.length) notice('too-many', { n: named.length - kept.length, most: most.pictures });
    own.version += 1;
  });
  // Whoever has chosen another set meanwhile wants that one; the pictures wait behind "own".
  if (isOwn() || state.experiment.dataset === dataset) reopen();
  else changedNow();
}

/** The size and fit that were asked for last, until they are there. */
let asked = null;

/** Makes all pictures anew from their files, as far as these can still be read. */
async function make(changes, reopen) {
  const mine = (asked = { size: own.size, fit: own.fit, ...asked, ...changes });
  await inTurn(async () => {
    if (mine !== asked) return; // a later wish waits
    asked = null;
    const all = [...own.classes.flatMap((one) => one.pictures), ...own.left.map((entry) => entry.picture)];
    if (all.some(({ file }) => file === null)) return notice('kept-size', {}, { quiet: true });
    const files = all.map(({ file }) => file);
    const { pictures, rejected } = await decode(files, mine);
    const made = new Map(pictures.map((one) => [one.file, one]));
    for (const one of own.classes) one.pictures = one.pictures.filter(({ file }) => made.has(file));
    own.left = own.left.filter(({ picture: { file } }) => made.has(file));
    for (const one of all) Object.assign(one, made.get(one.file));
    Object.assign(own, mine);
    own.version += 1;
    if (rejected.length) report(rejected, pictures.length);
  });
  if (asked === null) reopen();
}

/** The network and the recipe for these pictures: at least 450 steps of 32, so small sets get many epochs. */
export function ownExperiment() {
  const samples = Math.max(1, Math.round(total() * 0.8));
  const experiment = defaultExperiment('own', Math.max(2, own.classes.length));
  return {
    ...experiment,
    dataset: { ...experiment.dataset, size: own.size, fit: own.fit },
    epochs: Math.min(300, Math.max(15, Math.ceil(450 / Math.ceil(samples / 32)))),
    earlyStopping: undefined,
  };
}

/** The parts of the data column for own pictures; `reopen` builds the network anew. */
export function ownSection({ reopen }) {
  const choose = (target) => (event) => {
    const { files } = event.target;
    add(fromFiles(Array.from(files)), target, reopen);
    event.target.value = '';
  };
  const rename = (one) => (event) => {
    one.name = event.target.value.trim() || one.name;
    own.version += 1;
    reopen();
  };
  const remove = (one) => () => {
    own.classes = own.classes.filter((other) => other !== one);
    own.version += 1;
    reopen();
  };
  return html`${dropZone({ reopen, words: own.classes.length ? 'own.more' : 'own.drop' })}
    ${own.busy ? html`<p class="note" role="status" data-testid="own-reading">${t('own.reading')}</p>` : nothing}
    ${own.classes.map(
      (one, at) =>
        html`<div class="own-class">
          <div class="row">
            <input class="box name" aria-label=${t('own.name')} .value=${live(one.name)} @change=${rename(one)} />
            <span class="space"></span>
            <span class="small muted">${t('own.count', { n: one.pictures.length })}</span>
            <button class="link" aria-label=${t('own.remove', { name: one.name })} @click=${remove(one)}>✕</button>
          </div>
          <div class="thumbs">
            ${one.pictures.slice(0, 6).map((each) => picture(each.floats, [own.size, own.size, 3], one.name))}
            <label class="add" title=${t('own.add', { name: one.name })}>
              <input
                class="sr"
                type="file"
                accept="image/*"
                multiple
                aria-label=${t('own.add', { name: one.name })}
                data-testid="add-to-${at}"
                @change=${choose(one.name)}
              />${icon('plus')}
            </label>
          </div>
          ${warningsOf(one).map((text) => html`<p class="warning">${icon('warning')}<span>${text}</span></p>`)}
        </div>`,
    )}
    ${leakWarning()}
    ${
      own.classes.length
        ? html`<label class="button wide new-class"
              >${icon('plus')}${t('own.newClass')}<input
                class="sr"
                type="file"
                accept="image/*"
                multiple
                @change=${choose(freeName())}
            /></label>
            <div class="row section">
              <span>${t('own.size')}</span>${explainer('own-size', t('own.size'))}<span class="space"></span>
              <span class="segment" role="group" aria-label=${t('own.size')}>
                ${sizes.map((size) => html`<button aria-pressed=${own.size === size ? 'true' : 'false'} @click=${() => make({ size }, reopen)}>${size}</button>`)}
              </span>
            </div>
            ${explained('own-size')}
            <div class="row section">
              <span>${t('own.fit')}</span>${explainer('own-fit', t('own.fit'))}<span class="space"></span>
              <span class="segment" role="group" aria-label=${t('own.fit')}>
                ${fits.map(
                  (fit) =>
                    html`<button
                      data-testid="fit-${fit}"
                      aria-pressed=${own.fit === fit ? 'true' : 'false'}
                      @click=${() => make({ fit }, reopen)}
                    >
                      ${t(`own.fit.${fit}`)}
                    </button>`,
                )}
              </span>
            </div>
            ${explained('own-fit')}
            ${own.classes.length > 1 ? html`<p class="small muted section">${t('own.recipe')}</p>` : nothing}`
        : nothing
    } <span hidden data-testid="own-count" data-value=${total()}>${count(total())}</span>`;
}

/** Where pictures are dropped; it stands below the built-in sets too. */
export function dropZone({ reopen, words }) {
  const over = (on) => (event) => {
    event.preventDefault();
    event.currentTarget.classList.toggle('over', on);
  };
  const drop = (event) => {
    over(false)(event);
    add(fromDrop(event.dataTransfer), null, reopen);
  };
  return html`<div class="drop" data-testid="drop-zone" @dragover=${over(true)} @dragleave=${over(false)} @drop=${drop}>
    <b>${t(`${words}.title`)}</b>
    <p class="small muted">${t('own.how')}</p>
    <label class="button small">
      ${icon('plus')}${t('own.choose')}
      <input
        class="sr"
        type="file"
        multiple
        accept="image/*,.zip"
        data-testid="file-input"
        @change=${(event) => {
          add(fromFiles(Array.from(event.target.files)), null, reopen);
          event.target.value = '';
        }}
      />
    </label>
  </div>`;
}

/** Pictures that are pasted anywhere on the page. */
export function listenToPaste(reopen) {
  addEventListener('paste', (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length === 0) return;
    event.preventDefault();
    add(fromFiles(files), own.classes.at(-1)?.name ?? null, reopen);
  });
}
