/** Keyboard shortcuts: only when no control has focus that uses the key itself; they can be switched off. */
import { html, nothing } from 'lit';
import { changedNow } from '../app/drawing.js';
import { nextLanguage, remember, t } from '../app/language.js';
import { setView, state } from '../app/state.js';
import { nextTheme } from '../app/theme.js';
import { toggle } from './fields.js';

const isOn = () => remember('shortcuts') !== 'off';

/** What a key does: how the key is called, the text that says so, and the deed. @typedef {{ name: string, words: string, act: () => unknown }} Shortcut */

/** @type {Map<string, Shortcut>} by the key as the browser tells it, in lower case; in the order of the list */
const shortcuts = new Map();

/** Gives a key something to do. @param {string} key @param {Shortcut} what */
export const shortcut = (key, what) => shortcuts.set(key, what);

/** Whether the focused element takes keys for itself. */
function isBusy(element) {
  return (
    element instanceof HTMLElement &&
    element.matches('input, select, textarea, button, summary, a, [tabindex], [contenteditable]')
  );
}

/** Starts listening: to the keys of the rooms, and to those of the whole page. */
export function listenToKeys() {
  shortcut('l', { name: 'L', words: 'keys.language', act: nextLanguage });
  shortcut('d', { name: 'D', words: 'keys.theme', act: nextTheme });
  const act = () => setView({ menu: state.view.menu === 'keys' ? null : 'keys' });
  shortcut('?', { name: '?', words: 'keys.list', act });
  addEventListener('keydown', (event) => {
    const { menu, shared, more, info } = state.view;
    if (event.key === 'Escape' && (menu || shared || more || info)) {
      return setView({ menu: null, shared: null, more: false, info: null });
    }
    if (!isOn() || document.querySelector('dialog:modal') || event.ctrlKey || event.metaKey || event.altKey) return;
    const element = document.activeElement;
    if (
      event.key === ' '
        ? isBusy(element)
        : element?.matches?.('input:not([type="range"], [type="checkbox"]), select, textarea')
    )
      return;
    const found = shortcuts.get(event.key.toLowerCase());
    if (!found) return;
    event.preventDefault();
    found.act();
  });
}

/** The list of shortcuts. */
export function shortcutList() {
  if (state.view.menu !== 'keys') return nothing;
  return html`<div class="menu" role="dialog" aria-label=${t('keys.title')}>
    <h3>${t('keys.title')}</h3>
    <dl class="keys">
      ${[...shortcuts.values()].map(
        ({ name, words }) =>
          html`<dt><kbd>${name}</kbd></dt>
            <dd>${t(words)}</dd>`,
      )}
    </dl>
    <label class="row"
      >${toggle({ name: 'shortcuts', label: t('keys.on'), on: isOn(), set: (on) => (remember('shortcuts', on ? 'on' : 'off'), changedNow()) })}
      ${t('keys.on')}</label
    >
    <button class="button small" @click=${() => setView({ menu: null })}>${t('alert.close')}</button>
  </div>`;
}
