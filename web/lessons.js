/**
 * Lessons: one for each technique that can be compared. A lesson shows its technique alone, asks what will happen, and lets two runs answer.
 * A lesson is a link: a teacher opens it, presses Share, and hands the address on.
 */
import { html, nothing } from 'lit';
import { compare } from './compare.js';
import { t } from './language.js';
import { changedNow, defaultExperiment, setPage, state } from './state.js';

export const lessons = [
  'learning-rate',
  'optimizer',
  'mini-batch',
  'initialization',
  'batch-normalization',
  'augmentation',
  'dropout',
  'l2',
  'early-stopping',
  'transfer',
  'splitting',
];
const answers = ['gain', 'same', 'worse'];

/** Opens a lesson: the default settings, and only this technique on the page. `reopen` builds the network. */
export function startLesson(name, reopen) {
  state.experiment =
    name === 'transfer' ? { ...defaultExperiment('fashion-4'), samplesPerClass: 10 } : defaultExperiment('digits');
  Object.assign(state, { comparison: null, ghost: null, data: null });
  Object.assign(state.view, { menu: null, card: name, guess: null });
  setPage({ lesson: name, level: 'basics' });
  reopen();
}

function leave() {
  setPage({ lesson: null });
  state.view.guess = null;
  changedNow();
}

/** What was guessed, against what the two runs gave. */
function outcome(name) {
  const { guess } = state.view;
  const done = state.verdicts?.[name];
  if (!guess) return nothing;
  if (state.comparison?.running || !done || done.number === guess.number)
    return html`<p class="muted">${t('lesson.running')}</p>`;
  const { kind } = done.verdict;
  return html`<p data-testid="lesson-outcome" data-value=${kind === guess.answer ? 'right' : 'other'}>
    <b>${t(kind === guess.answer ? 'lesson.right' : 'lesson.other')}</b>
    ${t(done.target ? `lesson.was.speed.${kind}` : `lesson.was.${kind}`)} ${t('lesson.next')}
  </p>`;
}

/** The box on top of the results. */
export function lessonBox() {
  const name = state.page.lesson;
  if (!name) return nothing;
  const say = (answer) => () => {
    state.view.guess = { answer, number: state.verdicts?.[name]?.number ?? null };
    compare(name);
  };
  return html`<section
    class="lesson"
    data-testid="lesson"
    aria-label=${t('lesson.title', { name: t(`trick.${name}`) })}
  >
    <div class="row">
      <h2>${t('lesson.title', { name: t(`trick.${name}`) })}</h2>
      <span class="space"></span
      ><button class="link" data-testid="leave-lesson" @click=${leave}>${t('lesson.leave')}</button>
    </div>
    <p>${t(`claim.${name}`)}</p>
    <p><b>${t('lesson.question')}</b> ${t(`lesson.ask.${name}`)}</p>
    <div class="row">
      ${answers.map((answer) => html`<button class="button" data-testid="answer-${answer}" aria-pressed=${state.view.guess?.answer === answer ? 'true' : 'false'} ?disabled=${state.comparison?.running} @click=${say(answer)}>${t(`lesson.answer.${answer}`)}</button>`)}
    </div>
    ${outcome(name)}
  </section>`;
}

/** The list behind "Lessons". */
export function lessonMenu(reopen) {
  if (state.view.menu !== 'lessons') return nothing;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.lessons')}>
    <p class="small muted">${t('lesson.note')}</p>
    ${lessons.map((name) => html`<button class="button quiet" data-testid="lesson-${name}" @click=${() => startLesson(name, reopen)}>${t(`trick.${name}`)}</button>`)}
    <button class="button small" @click=${() => ((state.view.menu = null), changedNow())}>${t('alert.close')}</button>
  </div>`;
}
