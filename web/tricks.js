/** The techniques as tiles; a tile opens its drawer: what it claims, its formula, its settings, its comparison, back to default. */
import { html, nothing } from 'lit';
import { isLocked, lockNote } from './classroom.js';
import { compareBox } from './compare.js';
import { crossEntropyFields } from './cross_entropy.js';
import { choice, slider, toggle } from './fields.js';
import { formulas } from './formulas.js';
import { icon } from './icons.js';
import { setting, short, t } from './language.js';
import { cardOf } from './lessons.js';
import { batchField } from './mini_batch.js';
import { optimizerFormula } from './optimizer_formulas.js';
import { optimizerFields } from './optimizers.js';
import { dropoutFields, penaltyFields } from './regularize.js';
import { scheduleFields, withSchedule } from './schedule.js';
import * as settings from './settings.js';
import { changedNow, defaultExperiment, hasPictures, setExperiment, setPage, state } from './state.js';
import { slowStepFields } from './slow_step.js';
import { stoppingFields } from './stopping.js';
import { spreadFields } from './spread.js';
import { transferFields, withTransfer } from './transfer.js';
import { augmentationFields } from './transforms.js';
import { shownRun } from './travel.js';

const basics = ['learning-rate', 'augmentation', 'dropout', 'early-stopping'];
/** Every technique, in the order of the tiles. */
export const techniques = [
  'learning-rate',
  'optimizer',
  'mini-batch',
  'initialization',
  'batch-normalization',
  'cross-entropy',
  'slow-step',
  'augmentation',
  'dropout',
  'l2',
  'early-stopping',
  'transfer',
  'splitting',
];

const initializers = ['zeros', 'smallUniform', 'glorotUniform', 'glorotNormal', 'heUniform', 'heNormal'];

/** The only set of the page with groups: three drawings of each emoji. */
const splitOf = ({ splitBy, dataset }) => splitBy ?? (dataset === 'emoji' ? 'group' : 'random');
/** Own pictures stand class after class, and points in no order that means anything. */
const splitsOf = ({ dataset, splitBy }) => {
  const known = typeof dataset === 'string' ? ['random', 'fileOrder'] : ['random'];
  return [...new Set([...known, ...(dataset === 'emoji' ? ['group'] : []), ...(splitBy ? [splitBy] : [])])];
};

/** The rate that this optimizer begins with on this set. */
function usual(experiment) {
  const { optimizer } = defaultExperiment(experiment.dataset);
  return optimizer.type === experiment.optimizer.type
    ? optimizer.learningRate
    : settings.usualRate(experiment.optimizer.type);
}

/** What a tile prints, and whether the technique is on. */
function valueOf(name, experiment) {
  const off = { text: t('tile.off'), on: false };
  switch (name) {
    case 'learning-rate':
      return { text: setting(settings.learningRate(experiment)), on: true };
    case 'optimizer':
      return { text: t(`optimizer.${settings.optimizerName(experiment.optimizer)}`), on: true };
    case 'mini-batch':
      return { text: String(experiment.batchSize), on: true };
    case 'initialization':
      return { text: t(`initializer.${settings.initializer(experiment)}`), on: true };
    case 'batch-normalization':
      return settings.hasBatchNormalization(experiment) ? { text: t('tile.on'), on: true } : off;
    case 'slow-step':
      return { text: t('tile.look'), on: false };
    case 'cross-entropy':
      return { text: short(state.run && shownRun(state.run).evaluation?.loss), on: false };
    case 'augmentation':
      return experiment.augmentation.length
        ? { text: t('tile.kinds', { n: experiment.augmentation.length }), on: true }
        : off;
    case 'dropout':
      return settings.dropoutRate(experiment) ? { text: setting(settings.dropoutRate(experiment)), on: true } : off;
    case 'l2':
      return settings.penaltyKind(experiment)
        ? { text: setting(settings.elasticNet(experiment).lambda), on: true }
        : off;
    case 'early-stopping':
      return experiment.earlyStopping ? { text: String(experiment.earlyStopping.patience), on: true } : off;
    case 'transfer':
      if (experiment.transfer) return { text: t(`tile.transfer.${experiment.transfer.freeze}`), on: true };
      return experiment.layers.some((layer) => layer.trainable === false) ? { text: t('tile.frozen'), on: true } : off;
    case 'splitting':
      return { text: t(`tile.split.${splitOf(experiment)}`), on: splitOf(experiment) !== 'random' };
    default:
      return off;
  }
}

