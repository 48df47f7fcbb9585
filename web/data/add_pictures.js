/**
 * Adding own pictures: where they are dropped, chosen or pasted, and how they are read, one after the other: files to small squares, by the
 * package. Limits: 20 MB and 50 megapixels a file, 5,000 pictures, 256 MB of pixels; what does not fit is named, what fits is kept.
 */
import { html, nothing } from 'lit';
import { decodeImages } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { t } from '../app/language.js';
import { datasetOf } from '../app/sets.js';
import { setExperiment, state } from '../app/state.js';
import { dismiss, failed, notice, offer } from '../parts/alerts.js';
import { icon } from '../parts/icons.js';
import { tookTable } from './add_table.js';
import { picturesChanged } from './choose.js';
import { fromDrop, fromFiles, nameClasses } from './collect.js';
import { arrangeClasses, isOwn, needsPictures, own, pictureOf, total } from './own.js';
import { markBursts } from './own_groups.js';

const most = { pictures: 5000, bytes: 256e6 };

/** A name that no class has yet. */
export const freeName = () => {
  for (let n = own.classes.length + 1; ; n++) {
    const name = t('own.class', { n });
    if (!own.classes.some((one) => one.name === name)) return name;
  }
};

/** The message for each reason why a file was left out; that a picture of a known kind is not read here is one of its own. */
const messages = {
  pixels: 'too-large',
  bytes: 'too-large',
  hidden: 'hidden-pixels',
  system: 'passed-over',
  beside: 'passed-over',
  empty: 'passed-over',
};

/** Names what was left out, and what became of the others. */
function report(rejected, added) {
  dismiss('bad-image', 'too-large', 'too-many', 'needs-pictures', 'other-kind', 'hidden-pixels', 'passed-over');
  /** @type {Map<string, Array<{ name: string, kind?: string }>>} */
  const lists = new Map();
  for (const one of rejected) {
    const message = messages[one.code] ?? (one.kind ? 'other-kind' : 'bad-image');
    lists.set(message, [...(lists.get(message) ?? []), one]);
  }
  for (const [message, list] of lists) {
    const more = list.length > 3 ? ` + ${list.length - 3}` : '';
    const names = list.slice(0, 3).map(({ name }) => `“${name}”`);
    const kinds = [...new Set(list.map(({ kind }) => kind))].join(', ');
    notice(message, { names: names.join(', ') + more, n: added, kinds }, { quiet: message === 'passed-over' });
  }
}

/** Decodes in a worker of the package; how far it is stands in `own.reading`, with what gives it up. */
async function decode(files, { size, fit }) {
  const controller = new AbortController();
  const reading = (own.reading = { done: 0, total: files.length, stop: () => controller.abort() });
  const onProgress = (done) => {
    reading.done = done;
    changed();
  };
  changedNow();
  try {
    const decoded = await decodeImages(files, { size, channels: 3, fit, onProgress, signal: controller.signal });
    const length = size * size * 3;
    return {
      rejected: decoded.rejected,
      pictures: decoded.accepted.map((index, at) =>
        pictureOf(decoded.inputs.slice(at * length, (at + 1) * length), files[index]),
      ),
    };
  } finally {
    own.reading = null;
  }
}

/** @type {Promise<unknown>} */
let last = Promise.resolve();

/** One after the other: all pictures are of one size at any time. What is given up leaves all as it was. */
function inTurn(act) {
  own.busy += 1;
  changedNow();
  const done = last.then(act).catch((error) => (error.name === 'AbortError' ? undefined : failed(error)));
  last = done;
  return done.finally(() => (own.busy -= 1));
}

