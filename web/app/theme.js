/** Light or dark: what the visitor chose, or what the system has. */
import { changedNow } from './drawing.js';
import { remember } from './language.js';

const themes = ['system', 'light', 'dark'];

/** The choice: `system`, `light` or `dark`. */
export const chosenTheme = () => remember('theme') ?? 'system';

/** The theme that the visitor chose, or the system's; that one too where the system sets the colours itself. */
export function applyTheme() {
  const chosen = matchMedia('(forced-colors: active)').matches ? null : remember('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen === 'dark' || (chosen !== 'light' && dark) ? 'dark' : 'light';
}

/** The next choice of the three. */
export function nextTheme() {
  remember('theme', themes[(themes.indexOf(chosenTheme()) + 1) % themes.length]);
  applyTheme();
  changedNow();
}
