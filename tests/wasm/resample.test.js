// The triangle filter: the fast row agrees with the plain one, bit for bit, on odd sizes; the whole with a plain sum over all pixels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reduceRow, Resampling, resizeRow, triangleFilter, walkOf } from '../../wasm/resample.js';
import { numbers } from './photo_files.js';

const noise = (length, next) => Uint8Array.from({ length }, () => next() * 256);

test('a row that is walked once gives the sums of one that is read output by output', () => {
  const next = numbers(3);
  let walked = 0;
  for (const length of [2, 3, 5, 31, 64, 97, 333, 1000, 3024, 4032]) {
    for (const outputs of [1, 2, 3, 7, 28, 32, 97, 224]) {
      for (const [from, taken] of [
        [0, length],
        [length / 7, (length * 3) / 4],
      ]) {
        const columns = triangleFilter(from, taken, length, outputs);
        const walk = walkOf(columns);
        if (outputs > taken) assert.equal(outputs > taken + 1 && walk !== null, false);
        if (!walk) continue;
        walked++;
        for (const step of [3, 4]) {
          const pixels = noise(length * step + 5, next);
          const [plain, fast] = [new Float64Array(outputs * 3), new Float64Array(outputs * 3)];
          resizeRow(pixels, 5, step, columns, plain);
          reduceRow(pixels, 5, step, walk, fast);
          assert.deepEqual(fast, plain, `${length} to ${outputs}`);
        }
      }
    }
  }
  assert.ok(walked > 100, `${walked}`);
});

/** The rule in its plainest form: all weights of all pixels. */
function plainly(pixels, size, { width, height, fit }) {
  const larger = Math.max(size.height / height, size.width / width);
  const ratio = Math.min(size.height / height, size.width / width);
  const [h, w] = fit === 'crop' ? [ratio * height, ratio * width] : [size.height, size.width];
  const [rows, columns] =
    fit === 'pad' ? [size.height, size.width].map((side) => Math.max(1, Math.round(side / larger))) : [height, width];
  const weights = (from, length, limit, outputs) =>
    Array.from({ length: outputs }, (_, output) => {
      const scale = length / outputs;
      const centre = from + (output + 0.5) * scale;
      const list = Array.from({ length: limit }, (_unused, at) =>
        Math.max(0, 1 - Math.abs(at + 0.5 - centre) / Math.max(1, scale)),
      );
      const sum = list.reduce((a, b) => a + b);
      return list.map((weight) => weight / sum);
    });
  const down = weights((size.height - h) / 2, h, size.height, rows);
  const across = weights((size.width - w) / 2, w, size.width, columns);
  const output = new Uint8Array(width * height * 3).fill(255);
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let row = 0; row < size.height; row++) {
          let line = 0;
          for (let column = 0; column < size.width; column++) {
            line += across[x][column] * pixels[(row * size.width + column) * 3 + c];
          }
          sum += down[y][row] * line;
        }
        output[((top + y) * width + left + x) * 3 + c] = Math.round(sum);
      }
    }
  }
  return output;
}

test('the whole is the plain sum, cropped, padded or stretched, however its rows come', () => {
  const next = numbers(8);
  for (let i = 0; i < 60; i++) {
    const size = { width: 1 + Math.floor(next() * 40), height: 1 + Math.floor(next() * 40) };
    const target = {
      width: 1 + Math.floor(next() * 20),
      height: 1 + Math.floor(next() * 20),
      channels: 3,
      fit: ['crop', 'pad', 'stretch'][i % 3],
    };
    const pixels = noise(size.width * size.height * 3, next);
    const resampling = new Resampling(size, 1, target);
    const { x, y, width, height } = resampling.rectangle;
    const stripe = 1 + Math.floor(next() * height);
    for (let row = 0; row < height; row += stripe) {
      const rows = Math.min(stripe, height - row);
      const bytes = new Uint8Array(rows * width * 4);
      for (let j = 0; j < rows * width; j++) {
        const from = ((y + row + Math.floor(j / width)) * size.width + x + (j % width)) * 3;
        // Blue first, as browsers have it.
        bytes.set([pixels[from + 2], pixels[from + 1], pixels[from], 7], j * 4);
      }
      resampling.add(bytes, 'bgrx', row, rows);
    }
    const output = new Uint8Array(target.width * target.height * 3);
    resampling.finish(output);
    assert.deepEqual(output, plainly(pixels, size, target), JSON.stringify({ size, target }));
  }
});
