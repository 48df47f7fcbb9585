/**
 * The camera in "Try it": the newest picture goes to the network as soon as it has answered the last one, so that none waits, and none is
 * answered that is no longer seen. It stops with the camera, which rests while it cannot be seen.
 */
import { html } from 'lit';
import { prepareImage } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { hasPictures } from '../app/sets.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { cameraBox } from '../data/camera_box.js';
import { likenessOf } from './likeness.js';
import './live_bars.js';

/**
 * Whether the camera is on in "Try it", the run whose network answers, the camera as it told of itself last, and the one that is being asked
 * about.
 * @type {{ isOn: boolean, run: any, view: import('../data/camera_view.js').CameraView | null, asking: unknown }}
 */
const live = { isOn: false, run: null, view: null, asking: null };

export const isLive = () => live.isOn;

/** Turns the camera on or off. */
export function turnLive(on = !live.isOn) {
  Object.assign(live, { isOn: on, view: null });
  changedNow();
}

/** Opens "Try it" with the camera on. */
export function seeLive() {
  live.isOn = true;
  setView({ tab: 'try', part: 'results' });
  document.getElementById('panel')?.scrollIntoView({ block: 'nearest' });
}

/** What the network says of the newest frame, and what that is like, where it can be told; null: there is none any more. */
async function answer(view, run) {
  const frame = await view.frame();
  if (!frame) return null;
  const pixels = await prepareImage(frame, run.start.preparation).finally(() => frame.close());
  return (await likenessOf(run, pixels)) ?? run.trainer.predict(pixels);
}

/** Asks, as long as the camera is open. A run that another one replaces cannot answer any more; the new one does. */
async function ask(view) {
  if (live.asking === view) return;
  live.asking = view;
  try {
    while (view.isLive && live.isOn) {
      const { run } = live;
      try {
        const told = await answer(view, run);
        const bars = /** @type {import('./live_bars.js').LiveBars} */ (document.querySelector('live-bars'));
        if (told && run === live.run) bars?.show(told, state.data?.classNames ?? []);
      } catch (error) {
        if (run === live.run && run.trainer) throw error;
      }
    }
  } catch (error) {
    turnLive(false);
    failed(error);
  } finally {
    if (live.asking === view) live.asking = null;
  }
}

/** The camera and the bars, for the network of a run. */
export function liveBox(run) {
  live.run = run;
  const tell = (view) => {
    live.view = view;
    if (view.isLive) ask(view);
    // It is also taken out while another run is opened, and goes on with that one.
    if (view.state === 'closed' && (state.view.tab !== 'try' || !hasPictures(state.experiment.dataset)))
      live.isOn = false;
  };
  return {
    camera: cameraBox({
      known: live.view,
      fit: run.start.preparation.fit,
      tell,
      close: () => turnLive(false),
      id: 'live',
    }),
    bars: html`<live-bars></live-bars>`,
  };
}
