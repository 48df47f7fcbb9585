/** What the curves stand over: epochs, steps or seconds. A choice of the visitor, for all curves alike. */
import { html } from 'lit';
import { t } from '../app/language.js';
import { setView, state } from '../app/state.js';

const axes = ['epochs', 'steps', 'seconds'];

/** The axis in use. */
export const axis = () => state.view.axis;

/**
 * Where each row of a run's history stands on the axis, from 0 on. Seconds are those of training, pauses not.
 * @param {{ history: Array<{ epoch: number, seconds?: number }>, start: { stepsPerEpoch: number } }} run
 * @returns {number[]}
 */
export function placesOf({ history, start }) {
  if (axis() === 'epochs') return history.map(({ epoch }) => epoch);
  if (axis() === 'steps') return history.map(({ epoch }) => epoch * start.stepsPerEpoch);
  let sum = 0;
  return history.map(({ seconds = 0 }) => (sum += seconds));
}

/** Where an epoch stands, or a part of one; those to come last as long as the mean of those that were. */
export function placer(run) {
  const places = placesOf(run);
  const last = places.length - 1;
  const mean = last > 0 ? places[last] / last : axis() === 'steps' ? run.start.stepsPerEpoch : 1;
  return (epoch) => {
    if (epoch >= last) return places[last] + (epoch - last) * mean;
    const from = Math.floor(epoch);
    return places[from] + (epoch - from) * (places[from + 1] - places[from]);
  };
}

/** The three buttons. */
export function axisChoice() {
  return html`<span class="row axis-choice"
    ><span class="small muted">${t('axis.title')}</span
    ><span class="segment" role="group" aria-label=${t('axis.title')}
      >${axes.map(
        (name) =>
          html`<button
            data-testid="axis-${name}"
            aria-pressed=${axis() === name ? 'true' : 'false'}
            @click=${() => setView({ axis: name })}
          >
            ${t(`axis.${name}`)}
          </button>`,
      )}</span
    ></span
  >`;
}
