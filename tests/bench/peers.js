// Our engine and other libraries that train in WebAssembly, in turn within one run: `npm run bench:peers`, and behind it the number of
// rounds (default 5, about ten minutes on a quiet machine) and the workloads (default W1 to W5 and R1 to R4, predictions of a real network;
// there are O1 to O5, too, of odd shapes), as in `npm run bench:peers 3 W1 O2`. Behind a `--` of its own:
// `--chromium` for a page instead of Node, `--threads 2` for more than the one thread (under Node jax-js and TensorFlow.js keep to one;
// ours is measured with one beside it), `--cold`.
//
// Each library has a process of its own, does the same steps on the same batches from the same weights, and waits while another is
// measured. A speed that is not right is no speed: the losses of the first steps and the probabilities of a prediction must be ours, and
// the loss must have fallen at the end; else the library is not counted and the command fails. Times drift on a shared machine: only the
// ratios of one run say something, and of its rounds those that timing.js counts.
//
// V8 compiles WebAssembly twice, quickly and then well. Where no core is idle for the second, a module as large as ONNX Runtime's runs at
// half its speed for ten seconds, and measured in them it looks slower than it is. So the quick compiler is turned off here. `--cold`
// leaves it on, starts every library anew in each round and measures the second after the first: what the visitor of a page gets at first.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openPage } from './peers/page.js';
import { openProcess } from './peers/process.js';
import { operations } from './operations.js';
import { cell, digits, Machine, median, ratios } from './timing.js';
import { odd, real, withBackbone, workloads } from './workloads.js';

const usual = { ...workloads, ...real };
const all = { ...usual, ...odd };
const { options, rounds, names } = read(process.argv.slice(2));
const kRounds = rounds;
const kThreads = Number(options.threads);

/** The command's words; what it does not know ends it. */
function read(args) {
  try {
    const flag = { type: 'boolean' };
    const known = { chromium: flag, cold: flag, threads: { type: 'string', default: '1' } };
    const { values, positionals } = parseArgs({ args, options: known, allowPositionals: true });
    const chosen = positionals.filter((one) => one in all);
    const numbers = positionals.filter((one) => !chosen.includes(one));
    if (numbers.length > 1 || ![...numbers, values.threads].every((one) => /^[1-9]\d*$/.test(one))) throw new Error();
    return { options: values, rounds: Number(numbers[0] ?? 5), names: chosen.length ? chosen : Object.keys(usual) };
  } catch {
    const [first, ...others] = Object.keys(all);
    console.error(
      `usage: npm run bench:peers [ROUNDS] [${first} ${others.join(' ')}] [-- --chromium --cold --threads N]`,
    );
    return process.exit(2);
  }
}

const kSeconds = 1; // of each measurement
const kWarm = options.cold ? 0.7 : 1.2; // seconds of work before the first
const kEngine = options.cold ? [] : ['--no-liftoff']; // for V8
const kPatience = 300; // seconds until a library must have started
const kNotAsked = 'not asked';
const kHopeless = 30; // times ours: what is slower is measured at its start only

/** What we want to need at most for a training step with one thread, as a share of the fastest peer's time. */
const goals = { W1: 0.45, W2: 0.25, W3: 0.2, W4: 0.18, W5: 0.25 };
/** For a prediction of a real network, as a share of each peer's. */
const predictionGoals = { onnxruntime: 0.36, litert: 0.7 };
/** With two threads, as a share of our own time with one. */
const kTwoThreads = 1 / 1.85;

const pinned = JSON.parse(readFileSync(new URL('peers/package.json', import.meta.url), 'utf8')).dependencies;
const newest = pinned['onnxruntime-web-newest'].split('@').at(-1);
/** Beside its words: the file of it in peers/, where that is not its name, and its own number of threads. */
const libraries = {
  ours: { title: 'Trainground' },
  single: { title: 'Trainground, one thread', file: 'ours', threads: 1 },
  onnxruntime: { title: `ONNX Runtime Web ${pinned['onnxruntime-web']} (predictions ${newest})` },
  litert: { title: `LiteRT.js ${pinned['@litertjs/core']} (relaxed SIMD)` },
  litert_compat: { title: 'LiteRT.js, its build without relaxed SIMD' },
  jax: { title: `jax-js ${pinned['@jax-js/jax']}` },
  tensorflow: { title: `TensorFlow.js ${pinned['@tensorflow/tfjs']}` },
};
const learning = ['ours', 'onnxruntime', 'jax', 'tensorflow'];
const titleOf = (library) => libraries[library].title;

