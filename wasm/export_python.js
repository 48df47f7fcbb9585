// What the two Python scripts have in common: how numbers and lists are written, how a safetensors file is read, and a list of
// layers as indented lines.

// What no source text may hold, or would end a line in it: control characters, halves of surrogate pairs, line separators.
const kUnprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;
const escaped = (/** @type {string} */ character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A number, true or false, a text, or a list, as Python writes it. @param {any} value @returns {string} */
export function python(value) {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replace(kUnprintable, escaped)}'`;
  if (!Number.isFinite(value)) return value > 0 ? 'math.inf' : '-math.inf';
  return String(value);
}

/** A difference such as 1 - 0.9 without the noise of the last binary digit. @param {number} value */
export const tidy = (value) => Number(value.toPrecision(12));

/** @param {Record<string, any>} values  keywords of a call; undefined ones are left out */
export function keywords(values) {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${python(value)}`)
    .join(', ');
}

/** @param {string[]} lines @param {number} spaces */
export const indented = (lines, spaces) => lines.map((line) => (line ? ' '.repeat(spaces) + line : line)).join('\n');

/** The loss and the optimizer of an experiment with every default written out, as objects. @param {any} experiment */
export function recipeOf({ loss = 'crossEntropy', optimizer = 'adam' }) {
  return {
    loss: typeof loss === 'string' ? { type: loss } : loss,
    optimizer: typeof optimizer === 'string' ? { type: optimizer } : optimizer,
  };
}

/** Lines that import modules. @param {string[]} names */
export const imports = (names) =>
  [...new Set(names)]
    .sort()
    .map((name) => `import ${name}`)
    .join('\n');
