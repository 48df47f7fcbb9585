/**
 * Lessons: one for each technique. A lesson shows its technique alone, asks what will happen, and lets runs answer: two that are compared, one
 * (questions.js), or many (sweep_questions.js). A lesson is a link: a teacher opens it, presses Share, and hands the address on.
 */
import { html, nothing } from 'lit';
import { tell } from '../app/events.js';
import { has, t } from '../app/language.js';
import { defaultExperiment } from '../app/sets.js';
import { setExperiment, setPage, setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { compare } from '../compare/comparison.js';
import { openRun } from '../train/training.js';
import { cardOf } from '../tricks/techniques.js';
import { askRun, beginQuestion, questions } from './questions.js';
import { sweepQuestions } from './sweep_questions.js';

const lessons = [
  'learning-rate',
  'schedule',
  'optimizer',
  'mini-batch',
  'initialization',
  'batch-normalization',
  'cross-entropy',
  'slow-step',
  'augmentation',
  'flip-trap',
  'dropout',
  'l2',
  'early-stopping',
  'transfer',
  'photos',
  'splitting',
  'bursts',
  'seeds',
  'test-set',
  'doctor',
];
const answers = ['gain', 'same', 'worse'];

/** What a lesson compares, where that is no technique of its own name: those of the card, on other data. */
const techniqueOf = (name) => ({ photos: 'transfer', bursts: 'splitting' })[name] ?? name;

/** What a lesson begins with, where that is not the digits. */
const beginnings = {
  transfer: () => ({ ...defaultExperiment('fashion-4'), samplesPerClass: 10 }),
  photos: () => defaultExperiment('vegetables'),
  bursts: () => defaultExperiment('vegetables-bursts'),
  ...Object.fromEntries(Object.entries(sweepQuestions).map(([name, { experiment }]) => [name, experiment])),
};

/** Opens a lesson: the default settings, and only this technique on the page. */
function startLesson(name) {
  tell('leave-comparison');
  setExperiment(beginnings[name]?.() ?? defaultExperiment('digits'));
  setPage({ lesson: name, level: 'basics', sweep: null });
  setView({ menu: null, card: cardOf(name), guess: null });
  openRun();
  beginQuestion(name).catch(failed);
}

function leave() {
  setPage({ lesson: null });
  setView({ guess: null });
}

/** The words for what came out. */
function wasOf(name, { target, verdict: { kind } }) {
  if (target) return `lesson.was.speed.${kind}`;
  return has(`lesson.was.${kind}.${name}`) ? `lesson.was.${kind}.${name}` : `lesson.was.${kind}`;
}

/** What was guessed, against what the runs gave. */
function outcome(name) {
  const { guess } = state.view;
  const done = state.verdicts[techniqueOf(name)];
  if (!guess) return nothing;
  if (name in questions) return outcomeOfRun(name);
  if (state.comparison?.running) return html`<p class="muted">${t('lesson.running')}</p>`;
  if (!done || done.number === guess.number) return nothing; // it was left
  const { kind } = done.verdict;
  return html`<p data-testid="lesson-outcome" data-value=${kind === guess.answer ? 'right' : 'other'}>
    <b>${t(kind === guess.answer ? 'lesson.right' : 'lesson.other')}</b>
    ${t(wasOf(name, done))} ${t('lesson.next')}
  </p>`;
}

/** The same, where one run is asked. */
function outcomeOfRun(name) {
  const { guess } = state.view;
  const found = questions[name].found();
  if (state.asking || !found) {
    return html`<p class="muted">${t(name in sweepQuestions ? 'lesson.running' : 'lesson.running.one')}</p>`;
  }
  const right = found.answer === guess.answer;
  const was = `lesson.was.${name}`;
  return html`<p data-testid="lesson-outcome" data-value=${right ? 'right' : 'other'}>
      <b>${t(right ? 'lesson.right' : 'lesson.other')}</b>
      ${t(has(`${was}.${found.answer}`) ? `${was}.${found.answer}` : was, found.values)}
      ${name === 'cross-entropy' ? t('lesson.next') : nothing}
    </p>
    ${found.figure ?? nothing}`;
}

/** The box on top of the results. */
export function lessonBox() {
  const name = state.page.lesson;
  if (!name) return nothing;
  const question = questions[name];
  const given = question?.given ? question.given() : {};
  const busy = !given || state.asking || state.comparison?.running || (question && !state.run?.trainer);
  const say = (answer) => () => {
    if (question) return void askRun(name, answer).catch(failed);
    setView({ guess: { answer, number: state.verdicts[techniqueOf(name)]?.number ?? null } });
    compare(techniqueOf(name));
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
    ${
      given
        ? html`<p>
            <b>${t(question ? 'lesson.question.one' : 'lesson.question')}</b> ${t(`lesson.ask.${name}`, given)}
          </p>`
        : html`<p class="muted">${t(`lesson.begin.${name}`)}</p>`
    }
    <div class="row">
      ${(question?.answers ?? answers).map((answer) => html`<button class="button" data-testid="answer-${answer}" aria-pressed=${state.view.guess?.answer === answer ? 'true' : 'false'} ?disabled=${busy} @click=${say(answer)}>${t(question ? `lesson.answer.${name}.${answer}` : `lesson.answer.${answer}`)}</button>`)}
    </div>
    ${outcome(name)}
  </section>`;
}

/** The list behind "Lessons". */
export function lessonMenu() {
  if (state.view.menu !== 'lessons') return nothing;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.lessons')}>
    <p class="small muted">${t('lesson.note')}</p>
    ${lessons.map((name) => html`<button class="button quiet" data-testid="lesson-${name}" @click=${() => startLesson(name)}>${t(`trick.${name}`)}</button>`)}
    <button class="button small" @click=${() => setView({ menu: null })}>${t('alert.close')}</button>
  </div>`;
}

/** The lesson that the link asks for is opened; one that nobody knows is not. */
export function openLesson() {
  const { lesson } = state.page;
  if (lesson && !lessons.includes(lesson)) setPage({ lesson: null });
  else if (lesson) {
    setView({ card: cardOf(lesson) });
    beginQuestion(lesson).catch(failed);
  }
}
