// What the command line prints: lines for people, with a progress bar on a terminal, or one JSON object a line.
import { fewSamples, wilson } from 'trainground';

/**
 * @typedef {import('./index.d.ts').TrainingEvent} TrainingEvent
 * @typedef {import('./index.d.ts').Trainer} Trainer
 * @typedef {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} Output
 * @typedef {{ wantsSteps: boolean, tell: (event: TrainingEvent) => void }} Report
 */

const kNamed = 10; // tensors of a layer that are named; more are counted
const kRedraw = 100; // milliseconds between two drawings of the bar

const count = new Intl.NumberFormat('en');
const loss = (/** @type {number} */ value) => (Number.isNaN(value) ? '-' : value.toPrecision(4));
const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 2 ** 20)} MB`;
const percent = (/** @type {number} */ share) => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(1)} %`);

/**
 * An accuracy, with its interval where few samples stand behind it.
 * @param {number} accuracy
 * @param {number} samples
 */
function judged(accuracy, samples) {
  if (Number.isNaN(accuracy) || !(samples < fewSamples)) return percent(accuracy);
  const [low, high] = wilson(Math.round(accuracy * samples), samples);
  return `${percent(accuracy)} (95 % interval: ${(100 * low).toFixed(1)} to ${percent(high)})`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 0.1) return `${Math.round(1000 * seconds)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {Trainer} trainer
 * @param {Output} output
 * @param {boolean} steps  whether steps get lines of their own
 * @returns {Report}
 */
export function runReport(log, trainer, output, steps) {
  if (log === 'ndjson') {
    const tell = (/** @type {object} */ event) => void output.write(`${JSON.stringify(event)}\n`);
    tell(trainer.start);
    return { wantsSteps: false, tell };
  }
  return prettyReport(trainer, output, steps);
}

/** @param {Trainer} trainer @param {Output} output @param {boolean} steps @returns {Report} */
function prettyReport({ start, experiment }, output, steps) {
  const terminal = Boolean(output.isTTY);
  const epochs = /** @type {number} */ (experiment.epochs);
  const bar = progressBar(start, epochs, output);
  const line = (/** @type {string} */ text) => void output.write(`${terminal ? '\r\x1b[K' : ''}${text}\n`);
  line(
    `${count.format(start.samples)} samples to learn from, ${count.format(start.validationSamples)} to judge by; ` +
      `${count.format(start.parameters)} parameters; ${megabytes(start.memoryBytes)} of memory; ${start.threads === 1 ? 'one thread' : `${start.threads} threads`} (${start.reason})`,
  );
  if (start.features) line(featureLine(start.features));
  if (start.transfer) transferLines(start.transfer).forEach(line);
  return {
    wantsSteps: terminal,
    tell(event) {
      if (event.event === 'step') {
        if (steps) line(`epoch ${event.epoch}  step ${event.step}  loss ${loss(event.loss)}`);
        if (terminal) bar(event.epoch, event.step, event.loss);
      } else if (event.event === 'epoch') {
        const width = String(epochs).length;
        line(
          `epoch ${String(event.epoch).padStart(width)}/${epochs}  loss ${loss(event.loss)}  accuracy ${percent(event.accuracy)}  ` +
            `validation: loss ${loss(event.validationLoss)}  accuracy ${percent(event.validationAccuracy)}  ` +
            `${duration(event.seconds)}${event.bestEpoch === event.epoch ? '  best' : ''}`,
        );
      } else {
        line(`${event.message} At most ${megabytes(event.memoryBytes)} of memory were taken.`);
        line(
          `${event.bestEpoch ? `best epoch ${event.bestEpoch}  ` : ''}loss ${loss(event.loss)}  ` +
            `validation: loss ${loss(event.validationLoss)}  accuracy ${judged(event.validationAccuracy, start.validationSamples)}`,
        );
        line(`weights ${event.weightsSha256}`);
      }
    },
  };
}

/** @param {import('./index.d.ts').FeatureCache} features */
function featureLine({ numbers, samples, bytes }) {
  if (samples === 0) return 'What is frozen is computed anew at every step.';
  return (
    `What is frozen is computed once: ${count.format(numbers)} numbers a sample, ` +
    `of the last ${count.format(samples)} (${megabytes(bytes)} at most)`
  );
}

/**
 * What transfer did with each tensor, as one block.
 * @param {import('./index.d.ts').TransferReport} transfer
 */
function transferLines({ weights, freeze, taken, kept, unused }) {
  const inShape = (/** @type {number[]} */ shape) => `(${shape.join(', ')})`;
  const listed = (/** @type {string[]} */ words) => words.join(', ') || 'none';
  // layers.1.weight and layers.1.bias: layers.1 (weight, bias)
  /** @type {Map<string, string[]>} */
  const layers = new Map();
  for (const { name } of taken) {
    const [, layer, tensor] = /** @type {RegExpExecArray} */ (/^(layers\.\d+)\.(.*)$/.exec(name));
    layers.set(layer, [...(layers.get(layer) ?? []), tensor]);
  }
  const takenWords = [...layers].map(([layer, tensors]) => {
    return `${layer} (${tensors.length > kNamed ? `${tensors.length} tensors` : tensors.join(', ')})`;
  });
  const keptWords = kept.map(
    ({ name, shape, shapeInFile }) =>
      `${name} ${inShape(shape)}${shapeInFile ? `, where the file has ${inShape(shapeInFile)}` : ''}`,
  );
  const frozen = kept.filter((tensor) => tensor.frozen).map(({ name }) => name);
  return [
    `Transfer from ${weights}, freeze ${freeze}:`,
    `  taken: ${listed(takenWords)}`,
    `  kept as initialised: ${keptWords.join('; ') || 'none'}`,
    `  in the file, not used: ${listed(unused.map(({ name, shape }) => `${name} ${inShape(shape)}`))}`,
    ...(frozen.length ? [`  frozen at random values, which is hardly meant: ${frozen.join(', ')}`] : []),
  ];
}

/**
 * A line that is drawn over and over: where the run stands, how fast it goes, how long it will take.
 * @param {import('./index.d.ts').StartEvent} start
 * @param {number} epochs
 * @param {Output} output
 */
function progressBar({ stepsPerEpoch, samples }, epochs, output) {
  let began = performance.now();
  let first = -1;
  let drawn = -Infinity;
  return (/** @type {number} */ epoch, /** @type {number} */ step, /** @type {number} */ lossNow) => {
    const now = performance.now();
    if (first < 0) {
      first = step;
      began = now;
    }
    if (now - drawn < kRedraw || step === first) return;
    drawn = now;
    const stepsPerSecond = ((step - first) / (now - began)) * 1000;
    const within = ((step - 1) % stepsPerEpoch) + 1;
    const filled = Math.round((20 * within) / stepsPerEpoch);
    const speed = Math.round((stepsPerSecond * samples) / stepsPerEpoch);
    const left = (epochs * stepsPerEpoch - step) / stepsPerSecond;
    const text =
      `epoch ${epoch}/${epochs} [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] loss ${loss(lossNow)}  ` +
      `${count.format(speed)} samples/s  ${duration(left)} left`;
    output.write(`\r\x1b[K${text.slice(0, (output.columns ?? 80) - 1)}`);
  };
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {import('./index.d.ts').Evaluation} result
 * @param {string[]} classNames
 * @param {Output} output
 */
export function printEvaluation(
  log,
  { loss: mean, accuracy, samples, confusion, interval, regression },
  classNames,
  output,
) {
  if (log === 'ndjson') {
    const { targets: _targets, ...errors } = regression ?? {};
    const line = { event: 'evaluation', loss: mean, accuracy, samples, classNames, confusion, interval, ...errors };
    output.write(`${JSON.stringify(line)}\n`);
    return;
  }
  if (regression) {
    output.write(`${count.format(samples)} samples  loss ${loss(mean)}\n`);
    const { rmse, mae, r2 } = regression;
    rmse.forEach((error, k) => {
      const name = rmse.length > 1 ? `output ${k}  ` : '';
      output.write(`${name}RMSE ${loss(error)}  MAE ${loss(mae[k])}  R² ${loss(r2[k])}\n`);
    });
    return;
  }
  output.write(`${count.format(samples)} samples  loss ${loss(mean)}  accuracy ${judged(accuracy, samples)}\n`);
  printConfusion(confusion, classNames, output);
}

/** @param {number[][]} confusion @param {string[]} classNames @param {Output} output */
function printConfusion(confusion, classNames, output) {
  if (confusion.length === 0) return;
  const names = confusion.map((_row, k) => classNames[k] ?? String(k));
  const label = Math.max(...names.map((name) => name.length));
  const cell = Math.max(4, ...confusion.flat().map((value) => String(value).length + 1));
  output.write(`row: label, column: prediction, in the same order\n`);
  confusion.forEach((row, k) => {
    output.write(`${names[k].padEnd(label)} ${row.map((value) => String(value).padStart(cell)).join('')}\n`);
  });
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {import('./index.d.ts').CrossValidation} result
 * @param {Output} output
 */
export function printCrossValidation(log, result, output) {
  const { folds, samples, loss: mean, accuracy, interval, classNames, confusion } = result;
  if (log === 'ndjson') {
    for (const [index, fold] of folds.entries())
      output.write(`${JSON.stringify({ event: 'fold', fold: index + 1, ...fold })}\n`);
    const line = { event: 'crossValidation', folds: folds.length, samples, loss: mean, accuracy, interval };
    output.write(`${JSON.stringify({ ...line, classNames, confusion })}\n`);
    return;
  }
  folds.forEach((fold, index) => {
    output.write(
      `fold ${index + 1}/${folds.length}  ${count.format(fold.samplesLearned)} samples to learn from, ` +
        `${count.format(fold.samples)} to judge by  loss ${loss(fold.loss)}  accuracy ${percent(fold.accuracy)}` +
        `${fold.reason === 'diverged' ? '  diverged' : ''}\n`,
    );
  });
  output.write(
    `all folds  ${count.format(samples)} samples  loss ${loss(mean)}  accuracy ${judged(accuracy, samples)}\n`,
  );
  printConfusion(confusion, classNames, output);
}

/**
 * A line on a terminal that says how much is done; nothing elsewhere.
 * @param {string} what
 * @param {Output} output
 */
export function progress(what, output) {
  let drawn = -Infinity;
  return (/** @type {number} */ share) => {
    if (!output.isTTY || (share < 1 && performance.now() - drawn < kRedraw)) return;
    drawn = performance.now();
    const filled = Math.round(20 * share);
    const bar = `${what} [${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${Math.round(100 * share)} %`;
    output.write(share < 1 ? `\r\x1b[K${bar}` : '\r\x1b[K');
  };
}

/**
 * @param {'pretty' | 'ndjson'} log
 * @param {{ picture?: string, row?: number }} of  what the prediction is of
 * @param {number[]} values  probabilities, or the numbers of a regression
 * @param {string[]} classNames
 * @param {Output} output
 */
export function printPrediction(log, of, values, classNames, output) {
  const best = classNames.length ? values.indexOf(Math.max(...values)) : -1;
  if (log === 'ndjson') {
    const answer =
      best < 0
        ? { outputs: values }
        : {
            class: classNames[best],
            probabilities: Object.fromEntries(values.map((value, k) => [classNames[k], value])),
          };
    output.write(`${JSON.stringify({ event: 'prediction', ...of, ...answer })}\n`);
    return;
  }
  if (best < 0) {
    output.write(`${of.picture}  ${values.map((value) => value.toPrecision(5)).join('  ')}\n`);
    return;
  }
  const order = values.map((_value, k) => k).sort((a, b) => values[b] - values[a]);
  const others = order.map((k) => `${classNames[k]} ${percent(values[k])}`).join('  ');
  output.write(`${of.picture}  ${classNames[best]}  (${others})\n`);
}

/**
 * What is to be said of a table whose rows were predicted.
 * @param {import('./index.d.ts').RowAnswers} answers
 */
export function answerNotes({ accepted, rejected, rejectedCount, missing, unknown }) {
  const all = count.format(accepted.length + rejectedCount);
  const cells = (/** @type {number} */ number) => `${count.format(number)} cell${number === 1 ? '' : 's'}`;
  return [
    ...rejected.slice(0, 5).map(({ row, column, given }) => {
      const place = `Row ${count.format(row + 1)} below the header`;
      return `${place} has no prediction: ${JSON.stringify(given)} in column ${JSON.stringify(column)} is no number.`;
    }),
    ...(rejectedCount > 5 ? [`${count.format(rejectedCount)} of ${all} rows have no prediction.`] : []),
    ...Object.entries(missing).map(([name, number]) => `Column ${JSON.stringify(name)}: ${cells(number)} missing.`),
    ...Object.entries(unknown).map(
      ([name, number]) =>
        `Column ${JSON.stringify(name)}: ${cells(number)} with a category that the network has not learned.`,
    ),
  ];
}
