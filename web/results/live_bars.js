/**
 * What the network says of what the camera sees, as it sees it: a bar for each class, in their order, and how many pictures a second are
 * answered. It draws itself, at every answer: the page around it stands still.
 */
import { html, nothing, render } from 'lit';
import { percent, t } from '../app/language.js';
import { unlikeWords } from './likeness.js';

const kSpan = 1000; // milliseconds over which the rate is a mean
const kUnlike = -2; // in the place of a class: it is like none of the training pictures
const kStays = 800; // milliseconds that an answer has to stay before it is read out

export class LiveBars extends HTMLElement {
  /** When the answers of the last second came. @type {number[]} */
  #times = [];
  /** The surest class, since when, and which one was read out last. */
  #said = { k: -1, since: 0, told: -1 };
  /** How often answers came, told once a second. */
  #rate = { value: 0, at: 0 };

  connectedCallback() {
    render(html`<p class="muted">${t('try.live.wait')}</p>`, this);
  }

  /**
   * @param {{ probabilities: ArrayLike<number>, isUnlike?: boolean[], scores?: ArrayLike<number>, threshold?: number }} told  (K)
   * @param {string[]} names
   */
  show({ probabilities, ...likeness }, names) {
    const now = performance.now();
    this.#times = [...this.#times.filter((time) => now - time < kSpan), now];
    if (now - this.#rate.at > kSpan) {
      const whole = this.#rate.at > 0;
      this.#rate = { value: whole ? this.#times.length : 0, at: now };
    }
    const shares = Array.from(probabilities);
    const isUnlike = likeness.isUnlike?.[0] ?? false;
    const top = isUnlike ? kUnlike : shares.indexOf(Math.max(...shares));
    if (top !== this.#said.k) Object.assign(this.#said, { k: top, since: now });
    if (now - this.#said.since > kStays) this.#said.told = top;
    this.#draw(shares, names, top, likeness);
  }

  #draw(shares, names, top, likeness) {
    const { told } = this.#said;
    const { value } = this.#rate;
    render(
      html`<div
          class="live-shares"
          role="list"
          aria-label=${t('try.live.shares')}
          data-testid="live-shares"
          data-value=${top}
        >
          ${shares.map(
            (p, k) =>
              html`<div class="live-share ${k === top ? 'top' : ''}" role="listitem">
                <span>${names[k]}</span><i><b .style=${`width:${(p * 100).toFixed(1)}%`}></b></i
                ><em>${percent(Math.min(p, 0.994), 0)} %</em>
              </div>`,
          )}
        </div>
        <p class="small dim" data-testid="live-rate" data-value=${value}>
          ${value ? t('try.live.rate', { n: value }) : nothing}
        </p>
        ${unlikeWords(likeness)}
        <span class="sr" role="status">${told === kUnlike ? t('like.nothing') : (names[told] ?? nothing)}</span>`,
      this,
    );
  }
}

customElements.define('live-bars', LiveBars);
