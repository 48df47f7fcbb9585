/**
 * What flows back. A room imports only from rooms that stand before it; where something has to reach one that stands earlier, or one that
 * it must not know, it is told under a name. Each name has one hearer, who says so when the page is loaded.
 */
/** Name to who hears it, and what follows. */
export const events = {
  'link-changed': 'app/link.js writes the address anew',
  'settings-changed':
    'train/training.js opens an untouched network anew a moment later; a run takes over a learning rate, and nothing else',
  open: 'train/training.js opens a run with the settings on the page; { train: true }: and trains it',
  network: 'model/imported.js begins with a network of another program, as importLayersModel gives it, with its name',
  forgotten: 'train/keep.js offers no run any more: nothing is kept in this browser',
  replaced: 'results/travel.js lets the past of a run go that another one has replaced',
  'leave-comparison':
    'compare/comparison.js puts the comparison away, and ends one that runs: nobody waits for its answer any more',
  compare: 'compare/comparison.js compares a technique, by its name',
  'weights-used': 'app/offline.js keeps the file of a built-in backbone for working offline',
  vary: 'sweep/marks.js varies a control, by its name, or does so no more',
  cards: 'cards/cards.js shows cards of runs, as files',
  share: 'export/share.js makes a link of all settings, and copies it',
};

/** @type {Map<string, (detail?: any) => unknown>} */
const hearers = new Map();

/** @param {keyof typeof events} name @param {(detail?: any) => unknown} act */
export function hear(name, act) {
  hearers.set(name, act);
}

/** @param {keyof typeof events} name @param {any} [detail] */
export const tell = (name, detail) => hearers.get(name)?.(detail);
