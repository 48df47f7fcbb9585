/** A class of own pictures as a card: its name to be written over, its pictures, more by choosing, dropping or camera, what is worth knowing. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { count, t } from '../app/language.js';
import { notice, offer } from '../parts/alerts.js';
import { fileButton } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { picture } from '../parts/picture.js';
import { addPictures, dropping } from './add_pictures.js';
import { picturesChanged } from './choose.js';
import { fromDrop, fromFiles } from './collect.js';
import { doublesOf } from './doubles.js';
import { own } from './own.js';
import { ownGroups } from './own_groups.js';
import { isRecording, recorderBox, turnRecorder } from './recorder.js';

/** How many pictures a card shows: the newest. */
const kShown = 5;

let known = { of: null, version: -1, found: null };

/** Equal pictures, pixel for pixel: looked for when the pictures have changed. */
function findDoubles() {
  if (known.of !== own.classes || known.version !== own.version)
    known = { of: own.classes, version: own.version, found: doublesOf(own.classes) };
  return known.found;
}

/** What is worth knowing before a run. */
function warningsOf(one) {
  if (one.pictures.length === 0) return [];
  const largest = Math.max(...own.classes.map((other) => other.pictures.length));
  const list = [];
  if (one.pictures.length < 10) list.push(t('own.few', { n: one.pictures.length }));
  else if (largest > 5 * one.pictures.length) list.push(t('own.unbalanced'));
  const { within, across } = findDoubles();
  const doubles = within.get(one) ?? 0;
  if (doubles) list.push(t('own.doubles', { n: doubles }));
  if (ownGroups()?.alone.has(one.name)) list.push(t('own.oneBurst'));
  for (const [name, n] of across.get(one) ?? []) list.push(t('own.across', { n, name }));
  return list;
}

function rename(one, text) {
  const name = text.trim();
  if (!name || name === one.name) return;
  if (own.latest === one.name) own.latest = name;
  own.order = own.order.map((other) => (other === one.name ? name : other));
  Object.assign(one, { name, isNamed: true });
  picturesChanged();
}

function remove(one) {
  if (isRecording(one)) turnRecorder(one);
  own.classes = own.classes.filter((other) => other !== one);
  if (one.pictures.length) notice('class-removed', { name: one.name, n: one.pictures.length, one }, { quiet: true });
  picturesChanged();
}

offer('class-removed', ({ one }) =>
  own.classes.includes(one)
    ? null
    : {
        id: 'put-class-back',
        words: ['own.classBack'],
        act: () => {
          own.classes.push(one);
          picturesChanged();
        },
      },
);

/** The name, to be written over: one that nobody has chosen goes with the first letter. */
function nameField(one) {
  return html`<input
    class="box name"
    aria-label=${t('own.name')}
    autocomplete="off"
    enterkeyhint="done"
    .value=${live(one.name)}
    @focus=${(event) => one.isNamed || event.target.select()}
    @keydown=${(event) => event.key === 'Enter' && event.target.blur()}
    @change=${(event) => rename(one, event.target.value)}
  />`;
}

/** The card. @param {import('./own.js').OwnClass} one */
export function classCard(one) {
  const { over, leave, drop } = dropping((transfer) => addPictures(fromDrop(transfer), one));
  const { pictures, name } = one;
  const isOpen = isRecording(one);
  return html`<div
    class="own-class"
    role="group"
    aria-label=${name}
    data-place=${one.place}
    @dragover=${over}
    @dragleave=${leave}
    @drop=${drop}
  >
    <div class="row">
      ${nameField(one)}
      <span class="space"></span>
      <span class="small muted" data-testid="count-of-${one.place}" data-value=${pictures.length}
        >${t('own.count', { n: pictures.length })}</span
      >
      <button class="link square" aria-label=${t('own.remove', { name })} @click=${() => remove(one)}>
        ${icon('close')}
      </button>
    </div>
    <div class="row ways">
      <button
        class="button small"
        data-testid="camera-of-${one.place}"
        aria-expanded=${isOpen ? 'true' : 'false'}
        aria-label=${t('camera.of', { name })}
        @click=${() => turnRecorder(one)}
      >
        ${icon('camera')}${t('camera.open')}
      </button>
      ${fileButton({
        words: html`${icon('plus')}${t('own.files')}`,
        label: t('own.add', { name }),
        id: `add-to-${one.place}`,
        accept: 'image/*,.zip',
        multiple: true,
        take: (files) => addPictures(fromFiles(files), one),
      })}
    </div>
    ${isOpen ? recorderBox() : nothing}
    ${
      pictures.length
        ? html`<div class="thumbs">
            ${pictures
              .slice(-kShown)
              .reverse()
              .map(({ pixels }) => picture(pixels, [own.size, own.size, 3], name))}
            ${pictures.length > kShown ? html`<span class="small dim">+ ${count(pictures.length - kShown)}</span>` : nothing}
          </div>`
        : html`<p class="small dim">${t('own.empty')}</p>`
    }
    ${warningsOf(one).map((text) => html`<p class="warning">${icon('warning')}<span>${text}</span></p>`)}
  </div>`;
}
