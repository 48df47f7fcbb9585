#!/usr/bin/env node
// The command line: runs an experiment file headless, examines it, evaluates its network, predicts pictures. It knows the package by its public
// name only, so whatever it can do, a program can too.
//
// Exit codes: 0 done, 1 a negative verdict (the run diverged, a check failed), 2 bad input, with the problems on standard error, 3 a fault of the
// machine or the engine. Files are written beside their place and renamed, so that none is ever half there.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError, crossValidate } from 'trainground';
import { isName, kNameWords } from './card.js';
import { exportTo, predict } from './cli_answers.js';
import { checkFiles, kCheckOptions, writeCard } from './cli_card.js';
import { checkWritable, readStandardInput, readText, writeWhole } from './cli_files.js';
import { importModel } from './cli_import.js';
import { kSweepOptions, mergeShards, sweepSettings } from './cli_sweep.js';
import { interruption, openTrainer, threadsOf } from './cli_trainer.js';
import { applySetting, fromJson, inWords, problem } from './experiment.js';
import { printCrossValidation, printEvaluation, progress, runReport } from './report.js';
import { kSweepKeys } from './sweep_plan.js';
import { printActivationSpread, printGradientCheck, printLearningRate, printOverfit } from './verdicts.js';

const kHelp = `Usage: trainground COMMAND FILE [OPTIONS]

  run FILE                              trains the experiment of FILE (- is standard input)
  check-gradients FILE                  backward against two losses per weight, in double precision
  overfit FILE                          learns one batch by heart, or names the likeliest cause
  find-learning-rate FILE               the range test, and the rate to take
  activation-spread FILE                how signals spread through the layers before training: what the initialization is worth
  evaluate FILE --weights F             loss, accuracy and confusion matrix on its validation part; of a regression its errors
  cross-validate FILE                   trains k networks, each judged by the part of the set that it has not seen: accuracy and confusion
                                        matrix over all of it, groups kept together
  sweep FILE                            trains every setting of what its "sweep" varies, with each of "seeds" seeds, as many runs side by side as there
                                        are cores, and says which setting is better, and whether that is more than chance
  sweep --merge DIR                     puts the results of shards together, and names what is missing
  check CARD...                         trains the runs of cards (run --card) again, and says whether the same bits come out; exit code 1 where one does not
  predict FILE --weights F PICTURE...   class and probabilities of each picture
  predict FILE --weights F TABLE        the rows of a CSV or TSV file with columns for the prediction, as CSV
  export FILE --weights F --to onnx|pytorch|keras --out F
                                        the network for another program: an ONNX file, or a script that reads the weights
  import MODEL --out F --save F         a network of Teachable Machine as an experiment (--out) and its weights (--save); MODEL: its model.json,
                                        with weights.bin and metadata.json beside it, or the zip of them;
                                        --pictures PATH: what it is to learn from, a folder or a .tm project
  import NETWORK.onnx --out F --save F  the same of an ONNX file of layers one after the other
  import NETWORK.py --out F             the layers that a Python text (- is standard input) builds with PyTorch or Keras; it is parsed, never run;
                                        --shape 28x28x1: of a sample; --weights W --save F: takes weights by the text's own names

Of every command:
  --set KEY.PATH=VALUE   changes the experiment, as in layers[0].units=64; repeatable; VALUE is JSON, or else a string;
                         null takes the key out
  --seed N               the same as --set seed=N
  --threads N            1 to 8; default: the machine's cores, at most 4; results do not depend on it
  --weights F            starts from the weights in this safetensors file
  --log pretty|ndjson    for people (default), or one JSON object a line
Of run:
  --save F               writes the weights at the end, as safetensors
  --card F               writes what others need to check the result: experiment, hash of the data, version, result
  --name TEXT            whose it is, on the card
  --checkpoint F         writes all that is needed to go on, after every epoch and when interrupted
  --resume F             goes on from such a checkpoint, bit for bit
  --steps                tells every step, not only every epoch
  --feature-cache MB     room for what the frozen part of the network makes of samples; default 256, 0: none
Of cross-validate:
  --folds K              2 to 100 parts (default 5), or fewer where a class has fewer samples, or groups
Of sweep:
  --plan                 only tells the settings and how many runs they are
  --workers N            runs side by side, 1 to 64; default: the machine's cores
  --out F                keeps each result as a line of JSON as soon as it is there; runs whose results are there already are not repeated
  --shard 3/40           only this part of the runs; auto or auto/40: the part is the index that a Slurm array or a Kubernetes job sets
  --table F              writes a row for each run, as CSV, or all that is known, as JSON (by the ending of its name)
  --test                 judges the best setting by what "testSplit" holds back from all runs, once; needs --out
Of check:
  --data PATH            what the cards have learned from, where it is no built-in set: a table, a folder of pictures, ...; default: what is called so
                         beside the card
  --workers N            as of sweep
Of predict, with a table:
  --out F                writes there instead of on standard output
Of check-gradients:
  --break TENSOR         makes this tensor's gradient 1 % too large, to see the check fail
Others: --help, --version

Without a dataset in FILE, predict and export go by the weights alone, if these say how pictures become inputs.
Paths in FILE are relative to FILE. Ctrl-C ends a run in good order (reason: interrupted; files are written), a second one at once.
Exit codes: 0 done, 1 a negative verdict (the run diverged, a check failed), 2 bad input, 3 a fault of the machine.
`;

