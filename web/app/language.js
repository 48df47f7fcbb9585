/**
 * The page's words: one file for each language, with equal keys; chosen by the address, the last visit or the browser. Numbers go through
 * Intl.
 */
import en from '../text/en.json';
import { changedNow } from './drawing.js';

/** In the order of the button: what each is called there, its words, and what stands between two sentences. A new one is a line here. */
export const languages = {
  en: { short: 'EN', load: async () => en, space: ' ' },
  'zh-Hans': { short: '中', load: async () => (await import('../text/zh-Hans.json')).default, space: '' },
};

/** Of the language in use: others are loaded when they are first asked for. @type {Record<string, string>} */
let words = en;

/** `pictures`: whether the data set is of pictures, `numbers`: whether a number is learned; texts that have a variant for that take it. */
export const language = { name: 'en', pictures: true, numbers: false };
let plural = new Intl.PluralRules('en');
let counted = new Intl.NumberFormat('en');

/** Storage may be forbidden (a page in a strict frame): the page then forgets, and works. */
export function remember(key, value) {
  try {
    if (value === undefined) return localStorage.getItem(`trainground.${key}`);
    localStorage.setItem(`trainground.${key}`, value);
  } catch {
    // Nothing is kept.
  }
  return null;
}

/** Takes another language once its words are there; stays with the one in use where they cannot be had. */
async function setLanguage(name) {
  const wanted = languages[name] ? name : 'en';
  try {
    words = await languages[wanted].load();
  } catch {
    return;
  }
  language.name = wanted;
  plural = new Intl.PluralRules(language.name);
  counted = new Intl.NumberFormat(language.name);
  document.documentElement.lang = language.name;
  document.title = t('title');
}

/** The language that the address asks for, that of the last visit, or the browser's. */
export async function chooseLanguage() {
  const asked = new URLSearchParams(location.search).get('lang') ?? remember('language');
  const spoken = Object.keys(languages).find((name) => navigator.language?.startsWith(name.split('-')[0]));
  await setLanguage(languages[asked] ? asked : spoken);
}

/** Goes on to the next language of the button, for good. */
export async function nextLanguage() {
  const names = Object.keys(languages);
  await setLanguage(names[(names.indexOf(language.name) + 1) % names.length]);
  remember('language', language.name);
  changedNow();
}

/**
 * The text of `key` with its {places} filled. Where the data set is not of pictures, `key.sample` is taken if there is one; where `n` is 1,
 * that text with `.one` behind it. Where a number is learned, `key.number` comes first.
 */
export function t(key, values = {}) {
  const name =
    language.numbers && has(`${key}.number`)
      ? `${key}.number`
      : !language.pictures && has(`${key}.sample`)
        ? `${key}.sample`
        : key;
  const single = typeof values.n === 'number' && plural.select(values.n) === 'one' ? words[`${name}.one`] : undefined;
  const found = single ?? words[name];
  if (found === undefined) throw new Error(`No text for ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === 'number' ? count(values[name]) : String(values[name]),
  );
}

/** Whether there is a text for `key`. */
export const has = (key) => words[key] !== undefined;

/** A count: 1,437. */
export const count = (n) => counted.format(n);

/** A loss as people write it: .054, 1.34, 2.303; three figures are enough. */
export function short(x) {
  if (x === null || x === undefined || Number.isNaN(x)) return '–';
  if (!Number.isFinite(x)) return '∞';
  const size = Math.abs(x);
  if (size >= 1e4) return x.toExponential(1).replace('e+', 'e');
  if (size >= 100) return x.toFixed(0);
  if (size >= 10) return x.toFixed(1);
  const text =
    size >= 0.00095
      ? x.toFixed(3)
      : size === 0
        ? '0'
        : size >= 1e-5
          ? x.toFixed(size >= 1e-4 ? 4 : 5)
          : x.toExponential(0);
  return text.replace(/^(-?)0\./, '$1.');
}

/** A setting, without needless zeros: .003, 10, 1e-6. */
export function setting(x) {
  if (!Number.isFinite(x)) return '–';
  const text = Math.abs(x) >= 1e-6 || x === 0 ? String(Number(x.toPrecision(4))) : x.toExponential();
  return text.includes('e')
    ? Number(x).toFixed(8).replace(/0+$/, '').replace(/^0\./, '.')
    : text.replace(/^(-?)0\./, '$1.');
}

/** A quantity in its own unit, to three figures: 21,300, 1.07. */
export const figure = (x) =>
  Number.isFinite(x) ? new Intl.NumberFormat(language.name, { maximumSignificantDigits: 3 }).format(x) : '–';

/** A share in per cent with one decimal: 98.3; below 1 it never prints as 100. */
export function percent(x, digits = 1) {
  if (x === null || x === undefined || Number.isNaN(x)) return '–';
  const step = 10 ** digits;
  const rounded = Math.round(x * 100 * step) / step;
  return (rounded >= 100 && x < 1 ? Math.floor(x * 100 * step) / step : rounded).toFixed(digits);
}
