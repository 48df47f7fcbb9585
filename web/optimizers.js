/** The choice of an optimizer and the numbers it has beside its rate, with the engine's own ranges and defaults; below it the race. */
import { html, nothing } from 'lit';
import { options } from 'trainground';
import { choice, slider } from './fields.js';
import { setting, t } from './language.js';
import { raceFields } from './race_figure.js';
import { optimizerName, optimizerNames, withOptimizer } from './settings.js';
import { changed, defaultExperiment, state } from './state.js';

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

/** `formula`: what the chosen one does, between its numbers and the race. */
export function optimizerFields(experiment, set, formula) {
  const { optimizer } = experiment;
  const rows = state.view.card === 'optimizer' ? rowsOf(optimizer.type) : [];
  return html`${choice({
    name: 'optimizer',
    label: t('field.optimizer'),
    value: optimizerName(optimizer),
    standard: optimizerName(defaultExperiment(experiment.dataset).optimizer),
    options: optimizerNames.map((name) => [name, t(`optimizer.${name}`)]),
    set: (name) => set(withOptimizer(experiment, name)),
  })}
  ${
    rows.length
      ? html`<details class="more-numbers">
          <summary>${t('field.more')}</summary>
          ${rows.map((row) => numberField(row, optimizer, (next) => set({ ...experiment, optimizer: next })))}
        </details>`
      : nothing
  }
  ${formula} ${raceFields()}`;
}
