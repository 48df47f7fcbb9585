/** Fields that are used in several places: a slider with its number box, a switch, a choice. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { icon } from './icons.js';
import { setting, t } from './language.js';

const clamp = (x, least, most) => Math.min(most, Math.max(least, x));

/** What people type: 0.003, .003, 3e-3, and a comma where their keyboard has one. */
function parse(text) {
  const value = Number(String(text).trim().replace(',', '.'));
  return String(text).trim() === '' || !Number.isFinite(value) ? null : value;
}

/**
 * A slider and the box beside it: arrows are fine, Page is coarse, Home and End are the ends. With `log`, equal ways are equal factors.
 * `set` gets the new value. `standard` is the default, marked below.
 * @param {{ name: string, label: string, value: number, text?: string, least: number, most: number, by?: number, log?: boolean,
 *   whole?: boolean, standard?: number, set: (value: number) => unknown, unit?: string, marks?: boolean }} field
 */
export function slider({
  name,
  label,
  value,
  text,
  least,
  most,
  by,
  log = false,
  whole = false,
  standard,
  set,
  unit = '',
  marks = true,
}) {
  const toWay = (x) =>
    log ? (Math.log(x / least) / Math.log(most / least)) * 1000 : ((x - least) / (most - least)) * 1000;
  const fromWay = (way) => {
    const x = log ? least * (most / least) ** (way / 1000) : least + ((most - least) * way) / 1000;
    const rounded = whole ? Math.round(x) : by ? Math.round(x / by) * by : Number(x.toPrecision(2));
    return clamp(Number(rounded.toPrecision(6)), least, most);
  };
  const way = clamp(toWay(clamp(value, least, most)), 0, 1000);
  const shown = text ?? setting(value);
  const typed = (event) => {
    const number = parse(event.target.value);
    if (number === null) event.target.value = shown;
    else set(clamp(whole ? Math.round(number) : number, least, most));
  };
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input
      class="box"
      id=${name}
      data-testid=${name}
      inputmode="decimal"
      autocomplete="off"
      .value=${live(shown)}
      @change=${typed}
      data-value=${value}
    />
    <input
      class="slider"
      type="range"
      min="0"
      max="1000"
      step=${whole && most - least <= 60 && !log ? 1000 / (most - least) : 5}
      aria-label=${label}
      aria-valuetext=${unit ? `${shown} ${unit}` : shown}
      .value=${live(String(way))}
      .style=${`--part:${way / 10}%`}
      @input=${(event) => set(fromWay(Number(event.target.value)))}
    />
    ${
      marks && standard !== undefined
        ? html`<div class="marks">
            <span>${setting(least)}</span><span>${t('field.default', { value: setting(standard) })}</span
            ><span>${setting(most)}</span>
          </div>`
        : nothing
    }
  </div>`;
}

/** On or off. */
export function toggle({ name, label, on, set }) {
  return html`<input
    class="switch"
    type="checkbox"
    role="switch"
    data-testid=${name}
    aria-label=${label}
    .checked=${live(on)}
    @change=${(event) => set(event.target.checked)}
  />`;
}

/** One of a few. */
export function choice({ name, label, value, options, set }) {
  return html`<label class="field"
    ><span>${label}</span>
    <span class="pick plain"
      ><select data-testid=${name} .value=${live(value)} @change=${(event) => set(event.target.value)}>
        ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${text}</option>`)}</select
      >${icon('down')}</span
    ></label
  >`;
}
