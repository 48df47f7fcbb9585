/** The bar: data set, the one button, step, reset, how far the run is; seed, share, level, language, theme. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { classroomChoices, isLocked } from './classroom.js';
import { explained, explainer } from './fields.js';
import { brand, icon } from './icons.js';
import { language, remember, setLanguage, t } from './language.js';
import { changedNow, link, setExperiment, setName, setPage, state } from './state.js';
import { isStopping, reset, settingChanged, step, trainOrPause } from './train.js';
import { techniques } from './tricks.js';

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

function progress(run) {
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
    if (Number.isFinite(number) && number >= 0 && number <= 4294967295) setExperiment({ seed: number });
    settingChanged();
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

async function share() {
  const text = await link();
  try {
    await navigator.clipboard.writeText(text);
    state.view.shared = 'copied';
  } catch {
    state.view.shared = 'shown';
  }
  state.view.link = text;
  changedNow();
}

const otherLanguage = () => {
  setLanguage(language.name === 'en' ? 'zh-Hans' : 'en');
  remember('language', language.name);
  changedNow();
};

const themes = ['system', 'light', 'dark'];

/** The theme that the visitor chose, or the system's; that one too where the system sets the colours itself. */
export function applyTheme() {
  const chosen = matchMedia('(forced-colors: active)').matches ? null : remember('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen === 'dark' || (chosen !== 'light' && dark) ? 'dark' : 'light';
}

export function nextTheme() {
  const now = themes.indexOf(remember('theme') ?? 'system');
  remember('theme', themes[(now + 1) % 3]);
  applyTheme();
  changedNow();
}

/** A button of two halves; each click takes the other one. */
function twoWay({ name, label, first, second, isSecond, click }) {
  return html`<button
    class="segment"
    data-testid=${name}
    title=${label}
    data-value=${isSecond ? second.value : first.value}
    @click=${click}
  >
    <span class=${isSecond ? '' : 'chosen'} lang=${first.lang ?? nothing}>${first.text}</span
    ><span class=${isSecond ? 'chosen' : ''} lang=${second.lang ?? nothing}>${second.text}</span>
  </button>`;
}

function sharedBox() {
  if (!state.view.shared) return nothing;
  const close = () => ((state.view.shared = null), changedNow());
  return html`<div class="menu" role="dialog" aria-label=${t('bar.share')}>
    <label for="link">${t(state.view.shared === 'copied' ? 'share.copied' : 'share.copy')}</label>
    <div class="row">
      <input
        class="box link-box"
        id="link"
        readonly
        .value=${state.view.link}
        @focus=${(event) => event.target.select()}
      />
      <button class="button small" data-testid="copy-link" @click=${share}>${t('ways.copy')}</button>
    </div>
    <p class="small muted">${t('share.note', { n: state.view.link.length })}</p>
    ${classroomChoices(techniques)}
    <button class="button small" @click=${close}>${t('alert.close')}</button>
  </div>`;
}

/** The data sets that can be chosen. */
export const sets = [
  'digits',
  'fashion',
  'fashion-6',
  'fashion-4',
  'emoji',
  'textures',
  'iris',
  'moons',
  'circles',
  'xor',
  'spiral',
  'own',
];

/** The bar across the page. `chooseSet` opens another data set. */
export function barSection({ chooseSet, save }) {
  const { run } = state;
  const theme = remember('theme') ?? 'system';
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
        @click=${() => ((state.view.more = !state.view.more), changedNow())}
      >
        ${icon('more')}
      </button>
    </div>
    <span class="space"></span>
    <div class="extras ${state.view.more ? 'shown' : ''}">
      ${seed()}
      <button class="button quiet in-more" @click=${reset}>${icon('reset')}${t('bar.reset')}</button>
      <button
        class="button quiet lessons"
        data-testid="lessons"
        aria-haspopup="true"
        @click=${() => ((state.view.menu = state.view.menu === 'lessons' ? null : 'lessons'), changedNow())}
      >
        ${t('bar.lessons')}
      </button>
      <button class="button quiet" data-testid="share" @click=${share}>${icon('share')}${t('bar.share')}</button>
      <button class="button quiet" data-testid="export" aria-haspopup="true" @click=${save}>
        ${icon('save')}${t('bar.save')}
      </button>
      ${twoWay({
        name: 'level',
        label: t('bar.level'),
        first: { text: t('bar.basics'), value: 'basics' },
        second: { text: t('bar.all'), value: 'all' },
        isSecond: state.page.level === 'all',
        click: () => (setPage({ level: state.page.level === 'all' ? 'basics' : 'all' }), changedNow()),
      })}
    </div>
    ${twoWay({
      name: 'language',
      label: t('bar.language'),
      first: { text: 'EN', value: 'en', lang: 'en' },
      second: { text: '中', value: 'zh-Hans', lang: 'zh-Hans' },
      isSecond: language.name !== 'en',
      click: otherLanguage,
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
    </button>
    ${sharedBox()}`;
}
