/**
 * Which training pictures a picture is like, and whether it is like none of them, by what a backbone makes of them. They are looked at once
 * after training, a few at a time; then each picture costs one pass through the network. Whoever shows an answer asks `familiarityOf` for what
 * there is: it is drawn anew when there is more.
 */
import { html, nothing } from 'lit';
import { changed, progressed } from '../app/drawing.js';
import { percent, t } from '../app/language.js';
import { stampOf, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { samplePicture } from '../data/samples.js';

/** By trainer: what its training pictures are to its network. @type {WeakMap<object, any>} */
const looks = new WeakMap();

/** Features that never learn are those of every epoch. */
const isFrozen = ({ experiment }) => experiment.transfer?.freeze === 'all';

/** The run whose trainer compares: that of an earlier epoch has its own weights, but the same frozen features. */
const comparing = (run) => (run.isPast ? isFrozen(run) && state.run : run);

/** Whether there is anything to compare: pictures, as others have taught a network to see them. */
const canCompare = ({ start }) => start?.layers[0].type === 'backbone' && start.layers.at(-1).type === 'dense';

/** Looks at the training pictures of a run. */
async function begin(run, look) {
  const { trainer } = run;
  try {
    look.familiarity = await trainer.familiarity({
      signal: look.stopping.signal,
      onProgress(share) {
        look.share = share;
        progressed();
      },
    });
  } catch (error) {
    // A run that another one has replaced, or weights that have learned on, are not asked about any more.
    if (!look.stopping.signal.aborted && trainer === state.run?.trainer) failed(error);
  }
  changed();
}

/**
 * What there is to compare with: `{ familiarity, share }`; the first is null until all training pictures have been looked at. Null where there
 * is nothing, as before training.
 */
export function familiarityOf(shown) {
  const run = comparing(shown);
  if (!run?.trainer || !canCompare(run)) return null;
  const stamp = isFrozen(run) ? '' : stampOf(run);
  const known = looks.get(run.trainer);
  if (known?.stamp === stamp) return known;
  known?.stopping.abort();
  if (!run.steps || !['paused', 'ended'].includes(run.status)) return null;
  const look = { stamp, share: 0, familiarity: null, stopping: new AbortController(), ofEight: null };
  looks.set(run.trainer, look);
  begin(run, look);
  return look;
}

/** Whether pictures can be compared by now: an answer that was given before is asked for again. */
export const canCompareNow = (run) => Boolean(familiarityOf(run)?.familiarity);

/** What one picture is like, once that can be told; else null. @param {any} run @param {import('trainground').Inputs} pixels */
export async function likenessOf(run, pixels) {
  const { familiarity } = familiarityOf(run) ?? {};
  return familiarity ? { ...(await familiarity.judge(pixels)), threshold: familiarity.threshold } : null;
}

/** Which of the eight pictures are like nothing the network was shown: a list, empty until it is known. */
export function unlikeOfEight(run) {
  const look = familiarityOf(run);
  const { data } = state;
  if (!look?.familiarity) return [];
  if (look.ofEight?.data !== data) {
    look.ofEight = { data, isUnlike: [] };
    const { ofEight } = look;
    look.familiarity.judge(data.eightPixels).then(
      ({ isUnlike }) => {
        ofEight.isUnlike = isUnlike;
        changed();
      },
      () => {}, // the run has been replaced
    );
  }
  return look.ofEight.isUnlike;
}

/** How far the training pictures have been looked at, while they are. */
export function lookingLine(run) {
  const look = familiarityOf(run);
  if (!look || look.familiarity) return nothing;
  return html`<span class="small muted" role="status" data-testid="comparing"
    >${t('like.looking', { share: percent(look.share, 0) })}</span
  >`;
}

/** That a picture is like nothing the network was shown, in words; nothing where it is. */
export function unlikeWords(likeness) {
  if (!likeness?.isUnlike?.[0]) return nothing; // or nobody can tell yet
  const [score] = likeness.scores;
  return html`<p class="unlike" data-testid="unlike" data-value=${score}>
    <b>${t('like.nothing')}</b>
    ${t('like.nothing.why', { share: percent(score, 0), least: percent(likeness.threshold, 0) })}
  </p>`;
}

/** The training pictures that a picture is nearest to. */
export function nearestFigure(likeness) {
  if (!likeness) return nothing;
  const { classNames, labels } = state.data;
  return html`<figure class="nearest" data-testid="nearest">
    <figcaption><h3>${t('like.title')}</h3></figcaption>
    <div class="nearest-row">
      ${Array.from(likeness.nearest, (index, i) => {
        const name = classNames[labels[index]];
        const share = percent(likeness.similarities[i], 0);
        return html`<div class="near" data-index=${index}>
          ${samplePicture(index, '')}
          <span class="truth">${name}</span><span class="small muted">${share} %</span>
        </div>`;
      })}
    </div>
    <p class="small muted">${t('like.note')}</p>
  </figure>`;
}