const kShared = {
  set: { type: 'string', multiple: true, default: [] },
  seed: { type: 'string' },
  threads: { type: 'string' },
  weights: { type: 'string' },
  log: { type: 'string', default: 'pretty' },
};
const kTargets = ['onnx', 'pytorch', 'keras'];
/** Options without which a command has nowhere to write. @type {Record<string, string[]>} */
const kWritten = { export: ['out'] };
const kRunOnly = {
  save: { type: 'string' },
  card: { type: 'string' },
  name: { type: 'string' },
  checkpoint: { type: 'string' },
  resume: { type: 'string' },
  steps: { type: 'boolean', default: false },
  'feature-cache': { type: 'string' },
};
/** @type {Record<string, { options: any, action: (experiment: any, values: any, rest: string[], base: string) => Promise<number> }>} */
const kCommands = {
  run: { options: { ...kShared, ...kRunOnly }, action: run },
  'check-gradients': { options: { ...kShared, break: { type: 'string' } }, action: checkGradients },
  overfit: { options: kShared, action: overfit },
  'find-learning-rate': { options: kShared, action: findLearningRate },
  'activation-spread': { options: kShared, action: activationSpread },
  evaluate: { options: kShared, action: evaluate },
  'cross-validate': { options: { ...kShared, folds: { type: 'string' } }, action: validateAcross },
  sweep: { options: kSweepOptions, action: sweepSettings },
  check: { options: kCheckOptions, action: checkFiles },
  predict: { options: { ...kShared, out: { type: 'string' } }, action: predict },
  export: { options: { ...kShared, to: { type: 'string' }, out: { type: 'string' } }, action: exportTo },
  import: {
    options: {
      log: kShared.log,
      ...Object.fromEntries(
        ['out', 'save', 'pictures', 'weights', 'shape'].map((option) => [option, { type: 'string' }]),
      ),
    },
    action: importModel,
  },
};

/**
 * @param {string[]} words  the command line without the program's name
 * @returns {Promise<number>} the exit code
 */
