/** The verdict on what learns faster: epochs until so many held-back pictures are right. Final accuracy is told beside it. */
import { html } from 'lit';
import { percent, t } from '../app/language.js';
import { scoreOf } from '../model/score.js';

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

/** Epochs until the target is reached; one more than there are, if never. */
function epochsTo(run, target) {
  const rows = run.history.filter(({ epoch }) => epoch > 0);
  const row = rows.find(({ validationAccuracy }) => validationAccuracy >= target);
  return row ? row.epoch : rows.length + 1;
}

function numbers({ runs }, target) {
  const epochs = runs.map((run) => epochsTo(run, target));
  return {
    epochs: mean(epochs),
    least: Math.min(...epochs),
    most: Math.max(...epochs),
    never: epochs.every((count, i) => count === runs[i].history.length),
    accuracy: mean(runs.map((run) => scoreOf(run.evaluation))),
  };
}

/** A against the fastest of the others; a difference counts when it is larger than one epoch and than the spread over the seeds. */
export function judgeSpeed(comparison) {
  const { letters, target } = comparison;
  const all = Object.fromEntries(letters.map((letter) => [letter, numbers(comparison[letter], target)]));
  const fastest = letters.slice(1).reduce((best, letter) => (all[letter].epochs < all[best].epochs ? letter : best));
  const difference = all.a.epochs - all[fastest].epochs;
  const chance = Math.max(1, all.a.most - all.a.least, all[fastest].most - all[fastest].least);
  const kind = Math.abs(difference) <= chance ? 'same' : difference > 0 ? 'gain' : 'worse';
  const first = letters.slice(1).filter((letter) => all[letter].epochs === all[fastest].epochs);
  return { ...all, fastest, first, difference, chance, kind };
}

const whole = (count) => (Number.isInteger(count) ? String(count) : count.toFixed(1));
const inEpochs = ({ epochs, never }) => (never ? t('verdict.speed.never') : whole(epochs));

/** For the drawer. */
export function speedInShort({ verdict, target }) {
  const { kind, a, fastest } = verdict;
  return t(`verdict.speed.${kind}.short`, {
    target: percent(target, 0),
    a: inEpochs(a),
    b: inEpochs(verdict[fastest]),
  });
}

/** In the place of the one number. */
export function speedVerdict({ verdict, target, letters }) {
  const { kind, difference, first, chance } = verdict;
  const said = { target: percent(target, 0), letters: first.join(', ').toUpperCase() };
  const apart = Math.abs(difference);
  return html`<div class="hero" data-testid="verdict" data-value=${difference} data-kind=${kind}>
      <span class="big"
        >${whole(apart)}
        <small>${t(difference >= 0 ? 'verdict.speed.sooner' : 'verdict.speed.later', { n: apart })}</small></span
      >
      <span class="what">${t(`verdict.speed.${kind}`, said)}</span>
      <span class="space"></span>
      <span class="badge ${kind === 'gain' ? 'fine' : kind === 'worse' ? 'warns' : ''}"
        >${t(kind === 'same' ? 'verdict.speed.within' : 'verdict.speed.beyond', { n: Number(whole(chance)) })}</span
      >
    </div>
    <p class="say">
      ${t('verdict.speed.epochs', said)}
      ${letters.map(
        (letter) =>
          html`<span class="key ${letter}">${letter.toUpperCase()}</span>
            <span data-testid="epochs-${letter}" data-value=${verdict[letter].epochs}
              >${inEpochs(verdict[letter])}</span
            >
            <span class="muted">(${t('verdict.speed.end', { accuracy: percent(verdict[letter].accuracy) })})</span> `,
      )}
    </p>`;
}
