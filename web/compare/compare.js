/** What a comparison shows: in a technique's drawer the last verdict and the button, in the place of the results the whole of it. */
import { html, nothing } from 'lit';
import { changedNow } from '../app/drawing.js';
import { has, percent, setting, short, t } from '../app/language.js';
import * as settings from '../app/settings.js';
import { state } from '../app/state.js';
import { shortcut } from '../parts/keys.js';
import { picture } from '../parts/picture.js';
import { canCompare, compare, leaveComparison, showComparison } from './comparison.js';
import { comparisonCurves } from './curves.js';
import { raceSection } from './race_figure.js';
import { speedInShort, speedVerdict } from './speed.js';

export { raceFields } from './race_figure.js';

const signed = (x) => `${x >= 0 ? '+' : '−'}${Math.abs(x * 100).toFixed(1)}`;

/** "learning rate .003 → .3": what the two sides differ in. */
function differs(comparison) {
  const { technique, b } = comparison;
  if (technique === 'fewer-pictures')
    return [t('compare.pictures', { n: t('data.all') }), t('compare.pictures', { n: b.experiment.samplesPerClass })];
  const word = (experiment) =>
    ({
      'learning-rate': () => setting(settings.learningRate(experiment)),
      schedule: () => t(`schedule.${experiment.learningRateSchedule?.type ?? 'constant'}`),
      optimizer: () => t(`optimizer.${settings.optimizerName(experiment.optimizer)}`),
      initialization: () => t(`initializer.${settings.initializer(experiment)}`),
      'mini-batch': () => (experiment.batchSize > 32 ? t('data.all') : String(experiment.batchSize)),
      splitting: () => t(`split.${experiment.splitBy}`),
      transfer: () => t(experiment.transfer ? `freeze.short.${experiment.transfer.freeze}` : 'transfer.scratch'),
    })[technique]?.();
  const { letters, ...all } = comparison;
  if (word(comparison.a.experiment) === undefined) return [t('tile.off'), t('tile.on')];
  return letters.map((letter) => word(all[letter].experiment));
}

const key = (letter) => html`<span class="key ${letter}">${letter.toUpperCase()}</span>`;

function smallPlot({ a, b }) {
  const width = 92;
  const line = (side) => {
    const rows = side.runs[0]?.history ?? [];
    const last = Math.max(a.runs[0]?.history.length ?? 1, b.runs[0]?.history.length ?? 1) - 1;
    return rows
      .map(
        (row, i) =>
          `${i ? 'L' : 'M'}${(7 + (i / Math.max(1, last)) * (width - 8)).toFixed(1)} ${(55 - row.validationAccuracy * 50).toFixed(1)}`,
      )
      .join('');
  };
  return html`<svg
    class="small-plot"
    viewBox="0 0 112 60"
    role="img"
    aria-label=${t('compare.smallPlot', { a: percent(a.runs[0]?.history.at(-1)?.validationAccuracy), b: percent(b.runs[0]?.history.at(-1)?.validationAccuracy) })}
  >
    <rect x=".5" y=".5" width="111" height="59" rx="4" fill="var(--paper)" stroke="var(--line)" />
    <path d=${line(a)} fill="none" stroke="var(--run-a)" stroke-width="2" />
    <path d=${line(b)} fill="none" stroke="var(--run-b)" stroke-width="2" stroke-dasharray="5 3" />
    <text class="end-a" x="98" y="34">A</text>
    <text class="end-b" x="98" y="16">B</text>
  </svg>`;
}

/** In a drawer: the last verdict, and the button. */
export function compareBox(name) {
  if (!canCompare(name)) return nothing;
  const done = state.verdicts[name];
  const running = state.comparison?.running && state.comparison.technique === name;
  const { verdict } = done ?? {};
  return html`${
      verdict
        ? html`<div class="verdict">
            ${smallPlot(done)}
            <div>
              <p>
                <b
                  >${done.target ? speedInShort(done) : t(`verdict.${verdict.kind}.short`, { points: signed(verdict.difference) })}</b
                >
              </p>
              <p class="small muted">
                ${key('b')} ${percent(verdict.b.accuracy)} %, ${key('a')} ${percent(verdict.a.accuracy)} %.
                ${t('compare.seeds', { n: done.seeds })}
              </p>
            </div>
          </div>`
        : nothing
    }
    <div class="actions">
      <button
        class="button"
        data-testid="compare-${name}"
        ?disabled=${state.comparison?.running}
        @click=${() => compare(name)}
      >
        ${running ? t('compare.running') : t(verdict ? 'compare.again' : `compare.button.${name}`)}
      </button>
      ${verdict && state.comparison !== done ? html`<button class="button quiet" @click=${() => showComparison(done)}>${t('compare.open')}</button>` : nothing}
    </div>`;
}