/** Whether what a library found is what ours found; null: it is. */
function difference(found, ours) {
  for (const [i, loss] of (found.losses ?? []).entries()) {
    if (!(Math.abs(loss - ours.losses[i]) <= 3e-4 * Math.abs(ours.losses[i]))) {
      return `the loss of step ${i + 1} is ${loss}, ours ${ours.losses[i]}`;
    }
  }
  if (found.probabilities && found.probabilities.length !== ours.probabilities.length)
    return 'another number of outputs';
  for (const [i, one] of (found.probabilities ?? []).entries()) {
    if (!(Math.abs(one - ours.probabilities[i]) <= 1e-4))
      return `probability ${i} is ${one}, ours ${ours.probabilities[i]}`;
  }
  return null;
}

/** A library at work. `times` of the rounds that count; `trouble`: why it is not counted; `wrong`: it gave something else than we. */
async function start(library, question, ours) {
  const place = await (options.chromium ? openPage(kEngine) : openProcess(kEngine));
  const run = { library, place, times: [], trouble: null, wrong: false };
  let waiting;
  const late = new Promise((done) => {
    waiting = setTimeout(() => done({ error: `did not start in ${kPatience} s` }), 1000 * kPatience);
  });
  const { file = library, threads = kThreads } = libraries[library];
  run.found = await Promise.race([place.ask({ ask: 'open', library: file, threads, warm: kWarm, ...question }), late]);
  clearTimeout(waiting);
  const unlike = run.found.error ? null : difference(run.found, ours ?? run.found);
  run.trouble = run.found.error ?? unlike;
  run.wrong = unlike !== null;
  if (run.trouble) await place.close();
  return run;
}

/** Measures a library once. */
async function turn(run) {
  const { ms, loss, megabytes, error } = await run.place.ask({ ask: 'measure', seconds: kSeconds });
  if (error) throw new Error(`${titleOf(run.library)}: ${error}`);
  run.loss = loss;
  run.megabytes = megabytes;
  if (options.cold) await run.place.close();
  return ms;
}

/** One row of a table: a workload's training steps or its predictions. */
async function compare(name, task) {
  const tell = (what) => process.stderr.write(`\r${name} ${task}: ${what}`.padEnd(60));
  const question = { task, workload: name };
  const runs = [];
  const [us, ...peers] = all[name].libraries ?? learning;
  for (const library of [us, ...(kThreads > 1 ? ['single'] : []), ...peers]) {
    tell(`${titleOf(library)} starts`);
    const run = await start(library, question, runs[0]?.found);
    if (library === 'ours' && run.trouble) throw new Error(`${name}: ${run.trouble}`);
    runs.push(run);
    question.weights ??= run.found.weights;
    if (options.cold && !run.trouble) await run.place.close();
  }
  const [ours] = runs;
  const counted = runs.filter(({ trouble }) => !trouble);
  const patient = counted.filter(({ found }) => found.ms <= kHopeless * ours.found.ms);
  const measure = async (run) => {
    if (options.cold) run.place = (await start(run.library, question, ours.found)).place;
    return turn(run);
  };
  const rounds = await machine.measure(
    kRounds,
    (round) => {
      const first = round % patient.length; // each in turn, so that nobody's place is the better one
      return [...patient.slice(first), ...patient.slice(0, first)].map((run) => [run.library, () => measure(run)]);
    },
    (round) => tell(`round ${round + 1}`),
  );
  for (const run of patient) run.times = machine.times(rounds, run.library);
  for (const run of counted) {
    run.once = patient.includes(run) ? null : run.found.ms;
    const [first] = run.found.losses ?? [];
    const last = run.loss ?? run.found.loss;
    if (task === 'train' && !(last < first)) {
      Object.assign(run, { wrong: true, trouble: `its loss goes from ${first} to ${last}` });
    }
    if (!options.cold) await run.place.close();
  }
  return { name, runs, rounds };
}

/** A workload's row. */
function rowOf({ name, runs, rounds }, columns) {
  const words = ({ times, once, trouble, wrong }) =>
    trouble ? (wrong ? 'wrong' : trouble === kNotAsked ? '-' : 'cannot') : once ? `${digits(once)}, once` : cell(times);
  return [
    `${name} ${all[name].title}`,
    all[name].batch,
    ...columns.map((library) => words(runs.find((run) => run.library === library) ?? { trouble: kNotAsked })),
    machine.cell(rounds),
  ];
}

