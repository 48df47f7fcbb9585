/** What a technique is on the page: its card is what its tile prints, and what stands in its drawer. Each technique has one in its file. */
import { t } from '../app/language.js';

/**
 * What rooms that stand later put into a drawer: what compares a technique, by its name, and the race of the optimizers.
 * @typedef {{ compareBox: (name: string) => unknown, raceFields: () => unknown }} Later
 */

/**
 * @typedef {object} Card
 * @property {string} name  as in links and texts (`trick.<name>`, `claim.<name>`)
 * @property {(experiment: any) => { text: string, on: boolean }} value  what the tile prints, and whether the technique is on
 * @property {(experiment: any, set: (experiment: any) => unknown, later: Later) => unknown} [fields]  its settings
 * @property {(experiment: any) => boolean} [isOn]  for the switch in the drawer's corner, and
 * @property {(experiment: any, on: boolean) => any} [turn]  what it does
 * @property {(experiment: any) => any} [standard]  what "back to default" makes of an experiment
 * @property {{ math: unknown, letters: string[] }} [formula]  the cheat sheet's, as MathML; letter i has the text `letter.<name>.<i>`
 */

/** The value of a technique that can be off. @param {string | number | boolean | null | undefined} text  what the tile prints while it is on */
export const onOff = (text) => (text ? { text: String(text), on: true } : { text: t('tile.off'), on: false });
