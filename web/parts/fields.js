/** What is used in several places: a slider with its number box, a switch, a choice. Each may explain itself and go back to its default. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { tell } from '../app/events.js';
import { has, setting, t } from '../app/language.js';
import { setView, state, turnTable } from '../app/state.js';
import { canVary } from '../app/varied.js';
import { icon } from './icons.js';

const clamp = (x, least, most) => Math.min(most, Math.max(least, x));

/** What people type: 0.003, .003, 3e-3, 20 %, and a comma where their keyboard has one. `percent`: what is asked for are per cent anyway. */
function parse(text, percent) {
  const [, digits, sign] = /^(.*?)(%?)\s*$/.exec(String(text).trim());
  const value = Number(digits.replace(',', '.'));
  if (digits.trim() === '' || !Number.isFinite(value)) return null;
  return sign && !percent ? value / 100 : value;
}

/** The round button beside a label; the words it opens are `explained`. Both are nothing where there is no text `info.<name>`. */
export function explainer(name, label) {
  if (!has(`info.${name}`)) return nothing;
  const isOpen = state.view.info === name;
  const turn = () => setView({ info: isOpen ? null : name });
  return html`<button
    class="info"
    data-testid="info-${name}"
    aria-label=${t('field.about', { name: label })}
    aria-expanded=${isOpen ? 'true' : 'false'}
    aria-controls=${isOpen ? `about-${name}` : nothing}
    @click=${turn}
  >
    ${icon('note')}
  </button>`;
}

/** Where a sweep is being planned: marks the control as one that is varied. */
export function varyButton(name, label) {
  if (state.view.tab !== 'sweep' || !canVary(name, state.experiment)) return nothing;
  const isVaried = Boolean(state.page.sweep?.vary?.[name]);
  return html`<button
    class="link vary"
    data-testid="vary-${name}"
    aria-label=${t('sweep.varyThis', { name: label })}
    aria-pressed=${isVaried ? 'true' : 'false'}
    @click=${() => tell('vary', name)}
  >
    ${t(isVaried ? 'sweep.varied' : 'sweep.vary')}
  </button>`;
}

/** Two sentences and, where it has one, the formula. */
export function explained(name) {
  if (state.view.info !== name || !has(`info.${name}`)) return nothing;
  return html`<p class="note about" id="about-${name}" role="note">
    ${t(`info.${name}`)}${has(`formula.${name}`) ? html`<span class="sum">${t(`formula.${name}`)}</span>` : nothing}
  </p>`;
}

/** The mark of the default; where the value is another one, a button that takes it back. */
function standardMark(name, label, words, isStandard, back) {
  if (isStandard) return html`<span>${words}</span>`;
  return html`<button
    class="link"
    data-testid="default-${name}"
    aria-label=${t('field.backTo', { name: label, value: words })}
    @click=${back}
  >
    ${words}
  </button>`;
}

