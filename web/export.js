/** Saving: the weights as safetensors, the experiment as JSON, the curves as CSV, and the command that repeats the run elsewhere. */
import { html, nothing } from 'lit';
import { InputError, check } from 'trainground';
import { failed, notice } from './alerts.js';
import { download } from './download.js';
import { t } from './language.js';
import { keepOwn, takeOwn } from './own.js';
import { isPicture } from './picture.js';
import { changedNow, leaveComparison, state, writeLink } from './state.js';
import { open } from './train.js';
import { donated } from './transfer.js';
import { copyAs, copyText, exportAs, pageZip } from './ways_out.js';

/** One row an epoch, as it was reported. */
export function historyCsv(run) {
  const columns = ['epoch', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'learningRate', 'seconds'];
  const rows = run.history.filter((row) => row.epoch > 0).map((row) => columns.map((column) => row[column]).join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

const nodeCommand = () => 'npx trainground run experiment.json --save weights.safetensors';

async function weights() {
  try {
    download('weights.safetensors', [await state.run.trainer.saveWeights()], 'application/octet-stream');
  } catch (error) {
    failed(error);
  }
}

/** Everything of the run in one file: settings, curves, weights; own pictures as pixels. */
export async function saveProject() {
  const { run } = state;
  try {
    const { zipSync, strToU8 } = await import('fflate');
    const json = (value) => strToU8(`${JSON.stringify(value, null, 2)}\n`);
    const mine = keepOwn(run.experiment);
    const files = {
      'experiment.json': json(run.experiment),
      'history.csv': strToU8(historyCsv(run)),
      'weights.safetensors': await run.trainer.saveWeights(),
      'run.json': json({
        format: 1,
        history: run.history,
        steps: run.steps,
        seconds: run.seconds,
        bestEpoch: run.bestEpoch,
        end: run.end,
        pictures: mine
          ? {
              size: mine.size,
              fit: mine.fit,
              classes: mine.classes.map(({ name, pictures }) => ({ name, count: pictures.length })),
            }
          : null,
      }),
    };
    if (mine) files['pictures.bin'] = concatenate(mine.classes.flatMap(({ pictures }) => pictures));
    download('project.zip', [zipSync(files, { level: 6 })], 'application/zip');
  } catch (error) {
    failed(error);
  }
}

function concatenate(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Classes of pictures back from their pixels in a row. */
function split({ size, fit, classes }, bytes) {
  const each = size * size * 3;
  let at = 0;
  return {
    size,
    fit,
    classes: classes.map(({ name, count }) => ({
      name,
      pictures: Array.from({ length: count }, () => bytes.slice(at * each, ++at * each)),
    })),
  };
}

/** Opens a project: its settings, its curves and its weights, standing where it was saved. */
async function openProject(file) {
  try {
    const { unzipSync, strFromU8 } = await import('fflate');
    const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
    for (const name of ['experiment.json', 'run.json', 'weights.safetensors']) {
      if (!files[name]) throw new Error(t('project.missing', { file: file.name, name }));
    }
    const experiment = JSON.parse(strFromU8(files['experiment.json']));
    const saved = JSON.parse(strFromU8(files['run.json']));
    const problems = await check(experiment);
    if (problems.length) throw new InputError(problems);
    if (saved.pictures && files['pictures.bin']) takeOwn(split(saved.pictures, files['pictures.bin']));
    state.experiment = experiment;
    leaveComparison();
    state.data = null;
    Object.assign(state.view, { menu: null, cell: null });
    writeLink();
    await open({ project: { ...saved, weights: files['weights.safetensors'] } });
  } catch (error) {
    if (error instanceof InputError) failed(error);
    else notice('bad-project', { name: file.name, text: error?.message ?? '' });
  }
}

/** The list behind "Save". */
export function saveMenu() {
  if (state.view.menu !== 'save') return nothing;
  const { run } = state;
  const repeats = run && run.experiment.dataset?.type !== 'images' && !donated(run.experiment) && !run.isBorrowed;
  const close = () => ((state.view.menu = null), changedNow());
  const item = (name, act) =>
    html`<button class="button quiet" data-testid="save-${name}" @click=${act}>${t(`save.${name}`)}</button>`;
  return html`<div class="menu" role="dialog" aria-label=${t('bar.save')}>
    ${item('project', saveProject)} ${item('weights', weights)}
    ${item('experiment', () => download('experiment.json', [`${JSON.stringify(run?.experiment ?? state.experiment, null, 2)}\n`], 'application/json'))}
    ${item('history', () => download('history.csv', [historyCsv(run)], 'text/csv'))}
    <div class="row" role="group" aria-label=${t('ways.title')}>
      <span class="small muted">${t('ways.title')}</span>
      ${/** @type {const} */ (['onnx', 'pytorch', 'keras']).map((to) => html`<button class="button small" data-testid="export-${to}" ?disabled=${!run?.trainer} @click=${() => exportAs(to)}>${t(`ways.${to}`)}</button>`)}
      ${run?.start && isPicture(run.start.shape) ? html`<button class="button small" data-testid="export-page" ?disabled=${!run.trainer} @click=${pageZip}>${t('ways.page')}</button>` : nothing}
    </div>
    <p class="small muted">${t('ways.note')}</p>
    <div class="row" role="group" aria-label=${t('ways.copy')}>
      <span class="small muted">${t('ways.copy')}</span>
      ${['json', 'pytorch', ...(repeats ? ['node'] : [])].map((what) => html`<button class="button small" data-testid="copy-${what}" ?disabled=${!run?.trainer} @click=${() => (what === 'node' ? copyText(what, nodeCommand()) : copyAs(/** @type {'json' | 'pytorch'} */ (what)))}>${t(state.view.copied?.what === what && state.view.copied.text === null ? 'ways.copied' : `ways.copy.${what}`)}</button>`)}
    </div>
    ${state.view.copied?.text ? html`<textarea class="code" rows="6" readonly aria-label=${t('ways.copy')} .value=${state.view.copied.text}></textarea>` : nothing}
    <label class="button quiet"
      >${t('save.open')}<input
        class="sr"
        type="file"
        accept=".zip"
        data-testid="open-project"
        @change=${(event) => openProject(event.target.files[0])}
    /></label>
    ${
      repeats
        ? html`<p class="small muted">${t('save.command')}</p>
            <code class="code">${nodeCommand()}</code>`
        : nothing
    }
    <button class="button small" @click=${close}>${t('alert.close')}</button>
  </div>`;
}
