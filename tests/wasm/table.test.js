// The one reader of tables, by itself: dialects, what columns hold, what becomes of them, and what is said of a table that is wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeTable } from 'trainground';
import { InputError } from '../../wasm/experiment.js';
import { readTable } from '../../wasm/table_samples.js';

const bytes = (text) => new TextEncoder().encode(text);
const read = (text, wanted = {}, kind = {}) =>
  readTable(typeof text === 'string' ? bytes(text) : text, 'dataset', { label: 'kind', ...wanted }, kind);
const sentences = (text, wanted, kind) => {
  try {
    read(text, wanted, kind);
  } catch (error) {
    assert.ok(error instanceof InputError, error.stack);
    return error.message.split('\n');
  }
  return [];
};

test('quotes, line ends, spaces, a byte order mark and blank lines', () => {
  const table = read('\uFEFFx, kind ,"y"\r\n1,b,-2.5e1\n\n.5,"a ""q""",+3\r0.25,"b" ,4\r\n,,\n\n');
  assert.deepEqual([...table.inputs], [1, -25, 0.5, 3, 0.25, 4]);
  assert.deepEqual(table.shape, [1, 1, 2]);
  assert.deepEqual(table.classNames, ['a "q"', 'b']);
  assert.deepEqual([...table.labels], [1, 0, 1]);
  assert.deepEqual(read('x,kind\n1,"two\nlines, one cell"\n2,"a"b \n').classNames, ['ab', 'two\nlines, one cell']);
});

test('semicolons, tabs and decimal commas give what commas and points give', async () => {
  const rows = [
    ['a', 'name, whole', 'kind'],
    ['1.5', 'x, y', 'p'],
    ['-0.25', 'z', 'q'],
    ['1e3', 'x, y', 'p'],
  ];
  const write = (separator, decimal) =>
    rows
      .map((cells) => cells.map((cell) => (/^[-\d.e]+$/.test(cell) ? cell.replace('.', decimal) : cell)))
      .map((cells) => cells.map((cell) => (cell.includes(separator) ? `"${cell}"` : cell)).join(separator))
      .join('\n');
  const wanted = read(write(',', '.'));
  assert.deepEqual([...wanted.inputs], [1.5, 0, -0.25, 1, 1000, 0]);
  for (const [separator, decimal] of [
    [';', '.'],
    [';', ','],
    ['\t', '.'],
    ['\t', ','],
  ]) {
    const text = write(separator, decimal);
    assert.deepEqual(read(text), wanted, text);
    const told = await describeTable(bytes(text));
    assert.deepEqual([told.separator, told.decimal], [separator, decimal]);
    for (const [encoding, mark] of [
      ['utf16le', [0xff, 0xfe]],
      ['be', [0xfe, 0xff]],
    ]) {
      const file = Buffer.from(text, 'utf16le');
      if (encoding === 'be') file.swap16();
      assert.deepEqual(read(new Uint8Array([...mark, ...file])), wanted);
    }
  }
});

test('the separator is the one that gives every row the cells of its header', async () => {
  for (const [text, separator] of [
    ['x;p,q,r,s\n1;2,5\n2;7,5\n', ';'],
    ['x,y\n"1;2;3",4\n"5;6;7",8\n', ','],
    ['x\ty, z, w\n1\t2\n', '\t'],
    ['x\n1\n2\n', ','],
  ])
    assert.equal((await describeTable(bytes(text))).separator, separator, text);
});

test('every number is what JavaScript makes of its digits, to the last bit', () => {
  const texts = [
    '0.1',
    '123456789012345678',
    '9007199254740993',
    '1.7976931348623157e-300',
    '5e-324',
    '0.30000000000000004',
  ];
  for (let i = 0; i < 20_000; i++) {
    const digits = String(Math.trunc(((i * 2654435761) % 2 ** 32) * 1e6 + i)).slice(0, 1 + (i % 17));
    texts.push(`${i % 3 ? '' : '-'}${digits.slice(0, i % 9)}.${digits}${i % 4 ? '' : `e${(i % 61) - 30}`}`);
  }
  const { inputs } = read(`x,kind\n${texts.map((text) => `${text},a`).join('\n')}\n1,b\n`);
  texts.forEach((text, i) => assert.equal(inputs[i], Number(text) + 0, text));
});