async function main(words) {
  if (words.length === 0 || words.includes('--help') || words.includes('-h')) {
    process.stdout.write(kHelp);
    return words.length === 0 ? 2 : 0;
  }
  if (words.includes('--version')) {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const [name, ...rest] = words;
  if (!Object.hasOwn(kCommands, name)) {
    throw problem('the command', `one of ${Object.keys(kCommands).join(', ')}`, inWords(name));
  }
  const { options, action } = kCommands[name];
  let parsed;
  try {
    parsed = parseArgs({ args: rest, options, allowPositionals: true });
  } catch (error) {
    throw problem(`the options of ${name}`, 'as trainground --help tells', /** @type {Error} */ (error).message);
  }
  const [file, ...others] = parsed.positionals;
  const values = /** @type {any} */ (parsed.values);
  checkValues(name, file, others, values);
  refuseOverwriting(name, parsed.positionals, values);
  if (name === 'import') return importModel(file, values);
  if (name === 'check') return checkFiles(parsed.positionals, values);
  if (name === 'sweep' && file === undefined) return mergeShards(undefined, values);

  const experiment = fromJson(file === '-' ? await readStandardInput() : await readText(file), file);
  if (values.seed !== undefined) applySetting(experiment, `seed=${values.seed}`);
  for (const assignment of values.set) applySetting(experiment, assignment);
  if (name !== 'sweep') refuseSweep(name, experiment);
  return action(experiment, values, others, file === '-' ? '.' : dirname(file));
}

/**
 * @param {string} name
 * @param {string | undefined} file
 * @param {string[]} others
 * @param {any} values
 */
function checkValues(name, file, others, values) {
  const problems = [];
  if (file === undefined && values.merge === undefined) {
    const isCheck = name === 'check';
    problems.push({
      path: isCheck ? 'CARD' : 'FILE',
      expected: isCheck ? 'the card of a run' : 'an experiment file',
      given: 'nothing',
    });
  }
  if (!['pretty', 'ndjson'].includes(values.log)) {
    problems.push({ path: '--log', expected: 'pretty or ndjson', given: inWords(values.log) });
  }
  if (values.threads !== undefined && !/^\d+$/.test(values.threads)) {
    problems.push({ path: '--threads', expected: 'an integer from 1 to 8', given: inWords(values.threads) });
  }
  const room = values['feature-cache'];
  if (room !== undefined && !(/^\d+$/.test(room) && Number(room) <= 2048)) {
    problems.push({ path: '--feature-cache', expected: 'an integer from 0 to 2048', given: inWords(room) });
  }
  if (values.folds !== undefined && !/^\d+$/.test(values.folds)) {
    problems.push({ path: '--folds', expected: 'an integer from 2 to 100', given: inWords(values.folds) });
  }
  if (values.name !== undefined && (values.card === undefined || !isName(values.name))) {
    const expected = values.card === undefined ? 'left out, or together with --card' : kNameWords;
    problems.push({ path: '--name', expected, given: inWords(values.name) });
  }
  if (['evaluate', 'predict', 'export'].includes(name) && values.weights === undefined) {
    problems.push({ path: '--weights', expected: 'a safetensors file', given: 'nothing' });
  }
  if (name === 'export' && !kTargets.includes(values.to)) {
    problems.push({ path: '--to', expected: `one of ${kTargets.join(', ')}`, given: inWords(values.to) });
  }
  for (const option of kWritten[name] ?? []) {
    if (values[option] === undefined)
      problems.push({ path: `--${option}`, expected: 'a file to write', given: 'nothing' });
  }
  if (name === 'predict' && others.length === 0 && file !== undefined) {
    problems.push({ path: 'PICTURE', expected: 'at least one picture, or a table', given: 'nothing' });
  }
  if (!['predict', 'check'].includes(name) && others.length > 0) {
    problems.push({ path: 'the arguments', expected: 'one FILE', given: `${others.length + 1}` });
  }
  if (problems.length) throw new InputError(problems);
}

/**
 * Nothing that a command reads is lost to what it writes, and of two results none to the other. A run alone may put what it has made of weights, or
 * of a checkpoint, back into their place.
 * @param {string} name
 * @param {string[]} files
 * @param {Record<string, any>} values
 */
function refuseOverwriting(name, files, values) {
  /** @type {Map<string, string>} */
  const taken = new Map(
    files.filter((file) => file !== '-').map((file, at) => [resolve(file), at ? 'the one that is read' : 'FILE']),
  );
  for (const option of ['weights', 'resume'])
    if (name !== 'run' && values[option] !== undefined) taken.set(resolve(values[option]), `--${option}`);
  const problems = [];
  for (const option of ['out', 'save', 'card', 'checkpoint', 'table']) {
    if (values[option] === undefined) continue;
    const place = resolve(values[option]);
    const other = taken.get(place);
    if (other)
      problems.push({ path: `--${option}`, expected: `another file than ${other}`, given: inWords(values[option]) });
    taken.set(place, `--${option}`);
  }
  if (problems.length) throw new InputError(problems);
}

/** Of a sweep one run cannot be told from another. @param {string} name @param {any} experiment */
function refuseSweep(name, experiment) {
  const found = kSweepKeys.filter((key) => Object.hasOwn(experiment ?? {}, key));
  const expected = `left out of one run (\`trainground sweep\` trains all; --set ${found[0]}=null takes it out)`;
  const problems = found.map((path) => ({ path, expected, given: inWords(experiment[path]) }));
  if (problems.length) throw new InputError(problems);
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function run(experiment, values, _rest, base) {
  await checkWritable(values.save, '--save');
  await checkWritable(values.card, '--card');
  await checkWritable(values.checkpoint, '--checkpoint');
  const stop = interruption();
  const trainer = await openTrainer(experiment, values, base);
  const report = runReport(values.log, trainer, process.stdout, values.steps);
  const saveCheckpoint = async () => {
    if (values.checkpoint) await writeWhole(values.checkpoint, await trainer.checkpoint(), '--checkpoint');
  };

  /** @type {import('./index.d.ts').EndEvent | undefined} */
  let end;
  for await (const event of trainer.train({ signal: stop, steps: values.steps || report.wantsSteps })) {
    if (event.event === 'end') {
      end = event;
    } else {
      if (event.event === 'epoch') await saveCheckpoint();
      report.tell(event);
    }
  }
  if (!end) {
    await saveCheckpoint();
    end = await trainer.finish();
  }
  if (values.save) await writeWhole(values.save, await trainer.saveWeights(), '--save');
  if (values.card) await writeCard(trainer, values);
  report.tell(end);
  await trainer.dispose();
  return end.reason === 'diverged' ? 1 : 0;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function checkGradients(experiment, values, _rest, base) {
  const trainer = await openTrainer(experiment, values, base);
  const result = await trainer.checkGradients({ breakGradient: values.break, signal: interruption() });
  printGradientCheck(values.log, result, process.stdout);
  await trainer.dispose();
  return result.passed ? 0 : 1;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function overfit(experiment, values, _rest, base) {
  const trainer = await openTrainer(experiment, values, base);
  const result = await trainer.overfit({ signal: interruption() });
  printOverfit(values.log, result, process.stdout);
  await trainer.dispose();
  return result.passed ? 0 : 1;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function findLearningRate(experiment, values, _rest, base) {
  const trainer = await openTrainer(experiment, values, base);
  const result = await trainer.findLearningRate({ signal: interruption() });
  printLearningRate(values.log, result, process.stdout);
  await trainer.dispose();
  return result.suggestion === null ? 1 : 0;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function activationSpread(experiment, values, _rest, base) {
  const trainer = await openTrainer(experiment, values, base);
  printActivationSpread(values.log, await trainer.activationSpread(), process.stdout);
  await trainer.dispose();
  return 0;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function evaluate(experiment, values, _rest, base) {
  const trainer = await openTrainer(experiment, values, base);
  if (trainer.start.validationSamples === 0) {
    throw problem('the validation part', 'of samples (validationSplit above 0, or a set of its own)', 'none');
  }
  printEvaluation(values.log, await trainer.evaluate(), trainer.start.classNames, process.stdout);
  await trainer.dispose();
  return 0;
}

/** @param {any} experiment @param {any} values @param {string[]} _rest @param {string} base */
async function validateAcross(experiment, values, _rest, base) {
  if (values.weights !== undefined) {
    throw problem('--weights', 'left out, since each network begins anew (`transfer` begins with weights)', '"given"');
  }
  const result = await crossValidate(experiment, {
    base,
    threads: threadsOf(values),
    folds: values.folds === undefined ? undefined : Number(values.folds),
    signal: interruption(),
    onProgress: progress('cross-validation', process.stderr),
  });
  for (const note of result.notes) process.stderr.write(`${note}\n`);
  printCrossValidation(values.log, result, process.stdout);
  return result.folds.some(({ reason }) => reason === 'diverged') ? 1 : 0;
}

// A reader that has seen enough (head, say) is no fault.
process.stdout.on('error', (error) => {
  if (/** @type {any} */ (error).code === 'EPIPE') process.exit(0);
  throw error;
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof InputError;
  const { name, message, stack } = /** @type {Error} */ (error);
  if (name === 'AbortError') process.exit(130);
  process.stderr.write(known ? `${message}\n` : `A fault of the engine or the machine: ${message}\n${stack}\n`);
  process.exitCode = known ? 2 : 3;
}
