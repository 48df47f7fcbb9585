// Small tables in each dialect, damaged: the same ones every time.

export const bytes = (text) => new TextEncoder().encode(text);
export const seeds = [
  'x,colour,kind\n1,red,a\n2.5,"blue, dark",b\n,red,a\n-3e2,,b\n4,"a ""q""",a\n',
  'x;colour;kind\r\n1,5;rot;a\r\n;blau;b\r\n2;;a\r\n"3,25";"rot";b\r\n',
  'x\tcolour\tkind\r1\tred\ta\r2\tNA\tb\r?\tblue\ta\r',
  '\uFEFFx,kind,colour\n1,0,é\n2,1,\u{1F431}\n3,0,é\n\n\n',
].map(bytes);
seeds.push(new Uint8Array([0xff, 0xfe, ...Buffer.from('x;kind\n1,5;a\n2;b\n', 'utf16le')]));
const pieces = [
  '"',
  ',',
  ';',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '',
  ' ',
  'NA',
  '1e999',
  '1,5',
  '1.5',
  '-',
  '\0',
  'é',
  '"\n"',
  'kind',
  '\uFEFF',
].map(bytes);

/** Numbers from 0 on, always the same ones. @param {number} state */
function numbers(state) {
  return (/** @type {number} */ below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** @param {number} round @returns {Uint8Array} */
export function damaged(round) {
  const draw = numbers(round + 1);
  for (let i = 0; i < 3; i++) draw(1);
  let file = [...seeds[draw(seeds.length)]];
  for (let edits = 1 + draw(2); edits > 0; edits--) {
    const at = draw(file.length + 1);
    const kind = draw(8);
    if (kind === 0) file.splice(at, 1 + draw(4));
    else if (kind === 1) file.splice(at, 0, ...pieces[draw(pieces.length)]);
    else if (kind === 2) file[at] = draw(256);
    else if (kind === 3) file = file.slice(0, at);
    else if (kind > 4) file.splice(at, 0, ...pieces[draw(pieces.length)]);
    else file.splice(at, 0, ...file.slice(draw(file.length + 1)).slice(0, 40));
  }
  return Uint8Array.from(file);
}
