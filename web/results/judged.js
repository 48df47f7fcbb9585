/** How far the one number can be trusted: its interval, what cross-validation says, and what a random split would have claimed. */
import { html, nothing } from 'lit';
import { fewSamples, wilson } from 'trainground';
import { percent, t } from '../app/language.js';
import { framesOfPhoto } from '../app/sets.js';
import { showsAll, state } from '../app/state.js';
import { isOwn } from '../data/own.js';
import { ownGroups } from '../data/own_groups.js';
import { isRegression } from '../model/score.js';
import { canBeJudged, judge, opinionOn, stopJudging } from '../train/judging.js';
import { confusionTable } from './matrix.js';

/** In per cent, without decimals: more would say more than is known. */
const inWords = ([low, high]) => ({ low: percent(low, 0), high: percent(high, 0) });

/** The burst of each picture of these; null: there are none. */
function burstsOf(run, { labels }) {
  const frames = framesOfPhoto[run.experiment.dataset];
  if (frames) return Array.from(labels, (_, index) => Math.floor(index / frames));
  return (isOwn() && canBeJudged(run) && ownGroups()?.groups) || null;
}

/** How many groups the held-back pictures are of; null where each stands for itself: frames of a burst count for less than they are. */
function heldGroups(run) {
  const groups = state.data && burstsOf(run, state.data);
  if (!groups || state.data.labels.length !== groups.length) return null;
  const held = state.data.validation;
  const kinds = new Set(Array.from(held, (index) => groups[index])).size;
  return kinds < held.length ? kinds : null;
}

/** Below the number where few samples stand behind it. */
export function intervalLine(run, score) {
  const n = run.start?.validationSamples ?? 0;
  if (!n || n >= fewSamples || isRegression(run) || score === null || Number.isNaN(score)) return nothing;
  const [low, high] = wilson(Math.round(score * n), n);
  const groups = heldGroups(run);
  const key = groups === null ? 'judged.interval' : 'judged.interval.groups';
  return html`<p class="small muted" data-testid="interval" data-low=${low} data-high=${high}>
    ${t(key, { ...inWords([low, high]), n, groups })}
  </p>`;
}

/** What a random split would have claimed, beside what the run says of other bursts. */
function claimLine(run) {
  const claim = opinionOn(run, 'random');
  if (!claim || !run.evaluation) return nothing;
  const values = { mine: percent(run.evaluation.accuracy, 0), random: percent(claim.accuracy, 0) };
  const isCut = ownGroups()?.alone.size > 0;
  return html`<p data-testid="random-claim" data-value=${claim.accuracy}>
    ${t(isCut ? 'judged.claim.cut' : 'judged.claim', values)}
  </p>`;
}

function foldsLines(run) {
  const found = opinionOn(run, 'folds');
  if (!found) return nothing;
  const each = found.folds.map(({ accuracy }) => percent(accuracy, 0)).join(' · ');
  const values = { accuracy: percent(found.accuracy), ...inWords(found.interval), folds: found.folds.length };
  return html`<div data-testid="folds" data-value=${found.accuracy} data-folds=${found.folds.length}>
    <p>${t('judged.folds', { ...values, n: found.samples })}</p>
    <details class="small">
      <summary>${t('judged.foldsTable')}</summary>
      <p class="muted">${t('judged.each', { each })}</p>
      <div class="toolong">${confusionTable(found.confusion, found.classNames, { name: 'folds-confusion' })}</div>
    </details>
  </div>`;
}

/** Opinions on a run that has ended, and the buttons that ask for them. */
export function judgedSection(run) {
  const isMine = typeof run.experiment.dataset === 'object';
  if (run.status !== 'ended' || !run.start || isRegression(run) || !(isMine || showsAll())) return nothing;
  const { judging } = state;
  const isGrouped = isOwn() && ownGroups() !== null && run.experiment.splitBy !== 'random';
  const wanted = { folds: run.start.mostFolds > 1, random: isGrouped };
  const open = /** @type {const} */ (['folds', 'random']).filter(
    (name) => wanted[name] && !opinionOn(run, name) && canBeJudged(run),
  );
  return html`<div class="judged" data-testid="judged">
    ${isGrouped ? claimLine(run) : nothing} ${foldsLines(run)}
    ${
      judging
        ? html`<div class="row">
            <span class="small">${t(`judged.ask.${judging.name}`)}</span>
            <progress max="1" .value=${judging.share} aria-label=${t(`judged.ask.${judging.name}`)}></progress>
            <button class="button small" data-testid="stop-judging" @click=${stopJudging}>${t('doctor.stop')}</button>
          </div>`
        : open.length
          ? html`<div class="row">
              ${open.map(
                (name) =>
                  html`<button
                    class="button small"
                    data-testid="judge-${name}"
                    title=${t(`judged.help.${name}`)}
                    @click=${() => judge(run, name)}
                  >
                    ${t(`judged.ask.${name}`)}
                  </button>`,
              )}
            </div>`
          : nothing
    }
  </div>`;
}
