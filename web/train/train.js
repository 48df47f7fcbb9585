/** The bar: data set, the one button, step, reset, how far the run is; seed, share, level, language, theme. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { changedNow } from '../app/drawing.js';
import { tell } from '../app/events.js';
import { language, languages, nextLanguage, t } from '../app/language.js';
import { setName, sets } from '../app/sets.js';
import { changeExperiment, setPage, setView, state } from '../app/state.js';
import { chosenTheme, nextTheme } from '../app/theme.js';
import { explained, explainer } from '../parts/fields.js';
import { brand, icon } from '../parts/icons.js';
import { isLocked } from '../parts/lock.js';
import { chooseSet } from '../data/choose.js';
import { findKept } from './keep.js';
import { isStopping } from './run.js';
import { listenToCursors } from './speech.js';
import { openRun, reset, step, trainOrPause } from './training.js';

export { speech } from './speech.js';

/** Dots of patience: filled = left, hollow = used. */
export function pips(run) {
  const total = run?.experiment.earlyStopping?.patience;
  if (!total || run.patienceLeft === null) return nothing;
  const left = run.patienceLeft;
  const dots =
    total <= 10
      ? html`<span class="pips" aria-hidden="true"
          >${Array.from({ length: total }, (_, i) => html`<i class=${i < left ? 'left' : ''}></i>`)}</span
        >`
      : nothing;
  return html`<span class="row patience" data-testid="patience-left" data-value=${left} title=${t('bar.patience')}
    >${dots} <span class="word">${t('curve.left', { n: left })}</span></span
  >`;
}

function trainButton(run) {
  const [name, drawing] = {
    training: isStopping(run) ? ['bar.goOn', 'train'] : ['bar.pause', 'pause'],
    paused: ['bar.goOn', 'train'],
    opening: run?.wanted ? ['bar.pause', 'pause'] : ['bar.train', 'train'],
  }[run?.status] ?? ['bar.train', 'train'];
  const blocked = state.blocked ? 'blocked-reason' : undefined;
  return html`<button
      class="button go"
      data-testid="train"
      ?disabled=${Boolean(blocked)}
      aria-describedby=${blocked ?? nothing}
      @click=${trainOrPause}
    >
      ${icon(drawing)}<span class="word">${t(name)}</span></button
    >${state.blocked ? html`<span class="sr" id="blocked-reason">${t(...state.blocked)}</span>` : nothing}`;
}

/** What comes before the first epoch, where it takes a while: weights that are fetched, and the one pass through what is frozen. */
function beginning({ fetching, seen, start }) {
  if (fetching) {
    const mega = (bytes) => (bytes / 1e6).toFixed(1);
    const words = t('bar.fetching', { bytes: mega(fetching.bytes), total: mega(fetching.total) });
    return { kind: 'weights', words, share: fetching.bytes / fetching.total };
  }
  if (seen === null) return null;
  return { kind: 'pass', words: t('bar.pass', { n: start.samples }), share: seen };
}

/** The bar of what comes first. @param {{ kind: string, words: string, share: number }} first */
function beginningBar({ kind, words, share }) {
  return html`<div class="progress" data-testid="beginning" data-value=${kind}>
    <div class="line"><span role="status">${words}</span></div>
    <div
      class="track"
      role="progressbar"
      aria-label=${words}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(share * 100)}
    >
      <span class="done" .style=${`width:${share * 100}%`}></span>
    </div>
  </div>`;
}

function progress(run) {
  const first = run && beginning(run);
  if (first) return beginningBar(first);
  const epochs = run?.experiment.epochs ?? state.experiment.epochs;
  const steps = run?.start?.stepsPerEpoch ?? 0;
  const epoch = run?.history.at(-1)?.epoch ?? 0;
  const done = run?.start ? Math.min(1, run.steps / (steps * epochs)) : 0;
  const word =
    !run || !run.start
      ? ''
      : run.status === 'ended'
        ? t(`bar.${run.end.reason}`)
        : epoch === 0
          ? t('bar.steps', { n: steps * epochs })
          : null;
  return html`<div class="progress">
    <div class="line">
      <span
        >${t('bar.epochBefore')}<b data-testid="epoch" data-value=${epoch}>${epoch}</b
        >${t('bar.epochAfter', { epochs })}</span
      >
      <span class="sr" data-testid="step-count" data-value=${run?.steps ?? 0}
        >${t('bar.stepCount', { n: run?.steps ?? 0 })}</span
      >
      ${word === null ? pips(run) : html`<span class="total">${word}</span>${word && run?.status !== 'ended' ? html`<span class="sr" data-testid="patience-left" data-value=${run.patienceLeft ?? ''}></span>` : nothing}`}
    </div>
    <div
      class="track"
      role="progressbar"
      aria-label=${t('bar.progress')}
      aria-valuemin="0"
      aria-valuemax=${epochs}
      aria-valuenow=${epoch}
    >
      <span class="done" .style=${`width:${done * 100}%`}></span>
      ${run?.bestEpoch ? html`<span class="best" .style=${`left:${(run.bestEpoch / epochs) * 100}%`}></span>` : nothing}
    </div>
  </div>`;
}

