// Networks that learned from a table of houses, each left as files for whoever is to read them, and what their trainers say of the rows of
// another file: what all others have to say.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { leaveNetwork } from './left_network.js';

const kTolerance = 1e-5; // relative
const places = ['north', 'south', 'old town', 'harbour; quay'];

/** What a house costs follows from its size, age and place; some of it is not known. @param {number} i */
function house(i) {
  const [size, age, place] = [40 + ((i * 37) % 160) / 2, (i * 61) % 90, (i * 7 + (i >> 2)) % 4];
  const price = 5200 * size - 1500 * age + 30_000 * place + 10_000 * (i % 3) + 200_000;
  return {
    'living area': i % 11 === 3 ? ['NA', 'n/a', '-'][i % 3] : size.toFixed(1),
    age: i % 7 === 5 ? '' : String(age),
    place: i % 13 === 0 ? '?' : places[place],
    garden: i % 3 ? 'yes' : 'no',
    easting: (5_412_345 + ((i * 29) % 100) / 40).toFixed(3),
    price: price.toFixed(2),
    'price class': price < 500_000 ? 'cheap' : price < 700_000 ? 'so "so"; la' : 'dear',
    dear: price < 600_000 ? 'no' : 'yes',
  };
}

const cellOf = (/** @type {string} */ text, /** @type {string} */ separator) =>
  text.includes(separator) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * @param {Array<Record<string, string>>} rows
 * @param {{ separator?: string, decimal?: string, order?: string[], end?: string }} [dialect]
 */
export function tableText(rows, { separator = ';', decimal = ',', order = Object.keys(rows[0]), end = '\r\n' } = {}) {
  const written = (/** @type {string} */ text) => (/^[\d.]+$/.test(text) ? text.replace('.', decimal) : text);
  const lines = [order, ...rows.map((row) => order.map((name) => written(row[name])))];
  return lines.map((cells) => cells.map((cell) => cellOf(cell, separator)).join(separator) + end).join('');
}

export const houses = Array.from({ length: 300 }, (_, i) => house(i));

/** Columns in another order and one more; missing cells, a place that is new, a word where a number belongs. */
export const newHouses = Array.from({ length: 60 }, (_, i) => ({
  remark: i % 5 ? '' : 'a; "b"',
  ...Object.fromEntries(Object.entries(house(1000 + 17 * i)).reverse()),
  ...(i % 9 === 4 && { place: 'moon' }),
  ...(i === 20 && { age: 'new' }),
  ...(i % 8 === 7 && { garden: 'null' }),
}));

const dense = (/** @type {number} */ units, /** @type {string} */ activation = 'linear') => ({
  ...{ type: 'dense', units, activation },
});
const layers = (/** @type {number} */ units) => [dense(12, 'relu'), dense(units)];
const csv = (/** @type {string} */ label, /** @type {string[]} */ leaveOut, more = {}) => ({
  ...{ type: 'csv', path: 'houses.csv', label, normalize: true, ...more },
  leaveOut: ['price', 'price class', 'dear', ...leaveOut].filter((name) => name !== label),
});
const squared = { layers: layers(1), loss: 'meanSquaredError' };
const adam = { type: 'adam', learningRate: 0.01 };

const experiments = {
  'classes, softmax': { dataset: csv('price class', ['easting']), layers: layers(3), epochs: 10 },
  'classes, one output for two, not normalized': {
    ...{ dataset: csv('dear', ['easting'], { normalize: false }), layers: layers(1), loss: 'binaryCrossEntropy' },
    epochs: 10,
  },
  'numbers, not normalized': { ...squared, dataset: csv('price', ['easting'], { normalize: false }), epochs: 3 },
  'numbers, label standardised': {
    ...{ ...squared, dataset: csv('price', ['easting'], { normalizeLabel: true }), epochs: 20 },
  },
  'numbers, from one that single precision cannot tell apart': {
    ...{ ...squared, dataset: csv('price', [], { normalizeLabel: true }), epochs: 20 },
  },
};

/** @typedef {Array<number | [string, number] | null>} Answers  of each row a class and its probability, or a number; null: none */
/** @typedef {{ name: string, stem: string, classNames: string[], told: Answers, fine: boolean }} Told  fine: wants double precision */

