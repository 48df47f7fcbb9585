/**
 * Adding own pictures: where they are dropped, chosen or pasted, and how they are read, one after the other: files to small squares, by the
 * package. Limits: 20 MB and 50 megapixels a file, 5,000 pictures, 64 MB of pixels; what does not fit is named, what fits is kept.
 */
import { html } from 'lit';
import { decodeImages } from 'trainground';
import { changed, changedNow } from '../app/drawing.js';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { dismiss, failed, notice, offer } from '../parts/alerts.js';
import { icon } from '../parts/icons.js';
import { picturesChanged } from './choose.js';
import { fromDrop, fromFiles, nameClasses } from './collect.js';
import { arrangeClasses, isOwn, needsPictures, own, pictureOf, total } from './own.js';

const most = { pictures: 5000, bytes: 64e6 };

/** A name that no class has yet. */
export const freeName = () => {
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
export async function addPictures(finding, target) {
  const { dataset } = state.experiment;
  await inTurn(async () => {
    // A link says how the pictures that it needs are made.
    if (needsPictures()) ({ size: own.size = 32, fit: own.fit = 'crop' } = state.experiment.dataset);
    const all = nameClasses(await finding, target ?? freeName());
    const named = all.filter(({ tooLarge }) => !tooLarge);
    const room = Math.max(0, Math.min(most.pictures, Math.floor(most.bytes / (own.size * own.size * 3))) - total());
    const kept = named.slice(0, room);
    const rejected = all.filter(({ tooLarge }) => tooLarge).map(({ file }) => ({ name: file.name, code: 'bytes' }));
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
      own.latest = name;
      changed();
    }
    report(rejected, added);
    if (named.length > kept.length) notice('too-many', { n: named.length - kept.length, most: most.pictures });
  });
  // Whoever has chosen another set meanwhile wants that one; the pictures wait behind "own".
  if (isOwn() || state.experiment.dataset === dataset) picturesChanged();
  else {
    own.version += 1;
    arrangeClasses();
  }
  changedNow();
}

/** The size and fit that were asked for last, until they are there. */
let asked = null;

/** Makes all pictures anew from their files, as far as these can still be read. */
export async function makeAnew(changes) {
  const mine = (asked = { size: own.size, fit: own.fit, ...asked, ...changes });
  const isDone = await inTurn(async () => {
    if (mine !== asked) return false; // a later wish waits
    asked = null;
    const all = [...own.classes.flatMap((one) => one.pictures), ...own.left.map((entry) => entry.picture)];
    if (all.some(({ file }) => file === null)) {
      notice('kept-size', {}, { quiet: true });
      return false;
    }
    const files = all.map(({ file }) => file);
    const { pictures, rejected } = await decode(files, mine);
    const made = new Map(pictures.map((one) => [one.file, one]));
    for (const one of own.classes) one.pictures = one.pictures.filter(({ file }) => made.has(file));
    own.left = own.left.filter(({ picture: { file } }) => made.has(file));
    for (const one of all) Object.assign(one, made.get(one.file));
    Object.assign(own, mine);
    if (rejected.length) report(rejected, pictures.length);
    return true;
  });
  if (isDone && asked === null) picturesChanged();
}

offer('needs-pictures', () => ({
  id: 'alert-action',
  words: ['own.choose'],
  act: () => /** @type {HTMLElement} */ (document.querySelector('[data-testid="file-input"]')).click(),
}));

/** Where pictures are dropped; it stands below the built-in sets too. */
export function dropZone(words) {
  const over = (on) => (event) => {
    event.preventDefault();
    event.currentTarget.classList.toggle('over', on);
  };
  const drop = (event) => {
    over(false)(event);
    addPictures(fromDrop(event.dataTransfer), null);
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
          addPictures(fromFiles(Array.from(event.target.files)), null);
          event.target.value = '';
        }}
      />
    </label>
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