function seed() {
  const set = (value) => {
    const number = Math.floor(Number(value));
    if (Number.isFinite(number) && number >= 0 && number <= 4294967295)
      changeExperiment({ ...state.experiment, seed: number });
    else changedNow();
  };
  return html`<span class="seeding">
    <label for="seed">${t('bar.seed')}</label>
    <input
      class="box seed"
      id="seed"
      data-testid="seed"
      ?disabled=${isLocked('seed')}
      inputmode="numeric"
      autocomplete="off"
      .value=${live(String(state.experiment.seed))}
      .style=${`width:${String(state.experiment.seed).length + 2}ch`}
      data-value=${state.experiment.seed}
      @change=${(event) => set(event.target.value)}
    />
    <button
      class="button quiet small"
      aria-label=${t('bar.newSeed')}
      title=${t('bar.newSeed')}
      data-testid="new-seed"
      ?disabled=${isLocked('seed')}
      @click=${() => set(crypto.getRandomValues(new Uint16Array(1))[0] % 10000)}
    >
      ${icon('renew')}
    </button>
    ${explainer('seed', t('bar.seed'))} ${explained('seed')}
  </span>`;
}

/** A button whose parts are what can be chosen; each click takes the next one. */
function turning({ name, label, options, value, click }) {
  return html`<button class="segment" data-testid=${name} title=${label} data-value=${value} @click=${click}>
    ${options.map(({ key, text, lang }) => html`<span class=${key === value ? 'chosen' : ''} lang=${lang ?? nothing}>${text}</span>`)}
  </button>`;
}

/** The bar across the page. */
export function barSection() {
  const { run } = state;
  const theme = chosenTheme();
  const turnMenu = (menu) => () => setView({ menu: state.view.menu === menu ? null : menu });
  return html`<span class="brand">${brand}<span class="word">Trainground</span></span>
    <span class="pick">
      ${icon('data')}
      <select
        data-testid="dataset"
        aria-label=${t('bar.dataset')}
        ?disabled=${isLocked('dataset')}
        title=${isLocked('dataset') ? t('lock.reason') : nothing}
        .value=${live(setName(state.experiment.dataset))}
        @change=${(event) => chooseSet(event.target.value)}
      >
        ${sets.map((name) => html`<option value=${name} ?selected=${setName(state.experiment.dataset) === name}>${t(`set.${name}`)}</option>`)}
      </select>
      ${icon('down')}
    </span>
    <span class="rule"></span>
    <div class="controls">
      ${trainButton(run)}
      <button class="button" data-testid="step" aria-label=${t('bar.step')} title=${t('bar.stepHelp')} @click=${step}>
        ${icon('step')}<span class="word">${t('bar.step')}</span>
      </button>
      <button class="button quiet reset" data-testid="reset" @click=${reset}>
        ${icon('reset')}<span class="word">${t('bar.reset')}</span>
      </button>
      ${progress(run)}
      <button
        class="button quiet more"
        aria-label=${t('bar.more')}
        aria-expanded=${state.view.more ? 'true' : 'false'}
        @click=${() => setView({ more: !state.view.more })}
      >
        ${icon('more')}
      </button>
    </div>
    <span class="space"></span>
    <div class="extras ${state.view.more ? 'shown' : ''}">
      ${seed()}
      <button class="button quiet in-more" @click=${reset}>${icon('reset')}${t('bar.reset')}</button>
      <button class="button quiet lessons" data-testid="lessons" aria-haspopup="true" @click=${turnMenu('lessons')}>
        ${t('bar.lessons')}
      </button>
      <button class="button quiet" data-testid="share" @click=${() => tell('share')}>
        ${icon('share')}${t('bar.share')}
      </button>
      <button class="button quiet" data-testid="export" aria-haspopup="true" @click=${turnMenu('save')}>
        ${icon('save')}${t('bar.save')}
      </button>
      ${turning({
        name: 'level',
        label: t('bar.level'),
        options: ['basics', 'all'].map((key) => ({ key, text: t(`bar.${key}`) })),
        value: state.page.level,
        click: () => setPage({ level: state.page.level === 'all' ? 'basics' : 'all' }),
      })}
    </div>
    ${turning({
      name: 'language',
      label: t('bar.language'),
      options: Object.entries(languages).map(([key, { short }]) => ({ key, text: short, lang: key })),
      value: language.name,
      click: nextLanguage,
    })}
    <button
      class="button quiet theme"
      data-testid="theme"
      data-value=${theme}
      aria-label=${t('bar.theme', { theme: t(`theme.${theme}`) })}
      title=${t('bar.theme', { theme: t(`theme.${theme}`) })}
      @click=${nextTheme}
    >
      ${icon('theme')}
    </button>`;
}

/** Whether the page is on its way to what was asked for. */
export function isBusy() {
  const { run, settling } = state;
  return settling || run?.status === 'opening' || isStopping(run) || Boolean(run?.isClosing);
}

/** Offers what an earlier visit left, and opens the first run. */
export function beginRuns({ train }) {
  findKept();
  listenToCursors();
  return openRun({ train });
}