/** Our share of the fastest peer's time or, where predictions alone are asked for, of each one's; and of our own with one thread. */
function sharesOf({ name, runs }, task) {
  const [ours, ...others] = runs.filter(({ times, trouble }) => times.length && !trouble);
  const single = others.filter(({ library }) => library === 'single');
  const peers = others.filter((run) => !single.includes(run)).sort((a, b) => median(a.times) - median(b.times));
  const predicts = all[name].task === 'predict';
  const goalOf = (library) => {
    if (library === 'single') return kThreads === 2 ? kTwoThreads : undefined;
    if (predicts) return predictionGoals[library];
    return task === 'train' && kThreads === 1 ? (goals[name] ?? 1) : undefined;
  };
  return [...single, ...(predicts ? peers : peers.slice(0, 1))].map(({ library, times }) => {
    const [share, goal] = [ratios(ours.times, times), goalOf(library)];
    return [
      name,
      titleOf(library),
      cell(share),
      ...(goal ? [digits(goal), median(share) <= goal ? 'yes' : 'NO'] : '--'),
    ];
  });
}

/** What the products alone would take at the machine's speed, beside our time and the goal, as shares of the fastest peer's time. */
function floorOf({ name, runs, rounds }, task) {
  const [ours, ...others] = runs.filter(
    ({ times, trouble, library }) => times.length && !trouble && library !== 'single',
  );
  const needed = operations(withBackbone(all[name]), task);
  const least = needed / machine.speed(rounds) / 1e6 / kThreads;
  const fastest = Math.min(...others.map(({ times }) => median(times)));
  const shares = [least, median(ours.times)].map((ms) => (others.length ? digits(ms / fastest) : '-'));
  return [name, digits(needed / 1e9), digits(least), digits(median(ours.times)), ...shares];
}

function table(head, rows) {
  for (const line of [head, head.map(() => '---'), ...rows]) console.log(`| ${line.join(' | ')} |`);
}

const machine = new Machine();
const where = options.chromium ? 'Chromium' : `Node ${process.versions.node}`;
const threads = kThreads === 1 ? 'one thread' : `${kThreads} threads`;
const how = `WebAssembly, ${threads}${options.cold ? ', cold' : ''}`;
for (const task of ['train', 'predict']) {
  const rows = [];
  const asked = names.filter((name) => (all[name].task ?? task) === task);
  if (asked.length === 0) continue;
  for (const name of asked) rows.push(await compare(name, task));
  process.stderr.write(`\r${''.padEnd(60)}\r`);
  const what = task === 'train' ? 'a training step (forward, backward, Adam)' : 'a prediction of a batch';
  console.log(`Milliseconds of ${what}, median of the rounds that count (smallest-largest); ${where}, ${how}`);
  const columns = Object.keys(libraries).filter((library) =>
    rows.some(({ runs }) => runs.some((run) => run.library === library)),
  );
  const titles = columns.map(titleOf);
  table(
    ['', 'batch', ...titles, 'machine, GFLOP/s'],
    rows.map((row) => rowOf(row, columns)),
  );
  console.log('\nOurs over theirs, round by round');
  table(
    ['', 'over', 'ratio', 'goal', 'met?'],
    rows.flatMap((row) => sharesOf(row, task)),
  );
  console.log(
    "\nThe floor: dense layers' and convolutions' products alone, without one number moved, at the machine's speed",
  );
  table(
    ['', '10^9 operations', 'ms at least', 'ours, ms', "at least, over the fastest peer's", 'ours'],
    rows.map((row) => floorOf(row, task)),
  );
  if (!options.chromium) {
    console.log('\nThe most memory that its process held, MB (Node and the samples among it)');
    const held = (runs, library) => Math.round(runs.find((run) => run.library === library)?.megabytes) || '-';
    table(
      ['', ...titles],
      rows.map(({ name, runs }) => [name, ...columns.map((library) => held(runs, library))]),
    );
  }
  for (const { name, runs } of rows) {
    for (const { library, trouble, wrong } of runs.filter((run) => run.trouble)) {
      console.log(`${name}, ${titleOf(library)}: ${trouble}`);
      if (wrong) process.exitCode = 1;
    }
  }
  console.log('');
}