/**
 * A slider and the box beside it: arrows are fine, Page is coarse, Home and End are the ends. With `log`, equal ways are equal factors.
 * `zero`: the left end is 0, whatever `least` is. `percent`: the value is in per cent. `set` gets the new value. `standard` is the default, marked below. `say`: how a value is
 * written; `text`: how this one is.
 * @param {{ name: string, label: string, value: number, text?: string, least: number, most: number, by?: number, log?: boolean,
 *   zero?: boolean, whole?: boolean, percent?: boolean, standard?: number, set: (value: number) => unknown, unit?: string, marks?: boolean,
 *   say?: (value: number) => string }} field
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
  zero = false,
  whole = false,
  percent = false,
  standard,
  set,
  unit = '',
  marks = true,
  say = setting,
}) {
  const toWay = (x) =>
    log ? (Math.log(x / least) / Math.log(most / least)) * 1000 : ((x - least) / (most - least)) * 1000;
  const fromWay = (way) => {
    if (zero && way <= 0) return 0;
    const x = log ? least * (most / least) ** (way / 1000) : least + ((most - least) * way) / 1000;
    const rounded = whole ? Math.round(x) : by ? Math.round(x / by) * by : Number(x.toPrecision(2));
    return clamp(Number(rounded.toPrecision(6)), least, most);
  };
  const way = clamp(toWay(clamp(value, least, most)), 0, 1000);
  const shown = text ?? say(value);
  const fit = (number) => (zero && number < least ? 0 : clamp(whole ? Math.round(number) : number, least, most));
  const typed = (event) => {
    const number = parse(event.target.value, percent);
    if (number === null) event.target.value = shown;
    else set(fit(number));
  };
  return html`<div class="field">
    <span class="row titled"
      ><label for=${name}>${label}</label>${explainer(name, label)}${varyButton(name, label)}</span
    >
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
            <span>${say(zero ? 0 : least)}</span>
            ${standardMark(name, label, t('field.default', { value: say(standard) }), value === standard, () => set(standard))}
            <span>${say(most)}</span>
          </div>`
        : nothing
    }
    ${explained(name)}
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

/** A switch in a line of its own, with its words, its default and what it means. */
export function titledToggle({ name, label, on, set, standard }) {
  const words = t('field.default', { value: t(standard ? 'tile.on' : 'tile.off') });
  return html`<div class="field">
    <span class="row titled"
      ><label class="row">${toggle({ name, label, on, set })} ${label}</label
      >${explainer(name, label)}${varyButton(name, label)}</span
    >
    <span class="marks">${standardMark(name, label, words, on === standard, () => set(standard))}</span>
    ${explained(name)}
  </div>`;
}

/**
 * One of a few.
 * @param {{ name: string, label: string, value: string, options: string[][], set: (value: string) => unknown, standard?: string }} field
 */
export function choice({ name, label, value, options, set, standard }) {
  const named = (key, text) => (key === standard ? t('field.isDefault', { value: text }) : text);
  const usual = options.find(([key]) => key === standard);
  return html`<div class="field">
    <span class="row titled"
      ><label for=${`choose-${name}`}>${label}</label>${explainer(name, label)}${varyButton(name, label)}</span
    >
    <span class="pick plain"
      ><select
        id=${`choose-${name}`}
        data-testid=${name}
        .value=${live(value)}
        @change=${(event) => set(event.target.value)}
      >
        ${options.map(([key, text]) => html`<option value=${key} ?selected=${key === value}>${named(key, text)}</option>`)}</select
      >${icon('down')}</span
    >
    ${usual && value !== standard ? html`<div class="marks end">${standardMark(name, label, t('field.default', { value: usual[1] }), false, () => set(standard))}</div>` : nothing}
    ${explained(name)}
  </div>`;
}

/** The button of every plot that has its numbers as a table too. */
export const tableButton = (name) =>
  html`<button
    class="link"
    data-testid="table-${name}"
    aria-pressed=${state.view.tables[name] ? 'true' : 'false'}
    @click=${() => turnTable(name)}
  >
    ${t(state.view.tables[name] ? 'table.hide' : 'table.show')}
  </button>`;

/**
 * A button that chooses files. `look`: its classes, `label`: what it says where its words do not.
 * @param {{ words: unknown, id: string, label?: string, look?: string, accept: string, multiple?: boolean, take: (files: File[]) => unknown }} button
 */
export function fileButton({ words, id, label, look = 'small', accept, multiple = false, take }) {
  const chosen = ({ target }) => {
    const files = Array.from(target.files);
    target.value = ''; // the same ones may be chosen again
    if (files.length) take(files);
  };
  return html`<label class="button ${look}"
    >${words}<input
      class="sr"
      type="file"
      accept=${accept}
      ?multiple=${multiple}
      data-testid=${id}
      aria-label=${label ?? nothing}
      @change=${chosen}
  /></label>`;
}