/**
 * Leaves NUMBER.json, .safetensors, .onnx, .pytorch.py and .keras.py in a folder, and new.csv, the rows.
 * @param {string} folder
 * @returns {Promise<{ rows: string, networks: Told[] }>}
 */
export async function rowNetworks(folder) {
  writeFileSync(join(folder, 'houses.csv'), tableText(houses));
  const rows = join(folder, 'new.csv');
  writeFileSync(rows, `\uFEFF${tableText(newHouses).replace('\r\n', '\r\n\r\n')}`);
  const networks = [];
  for (const [number, [name, own]] of Object.entries(experiments).entries()) {
    const experiment = { seed: 2, optimizer: adam, ...own };
    const { trainer, stem } = await leaveNetwork(folder, number, experiment, { base: folder });
    const { classNames } = trainer.start;
    const answers = await trainer.predictRows(new Uint8Array(readFileSync(rows)), { table: true });
    await trainer.dispose();
    const told = answersOf(answers, classNames, newHouses.length);
    assert.equal(answersIn(answers.table, classNames).length, told.length);
    networks.push({ name, stem, classNames, told, fine: name.includes('single precision') });
  }
  return { rows, networks };
}

/**
 * A class with its probability, or a number; null for a row without an answer.
 * @param {{ probabilities: ArrayLike<number>, outputs: number, accepted: ArrayLike<number> }} answers
 * @param {string[]} classNames
 * @param {number} rows
 */
export function answersOf({ probabilities, outputs, accepted }, classNames, rows) {
  /** @type {Answers} */
  const told = Array(rows).fill(null);
  Array.from(accepted, (row, i) => {
    const values = Array.from({ length: outputs }, (_, k) => probabilities[i * outputs + k]);
    const best = values.indexOf(Math.max(...values));
    told[row] = classNames.length ? [classNames[best], values[best]] : values[0];
  });
  return told;
}

/** The same out of a file of rows with their predictions, in which the cells before them stand as they stood. @param {string | Uint8Array} table @param {string[]} classNames */
export function answersIn(table, classNames) {
  const text = typeof table === 'string' ? table : new TextDecoder().decode(table);
  const lines = text.trimEnd().split('\r\n');
  const given = tableText(newHouses).trimEnd().split('\r\n');
  assert.equal(lines.length, given.length);
  return lines.flatMap((line, i) => {
    assert.ok(line.startsWith(`${given[i]};`), line);
    const own = line.slice(given[i].length + 1);
    if (i === 0) {
      assert.match(own, classNames.length ? /^predicted (price class|dear);probability$/ : /^predicted price$/);
      return [];
    }
    const [, cell, number] = /^(?:(.*);)?([^;]*)$/.exec(own) ?? [];
    if (number === '') return [null];
    const value = Number(number.replace(',', '.'));
    return [cell === undefined ? value : [/** @type {string} */ (JSON.parse(quotedOnce(cell))), value]];
  });
}

/** A cell of a table as JSON. @param {string} cell */
const quotedOnce = (cell) => (cell.startsWith('"') ? cell.replaceAll('""', '\\"') : JSON.stringify(cell));

/**
 * The same classes with the same probabilities, or the same numbers; tells the largest difference.
 * @param {Answers} answers
 * @param {Told} network
 */
export function expectSameRows(answers, { name, told }) {
  assert.equal(answers.length, told.length, name);
  let largest = 0;
  for (const [row, answer] of answers.entries()) {
    const what = `${name}, row ${row}: ${JSON.stringify([answer, told[row]])}`;
    const [one, other] = [answer, told[row]].map((said) => (Array.isArray(said) ? said : ['', said]));
    assert.equal(one[0], other[0], what);
    assert.equal(one[1] === null, other[1] === null, what);
    const gap = other[1] === null ? 0 : Math.abs(Number(one[1]) / Number(other[1]) - 1);
    assert.ok(gap <= kTolerance, what);
    largest = Math.max(largest, gap);
  }
  return `${name}: ${largest.toExponential(1)}`;
}
