/** What a teacher has locked: it travels in the link, and nobody who opens it can change it. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { state } from '../app/state.js';
import { icon } from './icons.js';

/** Whether a technique, or `dataset`, `network` or `seed`, is locked. */
export const isLocked = (name) => state.page.lock.includes(name);

/** The word for what is locked, with a reason for those who only hear it. */
export const lockNote = (name) =>
  isLocked(name)
    ? html`<p class="note row" data-testid="locked-${name}">${icon('lock')}${t('lock.reason')}</p>`
    : nothing;

/** Controls that stand still where they are locked. */
export const unlessLocked = (name, controls) =>
  html`<fieldset class="bare" ?disabled=${isLocked(name)}>${controls}</fieldset>`;