test('types, ranges, missing values and what is left out', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => [
    i,
    i / 2,
    ['red', 'blue', ''][i % 3],
    `2024-01-${10 + i}`,
    '',
    i % 7 ? 1 : 'n/a',
  ]);
  const told = await describeTable(new Blob([`id,half,colour,day,nothing,flag\n${rows.join('\n')}`]));
  assert.equal(told.rows, 30);
  assert.deepEqual(
    told.columns.map(({ name, type, missing, distinct, least, greatest, whole }) => [
      name,
      type,
      missing,
      distinct,
      least,
      greatest,
      whole,
    ]),
    [
      ['id', 'number', 0, 30, 0, 29, true],
      ['half', 'number', 0, 30, 0, 14.5, false],
      ['colour', 'category', 10, 2, null, null, false],
      ['day', 'category', 0, 30, null, null, false],
      ['nothing', 'category', 30, 0, null, null, false],
      ['flag', 'number', 5, 1, 1, 1, true],
    ],
  );
  assert.deepEqual(told.columns[2].categories, ['blue', 'red']);
  assert.deepEqual(
    told.columns.map(({ leftOut }) => leftOut),
    [
      undefined,
      undefined,
      undefined,
      '30 different texts in 30 rows are no categories',
      'every cell of it is missing',
      undefined,
    ],
  );
  assert.equal(told.suggestedLabel, 'half');
  assert.equal((await describeTable(bytes('species,x\na,1\nb,2\n'))).suggestedLabel, 'species');
  for (const text of ['', 'NA', 'na', 'N/A', 'NaN', 'nan', 'null', 'NULL', '?', '-', ' ', '"NA"']) {
    const { columns } = await describeTable(bytes(`x,y\n${text},1\n2,3\n`));
    assert.equal(columns[0].missing, 1, text);
  }
  const mixed = await describeTable(bytes('x,y\n1,1\n2,1\nthree,1\n4,1\nfive,1\n'));
  assert.equal(mixed.columns[0].strange, '"three" in row 4 and 1 more');
});

test('categories are one-hot by name, with one of their own for what is missing', () => {
  const text = 'c,n,zip,day,kind\nred,1,10,a1,0\n,2,9,b2,1\n\u{1F431},,10,c3,0\n\uFB01,4,9,d4,1\nred,NA,10,e5,0\n';
  const table = read(text, { leaveOut: ['day'], categories: ['zip'] });
  assert.deepEqual(table.columns, [
    { name: 'c', type: 'category', categories: ['red', '\uFB01', '\u{1F431}'], missing: true },
    { name: 'n', type: 'number', median: NaN },
    { name: 'zip', type: 'category', categories: ['10', '9'], missing: false },
  ]);
  assert.deepEqual(table.widths, [4, 0, 2]);
  assert.deepEqual(table.shape, [1, 1, 7]);
  assert.deepEqual([...table.inputs], [0, 1, 0, 3, 2, 1, 2, NaN, 0, 1, 4, 1, 0, NaN, 0]);
  assert.deepEqual(table.notes, ['Column "c": 1 cell is missing, a category of their own.']);
  const many = Array.from({ length: 40 }, (_, i) => `name ${i},${i % 2}`).join('\n');
  const { columns, notes } = read(`id,kind\n${many}`, { categories: ['id'] });
  assert.equal(columns[0].categories.length, 40);
  assert.deepEqual(notes, []);
});

test('a validation table is read by the columns of the one to learn from', () => {
  const like = read('c,n,kind\na,1,x\nb,2,y\n,3,x\n');
  const other = readTable(
    bytes('n;extra;kind;c\n5;1;y;b\n;2;x;z\n7;3;x;\n'),
    'dataset.validation',
    { label: 'kind' },
    { like },
  );
  assert.deepEqual([...other.inputs], [1, 5, -1, NaN, 2, 7]);
  assert.deepEqual(other.shape, like.shape);
  assert.deepEqual(other.notes, [
    'Column "c" of dataset.validation: 1 cell holds a category that is not in the set to learn from.',
  ]);
  assert.throws(
    () => readTable(bytes('n,kind\n5,y\n'), 'dataset.validation', { label: 'kind' }, { like }),
    /^InputError: Expected dataset\.validation\.path to be a csv file with the columns of the set to learn from, "c" too, got "n, kind"$/,
  );
});

test("the label's column: classes or numbers", () => {
  const labels = (column, kind) => {
    const { labels, targets, classNames } = read(`x,kind\n${column.map((text) => `1,${text}`).join('\n')}`, {}, kind);
    return [labels && [...labels], targets && [...targets], classNames];
  };
  assert.deepEqual(labels([0, 3]), [[0, 3], undefined, ['0', '1', '2', '3']]);
  assert.deepEqual(labels([1, -1, 10]), [[1, 0, 2], undefined, ['-1', '1', '10']]);
  assert.deepEqual(labels([0, 3.5]), [undefined, [0, 3.5], []]);
  assert.deepEqual(labels([4, 14, 4], { numbers: true }), [undefined, [4, 14, 4], []]);
  assert.deepEqual(labels(['b', 'a', 'b'], { numbers: true }), [[1, 0, 1], undefined, ['a', 'b']]);
  const like = { classNames: ['5', '7'], labels: [], columns: [] };
  assert.deepEqual(labels([5, 7], { like: { ...like, columns: [{ name: 'x', type: 'number' }] } })[2], ['5', '7']);
  assert.deepEqual(labels([0.5, 7], { like: { ...like, columns: [{ name: 'x', type: 'number' }] } })[2], ['0.5', '7']);
  // A word of its own makes whole numbers words, and a class may be called NA among words.
  assert.deepEqual(labels([1, 2, 'many'])[2], ['1', '2', 'many']);
  assert.deepEqual(labels(['EU', 'NA', 'AS'])[2], ['AS', 'EU', 'NA']);
  const wanted = "Expected dataset.path to be a csv file with a number in every row of the label's column, got ";
  for (const kind of [{}, { numbers: true }]) {
    assert.deepEqual(sentences('x,kind\n1,4\n2,NA\n\n3,4\n4,n/a\n', {}, kind), [
      `${wanted}"NA" in row 3, column "kind"`,
      `${wanted}"n/a" in row 6, column "kind"`,
    ]);
    assert.deepEqual(sentences('x,kind\n1,4.5\n2,cat\n3,4\n', {}, kind), [`${wanted}"cat" in row 3, column "kind"`]);
  }
  assert.equal(sentences(`x,kind\n1,0.5\n${'2,NA\n'.repeat(100)}`).length, 5);
  const ids = Array.from({ length: 10_001 }, (_, i) => `1,id${i}`).join('\n');
  assert.deepEqual(sentences(`x,kind\n${ids}`), [
    'Expected dataset.label to be a column of at most 10000 classes, got more than 10000 different values',
  ]);
});

