// How the PyTorch script reads a table: what it makes of damaged ones, and how it refuses; beside the module's own reader. (The Keras script has
// the same lines for it.)
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Trainer } from 'trainground';
import { answerNotes } from '../../wasm/report.js';
import { temporaryFolder } from './command.js';
import { damaged, seeds } from './damaged_tables.js';
import { noTorch, python } from './python.js';

const folder = temporaryFolder();
const learned =
  'colour;x;kind\nred;1;a\n"blue, dark";2,5;"b"\nrot;;a\nblau;-3;b\n"red ";4;"a ""q"""\n?;5;b\nNaN;1;a\nblue;7,25;b\nblue;7;a\n';
const trainer = await Trainer.open(
  {
    dataset: { type: 'csv', path: 'learned', label: 'kind', normalize: true },
    ...{ layers: [{ type: 'dense', units: 3 }], epochs: 1, validationSplit: 0 },
  },
  { files: { learned: new TextEncoder().encode(learned) }, threads: 1, sameThread: true },
);
for await (const event of trainer.train()) assert.ok(event);
after(() => trainer.dispose());
writeFileSync(join(folder, 'script.py'), await trainer.export('pytorch'));
writeFileSync(join(folder, 'w.safetensors'), await trainer.saveWeights());

/** Predicts every file of a folder, and leaves in one what was printed, or with what words a file was refused. */
const program = `
import contextlib, io, json, os, script, sys
network, answers = script.load('w.safetensors'), {}
for name in os.listdir('tables'):
    out, err = io.TextIOWrapper(io.BytesIO(), encoding='utf-8', newline=''), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            script.predict(network, f'tables/{name}')
            answers[name] = {'table': out.buffer.getvalue().decode(), 'notes': err.getvalue()}
        except ValueError as error:
            answers[name] = {'refused': str(error)}
with open('answers.json', 'w', encoding='utf-8') as file:
    json.dump(answers, file)
`;

/** What the script says of files by name. @param {Record<string, Uint8Array>} files */
function scriptSays(files) {
  const tables = join(folder, 'tables');
  rmSync(tables, { recursive: true, force: true });
  mkdirSync(tables);
  for (const [name, file] of Object.entries(files)) writeFileSync(join(tables, name), file);
  const { status, stderr } = python(['-c', program], folder);
  assert.equal(status, 0, stderr);
  return JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8'));
}

const decoder = new TextDecoder();

/** What the trainer says of a file, in the same form. @param {Uint8Array} file */
async function trainerSays(file) {
  try {
    const answers = await trainer.predictRows(file, { table: true });
    const notes = answerNotes(answers).map((note) => `${note}\n`);
    return { table: decoder.decode(answers.table), notes: notes.join('') };
  } catch (error) {
    return { refused: error.message };
  }
}

/** A table with the numbers at its lines' ends, the probabilities, to five digits. @param {string} table */
const rounded = (table) =>
  table.replace(/\d[.,]?\d*(?=[\r\n])/g, (number) => Number(number.replace(',', '.')).toFixed(5));

test('damaged tables are read as the module reads them, or refused', { skip: noTorch }, async (context) => {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('x;colour\n1,5;rot\n?;blau \n', 'utf16le')]);
  [...seeds, utf16].forEach((seed, i) => Object.assign(files, { [`seed ${i}`]: seed, [`gzip ${i}`]: gzipSync(seed) }));
  for (let round = 0; round < 1000; round++) {
    const file = damaged(round);
    // The module takes a byte order mark off a cell's text as well.
    if (Buffer.from(file).lastIndexOf('\uFEFF') <= 0) files[round] = file;
  }
  const said = scriptSays(files);
  let read = 0;
  for (const [name, file] of Object.entries(files)) {
    const [own, other] = [await trainerSays(file), said[name]];
    const what = `${name}: ${JSON.stringify([Buffer.from(file).toString(), own, other])}`;
    if (own.refused) {
      assert.match(other.refused ?? '', /^Expected .* got /s, what);
      continue;
    }
    read++;
    assert.equal(rounded(other.table ?? ''), rounded(own.table), what);
    assert.equal(other.notes, own.notes, what);
  }
  context.diagnostic(`${read} of ${Object.keys(files).length} read`);
  assert.ok(read > 200);
});

test('a table that cannot be read is refused in one sentence', { skip: noTorch }, () => {
  const refused = {
    empty: ['\n\n', 'a csv file with a header row and rows below it, got an empty file'],
    names: ['place;x\n1;2\n', 'a table with the column "colour", got the columns "place, x"'],
    none: ['a,b\n1,2\n', 'a table with the columns "colour", "x", got the columns "a, b"'],
    short: ['x;colour\n1;red\n2\n', 'a csv file with 2 cells in every row, as in its header, got 1 in row 2 below it'],
    quote: ['x;colour\n1;"red\n2;red\n', 'a csv file, got a quotation mark that is never closed'],
  };
  const files = Object.entries(refused).map(([name, [text]]) => [name, Buffer.from(text)]);
  const said = scriptSays({ ...Object.fromEntries(files), latin: Buffer.from('x;colour\n1;gr\xfcn\n', 'latin1') });
  for (const [name, [, words]] of Object.entries(refused))
    assert.equal(said[name].refused, `Expected tables/${name} to be ${words}`);
  assert.match(said.latin.refused, /^Expected tables\/latin to be a csv file in UTF-8, got .*byte 0xfc in position 13/);
  const { status, stderr } = python(['script.py', '--weights', 'w.safetensors', '--predict', 'nowhere.csv'], folder);
  assert.equal(status, 1);
  assert.match(stderr, /^Expected nowhere\.csv to be a csv file in UTF-8, got .*No such file.*\n$/);
});

test('a header alone comes back with the columns for the prediction', { skip: noTorch }, () => {
  assert.equal(scriptSays({ head: Buffer.from('x;colour') }).head.table, 'x;colour;predicted kind;probability\n');
});
