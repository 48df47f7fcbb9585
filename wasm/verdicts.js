// What the command line prints of an examination: a few lines for people, or one JSON object.

/**
 * @typedef {import('./report.js').Output} Output
 * @typedef {'pretty' | 'ndjson'} Log
 */

/** @param {Output} output @param {object} object */
const tell = (output, object) =>
  void output.write(
    `${JSON.stringify(object, (_key, value) => (value instanceof Float64Array ? Array.from(value) : value))}\n`,
  );
const digits = (/** @type {number} */ value) => Number(value.toPrecision(3)).toString();
const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`.padStart(5);

/**
 * @param {Log} log
 * @param {import('./index.d.ts').GradientCheck} result
 * @param {Output} output
 */
export function printGradientCheck(log, result, output) {
  if (log === 'ndjson') return tell(output, { event: 'gradientCheck', ...result });
  const { passed, tolerance, worst, tensors } = result;
  const width = Math.max(6, ...tensors.map(({ name }) => name.length));
  output.write(`${'tensor'.padEnd(width)}  worst relative error\n`);
  for (const row of tensors) {
    const passedOver = row.skipped ? `, ${row.skipped} passed over at a kink` : '';
    output.write(
      `${row.name.padEnd(width)}  ${row.error.toExponential(1)}  ${row.passed ? 'pass' : 'FAIL'}  ` +
        `(${row.checked} places${passedOver})\n`,
    );
  }
  if (!worst) return void output.write('Nothing is trained, so there is no gradient to check.\n');
  const place = `layer ${worst.layer} (${worst.type}), ${worst.name}[${worst.index}]`;
  output.write(
    passed
      ? `Passed: no relative error above ${tolerance}; the worst is at ${place}.\n`
      : `Failed at ${place}: backward says ${worst.analytic}, the losses say ${worst.numeric}.\n`,
  );
}

/**
 * @param {Log} log
 * @param {import('./index.d.ts').OverfitCheck} result
 * @param {Output} output
 */
export function printOverfit(log, result, output) {
  if (log === 'ndjson') return tell(output, { event: 'overfit', ...result });
  output.write(`${result.message}\n`);
}

/**
 * @param {Log} log
 * @param {import('./index.d.ts').LearningRateTest} result
 * @param {Output} output
 */
export function printLearningRate(log, result, output) {
  if (log === 'ndjson') return tell(output, { event: 'learningRate', ...result });
  const { rates, smoothed, suggestion, steepest } = result;
  const every = Math.max(1, Math.round(rates.length / 12));
  const largest = Math.max(...smoothed);
  for (let i = 0; i < rates.length; i += every) {
    const bar = '#'.repeat(Math.max(0, Math.round((40 * smoothed[i]) / largest)));
    output.write(`${rates[i].toExponential(1)}  ${digits(smoothed[i]).padStart(8)}  ${bar}\n`);
  }
  output.write(
    suggestion === null
      ? 'No suggestion: the loss does not fall at any rate.\n'
      : `Suggestion: ${digits(suggestion)} (steepest at ${digits(steepest ?? suggestion)}).\n`,
  );
}

/**
 * @param {Log} log
 * @param {import('./index.d.ts').ActivationSpread[]} rows
 * @param {Output} output
 */
export function printActivationSpread(log, rows, output) {
  if (log === 'ndjson') return tell(output, { event: 'activationSpread', layers: rows });
  const largest = Math.max(...rows.map(({ deviation }) => deviation));
  const names = rows.map(({ index, type, sum }) =>
    index < 0 ? 'inputs' : `${index} ${type}${sum ? ', before its activation' : ''}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  const column = (/** @type {string} */ text) => text.padStart(10);
  const heads = ['deviation', 'mean', 'gradient'].map(column).join('');
  output.write(`${'layer'.padEnd(width)}${heads}  zeros   dead\n`);
  for (const [i, { index, deviation, mean, zeros, dead, gradientDeviation }] of rows.entries()) {
    const bar = '#'.repeat(largest > 0 ? Math.round((20 * deviation) / largest) : 0);
    const numbers = [digits(deviation), digits(mean), index < 0 ? '' : digits(gradientDeviation)].map(column).join('');
    output.write(`${names[i].padEnd(width)}${numbers}  ${percent(zeros)}  ${percent(dead)}  ${bar}\n`);
  }
}
