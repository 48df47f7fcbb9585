/**
 * Compare: run A without and run B with a technique, from the same seed, initial weights and batch order, drawn over each other, and a
 * verdict computed from their numbers. It may be "no clear difference" or "worse". A difference counts when it is larger than chance: with
 * one seed, by a paired test over the same pictures; with three seeds, than the spread of either side.
 */
import { html, nothing } from 'lit';
import { Trainer } from 'trainground';
import { failed } from './alerts.js';
import { sides } from './compare_sides.js';
import { judgeSpeed, speedInShort, speedVerdict } from './compare_speed.js';
import { openOptions } from './data.js';
import { has, percent, setting, short, t } from './language.js';
import { chooseEight, topThree } from './look.js';
import { picture } from './picture.js';
import { addRun, keepEnd } from './run_list.js';
import * as settings from './settings.js';
import { changedNow, leaveComparison, progressed, state } from './state.js';
import { pause } from './train.js';

const copy = (value) => JSON.parse(JSON.stringify(value));

/** Whether a technique can be compared. */
export const canCompare = (name) =>
  name in sides && (name !== 'splitting' || typeof state.experiment.dataset === 'string');

/** What a side says of eight pictures that neither side has learned from. */
async function answers(comparison, side, trainer, run) {
  // What one side holds back the other may have learned.
  if (comparison.technique === 'splitting') return;
  if (!comparison.eight && run.start.shape[0] > 1) {
    const { validation, labels } = await trainer.split();
    const list = chooseEight({ classNames: run.start.classNames, validation: Array.from(validation), labels });
    const { inputs } = await trainer.samples(list);
    const size = inputs.length / list.length;
    comparison.eight = {
      inputs,
      shape: run.start.shape,
      names: run.start.classNames,
      labels: list.map((index) => labels[index]),
      pictures: list.map((_, at) => inputs.slice(at * size, (at + 1) * size)),
    };
  }
  if (!comparison.eight) return;
  const { probabilities } = await trainer.predict(comparison.eight.inputs);
  side.guesses = comparison.eight.labels.map((_, at) => topThree(probabilities, at, run.start.outputs)[0]);
}

let compared = 0;

async function train(comparison, side, experiment, signal) {
  const run = {
    number: '',
    experiment,
    history: [],
    events: [],
    seconds: 0,
    bestEpoch: 0,
    status: 'training',
  };
  side.runs.push(run);
  const trainer = await Trainer.open(experiment, openOptions(experiment));
  try {
    run.start = trainer.start;
    const before = await trainer.evaluate();
    run.history.push({
      epoch: 0,
      loss: null,
      accuracy: null,
      validationLoss: before.loss,
      validationAccuracy: before.accuracy,
    });
    const began = performance.now();
    for await (const event of trainer.train({ signal })) {
      if (event.event === 'epoch') {
        run.history.push(event);
        run.bestEpoch = event.bestEpoch;
      }
      if (event.event === 'end') run.end = event;
      progressed();
    }
    run.seconds = (performance.now() - began) / 1000;
    if (!run.end) return;
    run.evaluation = await trainer.evaluate();
    if (side.runs.length > 1) return;
    await answers(comparison, side, trainer, run);
    await keepEnd(run, trainer);
  } finally {
    trainer.dispose();
  }
}

