/**
 * When the page is drawn: at once after something that a person did, and in its turn while work goes on. Nothing else draws; whoever changes
 * what the page shows says so here.
 */
/** Milliseconds between two drawings of work that goes on: never less, never more. */
const kLeast = 100;
const kMost = 700;
/** The first ones after something was done come sooner: then most moves, and many a run is over in a second. */
const kSoon = 250;
/**
 * Work goes on for so many times as long as the page's thread needs for a drawing. That is a sixtieth of the time; the threads that put
 * the drawing on the screen need up to twice as much again where no graphics processor helps.
 */
const kRest = 60;

/** @type {(isWhole: boolean) => void} */
let draw = () => {};
let waiting = null;
let due = Infinity;
let drawn = 0;
let done = 0;
let cost = 0;
/** Whether more than the run itself has changed since the last drawing. */
let isWhole = true;
/** Told when the browser is through with a drawing. */
const after = new MessageChannel();

/** Says how the state is drawn: `render(true)` draws all of it, `render(false)` what a run in training changes by itself. */
export function onChange(render) {
  draw = render;
}

/** How many acts go on that are drawn once, when they are through; and whether something of them asks to be drawn. */
let acts = 0;
let isAsked = false;

function drawNow() {
  if (acts > 0) return void (isAsked = true);
  clearTimeout(waiting);
  due = Infinity;
  const began = performance.now();
  const whole = isWhole;
  isWhole = false;
  draw(whole);
  // Charts draw themselves at the end of the task; style, layout and paint follow in the next frame, and a message after it.
  queueMicrotask(() => {
    drawn = performance.now();
    const script = drawn - began;
    requestAnimationFrame(() => {
      const framed = performance.now();
      after.port1.onmessage = () => (cost = script + performance.now() - framed);
      after.port2.postMessage(null);
    });
  });
}

function drawIn(milliseconds) {
  const at = performance.now() + milliseconds;
  if (at >= due) return;
  clearTimeout(waiting);
  due = at;
  waiting = setTimeout(drawNow, milliseconds);
}

/** Draws soon: something that is waited for. */
export function changed() {
  isWhole = true;
  done = performance.now();
  drawIn(0);
}

/**
 * Draws in its turn: work goes on, and a drawing takes time from it. The dearer one is, the rarer they are. `ofRun`: nothing but the run
 * has moved on.
 */
export function progressed({ ofRun = false } = {}) {
  isWhole ||= !ofRun;
  const now = performance.now();
  const apart = Math.max(kLeast, Math.min(kMost, kRest * cost, Math.max(kSoon, now - done)));
  drawIn(Math.max(0, apart - (now - drawn)));
}

/** Draws now, whatever was drawn last. */
export function changedNow() {
  isWhole = true;
  done = performance.now();
  drawNow();
}

/** Draws once, however much changes in this act: at its end, or where it waits. @template T @param {() => T} act @returns {T} */
export function drawnOnce(act) {
  acts += 1;
  try {
    return act();
  } finally {
    acts -= 1;
    if (acts === 0 && isAsked) {
      isAsked = false;
      drawNow();
    }
  }
}
