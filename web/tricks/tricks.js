/** The techniques as tiles; a tile opens its drawer: what it claims, its settings, its formula, its comparison, back to default. */
import { html, nothing } from 'lit';
import { t } from '../app/language.js';
import { changeExperiment, hasBegun, setPage, setView, state } from '../app/state.js';
import { toggle, varyButton } from '../parts/fields.js';
import { icon } from '../parts/icons.js';
import { isLocked, lockNote, unlessLocked } from '../parts/lock.js';
import { formulaBox } from './formula_box.js';
import { basicsOf, cardOf, cards } from './techniques.js';

/** Every drawer is in the page, the closed ones hidden: so each can be found, and opening one builds nothing. */
function drawer(card, side, later, shown = true) {
  const { name, fields, formula, isOn, turn } = card;
  const { experiment, run } = state;
  const standard = card.standard?.(experiment);
  const isStandard = !standard || JSON.stringify(standard) === JSON.stringify(experiment);
  const isLive = name === 'learning-rate' && run && ['training', 'paused'].includes(run.status);
  const isLater = hasBegun(run) && !isLive && JSON.stringify(run.experiment) !== JSON.stringify(experiment);
  return html`<div
    class="drawer under-${side}"
    ?hidden=${state.view.card !== name || !shown}
    id="drawer-${name}"
    role="region"
    aria-label=${t(`trick.${name}`)}
  >
    <div class="top">
      <p>${t(`claim.${name}`)}</p>
      ${varyButton(`switch-${name}`, t(`trick.${name}`))}
      ${isOn ? unlessLocked(name, toggle({ name: `switch-${name}`, label: t(`trick.${name}`), on: isOn(experiment), set: (on) => changeExperiment(turn(experiment, on)) })) : nothing}
    </div>
    ${lockNote(name)} ${unlessLocked(name, fields?.(experiment, changeExperiment, later))}
    ${
      formula
        ? formulaBox(
            formula.math,
            formula.letters.map((letter, i) => [letter, `letter.${name}.${i}`]),
          )
        : nothing
    }
    ${isLater ? html`<p class="note" data-testid="next-run">${t('field.nextRun')}</p>` : nothing}
    ${later.compareBox(name)}
    ${isStandard || isLocked(name) ? nothing : html`<div class="actions"><span class="space"></span><button class="link" @click=${() => changeExperiment(standard)}>${t('field.back')}</button></div>`}
  </div>`;
}

function tile({ name, value }) {
  const { text, on } = value(state.experiment);
  const isOpen = state.view.card === name;
  return html`<button
    class="tile ${on ? 'on' : ''} ${isOpen ? 'open' : ''}"
    data-testid="trick-${name}"
    aria-expanded=${isOpen ? 'true' : 'false'}
    aria-controls=${isOpen ? `drawer-${name}` : nothing}
    @click=${() => setView({ card: isOpen ? null : name })}
  >
    ${icon(isLocked(name) ? 'lock' : name)}<span class="name">${t(`trick.${name}`)}</span
    ><span class="value">${text}</span>
  </button>`;
}

/** The tiles, two in a row; the open one's drawer stands under its row. @param {import('./card.js').Later} later */
export function tricksSection(later) {
  const { page, experiment } = state;
  const listed = page.lesson ? [cardOf(page.lesson)] : page.show;
  const isShown = ({ name }) =>
    listed.length ? listed.includes(name) : page.level === 'all' || basicsOf(experiment).includes(name);
  const shown = cards.filter(isShown);
  const rows = [];
  for (let i = 0; i < shown.length; i += 2) rows.push(shown.slice(i, i + 2));
  return html`<div class="tricks-part">
    <div class="head section" ?hidden=${!shown.length}>
      <h2>${t('tricks.title')}</h2>
      <span class="small dim">${t('tricks.note')}</span>
      <span class="space"></span>
      ${page.level === 'all' || listed.length ? nothing : html`<button class="link" @click=${() => setPage({ level: 'all' })}>${t('tricks.all', { n: cards.length })}</button>`}
    </div>
    <div class="tiles">
      ${rows.map(
        (row) => html`${row.map(tile)} ${row.map((card, at) => drawer(card, at === 0 ? 'left' : 'right', later))}`,
      )}
      ${cards.filter((card) => !isShown(card)).map((card) => drawer(card, 'left', later, false))}
    </div>
  </div>`;
}