/** In the place of the one number. */
function verdictLine(comparison) {
  const { verdict, technique, letters } = comparison;
  const name = t(`compare.name.${technique}`);
  if (!verdict) {
    const runs = letters.flatMap((letter) => comparison[letter].runs);
    const done = runs.filter((run) => run.end).length;
    const run = runs.find((one) => !one.end);
    return html`<div class="hero">
        <span class="big">A&thinsp;<small>/</small>&thinsp;B</span><span class="what">${name}</span
        ><span class="space"></span>
        ${comparison.running ? html`<button class="button small" @click=${() => comparison.stopping.abort()}>${t('compare.stop')}</button>` : nothing}
      </div>
      <p class="say">
        ${t(!comparison.running ? 'compare.stopped' : comparison.areWays ? 'compare.progress.ways' : 'compare.progress', { run: done + 1, runs: comparison.seeds * letters.length, epoch: run?.history.at(-1)?.epoch ?? 0 })}
      </p>`;
  }
  if (comparison.target !== null) return speedVerdict(comparison);
  const spread = (side) => (comparison.seeds > 1 ? ` (${percent(side.least)}–${percent(side.most)})` : '');
  return html`<div class="hero" data-testid="verdict" data-value=${verdict.difference} data-kind=${verdict.kind}>
      <span class="big">${signed(verdict.difference)} <small>${t('compare.points')}</small></span>
      <span class="what">${t(`verdict.${verdict.kind}`, { name })}</span>
      <span class="space"></span>
      <span class="badge ${verdict.kind === 'gain' ? 'fine' : verdict.kind === 'worse' ? 'warns' : ''}"
        >${t(verdict.kind === 'same' ? 'compare.within' : comparison.seeds > 1 ? 'compare.beyond' : 'compare.beyondChance', { n: comparison.seeds, chance: percent(verdict.chance) })}</span
      >
    </div>
    ${
      comparison.areWays
        ? html`<p class="say" data-testid="best-way" data-value=${verdict.best}>
            ${key(verdict.best)}
            ${t(`compare.best.${comparison[verdict.best].experiment.transfer.freeze}`, { best: percent(verdict[verdict.best].accuracy), scratch: percent(verdict.a.accuracy), n: verdict.a.samples })}
          </p>`
        : nothing
    }
    <p class="say">
      ${letters.map((letter) => {
        const { accuracy, loss, gap } = verdict[letter];
        return html`${key(letter)} ${percent(accuracy)} %${spread(verdict[letter])},
        ${t('compare.loss', { loss: short(loss), gap: short(gap) })} `;
      })}
      ${t(has(`compare.equal.${technique}`) ? `compare.equal.${technique}` : 'compare.equal')}
    </p>`;
}

/** What differs, and the question to more seeds. */
function comparisonRow(comparison) {
  const words = differs(comparison);
  const { technique } = comparison;
  return html`<div class="row section compare-row">
    <h3>${t('compare.differs')}</h3>
    <span class="chip"
      >${t(`compare.name.${comparison.technique}`)}
      ${words.map((word, i) => html`${key(comparison.letters[i])} ${word} `)}</span
    >
    ${technique === 'mini-batch' ? html`<span class="chip" data-testid="compare-steps">${t('compare.stepsPerEpoch')} ${comparison.letters.filter((letter) => comparison[letter].runs[0]?.start).map((letter) => html`${key(letter)} ${comparison[letter].runs[0].start.stepsPerEpoch} `)}</span>` : nothing}
    ${comparison.preset ? html`<span class="chip">${t('compare.pictures', { n: comparison.preset })}</span>` : nothing}
    ${comparison.running || comparison.seeds > 1 ? nothing : html`<button class="button small" data-testid="three-seeds" @click=${() => compare(comparison.technique, { seeds: 3 })}>${t('compare.three')}</button>`}
    <span class="space"></span>
    ${comparison.running ? nothing : html`<button class="button small" data-testid="close-comparison" @click=${() => (leaveComparison(), changedNow())}>${t('compare.close')}</button>`}
  </div>`;
}

/** The same eight pictures, as both take them. */
function comparedPictures(comparison) {
  const { letters, eight } = comparison;
  if (!eight || letters.every((letter) => !comparison[letter].guesses)) return nothing;
  const answer = (letter, side, at) => {
    const guess = side.guesses?.[at];
    if (!guess) return nothing;
    const right = guess.k === eight.labels[at];
    return html`<div class="answer">
      ${key(letter)}
      <b class=${right && letters.length > 2 ? 'sr' : ''}>${eight.names[guess.k]}</b>
      ${right ? html`<b class="good">✓</b>` : html`<b class="held">✕</b>`}<em
        >${percent(Math.min(guess.p, 0.994), 0)}</em
      >
    </div>`;
  };
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('compare.same')}</h3>
      <span class="small dim wide-word">${t('compare.sameNote')}</span>
    </figcaption>
    <div class="guesses">
      ${eight.pictures.map((pixels, at) => html`<div class="guess">${picture(pixels, eight.shape, t('data.pictureHeld', { name: eight.names[eight.labels[at]] }))}${letters.map((letter) => answer(letter, comparison[letter], at))}</div>`)}
    </div>
  </figure>`;
}

/** In the place of the results: a race, or the verdict with its curves, what differs, and what both sides say of the same pictures. */
export function comparisonSection(comparison) {
  if (comparison.race) return raceSection(comparison);
  return [
    verdictLine(comparison),
    comparisonCurves(comparison),
    comparisonRow(comparison),
    comparedPictures(comparison),
  ];
}

shortcut('c', {
  name: 'C',
  words: 'keys.compare',
  act: () => canCompare(state.view.card ?? 'learning-rate') && compare(state.view.card ?? 'learning-rate'),
});
