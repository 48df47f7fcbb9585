/** What is said aloud: one polite live region, at most every five seconds, and at start, best, stop; and where a key moves on a curve. */
import { changedNow } from '../app/drawing.js';
import { language, percent, t } from '../app/language.js';

let last = 0;
let spoken = { text: '', language: '' };

const speak = (text) => (spoken = { text, language: language.name });

/** The text in the live region now; what was said in another language is gone. */
export const speech = () => (spoken.language === language.name ? spoken.text : '');

/** Says how a run goes. Epochs are said at most every five seconds. */
export function say(key, run) {
  const now = performance.now();
  if (key === 'speech.epoch' && now - last < 5000) return;
  last = now;
  if (!run) return speak(t(key));
  const row = run.history.at(-1);
  const best = run.bestEpoch === row.epoch ? t('speech.best') : '';
  const values = {
    epoch: row.epoch,
    epochs: run.experiment.epochs,
    accuracy: percent(row.validationAccuracy),
    best: run.bestEpoch,
  };
  speak(t(key, values) + best);
}

/** Tells the values at a curve's cursor that was moved by a key: on the canvas nobody hears them. */
export function listenToCursors() {
  addEventListener('keydown', (event) => {
    const chart = /** @type {any} */ (event.target);
    if (chart?.localName !== 'curve-chart' || !/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) return;
    if (chart.cursor === null || !chart.model?.read) return;
    speak(chart.model.read(chart.cursor).join(', '));
    changedNow();
  });
}