function fieldsOf(name, experiment, set) {
  const standard = defaultExperiment(experiment.dataset);
  switch (name) {
    case 'learning-rate':
      return html`${slider({
        name: 'learning-rate',
        label: t('field.learningRate'),
        value: settings.learningRate(experiment),
        least: 1e-6,
        most: 10,
        log: true,
        standard: usual(experiment),
        set: (rate) => set(settings.withLearningRate(experiment, rate)),
      })}
      ${scheduleFields(experiment, set)}`;
    case 'optimizer':
      return optimizerFields(experiment, set, formulaBox(name, experiment));
    case 'mini-batch':
      return html`${batchField(experiment, set)}
      ${slider({ name: 'epochs', label: t('field.epochs'), value: experiment.epochs, least: 1, most: 500, log: true, whole: true, standard: standard.epochs, set: (n) => set({ ...experiment, epochs: n }) })}`;
    case 'initialization':
      return html`${choice({
        name: 'initializer',
        label: t('field.initializer'),
        value: settings.initializer(experiment),
        standard: 'glorotUniform',
        options: initializers.map((key) => [key, t(`initializer.${key}`)]),
        set: (key) => set(settings.withInitializer(experiment, key)),
      })}
      ${spreadFields()}`;
    case 'cross-entropy':
      return crossEntropyFields();
    case 'slow-step':
      return slowStepFields();
    case 'augmentation':
      return augmentationFields(experiment, set);
    case 'dropout':
      return dropoutFields(experiment, set);
    case 'l2':
      return penaltyFields(experiment, set);
    case 'early-stopping':
      return stoppingFields(experiment, set);
    case 'transfer':
      return transferFields(experiment, set);
    case 'splitting':
      return choice({
        name: 'split-by',
        label: t('field.splitBy'),
        value: splitOf(experiment),
        standard: splitOf({ ...experiment, splitBy: undefined }),
        options: splitsOf(experiment).map((key) => [key, t(`split.${key}`)]),
        set: (key) => set(settings.withSplitBy(experiment, key)),
      });
    default:
      return nothing;
  }
}

/** The switch in the drawer's corner, for what can be on or off. */
const switches = {
  'batch-normalization': [settings.hasBatchNormalization, settings.withBatchNormalization],
  dropout: [
    (experiment) => settings.dropoutRate(experiment) > 0,
    (experiment, on) => settings.withDropout(experiment, on ? 0.3 : 0),
  ],
  'early-stopping': [
    (experiment) => Boolean(experiment.earlyStopping),
    (experiment, on) => settings.withEarlyStopping(experiment, on ? {} : null),
  ],
  augmentation: [
    (experiment) => experiment.augmentation.length > 0,
    (experiment, on) =>
      on
        ? settings.withGentleAugmentation(experiment, hasPictures(experiment.dataset))
        : { ...experiment, augmentation: [] },
  ],
  l2: [
    (experiment) => experiment.l1 > 0 || experiment.l2 > 0,
    (experiment, on) => ({ ...experiment, l1: 0, l2: on ? 0.001 : 0 }),
  ],
};

/** What "back to default" does. */
function toDefault(name, experiment) {
  const standard = defaultExperiment(experiment.dataset);
  const undo = {
    'learning-rate': () => withSchedule(settings.withLearningRate(experiment, usual(experiment)), null),
    optimizer: () => ({ ...experiment, optimizer: standard.optimizer }),
    'mini-batch': () => ({ ...experiment, batchSize: standard.batchSize, epochs: standard.epochs }),
    initialization: () => settings.withInitializer(experiment, 'glorotUniform'),
    'batch-normalization': () => settings.withBatchNormalization(experiment, true),
    augmentation: () => ({ ...experiment, augmentation: [] }),
    dropout: () => settings.withDropout(experiment, 0),
    l2: () => ({ ...experiment, l1: 0, l2: 0 }),
    'early-stopping': () => ({ ...experiment, earlyStopping: standard.earlyStopping }),
    transfer: () => withTransfer(experiment, null),
    splitting: () => settings.withSplitBy(experiment, null),
  }[name];
  return undo ? undo() : null;
}

/** The formula of a card, or of the optimizer that is chosen, with what its letters mean; for those, where it differs from the cheat sheet. */
function formulaBox(name, { optimizer }) {
  if (name === 'optimizer') {
    const chosen = settings.optimizerName(optimizer);
    const { math, letters } = optimizerFormula(chosen);
    return html`${lettered(math, letters, chosen)}
      <p class="note" data-testid="sheet-difference">${t(`sheet.${chosen}`)}</p>`;
  }
  const formula = formulas[name];
  if (!formula) return nothing;
  return lettered(
    formula.math,
    formula.letters.map((letter, i) => [letter, `letter.${name}.${i}`]),
  );
}

const lettered = (math, letters, of = '') =>
  html`<div
    class="formula ${of ? 'of-optimizer' : ''}"
    data-testid=${of ? 'optimizer-formula' : nothing}
    data-of=${of || nothing}
  >
    ${math}
    <dl>
      ${letters.map(
        ([letter, key]) =>
          html`<dt>${letter}</dt>
            <dd>${t(key)}</dd>`,
      )}
    </dl>
  </div>`;

