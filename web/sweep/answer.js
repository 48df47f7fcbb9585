/** A sweep's answer in the page's words: what a setting is called, and the sentences. */
import { count, figure, percent, setting as plain, t } from '../app/language.js';
import { controls } from './controls.js';

const kManySeeds = 1000;
const kTold = 4; // sentences

/** What a control is called: one of a group with the group's name. @param {string} name */
export function titleOf(name) {
  const { of, label } = controls[name];
  return of ? `${t(of)}: ${t(label)}` : t(label);
}

/** A value of a control, as the page writes it. */
export function valueOf(name, value) {
  const choice = controls[name].choices?.find(([each]) => each === value);
  return choice ? t(choice[1]) : typeof value === 'number' ? plain(value) : String(value);
}

/** The values that a setting has, by the controls' names. @param {Record<string, unknown>} setting @param {any} paths  of `sweepOf` */
export function valuesOf(setting, paths, sweep) {
  return Object.entries(paths).map(([path, { name, values }]) => {
    const at = sweep[path].findIndex((each) => JSON.stringify(each) === JSON.stringify(setting[path]));
    return { name, value: values[at] };
  });
}

/** A setting by its values alone, in the order in which they were marked. */
export const shortName = (setting, { paths, whole }) =>
  valuesOf(setting, paths, whole.sweep)
    .map(({ name, value }) => valueOf(name, value))
    .join(' · ') || t('sweep.asItIs');

/** What those values are of. */
export const variedNames = ({ paths }) =>
  Object.values(paths)
    .map(({ name }) => titleOf(name))
    .join(' · ');

/** What a setting is called; `brief`: by its value alone, where only one thing is varied. */
export function nameOf(setting, { paths, whole }, { brief = false } = {}) {
  const list = valuesOf(setting, paths, whole.sweep);
  if (list.length === 0) return t('sweep.asItIs');
  if (brief && list.length === 1) return valueOf(list[0].name, list[0].value);
  return list.map(({ name, value }) => `${titleOf(name)} ${valueOf(name, value)}`).join(', ');
}

/** How the numbers of an answer are written: accuracies in per cent and points, losses as they are. */
export function numbersOf({ metric }) {
  const isAccuracy = metric === 'validationAccuracy';
  return {
    isAccuracy,
    value: (number) => (isAccuracy ? `${percent(number)} %` : figure(number)),
    difference: (number) => (isAccuracy ? (100 * number).toFixed(1) : figure(number)),
  };
}

/** The best setting against each other one, the nearest first. @returns {string[]} */
export function sentences(answer, made) {
  const { settings, best, comparisons } = answer;
  if (best === null) return [];
  const { isAccuracy, difference: say } = numbersOf(answer);
  const unit = isAccuracy ? '' : '.loss';
  return comparisons.slice(0, kTold).map(({ other, difference, interval, seeds, isReal, seedsNeeded = 0 }) => {
    const [a, b] = [best, other].map((index) => nameOf(settings[index].setting, made, { brief: true }));
    if (!interval) return t('sweep.says.one', { a, b });
    const values = {
      a,
      b,
      difference: say(difference),
      low: say(interval[0]),
      high: say(interval[1]),
      seeds: count(seeds),
    };
    if (isReal) return t(`sweep.says.better${unit}`, values);
    if (difference === 0) return t(`sweep.says.none${unit}`, values);
    if (seedsNeeded > kManySeeds) return t(`sweep.says.many${unit}`, { ...values, needed: count(kManySeeds) });
    return t(`sweep.says.needed${unit}`, { ...values, needed: count(seedsNeeded) });
  });
}
