// What a trained network says, and is for others: `predict` and `export` of the command line.
import { InputError, check, describeWeights, exportNetwork, openNetwork } from 'trainground';
import { checkWritable, readBytes, writeWhole } from './cli_files.js';
import { interruption, openTrainer, threadsOf } from './cli_trainer.js';
import { inWords, problem } from './experiment.js';
import { answerNotes, printPrediction } from './report.js';

/** @typedef {import('trainground').Trainer} Trainer */

/**
 * The weights of a network of pictures that says all of itself, for an experiment that names no set; undefined: its set is needed.
 * @param {any} experiment
 * @param {any} values
 */
async function whole(experiment, values) {
  if (experiment?.dataset !== undefined) return undefined;
  const weights = new Uint8Array(await readBytes(values.weights, '--weights'));
  return describeWeights(weights)?.preparation.kind === 'picture' ? weights : undefined;
}

/** @param {any} experiment @param {any} values @param {string[]} pictures @param {string} base */
export async function predict(experiment, values, pictures, base) {
  await checkWritable(values.out, '--out');
  const alone = await whole(experiment, values);
  if (alone) {
    const problems = await check(experiment);
    if (problems.length) throw new InputError(problems);
    return predictPictures(await openNetwork(alone, { threads: threadsOf(values), experiment }), values, pictures);
  }
  const trainer = await openTrainer(experiment, values, base);
  const { preparation, shape, threads } = trainer.start;
  if (preparation.kind === 'table') return predictTable(trainer, values, pictures);
  if (preparation.kind !== 'picture') {
    throw problem('the set of this experiment', 'of pictures, or a table', `samples of shape ${shape.join(' x ')}`);
  }
  // As the weights say: the set may have changed since, and its mean with it.
  const weights = new Uint8Array(await readBytes(values.weights, '--weights'));
  const network = describeWeights(weights) ? await openNetwork(weights, { threads }) : undefined;
  const code = await predictPictures(network ?? trainer, values, pictures);
  await trainer.dispose();
  return code;
}

/** @param {import('./index.d.ts').Network | Trainer} network  is disposed of @param {any} values @param {string[]} pictures */
async function predictPictures(network, values, pictures) {
  if (values.out !== undefined) throw problem('--out', 'left out, since pictures are no table', inWords(values.out));
  const { classNames } = 'start' in network ? network.start : network;
  const { probabilities, outputs, rejected } = await network.predictImages(pictures);
  if (rejected.length) {
    throw new InputError(
      rejected.map(({ name, reason }) => {
        return {
          path: 'PICTURE',
          expected: 'a picture that decodes',
          given: `${JSON.stringify(name)} (${reason})`,
        };
      }),
    );
  }
  for (const [i, picture] of pictures.entries()) {
    const values_ = Array.from(probabilities.subarray(i * outputs, (i + 1) * outputs));
    printPrediction(values.log, { picture }, values_, classNames, process.stdout);
  }
  await network.dispose();
  return 0;
}

/**
 * @param {Trainer} trainer
 * @param {any} values
 * @param {string[]} tables
 */
async function predictTable(trainer, values, tables) {
  if (tables.length > 1) throw problem('TABLE', 'one file', String(tables.length));
  const bytes = new Uint8Array(await readBytes(tables[0], 'TABLE'));
  const answers = await trainer.predictRows(bytes, { table: true, signal: interruption() });
  const { classNames } = trainer.start;
  for (const note of answerNotes(answers)) process.stderr.write(`${note}\n`);
  if (values.out !== undefined) {
    await writeWhole(values.out, /** @type {Uint8Array} */ (answers.table), '--out');
  } else if (values.log === 'ndjson') {
    const { probabilities, outputs } = answers;
    answers.accepted.forEach((row, i) => {
      const answer = Array.from(probabilities.subarray(i * outputs, (i + 1) * outputs));
      printPrediction(values.log, { row }, answer, classNames, process.stdout);
    });
  } else {
    process.stdout.write(/** @type {Uint8Array} */ (answers.table));
  }
  await trainer.dispose();
  return 0;
}

/** @param {any} experiment @param {any} values @param {string} base */
async function exported(experiment, values, base) {
  const weights = await whole(experiment, values);
  if (weights) {
    const { size, channels } = /** @type {any} */ (describeWeights(weights)).preparation;
    return exportNetwork({ experiment, shape: [size[0], size[1], channels], weights, to: values.to });
  }
  const trainer = await openTrainer(experiment, values, base);
  const file = await trainer.export(values.to);
  await trainer.dispose();
  return file;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
export async function exportTo(experiment, values, _rest, base) {
  await checkWritable(values.out, '--out');
  const file = await exported(experiment, values, base);
  await writeWhole(values.out, file, '--out');
  const report = { event: 'export', to: values.to, out: values.out, bytes: file.length };
  process.stdout.write(
    values.log === 'ndjson'
      ? `${JSON.stringify(report)}\n`
      : `Wrote ${values.out} (${values.to}, ${file.length} bytes)\n`,
  );
  return 0;
}