/** Runs all sides over the seeds. */
export async function compare(technique, { seeds = 1 } = {}) {
  if (state.comparison?.running) return;
  const now = copy(state.experiment);
  const given = sides[technique](now);
  const letters = ['a', 'b', 'c', 'd'].filter((letter) => given[letter]);
  /** @type {any} */
  const comparison = {
    technique,
    seeds,
    letters,
    preset: given.preset ?? null,
    target: given.target ?? null,
    ...Object.fromEntries(letters.map((letter) => [letter, { runs: [], experiment: given[letter] }])),
    running: true,
    stopping: new AbortController(),
    verdict: null,
  };
  state.comparison = comparison;
  state.view.tab = 'runs';
  state.view.part = 'results';
  pause();
  changedNow();
  const { signal } = comparison.stopping;
  try {
    for (let i = 0; i < seeds && !signal.aborted; i++) {
      for (const letter of letters) {
        const side = comparison[letter];
        if (!signal.aborted) await train(comparison, side, { ...side.experiment, seed: now.seed + i }, signal);
      }
    }
  } catch (error) {
    if (!signal.aborted) failed(error);
  }
  comparison.running = false;
  const runs = letters.flatMap((letter) => comparison[letter].runs);
  if (!signal.aborted && runs.length === seeds * letters.length && runs.every((run) => run.end)) {
    comparison.verdict = comparison.target === null ? judge(comparison) : judgeSpeed(comparison);
    compared += 1;
    comparison.number = compared;
    for (const letter of letters) {
      const run = comparison[letter].runs[0];
      Object.assign(run, { status: 'ended', number: `${letter.toUpperCase()}${compared}`, letter });
      addRun(run);
    }
    state.verdicts = { ...state.verdicts, [technique]: comparison };
  }
  changedNow();
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** Which held-back pictures a run has right. */
function rights({ evaluation }) {
  const outputs = evaluation.probabilities.length / evaluation.samples;
  return Array.from(evaluation.labels, (label, at) => {
    const line = evaluation.probabilities.subarray(at * outputs, (at + 1) * outputs);
    return line.indexOf(Math.max(...line)) === label;
  });
}

/**
 * How far two runs on the same pictures may differ by chance: only pictures that one has right and the other wrong count, and each is a
 * toss of a coin (McNemar's test, two standard deviations).
 */
function pairedChance(a, b) {
  const [one, two] = [rights(a), rights(b)];
  const apart = one.filter((right, at) => right !== two[at]).length;
  return (2 * Math.sqrt(Math.max(1, apart))) / one.length;
}

/** The same for runs that were judged by different pictures: two standard deviations of the difference of two shares. */
function chanceOf(a, b) {
  const [one, two] = [a.evaluation, b.evaluation];
  if (String(one.labels) === String(two.labels) && a.experiment.splitBy === b.experiment.splitBy)
    return pairedChance(a, b);
  return 2 * Math.sqrt([one, two].reduce((sum, { accuracy: p, samples }) => sum + (p * (1 - p)) / samples, 0));
}

/** A and B in numbers: accuracy, loss, gap, and whether the difference is larger than chance. */
export function judge(comparison) {
  const { a, b, letters } = comparison;
  const numbers = (side) => {
    const scores = side.runs.map((run) => run.evaluation.accuracy);
    const last = side.runs.map((run) => run.history.at(-1));
    return {
      accuracy: mean(scores),
      least: Math.min(...scores),
      most: Math.max(...scores),
      loss: mean(side.runs.map((run) => run.evaluation.loss)),
      gap: mean(last.map((row) => row.validationLoss - row.loss)),
      samples: side.runs[0].evaluation.samples,
      epochs: Math.max(...last.map((row) => row.epoch)),
    };
  };
  const all = Object.fromEntries(letters.map((letter) => [letter, numbers(comparison[letter])]));
  const { a: one, b: two } = all;
  const difference = two.accuracy - one.accuracy;
  const chance =
    a.runs.length > 1 ? Math.max(one.most - one.least, two.most - two.least) : chanceOf(a.runs[0], b.runs[0]);
  const kind = Math.abs(difference) <= chance ? 'same' : difference > 0 ? 'gain' : 'worse';
  return { ...all, difference, chance, kind };
}

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
  const done = state.verdicts?.[name];
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
      ${verdict && state.comparison !== done ? html`<button class="button quiet" @click=${() => ((state.comparison = done), changedNow())}>${t('compare.open')}</button>` : nothing}
    </div>`;
}

/** In the place of the one number. */
export function verdictLine(comparison) {
  const { verdict, technique, letters } = comparison;
  const name = t(`compare.name.${technique}`);
  if (!verdict) {
    const runs = letters.flatMap((letter) => comparison[letter].runs);
    const done = runs.filter((run) => run.end).length;
    const run = runs.find((one) => !one.end);
    return html`<div class="hero">
        <span class="big">A&thinsp;<small>/</small>&thinsp;B</span><span class="what">${name}</span
        ><span class="space"></span>
        ${comparison.running ? html`<button class="button small" @click=${stopComparison}>${t('compare.stop')}</button>` : nothing}
      </div>
      <p class="say">
        ${t(comparison.running ? 'compare.progress' : 'compare.stopped', { run: done + 1, runs: comparison.seeds * letters.length, epoch: run?.history.at(-1)?.epoch ?? 0 })}
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
export function comparisonRow(comparison) {
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
export function comparedPictures(comparison) {
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

/** A stop from outside. */
export const stopComparison = () => state.comparison?.stopping.abort();
