/** Another data set on the page, or other pictures in the visitor's own. */
import { drawnOnce } from '../app/drawing.js';
import { tell } from '../app/events.js';
import { datasetOf, defaultExperiment } from '../app/sets.js';
import { setExperiment, setView, state } from '../app/state.js';
import { arrangeClasses, beginClasses, isOwn, own, ownExperiment } from './own.js';
import { table, tableExperiment } from './own_table.js';

/** Starts with another experiment, the same seed. */
export function startWith(experiment) {
  const { seed } = state.experiment;
  return drawnOnce(() => {
    tell('leave-comparison');
    setExperiment({ ...experiment, seed });
    setView({ cell: null, menu: null });
    return tell('open');
  });
}

/** The card that says what own pictures begin with stands open. */
function startWithPictures() {
  return drawnOnce(() => {
    setView({ card: 'transfer' });
    return startWith(ownExperiment());
  });
}

/** Starts with a set by its name, at its defaults. */
export function chooseSet(name) {
  if (name === 'own') {
    beginClasses();
    setView({ part: 'data' });
    return startWithPictures();
  }
  if (name === 'table' && table.holds) return startWith(tableExperiment(table.label));
  return startWith(defaultExperiment(datasetOf(name)));
}

/**
 * Own pictures have come or gone: as many outputs as classes.
 * @param {{ train?: boolean }} [options]
 */
export function picturesChanged(options) {
  own.version += 1;
  arrangeClasses();
  if (!isOwn()) return startWithPictures();
  const { dataset } = state.experiment;
  const { units } = ownExperiment().layers.at(-1);
  setExperiment({
    ...state.experiment,
    dataset: { ...dataset, fit: own.fit, size: Math.min(dataset.size, own.size) },
    layers: [...state.experiment.layers.slice(0, -1), { ...state.experiment.layers.at(-1), units }],
  });
  return tell('open', options);
}
