/**
 * What a camera sees, cut as the network will see it. The camera is open while the element is in the page and can be seen, and its tracks are
 * stopped when it is taken out, folded away with its column, or the tab is hidden; one at a time has the camera. It tells `camera` when
 * something has changed: `state` is `opening`, `live`, `resting` (it goes on when it is seen again), `failed`, with `why`, or `closed`: it was
 * taken out of the page, or the camera is open `elsewhere` in it.
 */
import { NoCamera, openCamera, stopStream } from './camera.js';

/** The one that has the camera. @type {CameraView | null} */
let current = null;

export class CameraView extends HTMLElement {
  /** @type {HTMLVideoElement} */
  #video = null;
  #stream = null;
  /** Counts what was asked for: an answer to an earlier wish comes too late. */
  #asked = 0;
  #sizes = new ResizeObserver(() => this.#look());
  #seen = () => this.#look();
  /** Frames that the camera has given, and those that were taken. */
  #given = 0;
  #taken = 0;
  #waiting = [];

  /** @type {'opening' | 'live' | 'resting' | 'failed' | 'closed'} */
  state = 'opening';
  /** @type {import('./camera.js').Why | 'lost' | 'elsewhere' | null} */
  why = null;
  /** Which camera is wanted. @type {import('./camera.js').Which} */
  which = {};
  /** Of the one that is open. */
  facing = undefined;
  device = undefined;
  devices = [];

  connectedCallback() {
    this.#video ??= this.#makeVideo();
    this.#sizes.observe(this);
    document.addEventListener('visibilitychange', this.#seen);
    this.open();
  }

  disconnectedCallback() {
    this.#sizes.disconnect();
    document.removeEventListener('visibilitychange', this.#seen);
    if (current === this) current = null;
    this.#close(null);
  }

  #close(why) {
    this.#asked += 1;
    this.#stop();
    this.#become('closed', why);
  }

  #makeVideo() {
    const video = document.createElement('video');
    Object.assign(video, { muted: true, playsInline: true, autoplay: true });
    video.setAttribute('aria-hidden', 'true');
    return this.appendChild(video);
  }

  /** Asks anew, for another camera say, or after a refusal. @param {import('./camera.js').Which} [which] */
  open(which = this.which) {
    this.which = which;
    if (current && current !== this) current.#close('elsewhere');
    current = this;
    return this.#open();
  }

  async #open() {
    if (!this.#isSeen()) return this.#become('resting');
    const mine = ++this.#asked;
    this.#stop();
    this.#become('opening');
    try {
      const { stream, ...about } = await openCamera(this.which);
      if (mine !== this.#asked) return stopStream(stream);
      Object.assign(this, about);
      this.#stream = stream;
      stream.getVideoTracks()[0].addEventListener('ended', () => this.#stream === stream && this.#lose());
      this.#video.srcObject = stream;
      this.classList.toggle('mirrored', this.facing === 'user');
      await this.#video.play();
      if (mine !== this.#asked) return null;
      this.#listen(stream);
      return this.#become('live');
    } catch (error) {
      if (mine !== this.#asked) return null;
      this.#stop();
      return this.#become('failed', error instanceof NoCamera ? error.why : 'failed');
    }
  }

  #lose() {
    this.#stop();
    this.#become('failed', 'lost');
  }

  #rest() {
    this.#asked += 1;
    this.#stop();
    if (this.state !== 'failed') this.#become('resting');
  }

  #stop() {
    stopStream(this.#stream);
    this.#stream = null;
    if (this.#video) this.#video.srcObject = null;
    for (const go of this.#waiting.splice(0)) go();
  }

  #become(state, why = null) {
    Object.assign(this, { state, why });
    // Not at once: it may be the page's drawing that has put the element in its place, or taken it away.
    queueMicrotask(() => this.dispatchEvent(new CustomEvent('camera')));
  }

  #isSeen() {
    return this.isConnected && document.visibilityState === 'visible' && this.offsetParent !== null;
  }

  /** Rests where it cannot be seen, and goes on where it can. */
  #look() {
    if (!this.#isSeen()) {
      if (this.#stream || this.state === 'opening') this.#rest();
    } else if (this.state === 'resting' && current === this) this.#open();
  }

  /** Counts the frames of a stream as they come. */
  #listen(stream) {
    if (this.#stream !== stream) return;
    const video = this.#video;
    const ask = (act) =>
      video.requestVideoFrameCallback ? video.requestVideoFrameCallback(act) : requestAnimationFrame(act);
    ask(() => {
      this.#given += 1;
      for (const go of this.#waiting.splice(0)) go();
      this.#listen(stream);
    });
  }

  get isLive() {
    return this.state === 'live';
  }

  /** The newest frame, as soon as there is one that was not taken yet; to be closed. Null: the camera is no longer open. @returns {Promise<ImageBitmap | null>} */
  async frame() {
    while (this.isLive && this.#given === this.#taken) await new Promise((done) => this.#waiting.push(done));
    if (!this.isLive) return null;
    this.#taken = this.#given;
    return createImageBitmap(this.#video).catch(() => null);
  }
}

customElements.define('camera-view', CameraView);
