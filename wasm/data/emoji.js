// The emoji set: the same things as three companies draw them, on white, 32x32 in colour. The drawings of one emoji are a group, so
// that a split by group asks for the thing and a random split lets a network know the thing from another drawing of it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const kSide = 32;
const kDrawers = ['noto', 'fluent-emoji-flat', 'twemoji'];

// Each class is one or more runs of Unicode's order, cut off after its first 60.
const kMost = 60;
/** @type {Array<[string, Array<[first: string, last: string]>]>} */
const kClasses = [
  ['Face', [['😀', '🤓']]],
  ['Animal', [['🐵', '🪼']]],
  ['Plant', [['💐', '🪾']]],
  ['Fruit and vegetable', [['🍇', '🫜']]],
  ['Meal', [['🍞', '🍯']]],
  [
    'Vehicle',
    [
      ['🚂', '🛴'],
      ['⛵', '🛬'],
      ['🚁', '🛸'],
    ],
  ],
  [
    'Building',
    [
      ['🏟️', '🏛️'],
      ['🛖', '🏰'],
      ['🗼', '⛩️'],
    ],
  ],
  ['Clothing', [['👓', '💄']]],
];

/** The code points of an emoji as the icon sets spell them, without those that only choose a coloured presentation. @param {string} text */
const codeOf = (text) =>
  [...text]
    .map((point) => /** @type {number} */ (point.codePointAt(0)).toString(16))
    .filter((code) => code !== 'fe0f')
    .join('-');

/** @param {string} drawer @returns {(text: string) => string | undefined} from an emoji to its drawing */
function drawingsOf(drawer) {
  const { icons, aliases, width, height } = require(`@iconify-json/${drawer}/icons.json`);
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const [code, name] of Object.entries(require(`@iconify-json/${drawer}/chars.json`))) {
    names.set(code.replace(/-fe0f/g, ''), name);
  }
  return (text) => {
    const name = names.get(codeOf(text)) ?? '';
    const icon = icons[name] ?? icons[aliases?.[name]?.parent];
    if (!icon) return undefined;
    const box = `${icon.left ?? 0} ${icon.top ?? 0} ${icon.width ?? width} ${icon.height ?? height}`;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${kSide}" height="${kSide}" viewBox="${box}">${icon.body}</svg>`;
  };
}

/** @returns {import('./make.js').Made} */
export function emoji() {
  const { Resvg } = require('@resvg/resvg-js');
  const order = Object.keys(require('unicode-emoji-json/data-by-emoji.json'));
  const drawers = kDrawers.map(drawingsOf);
  const place = (/** @type {string} */ text) => {
    const found = order.indexOf(text);
    if (found < 0) throw new Error(`unicode-emoji-json does not know ${text}`);
    return found;
  };
  const inputs = [];
  const labels = [];
  const groups = [];
  let group = 0;
  for (const [label, [, runs]] of kClasses.entries()) {
    const members = runs.flatMap(([first, last]) => order.slice(place(first), place(last) + 1)).slice(0, kMost);
    for (const member of members) {
      const drawings = drawers.map((drawingOf) => drawingOf(member));
      if (drawings.includes(undefined)) continue; // too new for one of the three
      for (const drawing of drawings) {
        const { pixels } = new Resvg(drawing, { background: 'white', font: { loadSystemFonts: false } }).render();
        inputs.push(pixels.filter((/** @type {number} */ _, /** @type {number} */ i) => i % 4 !== 3));
        labels.push(label);
        groups.push(group);
      }
      group++;
    }
  }
  return {
    title: 'Emoji',
    classes: kClasses.map(([name]) => name),
    shape: [kSide, kSide, 3],
    inputs: Uint8Array.from(Buffer.concat(inputs)),
    labels,
    groups,
    licence: 'Apache-2.0, MIT and CC BY 4.0',
    source: 'Google: Noto Emoji; Microsoft: Fluent Emoji; Twitter: Twemoji',
  };
}