/** Adds files; each goes to the class that its folder or name says, or to `target`. */
export async function addPictures(finding, target) {
  const { dataset } = state.experiment;
  const isDone = await inTurn(async () => {
    // A link says how the pictures that it needs are made.
    if (needsPictures()) ({ size: own.size, fit: own.fit } = { ...datasetOf('own'), ...state.experiment.dataset });
    const { found, left } = await finding;
    const named = nameClasses(found, target ?? freeName());
    const room = Math.max(0, Math.min(most.pictures, Math.floor(most.bytes / (own.size * own.size * 3))) - total());
    const kept = named.slice(0, room);
    const files = kept.map(({ file }) => file);
    const { pictures, rejected } = await decode(files, own);
    const names = new Map(kept.map(({ file, name }) => [file, name]));
    await markBursts(pictures, { names: pictures.map(({ file }) => names.get(file)), size: own.size });
    for (const one of pictures) {
      const name = names.get(one.file);
      let into = own.classes.find((other) => other.name === name);
      if (!into) own.classes.push((into = { name, pictures: [] }));
      into.pictures.push(one);
      own.latest = name;
    }
    report([...left, ...rejected], pictures.length);
    if (named.length > kept.length) notice('too-many', { n: named.length - kept.length, most: most.pictures });
    return true;
  });
  if (!isDone) return changedNow();
  // Whoever has chosen another set meanwhile wants that one; the pictures wait behind "own".
  if (isOwn() || state.experiment.dataset === dataset) picturesChanged();
  else {
    own.version += 1;
    arrangeClasses();
  }
  return changedNow();
}

/** The size and fit that were asked for last, until they are there. */
let asked = null;

/** Makes all pictures anew from their files, as far as these can still be read. */
export async function makeAnew(changes) {
  const mine = (asked = { ...asked, ...changes });
  const isDone = await inTurn(async () => {
    if (mine !== asked) return false; // a later wish waits
    asked = null;
    const all = [...own.classes.flatMap((one) => one.pictures), ...own.left.map((entry) => entry.picture)];
    if (all.some(({ file }) => file === null)) {
      notice('kept-size', {}, { quiet: true });
      return false;
    }
    const files = all.map(({ file }) => file);
    const { pictures, rejected } = await decode(files, { size: own.size, fit: own.fit, ...mine });
    const made = new Map(pictures.map((one) => [one.file, one]));
    for (const one of own.classes) one.pictures = one.pictures.filter(({ file }) => made.has(file));
    own.left = own.left.filter(({ picture: { file } }) => made.has(file));
    for (const one of all) Object.assign(one, made.get(one.file), { burst: one.burst });
    Object.assign(own, mine);
    if (rejected.length) report(rejected, pictures.length);
    return true;
  });
  if (!isDone || asked !== null) return;
  if (isOwn() && mine.size)
    setExperiment({ ...state.experiment, dataset: { ...state.experiment.dataset, size: mine.size } });
  picturesChanged();
}

offer('needs-pictures', () => ({
  id: 'alert-action',
  words: ['own.choose'],
  act: () => /** @type {HTMLElement} */ (document.querySelector('[data-testid="file-input"]')).click(),
}));

/** How far the pictures are that are being read, and a way to give them up. */
function progress() {
  const { busy, reading } = own;
  if (!busy) return nothing;
  return html`<p class="row note" data-testid="own-reading">
    <span role="status">${reading ? t('own.readingOf', reading) : t('own.reading')}</span>
    ${
      reading
        ? html`<progress max=${reading.total} .value=${reading.done} aria-label=${t('own.reading')}></progress>
            <button class="link" data-testid="stop-reading" @click=${reading.stop}>${t('own.stop')}</button>`
        : nothing
    }
  </p>`;
}

/** Where pictures are dropped; it stands below the built-in sets too. */
export function dropZone(words) {
  const over = (on) => (event) => {
    event.preventDefault();
    event.currentTarget.classList.toggle('over', on);
  };
  const drop = (event) => {
    over(false)(event);
    if (!tookTable(event.dataTransfer.files)) addPictures(fromDrop(event.dataTransfer), null);
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
        accept="image/*,.zip,.csv,.tsv"
        data-testid="file-input"
        @change=${(event) => {
          if (!tookTable(event.target.files)) addPictures(fromFiles(Array.from(event.target.files)), null);
          event.target.value = '';
        }}
      />
    </label>
    ${progress()}
  </div>`;
}

/** Pictures that are pasted anywhere on the page. */
export function listenToPaste() {
  addEventListener('paste', (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length === 0) return;
    event.preventDefault();
    addPictures(fromFiles(files), own.latest);
  });
}
