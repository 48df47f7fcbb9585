/**
 * The race of the optimizers: some of them from the same weights, with the same batches, each with a rate of its own. Their losses are drawn
 * over each other, and their ways on a slice of the loss surface (race_plane.js). Which of them wins depends on the rates, so these can be
 * changed.
 */
import { Trainer } from 'trainground';
import { changedNow, progressed } from '../app/drawing.js';
import { optimizerNames, optimizerOf, usualRate, withEarlyStopping } from '../app/settings.js';
import { setView, state } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { openOptions } from '../model/open_options.js';
import { pause } from '../train/training.js';
import { numbersOf, planeThrough } from './race_plane.js';

/** All that can run: the cheat sheet's six, which do unless others are ticked, and two of their kin. */
export const racers = optimizerNames;
const usualRates = Object.fromEntries(racers.map((type) => [type, usualRate(optimizerOf(type).type)]));
const usual = racers.filter((type) => !['nesterov', 'adamw'].includes(type));
/** One look for each, as long as there are some left, with names at the lines' ends. */
const looks = ['a', 'third', 'd', 'fifth', 'b', 'c', 'fourth', 'sixth'];
export const lookOfRacer = (type) => looks[racers.indexOf(type) % looks.length];

const kEpochs = 6;
const kMarksPerEpoch = 4;
/** Numbers kept of all ways together, 64 MB; a larger network races without the slice. */
const kMostNumbers = 16e6;
const kGrid = 15;

/** Who runs, in the order of the list. */
export const chosenRacers = () => state.view.racers ?? usual;

/** Lets one run, or not. */
export function chooseRacer(type, on) {
  setView({ racers: racers.filter((one) => (one === type ? on : chosenRacers().includes(one))) });
}

/** The rates as they stand in the boxes. */
export const rates = () => state.view.raceRates ?? usualRates;

/** Gives one another rate. */
export function setRate(type, rate) {
  setView({ raceRates: { ...rates(), [type]: rate } });
}

/** All of them ten times as large, or as small. */
export function scaleRates(factor) {
  const scaled = racers.map((type) => [
    type,
    Number(Math.min(10, Math.max(1e-6, rates()[type] * factor)).toPrecision(3)),
  ]);
  setView({ raceRates: Object.fromEntries(scaled) });
}

/** One mark on the way: the held-back loss, and the weights where there is room for them. */
async function mark(race, racer) {
  const { loss, accuracy } = await racer.trainer.evaluate();
  racer.losses.push(loss);
  if (!Number.isFinite(loss)) racer.diverged = true;
  else racer.accuracy = accuracy;
  if (race.slices && !racer.diverged) racer.way.push(numbersOf(await racer.trainer.saveWeights()));
  progressed();
}

/** From one mark to the next. */
async function advance(race, racer, signal) {
  for (let step = 0; step < race.stride && !racer.done && !signal.aborted; step++) {
    for (const event of await racer.trainer.step()) {
      if (event.event === 'epoch') racer.trainingLoss = event.loss;
      if (event.event === 'end') {
        racer.done = true;
        racer.diverged ||= event.reason === 'diverged';
      }
    }
  }
  if (signal.aborted || racer.diverged) return;
  await mark(race, racer);
  if (racer.diverged) racer.done = true;
}

/** The loss on a grid of the plane, each point by the engine's own evaluation. */
async function survey(race, trainer, signal) {
  const running = race.racers.filter(({ way }) => way.length > 1);
  if (running.length === 0) return;
  const plane = await planeThrough(
    race.racers[0].way[0],
    running.map(({ way }) => way.slice(1).map(({ values }) => values)),
  );
  for (const racer of running) racer.places = racer.way.map(({ values }) => plane.place(values));
  const shares = running.map(({ way }) => plane.share(way.at(-1).values));
  const ends = [0, 1].map((k) => {
    const list = running.flatMap(({ places }) => places.map((place) => place[k]));
    const [least, most] = [Math.min(...list), Math.max(...list)];
    const room = 0.15 * (most - least) || 1;
    return [least - room, most + room];
  });
  const losses = [];
  const at = (/** @type {number[]} */ [least, most], i) => least + ((most - least) * i) / (kGrid - 1);
  for (let i = 0; i < kGrid * kGrid && !signal.aborted; i++) {
    await trainer.loadWeights(plane.fileAt(at(ends[0], i % kGrid), at(ends[1], Math.floor(i / kGrid))));
    losses.push((await trainer.evaluate()).loss);
    race.surveyed = losses.length / (kGrid * kGrid);
    progressed();
  }
  for (const racer of race.racers) racer.way = [];
  if (!signal.aborted)
    race.surface = { losses, ends, grid: kGrid, least: Math.min(...shares), most: Math.max(...shares) };
}

/** Starts it, on the page's network and data. */
export async function startRace() {
  if (state.comparison?.running) return;
  const experiment = withEarlyStopping(JSON.parse(JSON.stringify(state.experiment)), null);
  delete experiment.learningRateSchedule;
  /** @type {any} */
  const race = {
    race: true,
    technique: 'race',
    running: true,
    stopping: new AbortController(),
    racers: chosenRacers().map((type) => ({
      type,
      rate: rates()[type],
      losses: [],
      way: [],
      done: false,
      diverged: false,
    })),
    surveyed: null,
    surface: null,
  };
  state.comparison = race;
  pause();
  setView({ part: 'results' });
  const { signal } = race.stopping;
  const each = (act) => Promise.all(race.racers.map(act));
  try {
    await each(async (racer) => {
      const own = {
        ...experiment,
        epochs: kEpochs,
        optimizer: { ...optimizerOf(racer.type), learningRate: racer.rate },
      };
      racer.trainer = await Trainer.open(own, { ...(await openOptions(experiment)), threads: 1 });
      racer.startHash = await racer.trainer.weightsSha256();
    });
    const { stepsPerEpoch, parameters } = race.racers[0].trainer.start;
    race.stride = Math.ceil(stepsPerEpoch / kMarksPerEpoch);
    race.perEpoch = stepsPerEpoch / race.stride;
    race.marks = Math.ceil(kEpochs * race.perEpoch);
    race.slices = parameters * race.marks * race.racers.length <= kMostNumbers;
    await each((racer) => mark(race, racer));
    while (!signal.aborted && race.racers.some(({ done }) => !done))
      await each((racer) => (racer.done ? null : advance(race, racer, signal)));
    race.stopped = signal.aborted;
    if (race.slices && !signal.aborted) await survey(race, race.racers[0].trainer, signal);
  } catch (error) {
    race.stopped = true;
    if (!signal.aborted) failed(error);
  } finally {
    for (const { trainer } of race.racers) trainer?.dispose();
  }
  race.running = false;
  changedNow();
}

/** The fastest first; who diverged is last. */
export const ranking = (race) =>
  [...race.racers]
    .filter(({ losses }) => losses.length > 0)
    .sort((a, b) => Number(a.diverged) - Number(b.diverged) || a.losses.at(-1) - b.losses.at(-1));
