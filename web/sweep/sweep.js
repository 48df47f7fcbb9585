/** The sweep's door: the panel and what it needs come when its tab is first opened, as few visitors need them at once. */
import { html } from 'lit';
import { changedNow } from '../app/drawing.js';
import { failed } from '../parts/alerts.js';

/** @type {typeof import('./panel.js') | null} */
let loaded = null;
/** @type {Promise<void> | null} */
let loading = null;

async function load() {
  try {
    loaded = await import('./panel.js');
  } catch (error) {
    failed(error);
  }
  loading = null;
  changedNow();
}

/** The panel. */
export function sweepPanel() {
  if (!loaded) loading ??= load();
  return loaded ? loaded.sweepPanel() : html`<div class="panel" aria-busy="true"></div>`;
}
