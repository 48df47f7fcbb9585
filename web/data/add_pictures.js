/**
 * Adding own pictures: where they are dropped, chosen or pasted, and to which class each goes. Limits: 20 MB and 50 megapixels a file, 5,000
 * pictures, 512 MB of pixels; what does not fit is named, what fits is kept.
 */
import { html, nothing } from 'lit';
import { warmUpDecoder } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { tell } from '../app/events.js';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { dismiss, failed, notice, offer } from '../parts/alerts.js';
import { fileButton } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { tookModel } from './add_model.js';
import { tookTable } from './add_table.js';
import { chooseSet, picturesChanged } from './choose.js';
import { fromDrop, fromFiles, isCard, nameClasses } from './collect.js';
import { arrangeClasses, bytesOfPicture, classNamed, freeName, isOwn, own, total } from './own.js';
import { markBursts } from './own_groups.js';
import { inTurn, readFiles } from './read_pictures.js';

const most = { pictures: 5000, bytes: 512e6 };

/** For how many pictures there is room. */
export const roomLeft = () =>
  Math.max(0, Math.min(most.pictures, Math.floor(most.bytes / bytesOfPicture(own.size))) - total());

/** Says that some found no room. */
export const sayFull = (n) => notice('too-many', { n, most: most.pictures });

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
  dismiss(
    'not-opened',
    'bad-image',
    'too-large',
    'too-many',
    'needs-pictures',
    'other-kind',
    'hidden-pixels',
    'passed-over',
  );
  /** @type {Map<string, Array<{ name: string, kind?: string }>>} */
  const lists = new Map();
  for (const { name, text } of rejected.filter(({ code }) => code === 'project')) notice('not-opened', { name, text });
  for (const one of rejected.filter(({ code }) => code !== 'project')) {
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

/** The class that a picture goes to: the one it was given to, as long as that is there, or the one of its name. */
function classOf({ name, target }) {
  const one = own.classes.includes(target) ? target : classNamed(target?.name ?? name);
  own.latest = one.name;
  return one;
}

/**
 * Adds files: to a class, or each to the one that its folder or its name says.
 * @param {Promise<import('./collect.js').Collected>} finding
 * @param {import('./own.js').OwnClass | null} [target]
 */
export async function addPictures(finding, target = null) {
  const { dataset } = state.experiment;
  const isDone = await inTurn(async () => {
    const { found, left, order, cards = [] } = await finding;
    if (cards.length) tell('cards', cards);
    if (cards.length && found.length === 0) return false;
    if (!target) own.order = [...new Set([...own.order, ...order])];
    const named = target ? found.map((one) => ({ ...one, name: target.name })) : nameClasses(found, freeName());
    const kept = named.slice(0, roomLeft());
    const { pictures, rejected } = await readFiles(
      kept.map(({ file }) => file),
      own,
    );
    const read = kept
      .map(({ name, file, source }, at) => ({ name, file, picture: pictures[at] && { ...pictures[at], source } }))
      .filter(({ picture }) => picture !== null);
    await markBursts(read, own.size);
    for (const { name, picture } of read) classOf({ name, target }).pictures.push(picture);
    report([...left, ...rejected], read.length);
    if (named.length > kept.length) sayFull(named.length - kept.length);
    return true;
  });
  if (!isDone) return changedNow();
  await new Promise((done) => setTimeout(done)); // the page goes on before all of it is drawn
  // Whoever has chosen another set meanwhile wants that one; the pictures wait behind "own".
  if (isOwn() || state.experiment.dataset === dataset) picturesChanged();
  else {
    own.version += 1;
    arrangeClasses();
  }
  return changedNow();
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

/** Files that were dropped or chosen: a table, a network, or else pictures. @param {File[]} files @param {() => any} find  the pictures among them */
function take(files, find) {
  if (tookTable(files)) return;
  if (files.length && files.every(isCard)) return void tell('cards', files);
  const finding = find();
  tookModel(files).then(async (isModel) => {
    if (!isModel) await addPictures(finding);
  }, failed);
}

/** What makes an element take what is dropped on it: to be spread over its listeners. @param {(transfer: DataTransfer) => unknown} take */
export function dropping(take) {
  const over = (on) => (event) => {
    event.preventDefault();
    event.stopPropagation();
    event.currentTarget.classList.toggle('over', on);
  };
  const drop = (event) => {
    over(false)(event);
    take(event.dataTransfer);
  };
  return { over: over(true), leave: over(false), drop };
}

/** Where pictures are dropped that say themselves which class they are of; it stands below the built-in sets too. */
export function dropZone(words) {
  const { over, leave, drop } = dropping((transfer) => take(Array.from(transfer.files), () => fromDrop(transfer)));
  return html`<div class="drop" data-testid="drop-zone" @dragover=${over} @dragleave=${leave} @drop=${drop}>
    <b>${t(`${words}.title`)}</b>
    <p class="small muted">${t('own.how')} ${t('own.teachable')}</p>
    <div class="row">
      ${fileButton({
        words: html`${icon('plus')}${t('own.choose')}`,
        id: 'file-input',
        accept: 'image/*,.zip,.tm,.json,.bin,.csv,.tsv',
        multiple: true,
        take: (files) => take(files, () => fromFiles(files)),
      })}
      ${
        isOwn()
          ? nothing
          : html`<button class="button small" data-testid="begin-own" @click=${() => chooseSet('own')}>
              ${icon('camera')}${t('own.begin')}
            </button>`
      }
    </div>
    ${progress()}
  </div>`;
}

/** The class that a pasted picture goes to: the one whose card has the focus, the one that got some last, or the first that has none. */
function classToPasteInto() {
  const card = document.activeElement?.closest('[data-place]');
  const place = card instanceof HTMLElement ? Number(card.dataset.place) : null;
  return (
    own.classes.find((one) => one.place === place) ??
    own.classes.find(({ name }) => name === own.latest) ??
    own.classes.find(({ pictures }) => pictures.length === 0) ??
    null
  );
}

/** Pictures that are pasted anywhere on the page. */
export function listenToPaste() {
  addEventListener('paste', (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (files.length === 0) return;
    event.preventDefault();
    addPictures(fromFiles(files), classToPasteInto());
  });
}

/**
 * The decoder starts when somebody is about to give pictures, so that the first does not wait for it: files are dragged into the page, or a
 * picker for pictures opens, by pointer, by key, or by a button that clicks it. Not before: whoever passes by or tabs past wants nothing.
 */
export function expectPictures() {
  addEventListener('dragenter', ({ dataTransfer }) => {
    if (dataTransfer?.types.includes('Files')) warmUpDecoder();
  });
  addEventListener('click', ({ target }) => {
    if (target instanceof HTMLInputElement && target.type === 'file' && target.accept.includes('image/'))
      warmUpDecoder();
  });
}
