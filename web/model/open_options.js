/**
 * What the engine needs beside the experiment: own pictures or the own table, the threads that were chosen, and weights that the page holds itself, for
 * networks to begin with: those of its last runs, and files that were read.
 */
import { resizeImage } from 'trainground';
import { state } from '../app/state.js';
import { threadOptions } from '../app/threads.js';
import { isTable } from '../app/sets.js';
import { own } from '../data/own.js';
import { ownGroups } from '../data/own_groups.js';
import { table } from '../data/own_table.js';

const most = 5; // runs whose weights are kept
const kAtOnce = 8e6; // bytes of pictures that are copied before the page goes on: a few milliseconds

/** By the name that `transfer.weights` gives them. */
const held = new Map();

/** The bytes behind `transfer.weights`, where the page holds them. */
export const donated = (experiment) => experiment.transfer && held.get(experiment.transfer.weights);

/** Keeps the weights of a run that has ended, for others to begin with. */
export async function keepWeights(run) {
  held.set(`run-${run.number}.safetensors`, await run.trainer.saveWeights());
  const used = state.experiment.transfer?.weights;
  const old = [...held.keys()].filter((name) => /^run-\d+\.safetensors$/.test(name)).slice(0, -most);
  for (const name of old) if (name !== used) held.delete(name);
}

/** Keeps the weights of a file. */
export const holdWeights = (name, bytes) => held.set(name, bytes);

/** What there is to begin with, by name. */
export const heldNames = () => [...held.keys()];

/**
 * All pictures as samples for the engine, so many pixels wide: at most as many as they are kept in.
 * @returns {Promise<import('trainground').Samples>}
 */
async function ownSamples(wanted) {
  const [from, side] = [own.size, Math.min(wanted, own.size)];
  const all = own.classes.flatMap(({ pictures }, label) => pictures.map(({ pixels }) => ({ pixels, label })));
  const classNames = own.classes.map((one) => one.name);
  const groups = ownGroups()?.groups;
  const inputs = new Uint8Array(all.length * side * side * 3);
  const many = Math.ceil(kAtOnce / (side * side * 3));
  for (const [at, { pixels: data }] of all.entries()) {
    if (at % many === many - 1) await new Promise((done) => setTimeout(done)); // the page goes on
    const made = side === from ? data : await resizeImage({ data, width: from, height: from }, { size: side });
    inputs.set(made, at * side * side * 3);
  }
  const labels = Int32Array.from(all, ({ label }) => label);
  return { inputs, shape: [side, side, 3], labels, classNames, ...(groups && { groups, bursts: true }) };
}

/**
 * The options for opening this experiment.
 * @returns {Promise<import('trainground').OpenOptions>}
 */
export async function openOptions(experiment) {
  const transferWeights = donated(experiment);
  const { dataset } = experiment;
  const files = isTable(dataset) ? { [dataset.path]: table.file } : undefined;
  return {
    ...(dataset?.type === 'images' && { data: await ownSamples(dataset.size) }),
    ...(files && { files }),
    ...(transferWeights && { transferWeights }),
    ...threadOptions(),
  };
}