test('groups', () => {
  const text = 'x,kind,who\n1,a,eve\n2,b,bob\n3,a,eve\n4,b,\n5,a,\n';
  const table = read(text, { groups: 'who' });
  assert.deepEqual([...table.groups], [0, 1, 0, 2, 2]);
  assert.deepEqual([...table.inputs], [1, 2, 3, 4, 5]);
  assert.deepEqual(table.notes, ['2 samples name no group: a split keeps them together, as if they were one group.']);
  assert.deepEqual(sentences(text, { groups: 'kind' }), [
    'Expected dataset.groups to be another column than the label\'s, got "kind"',
  ]);
});

test('what is wrong is said with its row and column', () => {
  const table = 'Expected dataset.path to be a csv file';
  for (const empty of ['', '\n\n', '\uFEFF', ',,\n,'])
    assert.deepEqual(sentences(empty), [`${table} with a header row and rows below it, got an empty file`]);
  assert.deepEqual(sentences('x,kind\n'), [`${table} with rows below its header, got none`]);
  assert.deepEqual(sentences('x,y\n1,2\n', { groups: 'z', leaveOut: ['y', 'u'], categories: ['v'] }), [
    ...[
      ['label', 'kind'],
      ['groups', 'z'],
      ['leaveOut[1]', 'u'],
      ['categories[0]', 'v'],
    ].map(([key, name]) => `Expected dataset.${key} to be a column of the csv file, which has "x, y", got "${name}"`),
  ]);
  assert.deepEqual(sentences('kind\n1\n'), [`${table} with at least one column beside the label's, got none`]);
  assert.deepEqual(sentences('x,y,kind\n1,2,a\n1,2\n1,2,3,4\n'), [
    `${table} with 3 cells in every row, as in its header, got 2 in row 3`,
    `${table} with 3 cells in every row, as in its header, got 4 in row 4`,
  ]);
  const alone = (name, given) =>
    `${table} with numbers alone in column "${name}", or that column in categories or leaveOut, got ${given}`;
  assert.deepEqual(sentences('x,y,kind\n1,2,a\n1,big,b\n-inf,4,b\n4,5,a\n1e99,6,b\n'), [
    alone('x', '"-inf" in row 4 and 1 more'),
    alone('y', '"big" in row 3'),
  ]);
  assert.deepEqual(sentences('x,kind\n1,\n'), [
    `${table} with a label in every row, got an empty cell in row 2, column "kind"`,
  ]);
  assert.deepEqual(sentences('x,kind\n1,"a\n'), [`${table}, got a quotation mark that is never closed`]);
  assert.equal(sentences(`x,kind\n${'\n'.repeat(100)}1\n2\n3\n4\n5\n6\n7\n`).length, 5);
});

test('what is not UTF-8 is refused at its place', () => {
  const file = (tail) => new Uint8Array([...bytes('x,kind\n1,'), ...tail]);
  assert.deepEqual(sentences(file([0xe9, 10])), [
    'Expected dataset.path to be a csv file in UTF-8, got byte 233 at place 9',
  ]);
  for (const wrong of [[0x80], [0xc1, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80]])
    assert.equal(sentences(file(wrong)).length, 1, String(wrong));
  for (const wrong of [[0xf4, 0x90, 0x80, 0x80], [0xf8], [0xe2, 0x82]]) assert.equal(sentences(file(wrong)).length, 1);
  assert.deepEqual(read('x,kind\n1,café\n2,猫\n3,🐱').classNames, ['café', '猫', '🐱']);
});

test('columns of the same name are told apart', async () => {
  const { columns } = await describeTable(bytes('x,x,,x.1,\n1,2,3,4,5\n'));
  assert.deepEqual(
    columns.map(({ name }) => name),
    ['x', 'x.1', '', 'x.1.1', '.1'],
  );
});
