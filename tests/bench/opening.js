// How long a trainer takes to open: in a process that has just begun, and, where the engine has been compiled before, until its first step is
// done.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Trainer } from 'trainground';
import { cell, median } from './timing.js';
import { experimentOf, samplesOf, workloads } from './workloads.js';

const kGoal = 50; // milliseconds until the first step
const file = fileURLToPath(import.meta.url);
const ways = {
  'in the thread that asks': { threads: 1, sameThread: true },
  'in a worker': { threads: 1 },
  'two threads': { threads: 2 },
};

const recipe = (name) => [
  JSON.parse(readFileSync(new URL(`../../web/experiments/${name}.json`, import.meta.url), 'utf8')),
  {},
];
/** Experiments, and what opens them. A recipe's set is among what is opened. */
const recipes = {
  W1: () => [experimentOf(workloads.W1), { data: samplesOf(workloads.W1) }],
  'the digits': () => recipe('digits'),
  'photos behind the frozen backbone': () => recipe('transfer-photos-with'),
};

/** Asks a process of its own. */
const ask = (...words) => JSON.parse(execFileSync(process.execPath, [file, ...words], { encoding: 'utf8' }));

/** The tables of both. @param {number} rounds */
export function openings(rounds) {
  const anew = Object.keys(ways).map((way) => [way, cell(Array.from({ length: rounds }, () => ask('open', way)))]);
  const steps = Object.keys(recipes).map((name) => {
    const times = Object.keys(ways).map((way) => ask('step', way, name, `${rounds}`));
    const met = times.map((ms) => (median(ms) <= kGoal ? 'yes' : 'NO')).join(', ');
    return [name, ...times.map(cell), met];
  });
  return [
    { title: 'Milliseconds until a trainer is open, in a process that has just begun', head: ['', 'ms'], rows: anew },
    {
      title: `Milliseconds until a trainer is open and has done its first step, where one was open before; goal ${kGoal}`,
      head: ['', ...Object.keys(ways), 'met?'],
      rows: steps,
    },
  ];
}

if (process.argv[1] === file) {
  const [what, way, name, rounds] = process.argv.slice(2);
  const open = async ([experiment, options]) => Trainer.open(experiment, { ...options, ...ways[way] });
  const smallest = [
    { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] },
    { data: samplesOf({ batch: 10, shape: [8, 8, 1] }) },
  ];
  const times = [];
  const measured = what === 'open' ? 1 : Number(rounds);
  if (what === 'step') await (await open(smallest)).dispose(); // the engine is compiled
  for (let i = 0; i < measured; ++i) {
    const opened = what === 'open' ? smallest : recipes[name]();
    const from = performance.now();
    const trainer = await open(opened);
    if (what === 'step') await trainer.step();
    times.push(performance.now() - from);
    await trainer.dispose();
  }
  process.stdout.write(JSON.stringify(what === 'open' ? times[0] : times), () => process.exit());
}
