/** What the network takes samples for: its three surest answers as bars, and the eight held-back samples with theirs; and which it knows nothing like. */
import { html, nothing } from 'lit';
import { percent, t } from '../app/language.js';
import { state } from '../app/state.js';
import { askable } from '../data/samples.js';
import { lookingLine, unlikeOfEight } from './likeness.js';

/** Three bars, or named bars where the classes have names. `label`: what it is; null: nobody knows. */
export function bars(top, label, names) {
  const named = names.some((name) => name.length > 2);
  const number = (p) => percent(Math.min(p, 0.994), 0);
  const kind = (i, k) => (i > 0 ? '' : label === null ? 'said' : k === label ? 'right' : 'wrong');
  if (named) {
    return top.map(
      ({ k, p }, i) =>
        html`<div class="named-bar ${i ? '' : 'top'} ${kind(i, k)}">
          <i .style=${`width:${p * 100}%`}></i><span>${names[k]}</span><em>${number(p)}</em>
        </div>`,
    );
  }
  return html`<div class="bars">
    ${top.map(
      ({ k, p }, i) =>
        html`<span class=${i ? '' : 'top'}>${names[k]}</span
          ><span class="share ${kind(i, k)}"><i .style=${`width:${p * 100}%`}></i></span
          ><em class=${i ? '' : 'top'}>${number(p)}</em>`,
    )}
  </div>`;
}

/** The eight held-back pictures and what the network takes them for. */
export function predictions(run) {
  const names = state.data?.classNames ?? [];
  const named = names.some((name) => name.length > 2);
  const isUnlike = unlikeOfEight(run);
  return html`<figure class="section">
    <figcaption class="caption">
      <h3>${t('guesses.title')}</h3>
      <span class="small dim wide-word">${t('guesses.note')}</span>
      ${lookingLine(run)}
    </figcaption>
    <div class="guesses" data-testid="predictions">
      ${(run.guesses ?? []).map(({ index, label, top }, at) => {
        const right = top[0].k === label;
        return html`<div class="guess">
          <div class="picture">
            ${askable(index, t('data.pictureHeld', { name: names[label] }))}
            <span class="mark">
              ${right ? html`<b class="good" role="img" aria-label=${t('guesses.right')}>✓</b>` : html`<b class="held" role="img" aria-label=${t('guesses.wrong')}>✕</b>`}
              ${right || named ? nothing : html`<span>${t('guesses.is', { name: names[label] })}</span>`}
            </span>
          </div>
          ${named ? html`<span class="truth">${right ? '' : t('guesses.is', { name: names[label] })}</span>` : nothing}
          ${isUnlike[at] ? html`<b class="unlike" data-testid="unlike">${t('like.nothing')}</b>` : nothing}
          ${bars(top, label, names)}
        </div>`;
      })}
    </div>
  </figure>`;
}
