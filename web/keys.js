/** Keyboard shortcuts: only when no control has focus that uses the key itself; they can be switched off. */
import { html, nothing } from 'lit';
import { nextTheme } from './bar.js';
import { canCompare } from './compare.js';
import { toggle } from './fields.js';
import { language, remember, setLanguage, t } from './language.js';
import { changedNow, state } from './state.js';
import { reset, step } from './train.js';

const isOn = () => remember('shortcuts') !== 'off';

const list = [
  ['Space', 'keys.train'],
  ['S', 'keys.step'],
  ['R', 'keys.reset'],
  ['C', 'keys.compare'],
  ['L', 'keys.language'],
  ['D', 'keys.theme'],
  ['?', 'keys.list'],
];

/** Whether the focused element takes keys for itself. */
function isBusy(element) {
  return (
    element instanceof HTMLElement &&
    element.matches('input, select, textarea, button, summary, a, [tabindex], [contenteditable]')
  );
}

function toggleLanguage() {
  setLanguage(language.name === 'en' ? 'zh-Hans' : 'en');
  remember('language', language.name);
  changedNow();
}

/** Starts listening. */
export function listenToKeys({ compare, trainOrPause }) {
  addEventListener('keydown', (event) => {
    const { menu, shared, more, info } = state.view;
    if (event.key === 'Escape' && (menu || shared || more || info)) {
      Object.assign(state.view, { menu: null, shared: null, more: false, info: null });
      changedNow();
      return;
    }
    if (!isOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    const element = document.activeElement;
    if (
      event.key === ' '
        ? isBusy(element)
        : element?.matches?.('input:not([type="range"], [type="checkbox"]), select, textarea')
    )
      return;
    const act = {
      ' ': trainOrPause,
      s: step,
      r: reset,
      c: () => canCompare(state.view.card ?? 'learning-rate') && compare(),
      l: toggleLanguage,
      d: nextTheme,
      '?': () => ((state.view.menu = state.view.menu === 'keys' ? null : 'keys'), changedNow()),
    }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** The list of shortcuts. */
export function shortcutList() {
  if (state.view.menu !== 'keys') return nothing;
  const close = () => ((state.view.menu = null), changedNow());
  return html`<div class="menu" role="dialog" aria-label=${t('keys.title')}>
    <h3>${t('keys.title')}</h3>
    <dl class="keys">
      ${list.map(
        ([name, text]) =>
          html`<dt><kbd>${name}</kbd></dt>
            <dd>${t(text)}</dd>`,
      )}
    </dl>
    <label class="row"
      >${toggle({ name: 'shortcuts', label: t('keys.on'), on: isOn(), set: (on) => (remember('shortcuts', on ? 'on' : 'off'), changedNow()) })}
      ${t('keys.on')}</label
    >
    <button class="button small" @click=${close}>${t('alert.close')}</button>
  </div>`;
}
