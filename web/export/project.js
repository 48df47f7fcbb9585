/** A run as one file, and back: settings, curves, weights; own pictures as pixels, the own table as it is. */
import { InputError, check, describeTable } from 'trainground';
import { tell } from '../app/events.js';
import { isTable } from '../app/sets.js';
import { t } from '../app/language.js';
import { setExperiment, setView, state } from '../app/state.js';
import { failed, notice, offer } from '../parts/alerts.js';
import { download } from '../parts/download.js';
import { keepOwn, takeOwn } from '../data/own.js';
import { table, takeTable } from '../data/own_table.js';
import { openRun } from '../train/training.js';

/** One row an epoch, as it was reported. */
export function historyCsv(run) {
  const columns = ['epoch', 'loss', 'accuracy', 'validationLoss', 'validationAccuracy', 'learningRate', 'seconds'];
  const rows = run.history.filter((row) => row.epoch > 0).map((row) => columns.map((column) => row[column]).join(','));
  return `${[columns.join(','), ...rows].join('\n')}\n`;
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
              order: mine.order,
              classes: mine.classes.map(({ name, pictures }) => ({
                name,
                count: pictures.length,
                bursts: pictures.map(({ burst }) => burst),
              })),
            }
          : null,
      }),
    };
    if (isTable(run.experiment.dataset)) files['table.csv'] = new Uint8Array(await table.file.arrayBuffer());
    if (mine)
      files['pictures.bin'] = concatenate(mine.classes.flatMap(({ pictures }) => pictures.map(({ pixels }) => pixels)));
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
function split({ size, fit, order, classes }, bytes) {
  const each = size * size * 3;
  let at = 0;
  return {
    size,
    fit,
    order,
    classes: classes.map(({ name, count, bursts }) => ({
      name,
      pictures: Array.from({ length: count }, (_, i) => ({
        pixels: bytes.slice(at * each, ++at * each),
        burst: Number.isSafeInteger(bursts?.[i]) ? bursts[i] : null,
      })),
    })),
  };
}

/** Opens a project: its settings, its curves and its weights, standing where it was saved. */
export async function openProject(file) {
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
    if (isTable(experiment.dataset) && files['table.csv']) {
      const file = new Blob([files['table.csv']]);
      takeTable(experiment.dataset.path, file, await describeTable(file));
    }
    tell('leave-comparison');
    setExperiment(experiment);
    setView({ menu: null, cell: null });
    await openRun({ project: { ...saved, weights: files['weights.safetensors'] } });
  } catch (error) {
    if (error instanceof InputError) failed(error);
    else notice('bad-project', { name: file.name, text: error?.message ?? '' });
  }
}

offer('storage-full', () => ({ id: 'alert-action', words: ['alert.download'], act: saveProject }));