/** Every drawer is in the page, the closed ones hidden: so each can be found, and opening one builds nothing. */
function drawer(name, side, settingChanged, shown = true) {
  const { experiment, run } = state;
  const set = (next) => {
    const { earlyStopping, ...rest } = next;
    state.experiment = earlyStopping ? { ...rest, earlyStopping } : rest;
    setExperiment({});
    settingChanged();
  };
  const [isOn, turn] = switches[name] ?? [];
  const standard = toDefault(name, experiment);
  const isStandard = !standard || JSON.stringify(standard) === JSON.stringify(experiment);
  const settled = run && !['ready', 'opening', 'failed', 'blocked'].includes(run.status);
  const live = name === 'learning-rate' && run && ['training', 'paused'].includes(run.status);
  const begun = settled && !live && JSON.stringify(run.experiment) !== JSON.stringify(experiment);
  return html`<div
    class="drawer under-${side}"
    ?hidden=${state.view.card !== name || !shown}
    id="drawer-${name}"
    role="region"
    aria-label=${t(`trick.${name}`)}
  >
    <div class="top">
      <p>${t(`claim.${name}`)}</p>
      ${isOn ? html`<fieldset class="bare" ?disabled=${isLocked(name)}>${toggle({ name: `switch-${name}`, label: t(`trick.${name}`), on: isOn(experiment), set: (on) => set(turn(experiment, on)) })}</fieldset>` : nothing}
    </div>
    ${lockNote(name)}
    <fieldset class="bare" ?disabled=${isLocked(name)}>${fieldsOf(name, experiment, set)}</fieldset>
    ${name === 'optimizer' ? nothing : formulaBox(name, experiment)}
    ${begun ? html`<p class="note" data-testid="next-run">${t('field.nextRun')}</p>` : nothing} ${compareBox(name)}
    ${isStandard || isLocked(name) ? nothing : html`<div class="actions"><span class="space"></span><button class="link" @click=${() => set(standard)}>${t('field.back')}</button></div>`}
  </div>`;
}

/** The tiles, two in a row; the open one's drawer stands under its row. */
export function tricksSection({ settingChanged }) {
  const { experiment, view, page } = state;
  const listed = page.lesson ? [cardOf(page.lesson)] : page.show;
  const names = listed.length
    ? techniques.filter((name) => listed.includes(name))
    : page.level === 'all'
      ? techniques
      : basics;
  const open = (name) => () => {
    view.card = view.card === name ? null : name;
    changedNow();
  };
  const rows = [];
  for (let i = 0; i < names.length; i += 2) rows.push(names.slice(i, i + 2));
  return html`<div class="tricks-part">
    <div class="head section" ?hidden=${!names.length}>
      <h2>${t('tricks.title')}</h2>
      <span class="small dim">${t('tricks.note')}</span>
      <span class="space"></span>
      ${page.level === 'all' || listed.length ? nothing : html`<button class="link" @click=${() => (setPage({ level: 'all' }), changedNow())}>${t('tricks.all', { n: techniques.length })}</button>`}
    </div>
    <div class="tiles">
      ${rows.map((row) => {
        return html`${row.map((name) => {
          const { text, on } = valueOf(name, experiment);
          const isOpen = view.card === name;
          return html`<button
            class="tile ${on ? 'on' : ''} ${isOpen ? 'open' : ''}"
            data-testid="trick-${name}"
            aria-expanded=${isOpen ? 'true' : 'false'}
            aria-controls=${isOpen ? `drawer-${name}` : nothing}
            @click=${open(name)}
          >
            ${icon(isLocked(name) ? 'lock' : name)}<span class="name">${t(`trick.${name}`)}</span
            ><span class="value">${text}</span>
          </button>`;
        })}
        ${row.map((name, at) => drawer(name, at === 0 ? 'left' : 'right', settingChanged))}`;
      })}
      ${techniques.filter((name) => !names.includes(name)).map((name) => drawer(name, 'left', settingChanged, false))}
    </div>
  </div>`;
}

const sample = (kind) => {
  const line = {
    train: html`<svg viewBox="0 0 44 12"><path d="M2 6h40" stroke="var(--train)" stroke-width="1.75" /></svg>`,
    valid: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--valid)" stroke-width="2.25" stroke-dasharray="5 4" />
    </svg>`,
    best: html`<svg viewBox="0 0 44 12">
      <path d="M22 1l5 5-5 5-5-5z" fill="var(--side)" stroke="var(--valid)" stroke-width="2" />
    </svg>`,
    guess: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--ink3)" stroke-linecap="round" stroke-dasharray="1.5 3.5" />
    </svg>`,
    last: html`<svg viewBox="0 0 44 12">
      <path d="M2 6h40" stroke="var(--ghost)" stroke-width="1.25" stroke-dasharray="5 4" />
    </svg>`,
  };
  return line[kind];
};

/** How to read the curves: instead of a legend. */
export function readingSection() {
  if (state.page.level === 'all' || state.blocked) return nothing;
  const held = state.data?.validation.length ?? 0;
  return html`<div class="tricks-part">
    <div class="head section"><h2>${t('reading.title')}</h2></div>
    <dl class="reading">
      ${['train', 'valid', 'best', 'guess', 'last'].map(
        (kind) =>
          html`<dt aria-hidden="true">${sample(kind)}</dt>
            <dd>${t(`reading.${kind}`, { n: held })}</dd>`,
      )}
    </dl>
  </div>`;
}
