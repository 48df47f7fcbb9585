/** The choice of an optimizer and the numbers it has beside its rate, with the engine's own ranges and defaults; below it the race. */
import { html, nothing } from 'lit';
import { options } from 'trainground';
import { changed } from '../app/drawing.js';
import { setting, t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { optimizerName, optimizerNames, withOptimizer } from '../app/settings.js';
import { state } from '../app/state.js';
import { choice, slider } from '../parts/fields.js';
import { formulaBox } from './formula_box.js';
import { optimizerFormula } from './optimizer_formulas.js';

const numbers = ['momentum', 'rho', 'beta1', 'beta2', 'weightDecay', 'epsilon'];

/** The engine's table, once it was asked for. @type {any[] | null} */
let table = null;
let isAsked = false;

/** The rows of this optimizer's numbers. */
function rowsOf(type) {
  if (!isAsked) {
    isAsked = true;
    options().then(
      (list) => {
        table = list;
        changed();
      },
      () => (isAsked = false),
    );
  }
  return (table ?? []).filter(({ path, of }) => of?.includes(type) && numbers.includes(path.replace('optimizer.', '')));
}

/** What equals the engine's default is not written down: the settings are then those of a page that was never touched. */
function without(optimizer, key) {
  const { [key]: _, ...rest } = optimizer;
  return rest;
}

function numberField({ path, minimum, maximum, default: standard }, optimizer, set) {
  const key = path.replace('optimizer.', '');
  const value = optimizer[key] ?? standard;
  const isSmall = key === 'epsilon';
  return slider({
    name: `optimizer-${key}`,
    label: t(`field.${key}`),
    value,
    say: isSmall ? (number) => number.toExponential() : setting,
    least: minimum,
    most: Math.min(maximum, 1),
    log: isSmall,
    standard,
    set: (number) => set(number === standard ? without(optimizer, key) : { ...optimizer, [key]: number }),
  });
}

/** `raceFields`: what lets optimizers run against each other, below the formula of the chosen one. */
function optimizerFields(experiment, set, { raceFields }) {
  const { optimizer } = experiment;
  const name = optimizerName(optimizer);
  const { math, letters } = optimizerFormula(name);
  const rows = state.view.card === 'optimizer' ? rowsOf(optimizer.type) : [];
  return html`${choice({
      name: 'optimizer',
      label: t('field.optimizer'),
      value: name,
      standard: optimizerName(defaultExperiment(experiment.dataset).optimizer),
      options: optimizerNames.map((each) => [each, t(`optimizer.${each}`)]),
      set: (each) => set(withOptimizer(experiment, each)),
    })}
    ${
      rows.length
        ? html`<details class="more-numbers">
            <summary>${t('field.more')}</summary>
            ${rows.map((row) => numberField(row, optimizer, (next) => set({ ...experiment, optimizer: next })))}
          </details>`
        : nothing
    }
    ${formulaBox(math, letters, name)}
    <p class="note" data-testid="sheet-difference">${t(`sheet.${name}`)}</p>
    ${raceFields()}`;
}

/** @type {import('./card.js').Card} */
export const optimizerCard = {
  name: 'optimizer',
  value: (experiment) => ({ text: t(`optimizer.${optimizerName(experiment.optimizer)}`), on: true }),
  fields: optimizerFields,
  standard: (experiment) => ({ ...experiment, optimizer: defaultExperiment(experiment.dataset).optimizer }),
};
