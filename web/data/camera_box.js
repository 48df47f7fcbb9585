/** A camera with its words: what it sees, that it opens or why it does not, and which one it is where there are several. */
import { html, nothing } from 'lit';
import { changed } from '../app/drawing.js';
import { t } from '../app/language.js';
import { icon } from '../parts/icons.js';
import './camera_view.js';

/** The camera that somebody has chosen: it holds for every place where one is opened. @type {import('./camera.js').Which} */
let chosen = {};

/** Which one is asked for first where nobody has chosen: of a phone the back, with which one takes pictures of things. */
const first = { facing: /** @type {'environment'} */ ('environment') };

/** Front and back, where the camera says which it is; else by their names. */
function chooser(view) {
  if (view.devices.length < 2) return nothing;
  const choose = (which) => {
    chosen = which;
    view.open(which);
  };
  if (view.facing)
    return html`<span class="segment" role="group" aria-label=${t('camera.which')}>
      ${['environment', 'user'].map(
        (facing) =>
          html`<button
            data-testid="camera-${facing}"
            aria-pressed=${view.facing === facing ? 'true' : 'false'}
            @click=${() => choose({ facing })}
          >
            ${t(`camera.${facing}`)}
          </button>`,
      )}
    </span>`;
  return html`<span class="pick plain"
    ><select
      aria-label=${t('camera.which')}
      data-testid="camera-device"
      @change=${(event) => choose({ device: event.target.value })}
    >
      ${view.devices.map(
        ({ id, label }, n) =>
          html`<option value=${id} ?selected=${id === view.device}>${label || t('camera.nth', { n: n + 1 })}</option>`,
      )}</select
    >${icon('down')}</span
  >`;
}

/** That it opens, or why not. */
function words(view) {
  if (!view || view.state === 'live') return nothing;
  if (view.state !== 'failed') return html`<p class="small muted" role="status">${t(`camera.${view.state}`)}</p>`;
  return html`<div class="warning" role="alert" data-testid="camera-problem" data-value=${view.why}>
    ${icon('warning')}
    <span>
      ${t(`camera.why.${view.why}`)}
      <button class="link" data-testid="camera-again" @click=${() => view.open()}>${t('camera.again')}</button>
    </span>
  </div>`;
}

/**
 * The box. `known`: the element, as the last event has told it; `fit`: how pictures are made square; `tell` is called with the element whenever
 * something has changed.
 * @param {{ known: import('./camera_view.js').CameraView | null, fit: string, tell: (view: import('./camera_view.js').CameraView) => void, close: () => void, id: string }} box
 */
export function cameraBox({ known, fit, tell, close, id }) {
  const state = known?.state ?? 'opening';
  return html`<div class="camera" data-testid=${id} data-state=${state}>
    <camera-view
      class=${fit}
      role="img"
      aria-label=${t('camera.sees')}
      .which=${Object.keys(chosen).length ? chosen : first}
      @camera=${(event) => {
        tell(event.target);
        changed();
      }}
    ></camera-view>
    ${words(known)}
    <div class="row">
      ${known && state === 'live' ? chooser(known) : nothing}
      <span class="space"></span>
      <button class="link" data-testid="${id}-close" @click=${close}>${t('camera.close')}</button>
    </div>
  </div>`;
}
