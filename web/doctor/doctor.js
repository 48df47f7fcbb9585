/** The doctor's section: a button for each examination with its last result, and what the last one found. */
import { html, nothing } from 'lit';
import { setting, t } from '../app/language.js';
import { withLearningRate } from '../app/settings.js';
import { changeExperiment, setView, state } from '../app/state.js';
import { offer } from '../parts/alerts.js';
import { toggle } from '../parts/fields.js';
import { acts, examination, isOfOthers, stopExamination } from './examinations.js';
import { finderResult, rounded } from './finder.js';
import { gradientResult, overfitResult } from './findings.js';

/** What an examination found, in a few words under its button. */
function word(name) {
  const found = state.found[name];
  if (!found) return t('doctor.notYet');
  if (name === 'find-learning-rate') {
    return found.suggestion === null
      ? t('finder.none')
      : t('doctor.suggests', { rate: setting(rounded(found.suggestion)) });
  }
  if (name === 'overfit') return t(found.passed ? 'doctor.pass' : 'doctor.fail', { step: found.steps });
  return t(found.passed ? 'doctor.gradients.pass' : 'doctor.gradients.fail', { n: (found.worst?.layer ?? 0) + 1 });
}

/** Looks for a learning rate, where it is seen that it does. */
function findRate() {
  setView({ part: 'tricks' });
  examination('find-learning-rate');
  document.querySelector('[data-testid="find-learning-rate"]').scrollIntoView({ block: 'center' });
}
for (const code of ['nan-loss', 'stuck'])
  offer(code, () => ({ id: 'alert-find-rate', words: ['alert.findRate'], act: findRate }));

/** The buttons, each with its last result, and what the last one found. */
export function doctorSection() {
  const ready = Boolean(state.run?.trainer && state.data);
  const { examining } = state;
  const use = (rate) => changeExperiment(withLearningRate(state.experiment, rate));
  const button = (name) =>
    html`<button data-testid=${name} ?disabled=${!ready || Boolean(examining)} @click=${() => examination(name)}>
      <b>${t(`doctor.${name}`)}</b
      ><span class="small ${state.found[name]?.passed === false ? 'held' : 'muted'}"
        >${examining?.name === name ? t('compare.running') : word(name)}</span
      >
    </button>`;
  const shown = state.view.examination;
  const found = state.found[shown];
  const results = { 'find-learning-rate': finderResult, overfit: overfitResult, 'check-gradients': gradientResult };
  const breaks = (on) => setView({ breakGradient: on });
  return html`<div class="tricks-part">
    <div class="head section"><h2>${t('doctor.title')}</h2></div>
    <div class="doctor">${Object.keys(acts).map(button)}</div>
    <label class="row note"
      >${toggle({ name: 'break-gradient', label: t('gradients.break'), on: Boolean(state.view.breakGradient), set: breaks })}
      ${t('gradients.break')}</label
    >
    ${
      examining
        ? html`<div class="row">
            <progress max="1" .value=${examining.share} aria-label=${t(`doctor.${examining.name}`)}></progress>
            <button class="button small" data-testid="stop-examination" @click=${stopExamination}>
              ${t('doctor.stop')}
            </button>
          </div>`
        : found
          ? html`${isOfOthers(found) ? html`<p class="note" data-testid="earlier-settings">${t('doctor.earlier')}</p>` : nothing}${results[shown](found, use, changeExperiment)}`
          : nothing
    }
  </div>`;
}
