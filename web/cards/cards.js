/** The cards' door: what reads, checks and shows cards of runs comes when one is opened, as few visitors need it at once. */
import { nothing } from 'lit';
import { changedNow } from '../app/drawing.js';
import { hear } from '../app/events.js';
import { linkedCard } from '../app/link.js';
import { state } from '../app/state.js';
import { failed } from '../parts/alerts.js';

/** @type {typeof import('./panel.js') | null} */
let loaded = null;

/** @param {(panel: typeof import('./panel.js')) => unknown} act */
async function open(act) {
  try {
    loaded ??= await import('./panel.js');
    await act(loaded);
  } catch (error) {
    failed(error);
  }
  changedNow();
}

/** The card of the run on the page. */
export const openOwnCard = () => open((panel) => panel.showOwn());

/** The box that takes cards of others. */
export const openCards = () => open((panel) => panel.showOthers([]));
hear('cards', (files) => open((panel) => panel.showOthers(files.map((file) => ({ name: file.name, content: file })))));

/** The card that the page's address holds. */
export function openLinkedCard() {
  const packed = linkedCard();
  if (!packed) return;
  state.cards = { ...state.cards, address: packed }; // stays in the address, whatever is written there meanwhile
  open((panel) => panel.showLinked(packed));
}

/** The box, where it is open. */
export const cardsBox = () => loaded?.cardsBox() ?? nothing;
