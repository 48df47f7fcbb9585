/** The colours of the page's theme, for what is painted. */
/** What the theme's names stand for; to ask the page each time would have it settle its styles in the middle of a drawing. */
const named = new Map();
let theme = '';

/** A colour of the page's theme. */
export function colour(name) {
  const root = document.documentElement;
  if (theme !== root.dataset.theme) named.clear();
  theme = root.dataset.theme;
  const known = named.get(name) ?? getComputedStyle(root).getPropertyValue(name).trim();
  if (known) named.set(name, known);
  return known;
}

/** Red, green and blue of a colour of the theme, 0 to 255. @param {string} name */
export function channels(name) {
  const text = colour(name);
  const whole = text.length === 4 ? `#${[...text.slice(1)].map((digit) => digit + digit).join('')}` : text;
  return [1, 3, 5].map((at) => parseInt(whole.slice(at, at + 2), 16));
}
