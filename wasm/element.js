// <train-ground experiment="…">: the smallest trainer, as an element for pages without a build. It names the data, trains, draws the curve, and lets one
// try what was learned, in a shadow root of its own; the page's own colours and font come in by inheritance and custom properties, and
// what happens goes out as events. The engine works in its worker, as everywhere.
import { drawCurve } from './element_curve.js';
import { style } from './element_style.js';
import { textsFor } from './element_texts.js';
import { TryIt } from './element_try.js';
import { inWords, problem } from './experiment.js';
import { Trainer } from './trainer.js';

/** What is trained where nothing is said: a small network on handwritten digits. */
const kDefault = {
  dataset: 'digits',
  layers: [{ type: 'flatten' }, { type: 'dense', units: 32, activation: 'relu' }, { type: 'dense', units: 10 }],
  epochs: 30,
};

const kSkeleton = `
  <p part="data" id="data"></p>
  <div id="row"><button part="button" id="go" type="button" disabled></button>
    <progress part="progress" id="bar" max="1" value="0"></progress><span id="epoch" role="status"></span></div>
  <p part="result"><strong id="number"></strong> <span id="meaning"></span></p>
  <svg part="curve" id="curve" viewBox="0 0 300 120" role="img"></svg>
  <div part="try" id="try"></div>
  <p part="problem" id="problem" role="alert" hidden></p>`;

// Where there are no elements, as in Node, the module can be imported all the same.
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

/** @typedef {'opening' | 'ready' | 'training' | 'paused' | 'ended' | 'failed'} State */

export class TrainGround extends Base {
  static observedAttributes = ['experiment'];
  /** The one behind it, from the event `start` on. @type {Trainer | null} */
  trainer = null;
  /** @type {State} */
  state = 'opening';
  /** The epochs so far. @type {import('./index.d.ts').EpochEvent[]} */
  history = [];
  /** @type {AbortController | null} */
  #stopping = null;
  /** @type {TryIt | null} */
  #trying = null;
  /** Counts the experiments: an answer that belongs to an earlier one is let go. */
  #turn = 0;
  #root;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.innerHTML = `<style>${style}</style>${kSkeleton}`;
    this.#part('go').addEventListener('click', () => (this.state === 'training' ? this.pause() : this.train()));
  }

  connectedCallback() {
    if (this.trainer === null) this.#open();
  }

  disconnectedCallback() {
    // An element that is only moved is back by then.
    queueMicrotask(() => !this.isConnected && this.#letGo());
  }

  /** @param {string} _name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(_name, before, now) {
    if (this.isConnected && before !== now) this.#open();
  }

  /** Trains, or goes on, until the end or a pause; after the end, anew. @returns {Promise<void>} */
  async train() {
    if (this.state === 'training') return;
    if (this.state === 'ended') await this.#open();
    const { trainer } = this;
    if (!trainer) return;
    const turn = this.#turn;
    const stopping = (this.#stopping = new AbortController());
    this.#become('training');
    let hasEnded = false;
    try {
      for await (const event of trainer.train({ signal: stopping.signal })) {
        if (turn !== this.#turn) return;
        if (event.event === 'epoch') this.history.push(event);
        hasEnded = event.event === 'end';
        if (hasEnded) this.#become('ended');
        else this.#draw();
        this.#tell(event.event, event);
        this.#trying?.again();
      }
      if (turn === this.#turn && stopping.signal.aborted && !hasEnded) this.#become('paused');
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  pause() {
    this.#stopping?.abort();
  }

  async #open() {
    const turn = await this.#letGo();
    this.#become('opening');
    try {
      const { experiment, base } = await this.#experiment();
      const trainer = await Trainer.open(experiment, { base });
      if (turn !== this.#turn || !this.isConnected) return void trainer.dispose();
      this.trainer = trainer;
      this.#trying = new TryIt(this.#part('try'), trainer, this.#texts);
      this.#become('ready');
      this.#tell('start', trainer.start);
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** What the attribute says: JSON, or the address of a file with it, from which its data sets are named. */
  async #experiment() {
    const said = this.getAttribute('experiment')?.trim();
    if (!said) return { experiment: kDefault, base: this.baseURI };
    if (said.startsWith('{')) return { experiment: fromText(said, 'experiment'), base: this.baseURI };
    const base = new URL(said, this.baseURI).href;
    const answer = await fetch(base);
    if (!answer.ok)
      throw problem('experiment', 'JSON, or the address of a file with it', `${base} (status ${answer.status})`);
    return { experiment: fromText(await answer.text(), base), base };
  }

  /** @returns {Promise<number>} the turn that begins */
  async #letGo() {
    const turn = ++this.#turn;
    const { trainer } = this;
    this.pause();
    this.trainer = this.#trying = null;
    this.history = [];
    this.#part('try').replaceChildren();
    await trainer?.dispose().catch(() => {});
    return turn;
  }

  /** @param {unknown} error */
  #fail(error) {
    const { message } = /** @type {Error} */ (error);
    this.#part('problem').textContent = message;
    this.#become('failed');
    this.#tell('failure', { error });
  }

  /** @param {State} state */
  #become(state) {
    this.state = state;
    this.#draw();
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** @param {string} id @returns {any} */
  #part(id) {
    return this.#root.getElementById(id);
  }

  get #texts() {
    const language = /** @type {HTMLElement | null} */ (this.closest('[lang]'))?.lang;
    return textsFor(language || globalThis.navigator?.language || 'en');
  }

  #draw() {
    const texts = this.#texts;
    const { state, trainer, history } = this;
    const last = history.at(-1);
    const epochs = Number(trainer?.experiment.epochs ?? 1);
    this.dataset.state = state;
    this.#part('go').textContent = texts[state];
    this.#part('go').disabled = state === 'opening' || state === 'failed';
    this.#part('problem').hidden = state !== 'failed';
    this.#part('bar').value = state === 'ended' ? 1 : history.length / epochs;
    this.#part('bar').setAttribute('aria-label', texts.progress);
    this.#part('epoch').textContent = trainer ? texts.epoch(history.length, epochs) : '';
    this.#part('data').textContent = trainer ? texts.data(nameOf(trainer), trainer.start) : texts.opening;
    const isRegression = trainer?.start.classNames.length === 0;
    const value = isRegression ? last?.validationLoss : last?.validationAccuracy;
    this.#part('number').textContent =
      value === undefined ? '' : isRegression ? value.toPrecision(3) : `${(100 * value).toFixed(1)} %`;
    this.#part('meaning').textContent = value === undefined ? '' : isRegression ? texts.loss : texts.accuracy;
    drawCurve(this.#part('curve'), history, epochs, texts);
  }
}

/** @param {Trainer} trainer */
function nameOf({ experiment }) {
  const { dataset } = /** @type {any} */ (experiment);
  return typeof dataset === 'string' ? dataset : (dataset?.name ?? dataset?.path?.split('/').pop() ?? '');
}

/** @param {string} text @param {string} place @returns {any} */
function fromText(text, place) {
  try {
    return JSON.parse(text);
  } catch {
    throw problem(place, 'an experiment as JSON', inWords(text));
  }
}

if (globalThis.customElements && !customElements.get('train-ground'))
  customElements.define('train-ground', TrainGround);
