/**
 * Taking pictures of a class: as long as the button is held, by pointer or by space or enter, some twelve a second go into the class, and one
 * where it is only tapped. Each holding is one burst: its pictures share its number.
 */
import { html } from 'lit';
import { changed, changedNow, progressed } from '../app/drawing.js';
import { t } from '../app/language.js';
import { dismiss } from '../parts/alerts.js';
import { roomLeft, sayFull } from './add_pictures.js';
import { cameraBox } from './camera_box.js';
import { picturesChanged } from './choose.js';
import { newBurst, own } from './own.js';
import { inTurn, pictureFrom } from './read_pictures.js';

const kApart = 1000 / 12; // milliseconds between two pictures

/**
 * The one that is open: for which class, what its camera has told last, whether the button is held, and how many pictures the last holding took.
 * @type {{ one: import('./own.js').OwnClass, view: import('./camera_view.js').CameraView | null, isHeld: boolean, taken: number } | null}
 */
let recorder = null;

/** Whether the camera of a class is open. */
export const isRecording = (one) => recorder?.one === one;

/** Opens the camera of a class, or closes it. */
export function turnRecorder(one) {
  recorder = isRecording(one) ? null : { one, view: null, isHeld: false, taken: 0 };
  changedNow();
}

/** Waits until a moment. @param {number} at */
const until = (at) => new Promise((done) => setTimeout(done, Math.max(0, at - performance.now())));

/** Takes pictures until the button is let go, at least one. */
async function burst(mine) {
  const { one, view } = mine;
  const number = newBurst();
  let due = performance.now();
  mine.taken = 0;
  do {
    const frame = await view.frame();
    if (!frame) return; // the camera was closed
    const picture = await pictureFrom(frame, own).finally(() => frame.close());
    if (roomLeft() === 0) return sayFull(1);
    one.pictures.push({ ...picture, burst: number });
    mine.taken += 1;
    progressed();
    due = Math.max(due + kApart, performance.now() - kApart);
    await until(due);
  } while (mine.isHeld && recorder === mine);
}

/** The button goes down. */
function press() {
  const mine = recorder;
  if (mine.isHeld || own.busy || !mine.view?.isLive) return;
  mine.isHeld = true;
  dismiss('needs-pictures');
  inTurn(async () => {
    await burst(mine).finally(() => (mine.isHeld = false));
    own.latest = mine.one.name;
    if (mine.taken) picturesChanged();
  }).finally(changed);
}

const release = () => {
  if (recorder) recorder.isHeld = false;
};

/** Whether the click that follows is of a press that has been dealt with. */
let isDone = false;

const holding = {
  pointerdown(event) {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    isDone = true;
    press();
  },
  keydown(event) {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault(); // no click as well
    if (!event.repeat) press();
  },
  keyup(event) {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    release();
  },
  /** Of a screen reader, say, which only clicks: one picture. */
  click() {
    if (!isDone) {
      press();
      release();
    }
    isDone = false;
  },
};

/** The camera of a class. */
export function recorderBox() {
  const mine = recorder;
  const { one, view, isHeld, taken } = mine;
  const tell = (told) => {
    mine.view = told;
    if (told.state === 'closed' && recorder === mine) recorder = null;
  };
  const isLive = view?.state === 'live';
  const words = isHeld ? t('camera.taking', { n: taken }) : t('camera.hold');
  return html`<div class="recorder" @keydown=${(event) => event.key === 'Escape' && turnRecorder(one)}>
    ${cameraBox({ known: view, fit: own.fit, tell, close: () => turnRecorder(one), id: 'recorder' })}
    <button
      class="button go hold"
      data-testid="hold"
      aria-pressed=${isHeld ? 'true' : 'false'}
      aria-label=${t('camera.holdFor', { name: one.name })}
      aria-disabled=${isLive ? 'false' : 'true'}
      @pointerdown=${holding.pointerdown}
      @pointerup=${release}
      @pointercancel=${release}
      @lostpointercapture=${release}
      @keydown=${holding.keydown}
      @keyup=${holding.keyup}
      @blur=${release}
      @click=${holding.click}
      @contextmenu=${(event) => event.preventDefault()}
    >
      ${words}
    </button>
    <p class="small muted" role="status" data-testid="taken" data-value=${taken}>
      ${taken && !isHeld ? t('camera.taken', { n: taken, total: one.pictures.length }) : t('camera.how')}
    </p>
  </div>`;
}
