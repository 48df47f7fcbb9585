/** What is changed by hand in the network, and can be taken back: its layers, and the weights that it begins with. */
import { changeExperiment, state } from '../app/state.js';

const kMost = 50;

/** @type {Array<{ layers: any[], transfer: any }>} */
const past = [];

const put = ({ layers, transfer }) => {
  const { transfer: _, ...rest } = state.experiment;
  changeExperiment({ ...rest, layers, ...(transfer && { transfer }) });
};

/** Puts new layers in; what was there can be taken back. @param {any[]} layers @param {any} [transfer]  absent: as it is, null: none */
export function change(layers, transfer = state.experiment.transfer) {
  past.push({ layers: state.experiment.layers, transfer: state.experiment.transfer });
  if (past.length > kMost) past.shift();
  put({ layers, transfer });
}

export const canUndo = () => past.length > 0;
export const undo = () => put(past.pop());
