/** The runs so far: what differs between them, their best numbers, their hash; load a run's settings again, or forget it. */
import { html, nothing } from 'lit';
import { percent, setting, short, t } from './language.js';
import * as settings from './settings.js';
import { changedNow, defaultExperiment, setExperiment, state } from './state.js';
import { bestRow } from './watch.js';

/** What is unlike the default of its data set, in words. */
export function changesOf(run) {
  const { experiment } = run;
  const standard = defaultExperiment(experiment.dataset);
  const list = [];
  const optimizer = t(`optimizer.${settings.optimizerName(experiment.optimizer)}`);
  if (JSON.stringify(experiment.optimizer) !== JSON.stringify(standard.optimizer))
    list.push(`${optimizer} ${setting(experiment.optimizer.learningRate)}`);
  if (experiment.validationSplit !== standard.validationSplit)
    list.push(t('runs.split', { share: Math.round(experiment.validationSplit * 100) }));
  if (experiment.splitBy) list.push(t(`split.${experiment.splitBy}`));
  if (experiment.samplesPerClass) list.push(t('compare.pictures', { n: experiment.samplesPerClass }));
  if (experiment.transfer)
    list.push(
      t('runs.transfer', { weights: experiment.transfer.weights, freeze: t(`freeze.${experiment.transfer.freeze}`) }),
    );
  if (experiment.batchSize !== standard.batchSize) list.push(`${t('trick.mini-batch')} ${experiment.batchSize}`);
  if (settings.hasBatchNormalization(experiment) !== settings.hasBatchNormalization(standard))
    list.push(`${t('trick.batch-normalization')} ${t('tile.off')}`);
  if (settings.dropoutRate(experiment)) list.push(`${t('trick.dropout')} ${setting(settings.dropoutRate(experiment))}`);
  if (experiment.augmentation.length)
    list.push(experiment.augmentation.map((one) => t(`augment.${one.type}`)).join(' + '));
  if (experiment.l1) list.push(`L1 ${setting(experiment.l1)}`);
  if (experiment.l2) list.push(`L2 ${setting(experiment.l2)}`);
  if (settings.initializer(experiment) !== settings.initializer(standard))
    list.push(t(`initializer.${settings.initializer(experiment)}`));
  if (JSON.stringify(experiment.earlyStopping) !== JSON.stringify(standard.earlyStopping))
    list.push(`${t('trick.early-stopping')} ${experiment.earlyStopping?.patience ?? t('tile.off')}`);
  if (experiment.seed !== 1) list.push(`${t('bar.seed')} ${experiment.seed}`);
  return list.length ? list.join(', ') : t('runs.default');
}

function load(run, settingChanged) {
  state.experiment = JSON.parse(JSON.stringify(run.experiment));
  setExperiment({});
  settingChanged();
}

/** The table of runs. */
export function runsPanel({ settingChanged }) {
  const runs = state.runs;
  if (runs.length === 0)
    return html`<div class="panel" data-testid="runs"><p class="muted">${t('runs.none')}</p></div>`;
  const forget = (run) => {
    state.runs = state.runs.filter((one) => one !== run);
    if (state.ghost === run) state.ghost = state.runs.at(-1) ?? null;
    changedNow();
  };
  return html`<div class="panel toolong" data-testid="runs" tabindex="0" role="region" aria-label=${t('tab.runs')}>
    <table class="table">
      <thead>
        <tr>
          <th scope="col">${t('runs.run')}</th>
          <th scope="col" class="left">${t('runs.differs')}</th>
          <th scope="col">${t('runs.accuracy')}</th>
          <th scope="col">${t('runs.loss')}</th>
          <th scope="col">${t('runs.epoch')}</th>
          <th scope="col">${t('runs.seconds')}</th>
          <th scope="col">${t('runs.hash')}</th>
          <th scope="col"><span class="sr">${t('runs.load')}</span></th>
        </tr>
      </thead>
      <tbody>
        ${[...runs].reverse().map((run) => {
          const best = bestRow(run);
          return html`<tr>
            <td>${run.letter ? html`<span class="key ${run.letter}">${run.number}</span>` : run.number}</td>
            <td class="left">${changesOf(run)}</td>
            <td>${percent(best.validationAccuracy)} %</td>
            <td>${short(best.validationLoss)}</td>
            <td>${run.bestEpoch}</td>
            <td>${run.seconds.toFixed(1)}</td>
            <td><code>${run.end?.weightsSha256?.slice(0, 8) ?? '–'}</code></td>
            <td>
              <button class="link" @click=${() => load(run, settingChanged)}>${t('runs.load')}</button>
              ${run === state.run ? nothing : html`<button class="link" aria-label=${t('runs.forget', { run: run.number })} @click=${() => forget(run)}>✕</button>`}
            </td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
